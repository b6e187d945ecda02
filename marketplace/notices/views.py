"""Notices, for people: the inbox, how to hear of things, and the demo's mail."""

from pathlib import Path

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import NotFound as NoPage
from werkzeug.exceptions import UnprocessableEntity

from marketplace import auth, db, mailer
from marketplace.auth import member_required
from marketplace.config import Settings
from marketplace.forms import Form
from marketplace.notices import folder
from marketplace.notices.choosing import chosen_ways
from marketplace.notices.schemas import Preferences
from marketplace.notices.wording import notice_words
from marketplace.older import older_than
from models.notices import NoticeKind
from models.words import N_
from services import notices

bp = Blueprint("notices", __name__)

# What each kind is about, as the choice of how to hear of it says it.
KINDS = {
    NoticeKind.JOINED: N_("My orders: joined, changed, left, a free place"),
    NoticeKind.TIPPING: N_("Enough have joined, or not enough any more"),
    NoticeKind.DECIDED: N_("Decided, extended, paused or cancelled"),
    NoticeKind.PAYMENT: N_("Payments and refunds"),
    NoticeKind.DELIVERY: N_("Ordered, delivered, ready to fetch"),
    NoticeKind.MESSAGE: N_("Questions, answers, invitations, news from organisers"),
    NoticeKind.SERIES: N_("New rounds of what I follow"),
    NoticeKind.CIRCLE: N_("My circles: new group buys, who comes, roles, house rules"),
    NoticeKind.DIGEST: N_("The week in my circles, in one mail"),
    NoticeKind.ORGANISING: N_("What I organise"),
}


@bp.record_once
def prepare(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals["notice_words"] = notice_words
    # The one click in a mail program sends no form of ours (RFC 8058); its token is the proof.
    state.app.extensions["csrf"].exempt(unsubscribe)


@bp.get("/notices")
@member_required
def inbox() -> ResponseReturnValue:
    member = auth.signed_in_actor().member
    found, before = notices.inbox(db.session(), member, before=older_than())
    return render_template("notices/inbox.html", notices=found, before=before)


@bp.post("/notices/<int:notice_id>/reading")
@member_required
def read(notice_id: int) -> ResponseReturnValue:
    """Mark a notice as read and go where it leads."""
    with db.transaction() as session:
        notice = notices.open_one(
            session, auth.signed_in_actor().member, notice_id, now=db.now(session)
        )
    return redirect(notice.path or url_for("notices.inbox"), 303)


@bp.post("/notices/reading")
@member_required
def read_all() -> ResponseReturnValue:
    with db.transaction() as session:
        notices.mark_all_read(session, auth.signed_in_actor().member, now=db.now(session))
    return redirect(url_for("notices.inbox"), 303)


@bp.get("/notices/preferences")
@member_required
def preferences() -> ResponseReturnValue:
    ways = notices.preferences(db.session(), auth.signed_in_actor().member)
    return render_template(
        "notices/preferences.html", ways=ways, kinds=KINDS, mail_alone=notices.MAIL_ALONE
    )


@bp.post("/notices/preferences")
@member_required
def prefer() -> ResponseReturnValue:
    form = Form.sent(Preferences)
    if not form.is_valid:
        raise UnprocessableEntity
    chosen = chosen_ways(form.fields)
    with db.transaction() as session:
        notices.prefer(session, auth.signed_in_actor().member.id, chosen)
    flash(gettext("Kept. You will hear from us in this way."))
    return redirect(url_for("notices.preferences"), 303)


@bp.get("/notices/unsubscribe/<token>")
def ask_unsubscribe(token: str) -> ResponseReturnValue:
    """Ask first: programs that look at links must not unsubscribe anybody."""
    _, kind = _meant(token)
    return render_template("notices/unsubscribe.html", kind=KINDS[kind], token=token, done=False)


@bp.post("/notices/unsubscribe/<token>")
def unsubscribe(token: str) -> ResponseReturnValue:
    member_id, kind = _meant(token)
    with db.transaction() as session:
        notices.stop_mail(session, member_id, kind)
    return render_template("notices/unsubscribe.html", kind=KINDS[kind], token=token, done=True)


def _meant(token: str) -> tuple[int, NoticeKind]:
    meant = mailer.read_unsubscribe(token, _settings())
    if meant is None or meant[1] not in KINDS:
        raise NoPage
    return meant


@bp.get("/demo/mail")
def demo_mails() -> ResponseReturnValue:
    return render_template("notices/demo_mails.html", letters=folder.newest(_demo_folder()))


@bp.get("/demo/mail/<name>")
def demo_mail(name: str) -> ResponseReturnValue:
    letter = folder.find(_demo_folder(), f"{name}.eml")
    if letter is None:
        raise NoPage
    return render_template("notices/demo_mail.html", letter=letter)


def _demo_folder() -> Path:
    settings = _settings()
    if not settings.is_demo or not settings.mail_url.startswith("file:"):
        raise NoPage
    return mailer.folder(settings)


def _settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found

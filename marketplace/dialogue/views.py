"""The question thread beside a deal, for people."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.dialogue import writing
from marketplace.dialogue.schemas import Post
from marketplace.forms import Form, Once
from marketplace.older import older_than
from models.collaborations import Collaboration
from models.dialogue import Message
from services import dialogue

bp = Blueprint("dialogue", __name__)


@bp.get("/group-buys/<slug>/messages")
def thread(slug: str) -> ResponseReturnValue:
    """The thread by itself, page after page; the page of the deal shows its beginning."""
    return _page(_find(db.session(), slug), Form(Post))


@bp.post("/group-buys/<slug>/messages")
@member_required
def write(slug: str) -> ResponseReturnValue:
    form = Form.sent(Post)
    with form.refusals(), form.transaction() as session:
        once = Once(session)
        if once.led_to is None:
            message = writing.write(
                session,
                _find(session, slug),
                form.fields,
                actor=auth.signed_in_actor(),
                link_key=request.values.get("key", ""),
                now=db.now(session),
            )
            flash(_thanks(message))
            once.leads_to(f"{_back(slug)}#message-{message.id}")
    if form.is_accepted:
        return redirect(once.led_to or _back(slug), 303)
    return _page(_find(db.session(), slug), form), form.status


@bp.post("/messages/<int:message_id>/hiding")
@member_required
def hide(message_id: int) -> ResponseReturnValue:
    """Take one's own message back."""
    with db.transaction() as session:
        message = dialogue.take_back(
            session, message_id, actor=auth.signed_in_actor(), now=db.now(session)
        )
        slug = message.collaboration.slug
    flash(gettext("Your message is taken back."))
    return redirect(_back(slug), 303)


def _find(session: Session, slug: str) -> Collaboration:
    deal = dialogue.find_deal(
        session, slug, actor=auth.actor(), link_key=request.values.get("key", "")
    )
    g.time_zone = deal.time_zone
    return deal


def _thanks(message: Message) -> str:
    if message.for_committed:
        thanks = gettext("All who joined will read it.")
    elif message.answers_id is not None:
        thanks = gettext("Your answer is there. We tell whoever asked.")
    else:
        thanks = gettext("Your message is there. We tell those who organise this.")
    return str(thanks)


def _back(slug: str) -> str:
    return url_for("dialogue.thread", slug=slug, key=request.values.get("key") or None)


def _page(deal: Collaboration, form: Form) -> str:
    actor = auth.actor()
    return render_template(
        "dialogue/show.html",
        deal=deal,
        thread=dialogue.thread(db.session(), deal, actor=actor, before=older_than()),
        is_organiser=deal.is_organised_by(actor),
        key=request.values.get("key", ""),
        form=form,
    )

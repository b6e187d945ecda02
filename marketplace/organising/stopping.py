"""Pausing, going on, calling off, and writing to everyone; each act with its reason."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.forms import Form
from marketplace.organising.blueprint import bp, organised
from marketplace.organising.schemas import Announcement, PublicReason
from services import dialogue
from services.buying import steering


@bp.get("/group-buys/<slug>/desk/pause")
@member_required
def pausing(slug: str) -> str:
    return _page(slug, Form(PublicReason), "organising/pause.html")


@bp.post("/group-buys/<slug>/desk/pause")
@member_required
def pause(slug: str) -> ResponseReturnValue:
    done = gettext("It is paused. Everyone who joined is told why.")
    return _stop(slug, steering.pause, "organising/pause.html", done)


@bp.post("/group-buys/<slug>/desk/resumption")
@member_required
def resume(slug: str) -> ResponseReturnValue:
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        steering.resume(session, group_buy, actor=auth.signed_in_actor(), now=db.now(session))
    flash(gettext("It goes on."))
    return redirect(url_for("organising.desk", slug=slug), 303)


@bp.get("/group-buys/<slug>/desk/cancellation")
@member_required
def cancelling(slug: str) -> str:
    return _page(slug, Form(PublicReason), "organising/cancel.html")


@bp.post("/group-buys/<slug>/desk/cancellation")
@member_required
def cancel(slug: str) -> ResponseReturnValue:
    done = gettext("It is called off. What was held or paid goes back.")
    return _stop(slug, steering.cancel, "organising/cancel.html", done)


@bp.get("/group-buys/<slug>/desk/message")
@member_required
def writing(slug: str) -> str:
    return _page(slug, Form(Announcement), "organising/message.html")


@bp.post("/group-buys/<slug>/desk/message")
@member_required
def announce(slug: str) -> ResponseReturnValue:
    organised(db.session(), slug)
    form = Form.sent(Announcement)
    with form.refusals(), form.transaction() as session:
        group_buy = organised(session, slug)
        subject = dialogue.of_deal(session, group_buy, auth.signed_in_actor())
        body, lang = form.fields["body"], group_buy.lang
        dialogue.announce(session, subject, body=body, lang=lang, now=db.now(session))
    if form.is_accepted:
        flash(gettext("Your message is on its way to everyone who joined."))
        return redirect(url_for("organising.desk", slug=slug), 303)
    return _page(slug, form, "organising/message.html"), form.status


def _stop(slug: str, act: Callable[..., None], template: str, done: str) -> ResponseReturnValue:
    organised(db.session(), slug)
    form = Form.sent(PublicReason)
    with form.refusals(), form.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        act(
            session,
            group_buy,
            reason=form.fields["reason"],
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    if form.is_accepted:
        flash(done)
        return redirect(url_for("organising.desk", slug=slug), 303)
    return _page(slug, form, template), form.status


def _page(slug: str, form: Form, template: str) -> str:
    session = db.session()
    group_buy = organised(session, slug)
    return render_template(
        template,
        group_buy=group_buy,
        form=form,
        is_held=steering.is_paused_by_moderator(session, group_buy),
    )

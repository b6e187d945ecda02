"""The threads beside deals and in circles, for people."""

from collections.abc import Callable

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.dialogue import writing
from marketplace.dialogue.schemas import Edit, Follow, Hide, Post
from marketplace.dialogue.talk import Talk
from marketplace.forms import Form, Once
from marketplace.link_keys import link_key
from marketplace.older import id_named, older_than
from models.dialogue import Message, NotYoursToEdit, NotYoursToHide
from models.errors import NotFound
from services import dialogue
from services.dialogue import Subject

bp = Blueprint("dialogue", __name__)
Find = Callable[[Session], Subject]


@bp.get("/group-buys/<slug>/messages")
def thread(slug: str) -> str:
    """The thread by itself, page after page; the page of the deal shows its beginning."""
    return _page(_deal(slug), Form(Post))


@bp.get("/circles/<slug>/messages")
def circle_thread(slug: str) -> str:
    return _page(_circle(slug), Form(Post))


@bp.post("/group-buys/<slug>/messages")
@member_required
def write(slug: str) -> ResponseReturnValue:
    return _write(_deal(slug))


@bp.post("/circles/<slug>/messages")
@member_required
def write_in_circle(slug: str) -> ResponseReturnValue:
    return _write(_circle(slug))


@bp.post("/group-buys/<slug>/messages/following")
@member_required
def follow(slug: str) -> ResponseReturnValue:
    return _follow(_deal(slug))


@bp.post("/circles/<slug>/messages/following")
@member_required
def follow_circle(slug: str) -> ResponseReturnValue:
    return _follow(_circle(slug))


@bp.get("/messages/<int:message_id>")
def message(message_id: int) -> ResponseReturnValue:
    """A comment with all its answers; an answer leads to its place among them."""
    session = db.session()
    found, talk = _message(session, message_id)
    if found.answers_id is not None:
        address = talk.message_url(found, since=found.id)
        return redirect(f"{address}#message-{found.id}", 303)
    since = id_named("since")
    page = dialogue.answers_to(session, found, since=since)
    return render_template(
        "dialogue/message.html",
        talk=talk,
        comment=found,
        page=page,
        is_begun=since is not None,
        names=dialogue.names_in(session, [found, *page.rows]),
        form=None,
    )


@bp.get("/messages/<int:message_id>/editing")
@member_required
def editing(message_id: int) -> str:
    found, talk = _own(db.session(), message_id)
    form = Form(Edit, shown={"body": found.body, "lang": found.lang})
    return render_template("dialogue/edit.html", talk=talk, message=found, form=form)


@bp.post("/messages/<int:message_id>/editing")
@member_required
def edit(message_id: int) -> ResponseReturnValue:
    form = Form.sent(Edit)
    with form.refusals(but=(NotFound, NotYoursToEdit)), form.transaction() as session:
        found, talk = _own(session, message_id)
        said = {**form.fields, "lang": form.fields["lang"] or found.lang}
        dialogue.edit(session, talk.subject, message_id, **said, now=db.now(session))
    if form.is_accepted:
        flash(gettext("Your message is changed. What it said before can still be read."))
        return redirect(f"{talk.message_url(found)}#message-{found.id}", 303)
    found, talk = _own(db.session(), message_id)
    page = render_template("dialogue/edit.html", talk=talk, message=found, form=form)
    return page, form.status


@bp.get("/messages/<int:message_id>/history")
def history(message_id: int) -> str:
    """What a message said before it was changed."""
    session = db.session()
    found, talk = _message(session, message_id)
    if found.is_hidden:
        raise NotFound
    versions = dialogue.versions(session, found)
    return render_template("dialogue/history.html", talk=talk, message=found, versions=versions)


@bp.get("/messages/<int:message_id>/hiding")
@member_required
def ask_hiding(message_id: int) -> str:
    """A steward says why what somebody wrote does not belong into the circle."""
    found, talk = _message(db.session(), message_id)
    if found.is_hidden or not (talk.is_circle and talk.subject.is_run):
        raise NotFound
    return render_template("dialogue/hide.html", talk=talk, message=found, form=Form(Hide))


@bp.post("/messages/<int:message_id>/hiding")
@member_required
def hide(message_id: int) -> ResponseReturnValue:
    """Take one's own message back; as a steward, hide another's."""
    form, actor = Form.sent(Hide), auth.signed_in_actor()
    if dialogue.is_own(dialogue.find(db.session(), message_id), actor):
        return _take_back(message_id)
    found, talk = _message(db.session(), message_id)
    if not (talk.is_circle and talk.subject.is_run):
        raise NotYoursToHide
    with form.refusals(), form.transaction() as session:
        now, reason = db.now(session), form.fields["reason"]
        dialogue.hide_in_circle(session, talk.subject, message_id, reason=reason, now=now)
    if form.is_accepted:
        flash(gettext("The message is hidden. Whoever wrote it is told why."))
        return redirect(talk.url(), 303)
    found, talk = _message(db.session(), message_id)
    page = render_template("dialogue/hide.html", talk=talk, message=found, form=form)
    return page, form.status


def _deal(slug: str) -> Find:
    def find(session: Session) -> Subject:
        return dialogue.find_deal(session, slug, actor=auth.actor(), link_key=link_key())

    return find


def _circle(slug: str) -> Find:
    def find(session: Session) -> Subject:
        return dialogue.find_circle(session, slug, actor=auth.actor(), link_key=link_key())

    return find


def _message(session: Session, message_id: int) -> tuple[Message, Talk]:
    """A message and its thread, for those who may read it; a hidden one that was answered too."""
    found = dialogue.find(session, message_id)
    subject = dialogue.of_message(session, found, actor=auth.actor(), link_key=link_key())
    if found.is_announcement and not subject.takes_part:
        raise NotFound
    if not dialogue.stands(session, found):
        raise NotFound
    g.time_zone = subject.about.time_zone
    return found, Talk(subject, link_key())


def _take_back(message_id: int) -> ResponseReturnValue:
    """Also what one wrote where one may not read any more."""
    with db.transaction() as session:
        found = dialogue.take_back(
            session, message_id, actor=auth.signed_in_actor(), now=db.now(session)
        )
    flash(gettext("Your message is taken back."))
    try:
        subject = dialogue.of_message(db.session(), found, actor=auth.actor(), link_key=link_key())
    except NotFound:
        return redirect(url_for("discovery.home"), 303)
    return redirect(Talk(subject, link_key()).url(), 303)


def _own(session: Session, message_id: int) -> tuple[Message, Talk]:
    found, talk = _message(session, message_id)
    if not dialogue.is_own(found, auth.signed_in_actor()):
        raise NotYoursToEdit
    if found.is_hidden:
        raise NotFound
    return found, talk


def _write(find: Find) -> ResponseReturnValue:
    form = Form.sent(Post)
    with form.refusals(but=NotFound), form.transaction() as session:
        once = Once(session)
        if once.led_to is None:
            subject = find(session)
            message = writing.write(session, subject, form.fields, now=db.now(session))
            flash(_thanks(message))
            once.leads_to(f"{Talk(subject, link_key()).url()}#message-{message.id}")
    if form.is_accepted:
        return redirect(once.led_to or url_for("discovery.home"), 303)
    return _page(find, form), form.status


def _follow(find: Find) -> ResponseReturnValue:
    form, actor = Form.sent(Follow), auth.signed_in_actor()
    if not form.is_valid:
        raise NotFound
    with db.transaction() as session:
        subject = find(session)
        wanted = form.fields["following"]
        dialogue.follow(session, subject, wanted, actor=actor, now=db.now(session))
    flash(gettext("We tell you of it as you chose."))
    return redirect(Talk(subject, link_key()).url(), 303)


def _thanks(message: Message) -> str:
    if message.is_announcement:
        thanks = gettext("All who take part will read it.")
    elif message.answers_id is not None:
        thanks = gettext("Your answer is there. We tell whoever you answered.")
    elif message.circle_id is not None:
        thanks = gettext("It is there. We tell those who follow this thread.")
    else:
        thanks = gettext("Your message is there. We tell those who organise this.")
    return str(thanks)


def _page(find: Find, form: Form) -> str:
    session = db.session()
    subject = find(session)
    g.time_zone = subject.about.time_zone
    return render_template(
        "dialogue/show.html",
        talk=Talk(subject, link_key()),
        thread=dialogue.thread(session, subject, before=older_than()),
        following=dialogue.following_of(session, subject),
        form=form,
    )

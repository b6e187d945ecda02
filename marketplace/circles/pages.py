"""A circle to look at: its page, its members, its numbers, and how it was run."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import db
from marketplace.auth import member_required
from marketplace.cards import cards
from marketplace.circles.blueprint import bp, read, run, seen
from marketplace.circles.schemas import Joining, MemberFilters
from marketplace.circles.wording import HISTORY, HOW_IN, KINDS, PHASES, ROLES, SHORT_VISIBILITIES
from marketplace.dialogue.talk import Talk
from marketplace.forms import Form
from marketplace.link_keys import link_key
from marketplace.older import older_than
from models.circles import CircleRole, Phase
from services import circles, dialogue
from services.circles import Visit

COMMENTS = 5


@bp.get("/circles/<slug>")
def show(slug: str) -> str:
    return shown(seen(db.session(), slug))


def shown(visit: Visit, form: Form | None = None) -> str:
    """The page of the circle; `form` is that of joining, as it was refused."""
    session, circle = db.session(), visit.circle
    talk = thread = None
    deals, over = [], []
    if visit.is_inside:
        subject = dialogue.of_circle(visit)
        talk = Talk(subject, link_key())
        thread = dialogue.thread(session, subject, limit=COMMENTS)
        is_member = visit.standing.is_member
        found = circles.done_in(session, circle, is_member=is_member)
        done = circles.done_in(session, circle, is_member=is_member, states=circles.OVER, limit=6)
        deals, over = cards(session, found.rows, done.rows, now=db.asked_at(session))
    asked = circles.asking(session, circle, limit=1) if visit.standing.is_steward else None
    return render_template(
        "circles/show.html",
        visit=visit,
        circle=circle,
        own=visit.standing.own,
        key=link_key(),
        kind=KINDS[circle.kind],
        how_in=HOW_IN[circle.admission],
        visibility=SHORT_VISIBILITIES[circle.visibility],
        roles=ROLES,
        run_by=circles.who_run_it(session, circle),
        rules=circles.current(session, circle),
        is_asked=bool(asked and asked.rows),
        deals=deals,
        over=over,
        talk=talk,
        thread=thread,
        join_form=form or Form(Joining),
        form=None,
    )


@bp.get("/join/<key>")
def by_link(key: str) -> ResponseReturnValue:
    """Where the link of a member leads, and the code on a poster."""
    circle = circles.by_link(db.session(), key)
    return redirect(url_for(".show", slug=circle.slug, key=key), 303)


@bp.get("/circles/<slug>/members")
def members(slug: str) -> ResponseReturnValue:
    form = Form(MemberFilters, request.args)
    session = db.session()
    visit = read(session, slug)
    words, after = form.fields.get("q", ""), form.fields.get("after")
    page = circles.members(session, visit.circle, words=words, after=after)
    key = link_key() or None
    more = url_for(".members", slug=slug, q=words or None, after=page.after, key=key)
    rendered = render_template(
        "circles/members.html",
        visit=visit,
        circle=visit.circle,
        key=link_key(),
        page=page,
        words=words,
        roles=ROLES,
        role_options=[(str(role), gettext(words)) for role, words in ROLES.items()],
        plain=CircleRole.MEMBER,
        next_url=more if page.after else None,
        start_url=url_for(".members", slug=slug, key=key) if after else None,
    )
    return rendered, 200 if form.is_valid else 422


@bp.get("/circles/<slug>/history")
def history(slug: str) -> str:
    """Who decided what: for all who may read the circle."""
    session = db.session()
    visit = read(session, slug)
    rows, before = circles.history(session, visit.circle, before=older_than())
    return render_template(
        "circles/history.html",
        circle=visit.circle,
        key=link_key(),
        rows=rows,
        words=HISTORY,
        roles=ROLES,
        before=before,
    )


@bp.get("/circles/<slug>/numbers")
@member_required
def numbers(slug: str) -> str:
    """How far its members have come, as a picture, and what to do next; for its stewards."""
    session = db.session()
    visit = run(session, slug)
    found = circles.numbers(session, visit.circle, now=db.asked_at(session))
    return render_template(
        "circles/numbers.html",
        circle=visit.circle,
        numbers=found,
        phases=PHASES,
        order=list(Phase),
        inviters=circles.best_inviters(session, visit.circle),
    )


@bp.get("/circles/<slug>/money")
@member_required
def money(slug: str) -> str:
    """What the group buys of a circle came to: for its treasurers and stewards."""
    session = db.session()
    visit = seen(session, slug)
    page = circles.takings(session, visit, after=request.args.get("after"))
    return render_template("circles/money.html", circle=visit.circle, page=page)

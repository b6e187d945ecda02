"""A group buy to look at: its page, its history and its accounts."""

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from marketplace import auth, db
from marketplace.buying.blueprint import bp, seen
from marketplace.buying.bodies import You, body, tag_of
from marketplace.buying.orders import shown_order
from marketplace.buying.wording import BOOKINGS, EVENTS
from marketplace.forms import Form
from marketplace.schemas import Schema
from marketplace.series.words import rhythm
from models.buying import GroupBuy
from models.collaborations import CommitmentState
from services import buying, dialogue, series
from services.notices.texts import REASONS

QUESTIONS = 5


@bp.get("/group-buys/<slug>")
def show(slug: str) -> ResponseReturnValue:
    session = db.session()
    group_buy = seen(session, slug)
    actor = auth.actor()
    now = db.asked_at(session)
    mine = buying.mine(session, group_buy, actor)
    is_open = group_buy.is_open(now)
    kept = body(session, group_buy, you_of(group_buy, mine))
    commitment = mine.commitment if mine is not None and mine.commitment.is_alive else None
    place = series.place_of(session, group_buy, actor)
    usual = None
    if actor is not None and place is not None and is_open and commitment is None:
        usual = buying.usual(session, group_buy, actor.participant.id)
    return render_template(
        "buying/show.html",
        group_buy=group_buy,
        body=kept,
        mine=mine,
        commitment=commitment,
        articles=kept.orderables if group_buy.articles_count == 1 else (),
        form=shown_order(group_buy, {}),
        question=Form(Schema),
        reasons=REASONS,
        is_open=is_open,
        is_organiser=group_buy.is_organised_by(actor),
        may_leave=commitment is not None and is_open,
        thread=dialogue.thread(session, group_buy, actor=actor, limit=QUESTIONS),
        key=request.args.get("key", ""),
        now=now,
        place=place,
        rhythm=rhythm(place.series, group_buy.time_zone) if place is not None else "",
        usual=usual,
        filled=None,
        may_be_usual=buying.has_usual(group_buy),
    )


@bp.get("/group-buys/<slug>/standing")
def standing(slug: str) -> Response:
    """How far along it is: the part of the page that is asked for again and again."""
    session = db.session()
    group_buy = seen(session, slug)
    you = you_of(group_buy, buying.mine(session, group_buy, auth.actor()))
    response = make_response("")
    response.set_etag(tag_of(group_buy, you), weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie, Accept-Language"
    if not request.if_none_match.contains_weak(tag_of(group_buy, you)):
        response.set_data(body(session, group_buy, you).standing)
        return response
    response.status_code = 304
    return response


@bp.get("/group-buys/<slug>/history")
def history(slug: str) -> ResponseReturnValue:
    session = db.session()
    group_buy = seen(session, slug)
    page = buying.history(session, group_buy, after=request.args.get("after"))
    return render_template(
        "buying/history.html",
        group_buy=group_buy,
        page=page,
        words=EVENTS,
        reasons=REASONS,
        now=db.now(session),
    )


@bp.get("/group-buys/<slug>/accounts")
def accounts(slug: str) -> ResponseReturnValue:
    """The money of the group buy, for everyone who takes part in it."""
    session = db.session()
    group_buy = seen(session, slug)
    buying.guard_accounts(session, group_buy, auth.actor())
    return render_template(
        "buying/accounts.html",
        group_buy=group_buy,
        accounts=buying.accounts(session, group_buy),
        words=BOOKINGS,
    )


def you_of(group_buy: GroupBuy, mine: buying.Mine | None) -> You:
    """The reader's own part of the standing."""
    if mine is None or mine.commitment.state == CommitmentState.WITHDRAWN:
        return You()
    units = 0
    if group_buy.articles_count == 1:
        units = sum(line.units for line in mine.commitment.lines)
    return You(units, mine.commitment.worst_case_minor)

"""A group buy to look at: its page, its history and its accounts."""

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.buying.blueprint import bp, outlined, seen
from marketplace.buying.bodies import Body, You, tag_of
from marketplace.buying.wording import BOOKINGS, EVENTS, SAID_TO_ALL
from marketplace.dialogue.talk import Talk
from marketplace.series.words import rhythm
from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import CommitmentState
from services import buying, circles, dialogue, revocations, series
from services.buying import consenting
from services.notices.reasons import REASONS

QUESTIONS = 5


@bp.get("/group-buys/<slug>")
def show(slug: str) -> ResponseReturnValue:
    session = db.session()
    outline = outlined(session, slug)
    group_buy, actor = outline.group_buy, auth.actor()
    now = db.asked_at(session)
    is_open = group_buy.is_open(now)
    is_organiser = group_buy.is_organised_by(actor)
    body = Body(session, group_buy)
    mine = buying.mine_of(session, outline.commitment_ids)
    commitment = mine.commitment if mine is not None and mine.commitment.is_alive else None
    you = you_of(group_buy, mine)
    place = series.place_of(session, group_buy, actor)
    usual = None
    if actor is not None and place is not None and is_open and commitment is None:
        usual = buying.usual(session, group_buy, actor.participant.id)
    act = body.part(
        "act",
        is_open=is_open,
        is_signed_in=actor is not None,
        is_organiser=is_organiser,
        has_joined=commitment is not None,
        has_had=mine is not None,
    )
    return render_template(
        "buying/show.html",
        group_buy=group_buy,
        heading=body.part("heading")(),
        about=body.part("about")(),
        standing=standing_part(body, you),
        steps=body.part("steps", you=you)(),
        outcome=body.part("outcome")(),
        terms=body.part("terms")(),
        act=act,
        ways=body.part("ways", is_part_of_it=mine is not None or is_organiser),
        why_paused=buying.why_paused(session, group_buy),
        mine=mine,
        commitment=commitment,
        reasons=REASONS,
        is_open=is_open,
        may_leave=group_buy.may_be_left(now),
        is_organiser=is_organiser,
        may_consent=consenting.may_answer(group_buy, actor),
        circle=circles.known_by_id(session, group_buy.circle_id, actor),
        talk=(talk := talk_of(session, outline, actor)),
        thread=thread_of(session, outline, talk),
        key=request.args.get("key", ""),
        now=now,
        place=place,
        rhythm=rhythm(place.series, group_buy.time_zone) if place is not None else "",
        usual=usual,
        filled=None,
        may_be_usual=buying.has_usual(group_buy),
        contract=contract_of(session, mine),
    )


def contract_of(session: Session, mine: buying.Mine | None) -> revocations.Contract | None:
    """The order as a contract, if its buyer has a right to withdraw from it."""
    if mine is None:
        return None
    return revocations.contracts_of(session, [mine.commitment]).get(mine.commitment.id)


def talk_of(session: Session, outline: buying.Outline, actor: Actor | None) -> Talk:
    group_buy, takes_part = outline.group_buy, outline.takes_part
    subject = dialogue.of_deal(session, group_buy, actor, takes_part=takes_part)
    return Talk(subject, request.args.get("key", ""))


def thread_of(session: Session, outline: buying.Outline, talk: Talk) -> dialogue.Thread:
    if not outline.has_messages:
        return dialogue.Thread()
    return dialogue.thread(session, talk.subject, limit=QUESTIONS)


@bp.get("/group-buys/<slug>/standing")
def standing(slug: str) -> Response:
    """How far along it is: the part of the page that is asked for again and again."""
    session = db.session()
    outline = outlined(session, slug)
    group_buy = outline.group_buy
    you = you_of(group_buy, buying.mine_of(session, outline.commitment_ids))
    response = make_response("")
    response.set_etag(tag_of(group_buy, you), weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie, Accept-Language"
    if not request.if_none_match.contains_weak(tag_of(group_buy, you)):
        response.set_data(standing_part(Body(session, group_buy), you))
        return response
    response.status_code = 304
    return response


def standing_part(body: Body, you: You) -> Markup:
    return body.part("standing", you=you)()


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
        said_to_all=SAID_TO_ALL,
        is_theirs=buying.is_theirs(session, group_buy, auth.actor()),
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

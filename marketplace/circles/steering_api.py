"""Running a circle, for programs: who is let in, who runs it, which rules hold, and its end."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth, context, db
from marketplace.api import Blueprint, PageQuery, answer_page, idempotent, page_of, scope_required
from marketplace.circles.answers import (
    AskingOut,
    CircleMemberOut,
    HouseRulesOut,
    NumbersOut,
    TakingsOut,
    WholeCircleOut,
    shown_member,
    shown_numbers,
    shown_rules,
    shown_takings,
    shown_whole,
)
from marketplace.circles.founding import described
from marketplace.circles.schemas import Agreeing, Appointing, CircleIn, CircleReason, HouseRulesIn
from marketplace.schemas import Nothing
from models.circles import HouseRules
from models.members import Scope
from services import circles
from services.circles import Visit

steering = Blueprint(
    "circle_steering_api",
    __name__,
    path="/circles/<id:circle_id>",
    about="What the stewards of a circle do, and what its members agree to.",
)
ONE_MEMBER = "/members/<id:membership_id>"
ONE_REQUEST = "/requests/<id:membership_id>"


@steering.put("")
@scope_required(Scope.CIRCLES)
@steering.arguments(CircleIn)
@steering.response(200, WholeCircleOut)
def change(given: dict[str, Any], circle_id: int) -> dict[str, Any]:
    """Say anew what the circle is for, who sees it and how one comes in."""
    with db.transaction() as session:
        visit = _run(session, circle_id, lock=True)
        said = described(given, visit.circle.time_zone)
        circles.edit(session, visit, said, actor=auth.signed_in_actor(), now=db.now(session))
        return shown_whole(visit)


@steering.post("/end")
@scope_required(Scope.CIRCLES)
@steering.arguments(Nothing)
@idempotent
@steering.response(200, WholeCircleOut)
def archive(session: Session, _given: dict[str, Any], circle_id: int) -> dict[str, Any]:
    """End the circle: it can be read, and nothing in it changes."""
    return _steered(session, circle_id, circles.archive)


@steering.post("/reopening")
@scope_required(Scope.CIRCLES)
@steering.arguments(Nothing)
@idempotent
@steering.response(200, WholeCircleOut)
def reopen(session: Session, _given: dict[str, Any], circle_id: int) -> dict[str, Any]:
    """Let an ended circle go on."""
    return _steered(session, circle_id, circles.reopen)


@steering.get("/requests")
@scope_required(Scope.CIRCLES)
@steering.etag
@steering.arguments(PageQuery, location="query")
@steering.response(200, page_of(AskingOut))
def requests(query: dict[str, Any], circle_id: int) -> dict[str, Any]:
    """List who asks to be let in, the longest waiting first."""
    session = db.session()
    circle = _run(session, circle_id).circle
    after, limit = query.get("after"), query["limit"]
    return answer_page(circles.asking(session, circle, after=after, limit=limit).map(shown_member))


@steering.post(f"{ONE_REQUEST}/admission")
@scope_required(Scope.CIRCLES)
@steering.arguments(Nothing)
@idempotent
@steering.response(200, CircleMemberOut)
def admit(
    session: Session, _given: dict[str, Any], circle_id: int, membership_id: int
) -> dict[str, Any]:
    """Let in somebody who asks."""
    return _decided(session, circle_id, membership_id, circles.admit)


@steering.post(f"{ONE_REQUEST}/refusal")
@scope_required(Scope.CIRCLES)
@steering.arguments(CircleReason)
@idempotent
@steering.response(200, CircleMemberOut)
def decline(
    session: Session, given: dict[str, Any], circle_id: int, membership_id: int
) -> dict[str, Any]:
    """Do not let in somebody who asks; they are told why."""
    return _decided(session, circle_id, membership_id, circles.decline, **given)


@steering.put(f"{ONE_MEMBER}/role")
@scope_required(Scope.CIRCLES)
@steering.arguments(Appointing)
@steering.response(200, CircleMemberOut)
def appoint(given: dict[str, Any], circle_id: int, membership_id: int) -> dict[str, Any]:
    """Give a member another role, or lay one's own down."""
    with db.transaction() as session:
        actor, now = auth.signed_in_actor(), db.now(session)
        visit = circles.find(session, circle_id, actor=actor, lock=True)
        role = given["role"]
        return shown_member(
            circles.appoint(session, visit, membership_id, role, actor=actor, now=now)
        )


@steering.post(f"{ONE_MEMBER}/removal")
@scope_required(Scope.CIRCLES)
@steering.arguments(CircleReason)
@idempotent
@steering.response(200, CircleMemberOut)
def remove(
    session: Session, given: dict[str, Any], circle_id: int, membership_id: int
) -> dict[str, Any]:
    """Take a member out, who is told why."""
    return _decided(session, circle_id, membership_id, circles.remove, **given)


@steering.get("/house-rules")
@steering.etag
@steering.response(200, HouseRulesOut(many=True))
def rules(circle_id: int) -> list[HouseRules]:
    """List the versions of the house rules, the one that holds first."""
    session = db.session()
    circle = circles.find(session, circle_id, actor=auth.actor()).circle
    return list(circles.versions(session, circle))


@steering.post("/house-rules")
@scope_required(Scope.CIRCLES)
@steering.arguments(HouseRulesIn)
@idempotent
@steering.response(201, HouseRulesOut)
def set_rules(session: Session, given: dict[str, Any], circle_id: int) -> dict[str, Any]:
    """Let other house rules hold; members are asked to agree."""
    actor, now = auth.signed_in_actor(), db.now(session)
    visit, lang = _run(session, circle_id, lock=True), given["lang"] or context.choose_locale()
    return shown_rules(
        circles.set_rules(session, visit, given["body"], lang=lang, actor=actor, now=now)
    )


@steering.put("/agreement")
@scope_required(Scope.CIRCLES)
@steering.arguments(Agreeing)
@steering.response(200, WholeCircleOut)
def agree(given: dict[str, Any], circle_id: int) -> dict[str, Any]:
    """Agree to the house rules that hold."""
    with db.transaction() as session:
        visit = circles.find(session, circle_id, actor=auth.actor(), lock=True)
        circles.agree(session, visit, given["rules_number"])
        return shown_whole(visit)


@steering.get("/numbers")
@scope_required(Scope.CIRCLES)
@steering.response(200, NumbersOut)
def numbers(circle_id: int) -> dict[str, Any]:
    """Show how far the members have come."""
    session = db.session()
    visit = _run(session, circle_id)
    return shown_numbers(circles.numbers(session, visit.circle, now=db.now(session)))


@steering.get("/money")
@scope_required(Scope.CIRCLES)
@steering.arguments(PageQuery, location="query")
@steering.response(200, page_of(TakingsOut))
def money(query: dict[str, Any], circle_id: int) -> dict[str, Any]:
    """List what the group buys came to, the newest first: for treasurers and stewards."""
    session = db.session()
    visit = circles.find(session, circle_id, actor=auth.signed_in_actor())
    page = circles.takings(session, visit, after=query.get("after"), limit=query["limit"])
    return answer_page(page.map(shown_takings))


def _run(session: Session, circle_id: int, *, lock: bool = False) -> Visit:
    return circles.run(session, circle_id, actor=auth.signed_in_actor(), lock=lock)


def _steered(session: Session, circle_id: int, act: Callable[..., None]) -> dict[str, Any]:
    visit = _run(session, circle_id, lock=True)
    act(session, visit, actor=auth.signed_in_actor(), now=db.now(session))
    return shown_whole(visit)


def _decided(
    session: Session, circle_id: int, membership_id: int, act: Callable[..., Any], **said: Any
) -> dict[str, Any]:
    visit, actor = _run(session, circle_id, lock=True), auth.signed_in_actor()
    return shown_member(
        act(session, visit, membership_id, **said, actor=actor, now=db.now(session))
    )


ENDPOINTS = (steering,)

"""Circles, for programs: to find one, found one, come in, go, and read what is done there."""

from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.api import Blueprint, PageQuery, answer_page, idempotent, page_of, scope_required
from marketplace.circles.answers import (
    CircleMemberOut,
    CircleOut,
    CircleQuery,
    DoneOut,
    LinkOut,
    MemberQuery,
    OwnCircleOut,
    OwnMembershipOut,
    WholeCircleOut,
    shown_belonging,
    shown_member,
    shown_whole,
)
from marketplace.circles.founding import described
from marketplace.circles.schemas import CircleIn, Inviting, JoiningByKey
from marketplace.circles.steering_api import ENDPOINTS as STEERING
from marketplace.look_ups import look_up_counted
from marketplace.schemas import Nothing
from models.circles import CircleMembership
from models.members import Scope
from services import circles
from services.buying import revising
from services.circles import CircleFilters, Visit

endpoints = Blueprint(
    "circles_api",
    __name__,
    path="/circles",
    about="Groups with a purpose: who belongs to them, and how one comes in.",
)
ONE = "/<id:circle_id>"


@endpoints.get("")
@endpoints.etag
@endpoints.arguments(CircleQuery, location="query")
@endpoints.response(200, page_of(CircleOut))
def browse(query: dict[str, Any]) -> dict[str, Any]:
    """Find circles that everyone may know of: by words, else the newest first."""
    filters = CircleFilters(
        words=query.get("q", ""),
        kind=query.get("kind"),
        after=query.get("after"),
        limit=query["limit"],
    )
    found = circles.browse(db.session(), filters, actor=auth.actor())
    return answer_page(found.map(lambda one: one.circle))


@endpoints.get("/mine")
@scope_required(Scope.READ)
@endpoints.etag
@endpoints.response(200, OwnCircleOut(many=True))
def mine() -> list[dict[str, Any]]:
    """List the circles of whom one acts as, with those one asks or is asked to join."""
    found = circles.belonging_of(db.session(), auth.signed_in_actor(), limit=200)
    return [shown_belonging(circle, membership) for circle, membership in found]


@endpoints.post("")
@scope_required(Scope.CIRCLES)
@endpoints.arguments(CircleIn)
@idempotent
@endpoints.response(201, WholeCircleOut)
def found(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Found a circle; whom one acts as is its first steward."""
    actor = auth.signed_in_actor()
    zone = revising.home_zone(session, actor.participant)
    made = circles.found(session, described(given, zone), actor=actor, now=db.now(session))
    return shown_whole(circles.find(session, made.id, actor=actor))


@endpoints.get(ONE)
@endpoints.etag
@endpoints.response(200, WholeCircleOut)
def show(circle_id: int) -> dict[str, Any]:
    """Show a circle, and how whom one acts as stands with it."""
    return shown_whole(_seen(db.session(), circle_id))


@endpoints.get(f"{ONE}/members")
@endpoints.etag
@endpoints.arguments(MemberQuery, location="query")
@endpoints.response(200, page_of(CircleMemberOut))
def members(query: dict[str, Any], circle_id: int) -> dict[str, Any]:
    """List who belongs to a circle, those who run it first."""
    session = db.session()
    visit = _seen(session, circle_id)
    visit.require_reader()
    page = circles.members(
        session,
        visit.circle,
        words=query.get("q", ""),
        after=query.get("after"),
        limit=query["limit"],
    )
    return answer_page(page.map(shown_member))


@endpoints.get(f"{ONE}/group-buys")
@endpoints.etag
@endpoints.arguments(PageQuery, location="query")
@endpoints.response(200, page_of(DoneOut))
def group_buys(query: dict[str, Any], circle_id: int) -> dict[str, Any]:
    """List the group buys that go on in a circle, the newest first."""
    session = db.session()
    visit = _seen(session, circle_id)
    visit.require_reader()
    page = circles.done_in(
        session,
        visit.circle,
        is_member=visit.standing.is_member,
        after=query.get("after"),
        limit=query["limit"],
    )
    return answer_page(page.map(lambda one: {"group_buy": one.id, "closes_at": one.closes_at}))


@endpoints.post(f"{ONE}/memberships")
@scope_required(Scope.CIRCLES)
@endpoints.arguments(JoiningByKey)
@idempotent
@endpoints.response(201, OwnMembershipOut)
def join(session: Session, given: dict[str, Any], circle_id: int) -> CircleMembership:
    """Come in, or ask to be let in; `key` is that of the link of invitation one has."""
    actor, said = auth.signed_in_actor(), dict(given)
    visit = circles.find(session, circle_id, actor=actor, link_key=said.pop("key"), lock=True)
    return circles.join(session, visit, **said, actor=actor, now=db.now(session))


@endpoints.post(f"{ONE}/departure")
@scope_required(Scope.CIRCLES)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(204)
def leave(session: Session, _given: dict[str, Any], circle_id: int) -> None:
    """Leave, take back one's question, or decline an invitation."""
    actor, now = auth.signed_in_actor(), db.now(session)
    circles.leave(session, _seen(session, circle_id, lock=True), actor=actor, now=now)


@endpoints.post(f"{ONE}/link")
@scope_required(Scope.CIRCLES)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(200, LinkOut)
def draw_link(session: Session, _given: dict[str, Any], circle_id: int) -> dict[str, Any]:
    """Have the link by which whom one acts as brings others in, drawn when it is wanted first."""
    visit = _seen(session, circle_id, lock=True)
    return _link(session, visit, circles.link_of(session, visit))


@endpoints.post(f"{ONE}/link/renewal")
@scope_required(Scope.CIRCLES)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(200, LinkOut)
def renew_link(session: Session, _given: dict[str, Any], circle_id: int) -> dict[str, Any]:
    """Draw another link, so that the one before opens nothing any more."""
    visit = _seen(session, circle_id, lock=True)
    return _link(session, visit, circles.renew_link(session, visit))


@endpoints.post(f"{ONE}/invitations")
@scope_required(Scope.CIRCLES)
@look_up_counted
@endpoints.arguments(Inviting)
@idempotent
@endpoints.response(201, CircleMemberOut)
def invite(session: Session, given: dict[str, Any], circle_id: int) -> dict[str, Any]:
    """Invite a person or an organisation by name; they are told."""
    actor, now = auth.signed_in_actor(), db.now(session)
    visit = _seen(session, circle_id, lock=True)
    return shown_member(circles.invite(session, visit, given["who"], actor=actor, now=now))


def _seen(session: Session, circle_id: int, *, lock: bool = False) -> Visit:
    return circles.find(session, circle_id, actor=auth.actor(), lock=lock)


def _link(session: Session, visit: Visit, key: str) -> dict[str, Any]:
    own = visit.standing.own
    brought = circles.brought_by(session, visit.circle, own) if own is not None else 0
    return {"key": key, "brought_count": brought}


ENDPOINTS = (endpoints, *STEERING)

"""Roles: stewards appoint stewards and treasurers, and everyone can lay a role down."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from models.actors import Actor
from models.circles import CircleMembership, CircleRole, MembershipState
from models.lifecycle import NotInThisState
from services import events
from services.circles import finding, happened
from services.circles.finding import Visit
from services.circles.joining import keep_a_steward

APPOINTABLE: Sequence[CircleRole] = tuple(CircleRole)


def appoint(
    session: Session,
    visit: Visit,
    membership_id: int,
    role: CircleRole,
    *,
    actor: Actor,
    now: datetime,
) -> CircleMembership:
    """Give a member another role; anybody may make themself a plain member again.

    The caller has found the circle with its lock. Refuses with NotASteward, CircleArchived,
    NotFound, NotInThisState who does not belong to it, and LastSteward.
    """
    member = finding.membership(session, visit.circle, membership_id)
    is_own = member is visit.standing.own and actor.may_manage(member.participant_id)
    lays_it_down = role == CircleRole.MEMBER and is_own
    if not lays_it_down:
        visit.require_steward()
    visit.require_open()
    if not member.is_active:
        raise NotInThisState(state=str(member.state), wanted=str(MembershipState.ACTIVE))
    if member.role == role:
        return member
    if role != CircleRole.STEWARD:
        keep_a_steward(visit.circle, member)
    member.role = role
    finding.keep(session, visit.circle)
    event = happened.CircleRoleGiven(
        by=actor.member.id,
        participant_id=member.participant_id,
        circle_id=visit.circle.id,
        membership_id=member.id,
        role=role,
    )
    events.record(session, event, now=now)
    return member

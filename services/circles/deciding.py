"""Deciding: the stewards let in whoever asks, or do not, and take members out."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.actors import Actor
from models.circles import CircleMembership, CircleRole, MembershipState
from models.errors import Conflict, Invalid
from models.lifecycle import NotInThisState
from models.words import N_
from services.circles import finding, happened
from services.circles.finding import Visit
from services.circles.joining import record


class RemovalHasAReason(Invalid):
    code = "removal-has-a-reason"
    message = N_("Please say why: whoever is taken out is told.")


class TakeTheRoleFirst(Conflict):
    code = "take-the-role-first"
    message = N_("They run this circle too. Make them a plain member first.")


def admit(
    session: Session, visit: Visit, membership_id: int, *, actor: Actor, now: datetime
) -> CircleMembership:
    """Let in someone who asked; lock as above.

    Refuses with NotASteward, CircleArchived, NotFound, and NotInThisState who asks no more.
    """
    asked = _steered(session, visit, membership_id)
    if asked.state != MembershipState.ASKED:
        raise NotInThisState(state=str(asked.state), wanted=str(MembershipState.ASKED))
    asked.move(MembershipState.ACTIVE, now)
    finding.keep(session, visit.circle)
    record(session, happened.CircleAdmitted, asked, actor, now)
    return asked


def decline(
    session: Session,
    visit: Visit,
    membership_id: int,
    *,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> CircleMembership:
    """Do not let in someone who asked; refuses as `admit` does."""
    asked = _steered(session, visit, membership_id)
    asked.move(MembershipState.DECLINED, now)
    session.flush()
    record(session, happened.CircleDeclined, asked, actor, now, reason=reason)
    return asked


def remove(
    session: Session,
    visit: Visit,
    membership_id: int,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> CircleMembership:
    """Take a member out, who is told why and can come back by invitation alone.

    Refuses as `admit` does, with RemovalHasAReason, and with TakeTheRoleFirst for who runs it.
    """
    member = _steered(session, visit, membership_id)
    if not reason:
        raise RemovalHasAReason(fields={"reason": RemovalHasAReason.message})
    if member.role != CircleRole.MEMBER:
        raise TakeTheRoleFirst
    member.move(MembershipState.REMOVED, now)
    finding.keep(session, visit.circle)
    record(session, happened.CircleMemberRemoved, member, actor, now, reason=reason)
    return member


def _steered(session: Session, visit: Visit, membership_id: int) -> CircleMembership:
    visit.require_steward()
    visit.require_open()
    return finding.membership(session, visit.circle, membership_id)

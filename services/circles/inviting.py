"""Inviting: each member has a link of their own, so that it is known who brought whom."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.circles import (
    AlreadyInCircle,
    Circle,
    CircleMembership,
    MembershipState,
    NotASteward,
    NotInCircle,
)
from models.members import TooManyTries
from models.participants import Participant
from models.words import N_
from services import events, secrets, throttles
from services.circles import finding, happened
from services.circles.finding import Visit
from services.participants.lookup import find_participant
from services.throttles import Limit, Try

# Each invitation is told to whoever is invited.
INVITATIONS = Limit("circle-invitations", 50, timedelta(days=1))
TO_ONE = Limit("circle-invitations-to", 2, timedelta(days=30))


class InvitedTooMany(TooManyTries):
    code = "invited-too-many"
    message = N_("You invited %(limit)s people within a day. You can go on from %(until)s on.")


class InvitedTooOften(TooManyTries):
    code = "invited-too-often"
    message = N_("They were invited before, and did not come. Please send them your link yourself.")


def link_of(session: Session, visit: Visit) -> str:
    """The key of the link by which whom one acts as brings others in, drawn when it is wanted.

    The caller has found the circle with its lock. Refuses with CircleArchived, NotInCircle, and
    with NotASteward where the stewards alone invite.
    """
    own = _guard(visit)
    if own.link_key is None:
        own.link_key = secrets.draw_key()
        session.flush()
    return own.link_key


def renew_link(session: Session, visit: Visit) -> str:
    """Another link, so that the one before opens nothing any more; refuses as above."""
    own = _guard(visit)
    own.link_key = secrets.draw_key()
    session.flush()
    return own.link_key


def invite(
    session: Session, visit: Visit, text: str, *, actor: Actor, now: datetime
) -> CircleMembership:
    """Invite a person or an organisation by e-mail address, page or name; they are told.

    Lock as above. Refuses as above, with NobodyFound and SeveralFound at `who`, AlreadyInCircle,
    InvitedTooMany and InvitedTooOften; who was taken out is invited by stewards alone.
    """
    own = _guard(visit)
    throttles.take_in_act(
        session, Try(INVITATIONS, str(actor.member.id)), refusal=InvitedTooMany, now=now
    )
    who = find_participant(session, text, field="who")
    made = session.scalar(
        select(CircleMembership)
        .filter_by(circle_id=visit.circle.id, participant_id=who.id)
        .execution_options(populate_existing=True)
    )
    if made is not None and made.is_active:
        raise AlreadyInCircle
    if made is not None and made.state == MembershipState.INVITED:
        return made
    was_removed = made is not None and made.state == MembershipState.REMOVED
    if was_removed and not visit.standing.is_steward:
        raise NotASteward
    subject = f"{visit.circle.id}:{who.id}"
    throttles.take_in_act(session, Try(TO_ONE, subject), refusal=InvitedTooOften, now=now)
    made = _invited(session, visit, made, who, actor, now)
    made.invited_by_id = own.id
    finding.keep(session, visit.circle)
    # Whoever had asked is let in by it.
    kind = happened.CircleAdmitted if made.is_active else happened.CircleInvited
    event = kind(
        by=actor.member.id,
        participant_id=who.id,
        circle_id=visit.circle.id,
        membership_id=made.id,
    )
    events.record(session, event, now=now)
    return made


def brought_by(session: Session, circle: Circle, membership: CircleMembership) -> int:
    """How many came by this member's link or word, and belong to the circle now."""
    return (
        session.scalar(
            select(func.count()).where(
                CircleMembership.circle_id == circle.id,
                CircleMembership.invited_by_id == membership.id,
                CircleMembership.state == MembershipState.ACTIVE,
            )
        )
        or 0
    )


def best_inviters(
    session: Session, circle: Circle, *, limit: int = 10
) -> Sequence[tuple[Participant, int]]:
    """Who brought most of those who belong to the circle now, with how many; most first."""
    counts = (
        select(CircleMembership.invited_by_id.label("inviter_id"), func.count().label("brought"))
        .where(
            CircleMembership.circle_id == circle.id,
            CircleMembership.state == MembershipState.ACTIVE,
            CircleMembership.invited_by_id.is_not(None),
        )
        .group_by(CircleMembership.invited_by_id)
        .order_by(func.count().desc(), CircleMembership.invited_by_id)
        .limit(limit)
        .subquery()
    )
    rows = session.execute(
        select(Participant, counts.c.brought)
        .join(CircleMembership, CircleMembership.participant_id == Participant.id)
        .join(counts, counts.c.inviter_id == CircleMembership.id)
        .order_by(counts.c.brought.desc(), CircleMembership.id)
    )
    return [(participant, brought) for participant, brought in rows]


def _invited(
    session: Session,
    visit: Visit,
    before: CircleMembership | None,
    who: Participant,
    actor: Actor,
    now: datetime,
) -> CircleMembership:
    if before is None:
        before = CircleMembership(
            circle_id=visit.circle.id,
            participant_id=who.id,
            made_by_id=actor.member.id,
            state=MembershipState.INVITED,
            made_at=now,
            since_at=now,
        )
        session.add(before)
        session.flush()
    elif before.state == MembershipState.ASKED:
        # Whoever asked and is invited has their answer.
        before.move(MembershipState.ACTIVE, now)
    else:
        before.move(MembershipState.INVITED, now)
    return before


def _guard(visit: Visit) -> CircleMembership:
    visit.require_open()
    own = visit.standing.own
    if own is None or not own.is_active:
        raise NotInCircle
    if not visit.circle.may_be_invited_to_by(visit.standing):
        raise NotASteward
    return own

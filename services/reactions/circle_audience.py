"""Telling the members of a circle, batch after batch: there may be fifty thousand of them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.circles import CircleMembership, CircleRole, MembershipState
from models.dialogue import Following, ThreadFollower
from models.events import Event
from models.members import Member
from services import notices, queue
from services.notices import Telling
from services.reactions.audience import voices

BATCH = 200


def tell_members(
    session: Session,
    event: Event,
    circle_id: int,
    telling: Telling,
    *,
    muted_too: bool = True,
    now: datetime,
    after: int = 0,
) -> None:
    """Tell all who belong to the circle, but not the one who brought the event about.

    What is said in its thread is not for those who muted it.
    """
    batch = session.execute(
        select(CircleMembership.id, CircleMembership.participant_id)
        .where(
            CircleMembership.circle_id == circle_id,
            CircleMembership.state == MembershipState.ACTIVE,
            CircleMembership.id > after,
        )
        .order_by(CircleMembership.id)
        .limit(BATCH)
    ).all()
    people = voices(session, [row.participant_id for row in batch])
    muted = set() if muted_too else _muted(session, circle_id, people)
    others = [one for one in people if one.id != event.member_id and one.id not in muted]
    notices.tell_all(session, event, others, telling, now=now)
    if len(batch) == BATCH:
        queue.defer(
            session,
            "circles.tell_more",
            event_id=event.id,
            circle_id=circle_id,
            telling=telling.plain,
            muted_too=muted_too,
            after=batch[-1].id,
        )


def tell_more(
    session: Session,
    event_id: int,
    circle_id: int,
    telling: dict[str, object],
    after: int,
    *,
    muted_too: bool = True,
    now: datetime,
) -> None:
    """Go on where a batch ended."""
    event = session.get(Event, event_id)
    if event is not None:
        again = Telling.of_plain(telling)
        tell_members(session, event, circle_id, again, muted_too=muted_too, now=now, after=after)


def stewards(session: Session, circle_id: int) -> Sequence[Member]:
    """The people who read for those who run the circle."""
    ids = session.scalars(
        select(CircleMembership.participant_id).where(
            CircleMembership.circle_id == circle_id,
            CircleMembership.state == MembershipState.ACTIVE,
            CircleMembership.role == CircleRole.STEWARD,
        )
    ).all()
    return voices(session, ids)


def _muted(session: Session, circle_id: int, people: Sequence[Member]) -> set[int]:
    return set(
        session.scalars(
            select(ThreadFollower.member_id).where(
                ThreadFollower.circle_id == circle_id,
                ThreadFollower.member_id.in_([one.id for one in people]),
                ThreadFollower.following == Following.MUTED,
            )
        )
    )

"""Who belongs to a circle, page after page; who asks to; and what was decided about whom."""

from collections.abc import Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from models.circles import Circle, CircleMembership, CircleRole, MembershipState
from models.events import Event
from models.participants import Participant
from services.circles import happened
from services.paging import Page, paged, position
from services.places import name_key

# What the members of a circle read of how it was run: no word of who asked, or was not let in.
TOLD = (
    happened.CircleFounded,
    happened.CircleEdited,
    happened.CircleArchived,
    happened.CircleReopened,
    happened.HouseRulesChanged,
    happened.CircleRoleGiven,
    happened.CircleMemberRemoved,
)


def members(
    session: Session,
    circle: Circle,
    *,
    words: str = "",
    after: str | None = None,
    limit: int = 24,
) -> Page[CircleMembership]:
    """Who belongs to the circle: stewards, treasurers, then all others as they came.

    With `words`, those whose name begins so. Refuses with CursorNotValid.
    """
    since = position(after, CircleRole, int)
    query = select(CircleMembership).where(
        CircleMembership.circle_id == circle.id, CircleMembership.state == MembershipState.ACTIVE
    )
    if name_key(words):
        query = query.join(Participant).where(Participant.name_key.like(f"{name_key(words)}%"))
    if since is not None:
        query = query.where(tuple_(CircleMembership.role, CircleMembership.id) > since)
    rows = session.scalars(
        query.order_by(CircleMembership.role, CircleMembership.id).limit(limit + 1)
    ).all()
    return paged(rows, limit, lambda one: (one.role, one.id))


def who_run_it(session: Session, circle: Circle, *, limit: int = 12) -> Sequence[CircleMembership]:
    """The stewards and treasurers, stewards first."""
    return session.scalars(
        select(CircleMembership)
        .where(
            CircleMembership.circle_id == circle.id,
            CircleMembership.state == MembershipState.ACTIVE,
            CircleMembership.role != CircleRole.MEMBER,
        )
        .order_by(CircleMembership.role, CircleMembership.id)
        .limit(limit)
    ).all()


def asking(
    session: Session, circle: Circle, *, after: str | None = None, limit: int = 24
) -> Page[CircleMembership]:
    """Who asks to be let in, the longest waiting first. Refuses with CursorNotValid."""
    since = position(after, int)
    query = select(CircleMembership).where(
        CircleMembership.circle_id == circle.id, CircleMembership.state == MembershipState.ASKED
    )
    if since is not None:
        query = query.where(CircleMembership.id > since[0])
    rows = session.scalars(query.order_by(CircleMembership.id).limit(limit + 1)).all()
    return paged(rows, limit, lambda one: (one.id,))


def history(
    session: Session, circle: Circle, *, before: int | None = None, limit: int = 30
) -> tuple[Sequence[tuple[Event, Participant | None]], int | None]:
    """How the circle was run, the newest first, with whom each event is about.

    And where the older ones begin, if there are any.
    """
    query = (
        select(Event, Participant)
        .outerjoin(Participant, Participant.id == Event.participant_id)
        .where(Event.circle_id == circle.id, Event.kind.in_([one.__name__ for one in TOLD]))
    )
    if before is not None:
        query = query.where(Event.id < before)
    rows = session.execute(query.order_by(Event.id.desc()).limit(limit + 1)).all()
    shown = [(event, participant) for event, participant in rows[:limit]]
    return shown, shown[-1][0].id if len(rows) > limit else None

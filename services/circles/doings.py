"""What is done together in a circle, as somebody may see it; and how far that has brought whom."""

from collections.abc import Sequence

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from models.circles import Circle, CircleMembership, MembershipState, Phase
from models.collaborations import Collaboration, Commitment, State, Visibility
from services.circles import finding
from services.circles.numbers import reach
from services.discovery import Found
from services.paging import Page, paged, position

ALIVE = (State.OPEN, State.DECIDING, State.COLLECTING, State.RUNNING)
OVER = (State.COMPLETED, State.FAILED, State.CANCELLED)
# What the card of a deal is found by.
COLUMNS = (
    Collaboration.id,
    Collaboration.version,
    Collaboration.opens_at,
    Collaboration.closes_at,
    Collaboration.progress_basis_points,
)


def done_in(
    session: Session,
    circle: Circle,
    *,
    is_member: bool,
    states: Sequence[State] = ALIVE,
    after: str | None = None,
    limit: int = 12,
) -> Page[Found]:
    """What is done in a circle, the newest first: all of it for its members, else what is public.

    What is for named people, or for those with its link, stands in no list. Refuses with
    CursorNotValid.
    """
    since = position(after, int)
    is_listed = Collaboration.visibility == Visibility.PUBLIC
    query = select(*COLUMNS).where(
        Collaboration.circle_id == circle.id,
        Collaboration.state.in_(states),
        or_(is_listed, Collaboration.visibility == Visibility.CIRCLE) if is_member else is_listed,
    )
    if since is not None:
        query = query.where(Collaboration.id < since[0])
    rows = session.execute(query.order_by(Collaboration.id.desc()).limit(limit + 1))
    return paged([Found(**row._mapping) for row in rows], limit, lambda one: (one.id,))


def take_part(session: Session, deal: Collaboration, participant_id: int) -> None:
    """Someone joined what the others do: so far they have come now."""
    if deal.circle_id is not None:
        reach(session, deal.circle_id, participant_id, Phase.BONDING)


def bring_to_an_end(session: Session, deal: Collaboration) -> None:
    """All who were in have achieved something together, and who organised it drew them in."""
    if deal.circle_id is None:
        return
    # The circle counts it: it is locked before its memberships are, by everyone.
    finding.locked(session, deal.circle_id)
    were_in = select(Commitment.participant_id).where(
        Commitment.collaboration_id == deal.id, Commitment.state.in_(Commitment.TAKING_PART)
    )
    session.execute(
        update(CircleMembership)
        .where(
            CircleMembership.circle_id == deal.circle_id,
            CircleMembership.participant_id.in_(were_in),
            CircleMembership.state == MembershipState.ACTIVE,
            CircleMembership.phase < Phase.ACHIEVEMENT,
        )
        .values(phase=int(Phase.ACHIEVEMENT))
    )
    reach(session, deal.circle_id, deal.organiser_id, Phase.OPINION_LEADER)

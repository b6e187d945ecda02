"""The numbers of a circle: how far its members have come, and how lively it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.circles import Circle, CircleMembership, MembershipState, Phase

LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Numbers:
    """`reached` says for each phase how many members have come at least so far: a funnel."""

    members: int
    reached: Mapping[Phase, int]
    joined_lately: int
    # How many came by somebody's link or word.
    brought: int

    def share(self, phase: Phase) -> int:
        """Of those who came at least one phase less far, how many came so far; in percent."""
        before = self.reached[Phase(phase - 1)] if phase > Phase.INTEREST else self.members
        return round(100 * self.reached[phase] / before) if before else 0

    @property
    def narrowest(self) -> Phase | None:
        """The phase that the fewest of those before it reach; None while nobody is there."""
        steps = [one for one in Phase if one > Phase.INTEREST]
        tried = [one for one in steps if self.reached[Phase(one - 1)]]
        return min(tried, key=self.share, default=None)


def numbers(session: Session, circle: Circle, *, now: datetime) -> Numbers:
    """Counted by index: as fast for 50,000 members as for five."""
    active = (
        CircleMembership.circle_id == circle.id,
        CircleMembership.state == MembershipState.ACTIVE,
    )
    rows = session.execute(
        select(CircleMembership.phase, func.count()).where(*active).group_by(CircleMembership.phase)
    )
    counted: dict[int, int] = dict(iter(rows))
    lately, brought = session.execute(
        select(
            func.count().filter(CircleMembership.since_at > now - LATELY),
            func.count().filter(CircleMembership.invited_by_id.is_not(None)),
        ).where(*active)
    ).one()
    reached = {phase: sum(count for at, count in counted.items() if at >= phase) for phase in Phase}
    return Numbers(circle.members_count, reached, lately, brought)


def reach(session: Session, circle_id: int, participant_id: int, phase: Phase) -> None:
    """Say that a member has come so far; whoever has come farther stays there."""
    session.execute(
        update(CircleMembership)
        .where(
            CircleMembership.circle_id == circle_id,
            CircleMembership.participant_id == participant_id,
            CircleMembership.state == MembershipState.ACTIVE,
            CircleMembership.phase < phase,
        )
        .values(phase=int(phase))
    )

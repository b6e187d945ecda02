"""The roll: who takes part, by name.

Never in the order they joined, and without highest prices: together with the proof of the
clearing that would tell who offered what.
"""

from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, selectinload

from models.buying import GroupBuy, GroupBuyCommitment, Line, PickupPoint
from models.participants import Participant, ParticipantKind
from models.payments import Payment
from services import paging
from services.clearing.outcomes import Out
from services.paging import Page

PEOPLE = 50
# No list of people is longer; a single page or file of everyone holds so many.
MOST_PEOPLE = 20_000

# One word for all that the close decides about a line: that of the price would stand out alone.
LEFT_OUT = "left_out"
_AT_THE_CLOSE = frozenset({Out.PRICE_TOO_LOW, Out.RATIONED_OUT, Out.ARTICLE_DROPPED})


@dataclass(frozen=True)
class Person:
    """One who takes part, as those who organise see them."""

    commitment: GroupBuyCommitment
    participant: Participant
    payment: Payment | None
    pickup_name: str

    @property
    def out_reason(self) -> str:
        """Why they get nothing, without what they were willing to pay: that is theirs alone."""
        reason = self.commitment.out_reason
        return LEFT_OUT if reason in _AT_THE_CLOSE else reason

    @property
    def is_guest(self) -> bool:
        return self.participant.kind == ParticipantKind.GUEST


def people(
    session: Session,
    group_buy: GroupBuy,
    *,
    with_lines: bool = False,
    after: str | None = None,
    limit: int = PEOPLE,
) -> Page[Person]:
    """Who takes part or waits, by name; refuses with CursorNotValid."""
    query = (
        select(GroupBuyCommitment, Participant, Payment, PickupPoint.name)
        .join(Participant, Participant.id == GroupBuyCommitment.participant_id)
        .outerjoin(Payment, Payment.commitment_id == GroupBuyCommitment.id)
        .outerjoin(PickupPoint, PickupPoint.id == GroupBuyCommitment.pickup_point_id)
        .where(
            GroupBuyCommitment.collaboration_id == group_buy.id,
            GroupBuyCommitment.state.not_in(GroupBuyCommitment.LEFT),
        )
        .order_by(Participant.name_key, GroupBuyCommitment.id)
        .limit(limit + 1)
    )
    if with_lines:
        lines = selectinload(GroupBuyCommitment.lines)
        query = query.options(lines.joinedload(Line.article))
    at = paging.position(after, str, int)
    if at is not None:
        query = query.where(tuple_(Participant.name_key, GroupBuyCommitment.id) > at)
    rows = [
        Person(commitment, participant, payment, pickup or "")
        for commitment, participant, payment, pickup in session.execute(query)
    ]
    return paging.paged(rows, limit, lambda one: (one.participant.name_key, one.commitment.id))

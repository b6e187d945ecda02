"""The money of a circle: what its group buys came to, what was paid, and what is still owed."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.buying import GroupBuy, GroupBuyCommitment
from models.circles import NotATreasurer
from models.collaborations import Collaboration, Commitment, State, Visibility
from models.payments import Payment, PaymentState
from services.buying.books import outstanding_minor
from services.circles.finding import Visit
from services.paging import Page, paged, position


@dataclass(frozen=True)
class Takings:
    """One group buy as the treasurer sees it; in minor units, 0 until it is decided.

    Sums of all orders alone: who ordered what stays with those who organise it.
    """

    group_buy: GroupBuy
    orders: int = 0
    due_minor: int = 0
    paid_minor: int = 0
    outstanding_minor: int = 0


def takings(
    session: Session, visit: Visit, *, after: str | None = None, limit: int = 24
) -> Page[Takings]:
    """The group buys done in a circle, the newest first, without those for named people.

    Refuses with NotATreasurer and CursorNotValid.
    """
    if not visit.standing.is_treasurer:
        raise NotATreasurer
    since = position(after, int)
    query = select(GroupBuy).where(
        Collaboration.circle_id == visit.circle.id,
        Collaboration.state != State.DRAFT,
        Collaboration.visibility.in_([Visibility.PUBLIC, Visibility.CIRCLE]),
    )
    if since is not None:
        query = query.where(Collaboration.id < since[0])
    found = session.scalars(query.order_by(Collaboration.id.desc()).limit(limit + 1)).all()
    page = paged(found, limit, lambda one: (one.id,))
    sums = _sums(session, [one.id for one in page.rows if one.decided_at is not None])
    return page.map(lambda one: Takings(one, *sums.get(one.id, (one.commitments_count, 0, 0, 0))))


def _sums(session: Session, deal_ids: list[int]) -> dict[int, tuple[int, int, int, int]]:
    """By group buy: the orders that take part, what they owe in all, what is paid, what is not."""
    if not deal_ids:
        return {}
    takes_part = GroupBuyCommitment.state.in_(Commitment.TAKING_PART)
    paid = func.sum(Payment.amount_minor - Payment.refunded_minor)
    rows = session.execute(
        select(
            GroupBuyCommitment.collaboration_id,
            func.count().filter(takes_part),
            func.coalesce(func.sum(GroupBuyCommitment.due_minor).filter(takes_part), 0),
            func.coalesce(paid.filter(Payment.state == PaymentState.PAID), 0),
            outstanding_minor(),
        )
        .select_from(GroupBuyCommitment)
        .outerjoin(Payment, Payment.commitment_id == GroupBuyCommitment.id)
        .where(GroupBuyCommitment.collaboration_id.in_(deal_ids))
        .group_by(GroupBuyCommitment.collaboration_id)
    )
    return {row[0]: (row[1], int(row[2]), int(row[3]), int(row[4])) for row in rows}

"""Agreeing: what a member has to agree to after the terms changed, and who has not yet."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, func, literal, select
from sqlalchemy.orm import Session, defer

from models.buying import GroupBuy, GroupBuyCommitment
from models.collaborations import Commitment, CommitmentState, Terms
from models.errors import NotFound
from services.buying.differences import Difference, differences
from services.buying.orders import Order, Wanted


def asked(session: Session, group_buy: GroupBuy) -> int:
    """How many orders do not count until their members agree to the terms that hold now."""
    return (
        session.scalar(
            select(func.count()).where(
                Commitment.collaboration_id == group_buy.id,
                Commitment.state.in_(Commitment.ALIVE),
                Commitment.terms_number < group_buy.terms_number,
            )
        )
        or 0
    )


def versions(session: Session, group_buy: GroupBuy, *, whole: bool = True) -> Sequence[Terms]:
    """Every version of the terms, the first one first; not `whole` without what they say."""
    query = select(Terms).filter_by(collaboration_id=group_buy.id).order_by(Terms.number)
    return session.scalars(query if whole else query.options(defer(Terms.content))).all()


def version(session: Session, group_buy: GroupBuy, number: int) -> Terms:
    """One version of the terms; refuses with NotFound."""
    # Whoever asks may ask for more than the column can hold.
    found = session.scalar(
        select(Terms)
        .filter_by(collaboration_id=group_buy.id)
        .where(Terms.number == literal(number, BigInteger))
    )
    if found is None:
        raise NotFound
    return found


def changed_since(
    session: Session, group_buy: GroupBuy, commitment: GroupBuyCommitment
) -> list[Difference]:
    """What the terms say otherwise than those this order agreed to, as far as it concerns it."""
    agreed, current = session.scalars(
        select(Terms)
        .where(
            Terms.collaboration_id == group_buy.id,
            Terms.number.in_([commitment.terms_number, group_buy.terms_number]),
        )
        .order_by(Terms.number)
    ).all()
    ordered = {line.article_id for line in commitment.lines}
    return [
        one
        for one in differences(agreed.content, current.content)
        if one.article_id is None or one.article_id in ordered
    ]


def order_under_new_terms(
    session: Session, group_buy: GroupBuy, commitment: GroupBuyCommitment
) -> Order:
    """The same order by the terms that hold now: what has to be agreed to.

    Whoever took an article at whatever it costs does so still; a lower highest price of one's
    own stays.
    """
    content = session.scalars(
        select(Terms.content).filter_by(
            collaboration_id=group_buy.id, number=commitment.terms_number
        )
    ).one()
    dearest = {one["id"]: one["tiers"][0][1] for one in content["articles"]}
    return Order(
        wanted=[
            Wanted(
                line.article_id,
                line.units,
                line.tolerance,
                None
                if line.highest_price_minor >= dearest[line.article_id]
                else line.highest_price_minor,
            )
            for line in commitment.lines
        ],
        payment_method=commitment.payment_method,
        pickup_point_id=commitment.pickup_point_id,
        shipping_address=commitment.shipping_address,
        note=commitment.note,
        may_wait=commitment.state == CommitmentState.WAITING,
    )

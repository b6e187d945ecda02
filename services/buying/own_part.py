"""One's own part in a group buy: the order, the payment behind it, and by when it is to be paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from models.actors import Actor
from models.buying import Article, GroupBuy, GroupBuyCommitment, Line
from models.collaborations import Commitment, CommitmentState
from models.errors import NotFound
from models.payments import BankAccount, Payment, PaymentState
from services import payments
from services.buying.vat import Taxed, of_order
from services.buying.weighing import Portion


@dataclass(frozen=True)
class Mine:
    """A participant's own part in a group buy, with the payment that stands behind it."""

    commitment: GroupBuyCommitment
    payment: Payment | None
    account: BankAccount | None

    def pay_by_at(self, group_buy: GroupBuy) -> datetime | None:
        """By when what is decided has to be paid, if neither side says that it is."""
        if self.payment is not None and self.payment.state == PaymentState.CONFIRMED_BY_ONE:
            return None
        return payments.pay_by_at(
            self.commitment,
            self.payment,
            group_buy,
            collect_until_at=group_buy.collect_until_at,
            account=self.account,
            pickup_point=self.commitment.pickup_point,
        )

    def vat(self, group_buy: GroupBuy) -> Sequence[Taxed]:
        """The tax in what the goods cost, by rate, where there is any."""
        articles = {line.article_id: line.article for line in self.commitment.lines}
        taxed = of_order(group_buy, self.commitment, articles)
        return [one for one in taxed if one.vat_minor]

    @property
    def outpriced(self) -> Mapping[int, int]:
        """The price that holds now, in minor units by line id, where the line is limited below."""
        now = {}
        for line in self.commitment.lines:
            article = line.article
            if article.standing_tier is not None:
                price_minor = article.tiers[article.standing_tier].price_minor
                if line.highest_price_minor < price_minor:
                    now[line.id] = price_minor
        return now

    @property
    def by_weight(self) -> Mapping[int, Portion]:
        """What is sold by weight of it, by line id."""
        return {
            line.id: Portion(self.commitment, line.article, line)
            for line in self.commitment.lines
            if line.article.is_by_weight
        }


def mine(session: Session, group_buy: GroupBuy, actor: Actor | None) -> Mine | None:
    """The part of whom `actor` acts as: the one that counts, else the latest they had."""
    if actor is None:
        return None
    # Most who read a page have not joined: they are not to pay for reading a whole order.
    ids = session.scalars(
        select(Commitment.id).where(
            Commitment.collaboration_id == group_buy.id,
            Commitment.participant_id == actor.participant.id,
        )
    ).all()
    return mine_of(session, ids)


def mine_of(session: Session, ids: Sequence[int]) -> Mine | None:
    """Of one participant's commitments to a group buy the one that counts, else the latest."""
    if not ids:
        return None
    rows = (
        session.execute(
            _with_payment()
            .where(GroupBuyCommitment.id.in_(ids))
            .order_by(GroupBuyCommitment.id.desc())
            .options(
                joinedload(GroupBuyCommitment.lines)
                .joinedload(Line.article)
                .joinedload(Article.tiers),
                joinedload(GroupBuyCommitment.pickup_point),
            )
        )
        .unique()
        .all()
    )
    found = [Mine(*row) for row in rows]
    gone = (*Commitment.LEFT, CommitmentState.OUT)
    counting = [one for one in found if one.commitment.state not in gone]
    return next(iter(counting or found), None)


def own(session: Session, commitment_id: int) -> Mine:
    """One commitment as it stands now, with its payment; the caller has asked who may read it."""
    session.flush()
    row = (
        session.execute(
            _with_payment()
            .where(GroupBuyCommitment.id == commitment_id)
            .options(
                joinedload(GroupBuyCommitment.lines),
                joinedload(GroupBuyCommitment.pickup_point),
            )
            .execution_options(populate_existing=True)
        )
        .unique()
        .one_or_none()
    )
    if row is None:
        raise NotFound
    return Mine(*row)


def _with_payment() -> Select[GroupBuyCommitment, Payment, BankAccount]:
    return (
        select(GroupBuyCommitment, Payment, BankAccount)
        .outerjoin(Payment, Payment.commitment_id == GroupBuyCommitment.id)
        .outerjoin(
            BankAccount,
            (BankAccount.collaboration_id == GroupBuyCommitment.collaboration_id)
            & BankAccount.ended_at.is_(None),
        )
    )

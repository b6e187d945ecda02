"""The books of a group buy: what is owed, what came, what was paid on, as every member reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, func, literal_column, select
from sqlalchemy.orm import Session

from models.buying import GroupBuy, GroupBuyCommitment
from models.chargebacks import Chargeback
from models.collaborations import Commitment
from models.ledger import Account, AccountPurpose, Entry, Transfer
from models.payments import Payment, PaymentState
from services.buying import finding
from services.buying.vat import Taxed, of_order, together


@dataclass(frozen=True)
class Booking:
    """One line of a group buy's accounts: no names, only what moved and why."""

    # The beginning of the day, where the group buy is.
    made_at: datetime
    reason: str
    amount_minor: int
    count: int


@dataclass(frozen=True)
class Accounts:
    """The accounts of a group buy, in minor units of its currency."""

    due_minor: int
    paid_by_card_minor: int
    paid_in_cash_minor: int
    paid_by_transfer_minor: int
    # What members still owe.
    outstanding_minor: int
    freight_minor: int
    share_minor: int
    shipping_minor: int
    # What banks have taken back of card payments, and have not decided about.
    questioned_minor: int
    # What the seller was paid, without what they gave back.
    paid_out_minor: int
    pot_minor: int
    # In the goods of all who take part, by rate, as their orders state it.
    vat: Sequence[Taxed]
    bookings: Sequence[Booking]

    @property
    def to_pay_back_minor(self) -> int:
        """What was paid, is owed no more and has not gone back yet."""
        paid = self.paid_by_card_minor + self.paid_in_cash_minor + self.paid_by_transfer_minor
        return paid + self.outstanding_minor - self.due_minor

    @property
    def held_minor(self) -> int:
        """What was received and neither paid on nor paid back."""
        received = self.pot_minor - self.outstanding_minor + self.to_pay_back_minor
        return received - self.questioned_minor


def accounts(session: Session, group_buy: GroupBuy) -> Accounts:
    """The accounts as every member of the group buy may read them."""
    balances = {
        purpose: int(balance)
        for purpose, balance in session.execute(
            select(Account.purpose, Account.balance_minor).where(
                Account.collaboration_id == group_buy.id, Account.currency == group_buy.currency
            )
        )
    }
    takes_part = GroupBuyCommitment.state.in_(Commitment.TAKING_PART)
    is_sent = GroupBuyCommitment.pickup_point_id.is_(None) & group_buy.ships
    # Who was let off pays for no sending either.
    sending = func.least(GroupBuyCommitment.due_minor, group_buy.shipping_ceiling_minor)
    due, freight, shipping, outstanding = session.execute(
        select(
            func.coalesce(func.sum(GroupBuyCommitment.due_minor), 0),
            func.coalesce(func.sum(GroupBuyCommitment.freight_minor), 0),
            func.coalesce(func.sum(sending).filter(is_sent), 0),
            outstanding_minor(),
        )
        .outerjoin(Payment, Payment.commitment_id == GroupBuyCommitment.id)
        .where(GroupBuyCommitment.collaboration_id == group_buy.id, takes_part)
    ).one()
    bookings = _bookings(session, group_buy)
    paid_out = {"settled": 1, "returned_by_seller": -1}
    # Sent on to who sold, or with a payer's bank that has not decided, it is paid all the same.
    sent_on = {"remitted": 1, "taken_back": -1}
    sent_minor = sum(sent_on.get(one.reason, 0) * one.amount_minor for one in bookings)
    questioned = 0
    if any(one.reason == "chargeback_withdrawn" for one in bookings):
        questioned = int(session.scalar(_questioned(group_buy)) or 0)
    at_gateway = -balances.get(AccountPurpose.GATEWAY, 0)
    return Accounts(
        due_minor=int(due),
        paid_by_card_minor=at_gateway + sent_minor + questioned,
        paid_in_cash_minor=-balances.get(AccountPurpose.CASH, 0),
        paid_by_transfer_minor=-balances.get(AccountPurpose.BANK, 0),
        outstanding_minor=int(outstanding),
        freight_minor=int(freight),
        share_minor=int(session.scalar(kept_share(group_buy)) or 0),
        shipping_minor=int(shipping),
        questioned_minor=questioned,
        paid_out_minor=sum(paid_out.get(one.reason, 0) * one.amount_minor for one in bookings),
        pot_minor=balances.get(AccountPurpose.POT, 0),
        vat=_vat(session, group_buy),
        bookings=bookings,
    )


def _questioned(group_buy: GroupBuy) -> Select[int]:
    return (
        select(func.coalesce(func.sum(Chargeback.withdrawn_minor), 0))
        .join(Payment, Payment.id == Chargeback.payment_id)
        .join(Commitment, Commitment.id == Payment.commitment_id)
        .where(Commitment.collaboration_id == group_buy.id, Chargeback.state.in_(Chargeback.TAKEN))
    )


def outstanding_minor() -> ColumnElement[int]:
    """What is still owed, over orders with their payments: each one's own, never less than zero.

    What one paid too much, and is to have back, pays nobody else's debt.
    """
    is_paid = Payment.state == PaymentState.PAID
    paid = case((is_paid, Payment.amount_minor - Payment.refunded_minor), else_=0)
    owed = func.sum(func.greatest(GroupBuyCommitment.due_minor - paid, 0))
    takes_part = GroupBuyCommitment.state.in_(Commitment.TAKING_PART)
    return func.coalesce(owed.filter(takes_part), 0)


def kept_share(group_buy: GroupBuy) -> Select[int]:
    """What is left of the organiser's share: nobody who was let off pays it."""
    share_minor = func.least(GroupBuyCommitment.share_minor, GroupBuyCommitment.due_minor)
    # A sum of bigint is numeric, which nothing that is kept as JSON may be.
    total_minor = cast(func.coalesce(func.sum(share_minor), 0), BigInteger)
    return select(total_minor).where(
        GroupBuyCommitment.collaboration_id == group_buy.id,
        GroupBuyCommitment.state.in_(Commitment.TAKING_PART),
    )


def _bookings(session: Session, group_buy: GroupBuy) -> Sequence[Booking]:
    """What was booked, by reason and day; the day is that of the group buy, not of the server."""
    day = func.date_trunc("day", Transfer.made_at, group_buy.time_zone).label("day")
    found = session.execute(
        select(
            day,
            Transfer.reason,
            func.sum(Entry.amount_minor).filter(Entry.amount_minor > 0),
            func.count(func.distinct(Transfer.id)),
        )
        .join(Entry, Entry.transfer_id == Transfer.id)
        .where(Transfer.collaboration_id == group_buy.id)
        # By its name: written out, its parameters would not be the same to GROUP BY.
        .group_by(literal_column("day"), Transfer.reason)
        .order_by(literal_column("day"), func.min(Transfer.id))
    )
    return [
        Booking(made_at, reason, int(amount), count) for made_at, reason, amount, count in found
    ]


def _vat(session: Session, group_buy: GroupBuy) -> Sequence[Taxed]:
    articles = {one.id: one for one in finding.articles(session, group_buy)}
    taking_part = finding.commitments(session, group_buy, Commitment.TAKING_PART)
    return together(of_order(group_buy, one, articles) for one in taking_part)

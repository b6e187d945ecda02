"""Booking: what stands on a bank statement is received, each of its lines once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import Commitment
from models.errors import NotFound
from models.ledger import AccountPurpose
from models.payments import BankLine, Payment
from services import ledger
from services.buying.orders import MOST_MINOR
from services.buying.settling import may_waive
from services.locking import WHOLE_ROW
from services.payments.finding import can_be_transferred, owed_minor, tell
from services.payments.happened import DueWaived, PaymentReceived
from services.payments.keys import payment_key
from services.payments.locking import locked_payments
from services.payments.owing_less import lower_due
from services.payments.own_debts import may_receive
from services.payments.receiving import book_receipt
from services.payments.wanting_back import refund_excess


@dataclass(frozen=True)
class Taken:
    """Lines that those who organise have ticked for one commitment: (digest, minor units, day)."""

    commitment_id: int
    lines: Sequence[tuple[str, int, date]]

    @property
    def amount_minor(self) -> int:
        return sum(minor for _, minor, _ in self.lines)

    @property
    def is_possible(self) -> bool:
        """Whether an order can cost as much; the ledger counts no more than fits its columns."""
        return self.amount_minor <= MOST_MINOR


@dataclass(frozen=True)
class Booked:
    """How many payments are received now, and how many could not be any more."""

    received: int
    passed_over: int


def book(
    session: Session,
    group_buy: GroupBuy,
    taken: Sequence[Taken],
    *,
    actor: Actor,
    now: datetime,
) -> Booked:
    """Receive what was transferred; the payers are told, and what is too much is given back.

    Takes the locks itself, so the caller holds none. A line that was used before, and a payment
    that is not open any more, are passed over: the same statement books nothing twice. So is what
    is more than any order costs. Who
    transferred too little is let off the rest, so only what was ticked for that is sent here;
    what `actor` may not let off, or owes alone, is passed over and left for another organiser.
    Refuses with NotFound commitments of other organisers' deals or of deals `actor` does not run.
    """
    payee_id = group_buy.organiser_id
    ids = [one.commitment_id for one in taken]
    deals = _locked_deals(session, ids)
    is_theirs = all(
        one.organiser_id == payee_id and one.is_organised_by(actor) for one in deals.values()
    )
    payments = _payments_of(session, ids)
    if not is_theirs or set(payments) != set(ids) or len(ids) != len(payments):
        raise NotFound
    new = _keep_lines(session, payee_id, taken, payments, actor, now)
    received, unused = 0, []
    _lock_accounts(session, deals, list(payments.values()), now)
    for one in taken:
        payment = payments[one.commitment_id]
        digests = [digest for digest, _, _ in one.lines]
        deal = deals[payment.commitment.collaboration_id]
        is_new = new.issuperset(digests) and bool(digests)
        lets_off = one.amount_minor < owed_minor(payment)
        may_book = may_receive(deal, payment.commitment, actor) and (
            not lets_off or may_waive(deal, payment.commitment, actor)
        )
        if is_new and may_book and can_be_transferred(payment, deal):
            _receive(session, payment, one.amount_minor, actor, now)
            received += 1
        else:
            unused += [digest for digest in digests if digest in new]
    if unused:
        session.execute(
            delete(BankLine).where(BankLine.payee_id == payee_id, BankLine.digest.in_(unused))
        )
    return Booked(received, len(taken) - received)


def _receive(
    session: Session, payment: Payment, amount_minor: int, actor: Actor, now: datetime
) -> None:
    missing = owed_minor(payment) - amount_minor
    if missing > 0:
        commitment = payment.commitment
        lower_due(session, commitment, missing, step="transferred-less", reason="waived", now=now)
        facts = {"amount_minor": missing, "currency": payment.currency}
        tell(session, DueWaived, payment, by=actor, now=now, **facts)
    payment.receive_transfer(amount_minor, now)
    key = payment_key(payment.id, "transferred")
    book_receipt(session, payment, AccountPurpose.BANK, amount_minor, key=key, now=now)
    tell(session, PaymentReceived, payment, by=actor, amount_minor=amount_minor, now=now)
    excess = payment_key(payment.id, "transferred:excess")
    refund_excess(session, payment, key=excess, reason="not_owed", now=now)


def _keep_lines(
    session: Session,
    payee_id: int,
    taken: Sequence[Taken],
    payments: Mapping[int, Payment],
    actor: Actor,
    now: datetime,
) -> frozenset[str]:
    """Claim the lines in one order for all; the digests of those that nobody had used."""
    rows = {
        digest: {
            "payee_id": payee_id,
            "digest": digest,
            "payment_id": payments[one.commitment_id].id,
            "amount_minor": minor,
            "booked_on": day,
            "kept_by_id": actor.member.id,
            "kept_at": now,
        }
        for one in taken
        if one.is_possible
        for digest, minor, day in one.lines
    }
    if len(rows) != sum(len(one.lines) for one in taken if one.is_possible):
        raise ValueError("A line belongs to one payment.")
    if not rows:
        return frozenset()
    return frozenset(
        session.scalars(
            insert(BankLine).on_conflict_do_nothing().returning(BankLine.digest),
            [rows[digest] for digest in sorted(rows)],
        )
    )


def _locked_deals(session: Session, commitment_ids: Sequence[int]) -> dict[int, GroupBuy]:
    theirs = select(Commitment.collaboration_id).where(Commitment.id.in_(commitment_ids))
    found = session.scalars(
        select(GroupBuy)
        .where(GroupBuy.id.in_(theirs))
        .options(selectinload(GroupBuy.co_organisers))
        .order_by(GroupBuy.id)
        .with_for_update(key_share=True, of=WHOLE_ROW)
        .execution_options(populate_existing=True)
    )
    return {deal.id: deal for deal in found}


def _lock_accounts(
    session: Session, deals: Mapping[int, GroupBuy], payments: Sequence[Payment], now: datetime
) -> None:
    """Take the locks of all accounts at once: those who book and those who call off never wait."""
    touched: list[int] = []
    for deal in deals.values():
        for purpose in (AccountPurpose.POT, AccountPurpose.BANK):
            account = ledger.deal_account(session, deal.id, purpose, deal.currency, now=now)
            touched.append(account.id)
    for currency in {deal.currency for deal in deals.values()}:
        payers = [one.participant_id for one in payments if one.currency == currency]
        touched += ledger.own_accounts(session, payers, currency, now=now).values()
    ledger.lock(session, touched)


def _payments_of(session: Session, commitment_ids: Sequence[int]) -> dict[int, Payment]:
    """The payments, locked, by their commitments, which are read as they are committed by then."""
    found = locked_payments(session, commitment_ids)
    session.scalars(
        select(Commitment)
        .where(Commitment.id.in_(commitment_ids))
        .execution_options(populate_existing=True)
    ).all()
    return {payment.commitment_id: payment for payment in found}

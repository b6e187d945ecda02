"""Accounts for transfers: to whom members pay ahead; only who owes something sees the number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import Commitment, State
from models.errors import Conflict, Invalid, NotAllowed
from models.participants import Participant
from models.payments import BankAccount, Payment
from models.words import N_
from services import events
from services.payments.due_dates import transfer_until_at
from services.payments.finding import can_be_transferred, owed_minor
from services.transfers import ibans, limits
from services.transfers.happened import BankAccountNamed, TransferAskedFor
from services.transfers.references import reference

_OVER = (State.FAILED, State.CANCELLED)
# EPC069-12, version 2.1: how long the name in a QR code can be.
MOST_HOLDER = 70


class NotYourAccount(NotAllowed):
    code = "not-your-account"
    message = N_("Only the organiser says to which account people pay.")


class NoTransfers(Conflict):
    code = "no-transfers"
    message = N_("In this group buy nobody can pay by transfer any more, or its rules forbid it.")


class AccountInUse(Conflict):
    code = "account-in-use"
    message = N_("People were told this account already. Name another one instead.")


@dataclass(frozen=True)
class Transfer:
    """What a payer needs for a transfer: to whom, how much in minor units, and by when."""

    holder: str
    iban: str
    bic: str
    reference: str
    amount_minor: int
    currency: str
    until_at: datetime


@dataclass(frozen=True)
class Awaited:
    """Somebody who owes an amount, in minor units, that can be transferred."""

    commitment_id: int
    participant_id: int
    name: str
    reference: str
    amount_minor: int


def account_of(session: Session, collaboration_id: int) -> BankAccount | None:
    """The account that holds now, if those who organise named one."""
    return session.scalar(
        select(BankAccount).filter_by(collaboration_id=collaboration_id, ended_at=None)
    )


def name_account(
    session: Session,
    group_buy: GroupBuy,
    *,
    holder: str,
    iban: str,
    bic: str = "",
    due_days: int = 7,
    actor: Actor,
    now: datetime,
) -> None:
    """Say to which account members transfer what they owe; those who owe already are told.

    What was said before stays on record. The caller holds the lock. Refuses with
    NotYourAccount co-organisers, NoTransfers where nobody pays from hand to hand or all is
    over, Invalid a wrong IBAN or BIC, and AccountChangedTooOften more than three changes a day.
    """
    _guard(group_buy, actor)
    holder = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", holder).split())
    iban, bic = ibans.packed(iban), ibans.packed(bic)
    _check(holder, iban, bic)
    said = {"holder": holder, "iban": iban, "bic": bic, "due_days": due_days}
    before = account_of(session, group_buy.id)
    if before is not None and all(getattr(before, name) == said[name] for name in said):
        return
    told = ("holder", "iban", "bic")
    is_other = before is None or any(getattr(before, name) != said[name] for name in told)
    if before is not None:
        if is_other and group_buy.state in group_buy.PAYABLE:
            limits.count_change(session, group_buy, now=now)
        before.ended_at = now
        session.flush()
    session.add(
        BankAccount(collaboration_id=group_buy.id, made_by_id=actor.member.id, made_at=now, **said)
    )
    group_buy.takes_transfers = True
    group_buy.touch()
    events.record(
        session,
        BankAccountNamed(by=actor.member.id, collaboration_id=group_buy.id),
        now=now,
    )
    if is_other:
        ask(session, group_buy, is_changed=before is not None, now=now)


def drop_account(session: Session, group_buy: GroupBuy, *, actor: Actor, now: datetime) -> None:
    """Take no transfers any more; refuses with AccountInUse once people were told of it.

    The caller holds the lock. Refuses as `name_account` does.
    """
    _guard(group_buy, actor)
    account = account_of(session, group_buy.id)
    if account is None:
        return
    if group_buy.state in group_buy.PAYABLE:
        raise AccountInUse
    account.ended_at = now
    group_buy.takes_transfers = False
    group_buy.touch()


def take_along(
    session: Session, copied: GroupBuy, made: GroupBuy, *, actor: Actor, now: datetime
) -> None:
    """Let a copy of a group buy begin with the account of the same organiser."""
    account = account_of(session, copied.id)
    if account is None or made.organiser_id != copied.organiser_id:
        return
    said = {name: getattr(account, name) for name in ("holder", "iban", "bic", "due_days")}
    session.add(
        BankAccount(collaboration_id=made.id, made_by_id=actor.member.id, made_at=now, **said)
    )
    made.takes_transfers = True


def ask(session: Session, group_buy: GroupBuy, *, is_changed: bool = False, now: datetime) -> None:
    """Tell everyone who pays from hand to hand how to transfer, if that can be done here."""
    if not group_buy.takes_transfers:
        return
    session.flush()
    asked = [
        TransferAskedFor(
            participant_id=one.participant_id,
            collaboration_id=group_buy.id,
            commitment_id=one.commitment_id,
            is_changed=is_changed,
        )
        for one in awaited(session, group_buy)
    ]
    events.record_many(session, asked, now=now)


def awaited(session: Session, group_buy: GroupBuy) -> Sequence[Awaited]:
    """Who owes what can be transferred, with the reference of each, by name."""
    if group_buy.state not in group_buy.PAYABLE:
        return []
    rows = session.execute(
        select(
            Payment.commitment_id, Payment.participant_id, Participant.name, Commitment.due_minor
        )
        .join(Commitment, Commitment.id == Payment.commitment_id)
        .join(Participant, Participant.id == Payment.participant_id)
        .where(
            Commitment.collaboration_id == group_buy.id,
            Commitment.state.in_(Commitment.TAKING_PART),
            Commitment.due_minor > 0,
            Payment.state.in_(Payment.FROM_HAND_TO_HAND),
        )
        .order_by(Participant.name_key, Payment.id)
    )
    return [
        Awaited(commitment_id, participant_id, name, reference(commitment_id), due_minor)
        for commitment_id, participant_id, name, due_minor in rows
    ]


def transfer_of(session: Session, payment: Payment, group_buy: GroupBuy) -> Transfer | None:
    """How a payment can be transferred now; None if nothing is owed, or not in this way.

    For its payer alone: the caller has made sure of that (`payments.own`).
    """
    if not can_be_transferred(payment, group_buy):
        return None
    account = account_of(session, group_buy.id)
    if account is None:
        return None
    return Transfer(
        holder=account.holder,
        iban=account.iban,
        bic=account.bic,
        reference=reference(payment.commitment_id),
        amount_minor=owed_minor(payment),
        currency=payment.currency,
        until_at=transfer_until_at(group_buy, group_buy.collect_until_at, account),
    )


def _guard(group_buy: GroupBuy, actor: Actor) -> None:
    if not actor.may_manage(group_buy.organiser_id):
        raise NotYourAccount
    if not group_buy.at_pickup or group_buy.state in _OVER or group_buy.settled_at is not None:
        raise NoTransfers


def _check(holder: str, iban: str, bic: str) -> None:
    problems = {}
    if not holder or len(holder) > MOST_HOLDER:
        problems["holder"] = N_("Write the name as the bank knows it, in 70 characters at most.")
    if not ibans.is_iban(iban):
        problems["iban"] = N_("This IBAN is not right. Compare it with your bank statement.")
    if bic and not ibans.is_bic(bic):
        problems["bic"] = N_("A BIC has 8 or 11 letters and digits. You can leave it out.")
    if problems:
        raise Invalid(fields=problems)

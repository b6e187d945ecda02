"""Connected accounts: opened for whoever is to be paid, and known as the gateway knows them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.actors import Actor
from models.participants import ParticipantKind
from models.payouts import (
    AlreadySubmitted,
    ConnectedAccount,
    MayNotBePaid,
    Remittance,
    RemittanceState,
)
from services import events, queue
from services.gateways import answers
from services.gateways.answers import AccountKind
from services.gateways.stripe import StripeGateway
from services.payouts.happened import PayoutAccountReady, PayoutDetailsNeeded, PayoutFailed

# What the gateway never told of, as it lost a message, is asked for: once a day where something is
# missing, and once a week where nothing is, for it may be missing by now.
LOOKED_AFTER = timedelta(days=1)
LOOKED_AFTER_WHEN_READY = timedelta(days=7)
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Opening:
    """An account that is to be opened at the gateway for a participant."""

    participant_id: int
    kind: AccountKind
    country: str
    currency: str
    email: str

    @property
    def key(self) -> str:
        # Whoever asks for it in other words, as another manager does, does so under another key.
        digest = hashlib.sha256(self.email.encode()).hexdigest()[:16]
        return f"account:{self.participant_id}:{self.country}:{digest}"


def account_of(
    session: Session, participant_id: int, *, lock: bool = False
) -> ConnectedAccount | None:
    query = select(ConnectedAccount).filter_by(participant_id=participant_id)
    if lock:
        query = query.with_for_update(key_share=True)
    return session.scalar(query.execution_options(populate_existing=lock))


def guard_payee(actor: Actor) -> None:
    """Refuse with MayNotBePaid whoever only acts for an organisation."""
    if not actor.may_manage(actor.participant.id):
        raise MayNotBePaid


def opening(actor: Actor, *, country: str, currency: str) -> Opening:
    """What is told the gateway to open an account; refuses with MayNotBePaid."""
    guard_payee(actor)
    is_person = actor.participant.kind == ParticipantKind.PERSON
    return Opening(
        participant_id=actor.participant.id,
        kind=AccountKind.PERSON if is_person else AccountKind.COMPANY,
        country=country,
        currency=currency,
        email=actor.member.email,
    )


def open_account(gateway: StripeGateway, wanted: Opening) -> answers.ConnectedAccount:
    """Open an account at the gateway; asked again for the same, it gives the same one."""
    return gateway.open_account(
        kind=wanted.kind,
        country=wanted.country,
        email=wanted.email,
        currency=wanted.currency,
        key=wanted.key,
        metadata={"participant": str(wanted.participant_id)},
    )


def keep_account(
    session: Session, participant_id: int, seen: answers.ConnectedAccount, *, now: datetime
) -> ConnectedAccount:
    """Remember the account of a participant; the one that was first stays."""
    session.execute(
        insert(ConnectedAccount)
        .values(
            participant_id=participant_id,
            account_key=seen.id,
            country=seen.country,
            can_receive=False,
            can_pay_out=False,
            is_submitted=False,
            needed=[],
            disabled_reason="",
            bank_last4="",
            made_at=now,
            checked_at=now,
        )
        .on_conflict_do_nothing()
    )
    return (
        take_in_account(session, seen, now=now)
        or session.scalars(select(ConnectedAccount).filter_by(participant_id=participant_id)).one()
    )


def forget_account(session: Session, participant_id: int, account_key: str) -> None:
    """Forget an account that the gateway does not know: the operator has changed houses.

    Not while something is under way to it, of which nobody knows whether it arrived.
    """
    found = account_of(session, participant_id, lock=True)
    under_way = select(Remittance.id).filter_by(
        participant_id=participant_id, state=RemittanceState.SENT
    )
    if session.scalar(under_way.limit(1)) is not None:
        return
    if found is not None and found.account_key == account_key:
        session.delete(found)
        session.flush()


def start_over(session: Session, participant_id: int) -> None:
    """Forget an account of which the gateway was told nothing, as its country cannot be changed.

    Refuses with AlreadySubmitted what it was told of; where there is none, there is nothing to do.
    """
    found = account_of(session, participant_id, lock=True)
    if found is None:
        return
    if found.is_submitted:
        raise AlreadySubmitted
    session.delete(found)
    session.flush()


def take_in_account(
    session: Session, seen: answers.ConnectedAccount, *, now: datetime
) -> ConnectedAccount | None:
    """Bring an account up to what the gateway knows; None if it is not ours.

    Whoever can be paid now is sent what waited for it.
    """
    account = session.scalar(
        select(ConnectedAccount)
        .filter_by(account_key=seen.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if account is None:
        return None
    was_ready, asked = account.is_ready, set(account.needed)
    could_receive = account.can_receive
    account.can_receive, account.can_pay_out = seen.can_receive, seen.can_pay_out
    account.is_submitted, account.needed = seen.is_submitted, list(seen.needed)
    account.needed_by_at, account.disabled_reason = seen.needed_by, seen.disabled_reason
    account.bank_last4, account.checked_at = seen.bank_last4, now
    session.flush()
    if account.is_ready and not was_ready:
        ready = PayoutAccountReady(participant_id=account.participant_id)
        events.record(session, ready, now=now)
    elif account.is_submitted and not asked.issuperset(account.needed):
        until = account.needed_by_at.isoformat() if account.needed_by_at else ""
        needed = PayoutDetailsNeeded(participant_id=account.participant_id, until=until)
        events.record(session, needed, now=now)
    if account.can_receive and not could_receive:
        send_waiting(session, account.participant_id, now=now)
    return account


def send_waiting(session: Session, participant_id: int, *, now: datetime) -> None:
    """Have everything sent that waits for this participant alone and is due."""
    waiting = session.scalars(
        select(Remittance.id)
        .filter_by(participant_id=participant_id, state=RemittanceState.WAITING)
        .where(Remittance.due_at <= now)
        .order_by(Remittance.id)
    )
    queue.defer_many(session, "payouts.remit", [{"remittance_id": one} for one in waiting])


def to_look_after(session: Session, *, now: datetime) -> Sequence[tuple[int, str]]:
    """Accounts that were not looked at for long, by participant and by their gateway's key."""
    is_ready = (
        ConnectedAccount.can_receive
        & ConnectedAccount.can_pay_out
        & (ConnectedAccount.needed == [])
    )
    rows = session.execute(
        select(ConnectedAccount.participant_id, ConnectedAccount.account_key)
        .where(
            ConnectedAccount.checked_at <= now - LOOKED_AFTER,
            ~is_ready | (ConnectedAccount.checked_at <= now - LOOKED_AFTER_WHEN_READY),
        )
        .order_by(ConnectedAccount.checked_at)
        .limit(MOST_AT_ONCE)
    )
    return [(participant_id, key) for participant_id, key in rows]


def tell_of_failure(
    session: Session, account_key: str, failed: answers.Payout, *, now: datetime
) -> None:
    """Tell whoever an account is of that their bank did not take their money."""
    account = session.scalar(select(ConnectedAccount).filter_by(account_key=account_key))
    if account is not None:
        told = PayoutFailed(
            participant_id=account.participant_id,
            amount_minor=failed.amount_minor,
            currency=failed.currency,
            reason=failed.failure_code,
        )
        events.record(session, told, now=now)

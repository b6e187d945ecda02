"""Reversing: what was sent on and has to come back is asked for at the gateway, once for a key."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.payouts import Remittance, RemittanceState, TakingBack, TakingBackState
from services import events
from services.gateways.answers import GatewayRefused, Reversal
from services.gateways.calls import KEY_LIMIT
from services.gateways.stripe import StripeGateway
from services.payouts import sending
from services.payouts.booking import book
from services.payouts.happened import TakingBackRefused
from services.payouts.sending import Refusal


@dataclass(frozen=True)
class ReversalCall:
    """One try to get money back as it is sent to the gateway; the amount in minor units."""

    taking_back_id: int
    number: int
    transfer_key: str
    amount_minor: int
    is_forgotten: bool

    @property
    def key(self) -> str:
        return f"reversal:{self.taking_back_id}:{self.number}"

    @property
    def metadata(self) -> dict[str, str]:
        return {"reversal": str(self.taking_back_id), "try": str(self.number)}


def begin_reversal(session: Session, taking_back_id: int, *, now: datetime) -> ReversalCall | None:
    """Say that money is being asked back; None if there is nothing to ask for, or not yet.

    What the remittance it belongs to never sent, because it was set off, cannot be reversed.
    """
    remittance_id = session.scalar(
        select(TakingBack.remittance_id).where(TakingBack.id == taking_back_id)
    )
    if remittance_id is None:
        raise NotFound
    # First the remittance: no two takings back ask for the same part of it.
    remittance = sending.locked(session, remittance_id)
    wanted = locked(session, taking_back_id)
    if wanted.state == TakingBackState.WANTED:
        is_there = remittance.state == RemittanceState.DONE
        if not is_there or wanted.owed_minor > _reversible_minor(session, remittance):
            return None
        wanted.send(now)
    elif wanted.state != TakingBackState.SENT:
        return None
    assert wanted.sent_at is not None, "What is sent has a moment."
    return ReversalCall(
        taking_back_id=wanted.id,
        number=wanted.tries_count,
        transfer_key=remittance.transfer_key,
        amount_minor=wanted.sent_minor,
        is_forgotten=now - wanted.sent_at > KEY_LIMIT,
    )


def _reversible_minor(session: Session, remittance: Remittance) -> int:
    reversed_minor = session.scalars(
        select(TakingBack.sent_minor).filter_by(remittance_id=remittance.id)
    )
    return remittance.sent_minor - sum(reversed_minor)


def send_reversal(gateway: StripeGateway, call: ReversalCall) -> Reversal | Refusal:
    """Ask for it. Raises GatewayUnreachable: then nobody knows, and the key asks again."""
    try:
        if call.is_forgotten:
            for earlier in gateway.list_reversals(call.transfer_key):
                if dict(earlier.metadata) == call.metadata:
                    return earlier
        return gateway.reverse_transfer(
            call.transfer_key, call.amount_minor, key=call.key, metadata=call.metadata
        )
    except GatewayRefused as refused:
        return Refusal(refused.code or "refused")


def record_reversal(
    session: Session, call: ReversalCall, answer: Reversal | Refusal, *, now: datetime
) -> None:
    """Write down what a try came to. What the account does not hold is owed, and set off later."""
    wanted = locked(session, call.taking_back_id)
    is_answered = wanted.state != TakingBackState.SENT
    if is_answered or wanted.tries_count != call.number:
        return
    remittance = session.get_one(Remittance, wanted.remittance_id)
    if isinstance(answer, Refusal):
        wanted.want_again(answer.code)
        if call.number == 1:
            refused = TakingBackRefused(
                participant_id=wanted.participant_id,
                collaboration_id=remittance.collaboration_id,
                amount_minor=wanted.owed_minor,
                reason=answer.code,
            )
            events.record(session, refused, now=now)
        return
    wanted.arrive(answer.id, now)
    key, back_minor = f"{call.key}:done", -answer.amount_minor
    book(session, remittance, back_minor, key=key, reason="taken_back", now=now)


def locked(session: Session, taking_back_id: int) -> TakingBack:
    """What is to be taken back, for one act alone; refuses with NotFound."""
    wanted = session.scalar(
        select(TakingBack)
        .filter_by(id=taking_back_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if wanted is None:
        raise NotFound
    return wanted

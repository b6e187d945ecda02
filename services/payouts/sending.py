"""Sending: what is owed of a charge goes to the account of whoever is owed it, once for its key."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from models.chargebacks import Chargeback
from models.errors import NotFound
from models.payments import Payment, Refund
from models.payouts import (
    ConnectedAccount,
    Remittance,
    RemittanceState,
    TakingBack,
    TakingBackState,
)
from services import events
from services.gateways.answers import GatewayRefused, Transferred
from services.gateways.calls import KEY_LIMIT
from services.gateways.stripe import StripeGateway
from services.payouts.accounts import account_of
from services.payouts.booking import book
from services.payouts.happened import RemittanceRefused

# What the bank asks about is told by a message of its own; until then nothing is sent on.
DISPUTED = "charge_disputed"


@dataclass(frozen=True)
class Refusal:
    """The gateway did not do it; `code` is its own word."""

    code: str

    @property
    def is_questioned(self) -> bool:
        """Whether a bank asks about the charge, of which nothing was heard yet."""
        return self.code == DISPUTED


@dataclass(frozen=True)
class RemittanceCall:
    """One try of a remittance as it is sent to the gateway; the amount in minor units."""

    remittance_id: int
    number: int
    account_key: str
    amount_minor: int
    currency: str
    intent_key: str
    payment_id: int
    # Whether its payer's bank questions it now: then only what was sent before is looked for.
    is_questioned: bool
    # What banks have decided about it, as far as it was heard of, by the gateway's keys.
    decided: frozenset[str]
    is_forgotten: bool

    @property
    def key(self) -> str:
        return f"remittance:{self.remittance_id}:{self.number}"

    @property
    def metadata(self) -> dict[str, str]:
        return {"remittance": str(self.remittance_id), "try": str(self.number)}

    @property
    def group(self) -> str:
        return f"payment:{self.payment_id}"


def begin_remittance(
    session: Session, remittance_id: int, *, now: datetime
) -> RemittanceCall | None:
    """Say that a remittance is being sent; None if there is nothing to send, or not yet.

    What the participant has to give back of earlier ones is set off first. One that was sent
    before and never answered is sent again under its own key.
    """
    participant_id = session.scalar(
        select(Remittance.participant_id).where(Remittance.id == remittance_id)
    )
    if participant_id is None:
        raise NotFound
    # The account first: no two remittances to it set off the same debt.
    account = account_of(session, participant_id, lock=True)
    remittance = locked(session, remittance_id)
    if remittance.state == RemittanceState.WAITING:
        if not _may_be_sent(session, remittance, account, now):
            return None
        _set_off(session, remittance, now)
        if not remittance.to_send_minor:
            remittance.end()
            return None
        assert account is not None, "What may be sent has somewhere to go."
        remittance.send(account.account_key, now)
    elif remittance.state != RemittanceState.SENT:
        return None
    assert remittance.sent_at is not None, "What is sent has a moment."
    return RemittanceCall(
        remittance_id=remittance.id,
        number=remittance.tries_count,
        account_key=remittance.account_key,
        amount_minor=remittance.sent_minor,
        currency=remittance.currency,
        intent_key=_intent_key(session, remittance),
        payment_id=remittance.payment_id,
        is_questioned=_is_questioned(session, remittance),
        decided=_decided(session, remittance),
        is_forgotten=now - remittance.sent_at > KEY_LIMIT,
    )


def _intent_key(session: Session, remittance: Remittance) -> str:
    """The charge it comes from; a refund may have been of another than the one that counts."""
    if remittance.refund_id is not None:
        return session.get_one(Refund, remittance.refund_id).intent_key
    return session.get_one(Payment, remittance.payment_id).intent_key


def _may_be_sent(
    session: Session, remittance: Remittance, account: ConnectedAccount | None, now: datetime
) -> bool:
    if account is None or not account.can_receive or remittance.due_at > now:
        return False
    return not _is_questioned(session, remittance)


def _is_questioned(session: Session, remittance: Remittance) -> bool:
    pending = Chargeback.pending_on(literal(remittance.payment_id))
    return bool(session.scalar(select(pending)))


def _decided(session: Session, remittance: Remittance) -> frozenset[str]:
    decided = select(Chargeback.key).where(
        Chargeback.payment_id == remittance.payment_id,
        Chargeback.state.not_in(Chargeback.PENDING),
    )
    return frozenset(session.scalars(decided))


def _set_off(session: Session, remittance: Remittance, now: datetime) -> None:
    debts = session.scalars(
        select(TakingBack)
        .join(TakingBack.remittance)
        .where(
            TakingBack.participant_id == remittance.participant_id,
            TakingBack.state == TakingBackState.WANTED,
            Remittance.currency == remittance.currency,
        )
        .order_by(TakingBack.id)
        .with_for_update(of=TakingBack)
        .execution_options(populate_existing=True)
    )
    for debt in debts:
        amount_minor = min(debt.owed_minor, remittance.to_send_minor)
        if amount_minor:
            debt.set_off(amount_minor, now)
            remittance.set_off_minor += amount_minor


def send_remittance(gateway: StripeGateway, call: RemittanceCall) -> Transferred | Refusal:
    """Send it. Raises GatewayUnreachable: then nobody knows, and the key asks again.

    The charge is read first: what its payer's bank questions is not sent on.
    """
    try:
        if call.is_forgotten or call.is_questioned:
            for earlier in gateway.list_transfers(call.group):
                if dict(earlier.metadata) == call.metadata:
                    return earlier
        charge = gateway.read_intent(call.intent_key)
        if call.is_questioned or (charge.is_disputed and _has_news(gateway, call)):
            return Refusal(DISPUTED)
        return gateway.transfer(
            call.account_key,
            call.amount_minor,
            call.currency,
            charge_id=charge.charge_id,
            group=call.group,
            key=call.key,
            metadata=call.metadata,
        )
    except GatewayRefused as refused:
        return Refusal(refused.code or "refused")


def _has_news(gateway: StripeGateway, call: RemittanceCall) -> bool:
    """Whether a bank asks what was not heard of; once asked, a charge says so for ever."""
    asked = gateway.list_chargebacks(call.intent_key)
    return not call.decided.issuperset(one.id for one in asked)


def record_remittance(
    session: Session, call: RemittanceCall, answer: Transferred | Refusal, *, now: datetime
) -> None:
    """Write down what a try came to; what was written before stands."""
    remittance = locked(session, call.remittance_id)
    is_answered = remittance.state != RemittanceState.SENT
    if is_answered or remittance.tries_count != call.number:
        return
    if isinstance(answer, Refusal):
        is_news = remittance.refusal != answer.code
        remittance.wait_again(answer.code)
        if is_news and not answer.is_questioned:
            _tell_refused(session, remittance, call.amount_minor, now)
        return
    remittance.arrive(answer.id, now)
    book(
        session, remittance, answer.amount_minor, key=f"{call.key}:done", reason="remitted", now=now
    )


def _tell_refused(
    session: Session, remittance: Remittance, amount_minor: int, now: datetime
) -> None:
    refused = RemittanceRefused(
        participant_id=remittance.participant_id,
        collaboration_id=remittance.collaboration_id,
        amount_minor=amount_minor,
        reason=remittance.refusal,
    )
    events.record(session, refused, now=now)


def locked(session: Session, remittance_id: int) -> Remittance:
    """The remittance, for one act alone; refuses with NotFound."""
    remittance = session.scalar(
        select(Remittance)
        .filter_by(id=remittance_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if remittance is None:
        raise NotFound
    return remittance

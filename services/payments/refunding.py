"""Refunding: what is wanted back is sent by a job; a repeated job sends nothing twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from models.actors import Actor
from models.chargebacks import Chargeback, ChargebackState
from models.errors import NotFound
from models.ledger import AccountPurpose, Transfer
from models.payments import Payment, Refund, RefundState
from services import ledger, queue
from services.gateways import answers
from services.gateways.answers import GatewayRefused
from services.gateways.calls import KEY_LIMIT
from services.gateways.stripe import StripeGateway
from services.payments.finding import tell
from services.payments.happened import RefundFailed, RefundMade, RefundTriedAgain
from services.payments.keys import receipt_keys
from services.payments.superseding import is_taken, supersede_covered

# What the gateway says of a charge that its payer's bank has taken back.
DISPUTED = "charge_disputed"


@dataclass(frozen=True)
class RefundCall:
    """One try of a refund as it is sent to the gateway."""

    refund_id: int
    number: int
    intent_key: str
    amount_minor: int
    # What the gateway called it when it was not done at once.
    gateway_key: str
    is_forgotten: bool

    @property
    def key(self) -> str:
        return f"refund:{self.refund_id}:{self.number}"

    @property
    def metadata(self) -> dict[str, str]:
        return {"refund": str(self.refund_id), "try": str(self.number)}


def begin_refund(session: Session, refund_id: int, *, now: datetime) -> RefundCall | None:
    """Say that the refund is being sent; None if there is nothing to send."""
    refund = locked_refund(session, refund_id)
    if not refund.intent_key or refund.state not in (RefundState.WANTED, RefundState.SENT):
        return None
    if refund.state == RefundState.WANTED:
        if is_taken(session, refund.intent_key):
            return None
        refund.send(now)
    return RefundCall(
        refund_id=refund.id,
        number=refund.tries_count,
        intent_key=refund.intent_key,
        amount_minor=refund.amount_minor,
        gateway_key=refund.gateway_key,
        is_forgotten=refund.sent_at is not None and now - refund.sent_at > KEY_LIMIT,
    )


def send_refund(gateway: StripeGateway, call: RefundCall) -> answers.Refund | str:
    """Send money back; how that stands at the gateway, or in its own word why it refuses.

    Whatever was sent before is sent again under its own key, which does nothing twice. Once the
    gateway has forgotten the key, our refund is looked for among those of its charge instead:
    sums would not tell it from another one. Raises GatewayUnreachable.
    """
    try:
        if call.gateway_key:
            return gateway.read_refund(call.gateway_key)
        if call.is_forgotten:
            for earlier in gateway.list_refunds(call.intent_key):
                if dict(earlier.metadata) == call.metadata:
                    return earlier
        return gateway.refund(
            call.intent_key, call.amount_minor, key=call.key, metadata=call.metadata
        )
    except GatewayRefused as refused:
        return refused.code or "refused"


def record_refund(
    session: Session, call: RefundCall, answer: answers.Refund | str, *, now: datetime
) -> None:
    """Write down how a refund went; again, it does nothing.

    What the payer's bank has meanwhile is not sent. If nothing was heard of that yet, it waits
    for it; if the bank gave the money back itself, that is all.
    """
    refund = locked_refund(session, call.refund_id)
    if refund.tries_count != call.number:
        return
    if isinstance(answer, answers.Refund):
        _take_in(session, refund, answer, now)
    elif refund.state == RefundState.SENT and answer == DISPUTED and not _is_lost(session, refund):
        refund.want_again()
    elif refund.state == RefundState.SENT:
        _fail(session, refund, now)


def _is_lost(session: Session, refund: Refund) -> bool:
    lost = select(Chargeback.id).filter_by(intent_key=refund.intent_key, state=ChargebackState.LOST)
    return session.scalar(lost.limit(1)) is not None


def take_in_refund(session: Session, seen: answers.Refund, *, now: datetime) -> None:
    """Take in what became of a refund later; one that is not ours is passed over."""
    refund_id = seen.metadata.get("refund", "")
    if not refund_id.isdecimal():
        return
    try:
        refund = locked_refund(session, int(refund_id))
    except NotFound:
        return
    if refund.intent_key == seen.intent_id and str(refund.tries_count) == seen.metadata.get("try"):
        _take_in(session, refund, seen, now)


def failed_refunds(session: Session, *, limit: int = 20) -> Sequence[Refund]:
    """Money that could not go back to its card, the newest first."""
    return session.scalars(
        select(Refund)
        .filter_by(state=RefundState.FAILED)
        .options(joinedload(Refund.payment).joinedload(Payment.commitment))
        .order_by(Refund.id.desc())
        .limit(limit)
    ).all()


def try_refund_again(session: Session, refund_id: int, *, actor: Actor, now: datetime) -> None:
    """Send once more what failed; refuses with NotInThisState, or NotFound."""
    refund = locked_refund(session, refund_id)
    refund.want_again()
    tell(
        session,
        RefundTriedAgain,
        refund.payment,
        by=actor,
        amount_minor=refund.amount_minor,
        now=now,
    )
    queue.defer(session, "payments.refund", refund_id=refund.id)


def finish_refund(
    session: Session,
    refund: Refund,
    through: AccountPurpose,
    gateway_key: str,
    *,
    now: datetime,
) -> None:
    """Book a refund that is done."""
    payment = refund.payment
    refund.succeed(gateway_key, now)
    deal_id = payment.commitment.collaboration_id
    outside = ledger.deal_account(session, deal_id, through, payment.currency, now=now)
    own = ledger.own_account(session, payment.participant_id, payment.currency, now=now)
    amounts = {own.id: -refund.amount_minor, outside.id: refund.amount_minor}
    key, received = _booked_under(refund), _receipt(session, refund)
    # A receipt is undone once; what came back after a first try is sent again as it is.
    is_whole = received is not None and ledger.is_opposite(received, amounts)
    if received is not None and is_whole and refund.tries_count <= 1:
        ledger.reverse(session, received, key=key, reason="refund", now=now)
    else:
        ledger.transfer(
            session, amounts, key=key, reason="refund", collaboration_id=deal_id, now=now
        )
    tell(session, RefundMade, payment, amount_minor=refund.amount_minor, now=now)


def _receipt(session: Session, refund: Refund) -> Transfer | None:
    """The booking of the money that a refund gives back, if it is one that came at once."""
    return session.scalar(select(Transfer).where(Transfer.key.in_(receipt_keys(refund))))


def _take_in(session: Session, refund: Refund, seen: answers.Refund, now: datetime) -> None:
    """Bring a try up to what the gateway knows; only what came through is booked."""
    match seen.state:
        case answers.RefundState.SUCCEEDED:
            if refund.state == RefundState.SENT:
                finish_refund(session, refund, AccountPurpose.GATEWAY, seen.id, now=now)
        case answers.RefundState.PENDING:
            if refund.state == RefundState.SENT:
                refund.gateway_key = seen.id
        case _:
            if refund.state in (RefundState.SENT, RefundState.SUCCEEDED):
                _fail(session, refund, now)


def _fail(session: Session, refund: Refund, now: datetime) -> None:
    """Write down that nothing went back; what was booked as done is answered by its opposite.

    What the payer's bank gave back meanwhile is nobody's to give back any more.
    """
    if refund.state == RefundState.SUCCEEDED:
        booked = session.scalars(select(Transfer).filter_by(key=_booked_under(refund))).one()
        key = f"refund:{refund.id}:{refund.tries_count}:failed"
        ledger.reverse(session, booked, key=key, reason="refund_failed", now=now)
    refund.fail()
    supersede_covered(session, refund.payment, refund.intent_key, now)
    if refund.state == RefundState.FAILED:
        tell(session, RefundFailed, refund.payment, amount_minor=refund.amount_minor, now=now)


def _booked_under(refund: Refund) -> str:
    return f"refund:{refund.id}:{refund.tries_count}:done"


def locked_refund(session: Session, refund_id: int) -> Refund:
    """One refund, locked with all others of its charge, in their order; refuses with NotFound."""
    charge = select(Refund.intent_key).where(Refund.id == refund_id).scalar_subquery()
    is_of_charge = (Refund.intent_key == charge) & (Refund.intent_key != "")
    found = session.scalars(
        select(Refund)
        .where(or_(Refund.id == refund_id, is_of_charge))
        .order_by(Refund.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    refund = next((one for one in found if one.id == refund_id), None)
    if refund is None:
        raise NotFound
    return refund

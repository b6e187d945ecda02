"""Acts with the gateway: each call stands between two transactions, its key stored before."""

from dataclasses import dataclass

from marketplace import db
from marketplace.payments.gateway import gateway
from models.actors import Actor
from services import gateway_messages as messages
from services import payments
from services.chargebacks.arriving import BankNews
from services.gateways.answers import IntentState, KeyReused, UnknownToGateway
from services.gateways.news import MOST_EVENTS
from services.payments import wallets

# So many lists of events are read at once; the next time goes on from there.
MOST_ASKED = 20


@dataclass(frozen=True)
class Addresses:
    """Where a hosted page leads back to, and in which language it speaks."""

    success_url: str
    cancel_url: str
    locale: str


def charge(payment_id: int) -> None:
    """Make the try that is planned for a payment; a hosted page that is still open ends first.

    Without that, somebody could pay there while their old card is charged.
    """
    with db.transaction() as session:
        checkout_key = payments.locked(session, payment_id).checkout_key
    if checkout_key:
        end_page(checkout_key)
    with db.transaction() as session:
        call = payments.begin_charge(session, payment_id, now=db.now(session))
    if call is None:
        return
    answer = payments.send_charge(gateway(), call)
    with db.transaction() as session:
        payments.record_charge(session, call, answer, now=db.now(session))


def refund(refund_id: int) -> None:
    """Send a refund that is wanted."""
    with db.transaction() as session:
        call = payments.begin_refund(session, refund_id, now=db.now(session))
    if call is None:
        return
    answer = payments.send_refund(gateway(), call)
    with db.transaction() as session:
        payments.record_refund(session, call, answer, now=db.now(session))


def fetch_missed() -> None:
    """Ask the gateway what happened, in case its messages never came; each is kept once."""
    with db.transaction() as session:
        after = messages.last_told(session, now=db.now(session))
    for _ in range(MOST_ASKED):
        found = messages.ask(gateway(), after)
        with db.transaction() as session:
            messages.keep(session, found, now=db.now(session))
        if after is None or len(found) < MOST_EVENTS:
            return
        after = found[-1].id


def let_go(payment_id: int, intent_key: str = "", checkout_key: str = "") -> None:
    """End a hosted page and a hold that nobody needs; money that came meanwhile goes back."""
    if checkout_key:
        end_page(checkout_key)
    if intent_key:
        try:
            left = gateway().cancel(intent_key, key=f"let-go:{payment_id}:{intent_key}")
        except UnknownToGateway:
            return
        if left.state is IntentState.CHARGED:
            read_charge(intent_key)


def end_page(checkout_key: str) -> None:
    """Close a hosted page, and take in what was done on it before.

    One that the gateway does not know ends, too: the operator has changed houses meanwhile.
    """
    try:
        _take_in(payments.read_page(gateway(), checkout_key, close=True))
    except UnknownToGateway:
        with db.transaction() as session:
            payments.forget_page(session, checkout_key)


def read_page(checkout_key: str) -> int | None:
    """Take in what was done on a hosted page; the commitment it was for, if it is ours."""
    try:
        return _take_in(payments.read_page(gateway(), checkout_key))
    except UnknownToGateway:
        return None


def read_charge(intent_key: str) -> None:
    _take_in(payments.read_charge(gateway(), intent_key))


def handle_message(message_id: int) -> None:
    """Look into what the gateway's message is about; the message itself is not believed."""
    with db.transaction() as session:
        message = messages.unhandled(session, message_id)
    if message is None:
        return
    seen = messages.look_into(gateway(), message)
    if isinstance(seen, BankNews):
        # The charge first, and by itself: what is booked for it locks accounts.
        _take_in(seen.charge)
    with db.transaction() as session:
        messages.finish(session, message_id, seen, now=db.now(session))


def open_page(commitment_id: int, consent: str, where: Addresses, actor: Actor) -> str:
    """The address of the hosted page on which a commitment's payer goes on.

    Asked twice, it is the same page. Refuses with PaymentNotDue.
    """
    plan = _plan(commitment_id, consent, actor)
    if plan.earlier_key:
        url = _still_open(plan)
        if url:
            return url
        end_page(plan.earlier_key)
        plan = _plan(commitment_id, consent, actor)
    if plan.stale_intent_key:
        let_go(plan.payment_id, intent_key=plan.stale_intent_key)
        plan = _plan(commitment_id, consent, actor)
    customer_key = introduce(plan.participant_id, actor)
    with db.transaction() as session:
        plan = payments.number_checkout(session, plan)
    try:
        opened = _open(plan, customer_key, where)
    except (KeyReused, UnknownToGateway) as refusal:
        # An earlier try under this number was for other words: it was never kept, so let it be.
        # Or the gateway is another one than the one that knew the customer.
        if isinstance(refusal, UnknownToGateway):
            customer_key = _introduce_anew(plan.participant_id, customer_key, actor)
        with db.transaction() as session:
            plan = payments.number_checkout(session, plan, anew=True)
        opened = _open(plan, customer_key, where)
    with db.transaction() as session:
        payments.keep_checkout(session, plan, opened.id)
    return opened.url or where.success_url.replace("{CHECKOUT_SESSION_ID}", opened.id)


def _still_open(plan: payments.CheckoutPlan) -> str | None:
    """The address of the page that was opened before, if it still serves."""
    try:
        earlier = gateway().read_checkout(plan.earlier_key)
    except UnknownToGateway:
        return None
    return earlier.url if plan.is_served_by(earlier) else None


def introduce(participant_id: int, actor: Actor) -> str:
    """The gateway's name for a participant, who is made known to it if they are not."""
    with db.transaction() as session:
        known = wallets.customer_key(session, participant_id)
    if known:
        return known
    made = wallets.introduce(gateway(), participant_id, actor.member.email)
    with db.transaction() as session:
        return wallets.keep_customer(session, participant_id, made, now=db.now(session))


def _introduce_anew(participant_id: int, forgotten_key: str, actor: Actor) -> str:
    with db.transaction() as session:
        wallets.forget_customer(session, participant_id, forgotten_key)
    return introduce(participant_id, actor)


def _plan(commitment_id: int, consent: str, actor: Actor) -> payments.CheckoutPlan:
    with db.transaction() as session:
        return payments.plan_checkout(
            session, commitment_id, consent=consent, actor=actor, now=db.now(session)
        )


def _open(plan: payments.CheckoutPlan, customer_key: str, where: Addresses) -> payments.Checkout:
    return payments.open_checkout(gateway(), plan, customer_key, **vars(where))


def _take_in(news: payments.News | None) -> int | None:
    if news is None:
        return None
    with db.transaction() as session:
        return payments.take_in(session, news, now=db.now(session))

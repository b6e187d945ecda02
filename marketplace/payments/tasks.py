"""Background work of payments."""

from marketplace import db
from marketplace.jobs import task
from marketplace.payments import acts
from services import buying, payments
from services.buying import expiring


@task("payments.expire")
def expire(commitment_id: int) -> None:
    """Withdraw a commitment without a card, unless its card was given and nobody told us."""
    with db.transaction() as session:
        payment = payments.of_commitment(session, commitment_id)
        checkout_key = payment.checkout_key if payment is not None else ""
        overdue = payment is not None and payments.is_overdue(payment, db.now(session))
    if overdue and checkout_key:
        acts.end_page(checkout_key)
    with db.transaction() as session:
        now = db.now(session)
        expiring.expire_card(session, commitment_id, now=now)


@task("payments.charge_batch")
def charge_batch(collaboration_id: int) -> None:
    with db.transaction() as session:
        payments.charge_batch(session, collaboration_id, now=db.now(session))


@task("payments.charge")
def charge(payment_id: int) -> None:
    acts.charge(payment_id)


@task("payments.retry")
def retry(payment_id: int) -> None:
    with db.transaction() as session:
        payments.retry(session, payment_id, now=db.now(session))


@task("payments.refund")
def refund(refund_id: int) -> None:
    acts.refund(refund_id)


@task("payments.let_go")
def let_go(payment_id: int, intent_key: str = "", checkout_key: str = "") -> None:
    acts.let_go(payment_id, intent_key, checkout_key)


@task("payments.handle_message")
def handle_message(message_id: int) -> None:
    acts.handle_message(message_id)


@task("payments.fetch_missed", every="*/10 * * * *")
def fetch_missed() -> None:
    acts.fetch_missed()


@task("payments.count_silence")
def count_silence(collaboration_id: int) -> None:
    with db.transaction() as session:
        buying.locked(session, collaboration_id)
        payments.count_silence(session, collaboration_id, now=db.now(session))


@task("payments.sweep", every="* * * * *")
def sweep() -> None:
    """Ask again for whatever is due: a job that ran already finds nothing to do."""
    with db.transaction() as session:
        payments.sweep(session, now=db.now(session))

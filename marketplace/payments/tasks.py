"""Background work of payments and of the collecting window."""

from marketplace import db
from marketplace.jobs import task
from marketplace.payments import acts
from services import buying, payments, queue
from services.buying import collecting, expiring


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
        now = db.now(session)
        payments.sweep(session, now=now)
        for group_buy_id in collecting.due_to_finish(session, now=now):
            queue.defer(session, "buying.finish_collecting", group_buy_id=group_buy_id)


@task("buying.finish_collecting")
def finish_collecting(group_buy_id: int) -> None:
    """End the collecting; once the window is over, no hosted page outlives it."""
    with db.transaction() as session:
        pages = collecting.unpaid_pages(session, group_buy_id, now=db.now(session))
    for checkout_key in pages:
        acts.end_page(checkout_key)
    with db.transaction() as session:
        collecting.finish_collecting(session, group_buy_id, now=db.now(session))

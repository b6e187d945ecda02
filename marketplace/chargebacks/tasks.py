"""Background work of chargebacks."""

from marketplace import db
from marketplace.chargebacks import acts
from marketplace.jobs import task
from services import chargebacks, queue


@task("chargebacks.send_answer")
def send_answer(chargeback_id: int) -> None:
    acts.send_answer(chargeback_id)


@task("chargebacks.sweep", every="*/10 * * * *")
def sweep() -> None:
    """Ask again for answers that were given and never reached the bank."""
    with db.transaction() as session:
        unsent = [{"chargeback_id": one} for one in chargebacks.unsent(session)]
        queue.defer_many(session, "chargebacks.send_answer", unsent)

"""Background work of chargebacks."""

from marketplace import db
from marketplace.jobs import task
from marketplace.payments.gateway import gateway
from services import chargebacks, queue


@task("chargebacks.send_answer")
def send_answer(chargeback_id: int) -> None:
    """Tell the bank, and take in what it says to that."""
    with db.transaction() as session:
        call = chargebacks.begin_answer(session, chargeback_id)
    if call is None:
        return
    chargebacks.send_answer(gateway(), call)
    told = chargebacks.read(gateway(), call.chargeback_key)
    if told is not None:
        with db.transaction() as session:
            chargebacks.take_in(session, told, now=db.now(session))


@task("chargebacks.sweep", every="*/10 * * * *")
def sweep() -> None:
    """Ask again for answers that were given and never reached the bank."""
    with db.transaction() as session:
        unsent = [{"chargeback_id": one} for one in chargebacks.unsent(session)]
        queue.defer_many(session, "chargebacks.send_answer", unsent)

"""Background work of payouts."""

from marketplace import db
from marketplace.jobs import task
from marketplace.payouts import acts
from services import payouts


@task("payouts.remit")
def remit(remittance_id: int) -> None:
    acts.remit(remittance_id)


@task("payouts.reverse")
def reverse(taking_back_id: int) -> None:
    acts.reverse(taking_back_id)


@task("payouts.sweep", every="* * * * *")
def sweep() -> None:
    """Ask again for whatever is due: a job that ran already finds nothing to do."""
    with db.transaction() as session:
        payouts.sweep(session, now=db.now(session))


@task("payouts.look_after", every="23 * * * *")
def look_after() -> None:
    acts.look_after()

"""Issuing documents, and the sweep that finds any whose job was lost."""

from marketplace import db
from marketplace.jobs import task
from services import invoices, queue


@task("invoices.issue")
def issue(group_buy_id: int, after: int = 0) -> None:
    """Write the documents of a batch of orders; a batch that was written is found so."""
    with db.transaction() as session:
        invoices.issue(session, group_buy_id, after=after, now=db.now(session))


@task("invoices.correct")
def correct(commitment_id: int) -> None:
    """Write what is missing for one order, by itself."""
    with db.transaction() as session:
        invoices.correct(session, commitment_id, now=db.now(session))


@task("invoices.sweep", every="23 * * * *")
def sweep() -> None:
    """Ask again where documents do not say what is owed: a job that ran already does nothing."""
    with db.transaction() as session:
        found = invoices.unwritten(session)
        queue.defer_many(session, "invoices.issue", [{"group_buy_id": one} for one in found])

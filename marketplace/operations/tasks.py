"""Work that recurs: checking the books and clearing away what has ended."""

import structlog

from marketplace import db
from marketplace.jobs import task
from marketplace.operations import reconciling
from services import operations

log = structlog.get_logger()


@task("ledger.verify", every="*/10 * * * *")
def verify_ledger() -> None:
    """Check the books and keep the result for the operator."""
    with db.transaction() as session:
        check = operations.check_books(session, now=db.now(session))
    if not check.is_sound:
        log.error("ledger", findings=len(check.findings), first=check.findings[0])


@task("operations.clean", every="17 3 * * *")
def clean() -> None:
    """Forget what nobody needs any more, at night."""
    with db.transaction() as session:
        operations.clean(session, now=db.now(session))


@task("reconciliation.compare", every="7 * * * *")
def compare_with_gateway() -> None:
    """Hold the books against the gateway's own list of what moved."""
    reconciling.compare()

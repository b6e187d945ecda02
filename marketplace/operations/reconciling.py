"""Reconciling with the gateway: its list is read between transactions, and compared in one."""

from marketplace import db
from marketplace.payments.gateway import gateway
from services import reconciliation

# So many lists of lines are read at once; the next time goes on from there.
MOST_READ = 200
FULL_LIST = 100


def compare() -> None:
    """Read what is new at the gateway and hold it against the books."""
    with db.transaction() as session:
        after = reconciliation.newest_line(session)
        now = db.now(session)
    for _ in range(MOST_READ):
        seen = reconciliation.read_lines(gateway(), after, now=now)
        with db.transaction() as session:
            reconciliation.keep_lines(session, seen)
        if len(seen) < FULL_LIST:
            break
        after = seen[-1].id
    held = gateway().read_balance()
    with db.transaction() as session:
        reconciliation.compare(session, held, now=db.now(session))

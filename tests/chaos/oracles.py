"""What was lost, or done twice: counted from the database, the ledger and the bank's own books."""

from collections import Counter
from collections.abc import Iterator

from models.payments import PaymentState, RefundState
from services import ledger
from tests.chaos.instance import Instance

TAKEN = "succeeded"
HELD = "requires_capture"


def everything(instance: Instance) -> list[str]:
    """Each thing that is lost, doubled or half done in an instance that has settled down."""
    return [
        *books(instance),
        *charges(instance),
        *refunds(instance),
        *money(instance),
        *accounts(instance),
        *jobs(instance),
    ]


def books(instance: Instance) -> list[str]:
    with instance.transaction() as session:
        return ledger.verify(session)


def charges(instance: Instance) -> Iterator[str]:
    """Who paid was charged once, and who did not was not; nothing that is over is still held."""
    intents = instance.at_the_bank("payment_intent")
    taken = Counter(one["metadata"].get("payment") for one in intents if one["status"] == TAKEN)
    held = Counter(one["metadata"].get("payment") for one in intents if one["status"] == HELD)
    # What nobody owed when it was found went back whole, and does not count.
    rows = instance.execute(
        "SELECT p.id, p.state, count(r.id) FROM payments p LEFT JOIN refunds r"
        " ON r.payment_id = p.id AND r.key LIKE :stray"
        " WHERE p.instrument IN ('saved_card', 'held_on_card') GROUP BY p.id ORDER BY p.id",
        stray="intent:%:stray",
    )
    for payment_id, state, strays in rows:
        expected = strays + (1 if state == PaymentState.PAID else 0)
        if taken[str(payment_id)] != expected:
            yield f"payment {payment_id} is {state} and was charged {taken[str(payment_id)]} times"
        if held[str(payment_id)] > (state == PaymentState.READY):
            yield f"payment {payment_id} is {state} and is held {held[str(payment_id)]} times"
        if state == PaymentState.CHARGING:
            yield f"payment {payment_id} is still being charged"
    known = {str(row[0]) for row in rows}
    yield from (f"a charge for payment {one}, which is not ours" for one in set(taken) - known)


def refunds(instance: Instance) -> Iterator[str]:
    """What was to go back went back, once."""
    made = Counter(
        one["metadata"].get("refund")
        for one in instance.at_the_bank("refund")
        if one["status"] == TAKEN
    )
    rows = instance.execute("SELECT id, state FROM refunds WHERE intent_key <> '' ORDER BY id")
    for refund_id, state in rows:
        expected = 1 if state == RefundState.SUCCEEDED else 0
        if made[str(refund_id)] != expected:
            yield f"refund {refund_id} is {state} and was made {made[str(refund_id)]} times"
        if state != RefundState.SUCCEEDED:
            yield f"refund {refund_id} is still {state}"


def money(instance: Instance) -> Iterator[str]:
    """What the bank took, less what it gave back, is what the books say came through it."""
    taken = {
        one["id"]: one["amount_received"]
        for one in instance.at_the_bank("payment_intent")
        if one["status"] == TAKEN
    }
    # A hold that is let go is a refund to the bank, too, though nothing was taken.
    given_back = sum(
        one["amount"]
        for one in instance.at_the_bank("refund")
        if one["status"] == TAKEN and one["payment_intent"] in taken
    )
    kept = sum(taken.values()) - given_back
    booked = -instance.value(
        "SELECT coalesce(sum(balance_minor), 0) FROM accounts WHERE purpose = 'gateway'"
    )
    if kept != booked:
        yield f"the bank holds {kept}, the books say {booked}"


def accounts(instance: Instance) -> Iterator[str]:
    """Whoever is through with all their payments owes nothing, and nothing is owed to them."""
    rows = instance.execute(
        "SELECT a.owner_id, a.balance_minor FROM accounts a"
        " JOIN payments p ON p.participant_id = a.owner_id"
        " WHERE a.purpose = 'own' AND a.balance_minor <> 0 GROUP BY a.owner_id, a.balance_minor"
        " HAVING bool_and(p.state IN ('paid', 'released')) ORDER BY a.owner_id"
    )
    for owner_id, balance_minor in rows:
        yield f"participant {owner_id} is through, and their account holds {balance_minor}"


def jobs(instance: Instance) -> Iterator[str]:
    """No job was given up, and none is still said to be done by somebody."""
    rows = instance.execute(
        "SELECT id, task_name, status::text FROM procrastinate_jobs"
        " WHERE status IN ('failed', 'doing', 'aborted') ORDER BY id"
    )
    for job_id, task, status in rows:
        yield f"job {job_id} ({task}) is {status}"


def decisions(instance: Instance) -> Iterator[str]:
    """Each group buy whose time has come was decided exactly once."""
    rows = instance.execute(
        "SELECT c.id, c.state, count(e.id) FROM collaborations c"
        " JOIN group_buys g ON g.id = c.id"
        " LEFT JOIN events e ON e.collaboration_id = c.id"
        "  AND e.kind IN ('GroupBuyDecided', 'GroupBuyFailed')"
        " WHERE c.state NOT IN ('draft', 'open') GROUP BY c.id, c.state ORDER BY c.id"
    )
    for deal_id, state, count in rows:
        if count != 1:
            yield f"group buy {deal_id} is {state} and was decided {count} times"

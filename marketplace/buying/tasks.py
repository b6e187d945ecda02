"""Deadlines of group buys, and the sweep that finds any whose job was lost."""

from marketplace import db
from marketplace.jobs import task
from marketplace.payments import acts
from services import buying, queue
from services.buying import collecting, expiring


@task("buying.begin")
def begin(group_buy_id: int) -> None:
    with db.transaction() as session:
        buying.locked(session, group_buy_id)
        buying.begin(session, group_buy_id, now=db.now(session))


@task("buying.close")
def close(group_buy_id: int) -> None:
    """Decide; a card that was given on a page, of which nobody told us yet, counts."""
    with db.transaction() as session:
        pages = expiring.open_pages(session, group_buy_id, now=db.now(session))
    for checkout_key in pages:
        acts.end_page(checkout_key)
    with db.transaction() as session:
        buying.locked(session, group_buy_id)
        buying.close(session, group_buy_id, now=db.now(session))


@task("buying.sweep", every="* * * * *")
def sweep() -> None:
    """Ask again for every deadline that has come: a job that ran already does nothing."""
    with db.transaction() as session:
        now = db.now(session)
        due = {
            "buying.begin": buying.due_to_begin(session, now=now),
            "buying.close": buying.due_to_close(session, now=now),
            "buying.end_pause": buying.paused_too_long(session, now=now),
            "buying.finish_collecting": collecting.due_to_finish(session, now=now),
        }
        for name, found in due.items():
            queue.defer_many(session, name, [{"group_buy_id": one} for one in found])


@task("buying.end_pause")
def end_pause(group_buy_id: int) -> None:
    with db.transaction() as session:
        buying.locked(session, group_buy_id)
        buying.end_pause(session, group_buy_id, now=db.now(session))


@task("buying.finish_collecting")
def finish_collecting(group_buy_id: int) -> None:
    """End the collecting; once the window is over, no hosted page outlives it."""
    with db.transaction() as session:
        pages = collecting.unpaid_pages(session, group_buy_id, now=db.now(session))
    for checkout_key in pages:
        acts.end_page(checkout_key)
    with db.transaction() as session:
        collecting.finish_collecting(session, group_buy_id, now=db.now(session))

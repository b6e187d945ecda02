"""Deadlines of group buys, and the sweep that finds any whose job was lost."""

from marketplace import db
from marketplace.jobs import task
from services import buying, queue


@task("buying.begin")
def begin(group_buy_id: int) -> None:
    with db.transaction() as session:
        buying.locked(session, group_buy_id)
        buying.begin(session, group_buy_id, now=db.now(session))


@task("buying.close")
def close(group_buy_id: int) -> None:
    with db.transaction() as session:
        buying.locked(session, group_buy_id)
        buying.close(session, group_buy_id, now=db.now(session))


@task("buying.sweep", every="* * * * *")
def sweep() -> None:
    """Ask again for every opening and close that is due: a job that ran already does nothing."""
    with db.transaction() as session:
        now = db.now(session)
        for group_buy_id in buying.due_to_begin(session, now=now):
            queue.defer(session, "buying.begin", group_buy_id=group_buy_id)
        for group_buy_id in buying.due_to_close(session, now=now):
            queue.defer(session, "buying.close", group_buy_id=group_buy_id)
        for group_buy_id in buying.paused_too_long(session, now=db.now(session)):
            queue.defer(session, "buying.end_pause", group_buy_id=group_buy_id)


@task("buying.end_pause")
def end_pause(group_buy_id: int) -> None:
    with db.transaction() as session:
        buying.locked(session, group_buy_id)
        buying.end_pause(session, group_buy_id, now=db.now(session))

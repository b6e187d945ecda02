"""The next rounds of series, and the sweep that finds any whose job was lost."""

from marketplace import db
from marketplace.jobs import task
from models.errors import Refused
from services import queue, series
from services.series import following


@task("series.advance")
def advance(series_id: int) -> None:
    """Make the next round, or none of it and say why."""
    try:
        with db.transaction() as session:
            series.locked(session, series_id)
            series.advance(session, series_id, now=db.now(session))
    except Refused as refusal:
        with db.transaction() as session:
            series.locked(session, series_id)
            series.hold_up(session, series_id, refusal, now=db.now(session))


@task("series.sweep", every="* * * * *")
def sweep() -> None:
    """Ask again for every round that is due: a job that ran already finds nothing to do."""
    with db.transaction() as session:
        found = series.due(session, now=db.now(session))
        queue.defer_many(session, "series.advance", [{"series_id": one} for one in found])


@task("series.tell_more")
def tell_more(event_id: int, after: int) -> None:
    """Tell the next batch of those who follow."""
    with db.transaction() as session:
        following.tell_more(session, event_id, after, now=db.now(session))

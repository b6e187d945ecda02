"""Circles end on the day that was set; once a week their members read what happened."""

from datetime import datetime

from marketplace import db
from marketplace.jobs import task
from services import circles


@task("circles.end_due", every="*/10 * * * *")
def end_due() -> None:
    """End every circle whose day has come; again, it finds none."""
    with db.transaction() as session:
        circles.end_due(session, now=db.now(session))


@task("circles.begin_digests", every="0 6 * * 1")
def begin_digests() -> None:
    """Write the mails of the week that ends now."""
    with db.transaction() as session:
        now = db.now(session)
        circles.write_digests(session, until=now, now=now)


@task("circles.write_digests")
def write_digests(until: str, after: int) -> None:
    """Go on where a batch ended."""
    with db.transaction() as session:
        week = datetime.fromisoformat(until)
        circles.write_digests(session, until=week, now=db.now(session), after=after)

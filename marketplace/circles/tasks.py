"""Circles end on the day that was set."""

from marketplace import db
from marketplace.jobs import task
from services import circles


@task("circles.end_due", every="*/10 * * * *")
def end_due() -> None:
    """End every circle whose day has come; again, it finds none."""
    with db.transaction() as session:
        circles.end_due(session, now=db.now(session))

"""Telling those who follow a thread, and the members of a circle, batch after batch."""

from typing import Any

from marketplace import db
from marketplace.jobs import task
from services.dialogue import following
from services.reactions import circle_audience


@task("dialogue.tell_more")
def tell_more(event_id: int, telling: dict[str, Any], told: list[int], after: int) -> None:
    """Tell the next batch of those who follow."""
    with db.transaction() as session:
        following.tell_more(session, event_id, telling, told, after, now=db.now(session))


@task("circles.tell_more")
def tell_more_members(
    event_id: int,
    circle_id: int,
    telling: dict[str, Any],
    after: int,
    muted_too: bool = True,
) -> None:
    """Tell the next batch of those who belong to a circle."""
    with db.transaction() as session:
        now = db.now(session)
        circle_audience.tell_more(
            session, event_id, circle_id, telling, after, muted_too=muted_too, now=now
        )

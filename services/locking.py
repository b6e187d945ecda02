"""Locks on what is not one row: a group buy lies in two tables, what is to come in none."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.buying import GroupBuy

# A row that was waited for is read anew in the tables that are named, and in no other: with one
# of the two alone, what the act before changed in the other would be decided on as it was.
WHOLE_ROW = (GroupBuy.__mapper__.base_mapper.local_table, GroupBuy.__table__)


def reserve(session: Session, name: str) -> None:
    """Let nobody else take `name` until the end of this transaction; whoever wants it waits.

    What does not exist has no row to lock, and a unique index would only break the second act.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))

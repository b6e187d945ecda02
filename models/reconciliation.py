"""Reconciliation: what the gateway says it holds is compared with the books, line by line."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models import columns
from models.base import Json, Model, Numbered


class BalanceLine(Numbered, Model):
    """One movement on the instance's balance at the gateway, as the gateway tells it.

    `subject` names what moved in the words of our own books: their keys begin with it. Lines
    and bookings of one subject come to the same sum, or something is wrong.
    """

    __tablename__ = "balance_lines"
    __table_args__ = (
        Index(None, "subject"),
        Index("ix_balance_lines_unmatched", "id", postgresql_where=text("NOT is_matched")),
    )

    line_key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    subject: Mapped[str]
    currency: Mapped[str]
    amount_minor: Mapped[int] = columns.minor()
    fee_minor: Mapped[int] = columns.minor()
    is_matched: Mapped[bool] = mapped_column(default=False)
    happened_at: Mapped[datetime]


class Difference(Numbered, Model):
    """A subject on which gateway and books do not agree, from when it was seen until it is gone."""

    __tablename__ = "differences"
    __table_args__ = (
        Index("ix_differences_open", "id", postgresql_where=text("resolved_at IS NULL")),
        CheckConstraint("(noted_at IS NULL) = (note = '')", name="note_has_a_moment"),
    )

    subject: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    currency: Mapped[str]
    at_gateway_minor: Mapped[int] = columns.minor()
    in_books_minor: Mapped[int] = columns.minor()
    seen_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    # What the operator found out about it: it stays a difference, and is no longer new.
    note: Mapped[str] = mapped_column(default="")
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    noted_at: Mapped[datetime | None]


class Reconciliation(Numbered, Model):
    """One comparison: how far it went, and the sums it came to."""

    __tablename__ = "reconciliations"

    done_at: Mapped[datetime]
    # The newest line and the newest transfer that were looked at; the next one goes on from there.
    line_id: Mapped[int] = mapped_column(BigInteger)
    transfer_id: Mapped[int] = mapped_column(BigInteger)
    # For each currency: what the gateway says it holds for us, and what the books say, minor units.
    sums: Mapped[Json]

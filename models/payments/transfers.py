"""Transfers: to which account a deal's members pay, and which lines of its statements are used."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models import columns
from models.base import Model, Numbered


class BankAccount(Numbered, Model):
    """Where the members of a deal transfer what they owe.

    It is never changed: another one follows it, so that it stays known who was told what when.
    """

    __tablename__ = "bank_accounts"
    __table_args__ = (
        Index(None, "collaboration_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        CheckConstraint("due_days BETWEEN 1 AND 60", name="due_days_are_few"),
    )

    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"))
    holder: Mapped[str]
    iban: Mapped[str]
    bic: Mapped[str] = mapped_column(default="")
    # How many days members have for the transfer once it is decided and collected.
    due_days: Mapped[int] = mapped_column(default=7)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class BankLine(Numbered, Model):
    """A line of a payee's bank statement that was booked: once, and known by its digest alone."""

    __tablename__ = "bank_lines"
    __table_args__ = (
        UniqueConstraint("payee_id", "digest"),
        Index(None, "payment_id"),
        CheckConstraint("amount_minor > 0", name="amount_is_positive"),
    )

    payee_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    digest: Mapped[str]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    amount_minor: Mapped[int] = columns.minor()
    booked_on: Mapped[date]
    kept_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    kept_at: Mapped[datetime]

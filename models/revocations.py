"""Revocations: a consumer withdraws from a contract with a trader (Directive 2011/83 Art. 9-16).

Not to be taken for leaving a group buy before its close: a revocation ends a contract that binds.
"""

from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models import columns
from models.base import Model, Numbered
from models.errors import Conflict, NotAllowed
from models.words import N_

# From the day after the goods were taken (Art. 9), and from the declaration (Art. 13).
PERIOD = timedelta(days=14)
REFUND_LIMIT = timedelta(days=14)


class Revocability(StrEnum):
    """Whether a consumer can withdraw from the contract on an article, or by which law not."""

    RIGHT = "right"
    PERISHABLE = "perishable"
    TO_SPECIFICATION = "to_specification"
    # Only until the seal is broken, which nobody here can see: the right is there.
    SEALED = "sealed"

    @property
    def is_excepted(self) -> bool:
        return self in (Revocability.PERISHABLE, Revocability.TO_SPECIFICATION)


class NotRevocable(NotAllowed):
    code = "not-revocable"
    message = N_("There is no right to withdraw from this contract, or its time is over.")


class RevokedAlready(Conflict):
    code = "revoked-already"
    message = N_("You have withdrawn from this contract already.")


class NothingToRefund(Conflict):
    code = "nothing-to-refund"
    message = N_("This withdrawal is settled already.")


class Revocation(Numbered, Model):
    """One declaration, for all or some articles of a commitment, and what was given back for it."""

    __tablename__ = "revocations"
    __table_args__ = (
        CheckConstraint(
            "(refunded_at IS NULL) = (refund_minor IS NULL)", name="refunded_has_an_amount"
        ),
        CheckConstraint("refund_minor >= 0", name="refund_is_positive"),
    )

    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitments.id"), unique=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    name: Mapped[str]
    contact: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    article_ids: Mapped[list[int]] = mapped_column(JSONB)
    declared_at: Mapped[datetime]
    refund_minor: Mapped[int | None] = columns.minor()
    refunded_at: Mapped[datetime | None]

    @property
    def refund_until_at(self) -> datetime:
        return self.declared_at + REFUND_LIMIT


def last_moment(taken_at: datetime, time_zone: str) -> datetime:
    """When the period is over: the end of the fourteenth day after the goods were taken."""
    zone = ZoneInfo(time_zone)
    day = taken_at.astimezone(zone).date() + PERIOD + timedelta(days=1)
    return datetime.combine(day, time(0), zone)

"""Who is paid, and what the instance keeps of it."""

from datetime import datetime

from sqlalchemy import ARRAY, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, Numbered
from models.payout_terms import DeclaresPayoutTerms, bounded_payout_terms


class FeeSchedule(DeclaresPayoutTerms, Numbered, Model):
    """What the instance keeps of card payments, for the deals that open from some moment on."""

    __tablename__ = "fee_schedules"
    __table_args__ = (bounded_payout_terms(),)

    # Sellers read of it as soon as it is made.
    holds_from_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    made_at: Mapped[datetime]


class ConnectedAccount(Numbered, Model):
    """A participant's account at the gateway, to which what they are owed is sent.

    Who they are and to which bank it goes, they tell the gateway alone; here stands only whether
    it is enough, and what is missing in the gateway's own words.
    """

    __tablename__ = "connected_accounts"
    __table_args__ = (Index(None, "checked_at"),)

    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), unique=True)
    account_key: Mapped[str] = mapped_column(unique=True)
    country: Mapped[str]
    can_receive: Mapped[bool] = mapped_column(default=False)
    can_pay_out: Mapped[bool] = mapped_column(default=False)
    is_submitted: Mapped[bool] = mapped_column(default=False)
    needed: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    needed_by_at: Mapped[datetime | None]
    disabled_reason: Mapped[str] = mapped_column(default="")
    bank_last4: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    checked_at: Mapped[datetime]

    @property
    def is_ready(self) -> bool:
        """Whether money can go there and from there to a bank, and nothing is asked for."""
        return self.can_receive and self.can_pay_out and not self.needed

"""Remittances: what of a charge is sent on to whoever is owed it, and taken back of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Model, Numbered
from models.lifecycle import Lifecycle
from models.payments import Payment
from models.payouts.states import (
    REMITTANCE_MOVES,
    TAKING_BACK_MOVES,
    RemittanceState,
    TakingBackState,
)


class Remittance(Lifecycle, Numbered, Model):
    """What of one charge goes to one participant: once, and less what is taken off it before.

    What a card did not take back and an organiser handed back instead goes to them, for its refund.

    `lowered_minor` went back to the payer before it was sent; `set_off_minor` pays what they had
    to give back of earlier ones. What is left is sent.
    """

    MOVES = REMITTANCE_MOVES

    __tablename__ = "remittances"
    __table_args__ = (
        Index(
            "uq_remittances_part",
            "payment_id",
            "is_share",
            "is_reserve",
            unique=True,
            postgresql_where=text("refund_id IS NULL"),
        ),
        CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        CheckConstraint("lowered_minor >= 0 AND set_off_minor >= 0", name="parts_are_positive"),
        CheckConstraint(
            "lowered_minor + set_off_minor <= amount_minor", name="parts_are_within_the_amount"
        ),
        CheckConstraint("fee_minor >= 0", name="fee_is_positive"),
        CheckConstraint(
            "fee_returned_minor >= 0 AND fee_returned_minor <= fee_minor", name="fee_is_bounded"
        ),
        CheckConstraint("(state = 'done') = (transfer_key <> '')", name="done_has_a_transfer"),
        Index(None, "participant_id", "collaboration_id"),
        Index(
            "ix_remittances_open",
            "due_at",
            postgresql_where=text("state IN ('waiting', 'sent')"),
        ),
    )

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"), index=True)
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id"), unique=True)
    # The organiser's share, where another sells; and what is sent later than the rest.
    is_share: Mapped[bool]
    is_reserve: Mapped[bool]
    currency: Mapped[str] = columns.currency()
    amount_minor: Mapped[int] = columns.minor()
    lowered_minor: Mapped[int] = columns.minor(default=0)
    set_off_minor: Mapped[int] = columns.minor(default=0)
    # What the instance kept of this charge, and gave back of that since.
    fee_minor: Mapped[int] = columns.minor(default=0)
    fee_returned_minor: Mapped[int] = columns.minor(default=0)
    state: Mapped[RemittanceState] = columns.choice(
        RemittanceState, default=RemittanceState.WAITING
    )
    # Each try has a key of its own, and a sum that stays: the key is asked again with the same.
    tries_count: Mapped[int] = mapped_column(default=1)
    sent_minor: Mapped[int] = columns.minor(default=0)
    # Where this try goes, and what the gateway said of the one before.
    account_key: Mapped[str] = mapped_column(default="")
    refusal: Mapped[str] = mapped_column(default="")
    transfer_key: Mapped[str] = mapped_column(default="")
    wanted_at: Mapped[datetime]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]

    payment: Mapped[Payment] = relationship()
    taken_back: Mapped[list["TakingBack"]] = relationship(
        back_populates="remittance", order_by="TakingBack.id"
    )

    @hybrid_property
    def to_send_minor(self) -> int:
        return self.amount_minor - self.lowered_minor - self.set_off_minor

    @property
    def left_minor(self) -> int:
        """What of it the participant still has, or is to have."""
        return (
            self.amount_minor
            - self.lowered_minor
            - sum(one.amount_minor for one in self.taken_back)
        )

    def send(self, account_key: str, now: datetime) -> None:
        self._move(RemittanceState.SENT)
        self.sent_minor, self.sent_at, self.account_key = self.to_send_minor, now, account_key

    def lower(self, amount_minor: int) -> None:
        """So much goes back to the payer before it was sent."""
        self.lowered_minor += amount_minor
        if not self.to_send_minor:
            self.end()

    def end(self) -> None:
        """Nothing of it is left to be sent."""
        self._move(RemittanceState.VOID)

    def arrive(self, transfer_key: str, now: datetime) -> None:
        self._move(RemittanceState.DONE)
        self.transfer_key, self.done_at, self.refusal = transfer_key, now, ""

    def wait_again(self, refusal: str) -> None:
        """The gateway did not send it; the next try is another one."""
        self._move(RemittanceState.WAITING)
        self.tries_count += 1
        self.refusal, self.sent_at, self.sent_minor = refusal, None, 0


class TakingBack(Lifecycle, Numbered, Model):
    """What is to come back of a remittance, because its payer was given their money back."""

    MOVES = TAKING_BACK_MOVES

    __tablename__ = "takings_back"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        CheckConstraint(
            "set_off_minor >= 0 AND set_off_minor <= amount_minor", name="set_off_is_bounded"
        ),
        Index(None, "remittance_id"),
        Index(
            "ix_takings_back_open",
            "participant_id",
            "id",
            postgresql_where=text("state IN ('wanted', 'sent')"),
        ),
    )

    remittance_id: Mapped[int] = mapped_column(ForeignKey("remittances.id"))
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    key: Mapped[str]
    reason: Mapped[str]
    amount_minor: Mapped[int] = columns.minor()
    set_off_minor: Mapped[int] = columns.minor(default=0)
    state: Mapped[TakingBackState] = columns.choice(TakingBackState, default=TakingBackState.WANTED)
    tries_count: Mapped[int] = mapped_column(default=1)
    sent_minor: Mapped[int] = columns.minor(default=0)
    refusal: Mapped[str] = mapped_column(default="")
    reversal_key: Mapped[str] = mapped_column(default="")
    wanted_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]

    remittance: Mapped[Remittance] = relationship(back_populates="taken_back")

    @property
    def owed_minor(self) -> int:
        return self.left_minor if self.state != TakingBackState.DONE else 0

    @hybrid_property
    def left_minor(self) -> int:
        """What of it was not kept back of later money."""
        return self.amount_minor - self.set_off_minor

    @hybrid_property
    def is_debt(self) -> bool:
        """Whether it was asked for, and their account at the gateway did not hold it."""
        return (self.state != TakingBackState.DONE) & (self.refusal != "")

    def send(self, now: datetime) -> None:
        self._move(TakingBackState.SENT)
        self.sent_minor, self.sent_at = self.owed_minor, now

    def set_off(self, amount_minor: int, now: datetime) -> None:
        """So much of it is kept back of money that is about to be sent."""
        self.set_off_minor += amount_minor
        if self.set_off_minor == self.amount_minor:
            self._move(TakingBackState.DONE)
            self.done_at = now

    def arrive(self, reversal_key: str, now: datetime) -> None:
        self._move(TakingBackState.DONE)
        self.reversal_key, self.done_at = reversal_key, now

    def want_again(self, refusal: str) -> None:
        """The account at the gateway did not hold it: it is asked for again, or set off."""
        self._move(TakingBackState.WANTED)
        self.tries_count += 1
        self.refusal, self.sent_at, self.sent_minor = refusal, None, 0

"""Chargebacks: a payer's bank takes a charge back, and the bank alone decides who was right.

Stripe calls them disputes; here that word is the moderators'.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Exists,
    ForeignKey,
    Index,
    SQLColumnExpression,
    exists,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Model, Numbered
from models.errors import Conflict, NotAllowed
from models.lifecycle import Lifecycle
from models.payments import Payment
from models.words import N_


class ChargebackState(StrEnum):
    """An inquiry moves no money; a chargeback is open until the bank has decided."""

    INQUIRY = "inquiry"
    INQUIRY_ANSWERED = "inquiry_answered"
    OPEN = "open"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"


# News comes in any order, so a later state is reached from each one before it; none is left again.
CHARGEBACK_MOVES: Mapping[ChargebackState, frozenset[ChargebackState]] = {
    ChargebackState.INQUIRY: frozenset(set(ChargebackState) - {ChargebackState.INQUIRY}),
    # The bank was not convinced and takes the money: that can be answered anew.
    ChargebackState.INQUIRY_ANSWERED: frozenset(
        set(ChargebackState) - {ChargebackState.INQUIRY, ChargebackState.INQUIRY_ANSWERED}
    ),
    ChargebackState.OPEN: frozenset(
        {ChargebackState.UNDER_REVIEW, ChargebackState.WON, ChargebackState.LOST}
    ),
    ChargebackState.UNDER_REVIEW: frozenset({ChargebackState.WON, ChargebackState.LOST}),
    ChargebackState.WON: frozenset(),
    ChargebackState.LOST: frozenset(),
    ChargebackState.CLOSED: frozenset(),
}


class OwnCharge(NotAllowed):
    code = "own-charge"
    message = N_(
        "You paid this yourself, or somebody you act for did. Another one who sells or organises "
        "has to answer."
    )


class ChargebackNotOpen(Conflict):
    code = "chargeback-not-open"
    message = N_("The bank no longer takes an answer to this.")


class Chargeback(Lifecycle, Numbered, Model):
    """One charge that its payer's bank questions or has taken back."""

    MOVES = CHARGEBACK_MOVES
    ANSWERABLE = (ChargebackState.INQUIRY, ChargebackState.OPEN)
    # While the bank has the money; an inquiry is ended by giving it back.
    TAKEN = (ChargebackState.OPEN, ChargebackState.UNDER_REVIEW)
    PENDING = (ChargebackState.INQUIRY, ChargebackState.INQUIRY_ANSWERED, *TAKEN)

    __tablename__ = "chargebacks"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        CheckConstraint(
            "withdrawn_minor >= 0 AND borne_minor >= 0 AND borne_minor <= amount_minor",
            name="sums_are_bounded",
        ),
        Index(
            "ix_chargebacks_pending",
            "payment_id",
            postgresql_where=text(
                "state IN ('inquiry', 'inquiry_answered', 'open', 'under_review')"
            ),
        ),
        Index(None, "payment_id"),
        Index(None, "intent_key"),
    )

    key: Mapped[str] = mapped_column(unique=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    intent_key: Mapped[str]
    currency: Mapped[str] = columns.currency()
    amount_minor: Mapped[int] = columns.minor()
    # What the bank has taken and not given back, as far as it is booked.
    withdrawn_minor: Mapped[int] = columns.minor(default=0)
    # What was given up for good when it was lost: less than all where some had gone back before.
    borne_minor: Mapped[int] = columns.minor(default=0)
    reason: Mapped[str]
    state: Mapped[ChargebackState] = columns.choice(ChargebackState)
    answer: Mapped[str] = mapped_column(default="")
    answer_until_at: Mapped[datetime | None]
    # Whether nothing was said against it: then it is lost.
    is_accepted: Mapped[bool] = mapped_column(default=False)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    answered_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    payment: Mapped[Payment] = relationship()

    @classmethod
    def pending_on(cls, payment_id: SQLColumnExpression[int]) -> Exists:
        """Whether any bank questions this charge and has not decided."""
        return exists().where(cls.payment_id == payment_id, cls.state.in_(cls.PENDING))

    @property
    def is_pending(self) -> bool:
        return self.state in self.PENDING

    def can_be_answered(self, now: datetime) -> bool:
        is_in_time = self.answer_until_at is None or now < self.answer_until_at
        return self.state in self.ANSWERABLE and self.answered_at is None and is_in_time

    @property
    def is_inquiry(self) -> bool:
        return self.state in (ChargebackState.INQUIRY, ChargebackState.INQUIRY_ANSWERED)

    def can_be_accepted(self, now: datetime) -> bool:
        """Whether the payer can be let keep the money; an inquiry has not taken any."""
        return self.state == ChargebackState.OPEN and self.can_be_answered(now)

    def move_on(self, state: ChargebackState, now: datetime) -> bool:
        """Go where the bank says it stands; news that is older than what is known says nothing."""
        if state == self.state or not self.can_move(state):
            return False
        if self.is_inquiry and state == ChargebackState.OPEN:
            self.take_answer_back()
        self._move(state)
        if not self.is_pending:
            self.closed_at = now
        return True

    def keep_answer(self, words: str, *, by_id: int, now: datetime) -> None:
        """What is told the bank, or, without words, that nothing is; it can be told once."""
        if not (self.can_be_answered(now) if words else self.can_be_accepted(now)):
            raise ChargebackNotOpen
        self.answer, self.is_accepted = words, not words
        self.answered_by_id, self.answered_at = by_id, now

    def take_answer_back(self) -> None:
        """It was for another question, or the gateway did not take it: it can be answered anew."""
        self.answer, self.is_accepted = "", False
        self.answered_by_id = self.answered_at = None

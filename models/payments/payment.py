"""The payment: the money for one commitment, from the promise to the last cent."""

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Model, Numbered
from models.collaborations import Commitment
from models.lifecycle import NotInThisState
from models.payments.backing import Backed
from models.payments.states import (
    PAYMENT_MOVES,
    DeniedTwice,
    Instrument,
    PaymentNotDue,
    PaymentState,
)

# An unfinished checkout gives its units back after this time (Sharetribe's default).
CARD_LIMIT = timedelta(minutes=15)


class Payment(Backed, Numbered, Model):
    """The money for one commitment, from the promise to the last cent."""

    MOVES = PAYMENT_MOVES
    FROM_HAND_TO_HAND = (PaymentState.AT_PICKUP, PaymentState.CONFIRMED_BY_ONE)
    # What a charge that is asked for has not brought yet.
    UNPAID = (PaymentState.NEEDS_ACTION, PaymentState.DECLINED)
    UNDER_WAY = (PaymentState.AWAITING_CARD, PaymentState.READY, PaymentState.CHARGING)
    # So often the payer's word is answered with "it did not arrive"; then others have to look.
    MOST_DENIALS = 2

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount_minor >= 0", name="amount_is_positive"),
        CheckConstraint(
            "refunded_minor >= 0 AND refunded_minor <= amount_minor", name="refund_is_bounded"
        ),
        Index(None, "state", "next_try_at"),
        Index(None, "capture_before_at", postgresql_where=text("capture_before_at IS NOT NULL")),
        Index(None, "intent_key", unique=True, postgresql_where=text("intent_key <> ''")),
    )

    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitments.id"), unique=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), index=True)
    state: Mapped[PaymentState] = columns.choice(PaymentState)
    currency: Mapped[str] = columns.currency()
    # What is to be charged, or is said to have been handed over, and since it is paid, what was.
    amount_minor: Mapped[int] = columns.minor(default=0)
    refunded_minor: Mapped[int] = columns.minor(default=0)
    attempts_count: Mapped[int] = mapped_column(default=0)
    decline_code: Mapped[str] = mapped_column(default="")
    confirmed_by_payer_at: Mapped[datetime | None]
    confirmed_by_payee_at: Mapped[datetime | None]
    # How often the payer said that they have paid, and those who organise that it did not arrive.
    denials_count: Mapped[int] = mapped_column(default=0, server_default="0")
    paid_at: Mapped[datetime | None]
    made_at: Mapped[datetime]

    commitment: Mapped[Commitment] = relationship()

    @property
    def card_due_at(self) -> datetime:
        """Until when a card has to be given, while none is."""
        return self.next_try_at or self.made_at + CARD_LIMIT

    @property
    def is_received(self) -> bool:
        """Whether the money is there, or whoever takes it says that they have it."""
        return self.state == PaymentState.PAID or self.confirmed_by_payee_at is not None

    @property
    def is_denied(self) -> bool:
        """Whether the payer alone can no longer say that they have paid."""
        return self.denials_count >= self.MOST_DENIALS and self.state == PaymentState.AT_PICKUP

    def need_card(self) -> None:
        """It is decided, and no card was given in time: the member has to pay themself."""
        self._move(PaymentState.NEEDS_ACTION)
        self.next_try_at = None

    def charge(self, amount_minor: int) -> None:
        """Begin an attempt to take `amount_minor`."""
        self._move(PaymentState.CHARGING)
        self.amount_minor, self.next_try_at = amount_minor, None
        self.attempts_count += 1

    def charge_without_hold(self) -> None:
        """Begin another attempt at once: the bank no longer holds the amount."""
        if self.state != PaymentState.CHARGING:
            raise PaymentNotDue
        self.lose_hold()
        self.attempts_count += 1

    def need_action(self, intent_key: str = "") -> None:
        """The bank wants its cardholder, who has to confirm on a hosted page."""
        self._move(PaymentState.NEEDS_ACTION)
        self.intent_key = intent_key

    def decline(self, code: str, next_try_at: datetime | None) -> None:
        """The bank said no; the card is asked again at `next_try_at`, if at all."""
        self._move(PaymentState.DECLINED)
        self.decline_code, self.next_try_at = code, next_try_at

    def mark_paid(self, amount_minor: int, *, intent_key: str = "", now: datetime) -> None:
        """The money is there."""
        self._move(PaymentState.PAID)
        self.amount_minor, self.intent_key = amount_minor, intent_key
        self.paid_at, self.next_try_at = now, None

    def pay_by_hand(self) -> None:
        """What the card did not bring is paid when the goods are fetched."""
        self._move_on(PaymentState.AT_PICKUP)
        self.instrument, self.next_try_at = Instrument.HAND_TO_HAND, None

    def confirm_by_payer(self, amount_minor: int, now: datetime) -> None:
        """The payer says that they have paid; paid is what both have confirmed."""
        if self.confirmed_by_payer_at is not None:
            raise PaymentNotDue
        if self.is_denied:
            raise DeniedTwice
        self._confirm(amount_minor, self.confirmed_by_payee_at is not None, now)
        self.confirmed_by_payer_at = now

    def confirm_by_payee(
        self, amount_minor: int, now: datetime, *, for_payer_too: bool = False
    ) -> None:
        """Whoever takes the money says that they have it; for guests they say it for both."""
        if self.confirmed_by_payee_at is not None:
            raise PaymentNotDue
        is_last = for_payer_too or self.confirmed_by_payer_at is not None
        self._confirm(amount_minor, is_last, now)
        self.confirmed_by_payee_at = now
        if for_payer_too:
            self.confirmed_by_payer_at = self.confirmed_by_payer_at or now

    def _confirm(self, amount_minor: int, is_last: bool, now: datetime) -> None:
        if self.state not in self.FROM_HAND_TO_HAND:
            raise NotInThisState(state=str(self.state), wanted=str(PaymentState.PAID))
        if is_last:
            said_minor = self.amount_minor if self.state == PaymentState.CONFIRMED_BY_ONE else 0
            self.mark_paid(max(amount_minor, said_minor), now=now)
        else:
            self._move(PaymentState.CONFIRMED_BY_ONE)
            self.amount_minor = amount_minor

    def take_confirmation_back(self) -> None:
        """The one confirmation so far was a mistake."""
        if self.state not in self.FROM_HAND_TO_HAND:
            raise NotInThisState(state=str(self.state), wanted=str(PaymentState.AT_PICKUP))
        self._move(PaymentState.AT_PICKUP)
        self.amount_minor = 0
        self.confirmed_by_payer_at = self.confirmed_by_payee_at = None

    def deny_by_payee(self) -> None:
        """What the payer says was paid did not arrive."""
        if self.state != PaymentState.CONFIRMED_BY_ONE:
            raise NotInThisState(state=str(self.state), wanted=str(PaymentState.AT_PICKUP))
        if self.confirmed_by_payer_at is None:
            raise PaymentNotDue
        self.take_confirmation_back()
        self.denials_count += 1

    def receive_transfer(self, amount_minor: int, now: datetime) -> None:
        """The payee's bank says that the money is there; nobody else has to say so."""
        if self.state not in self.FROM_HAND_TO_HAND:
            raise NotInThisState(state=str(self.state), wanted=str(PaymentState.PAID))
        self.mark_paid(amount_minor, now=now)
        self.instrument = Instrument.TRANSFER
        self.confirmed_by_payee_at = self.confirmed_by_payee_at or now

    def fail(self) -> None:
        """The money did not come in time."""
        self._move(PaymentState.FAILED)
        self.next_try_at = None

    def release(self) -> None:
        """Nothing will be charged."""
        self._move(PaymentState.RELEASED)
        self.next_try_at = None

"""The payment: the money for one commitment, from the promise to the last cent."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Model, Numbered
from models.collaborations import Commitment
from models.lifecycle import Lifecycle, NotInThisState
from models.payments.states import DeniedTwice, Instrument, PaymentNotDue, PaymentState

# An unfinished checkout gives its units back after this time (Sharetribe's default).
CARD_LIMIT = timedelta(minutes=15)


class Payment(Lifecycle, Numbered, Model):
    """The money for one commitment, from the promise to the last cent."""

    MOVES: ClassVar[Mapping[Any, frozenset[Any]]] = {
        PaymentState.AWAITING_CARD: frozenset(
            {PaymentState.READY, PaymentState.NEEDS_ACTION, PaymentState.RELEASED}
        ),
        PaymentState.READY: frozenset(
            {PaymentState.CHARGING, PaymentState.AWAITING_CARD, PaymentState.RELEASED}
        ),
        PaymentState.CHARGING: frozenset(
            {
                PaymentState.PAID,
                PaymentState.NEEDS_ACTION,
                PaymentState.DECLINED,
                PaymentState.RELEASED,
            }
        ),
        PaymentState.NEEDS_ACTION: frozenset(
            {
                PaymentState.CHARGING,
                PaymentState.AT_PICKUP,
                PaymentState.PAID,
                PaymentState.FAILED,
                PaymentState.RELEASED,
            }
        ),
        PaymentState.DECLINED: frozenset(
            {
                PaymentState.CHARGING,
                PaymentState.AT_PICKUP,
                PaymentState.PAID,
                PaymentState.FAILED,
                PaymentState.RELEASED,
            }
        ),
        PaymentState.AT_PICKUP: frozenset(
            {PaymentState.CONFIRMED_BY_ONE, PaymentState.PAID, PaymentState.RELEASED}
        ),
        PaymentState.CONFIRMED_BY_ONE: frozenset(
            {PaymentState.PAID, PaymentState.AT_PICKUP, PaymentState.RELEASED}
        ),
        PaymentState.PAID: frozenset(),
        PaymentState.FAILED: frozenset(),
        # Units that others gave up can still come to someone who was left out.
        PaymentState.RELEASED: frozenset({PaymentState.READY, PaymentState.AT_PICKUP}),
    }
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
    instrument: Mapped[Instrument] = columns.choice(Instrument)
    currency: Mapped[str] = columns.currency()
    # What is to be charged, or is said to have been handed over, and since it is paid, what was.
    amount_minor: Mapped[int] = columns.minor(default=0)
    refunded_minor: Mapped[int] = columns.minor(default=0)
    # The hosted page that was opened last, and how many were: their keys are numbered.
    checkout_key: Mapped[str] = mapped_column(default="", index=True)
    checkouts_count: Mapped[int] = mapped_column(default=0, server_default="0")
    intent_key: Mapped[str] = mapped_column(default="")
    payment_method_key: Mapped[str] = mapped_column(default="")
    # The words the member agreed to when saving the card, as they were shown.
    consent: Mapped[str] = mapped_column(default="")
    capture_before_at: Mapped[datetime | None]
    attempts_count: Mapped[int] = mapped_column(default=0)
    # When a deadline of this payment comes: the next try, or the end of waiting for a card.
    next_try_at: Mapped[datetime | None]
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
    def is_by_card(self) -> bool:
        return self.instrument in (Instrument.SAVED_CARD, Instrument.HELD_ON_CARD)

    @property
    def is_received(self) -> bool:
        """Whether the money is there, or whoever takes it says that they have it."""
        return self.state == PaymentState.PAID or self.confirmed_by_payee_at is not None

    @property
    def is_denied(self) -> bool:
        """Whether the payer alone can no longer say that they have paid."""
        return self.denials_count >= self.MOST_DENIALS and self.state == PaymentState.AT_PICKUP

    def number_checkout(self, *, after: int = 0) -> None:
        """Number the hosted page that is to be opened; one being opened keeps its number."""
        if self.checkouts_count <= after:
            self.checkouts_count += 1
            self.checkout_key = ""

    def end_checkout(self) -> None:
        """Whatever the hosted page was for is done; the next one is another."""
        if self.checkout_key:
            self.checkouts_count += 1
            self.checkout_key = ""

    def promise_card(self, payment_method_key: str) -> None:
        """A saved card stands behind this."""
        self._move_on(PaymentState.READY)
        self.instrument, self.payment_method_key = Instrument.SAVED_CARD, payment_method_key
        self.next_try_at = None

    def promise_hold(
        self,
        intent_key: str,
        amount_minor: int,
        *,
        payment_method_key: str,
        capture_before_at: datetime | None,
    ) -> None:
        """An amount held on a card stands behind this, until the bank lets it go."""
        self._move_on(PaymentState.READY)
        self.hold(
            intent_key,
            amount_minor,
            payment_method_key=payment_method_key,
            capture_before_at=capture_before_at,
        )

    def hold(
        self,
        intent_key: str,
        amount_minor: int,
        *,
        payment_method_key: str,
        capture_before_at: datetime | None,
    ) -> None:
        self.instrument, self.intent_key = Instrument.HELD_ON_CARD, intent_key
        self.amount_minor, self.payment_method_key = amount_minor, payment_method_key
        self.capture_before_at, self.next_try_at = capture_before_at, None

    def lose_hold(self) -> None:
        """The bank has let the amount go; the card itself is still known."""
        self.instrument, self.intent_key = Instrument.SAVED_CARD, ""
        self.capture_before_at = None

    def is_too_small_for(self, worst_case_minor: int) -> bool:
        """Whether an amount is held on a card that no longer covers the worst case."""
        return (
            self.state == PaymentState.READY
            and self.instrument == Instrument.HELD_ON_CARD
            and self.amount_minor < worst_case_minor
        )

    def ask_again(self, until_at: datetime) -> None:
        """Have a card given anew: what stood behind this is too little or gone."""
        self._move(PaymentState.AWAITING_CARD)
        self.lose_hold()
        self.amount_minor, self.next_try_at = 0, until_at

    def need_card(self) -> None:
        """It is decided, and no card was given in time: the member has to pay themself."""
        self._move(PaymentState.NEEDS_ACTION)
        self.next_try_at = None

    def can_stand_again(self, saved_card_key: str) -> bool:
        """Whether what was let go can be promised anew; `saved_card_key` is the payer's card."""
        if self.state != PaymentState.RELEASED:
            return False
        return not self.is_by_card or self.payment_method_key == saved_card_key != ""

    def stand_again(self) -> None:
        """What was let go stands behind this again: units became free."""
        if self.state != PaymentState.RELEASED:
            raise NotInThisState(state=str(self.state), wanted="stand_again")
        if self.is_by_card:
            self._move(PaymentState.READY)
            self.lose_hold()
            self.amount_minor = 0
        else:
            self._move(PaymentState.AT_PICKUP)

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

    def _move_on(self, state: PaymentState) -> None:
        # Only `stand_again` brings back what was let go.
        if self.state == PaymentState.RELEASED:
            raise NotInThisState(state=str(self.state), wanted=str(state))
        self._move(state)

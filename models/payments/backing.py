"""What stands behind a payment until it is charged: a saved card or an amount held on one."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, mapped_column

from models import columns
from models.lifecycle import Lifecycle, NotInThisState
from models.payments.states import Instrument, PaymentState


class Backed(Lifecycle):
    """A payment as far as something stands behind it, which the payer gives on a hosted page."""

    if TYPE_CHECKING:
        amount_minor: Mapped[int]

    instrument: Mapped[Instrument] = columns.choice(Instrument, name="payment_instrument")
    # The hosted page that was opened last, and how many were: their keys are numbered.
    checkout_key: Mapped[str] = mapped_column(default="", index=True)
    checkouts_count: Mapped[int] = mapped_column(default=0, server_default="0")
    intent_key: Mapped[str] = mapped_column(default="")
    payment_method_key: Mapped[str] = mapped_column(default="")
    # That card, as far as it may be shown.
    card_brand: Mapped[str] = mapped_column(default="", server_default="")
    card_last4: Mapped[str] = mapped_column(default="", server_default="")
    # The words the member agreed to when saving the card, as they were shown.
    consent: Mapped[str] = mapped_column(default="")
    capture_before_at: Mapped[datetime | None]
    # When a deadline of this payment comes: the next try, or the end of waiting for a card.
    next_try_at: Mapped[datetime | None]

    @property
    def is_by_card(self) -> bool:
        return self.instrument in (Instrument.SAVED_CARD, Instrument.HELD_ON_CARD)

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

    def show_card(self, brand: str, last4: str) -> None:
        """Keep what may be shown of the card that stands behind this, for its receipt."""
        self.card_brand, self.card_last4 = brand, last4

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

    def _move_on(self, state: PaymentState) -> None:
        # Only `stand_again` brings back what was let go.
        if self.state == PaymentState.RELEASED:
            raise NotInThisState(state=str(self.state), wanted=str(state))
        self._move(state)

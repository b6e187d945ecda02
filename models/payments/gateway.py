"""What passes between the house and its gateway: customers, attempts, refunds, messages."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Model, Numbered
from models.lifecycle import Lifecycle
from models.payments.payment import Payment
from models.payments.states import ATTEMPT_MOVES, REFUND_MOVES, AttemptState, RefundState


class GatewayCustomer(Numbered, Model):
    """A participant as the gateway knows them, with the card they last saved."""

    __tablename__ = "gateway_customers"

    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), unique=True)
    customer_key: Mapped[str] = mapped_column(unique=True)
    payment_method_key: Mapped[str] = mapped_column(default="")
    card_brand: Mapped[str] = mapped_column(default="")
    card_last4: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]


class PaymentAttempt(Lifecycle, Numbered, Model):
    """One try at the gateway, its key written before the call so that a crash repeats nothing."""

    MOVES = ATTEMPT_MOVES

    __tablename__ = "payment_attempts"
    __table_args__ = (UniqueConstraint("payment_id", "number"),)

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    number: Mapped[int]
    key: Mapped[str] = mapped_column(unique=True)
    amount_minor: Mapped[int] = columns.minor()
    state: Mapped[AttemptState] = columns.choice(AttemptState, default=AttemptState.PLANNED)
    intent_key: Mapped[str] = mapped_column(default="")
    decline_code: Mapped[str] = mapped_column(default="")
    # When it was planned, and since it is sent, when it was sent first: the key is that old.
    sent_at: Mapped[datetime]
    # When the sweep last asked for its answer.
    asked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]

    def send(self, now: datetime) -> None:
        self._move(AttemptState.SENT)
        self.sent_at = now

    def answer(
        self, state: AttemptState, *, intent_key: str = "", code: str = "", now: datetime
    ) -> None:
        """Keep what the gateway said."""
        self._move(state)
        self.intent_key, self.decline_code, self.answered_at = intent_key, code, now


class Refund(Lifecycle, Numbered, Model):
    """Money that goes back to a payer, once per reason."""

    MOVES = REFUND_MOVES

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        Index(None, "payment_id"),
        Index(None, "state", "wanted_at"),
    )

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    key: Mapped[str] = mapped_column(unique=True)
    reason: Mapped[str]
    # The charge it gives back; empty for what was paid from hand to hand.
    intent_key: Mapped[str] = mapped_column(default="", server_default="")
    amount_minor: Mapped[int] = columns.minor()
    state: Mapped[RefundState] = columns.choice(RefundState, default=RefundState.WANTED)
    # Each try has a name of its own; the gateway knows it by `gateway_key` once it has answered.
    tries_count: Mapped[int] = mapped_column(default=1)
    gateway_key: Mapped[str] = mapped_column(default="")
    wanted_at: Mapped[datetime]
    # When this try was sent first: its key is remembered for a day from then on.
    sent_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]

    payment: Mapped[Payment] = relationship()

    def send(self, now: datetime) -> None:
        self._move(RefundState.SENT)
        self.sent_at = now

    def want_again(self) -> None:
        """What failed is given back after all: by another try, or from hand to hand."""
        self._move(RefundState.WANTED)
        self.tries_count += 1
        self.gateway_key, self.sent_at = "", None

    def succeed(self, gateway_key: str, now: datetime) -> None:
        self._move(RefundState.SUCCEEDED)
        self.gateway_key, self.done_at = gateway_key, now

    def supersede(self, now: datetime) -> None:
        """The payer's bank gave this back itself: it is not sent any more."""
        self._move(RefundState.SUPERSEDED)
        self.done_at = now

    def split_off(self, amount_minor: int, now: datetime) -> "Refund":
        """The payer's bank gave so much of this back itself: that part is not sent any more."""
        self.amount_minor -= amount_minor
        return Refund(
            payment_id=self.payment_id,
            key=f"{self.key}:but-{self.amount_minor}",
            reason=self.reason,
            intent_key=self.intent_key,
            amount_minor=amount_minor,
            state=RefundState.SUPERSEDED,
            wanted_at=self.wanted_at,
            done_at=now,
        )

    def fail(self) -> None:
        self._move(RefundState.FAILED)
        self.done_at = None


class GatewayMessage(Numbered, Model):
    """That a webhook came, without its body: kept once, handled by a job, in whatever order."""

    __tablename__ = "gateway_messages"
    __table_args__ = (
        Index(
            "ix_gateway_messages_unhandled",
            "received_at",
            postgresql_where=text("handled_at IS NULL"),
        ),
    )

    event_key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    object_key: Mapped[str]
    # Of whose account at the gateway it tells; of the instance's own if empty.
    account_key: Mapped[str] = mapped_column(default="", server_default="")
    received_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]

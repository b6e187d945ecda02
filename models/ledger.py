"""Double entry: value moves between accounts and never appears or vanishes.

A positive balance is what the instance owes the account's owner; a negative one is what
the owner owes. Accounts of the outside world (gateway, cash, bank) are negative by as
much as has come in. The database keeps the balances and refuses a transfer that does not
sum to zero, any change of what is written, and a balance below its floor.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Model, Numbered
from models.errors import Conflict
from models.lifecycle import Lifecycle
from models.words import N_


class BelowFloor(Conflict):
    code = "below-floor"
    message = N_("The account does not hold that much.")


class AccountPurpose(StrEnum):
    """What an account is for. `own` belongs to a participant, the others to a deal or to all."""

    OWN = "own"
    POT = "pot"
    GATEWAY = "gateway"
    CASH = "cash"
    BANK = "bank"
    # What the instance earns by a deal, and, for all of them together, what the gateway costs it.
    FEES = "fees"
    COSTS = "costs"


class HoldState(StrEnum):
    """A hold is posted or voided, once."""

    PENDING = "pending"
    POSTED = "posted"
    VOIDED = "voided"


HOLD_MOVES: Mapping[HoldState, frozenset[HoldState]] = {
    HoldState.PENDING: frozenset({HoldState.POSTED, HoldState.VOIDED}),
    HoldState.POSTED: frozenset(),
    HoldState.VOIDED: frozenset(),
}


class Currency(Model):
    """An ISO 4217 currency or a community's own unit; `exponent` places its decimal point."""

    __tablename__ = "currencies"
    __table_args__ = (CheckConstraint("exponent BETWEEN 0 AND 6", name="exponent_is_small"),)

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    exponent: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str]


class Account(Numbered, Model):
    """One owner's or one collaboration's share of a currency, for one purpose."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint(
            "owner_id",
            "collaboration_id",
            "purpose",
            "currency",
            postgresql_nulls_not_distinct=True,
        ),
        # Entries refer to both, so that no entry can be in another currency.
        UniqueConstraint("id", "currency"),
        Index(None, "collaboration_id"),
        CheckConstraint(
            "floor_minor IS NULL OR balance_minor - held_minor >= floor_minor",
            name="not_below_floor",
        ),
        CheckConstraint("held_minor >= 0", name="holds_are_not_negative"),
        CheckConstraint("(purpose = 'own') = (owner_id IS NOT NULL)", name="own_has_an_owner"),
    )

    owner_id: Mapped[int | None] = mapped_column(ForeignKey("participants.id"))
    collaboration_id: Mapped[int | None] = mapped_column(ForeignKey("collaborations.id"))
    purpose: Mapped[AccountPurpose] = columns.choice(AccountPurpose)
    currency: Mapped[str] = columns.currency()
    balance_minor: Mapped[int] = columns.minor(default=0)
    held_minor: Mapped[int] = columns.minor(default=0)
    floor_minor: Mapped[int | None] = columns.minor()
    opened_at: Mapped[datetime]

    @property
    def available_minor(self) -> int:
        return self.balance_minor - self.held_minor


class Transfer(Numbered, Model):
    """One movement: entries that sum to zero, a reason, and a key that makes it happen once."""

    __tablename__ = "transfers"
    __table_args__ = (Index(None, "collaboration_id", "id"),)

    key: Mapped[str] = mapped_column(unique=True)
    reason: Mapped[str]
    collaboration_id: Mapped[int | None] = mapped_column(ForeignKey("collaborations.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("transfers.id"), unique=True)
    made_at: Mapped[datetime]

    entries: Mapped[list["Entry"]] = relationship(back_populates="transfer")


class Entry(Numbered, Model):
    """An amount that a transfer adds to (or, negative, takes from) one account."""

    __tablename__ = "entries"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "currency"], ["accounts.id", "accounts.currency"]),
        Index(None, "transfer_id"),
        Index(None, "account_id", "id"),
        CheckConstraint("amount_minor <> 0", name="amount_is_not_zero"),
    )

    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfers.id"))
    account_id: Mapped[int] = mapped_column(BigInteger)
    amount_minor: Mapped[int] = columns.minor()
    currency: Mapped[str] = mapped_column(String(16))

    transfer: Mapped[Transfer] = relationship(back_populates="entries")


class Hold(Lifecycle, Numbered, Model):
    """An amount set aside on an account until it is posted as a transfer or voided."""

    # The database keeps to it as well: many are moved at once by a statement of their own.
    MOVES = HOLD_MOVES

    __tablename__ = "holds"
    __table_args__ = (
        Index(None, "account_id", "state"),
        CheckConstraint("amount_minor >= 0", name="amount_is_not_negative"),
        CheckConstraint(
            "(state = 'posted') = (transfer_id IS NOT NULL)", name="posted_by_transfer"
        ),
    )

    key: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    amount_minor: Mapped[int] = columns.minor()
    state: Mapped[HoldState] = columns.choice(HoldState, default=HoldState.PENDING)
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("transfers.id"))
    made_at: Mapped[datetime]

    def void(self) -> None:
        self._move(HoldState.VOIDED)


class LedgerCheck(Numbered, Model):
    """What the books said when they were last checked."""

    __tablename__ = "ledger_checks"

    checked_at: Mapped[datetime]
    findings: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)

    @property
    def is_sound(self) -> bool:
        return not self.findings

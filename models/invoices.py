"""Invoices: what whoever sold charged for an order, and credit notes for what is owed no more.

A document is written once and stays as it was issued, whatever becomes of those it names. Its
number is given by the database, without gaps for each seller and year.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    FetchedValue,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Json, Model, Numbered


class InvoiceKind(StrEnum):
    """An invoice charges an order; a credit note takes back a part of it or all."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class InvoiceLineKind(StrEnum):
    """What a line of a document is about; a reduction is what somebody was let off."""

    GOODS = "goods"
    DEPOSIT = "deposit"
    FREIGHT = "freight"
    SHIPPING = "shipping"
    SHARE = "share"
    REDUCTION = "reduction"


class InvoiceCounter(Model):
    """The last number a seller gave in a year. The trigger that numbers documents counts it."""

    __tablename__ = "invoice_counters"
    __table_args__ = (
        PrimaryKeyConstraint("seller_id", "year"),
        CheckConstraint("last_number >= 1", name="number_is_positive"),
    )

    seller_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    year: Mapped[int]
    last_number: Mapped[int]


class Invoice(Numbered, Model):
    """One document of a seller to a buyer, with both as they were when it was issued.

    Of a trader it is an invoice and states the tax; of a private seller it is a receipt and
    states none. Amounts of a credit note are negative.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("seller_id", "year", "number"),
        # The invoice is the first document of a commitment; of two credit notes that were reckoned
        # from the same documents, one is refused.
        UniqueConstraint("commitment_id", "position"),
        CheckConstraint("(position = 0) = (kind = 'invoice')", name="invoice_comes_first"),
        CheckConstraint(
            "(kind = 'credit_note') = (corrects_id IS NOT NULL)", name="credit_note_names_invoice"
        ),
        CheckConstraint(
            "CASE kind WHEN 'invoice' THEN total_minor > 0 ELSE total_minor < 0 END",
            name="total_has_its_sign",
        ),
        CheckConstraint("by_trader OR vat_minor = 0", name="private_sellers_state_no_tax"),
        Index(None, "buyer_id", "id"),
        Index(None, "seller_id", "id"),
        Index(None, "collaboration_id", "id"),
        Index(None, "corrects_id", postgresql_where=text("corrects_id IS NOT NULL")),
    )

    kind: Mapped[InvoiceKind] = columns.choice(InvoiceKind)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitments.id"))
    # How many documents of the commitment came before.
    position: Mapped[int]
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"))
    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    buyer_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    year: Mapped[int]
    number: Mapped[int] = mapped_column(server_default=FetchedValue())
    by_trader: Mapped[bool]
    # Name, address and what else a trader states, in the words of then.
    seller_details: Mapped[Json]
    buyer_details: Mapped[Json]
    title: Mapped[str]
    organiser_name: Mapped[str]
    lang: Mapped[str]
    time_zone: Mapped[str]
    # The tax point: when the goods were handed over, or came if nobody fetched them.
    supplied_at: Mapped[datetime]
    issued_at: Mapped[datetime]
    # When it was paid, if it was by the time of issue.
    paid_at: Mapped[datetime | None]
    currency: Mapped[str] = columns.currency()
    total_minor: Mapped[int] = columns.minor()
    vat_minor: Mapped[int] = columns.minor()

    lines: Mapped[list["InvoiceLine"]] = relationship(
        order_by="InvoiceLine.position", back_populates="invoice"
    )
    corrects: Mapped["Invoice | None"] = relationship(remote_side="Invoice.id")

    @property
    def is_credit_note(self) -> bool:
        return self.kind == InvoiceKind.CREDIT_NOTE

    @property
    def full_number(self) -> str:
        """Its number as it is written: a range of its own beside whatever else they sell."""
        return f"AM-{self.year}-{self.number:04d}"


class InvoiceLine(Numbered, Model):
    """One line of a document: what it is for, at which rate, gross, and the tax within it."""

    __tablename__ = "invoice_lines"
    __table_args__ = (
        UniqueConstraint("invoice_id", "position"),
        CheckConstraint("gross_minor <> 0", name="line_has_an_amount"),
        CheckConstraint("vat_basis_points BETWEEN 0 AND 10000", name="vat_is_a_share"),
        CheckConstraint("vat_basis_points IS NOT NULL OR vat_minor = 0", name="untaxed_has_no_tax"),
    )

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    position: Mapped[int]
    kind: Mapped[InvoiceLineKind] = columns.choice(InvoiceLineKind)
    # Which line of the order; no reference, as the document stands without it.
    line_id: Mapped[int | None] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(default="")
    order_number: Mapped[str] = mapped_column(default="")
    unit: Mapped[str] = mapped_column(default="")
    units: Mapped[int | None]
    # Goods by weight: the grams that are charged; their price is that of a kilogram.
    grams: Mapped[int | None]
    price_minor: Mapped[int | None] = columns.minor()
    # None where no tax is stated; a rate of 0 is stated.
    vat_basis_points: Mapped[int | None]
    gross_minor: Mapped[int] = columns.minor()
    vat_minor: Mapped[int] = columns.minor()

    invoice: Mapped[Invoice] = relationship(back_populates="lines")

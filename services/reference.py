"""Currencies of the world that an instance can reckon in from its first day."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.ledger import Currency
from services.gateways.currencies import is_chargeable

# ISO 4217: code, places after the point, name.
CURRENCIES = (
    ("EUR", 2, "Euro"),
    ("CHF", 2, "Swiss franc"),
    ("GBP", 2, "Pound sterling"),
    ("DKK", 2, "Danish krone"),
    ("NOK", 2, "Norwegian krone"),
    ("PLN", 2, "Złoty"),
    ("SEK", 2, "Swedish krona"),
)


def exponents(session: Session) -> dict[str, int]:
    """Places after the point of every currency of the instance, a community's own included."""
    return dict(session.execute(select(Currency.code, Currency.exponent)).all())


def chargeable(session: Session) -> Sequence[Currency]:
    """The currencies of the instance in which money can be charged, by their codes."""
    found = session.scalars(select(Currency).order_by(Currency.code))
    return [one for one in found if is_chargeable(one.code)]


def load_currencies(session: Session) -> None:
    """Write the currencies that are missing; repeating it changes nothing."""
    session.execute(
        insert(Currency).on_conflict_do_nothing(),
        [{"code": code, "exponent": exponent, "name": name} for code, exponent, name in CURRENCIES],
    )

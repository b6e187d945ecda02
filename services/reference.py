"""Currencies of the world that an instance can reckon in from its first day."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.ledger import Currency

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


def load_currencies(session: Session) -> None:
    """Write the currencies that are missing; repeating it changes nothing."""
    session.execute(
        insert(Currency).on_conflict_do_nothing(),
        [{"code": code, "exponent": exponent, "name": name} for code, exponent, name in CURRENCIES],
    )

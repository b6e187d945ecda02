"""Columns that carry a promise with them, so that no table has to repeat it."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Enum, ForeignKey, String
from sqlalchemy.orm import MappedColumn, mapped_column


def choice(kind: type[StrEnum], *, name: str = "", **options: Any) -> MappedColumn[Any]:
    """A column that holds one of `kind`'s values, by a type of the database that has no others.

    A CHECK would say the same, but is read and planned anew by every statement that writes the
    row, whatever it changes: an eighth of what joining costs the database. `name` says of whom it
    is, where the class does not; docs/decisions/0004-choices.md says how to add a value.
    """
    return mapped_column(
        Enum(
            kind,
            values_callable=lambda members: [member.value for member in members],
            name=name or _type_name(kind),
        ),
        **options,
    )


def minor(**options: Any) -> MappedColumn[Any]:
    """An amount in the minor units of its row's currency: 64 bits, never a float."""
    return mapped_column(BigInteger, **options)


def currency(**options: Any) -> MappedColumn[Any]:
    """The code of a currency: ISO 4217, or a community's own, of up to 16 characters."""
    return mapped_column(String(16), ForeignKey("currencies.code"), **options)


def _type_name(kind: type[StrEnum]) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in kind.__name__).lstrip("_")

"""Columns that carry a promise with them, so that no table has to repeat it."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Enum, ForeignKey, String
from sqlalchemy.orm import MappedColumn, mapped_column


def choice(kind: type[StrEnum], *, name: str = "", **options: Any) -> MappedColumn[Any]:
    """A column that holds one of `kind`'s values; the database refuses any other.

    The width leaves room for longer states, so that adding one is no change of type.
    """
    return mapped_column(
        Enum(
            kind,
            native_enum=False,
            create_constraint=True,
            length=24,
            values_callable=lambda members: [member.value for member in members],
            name=name or _constraint_name(kind),
        ),
        **options,
    )


def minor(**options: Any) -> MappedColumn[Any]:
    """An amount in the minor units of its row's currency: 64 bits, never a float."""
    return mapped_column(BigInteger, **options)


def currency(**options: Any) -> MappedColumn[Any]:
    """The code of a currency: ISO 4217, or a community's own, of up to 16 characters."""
    return mapped_column(String(16), ForeignKey("currencies.code"), **options)


def _constraint_name(kind: type[StrEnum]) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in kind.__name__).lstrip("_")

"""Rules that a deal declares before anyone joins; the clearing core and the tables share them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Rationing(StrEnum):
    """Who gets the units when more are wanted than there are."""

    FIRST_COME = "first_come"
    PRO_RATA = "pro_rata"


def full_cases_fit(minimum_units: Any, maximum_units: Any, case_size: Any) -> Any:
    """Whether so many full cases fit under the largest total that the smallest is reached.

    Else nothing can ever be ordered. For numbers and, in statements, for columns.
    """
    return maximum_units // case_size * case_size >= minimum_units


class Sharing(StrEnum):
    """By what freight or the organiser's share is laid on those who take part."""

    NONE = "none"
    PER_HEAD = "per_head"
    BY_VALUE = "by_value"
    BY_ARTICLE = "by_article"


@dataclass(frozen=True)
class PayoutTerms:
    """What the instance keeps of card payments, as a deal declares it; shares in basis points.

    The fee is kept for good, on what was collected and not given back. The reserve is paid out so
    many days after the rest, since a bank can take back a charge for months.
    """

    fee_basis_points: int = 0
    reserve_basis_points: int = 0
    reserve_days: int = 0

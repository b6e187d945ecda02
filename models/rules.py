"""Rules that a deal declares before anyone joins; the clearing core and the tables share them."""

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

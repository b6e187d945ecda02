"""Rules that a deal declares before anyone joins; the clearing core and the tables share them."""

from enum import StrEnum


class Rationing(StrEnum):
    """Who gets the units when more are wanted than there are."""

    FIRST_COME = "first_come"
    PRO_RATA = "pro_rata"


class Sharing(StrEnum):
    """By what freight or the organiser's share is laid on those who take part."""

    NONE = "none"
    PER_HEAD = "per_head"
    BY_VALUE = "by_value"
    BY_ARTICLE = "by_article"

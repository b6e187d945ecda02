"""The currencies that a deal of this instance can be reckoned in."""

from flask import current_app
from flask_babel import get_locale

from marketplace import db
from models.errors import Invalid
from models.words import N_
from services import reference


def offered() -> dict[str, str]:
    """What money can be charged in here: names by code, in the reader's language if it has one."""
    names = get_locale().currencies
    return {one.code: names.get(one.code, one.name) for one in reference.chargeable(db.session())}


def usual(codes: dict[str, str]) -> str:
    """The one of `codes` that holds where nobody chooses."""
    chosen: str = current_app.config["SETTINGS"].default_currency
    return chosen if chosen in codes else next(iter(codes), "")


def chosen(asked: str | None) -> str:
    """What was asked for, if it is offered, or the usual one; refuses with Invalid."""
    codes = offered()
    code = asked or usual(codes)
    if code not in codes:
        raise Invalid(fields={"currency": N_("There is no such choice.")})
    return code

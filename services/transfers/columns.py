"""Columns of bank statements: what banks call them in German, Dutch, Estonian and English."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# By what a column holds; where a file has several, the first name listed here holds.
DATES = (
    "buchungstag", "buchungsdatum", "buchung", "datum", "boekdatum", "transactiedatum", "kuupäev",
    "booking date", "transaction date", "completed date", "date", "valutadatum", "wertstellung",
    "rentedatum", "value date",
)  # fmt: skip
AMOUNTS = (
    "betrag", "betrag in eur", "umsatz", "umsatz in eur", "bedrag", "transactiebedrag", "summa",
    "amount",
)  # fmt: skip
CREDITS = ("haben", "gutschrift", "einnahmen", "bij", "kreedit", "credit", "paid in", "money in")
NAMES = (
    "beguenstigter/zahlungspflichtiger", "begünstigter/zahlungspflichtiger",
    "begünstigter/auftraggeber", "auftraggeber/empfänger", "auftraggeber/zahlungsempfänger",
    "auftraggeber/begünstigter", "name zahlungsbeteiligter", "zahlungspflichtige*r",
    "zahlungspflichtiger", "auftraggeber", "name", "naam tegenpartij", "naam/omschrijving",
    "tegenpartij", "naam", "saaja/maksja nimi", "saaja/maksja", "maksja nimi", "maksja",
    "partner name", "counterparty name", "counterparty", "payer", "payee", "sender",
)  # fmt: skip
TEXTS = (
    "verwendungszweck", "buchungstext", "kundenreferenz", "kundenreferenz (end-to-end)",
    "zahlungsreferenz", "referenz", "mededelingen", "mededeling", "omschrijving", "omschrijving-1",
    "omschrijving-2", "omschrijving-3", "betalingskenmerk", "transactiereferentie", "selgitus",
    "viitenumber", "payment reference", "reference", "reference number", "remittance information",
    "description", "details", "purpose", "memo", "message",
)  # fmt: skip
CURRENCIES = ("währung", "waehrung", "valuuta", "munt", "muntsoort", "currency")
DIRECTIONS = (
    "af bij", "af/bij", "bij/af", "soll/haben", "deebet/kreedit", "deebet/kreedit (d/c)",
    "debit/credit", "credit/debit",
)  # fmt: skip
STATES = ("status", "info", "state", "olek")

OUTWARDS = frozenset({"af", "d", "s", "soll", "debit", "debet", "deebet", "dr", "out"})
# What a bank says of a line that is not booked, or not any more.
NOT_BOOKED = ("vorgemerkt", "pending", "reverted", "declined", "failed", "ootel")

_CURRENCY_BEHIND = re.compile(r"\s*\(\s*([a-z]{3}|€)\s*\)$")


@dataclass(frozen=True)
class Columns:
    """In which fields of a record what stands; -1 where the bank does not say it."""

    date: int
    amount: int
    name: int
    texts: Sequence[int]
    currency: int = -1
    direction: int = -1
    state: int = -1
    # The currency in the header of the amounts, as in "Betrag (EUR)".
    currency_of_all: str = ""
    # Only what came in stands in this column.
    is_credit: bool = False


def recognised(header: Sequence[str]) -> Columns | None:
    """The columns of a header, or None if this line is none that can be used."""
    places: dict[str, int] = {}
    currencies: dict[str, str] = {}
    for place, field in enumerate(header):
        name, currency = _named(field)
        if name and name not in places:
            places[name] = place
            currencies[name] = currency
    amount = _first(places, AMOUNTS)
    is_credit = amount < 0
    if is_credit:
        amount = _first(places, CREDITS)
    found = Columns(
        date=_first(places, DATES),
        amount=amount,
        name=_first(places, NAMES),
        texts=sorted(places[name] for name in TEXTS if name in places),
        currency=_first(places, CURRENCIES),
        direction=_first(places, DIRECTIONS),
        state=_first(places, STATES),
        currency_of_all=next((currencies[name] for name in places if places[name] == amount), ""),
        is_credit=is_credit,
    )
    is_usable = found.date >= 0 and found.amount >= 0 and (found.name >= 0 or found.texts)
    return found if is_usable else None


def _named(field: str) -> tuple[str, str]:
    name = " ".join(field.casefold().split()).strip("\ufeff:'\" ")
    name = name.replace(" / ", "/").replace("/ ", "/").replace(" /", "/")
    match = _CURRENCY_BEHIND.search(name)
    if match is None:
        return name, ""
    return name[: match.start()], "EUR" if match[1] == "€" else match[1].upper()


def _first(places: Mapping[str, int], names: Sequence[str]) -> int:
    return next((places[name] for name in names if name in places), -1)

"""Transfers to test with: an account, and a bank's statement with the lines one wants."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from services import buying, transfers
from services.transfers import Booked, Preview, Taken
from tests import make_buying

# The example of the German banks' own association, and that of the Dutch ones.
IBAN = "DE89370400440532013000"
OTHER_IBAN = "NL91ABNA0417164300"
HEADER = "Buchungstag;Beguenstigter/Zahlungspflichtiger;Verwendungszweck;Betrag;Waehrung"


def account(
    session: Session, group_buy: GroupBuy, organiser: Actor, *, now: datetime, iban: str = IBAN
) -> None:
    buying.find(session, group_buy.slug, actor=organiser, lock=True)
    transfers.name_account(
        session, group_buy, holder="Alice Olive", iban=iban, actor=organiser, now=now
    )


def running(
    session: Session, organiser: Actor, orders: Sequence[tuple[Actor, int]], *, now: datetime
) -> tuple[GroupBuy, list[int]]:
    """A group buy that is paid by transfer, closed; and its commitments' ids."""
    deal = make_buying.group_buy(session, organiser, now=now)
    account(session, deal, organiser, now=now)
    ids = [make_buying.join(session, deal, who, units, now=now) for who, units in orders]
    buying.close(session, deal.id, now=deal.closes_at)
    return deal, ids


def statement(*lines: tuple[str, str, str], header: str = HEADER) -> bytes:
    """A statement with (name, purpose, amount) a line, as a bank in Germany writes it."""
    rows = [f'"28.11.2026";"{name}";"{text}";"{amount}";"EUR"' for name, text, amount in lines]
    return "\n".join(["Umsätze;Konto 123", "", header, *rows, ""]).encode()


def previewed(
    session: Session, deal: GroupBuy, actor: Actor, *lines: tuple[str, str, str]
) -> Preview:
    return transfers.preview(session, deal, transfers.read(statement(*lines)), actor=actor)


def taken(found: Preview) -> list[Taken]:
    """Everything that can be booked, ticked."""
    return [
        Taken(
            one.commitment_id, [(line.digest, minor, line.booked_on) for line, minor in one.lines]
        )
        for one in found.matches
        if one.fit in transfers.BOOKABLE
    ]


def booked(
    session: Session, deal: GroupBuy, actor: Actor, *lines: tuple[str, str, str], now: datetime
) -> Booked:
    found = previewed(session, deal, actor, *lines)
    return transfers.book(session, deal, taken(found), actor=actor, now=now)

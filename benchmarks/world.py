"""A world to measure: thousands of open deals with orders, written table by table.

What is kept beside the rows (standings, counts, holds) is reckoned by the marketplace's own
rules, so that the books balance and a join finds what it would find in a grown instance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count as count_from
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from benchmarks.deals import DECIDED, MEMBERS, ORDERED_UNITS, Deal, place
from benchmarks.rows import row_of, write
from benchmarks.texts import FIRST_NAMES, LAST_NAMES
from models.base import Model
from models.buying import (
    Article,
    GroupBuy,
    GroupBuyCommitment,
    Line,
    PaymentMethod,
    PickupPoint,
    PriceTier,
)
from models.collaborations import Collaboration, Commitment, CommitmentState, Kind, Terms
from models.ledger import Account, AccountPurpose, Hold
from models.members import Member, MemberSession
from models.participants import Participant, ParticipantKind
from models.payments import Instrument, Payment, PaymentState
from services import secrets

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Person:
    """A member with a signed-in browser."""

    member_id: int
    participant_id: int
    token: str


def people(session: Session, *, now: datetime, count: int = MEMBERS) -> list[Person]:
    """Confirmed members with an account in euros and a browser that is signed in."""
    ids = range(1, count + 1)
    made = [Person(at, at, secrets.draw()) for at in ids]
    names = [f"{FIRST_NAMES[at % 9]} {LAST_NAMES[at % 8]} {at}" for at in ids]
    write(
        session,
        Participant,
        [
            {
                "id": at,
                "kind": ParticipantKind.PERSON,
                "slug": f"person-{at}",
                "name": name,
                "name_key": name.lower(),
                "joined_at": now,
                **place(at),
            }
            for at, name in zip(ids, names, strict=True)
        ],
    )
    write(
        session,
        Member,
        [
            {
                "id": at,
                "participant_id": at,
                "email": f"person-{at}@example.org",
                "email_key": f"person-{at}@example.org",
                "password_hash": "",
                "joined_at": now,
                "confirmed_at": now,
            }
            for at in ids
        ],
    )
    write(
        session,
        MemberSession,
        [
            {
                "token_hash": secrets.hashed(one.token),
                "member_id": one.member_id,
                "started_at": now,
                "seen_at": now,
                "expires_at": now + YEAR,
            }
            for one in made
        ],
    )
    write(
        session,
        Account,
        [
            {"owner_id": at, "purpose": AccountPurpose.OWN, "currency": "EUR", "opened_at": now}
            for at in ids
        ],
    )
    return made


def grow(session: Session, to: int, *, now: datetime) -> None:
    """Add deals until `to` of them are open; with them come decided ones and orders."""
    have = session.scalar(select(func.count()).select_from(Collaboration)) or 0
    deals = [Deal(at, now) for at in range(have + 1, to + to // (DECIDED - 1) + 1)]
    _write_deals(session, deals)
    _order(session, deals, now)
    session.execute(text("ANALYZE"))


def scarce(session: Session, *, units: int, now: datetime) -> GroupBuy:
    """One more open deal of a single article, of which no more than `units` can be had."""
    at = 1 + (session.scalar(select(func.max(Collaboration.id))) or 0)
    deal = Deal(at, now, most=units, is_empty=True)
    _write_deals(session, [deal])
    return session.get_one(GroupBuy, at)


def _write_deals(session: Session, deals: Sequence[Deal]) -> None:
    for table in (Collaboration, GroupBuy):
        write(session, table, [deal.row(table) for deal in deals])
    parts = [part for deal in deals for part in deal.parts]
    for model in (Terms, Article, PriceTier, PickupPoint):
        write(session, model, [row_of(model, part) for part in parts if isinstance(part, model)])


def _order(session: Session, deals: Sequence[Deal], now: datetime) -> None:
    """The orders that the deals count: commitments, lines, payments due, holds."""
    ids = count_from(1 + (session.scalar(select(func.max(Commitment.id))) or 0))
    accounts = dict(session.execute(select(Account.owner_id, Account.id)).tuples().all())
    orders = [
        _order_rows(next(ids), deal, at, buyer, accounts[buyer], now)
        for deal in deals
        for at, buyer in enumerate(deal.buyers, start=1)
    ]
    for model in (Commitment, GroupBuyCommitment, Line, Payment, Hold):
        write(session, model, [order[model] for order in orders])


def _order_rows(
    commitment_id: int, deal: Deal, at: int, buyer: int, account_id: int, now: datetime
) -> dict[type[Model], dict[str, Any]]:
    """One row for each table, for units of the deal's first article that are paid at pick-up."""
    article = deal.articles[0]
    price = article.tiers[0].price_minor
    worst_case = price * ORDERED_UNITS
    return {
        Commitment: {
            "id": commitment_id,
            "kind": Kind.GROUP_BUY,
            "collaboration_id": deal.group_buy.id,
            "participant_id": buyer,
            "made_by_id": buyer,
            "terms_number": 1,
            "state": CommitmentState.ACTIVE,
            "place": at,
            "worst_case_minor": worst_case,
            "made_at": now,
            "changed_at": now,
        },
        GroupBuyCommitment: {
            "id": commitment_id,
            "payment_method": PaymentMethod.AT_PICKUP,
            "pickup_point_id": deal.group_buy.id,
        },
        Line: {
            "commitment_id": commitment_id,
            "article_id": article.id,
            "units": ORDERED_UNITS,
            "highest_price_minor": price,
            "layers": [[at, ORDERED_UNITS, 0]],
        },
        Payment: {
            "commitment_id": commitment_id,
            "participant_id": buyer,
            "state": PaymentState.AT_PICKUP,
            "instrument": Instrument.HAND_TO_HAND,
            "currency": "EUR",
            "amount_minor": 0,
            "made_at": now,
        },
        Hold: {
            "key": f"commitment:{commitment_id}:1",
            "account_id": account_id,
            "amount_minor": worst_case,
            "made_at": now,
        },
    }

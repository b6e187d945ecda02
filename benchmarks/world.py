"""A world to measure: thousands of open deals with orders, written table by table.

What is kept beside the rows (standings, counts, holds) is reckoned by the marketplace's own
rules, so that the books balance and a join finds what it would find in a grown instance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count as count_from
from typing import Any

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.orm import Session

from benchmarks.texts import FIRST_NAMES, LAST_NAMES, TONGUES, TOWNS, Goods, Tongue
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
from models.collaborations import (
    Category,
    Collaboration,
    Commitment,
    CommitmentState,
    Kind,
    State,
    Terms,
)
from models.ledger import Account, AccountPurpose, Hold
from models.members import Member, MemberSession
from models.participants import Participant, ParticipantKind
from models.payments import Instrument, Payment, PaymentState
from services import secrets
from services.buying import standing

MEMBERS = 3_000
# Every tenth deal has several articles, every twentieth is decided already.
SEVERAL, DECIDED = 10, 20
ORDERED_UNITS = 2
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
    _write(
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
                **_place(at),
            }
            for at, name in zip(ids, names, strict=True)
        ],
    )
    _write(
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
    _write(
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
    _write(
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
    deals = [_Deal(at, now) for at in range(have + 1, to + to // DECIDED + 1)]
    for table in (Collaboration, GroupBuy):
        _write(session, table, [deal.row(table) for deal in deals])
    parts = [part for deal in deals for part in deal.parts]
    for model in (Terms, Article, PriceTier, PickupPoint):
        _write(session, model, [_row(model, part) for part in parts if isinstance(part, model)])
    _order(session, deals, now)
    session.execute(text("ANALYZE"))


def scarce(session: Session, *, units: int, now: datetime) -> GroupBuy:
    """One more open deal of a single article, of which no more than `units` can be had."""
    at = 1 + (session.scalar(select(func.max(Collaboration.id))) or 0)
    deal = _Deal(at, now, most=units, is_empty=True)
    for table in (Collaboration, GroupBuy):
        _write(session, table, [deal.row(table)])
    for model in (Terms, Article, PriceTier, PickupPoint):
        _write(session, model, [_row(model, one) for one in deal.parts if isinstance(one, model)])
    return session.get_one(GroupBuy, at)


class _Deal:
    """A deal with its parts as unsaved models, so that the rules can reckon with them."""

    def __init__(self, at: int, now: datetime, *, most: int = 5_000, is_empty: bool = False):
        tongue = TONGUES[at % len(TONGUES)]
        goods = tongue.goods[at // len(TONGUES) % len(tongue.goods)]
        self.articles = [
            _article(at, position, goods, most)
            for position in range(1, 4 if at % SEVERAL == 0 and not is_empty else 2)
        ]
        self.group_buy = _group_buy(at, tongue, goods, len(self.articles), now)
        self.is_ordered = len(self.articles) == 1 and not is_empty
        # From nobody to four: notes at every stage, some over their threshold.
        buyers = at * 7 % 5 if self.is_ordered else 0
        self.buyers = [1 + (at * 31 + step * 97) % MEMBERS for step in range(buyers)]
        article, unsaved = self.articles[0], Session()
        for _ in self.buyers:
            standing.count(article, article.tiers[0].price_minor, ORDERED_UNITS, 0)
        if len(self.articles) == 1:
            standing.restand(unsaved, self.group_buy, self.articles)
        self.group_buy.commitments_count = self.group_buy.last_place = len(self.buyers)
        self.parts: list[Model] = [
            Terms(
                collaboration_id=at,
                number=1,
                content={},
                sha256="",
                made_at=now,
                made_by_id=self.group_buy.made_by_id,
            ),
            *self.articles,
            *(tier for one in self.articles for tier in one.tiers),
            PickupPoint(
                id=at,
                group_buy_id=at,
                name="Hof",
                address=f"Hafenstraße {at}, {self.group_buy.place_name}",
                from_at=self.group_buy.closes_at + timedelta(days=3),
                until_at=self.group_buy.closes_at + timedelta(days=3, hours=2),
            ),
        ]

    def row(self, table: type[Collaboration]) -> dict[str, Any]:
        return _row(table, self.group_buy)


def _group_buy(at: int, tongue: Tongue, goods: Goods, articles: int, now: datetime) -> GroupBuy:
    town, facts = TOWNS[at % len(TOWNS)][0], {"goods": goods.name, "town": TOWNS[at % 12][0]}
    is_decided = at % (DECIDED + 1) == 0
    return GroupBuy(
        id=at,
        kind=Kind.GROUP_BUY,
        slug=f"deal-{at}",
        state=State.RUNNING if is_decided else State.OPEN,
        decided_at=now if is_decided else None,
        title=tongue.title.format(**facts),
        summary=tongue.summary.format(**facts),
        description="\n\n".join(tongue.paragraphs).format(**facts),
        lang=tongue.lang,
        category=Category(goods.category),
        link_key=f"key{at}",
        organiser_id=1 + at % MEMBERS,
        made_by_id=1 + at % MEMBERS,
        currency="EUR",
        opens_at=now - timedelta(minutes=at % 20_000 + 60),
        closes_at=now + timedelta(days=3, minutes=at * 13 % 20_000),
        made_at=now - timedelta(days=30),
        terms_number=1,
        version=1,
        articles_count=articles,
        standing_articles=0,
        standing_value_minor=0,
        smallest_order_minor=0,
        is_tipped=False,
        progress_basis_points=0,
        price_now_minor=None,
        price_next_minor=None,
        missing_units=None,
        **{**_place(at), "place_name": town},
    )


def _article(at: int, position: int, goods: Goods, most: int) -> Article:
    article_id = at * 4 + position
    return Article(
        id=article_id,
        group_buy_id=at,
        position=position,
        name=goods.name,
        unit=goods.unit,
        minimum_units=8,
        maximum_units=most,
        case_size=1,
        vat_basis_points=700,
        deposit_minor=0,
        is_capped=True,
        active_units=0,
        standing_units=0,
        standing_tier=None,
        tiers=[
            PriceTier(
                id=article_id * 4 + step,
                article_id=article_id,
                position=step,
                from_units=from_units,
                price_minor=goods.price_minor * share // 100,
                demand_units=0,
                tolerance_units=0,
            )
            for step, (from_units, share) in enumerate(((1, 100), (20, 92), (60, 85)), start=1)
        ],
    )


def _order(session: Session, deals: Sequence[_Deal], now: datetime) -> None:
    """The orders that the deals count: commitments, lines, payments due, holds."""
    ids = count_from(1 + (session.scalar(select(func.max(Commitment.id))) or 0))
    ordered = [
        (next(ids), deal, place, buyer)
        for deal in deals
        for place, buyer in enumerate(deal.buyers, start=1)
    ]
    accounts = dict(session.execute(select(Account.owner_id, Account.id)).tuples().all())
    rows: dict[type[Model], list[dict[str, Any]]] = {
        model: [] for model in (Commitment, GroupBuyCommitment, Line, Payment, Hold)
    }
    for commitment_id, deal, place, buyer in ordered:
        article = deal.articles[0]
        price = article.tiers[0].price_minor
        rows[Commitment].append(
            {
                "id": commitment_id,
                "kind": Kind.GROUP_BUY,
                "collaboration_id": deal.group_buy.id,
                "participant_id": buyer,
                "made_by_id": buyer,
                "terms_number": 1,
                "state": CommitmentState.ACTIVE,
                "place": place,
                "worst_case_minor": price * ORDERED_UNITS,
                "made_at": now,
                "changed_at": now,
            }
        )
        rows[GroupBuyCommitment].append(
            {
                "id": commitment_id,
                "payment_method": PaymentMethod.AT_PICKUP,
                "pickup_point_id": deal.group_buy.id,
            }
        )
        rows[Line].append(
            {
                "commitment_id": commitment_id,
                "article_id": article.id,
                "units": ORDERED_UNITS,
                "highest_price_minor": price,
                "layers": [[place, ORDERED_UNITS, 0]],
            }
        )
        rows[Payment].append(
            {
                "commitment_id": commitment_id,
                "participant_id": buyer,
                "state": PaymentState.AT_PICKUP,
                "instrument": Instrument.HAND_TO_HAND,
                "currency": "EUR",
                "amount_minor": 0,
                "made_at": now,
            }
        )
        rows[Hold].append(
            {
                "key": f"commitment:{commitment_id}:1",
                "account_id": accounts[buyer],
                "amount_minor": price * ORDERED_UNITS,
                "made_at": now,
            }
        )
    for model, found in rows.items():
        _write(session, model, found)


def _place(at: int) -> dict[str, Any]:
    name, latitude, longitude = TOWNS[at % len(TOWNS)]
    # Within some ten kilometres of the town, and nowhere twice.
    return {
        "place_name": name,
        "latitude": latitude + at % 101 / 1_000,
        "longitude": longitude + at % 103 / 1_000,
    }


def _row(model: type[Model], made: Model) -> dict[str, Any]:
    """What was set of `made` that is kept in the table of `model`; the rest has defaults."""
    table = _table(model)
    return {
        column.name: vars(made)[attribute.key]
        for attribute in made.__mapper__.column_attrs
        for column in attribute.columns
        if column.table is table and attribute.key in vars(made)
    }


def _write(session: Session, model: type[Model], rows: Sequence[dict[str, Any]]) -> None:
    table = _table(model)
    if not rows:
        return
    session.execute(insert(table), rows)
    if "id" in rows[0] and table.c.id.identity is not None:
        # Rows that bring their number leave the counter where it was.
        session.execute(
            text(
                "SELECT setval(pg_get_serial_sequence(:name, 'id'), "
                f"(SELECT max(id) FROM {table.name}))"
            ),
            {"name": table.name},
        )


def _table(model: type[Model]) -> Table:
    table = model.__mapper__.local_table
    assert isinstance(table, Table)
    return table

"""What joining reads past the mapper is what the mapper reads."""

from dataclasses import fields
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy
from services import buying
from services.buying.orders import Order, Wanted
from services.buying.stock import StockArticle, StockDeal, StockTier
from tests import make_buying

# A number of its own in every column, so that no two can be mistaken for each other.
NUMBERS = {
    "minimum_units": 3, "maximum_units": 70, "case_size": 4, "vat_basis_points": 1900,
    "deposit_minor": 15, "base_units_thousandths": 800, "overweight_basis_points": 1000,
}  # fmt: skip
SUMS = {
    "active_units": 9, "standing_units": 8, "standing_tier": 1,
    "demand_units": [30, 31, 32], "tolerance_units": [20, 21, 22],
}  # fmt: skip
NUMBERS_OF_DEAL = (
    "terms_number", "last_place", "commitments_count", "articles_count", "standing_value_minor",
    "standing_articles", "smallest_order_minor", "progress_basis_points", "price_now_minor",
    "price_next_minor", "missing_units", "version", "freight_ceiling_minor", "share_ceiling_minor",
    "shipping_ceiling_minor",
)  # fmt: skip


def test_every_number_of_an_article_stands_in_its_own_place(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    bought = make_buying.cheese(**NUMBERS, tiers=[(1, 5000), (20, 4000), (40, 3000)])
    deal = make_buying.group_buy(
        session, alice, now=now, articles=[bought, make_buying.olive_oil()]
    )
    [cheese, oil] = buying.articles(session, deal)
    for name, number in SUMS.items():
        setattr(cheese, name, number)
    session.commit()
    order = Order([Wanted(cheese.id, 1), Wanted(oil.id, 0)], pickup_point_id=10**18)

    with db.at(now):
        read, stock, at = buying.to_join(session, deal.slug, order, actor=bob, clock=db.clock())

    # What is wanted of the oil is nothing.
    assert (list(stock.articles), stock.has_pickup_point, at) == ([cheese.id], False, now)
    [article] = stock.articles.values()
    expected = {one.name: getattr(cheese, one.name) for one in fields(StockArticle)[:-1]}
    assert expected | NUMBERS | SUMS == expected
    assert {name: getattr(article, name) for name in expected} == expected
    for tier, model in zip(article.tiers, cheese.tiers, strict=True):
        assert all(getattr(tier, one.name) == getattr(model, one.name) for one in fields(StockTier))
    assert read.id == deal.id


def test_every_value_of_a_deal_stands_in_its_own_place(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    deal = make_buying.group_buy(session, alice, now=now)
    [article] = buying.articles(session, deal)
    point = buying.pickup_points(session, deal)[0]
    said = {name: 100 + at for at, name in enumerate(NUMBERS_OF_DEAL)}
    said |= {"is_tipped": True, "by_card": False, "at_pickup": True, "ships": True}
    for name, value in said.items():
        setattr(deal, name, value)
    session.commit()
    session.refresh(deal)
    expected = {one.name: getattr(deal, one.name) for one in fields(StockDeal)[1:]}
    assert expected | said == expected
    order = Order([Wanted(article.id, 1)], pickup_point_id=point.id)
    session.expunge_all()

    with db.at(now):
        read, stock, _ = buying.to_join(session, deal.slug, order, actor=bob, clock=db.clock())

    assert stock.has_pickup_point
    assert {name: getattr(read, name) for name in expected} == expected


def test_what_joining_does_not_look_at_is_read_as_it_is_now(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    deal = make_buying.group_buy(session, alice, now=now)
    [article] = buying.articles(session, deal)
    session.commit()
    order = Order([Wanted(article.id, 1)])
    with db.at(now):
        read, _, _ = buying.to_join(session, deal.slug, order, actor=bob, clock=db.clock())
    elsewhere = update(GroupBuy.__table__).where(GroupBuy.__table__.c.id == deal.id)
    session.execute(elsewhere.values(sold_by_trader=True))

    assert not deal.is_sold_by_trader
    assert read.is_sold_by_trader
    assert read.whole is deal
    assert read.is_organised_by(alice)
    assert not read.is_organised_by(bob)


def test_what_was_held_of_a_deal_is_read_anew_after_joining(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    deal = make_buying.group_buy(session, alice, now=now)
    [article] = buying.articles(session, deal)
    point = buying.pickup_points(session, deal)[0]
    order = Order([Wanted(article.id, 3)], pickup_point_id=point.id)
    with db.at(now):
        read, stock, _ = buying.to_join(session, deal.slug, order, actor=bob, clock=db.clock())

    buying.join(session, read, order, stock=stock, actor=bob, now=now)

    assert (deal.commitments_count, article.active_units) == (1, 3)

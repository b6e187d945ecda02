"""What joining reads past the mapper is what the mapper reads."""

from dataclasses import fields
from datetime import datetime

from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import Article, GroupBuy
from services import buying
from services.buying.ordering import _READ_TO_JOIN
from services.buying.orders import Order, Wanted
from services.buying.stock import StockArticle, StockTier
from tests import make_buying

# A number of its own in every column, so that no two can be mistaken for each other.
NUMBERS = {
    "minimum_units": 3, "maximum_units": 70, "case_size": 4, "vat_basis_points": 1900,
    "deposit_minor": 15, "base_units_thousandths": 800, "overweight_basis_points": 1000,
}  # fmt: skip
SUMS = {"active_units": 9, "standing_units": 8, "standing_tier": 1}


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
    for at, tier in enumerate(cheese.tiers):
        tier.demand_units, tier.tolerance_units = 30 + at, 20 + at
    session.commit()
    order = Order([Wanted(cheese.id, 1), Wanted(oil.id, 0)], pickup_point_id=10**18)

    with db.at(now):
        read, stock, at = buying.to_join(session, deal.slug, order, actor=bob, clock=db.clock())

    # What is wanted of the oil is nothing.
    assert (list(stock.articles), stock.has_pickup_point, at) == ([cheese.id], False, now)
    [article] = stock.articles.values()
    expected = {one.name: getattr(cheese, one.name) for one in fields(StockArticle)[:-1]}
    assert expected.items() >= (NUMBERS | SUMS).items()
    assert {name: getattr(article, name) for name in expected} == expected
    for tier, model in zip(article.tiers, cheese.tiers, strict=True):
        assert all(getattr(tier, one.name) == getattr(model, one.name) for one in fields(StockTier))
    assert read is deal


def test_a_group_buy_that_nobody_had_read_is_one_of_the_session(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    deal = make_buying.group_buy(session, alice, now=now)
    [article] = buying.articles(session, deal)
    point = buying.pickup_points(session, deal)[0]
    session.commit()
    expected = {name: getattr(deal, name) for name in _READ_TO_JOIN}
    slug, title = deal.slug, deal.title
    order = Order([Wanted(article.id, 1)], pickup_point_id=point.id)
    session.expunge_all()

    with db.at(now):
        read, stock, _ = buying.to_join(session, slug, order, actor=bob, clock=db.clock())

    assert stock.has_pickup_point
    assert {name: getattr(read, name) for name in _READ_TO_JOIN} == expected
    assert read in session
    assert not session.is_modified(read)
    # What joining does not look at is read when somebody does.
    assert (read.title, read.organiser.id) == (title, alice.participant.id)
    assert session.get(GroupBuy, read.id) is read
    assert session.get(Article, article.id) is not None

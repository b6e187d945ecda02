"""Whoever waited for a group buy decides by what it has become, not by what it was before."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy, PaymentMethod
from models.collaborations import Terms
from models.errors import Refused
from models.events import Event
from models.members import Member
from services import buying, revocations, sessions
from services.buying import amending, steering
from services.buying.delivering import NotAtThisStage
from services.buying.steering import TooLateToCancel
from tests import make, make_buying, make_running
from tests.blocking import until_one_waits
from tests.make_payments import balances

pytestmark = pytest.mark.race

Act = Callable[[Session, GroupBuy], object]


class Deal:
    """A group buy, and two of its acts of which the second waits for the first."""

    def __init__(self, app: Flask, group_buy_id: int, organiser_id: int, at: datetime) -> None:
        self.app, self.id, self.organiser_id, self.at = app, group_buy_id, organiser_id, at

    def one_after_the_other(self, first: Act, second: Act) -> list[type[Refused]]:
        held, refused = threading.Event(), []

        def run(act: Act, *, is_first: bool) -> None:
            with self.app.app_context(), db.at(self.at):
                if not is_first:
                    held.wait(10)
                try:
                    with db.transaction() as session:
                        deal = self.locked(session)
                        if is_first:
                            held.set()
                            until_one_waits(session)
                        act(session, deal)
                except Refused as problem:
                    refused.append(type(problem))

        threads = [
            threading.Thread(target=run, args=(act,), kwargs={"is_first": act is first})
            for act in (first, second)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return refused

    def locked(self, session: Session) -> GroupBuy:
        return buying.organised(session, self.id, actor=self.organiser(session), lock=True)

    def organiser(self, session: Session) -> Actor:
        return actor_of(session, self.organiser_id)


def actor_of(session: Session, member_id: int) -> Actor:
    return sessions.actor_of(session, session.get_one(Member, member_id))


@pytest.fixture
def fetched(real_app: Flask, now: datetime) -> tuple[Deal, int]:
    """A completed group buy whose one order, of which the id, was fetched, paid and revoked."""
    with real_app.app_context(), db.at(now), db.transaction() as session:
        alice = make.actor(session, "Alice", now=now)
        bob = make.actor(session, "Bob", now=now)
        alice.participant.is_trader = True
        oil = make_buying.olive_oil(minimum_units=1)
        group_buy = make_buying.group_buy(session, alice, now=now, articles=[oil])
        order_id = make_buying.join(session, group_buy, bob, 4, now=now)
        buying.close(session, group_buy.id, now=group_buy.closes_at)
        make_running.handing_over(session, group_buy, alice)
        at = group_buy.closes_at + timedelta(days=3)
        make_running.pay_cash(session, group_buy, alice, bob, now=at)
        order = make_running.commitment(session, group_buy, bob)
        buying.hand_over(session, group_buy, order, actor=alice, now=at)
        revoked = revocations.declare(
            session,
            order_id,
            name="Bob",
            contact="bob@example.org",
            article_ids=[buying.articles(session, group_buy)[0].id],
            actor=bob,
            now=at,
        )
        buying.complete(session, group_buy, actor=alice, now=at)
        return Deal(real_app, group_buy.id, alice.member.id, at), revoked.id


def test_accounts_are_closed_once(fetched: tuple[Deal, int]) -> None:
    deal, _ = fetched

    def settle(session: Session, group_buy: GroupBuy) -> None:
        buying.settle(session, group_buy, actor=deal.organiser(session), now=deal.at)

    def again(session: Session, group_buy: GroupBuy) -> None:
        settle(session, group_buy)

    assert deal.one_after_the_other(settle, again) == [NotAtThisStage]
    with deal.app.app_context(), db.transaction() as session:
        closed = select(func.count()).select_from(Event).filter_by(kind="GroupBuySettled")
        assert session.scalar(closed) == 1


def test_what_is_given_back_after_the_settling_comes_from_the_seller(
    fetched: tuple[Deal, int],
) -> None:
    deal, revocation_id = fetched

    deal.one_after_the_other(
        lambda session, group_buy: buying.settle(
            session, group_buy, actor=deal.organiser(session), now=deal.at
        ),
        lambda session, group_buy: revocations.refund(
            session, group_buy, revocation_id, actor=deal.organiser(session), now=deal.at
        ),
    )

    with deal.app.app_context(), db.transaction() as session:
        assert balances(session, session.get_one(GroupBuy, deal.id))["pot"] == 0


@pytest.fixture
def open_deal(real_app: Flask, now: datetime) -> tuple[Deal, list[int]]:
    """An open group buy of two articles, and two members."""
    with real_app.app_context(), db.at(now), db.transaction() as session:
        alice = make.actor(session, "Alice", now=now)
        members = [make.actor(session, name, now=now).member.id for name in ("Bob", "Charlie")]
        articles = [
            make_buying.olive_oil(name=name, minimum_units=1, vat_basis_points=0)
            for name in ("Oil", "Soap")
        ]
        group_buy = make_buying.group_buy(
            session, alice, now=now, articles=articles, smallest_order_minor=1
        )
        return Deal(real_app, group_buy.id, alice.member.id, now), members


def test_what_has_come_together_is_counted_whole(open_deal: tuple[Deal, list[int]]) -> None:
    deal, members = open_deal

    def joins(number: int) -> Act:
        def act(session: Session, group_buy: GroupBuy) -> None:
            article = buying.articles(session, group_buy)[number]
            [point] = buying.pickup_points(session, group_buy)
            order = buying.Order([buying.Wanted(article.id, 5)], PaymentMethod.AT_PICKUP, point.id)
            buyer = actor_of(session, members[number])
            buying.join(session, group_buy, order, actor=buyer, now=deal.at)

        return act

    assert deal.one_after_the_other(joins(0), joins(1)) == []

    with deal.app.app_context(), db.transaction() as session:
        group_buy = session.get_one(GroupBuy, deal.id)
        assert (group_buy.standing_value_minor, group_buy.standing_articles) == (40_000, 2)


def test_of_two_changes_of_the_terms_none_is_lost(open_deal: tuple[Deal, list[int]]) -> None:
    deal, _ = open_deal

    def changes(**changed: object) -> Act:
        def act(session: Session, group_buy: GroupBuy) -> None:
            amendment = amending.Amendment(changed)
            amending.amend(
                session, group_buy, amendment, actor=deal.organiser(session), now=deal.at
            )

        return act

    assert deal.one_after_the_other(changes(smallest_order_minor=5), changes(ships=True)) == []

    with deal.app.app_context(), db.transaction() as session:
        last = session.scalars(select(Terms).order_by(Terms.number.desc())).first()
        assert last is not None
        assert last.content["group_buy"]["smallest_order_minor"] == 5


def test_what_has_come_is_not_called_off(real_app: Flask, now: datetime) -> None:
    with real_app.app_context(), db.at(now), db.transaction() as session:
        alice = make.actor(session, "Alice", now=now)
        bob = make.actor(session, "Bob", now=now)
        group_buy = make_running.closed(session, alice, [(bob, 6)], now=now)
        make_running.ordered(session, group_buy, alice)
        article_id = buying.articles(session, group_buy)[0].id
        at = group_buy.closes_at + timedelta(days=1)
        deal = Deal(real_app, group_buy.id, alice.member.id, at)

    refused = deal.one_after_the_other(
        lambda session, group_buy: buying.deliver(
            session, group_buy, {article_id: 6}, actor=deal.organiser(session), now=at
        ),
        lambda session, group_buy: steering.cancel(
            session, group_buy, reason="No.", actor=deal.organiser(session), now=at
        ),
    )

    assert refused == [TooLateToCancel]

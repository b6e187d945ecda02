"""Documents under real threads and real commits: no number twice, none left out, no paper twice."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace import db
from models.buying import GroupBuy
from models.invoices import Invoice
from models.members import Member
from services import buying, invoices, sessions
from services.buying import settling
from tests import make
from tests.make_invoices import complete, documents, pantry
from tests.services.test_races import run_all

pytestmark = pytest.mark.race

DEALS, BUYERS = 3, 4


@pytest.fixture
def sold(real_app: Flask) -> list[int]:
    """The ids of three completed deals of one seller, with four buyers each."""
    now = datetime.now(UTC)
    with real_app.app_context(), db.transaction() as session:
        alice = make.actor(session, "Alice", now=now)
        found = []
        for _ in range(DEALS):
            buyers = [make.actor(session, f"B{n}", now=now) for n in range(BUYERS)]
            deal = pantry(session, alice, [(who, (1, 1, 0)) for who in buyers], now=now)
            complete(session, deal, alice)
            found.append(deal.id)
        return found


def numbers(real_app: Flask) -> list[int]:
    with real_app.app_context():
        return sorted(db.session().scalars(select(Invoice.number)))


def issue(session, deal_id):
    invoices.issue(session, deal_id, now=datetime.now(UTC))


def test_numbers_of_one_seller_have_no_gap_and_no_order_two_papers(
    real_app: Flask, sold: list[int]
) -> None:
    met = run_all(real_app, issue, sold * 5)

    assert met == [None] * len(met)
    assert numbers(real_app) == list(range(1, DEALS * BUYERS + 1))


def test_a_job_that_is_killed_leaves_no_gap(real_app: Flask, sold: list[int]) -> None:
    def killed(session, deal_id):
        issue(session, deal_id)
        raise RuntimeError("killed")

    run_all(real_app, killed, sold * 2)
    assert numbers(real_app) == []

    run_all(real_app, issue, sold)

    assert numbers(real_app) == list(range(1, DEALS * BUYERS + 1))


def test_what_is_let_off_is_taken_back_once_by_many_jobs(real_app: Flask, sold: list[int]) -> None:
    run_all(real_app, issue, sold[:1])
    with real_app.app_context(), db.transaction() as session:
        now = db.now(session)
        deal = buying.locked(session, sold[0])
        [order, *_] = settling.owing(session, deal)
        actor = sessions.actor_of(session, _organiser(session, deal))
        settling.waive(session, deal, order, actor=actor, now=now)
        order_id = order.id

    met = run_all(
        real_app,
        lambda session, one: invoices.correct(session, one, now=datetime.now(UTC)),
        [order_id] * 8,
    )

    assert met == [None] * 8
    with real_app.app_context():
        session = db.session()
        found = documents(session, session.get_one(GroupBuy, sold[0]))
        mine = [one.total_minor for one in found if one.commitment_id == order_id]
    assert len(mine) == 2
    assert sum(mine) == 0


def _organiser(session, deal):
    return session.scalars(select(Member).filter_by(participant_id=deal.organiser_id)).one()

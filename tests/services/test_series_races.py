"""Two workers and one that is killed: a round of a series is made once, whole or not at all."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from marketplace import db
from marketplace.jobs import TASKS
from models.buying import Article, GroupBuy, PickupPoint
from models.collaborations import State
from models.events import Event
from models.series import Series
from services import series
from services.series import Rhythm, making
from tests import make
from tests.make_buying import group_buy, olive_oil

pytestmark = pytest.mark.race


@pytest.fixture
def due(real_app):
    """A series of two articles whose second round is due; its id and when."""
    now = datetime.now(UTC) - timedelta(days=7, minutes=1)
    with real_app.app_context(), db.transaction() as session:
        alice = make.actor(session, "Alice", now=now)
        deal = group_buy(
            session,
            alice,
            articles=[olive_oil(), olive_oil(name="Olives")],
            closes_at=now + timedelta(days=5),
            now=now,
        )
        found = series.begin(session, deal, Rhythm(1, opens_by_itself=True), actor=alice, now=now)
        return found.id


def made(real_app):
    with real_app.app_context():
        session = db.session()
        return (
            session.scalars(select(GroupBuy.round_number).order_by(GroupBuy.id)).all(),
            session.scalars(select(GroupBuy.state).order_by(GroupBuy.id)).all(),
            session.scalar(select(func.count()).select_from(Article)),
            session.scalar(select(func.count()).select_from(PickupPoint)),
            session.scalar(select(func.count()).where(Event.kind == "RoundOpened")),
        )


def run(real_app, series_id):
    with real_app.app_context():
        TASKS["series.advance"](series_id)


def test_eight_workers_make_one_round(real_app, due):
    together = threading.Barrier(8)

    def work(_):
        together.wait()
        run(real_app, due)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))

    assert made(real_app) == ([1, 2], [State.OPEN, State.OPEN], 4, 2, 1)


def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_makes_it(
    real_app, due, monkeypatch
):
    def die(*_args, **_named):
        raise SystemExit

    with monkeypatch.context() as killed:
        # After the round was made and opened, before the transaction was kept.
        killed.setattr(making, "_go_on", die)
        with pytest.raises(SystemExit):
            run(real_app, due)
    assert made(real_app) == ([1], [State.OPEN], 2, 1, 0)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: run(real_app, due), range(2)))

    assert made(real_app) == ([1, 2], [State.OPEN, State.OPEN], 4, 2, 1)


def test_the_database_itself_refuses_a_second_round_of_a_number(real_app, due, monkeypatch):
    """If nobody asked whether it is due: the key of series and round is the last word."""
    together = threading.Barrier(2)

    def unlocked(session, series_id):
        return session.get(Series, series_id)

    monkeypatch.setattr(making, "locked", unlocked)

    def work(_):
        with real_app.app_context():
            try:
                with db.transaction() as session:
                    session.get(Series, due)
                    together.wait()
                    series.advance(session, due, now=db.now(session))
            except Exception as error:
                return type(error).__name__
        return "made"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(work, range(2)))

    assert outcomes == ["IntegrityError", "made"]
    assert made(real_app)[0] == [1, 2]

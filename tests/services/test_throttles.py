"""Throttles: shared by all processes, kept whatever becomes of what was tried."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from models.members import Throttle, TooManyTries
from services import throttles
from services.throttles import Limit, Try
from tests.conftest import driver_url

KNOCK = Limit("knock", 3, timedelta(minutes=15))
RING = Limit("ring", 5, timedelta(minutes=15))


def test_the_try_after_the_last_is_refused_until_the_window_ends(session, now):
    for _ in range(3):
        throttles.take(session, Try(KNOCK, "door"), now=now)

    with pytest.raises(TooManyTries) as refusal:
        throttles.take(session, Try(KNOCK, "door"), now=now + timedelta(minutes=14))

    assert refusal.value.code == "too-many-tries"
    assert refusal.value.facts == {"until": now + timedelta(minutes=15)}
    throttles.take(session, Try(KNOCK, "door"), now=now + timedelta(minutes=15))


def test_subjects_and_limits_are_counted_apart(session, now):
    for _ in range(3):
        throttles.take(session, Try(KNOCK, "door"), now=now)

    throttles.take(session, Try(KNOCK, "window"), Try(RING, "door"), now=now)


def test_one_limit_of_two_is_enough_to_refuse(session, now):
    for subject in ("a", "b", "c"):
        throttles.take(session, Try(KNOCK, "street"), Try(RING, subject), now=now)

    with pytest.raises(TooManyTries):
        throttles.take(session, Try(KNOCK, "street"), Try(RING, "d"), now=now)


def test_what_is_counted_with_its_act_is_refused_in_words_of_its_own(session, now):
    class RangTooOften(TooManyTries):
        code = "rang-too-often"

    for _ in range(3):
        throttles.take_in_act(session, Try(KNOCK, "door"), refusal=RangTooOften, now=now)

    with pytest.raises(RangTooOften) as refusal:
        throttles.take_in_act(session, Try(KNOCK, "door"), refusal=RangTooOften, now=now)

    assert refusal.value.facts == {"limit": 3, "until": now + timedelta(minutes=15)}


def test_what_is_given_back_does_not_count(session, now):
    for _ in range(10):
        throttles.take(session, Try(KNOCK, "door"), now=now)
        throttles.give_back(session, Try(KNOCK, "door"))


def test_the_table_does_not_name_who_tried(session, now):
    throttles.take(session, Try(KNOCK, "alice@example.org"), now=now)

    assert "alice" not in session.scalars(select(Throttle.key)).one()


def test_the_sweep_forgets_what_is_over(session, now):
    throttles.take(session, Try(KNOCK, "door"), now=now)
    throttles.take(session, Try(KNOCK, "window"), now=now + timedelta(minutes=10))

    throttles.sweep(session, now=now + timedelta(minutes=20))

    assert session.scalars(select(Throttle)).one().key == Try(KNOCK, "window").key


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_an_address_stands_for_its_household(address, network):
    assert throttles.network(address) == network


@pytest.mark.race
def test_twenty_at_once_are_counted_one_by_one(real_database, now):
    engine = create_engine(driver_url(real_database), pool_size=20)
    limit = Limit("knock", 7, timedelta(minutes=15))

    def knock(_number):
        with Session(engine) as session:
            try:
                throttles.take(session, Try(limit, "door"), Try(RING, "other"), now=now)
            except TooManyTries:
                session.rollback()
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(20) as pool:
        let_in = sum(pool.map(knock, range(20)))
    engine.dispose()

    assert let_in == 5

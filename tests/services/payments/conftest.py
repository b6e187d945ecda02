"""A bank that is simulated, and Alice's group buy, which some pay by card."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from tests import make_buying
from tests.make_payments import Bank
from tests.services.payments.paying import joined, open_page


@pytest.fixture
def bank(app: Flask, now: datetime) -> Iterator[Bank]:
    yield Bank(app, now)
    del app.extensions["gateway"]


@pytest.fixture
def at_the_door(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def deal(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    """Closes in two weeks: too long for a hold, so cards are saved."""
    return make_buying.group_buy(session, alice, now=now, closes_at=now + timedelta(days=14))


@pytest.fixture
def soon(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    """Closes in five days: short enough to hold the worst case."""
    return make_buying.group_buy(session, alice, now=now, closes_at=now + timedelta(days=5))


@pytest.fixture
def moved(
    session: Session, app: Flask, bank: Bank, soon: GroupBuy, bob: Actor, now: datetime
) -> tuple[int, Bank]:
    """Bob's order with a page at a gateway that the operator has exchanged for another since."""
    commitment_id = joined(session, soon, bob, 5, now)
    open_page(commitment_id, bob, now)
    return commitment_id, Bank(app, now)

"""A bank that is simulated, for those who are paid."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from tests import make_payouts
from tests.make_payments import Bank


@pytest.fixture
def bank(app: Flask, now: datetime) -> Iterator[Bank]:
    yield Bank(app, now)
    del app.extensions["gateway"]


@pytest.fixture(autouse=True)
def at_the_door(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def sold(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> GroupBuy:
    """Bob's 4 and Charlie's 3 cans, paid by card and handed over; the accounts are still open."""
    return make_payouts.paid_by_card(session, bank, alice, [(bob, 4), (charlie, 3)], now=now)

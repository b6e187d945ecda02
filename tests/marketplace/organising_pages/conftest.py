"""Alice's group buy at each stage; all happens on one Saturday morning."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy
from tests import make_buying, make_running


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def draft(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return make_buying.group_buy(session, alice, now=now, published=False)


@pytest.fixture
def open_deal(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return make_buying.group_buy(session, alice, now=now)


@pytest.fixture
def running(session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime) -> GroupBuy:
    """Bob ordered 4 cans and Charlie 3; it closed and runs."""
    return make_running.closed(session, alice, [(bob, 4), (charlie, 3)], now=now)


@pytest.fixture
def handing_over(session: Session, running: GroupBuy, alice: Actor) -> GroupBuy:
    make_running.handing_over(session, running, alice)
    return running

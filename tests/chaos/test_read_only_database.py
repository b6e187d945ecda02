"""A database that takes nothing any more: pages say so in words, and nothing is half written."""

import time

import pytest
import requests
from sqlalchemy import Engine, text

from marketplace.db import RESTED_SECONDS
from services import buying
from tests import make
from tests.chaos import oracles, street
from tests.chaos.conftest import Tally
from tests.chaos.instance import Instance
from tests.make_api import bearer

ACTS = 20


@pytest.mark.chaos
@pytest.mark.race
def test_a_read_only_database_is_answered_with_503(
    server: Engine, instance: Instance, tally: Tally
) -> None:
    instance.start("web")
    now = instance.now()
    alice = street.organiser(instance, now=now)
    deal_id = street.open_deal(instance, alice, now=now)
    with instance.transaction() as session:
        bob = make.actor(session, "Bob", now=now)
        headers = bearer(session, bob, now=now)
        deal = buying.locked(session, deal_id)
        order = {
            "lines": [{"article": str(buying.articles(session, deal)[0].id), "units": 1}],
            "payment_method": "at_pickup",
            "pickup_point": str(buying.pickup_points(session, deal)[0].id),
            "terms_number": deal.terms_number,
        }
    path = f"{instance.url}/api/v1/group-buys/{deal_id}/commitments"
    name = instance.value("SELECT current_database()")

    def join(key: str) -> requests.Response:
        return requests.post(
            path, json=order, headers={**headers, "Idempotency-Key": key}, timeout=30
        )

    set_and_begin_anew(server, name, "SET default_transaction_read_only = on")
    refused = [join(f"key-{at}") for at in range(ACTS)]
    page = requests.get(f"{instance.url}/group-buys", timeout=30)
    left = instance.value("SELECT count(*) FROM commitments")
    set_and_begin_anew(server, name, "RESET default_transaction_read_only")
    done = join("key-0")

    lost = [f"answered {one.status_code}" for one in refused if one.status_code != 503]
    lost += [f"{left} were half written"] if left else []
    lost += [f"then answered {done.status_code}"] if done.status_code != 201 else []
    lost += oracles.books(instance)
    tally.count("a database that only reads", ACTS, lost)
    assert page.status_code == 200


def set_and_begin_anew(server: Engine, database: str, setting: str) -> None:
    """What is connected keeps its old settings, so everybody connects anew."""
    with server.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {database} {setting}"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
            {"name": database},
        )
    # A connection that was used just now is not tested before it is used again.
    time.sleep(RESTED_SECONDS)

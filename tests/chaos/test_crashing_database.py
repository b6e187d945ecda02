"""A database that stops in the middle of everything, and recovers."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from marketplace import schema
from services import buying
from tests import make
from tests.chaos import oracles, street
from tests.chaos.cluster import Cluster
from tests.chaos.conftest import Tally
from tests.chaos.instance import Instance
from tests.chaos.programs import Caller
from tests.conftest import driver_url
from tests.make_api import bearer
from tests.make_buying import olive_oil

CRASHES = 4
BETWEEN_SECONDS = 4.0
CALLERS = 8
CHARGED = 200


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "checkout").mkdir()
    made = Cluster(tmp_path / "checkout")
    engine = create_engine(driver_url(made.url))
    with engine.begin() as connection:
        schema.build(connection)
        make.currencies(connection)
    engine.dispose()
    yield made
    made.end()


@pytest.fixture
def instance(cluster: Cluster, instance_on: Callable[..., Instance]) -> Instance:
    made = instance_on(cluster.url)
    made.start("stripesim")
    return made


@pytest.mark.chaos
@pytest.mark.race
@pytest.mark.timeout(600)
def test_nothing_that_was_answered_is_lost_when_the_database_crashes(
    instance: Instance, cluster: Cluster, tally: Tally
) -> None:
    now = instance.now()
    then = now - timedelta(days=7)
    alice = street.organiser(instance, now=then)
    people = street.neighbours(instance, [street.WORKING] * CHARGED, now=then)
    closing = street.open_deal(
        instance, alice, now=then, articles=[olive_oil(maximum_units=CHARGED)]
    )
    street.join_by_card(instance, closing, people, now=then)
    standing = street.open_deal(
        instance, alice, now=now, articles=[olive_oil(maximum_units=None, minimum_units=9)]
    )
    callers, order = _callers(instance, people[:CALLERS], standing)
    instance.start("web", "worker", is_kept=True)

    ended = threading.Event()
    with ThreadPoolExecutor(CALLERS) as pool:
        calling = [
            pool.submit(one.join_and_leave, standing, order, ended, at)
            for at, one in enumerate(callers)
        ]
        for _ in range(CRASHES):
            time.sleep(BETWEEN_SECONDS)
            cluster.crash()
        time.sleep(BETWEEN_SECONDS)
        ended.set()
        for one in calling:
            one.result()
    instance.kill("worker")
    instance.start("worker")
    instance.settle_down()

    lost = [
        *_unlike_what_was_answered(instance, callers, standing),
        *oracles.decisions(instance),
        *oracles.everything(instance),
    ]
    acts = sum(one.answers[201] + one.answers[200] for one in callers)
    tally.count(f"a crash of PostgreSQL under {acts:,} acts of programs", CRASHES, lost)
    assert sum(one.asked_again for one in callers) > 0
    assert all(set(one.answers) <= {200, 201, 500, 502, 503} for one in callers)


def _callers(
    instance: Instance, member_ids: list[int], deal_id: int
) -> tuple[list[Caller], dict[str, object]]:
    with instance.transaction() as session:
        deal = buying.locked(session, deal_id)
        order = {
            "lines": [{"article": str(buying.articles(session, deal)[0].id), "units": 1}],
            "payment_method": "at_pickup",
            "pickup_point": str(buying.pickup_points(session, deal)[0].id),
            "terms_number": deal.terms_number,
        }
        callers = [
            Caller(
                instance.url,
                bearer(session, street.as_member(session, one), now=instance.now()),
                f"program-{one}",
            )
            for one in member_ids
        ]
    return callers, order


def _unlike_what_was_answered(
    instance: Instance, callers: list[Caller], deal_id: int
) -> Iterator[str]:
    """Commitments that are not as their members were told, or that nobody was told of."""
    rows = instance.execute(
        "SELECT id, state FROM commitments WHERE collaboration_id = :deal", deal=deal_id
    )
    stand = {str(one.id): str(one.state) for one in rows}
    told = {key: state for one in callers for key, state in one.kept.items()}
    for key in sorted(set(stand) | set(told)):
        if stand.get(key) != told.get(key):
            yield f"commitment {key} is {stand.get(key)}, its member was told {told.get(key)}"
    count = instance.value(
        "SELECT commitments_count FROM collaborations WHERE id = :id", id=deal_id
    )
    if count != sum(state == "active" for state in stand.values()):
        yield f"{count} are said to take part"

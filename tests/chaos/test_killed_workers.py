"""Workers that are killed: while they decide, while they charge, while they give back."""

from datetime import timedelta

import pytest

from models.payments import PaymentState
from tests.chaos import oracles, street
from tests.chaos.conftest import Tally
from tests.chaos.instance import Instance, until
from tests.make_buying import olive_oil

COMMITMENTS = 500
# After so many charges, or refunds, the worker dies.
CHARGED = (1, 60, 200, 390)
GIVEN_BACK = (1, 150, 330)
CARDS = [street.WORKING] * 22 + [street.DECLINED, street.WORKING, street.ASKING]


@pytest.mark.chaos
@pytest.mark.race
@pytest.mark.timeout(600)
def test_a_closing_survives_the_death_of_its_workers(instance: Instance, tally: Tally) -> None:
    then = instance.now() - timedelta(days=7)
    alice = street.organiser(instance, now=then)
    people = street.neighbours(instance, CARDS * (COMMITMENTS // len(CARDS)), now=then)
    oil = olive_oil(maximum_units=COMMITMENTS)
    deal = street.open_deal(instance, alice, now=then, articles=[oil], collecting_days=7)
    street.join_by_card(instance, deal, people, now=then)

    kills = _kill_while_deciding(instance)
    for count in CHARGED:
        kills += _kill_once(instance, "payment_attempts", "state <> 'planned'", count)
    instance.start("worker")
    instance.settle_down()

    paid = instance.value(
        "SELECT count(*) FROM payments WHERE state = :paid", paid=PaymentState.PAID
    )
    lost = [*oracles.decisions(instance), *oracles.everything(instance)]
    tally.count(f"a worker killed while it closes and charges {COMMITMENTS}", kills, lost)
    assert paid == COMMITMENTS * 23 // 25

    instance.kill("worker")
    street.cancel(instance, deal, alice)
    kills = 1
    for count in GIVEN_BACK:
        kills += _kill_once(instance, "refunds", "state <> 'wanted'", count)
    instance.start("worker")
    instance.settle_down()

    lost = oracles.everything(instance)
    back = instance.value("SELECT count(*) FROM refunds WHERE state = 'succeeded'")
    tally.count(f"a worker killed while it gives back {paid} payments", kills, lost)
    assert back == paid


def _kill_while_deciding(instance: Instance) -> int:
    """Kill twice in the one transaction that decides: nothing of it is kept."""
    closing = (
        "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND query LIKE '%clearings%'"
        " AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    for _ in range(2):
        instance.start("worker")
        instance.ask_again()
        until(lambda: instance.value(closing) > 0)
        instance.kill("worker")
    return 2


def _kill_once(instance: Instance, table: str, condition: str, count: int) -> int:
    instance.start("worker")
    instance.ask_again()
    asked = f"SELECT count(*) FROM {table} WHERE {condition}"
    until(lambda: instance.value(asked) >= count)
    instance.kill("worker")
    return 1

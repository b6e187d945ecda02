"""A clock that jumps: eight days forward, an hour back, and forward again."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from models.collaborations import State
from models.payments import PaymentState
from tests.chaos import oracles, street
from tests.chaos.clock import Clock
from tests.chaos.conftest import Tally
from tests.chaos.instance import Instance

DAYS = timedelta(days=8)
HOUR = timedelta(hours=1)
PAYERS = 5


@pytest.mark.chaos
@pytest.mark.race
@pytest.mark.timeout(600)
def test_no_deadline_fires_early_or_twice(instance: Instance, tally: Tally) -> None:
    clock = Clock(instance)
    now = instance.now()
    alice = street.organiser(instance, now=now)
    # Before the jump, just before its end, after it, and after the hour that is lived twice.
    closings = {
        "passed": timedelta(days=7),
        "just passed": DAYS - HOUR / 2,
        "just to come": DAYS + HOUR / 2,
        "far": timedelta(days=9),
    }
    deals = {
        name: _deal_with_payers(instance, alice, now + closes_in, now=now)
        for name, closes_in in closings.items()
    }
    instance.start("web", "worker")
    instance.settle_down()
    lost = _not_as_expected(instance, deals, set())

    jumps = (
        (DAYS, {"passed", "just passed"}),
        # The half hour before the jump comes once more, and nothing comes of it.
        (DAYS - HOUR, {"passed", "just passed"}),
        (DAYS + HOUR / 4, {"passed", "just passed"}),
        (DAYS + HOUR, {"passed", "just passed", "just to come"}),
        (timedelta(days=9, hours=1), set(closings)),
    )
    for ahead, decided in jumps:
        clock.set_ahead(ahead)
        # Reactions defer what follows them, and each of the two rounds may find more to do.
        instance.settle_down()
        instance.settle_down()
        lost += _not_as_expected(instance, deals, decided)
    lost += [*oracles.decisions(instance), *oracles.everything(instance)]

    tally.count("the clock set forward 8 days and back an hour", len(jumps), lost)


def _deal_with_payers(instance: Instance, alice: int, closes_at: datetime, *, now: datetime) -> int:
    people = street.neighbours(instance, [street.WORKING] * PAYERS, now=now)
    deal = street.open_deal(instance, alice, now=now, closes_at=closes_at, collecting_days=2)
    street.join_by_card(instance, deal, people, now=now)
    return deal


def _not_as_expected(instance: Instance, deals: dict[str, int], decided: set[str]) -> list[str]:
    return [
        f"the deal whose close is {name} is {state}, {paid} of {PAYERS} have paid"
        for name, deal in deals.items()
        for state, paid in instance.execute(
            "SELECT c.state, count(*) FILTER (WHERE p.state = :paid) FROM collaborations c"
            " JOIN commitments o ON o.collaboration_id = c.id"
            " JOIN payments p ON p.commitment_id = o.id WHERE c.id = :deal GROUP BY c.state",
            paid=PaymentState.PAID,
            deal=deal,
        )
        if (state != State.OPEN) != (name in decided) or paid != (PAYERS if name in decided else 0)
    ]


@pytest.mark.chaos
@pytest.mark.race
@pytest.mark.timeout(600)
def test_a_hold_that_lapsed_is_noticed(instance: Instance, tally: Tally) -> None:
    """A hold of seven days whose close came late: the card that was kept with it is charged."""
    clock = Clock(instance)
    now = instance.now()
    alice = street.organiser(instance, now=now)
    people = street.neighbours(instance, [street.WORKING] * PAYERS, now=now)
    closes_at = now + timedelta(days=5)
    deal = street.open_deal(instance, alice, now=now, closes_at=closes_at, collecting_days=2)
    street.hold_by_card(instance, deal, people, now=now)
    instance.start("web")

    # Nobody is at work for eight days.
    clock.set_ahead(DAYS)
    instance.start("worker")
    instance.settle_down()
    instance.settle_down()

    lost = [*oracles.decisions(instance), *oracles.everything(instance)]
    lost += list(_unpaid(instance, deal))
    tally.count("holds that lapsed while nobody was at work", PAYERS, lost)


def _unpaid(instance: Instance, deal: int) -> Iterator[str]:
    for (state,) in instance.execute(
        "SELECT p.state FROM payments p JOIN commitments o ON o.id = p.commitment_id"
        " WHERE o.collaboration_id = :deal",
        deal=deal,
    ):
        if state != PaymentState.PAID:
            yield f"a payment whose hold lapsed is {state}"

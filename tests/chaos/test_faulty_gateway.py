"""A gateway whose answers, and whose messages, get lost: every call has one effect, whatever came.

One story is told again and again: cards are given on hosted pages, held or saved, let go, taken,
charged and given back. Whatever fails on the way, it ends as on a quiet day.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services import buying
from services.gateways.answers import GatewayUnreachable
from tests import make
from tests.chaos import oracles, street
from tests.chaos.clock import Clock
from tests.chaos.conftest import Tally
from tests.chaos.instance import Instance, until

CALLS = (
    "/v1/customers",
    "/v1/checkout/sessions",
    "/v1/payment_intents",
    "/v1/payment_intents/*/capture",
    "/v1/payment_intents/*/cancel",
    "/v1/refunds",
)
# The SDK itself asks three times; whatever fails more often reaches us.
TIMES = 7
PEOPLE = 6
LEAVING = 2
FAULTS = ("connection_lost", "unavailable")
MESSAGES = ("duplicate", "reorder", "bad_signature", "delay", "drop")
HELD, SAVED = timedelta(days=5), timedelta(days=9)


@pytest.mark.chaos
@pytest.mark.race
@pytest.mark.timeout(600)
def test_every_call_has_one_effect_and_every_message_counts_once(
    fresh_database: Callable[[], str], instance_on: Callable[..., Instance], tally: Tally
) -> None:
    quiet = told(instance_on(fresh_database()))

    for fault in FAULTS:
        instance = instance_on(fresh_database())
        instance.start("stripesim")
        for path in CALLS:
            instance.fault(fault, path, count=TIMES)
        ended = told(instance)
        lost = [*unlike(quiet, ended), *oracles.everything(instance)]
        tally.count(f"calls of the gateway: {fault}", TIMES * len(CALLS), lost)

    instance = instance_on(fresh_database())
    instance.start("stripesim")
    for path in CALLS:
        instance.fault("slow", path, count=2, seconds=1)
    for fault in MESSAGES:
        # Each message three times, and in reverse order; some forged, some late, some never.
        often = 60 if fault in ("duplicate", "reorder") else 8
        instance.fault(fault, count=often, seconds=2 if fault == "delay" else 0)
    ended = told(instance)
    lost = [*unlike(quiet, ended), *oracles.everything(instance)]
    tally.count("slow calls; messages doubled, reversed, forged, late, lost", 156, lost)


def told(instance: Instance) -> dict[str, Any]:
    """The story, and how everything stands at its end."""
    clock = Clock(instance)
    if "stripesim" not in instance.programs:
        instance.start("stripesim")
    instance.start("web", "worker")
    now = instance.now()
    alice = street.organiser(instance, now=now)
    with instance.transaction() as session:
        people = [make.actor(session, f"P{at}", now=now).member.id for at in range(PEOPLE)]
    deals = [
        street.open_deal(instance, alice, now=now, closes_at=now + closes_in, collecting_days=2)
        for closes_in in (HELD, SAVED)
    ]
    made = [_join(instance, deal, one) for deal in deals for one in people]
    for commitment_id, member_id in list(zip(made, people, strict=False))[:LEAVING]:
        _leave(instance, deals[0], commitment_id, member_id)
    instance.settle_down()
    for closes_in in (HELD, SAVED):
        clock.set_ahead(closes_in + timedelta(minutes=1))
        instance.settle_down()
    street.cancel(instance, deals[0], alice)
    instance.settle_down()
    instance.settle_down()
    return _standing(instance)


def _join(instance: Instance, deal_id: int, member_id: int) -> int:
    [commitment_id] = street.join_with_card_to_come(
        instance, deal_id, [member_id], now=instance.now(), units=2
    )

    def has_given_a_card() -> bool:
        try:
            street.give_card(instance, commitment_id, member_id)
        except GatewayUnreachable:
            # They are told to try again, and do.
            return False
        return True

    until(has_given_a_card)
    return commitment_id


def _leave(instance: Instance, deal_id: int, commitment_id: int, member_id: int) -> None:
    with instance.transaction() as session:
        deal, who = buying.locked(session, deal_id), street.as_member(session, member_id)
        mine = buying.commitment(session, deal, commitment_id, actor=who)
        buying.withdraw(session, deal, mine, actor=who, now=instance.now())


def _standing(instance: Instance) -> dict[str, Any]:
    intents = instance.at_the_bank("payment_intent")
    return {
        "payments": Counter(
            map(
                tuple,
                instance.execute(
                    "SELECT p.state, p.amount_minor, p.refunded_minor FROM payments p"
                ),
            )
        ),
        "books": Counter(
            map(tuple, instance.execute("SELECT purpose, balance_minor FROM accounts"))
        ),
        "deals": sorted(map(tuple, instance.execute("SELECT id, state FROM collaborations"))),
        # Whom it is said to that it tipped depends on who had joined when somebody was told.
        "notices": Counter(
            map(
                tuple,
                instance.execute(
                    "SELECT member_id, message FROM notices"
                    " WHERE message IN ('payment-received', 'refunded', 'in', 'cancelled-because')"
                ),
            )
        ),
        "customers": len(instance.at_the_bank("customer")),
        "charges": Counter((one["status"], one["amount_received"]) for one in intents),
    }


def unlike(quiet: dict[str, Any], ended: dict[str, Any]) -> list[str]:
    return [
        f"{what}: {ended[what]} instead of {quiet[what]}"
        for what in quiet
        if ended[what] != quiet[what]
    ]

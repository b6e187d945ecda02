"""Whether the scenarios would notice: something is broken on purpose, and counted as lost."""

from datetime import timedelta

import pytest

from tests.chaos import oracles, street
from tests.chaos.conftest import Tally, table
from tests.chaos.instance import Instance


@pytest.fixture
def sound(instance: Instance) -> Instance:
    """Three have paid by card, and nothing is wrong."""
    then = instance.now() - timedelta(days=7)
    alice = street.organiser(instance, now=then)
    people = street.neighbours(instance, [street.WORKING] * 3, now=then)
    deal = street.open_deal(instance, alice, now=then)
    street.join_by_card(instance, deal, people, now=then, units=2)
    instance.start("worker")
    instance.settle_down()
    instance.kill("worker")
    assert [*oracles.decisions(instance), *oracles.everything(instance)] == []
    return instance


def test_every_kind_of_loss_is_counted(sound: Instance) -> None:
    """One after the other: each is found by what it is, and not by what was broken before."""
    attempt = sound.execute(
        "SELECT a.payment_id, a.amount_minor, c.customer_key, p.payment_method_key"
        " FROM payment_attempts a JOIN payments p ON p.id = a.payment_id"
        " JOIN gateway_customers c USING (participant_id) ORDER BY a.id LIMIT 1"
    )[0]
    sound.gateway.charge_off_session(
        attempt.customer_key,
        attempt.payment_method_key,
        attempt.amount_minor,
        "EUR",
        key="once more",
        metadata={"payment": str(attempt.payment_id)},
    )
    doubled = oracles.everything(sound)
    assert f"payment {attempt.payment_id} is paid and was charged 2 times" in doubled
    assert any(one.startswith("the bank holds") for one in doubled)

    sound.execute("ALTER TABLE entries DISABLE TRIGGER USER")
    sound.execute("DELETE FROM entries WHERE id = (SELECT max(id) FROM entries)")
    assert any("does not sum to zero" in one for one in oracles.books(sound))

    sound.execute("ALTER TABLE accounts DISABLE TRIGGER USER")
    sound.execute("UPDATE accounts SET balance_minor = balance_minor - 1 WHERE purpose = 'own'")
    assert list(oracles.accounts(sound)) != []

    sound.execute("UPDATE payments SET state = 'charging' WHERE id = :id", id=attempt.payment_id)
    assert f"payment {attempt.payment_id} is still being charged" in list(oracles.charges(sound))

    sound.execute(
        "INSERT INTO refunds (payment_id, key, reason, intent_key, amount_minor, state,"
        " tries_count, gateway_key, wanted_at)"
        " VALUES (:id, 'x', 'x', 'pi_x', 1, 'sent', 1, '', now())",
        id=attempt.payment_id,
    )
    [unmade] = {one for one in oracles.refunds(sound) if "still" in one}
    assert unmade.endswith("is still sent")

    sound.execute(
        "INSERT INTO procrastinate_jobs (task_name, queue_name, status) VALUES ('x', 'x', 'failed')"
    )
    assert list(oracles.jobs(sound)) != []

    sound.execute("ALTER TABLE events DISABLE TRIGGER USER")
    sound.execute("UPDATE events SET kind = 'Nothing' WHERE kind = 'GroupBuyDecided'")
    [undecided] = oracles.decisions(sound)
    assert undecided.endswith("was decided 0 times")


def test_a_loss_fails_its_scenario_and_stands_in_the_table() -> None:
    tally = Tally()
    tally.count("nothing", 3, [])

    with pytest.raises(AssertionError):
        tally.count("a leak", 1_200, ["one", "another"])

    assert list(table(tally.said)) == [
        "what was tried | how often | lost",
        "nothing        |         3 |    0",
        "a leak         |     1,200 |    2",
    ]

"""A backup that is taken under load, and read back into an empty database after the worst."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.chaos import oracles, street
from tests.chaos.conftest import Tally
from tests.chaos.instance import ROOT, Instance, until
from tests.conftest import drop, url_of
from tests.make_buying import olive_oil

PAYERS = 120
DUMPED_AFTER = 40
PAID = "SELECT count(*) FROM payments WHERE state = 'paid'"


@pytest.fixture
def empty(server: Engine, template: str) -> Iterator[str]:
    name = f"{template}_restored"
    with server.connect() as connection:
        drop(connection, name)
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield url_of(name)
    with server.connect() as connection:
        drop(connection, name)


def launcher(*words: str, database_url: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "launcher", *words],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def trial_balance(instance: Instance) -> str:
    printed = instance.app.test_cli_runner().invoke(args=["ledger", "trial-balance"])
    assert printed.exit_code == 0, printed.output
    return str(printed.output)


def counted(instance: Instance) -> list[int]:
    """What a backup must not lose: jobs, keys, events, mails, money on its way."""
    return [
        instance.value(f"SELECT count(*) FROM {table}")
        for table in ("procrastinate_jobs", "payment_attempts", "events", "mails", "transfers")
    ]


def with_payers(instance: Instance, count: int) -> None:
    """A group buy of Alice's whose close has come, with so many cards."""
    then = instance.now() - timedelta(days=7)
    alice = street.organiser(instance, now=then)
    people = street.neighbours(instance, [street.WORKING] * count, now=then)
    deal = street.open_deal(instance, alice, now=then, articles=[olive_oil(maximum_units=count)])
    street.join_by_card(instance, deal, people, now=then)


def test_what_was_backed_up_is_restored_into_an_empty_database(
    empty: str, instance: Instance, instance_on: Callable[..., Instance], tmp_path: Path
) -> None:
    with_payers(instance, 5)
    instance.start("worker")
    instance.settle_down()
    instance.kill("worker")
    file = tmp_path / "backup"

    assert launcher("backup", str(file), database_url=instance.env["DATABASE_URL"]).returncode == 0
    assert launcher("restore", str(file), database_url=empty).returncode == 0

    restored = instance_on(empty)
    assert counted(restored) == counted(instance)
    assert trial_balance(restored) == trial_balance(instance)
    assert oracles.books(restored) == []
    # What was lost may have had the next numbers, and the bank knows keys that were made of them.
    lost = instance.value("SELECT max(id) FROM payments") + 1_000
    assert restored.value("SELECT nextval(pg_get_serial_sequence('payments', 'id'))") > lost


def test_a_database_that_holds_something_is_not_overwritten_unasked(
    instance: Instance, tmp_path: Path
) -> None:
    url, file = instance.env["DATABASE_URL"], tmp_path / "backup"
    launcher("backup", str(file), database_url=url)
    street.organiser(instance, now=instance.now())

    refused = launcher("restore", str(file), database_url=url)
    kept = instance.value("SELECT count(*) FROM members")
    done = launcher("restore", str(file), database_url=url, CONFIRM="yes")

    assert (refused.returncode, kept, done.returncode) == (1, 1, 0)
    assert "CONFIRM=yes" in refused.stderr
    assert instance.value("SELECT count(*) FROM members") == 0


def test_what_is_replaced_leaves_nothing_behind_and_a_broken_file_changes_nothing(
    instance: Instance, tmp_path: Path
) -> None:
    url, file = instance.env["DATABASE_URL"], tmp_path / "backup"
    launcher("backup", str(file), database_url=url)
    instance.execute("CREATE TABLE of_a_later_version (id bigint)")
    half = tmp_path / "half"
    half.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    broken = launcher("restore", str(half), database_url=url, CONFIRM="yes")
    assert broken.returncode != 0
    assert instance.value("SELECT count(*) FROM of_a_later_version") == 0

    assert launcher("restore", str(file), database_url=url, CONFIRM="yes").returncode == 0
    assert instance.value("SELECT to_regclass('of_a_later_version')") is None


def test_no_invoice_gets_the_number_of_one_that_was_lost(
    empty: str, instance: Instance, instance_on: Callable[..., Instance], tmp_path: Path
) -> None:
    with_payers(instance, 5)
    seller, year = "SELECT organiser_id FROM collaborations", "extract(year FROM now())"
    last = (
        f"SELECT last_number FROM invoice_counters WHERE seller_id = ({seller}) AND year = {year}"
    )
    file = tmp_path / "backup"
    launcher("backup", str(file), database_url=instance.env["DATABASE_URL"])

    assert launcher("restore", str(file), database_url=empty).returncode == 0
    first = instance_on(empty).value(last)
    assert first > 10_000
    assert launcher("backup", str(file), database_url=empty).returncode == 0
    assert launcher("restore", str(file), database_url=empty, CONFIRM="yes").returncode == 0
    assert instance_on(empty).value(last) > first + 10_000


def test_a_file_that_is_restored_twice_gives_other_numbers(
    instance: Instance, tmp_path: Path
) -> None:
    url, file = instance.env["DATABASE_URL"], tmp_path / "backup"
    launcher("backup", str(file), database_url=url)
    taken = []
    for _ in range(2):
        assert launcher("restore", str(file), database_url=url, CONFIRM="yes").returncode == 0
        number = "SELECT nextval(pg_get_serial_sequence('refunds', 'id'))"
        taken.append(instance.value(number))
    # Ten for each second that went by.
    assert taken[1] > taken[0]


@pytest.mark.chaos
@pytest.mark.race
@pytest.mark.timeout(600)
def test_what_was_charged_after_the_backup_is_not_charged_again(
    empty: str,
    instance: Instance,
    instance_on: Callable[..., Instance],
    tmp_path: Path,
    tally: Tally,
) -> None:
    """It is taken in the middle of the charges; what came after it the bank remembers."""
    with_payers(instance, PAYERS)
    file = tmp_path / "backup"
    instance.start("worker")
    until(lambda: instance.value(PAID) >= DUMPED_AFTER)
    assert launcher("backup", str(file), database_url=instance.env["DATABASE_URL"]).returncode == 0
    instance.settle_down()
    instance.kill("worker")
    assert list(oracles.charges(instance)) == []

    assert launcher("restore", str(file), database_url=empty).returncode == 0
    restored = instance_on(empty, **bank_of(instance))
    restored.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    restored.start("worker")
    restored.settle_down()
    restored.settle_down()

    lost = [*oracles.decisions(restored), *oracles.everything(restored)]
    paid = restored.value(PAID)
    lost += [f"{paid} of {PAYERS} have paid"] if paid != PAYERS else []
    tally.count(f"a backup restored from before {PAYERS - DUMPED_AFTER} charges", 1, lost)
    assert trial_balance(restored) == trial_balance(instance)


def bank_of(instance: Instance) -> dict[str, str]:
    """The settings under which another instance speaks to the same bank."""
    return {name: word for name, word in instance.env.items() if name.startswith("STRIPE")}

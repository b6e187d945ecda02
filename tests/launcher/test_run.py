"""One command starts everything; whatever is killed, nothing is left over and nothing is lost."""

import contextlib
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.launcher.conftest import Launched, find_process, processes_of, until

Launch = Callable[..., Launched]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_serves_until_it_is_asked_to_end(
    launch: Launch, checkout: Path, number: signal.Signals
) -> None:
    run = launch()
    run.wait_until_ready()

    assert run.ask() == "1"
    assert f"http://localhost:{run.port}/" in run.text
    assert "alice@example.org" in run.text

    assert run.end(number) == 0
    assert processes_of(checkout) == []


def test_a_second_start_keeps_the_data_and_prepares_nothing_again(launch: Launch) -> None:
    first = launch()
    first.wait_until_ready()
    first.ask("POST")
    first.end()

    second = launch()
    second.wait_until_ready()

    assert second.ask() == "2"
    assert "migrated" in first.text
    assert "migrated" not in second.text


def test_a_killed_supervisor_leaves_no_process_and_the_next_start_is_clean(
    launch: Launch, checkout: Path
) -> None:
    run = launch()
    run.wait_until_ready()
    run.ask("POST")

    run.end(signal.SIGKILL)
    again = launch()
    again.wait_until_ready()

    assert again.ask() == "2"
    again.end(signal.SIGKILL)
    until(lambda: processes_of(checkout) == [])


def test_everything_killed_at_once_loses_nothing(launch: Launch, checkout: Path) -> None:
    run = launch()
    run.wait_until_ready()
    run.ask("POST")

    for process in processes_of(checkout):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    run.process.wait()
    again = launch()
    again.wait_until_ready()

    assert again.ask() == "2"


def test_a_killed_postgres_is_started_again_with_its_data(launch: Launch, checkout: Path) -> None:
    run = launch()
    run.wait_until_ready()
    run.ask("POST")

    find_process(checkout, "bin/postgres").kill()

    run.wait_for("postgres ended")
    run.wait_for_answer("2")


def test_a_killed_leash_of_postgres_leaves_one_server_only(launch: Launch, checkout: Path) -> None:
    run = launch()
    run.wait_until_ready()
    run.ask("POST")
    before = find_process(checkout, "bin/postgres").pid

    find_process(checkout, "bin/postgres", leash=True).kill()

    run.wait_for("postgres ended")
    run.wait_for_answer("2")
    assert find_process(checkout, "bin/postgres").pid != before


@pytest.mark.parametrize("leash", [True, False])
def test_a_killed_web_server_is_started_again(launch: Launch, checkout: Path, leash: bool) -> None:
    run = launch()
    run.wait_until_ready()

    find_process(checkout, "gunicorn", leash=leash).kill()

    run.wait_for("web ended")
    run.wait_for_answer("1")


def test_a_worker_that_keeps_ending_ends_everything(launch: Launch, checkout: Path) -> None:
    procfile = checkout / "Procfile"
    procfile.write_text(procfile.read_text().replace("sleep 1000", "false"))
    run = launch()

    code = run.process.wait(60)

    assert code == 1
    assert "worker keeps ending (exit code 1)" in run.text
    assert processes_of(checkout) == []


def test_a_failed_release_stops_the_start(launch: Launch, checkout: Path) -> None:
    procfile = checkout / "Procfile"
    procfile.write_text(
        procfile.read_text().replace("flask --app marketplace migrate", "sh -c 'exit 7'")
    )
    run = launch()

    code = run.process.wait(60)

    assert code == 1
    assert "`sh -c 'exit 7'` failed with exit code 7" in run.text
    assert processes_of(checkout) == []


def test_a_busy_port_is_refused_before_anything_is_started(
    launch: Launch, checkout: Path, port: int
) -> None:
    with socket.create_server(("127.0.0.1", port)):
        run = launch()
        code = run.process.wait(60)

    assert code == 1
    assert f"Port {port} is busy" in run.text
    assert "make run PORT=" in run.text
    assert not (checkout / "var" / "secret-key").exists()


def test_a_checkout_is_run_once_at_a_time(launch: Launch) -> None:
    first = launch()
    first.wait_until_ready()

    second = launch()
    code = second.process.wait(60)

    assert code == 1
    assert f"already runs from this directory (process {first.process.pid})" in second.text
    assert first.ask() == "1"


def test_the_run_ends_with_the_make_that_started_it(launch: Launch, checkout: Path) -> None:
    run = launch(wrapper=("sh", "-c", '"$0" "$@"; exit'))
    run.wait_until_ready()

    run.end(signal.SIGKILL)

    until(lambda: processes_of(checkout) == [])


def test_secrets_are_made_once_and_kept_private(launch: Launch, checkout: Path) -> None:
    run = launch()
    run.wait_until_ready()
    secret = checkout / "var" / "secret-key"
    made = secret.read_text()
    run.end()

    again = launch()
    again.wait_until_ready()

    assert secret.stat().st_mode & 0o777 == 0o600
    assert len(made) >= 50
    assert secret.read_text() == made

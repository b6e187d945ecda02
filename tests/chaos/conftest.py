"""Faults: each scenario says what it tried, how often, and what was lost or done twice.

Scenarios run beside each other, in processes of their own; what each says travels with its report.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from _pytest.terminal import TerminalReporter
from sqlalchemy import Engine, text

from tests.chaos.instance import Instance
from tests.conftest import drop, url_of

COLUMNS = ("what was tried", "how often", "lost")


FAULT = "fault"


@dataclass
class Tally:
    """What one scenario says, a row for each thing it tried."""

    said: list[tuple[str, object]] = field(default_factory=list)

    def count(self, tried: str, often: int, lost: Sequence[str]) -> None:
        """Note what was tried; whatever was lost fails it, in words."""
        self.said.append((FAULT, [tried, often, len(lost)]))
        assert list(lost) == []


def table(said: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """What all scenarios say, as lines of a table; its last column has to be zero."""
    faults = [value for name, value in said if name == FAULT]
    if not faults:
        return
    rows = [COLUMNS, *[(tried, f"{often:,}", str(lost)) for tried, often, lost in faults]]
    widths = [max(len(row[at]) for row in rows) for at in range(3)]
    for tried, often, lost in rows:
        yield f"{tried:<{widths[0]}} | {often:>{widths[1]}} | {lost:>{widths[2]}}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes unless it is asked for by its marker."""
    if "chaos" in config.option.markexpr:
        return
    long = [one for one in items if one.get_closest_marker("chaos")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [one for one in items if one not in long]


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    said = [one for report in reports if report.when == "call" for one in report.user_properties]
    for at, line in enumerate(table(said)):
        if not at:
            terminalreporter.section("faults")
        terminalreporter.write_line(line)


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    return Tally(request.node.user_properties)


@pytest.fixture
def fresh_database(server: Engine, template: str) -> Iterator[Callable[[], str]]:
    """As many databases as are asked for, in which commits are real."""
    names: list[str] = []

    def make() -> str:
        names.append(f"{template}_fresh_{len(names)}")
        with server.connect() as connection:
            drop(connection, names[-1])
            connection.execute(text(f"CREATE DATABASE {names[-1]} TEMPLATE {template}"))
        return url_of(names[-1])

    yield make
    for name in names:
        with server.connect() as connection:
            drop(connection, name)


@pytest.fixture
def instance_on(tmp_path: Path) -> Iterator[Callable[..., Instance]]:
    """An instance on a given database; all its programs end with the test."""
    made: list[Instance] = []

    def make(database_url: str, **settings: str) -> Instance:
        folder = tmp_path / f"instance-{len(made)}"
        made.append(Instance(folder, database_url, **settings))
        return made[-1]

    yield make
    for one in made:
        one.end()


@pytest.fixture
def instance(real_database: str, instance_on: Callable[..., Instance]) -> Instance:
    """An instance on a database of its own, of which the bank is at work already."""
    made = instance_on(real_database)
    made.start("stripesim")
    return made

"""Measuring: the marketplace and its floor in turn, round after round, when both are warm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TypeVar

from flask import Flask

from benchmarks import inside
from benchmarks.load import Load, Request, send
from benchmarks.served import Server

# For a door (True is the floor), the requests of one more round: joins are used up by sending.
Asked = Callable[[bool], Sequence[Request]]
Value = TypeVar("Value")
ROUNDS = 9
# Where other work only adds, many short rounds find a quiet moment.
QUIET_ROUNDS = 20
CPU_REQUESTS = 40
WARM_REQUESTS = 60
LOAD_THREADS = 16


@dataclass(frozen=True)
class Inside:
    """What one request costs the process: CPU of the quietest round, statements, memory."""

    cpu_ms: float
    floor_cpu_ms: float
    statements: int
    peak_kib: int


@dataclass
class Outside:
    """What came over the network, all rounds together, and how each round went."""

    ours: Load = field(default_factory=Load)
    floor: Load = field(default_factory=Load)
    ratios: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """That of the round in the middle: other work falls on one side of a round alone."""
        return median(self.ratios)


def measure_inside(app: Flask, floor: Flask, asked: Asked) -> Inside:
    """CPU time is taken from the quietest round, because other work only ever adds to it."""
    for door, is_floor in ((app, False), (floor, True)):
        answered = inside.statuses(door, asked(is_floor)[:WARM_REQUESTS])
        if not set(answered) <= {200, 303}:
            raise SystemExit(f"The requests are not answered as they should be: {answered}")
    ours, bare = [], []
    for _ in range(QUIET_ROUNDS):
        ours.append(inside.cpu_ms(app, asked(False)[:CPU_REQUESTS]))
        bare.append(inside.cpu_ms(floor, asked(True)[:CPU_REQUESTS]))
    return Inside(
        cpu_ms=min(ours),
        floor_cpu_ms=min(bare),
        statements=inside.statements(app, asked(False)[:CPU_REQUESTS]),
        peak_kib=inside.peak_kib(app, asked(False)[0]),
    )


def measure_outside(
    ours: Server, floor: Server, asked: Asked, *, seconds: float, repeat: bool
) -> Outside:
    """Requests in a second with as many threads as the web server has, in interleaved rounds."""
    found = Outside()
    for round_at in range(ROUNDS + 1):
        came, bare = (
            send(
                server.port,
                asked(is_floor),
                threads=LOAD_THREADS,
                seconds=seconds,
                repeat=repeat,
            )
            for server, is_floor in ((ours, False), (floor, True))
        )
        # The first round warms both; what it did is done, but not timed.
        if round_at:
            found.ours.add(came)
            found.floor.add(bare)
            found.ratios.append(came.per_second / bare.per_second)
        else:
            found.ours.statuses += came.statuses
            found.floor.statuses += bare.statuses
    return found


class Supply:
    """Requests that can be sent once, handed out slice by slice, for each door its own."""

    def __init__(self, make: Callable[[bool], list[Request]], size: int) -> None:
        self._left = {is_floor: make(is_floor) for is_floor in (False, True)}
        self._size = size

    def __call__(self, is_floor: bool) -> Sequence[Request]:
        taken, left = self._left[is_floor][: self._size], self._left[is_floor][self._size :]
        if not taken:
            raise SystemExit("There are no requests left to send: make a larger world.")
        self._left[is_floor] = left
        return taken

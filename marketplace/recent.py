"""What was made lately and may be needed again: bounded, and no older than was said."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class Recent(Generic[Kept]):
    """What was made lately: at most `most` of it, by its weight, each for at most `seconds`."""

    def __init__(
        self,
        most: int,
        seconds: float,
        *,
        weigh: Callable[[Kept], int] = lambda _: 1,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._most, self._seconds, self._weigh, self._clock = most, seconds, weigh, clock
        self._kept: OrderedDict[Hashable, tuple[float, Kept]] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def get(self, key: Hashable) -> Kept | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            good_until, made = found
            if self._clock() > good_until:
                self._drop(key)
                return None
            self._kept.move_to_end(key)
            return made

    def keep(self, key: Hashable, made: Kept, *, seconds: float | None = None) -> Kept:
        good_until = self._clock() + (self._seconds if seconds is None else seconds)
        with self._lock:
            self._drop(key)
            self._kept[key] = good_until, made
            self._weight += self._weigh(made)
            while self._weight > self._most:
                self._drop(next(iter(self._kept)))
        return made

    def __len__(self) -> int:
        return len(self._kept)

    def _drop(self, key: Hashable) -> None:
        found = self._kept.pop(key, None)
        if found is not None:
            self._weight -= self._weigh(found[1])

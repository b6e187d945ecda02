"""Load over loopback: threads that keep their connection and send request after request.

A process of its own, so that the one that asks takes no time from those that answer. It reads
its task as JSON and answers in JSON; it ends when its requests or its seconds are used up. It
needs the standard library alone, so that it starts at once.
"""

import http.client
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from threading import Lock, Thread
from typing import Any

TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Request:
    """One request, ready to be sent."""

    method: str
    path: str
    cookie: str
    body: str = ""


@dataclass
class Load:
    """What came back: answers by status, how long it took as a whole and for each."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)

    def add(self, other: "Load") -> None:
        self.statuses += other.statuses
        self.seconds += other.seconds
        self.latencies_ms += other.latencies_ms

    @property
    def per_second(self) -> float:
        return len(self.latencies_ms) / self.seconds if self.seconds else 0.0

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def send(
    port: int, requests: Sequence[Request], *, threads: int, seconds: float, repeat: bool
) -> Load:
    """Send `requests` with so many threads, over and over with `repeat`, for `seconds` at most."""
    task = {
        "port": port,
        "requests": [asdict(one) for one in requests],
        "threads": threads,
        "seconds": seconds,
        "repeat": repeat,
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 3 * TIMEOUT_SECONDS,
    )
    read = json.loads(done.stdout)
    found = Counter({int(status): count for status, count in read["statuses"].items()})
    return Load(found, read["seconds"], read["latencies_ms"])


class _Round:
    def __init__(self, task: dict[str, Any]) -> None:
        self.task, self.next, self.lock = task, 0, Lock()
        self.load = Load()
        self.ends_at = time.perf_counter() + task["seconds"]

    def run(self) -> Load:
        threads = [Thread(target=self._work) for _ in range(self.task["threads"])]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.load.seconds = time.perf_counter() - began
        return self.load

    def _work(self) -> None:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.task["port"], timeout=TIMEOUT_SECONDS
        )
        while (request := self._take()) is not None:
            began = time.perf_counter()
            headers = {"Cookie": request["cookie"]}
            if request["body"]:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            try:
                connection.request(
                    request["method"], request["path"], request["body"] or None, headers
                )
                answer = connection.getresponse()
                answer.read()
                status = answer.status
            except (OSError, http.client.HTTPException):
                # Counted under a status that no server gives, so that it cannot be overlooked.
                connection.close()
                status = 0
            took_ms = (time.perf_counter() - began) * 1_000
            with self.lock:
                self.load.statuses[status] += 1
                self.load.latencies_ms.append(took_ms)
        connection.close()

    def _take(self) -> dict[str, str] | None:
        requests = self.task["requests"]
        with self.lock:
            at, self.next = self.next, self.next + 1
        if time.perf_counter() >= self.ends_at or (at >= len(requests) and not self.task["repeat"]):
            return None
        found: dict[str, str] = requests[at % len(requests)]
        return found


def main() -> None:
    load = _Round(json.load(sys.stdin)).run()
    json.dump(
        {
            "statuses": load.statuses,
            "seconds": load.seconds,
            "latencies_ms": [round(one, 2) for one in load.latencies_ms],
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()

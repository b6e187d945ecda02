"""Programs of members that join and leave by the API, and ask again until they have an answer."""

import itertools
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import requests

PAUSE_SECONDS = 0.05
GIVING_UP_SECONDS = 60.0


@dataclass
class Caller:
    """One member's program. Each act has a key, under which it is asked until it is answered."""

    url: str
    headers: dict[str, str]
    name: str
    answers: Counter[int] = field(default_factory=Counter)
    # Acts whose first answer was lost or was an excuse.
    asked_again: int = 0
    kept: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any, key: str) -> requests.Response:
        deadline = time.monotonic() + GIVING_UP_SECONDS
        tries = 0
        while True:
            assert time.monotonic() < deadline, f"{self.name} never had an answer to {key}"
            tries += 1
            try:
                answer = requests.request(
                    method,
                    f"{self.url}/api/v1{path}",
                    json=body,
                    headers={**self.headers, "Idempotency-Key": key},
                    timeout=10,
                )
            except requests.RequestException:
                time.sleep(PAUSE_SECONDS)
                continue
            self.answers[answer.status_code] += 1
            if answer.status_code < 500:
                self.asked_again += tries > 1
                return answer
            time.sleep(PAUSE_SECONDS)

    def join_and_leave(
        self, deal_id: int, order: dict[str, Any], ended: threading.Event, seed: int
    ) -> None:
        """Order so many units, leave again, and so on; what was answered last is kept."""
        deal = f"/group-buys/{deal_id}/commitments"
        drawn = random.Random(seed)
        for turn in itertools.count(1):
            [line] = order["lines"]
            body = {**order, "lines": [{**line, "units": drawn.randint(1, 5)}]}
            joined = self.ask("POST", deal, body, f"{self.name}-join-{turn}")
            assert joined.status_code == 201, joined.text
            made = joined.json()["id"]
            self.kept[made] = "active"
            if ended.is_set():
                return
            left = self.ask("POST", f"{deal}/{made}/withdrawal", {}, f"{self.name}-leave-{turn}")
            assert left.status_code == 200, left.text
            self.kept[made] = "withdrawn"

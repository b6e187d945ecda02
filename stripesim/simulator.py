"""The simulator itself: its books, its settings and its clock."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from stripesim.books import Books
from stripesim.store import Store

Send = Callable[[str, bytes, dict[str, str]], int]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Settings:
    """Where the simulator lives, whom it tells, and who may ask."""

    public_url: str
    webhook_url: str | None = None
    webhook_secret: str = ""
    api_key: str | None = None
    token: str | None = None
    clock: Clock = field(default=time.time)


class Simulator:
    """Books that can be opened, at a time that can be moved forward."""

    def __init__(self, store: Store, settings: Settings, send: Send) -> None:
        self.store = store
        self.settings = settings
        self.send = send

    @contextmanager
    def books(self) -> Iterator[Books]:
        """Open the books for one transaction. No call to anybody else belongs inside it."""
        with self.store.transaction() as connection:
            (offset,) = connection.execute("SELECT offset_seconds FROM clock").fetchone()
            yield Books(
                connection,
                now=int(self.settings.clock()) + offset,
                public_url=self.settings.public_url,
                has_webhook=self.settings.webhook_url is not None,
            )

    def advance(self, seconds: int) -> None:
        with self.store.transaction() as connection:
            connection.execute("UPDATE clock SET offset_seconds = offset_seconds + ?", (seconds,))

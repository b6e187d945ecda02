"""A mail server that refuses, hangs and hangs up: no mail is lost, and what came twice is known."""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller

from services import mailing
from tests import make
from tests.chaos import oracles
from tests.chaos.clock import Clock
from tests.chaos.conftest import Tally
from tests.chaos.instance import Instance, free_port

MAILS = 80
GONE = 10
LATER = [timedelta(minutes=m) for m in (0, 2, 8, 40, 180, 800, 2_300, 4_000)]


class Moody:
    """Answers at random: yes, not now, nothing at all; hangs up before or after it took a mail."""

    def __init__(self) -> None:
        self.drawn = random.Random(1)
        self.moods: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        # Taken, and hung up before it could be said: SMTP cannot tell that from a loss.
        self.unsaid: Counter[str] = Counter()
        self.is_friendly = threading.Event()

    async def handle_RCPT(self, server, session, envelope, address, _options):
        if address.startswith("gone"):
            return "550 5.1.1 No such mailbox"
        if self._draws(0.2, "451 at the recipient"):
            return "451 4.3.0 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        [address] = envelope.rcpt_tos
        if self._draws(0.15, "451 after the mail"):
            return "451 4.3.0 Try again later"
        if self._draws(0.1, "hung up before taking it"):
            session.loop.call_soon(server.transport.abort)
            await asyncio.sleep(0)
            return "421 Bye"
        if self._draws(0.05, "silence"):
            await asyncio.sleep(2.5)
            return "451 4.3.0 Too late"
        self.taken[address] += 1
        if self._draws(0.1, "hung up after taking it"):
            self.unsaid[address] += 1
            server.transport.abort()
        return "250 OK"

    def _draws(self, share: float, mood: str) -> bool:
        drawn = not self.is_friendly.is_set() and self.drawn.random() < share
        self.moods[mood] += drawn
        return drawn


@pytest.fixture
def post() -> Iterator[Moody]:
    moody = Moody()
    controller = Controller(moody, hostname="127.0.0.1", port=free_port())
    controller.start()
    moody.url = f"smtp://127.0.0.1:{controller.port}"
    yield moody
    controller.stop()


@pytest.mark.chaos
@pytest.mark.race
@pytest.mark.timeout(600)
def test_no_mail_is_lost_and_none_is_sent_twice_for_nothing(
    real_database: str, post: Moody, instance_on: Callable[..., Instance], tally: Tally
) -> None:
    instance = instance_on(real_database, MAIL_URL=post.url, MAIL_TIMEOUT_SECONDS="1")
    clock = Clock(instance)
    addresses = [f"person{at}@example.org" for at in range(MAILS)]
    addresses += [f"gone{at}@example.org" for at in range(GONE)]
    _write(instance, addresses)
    instance.start("stripesim", "worker")

    for ahead in LATER:
        clock.set_ahead(ahead)
        if ahead == LATER[-1]:
            post.is_friendly.set()
        instance.settle_down()

    states = dict(instance.execute("SELECT to_address, state FROM mails"))
    lost = list(oracles.jobs(instance))
    for address in addresses:
        expected = "bounced" if address.startswith("gone") else "sent"
        if states[address] != expected:
            lost.append(f"the mail to {address} is {states[address]}")
        if post.taken[address] != post.unsaid[address] + (expected == "sent"):
            lost.append(f"{address} was sent {post.taken[address]} mails")
    tried = sum(post.moods.values()) + GONE
    tally.count(
        f"a mail server that refuses, hangs or hangs up on {MAILS + GONE} mails", tried, lost
    )
    assert all(post.moods.values()), post.moods


def _write(instance: Instance, addresses: list[str]) -> None:
    now = instance.now()
    with instance.transaction() as session:
        bob = make.actor(session, "Bob", now=now)
        mailing.write_many(
            session,
            [
                mailing.Letter(
                    key=f"test:{address}",
                    member=bob.member,
                    to=address,
                    locale="en",
                    template="notice",
                    facts={
                        "name": "Bob",
                        "kind": "tipping",
                        "message": "tipped",
                        "told": {"title": "Olive oil"},
                        "path": "/group-buys/olive-oil",
                    },
                )
                for address in addresses
            ],
            now=now,
        )

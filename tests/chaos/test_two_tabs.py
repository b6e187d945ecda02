"""Two tabs, a double click and the back button: the same form, or different ones, sent at once."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from services import buying, sessions
from tests import make
from tests.chaos import oracles, street
from tests.chaos.conftest import Tally
from tests.chaos.instance import Instance

CLICKS = 6
ROUNDS = 4


@dataclass
class Browser:
    """A signed-in browser, of which every tab has the same cookie."""

    url: str
    cookies: dict[str, str]

    def look(self, path: str) -> str:
        answer = requests.get(self.url + path, cookies=self.cookies, timeout=30)
        # The token of its forms goes with the cookie.
        self.cookies.update(answer.cookies.get_dict())
        return answer.text

    def review(self, slug: str, typed: dict[str, Any]) -> dict[str, Any]:
        """The form with the button that binds, as it stands in one tab."""
        token = self._token()
        page = self._post(f"/group-buys/{slug}/order", typed | {"csrf_token": token}).text
        form = page[: page.index("btn--binding")]
        form = form[form.rindex("<form") :]
        fields: dict[str, Any] = {}
        for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form):
            fields.setdefault(name, []).append(value)
        return fields

    def at_once(self, *forms: tuple[str, dict[str, Any]]) -> list[int]:
        """Send all forms in the same moment; the statuses of what is answered."""
        token = self._token()
        start = threading.Barrier(len(forms))

        def send(form: tuple[str, dict[str, Any]]) -> int:
            path, typed = form
            start.wait()
            return self._post(path, {"csrf_token": token, **typed}).status_code

        with ThreadPoolExecutor(len(forms)) as pool:
            return list(pool.map(send, forms))

    def _post(self, path: str, typed: dict[str, Any]) -> requests.Response:
        return requests.post(
            self.url + path, data=typed, cookies=self.cookies, timeout=30, allow_redirects=False
        )

    def _token(self) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.look("/proof"))
        assert found is not None
        return found[1]


def browser_of(instance: Instance, member_id: int) -> Browser:
    with instance.transaction() as session:
        member = street.as_member(session, member_id).member
        token = sessions.start(session, member, user_agent="test", now=instance.now())
    client = instance.app.test_client()
    with client.session_transaction() as kept:
        kept["sid"] = token
    cookie = client.get_cookie(instance.app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    return Browser(instance.url, {cookie.key: cookie.value})


@pytest.mark.chaos
@pytest.mark.race
@pytest.mark.timeout(600)
def test_whatever_is_sent_twice_at_once_has_one_effect(instance: Instance, tally: Tally) -> None:
    instance.start("web", "worker")
    lost: list[str] = []
    for _ in range(ROUNDS):
        lost += _one_order(instance)
    lost += [*oracles.decisions(instance), *oracles.everything(instance)]

    tally.count("forms sent six times at once", ROUNDS * 7 * CLICKS, lost)


def _one_order(instance: Instance) -> Iterator[str]:
    """Bob joins, changes, leaves, joins anew and pays; Alice runs it, calls it off, gives back."""
    now = instance.now()
    alice = street.organiser(instance, now=now)
    with instance.transaction() as session:
        bob = make.actor(session, "Bob", now=now).member.id
    deal = street.open_deal(instance, alice, now=now)
    with instance.transaction() as session:
        found = buying.locked(session, deal)
        slug, article = found.slug, buying.articles(session, found)[0].id
        point = buying.pickup_points(session, found)[0].id
    path = f"/group-buys/{slug}"
    tab, desk = browser_of(instance, bob), browser_of(instance, alice)

    def typed(units: int) -> dict[str, Any]:
        return {f"units-{article}": units, "payment_method": "at_pickup", "pickup_point": point}

    def orders(state: str) -> list[int]:
        rows = instance.execute(
            "SELECT id FROM commitments WHERE collaboration_id = :deal AND state = :state"
            " ORDER BY id",
            deal=deal,
            state=state,
        )
        return [row[0] for row in rows]

    def events(kind: str) -> int:
        return int(
            instance.value(
                "SELECT count(*) FROM events WHERE collaboration_id = :deal AND kind = :kind",
                deal=deal,
                kind=kind,
            )
        )

    # The same button twice, and another tab in which another number was typed.
    tabs = [tab.review(slug, typed(units)) for units in (5, 5, 7)]
    answers = tab.at_once(*[(f"{path}/commitments", form) for form in tabs * (CLICKS // 3)])
    yield from _unclear("join", answers)
    yield from _not_once("join", len(orders("active")), events("GroupBuyJoined"))

    [mine] = orders("active")
    tabs = [tab.review(slug, typed(units)) for units in (6, 8)]
    answers = tab.at_once(*[(f"{path}/commitments/{mine}", form) for form in tabs * (CLICKS // 2)])
    yield from _unclear("change", answers)
    answers = tab.at_once(*[(f"{path}/commitments/{mine}/withdrawal", {})] * CLICKS)
    yield from _unclear("leave", answers)
    yield from _not_once("leave", len(orders("withdrawn")), events("CommitmentWithdrawn"))

    # Back to the form of the order that was left.
    form = tab.review(slug, typed(5))
    yield from _unclear("join", tab.at_once(*[(f"{path}/commitments", form)] * CLICKS))
    yield from _not_once("join anew", len(orders("active")), events("GroupBuyJoined") - 1)
    [mine] = orders("active")

    # Nobody can wait a week for the close.
    instance.execute(
        "UPDATE collaborations SET closes_at = clock_timestamp() WHERE id = :deal", deal=deal
    )
    instance.settle_down()
    yield from _unclear("receive", desk.at_once(*[(f"{path}/desk/cash/{mine}", {})] * CLICKS))
    yield from _unclear("confirm", tab.at_once(*[(f"/payments/{mine}/paid", {})] * CLICKS))
    yield from _not_once("pay", _transfers(instance, deal, "payment"))
    answers = desk.at_once(*[(f"{path}/desk/cancellation", {"reason": "No truck."})] * CLICKS)
    yield from _unclear("call off", answers)
    yield from _not_once("call off", events("GroupBuyCancelled"))
    refund = instance.value(
        "SELECT r.id FROM refunds r JOIN payments p ON p.id = r.payment_id"
        " WHERE p.commitment_id = :mine",
        mine=mine,
    )
    answers = desk.at_once(*[(f"{path}/desk/cash-back/{refund}", {})] * CLICKS)
    yield from _unclear("give back", answers)
    yield from _not_once("give back", _transfers(instance, deal, "refund"))
    instance.settle_down()


def _transfers(instance: Instance, deal: int, reason: str) -> int:
    return int(
        instance.value(
            "SELECT count(*) FROM transfers WHERE collaboration_id = :deal AND reason = :reason",
            deal=deal,
            reason=reason,
        )
    )


def _unclear(act: str, answers: list[int]) -> Iterator[str]:
    """Answers that say neither that it is done nor what to do next."""
    return (f"{act}: answered {one}" for one in answers if one not in (200, 303, 409, 422))


def _not_once(act: str, *counts: int) -> Iterator[str]:
    return (f"{act}: done {one} times" for one in counts if one != 1)

"""Organising by program: what the desk can do, through the same services."""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy, Stage
from models.collaborations import State
from models.members import Scope
from services import buying, reference, transfers
from tests import make_buying, make_running, make_transfers
from tests.make_api import bearer, program
from tests.marketplace.test_buying_api import draft

KEYS = itertools.count()
API = "/api/v1/group-buys"


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def ask(session: Session, client: FlaskClient, now: datetime) -> Callable[..., Any]:
    """Send a request as a program of `actor`, with a key of its own."""

    def send(actor: Actor | None, method: str, path: str, body: Any = None, **more: Any) -> Any:
        headers = bearer(session, actor, now=now) if actor else {}
        if method == "POST":
            headers["Idempotency-Key"] = f"organising-{next(KEYS)}"
        sent = {"json": body} if body is not None else {}
        return client.open(f"{API}{path}", method=method, headers=headers, **sent, **more)

    return send


@pytest.fixture
def oil(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return make_buying.group_buy(session, alice, now=now)


@pytest.fixture
def oil_draft(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return make_buying.group_buy(session, alice, now=now, published=False)


@pytest.fixture
def running(session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime) -> GroupBuy:
    """Bob wants 6 cans and Charlie 4; it closed and runs."""
    return make_running.closed(session, alice, [(bob, 6), (charlie, 4)], now=now)


def article_of(session: Session, group_buy: GroupBuy) -> int:
    return buying.articles(session, group_buy)[0].id


def test_a_draft_is_made_step_by_step_and_opened(
    session: Session, ask: Callable[..., Any], alice: Actor, now: datetime
) -> None:
    made = ask(alice, "POST", "", draft(now, articles=[], pickup_points=[])).json
    at = f"/{made['id']}"
    said = draft(now)

    described = ask(alice, "PATCH", at, {"title": "Rye from the mill", "by_card": False})
    added = ask(alice, "POST", f"{at}/articles", said["articles"][0])
    dearer = {**said["articles"][0], "name": "Rye flour, fine"}
    renamed = ask(alice, "PUT", f"{at}/articles/{added.json['id']}", dearer)
    point = ask(alice, "POST", f"{at}/pickup-points", said["pickup_points"][0])
    moved = ask(
        alice,
        "PUT",
        f"{at}/pickup-points/{point.json['id']}",
        {**said["pickup_points"][0], "name": "The old mill"},
    )
    opened = ask(alice, "POST", f"{at}/publication", {})

    assert described.json["title"] == "Rye from the mill"
    assert (added.status_code, point.status_code) == (201, 201)
    assert renamed.json["name"] == "Rye flour, fine"
    assert moved.json["name"] == "The old mill"
    assert opened.json["state"] == State.OPEN
    assert opened.json["pickup_points"][0]["name"] == "The old mill"
    assert not opened.json["by_card"]


def test_half_a_place_of_a_draft_is_not_changed(
    ask: Callable[..., Any], alice: Actor, oil_draft: GroupBuy
) -> None:
    at = f"/{oil_draft.id}"

    halves = [ask(alice, "PATCH", at, {name: None}) for name in ("latitude", "longitude")]
    whole = ask(alice, "PATCH", at, {"latitude": None, "longitude": None})

    assert [one.status_code for one in halves] == [422, 422]
    assert all("$.latitude" in one.json["errors"] for one in halves)
    assert whole.status_code == 200


def test_parts_of_a_draft_go_again(
    session: Session, ask: Callable[..., Any], alice: Actor, oil_draft: GroupBuy
) -> None:
    at, article_id = f"/{oil_draft.id}", article_of(session, oil_draft)
    [point] = buying.pickup_points(session, oil_draft)

    gone = [
        ask(alice, "DELETE", f"{at}/articles/{article_id}").status_code,
        ask(alice, "DELETE", f"{at}/pickup-points/{point.id}").status_code,
        ask(alice, "DELETE", f"{at}/pickup-points/{point.id}").status_code,
        ask(alice, "DELETE", at).status_code,
        ask(alice, "GET", at).status_code,
    ]

    assert gone == [204, 204, 404, 204, 404]


def test_what_was_opened_is_no_draft_any_more(
    session: Session, ask: Callable[..., Any], alice: Actor, oil: GroupBuy, now: datetime
) -> None:
    at, article_id = f"/{oil.id}", article_of(session, oil)

    answers = [
        ask(alice, "PATCH", at, {"title": "Another title"}),
        ask(alice, "POST", f"{at}/articles", draft(now)["articles"][0]),
        ask(alice, "DELETE", f"{at}/articles/{article_id}"),
        ask(alice, "DELETE", at),
    ]

    assert {one.json["type"] for one in answers} == {"/problems/not-a-draft"}


def test_a_pick_up_is_added_to_what_is_open_and_goes_again(
    session: Session, ask: Callable[..., Any], alice: Actor, oil: GroupBuy, now: datetime
) -> None:
    at = f"/{oil.id}/pickup-points"
    [point] = buying.pickup_points(session, oil)

    alone = ask(alice, "DELETE", f"{at}/{point.id}")
    made = ask(alice, "POST", at, draft(now)["pickup_points"][0])
    gone = ask(alice, "DELETE", f"{at}/{made.json['id']}")

    assert alone.json["type"] == "/problems/last-pickup"
    assert (made.status_code, gone.status_code) == (201, 204)


def test_an_amount_in_another_currency_is_refused_at_its_place(
    session: Session, ask: Callable[..., Any], alice: Actor, bob: Actor, now: datetime
) -> None:
    reference.load_currencies(session)
    francs = {"amount": "9.00", "currency": "CHF"}
    said = draft(now, currency="CHF")
    mixed = ask(alice, "POST", "", said)
    for tier in said["articles"][0]["tiers"]:
        tier["price"]["currency"] = "CHF"
    made = ask(alice, "POST", "", said)
    at = f"/{made.json['id']}"
    ask(alice, "POST", f"{at}/publication", {})
    [article] = ask(bob, "GET", f"{at}/articles").json["items"]
    order = {
        "lines": [{"article": article["id"], "units": 1, "highest_price": francs}],
        "payment_method": "at_pickup",
        "pickup_point": made.json["pickup_points"][0]["id"],
        "terms_number": 1,
    }
    joined = ask(bob, "POST", f"{at}/commitments", order)
    order["lines"][0]["highest_price"] = {"amount": "9.00", "currency": "EUR"}
    refused = ask(bob, "PUT", f"{at}/commitments/{joined.json['id']}", order)

    assert mixed.status_code == 422
    assert mixed.json["errors"] == {"$.articles[0].tiers[0].price": ["This is reckoned in CHF."]}
    assert joined.json["worst_case"] == {"amount": "9.00", "currency": "CHF"}
    assert list(refused.json["errors"]) == ["$.lines[0].highest_price"]


def test_an_unknown_currency_is_refused(
    ask: Callable[..., Any], alice: Actor, now: datetime
) -> None:
    answer = ask(alice, "POST", "", draft(now, currency="XXQ"))

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["$.currency"])


def test_it_runs_from_the_order_to_the_closed_accounts(
    session: Session,
    client: FlaskClient,
    ask: Callable[..., Any],
    alice: Actor,
    bob: Actor,
    running: GroupBuy,
    now: datetime,
) -> None:
    at, article_id = f"/{running.id}", article_of(session, running)
    came = {"articles": [{"article": str(article_id), "units": 9}]}
    bobs_program = program(session, client, now=now)

    lines = ask(alice, "GET", f"{at}/order").json
    ordered = ask(alice, "POST", f"{at}/order", {})
    meant = ask(alice, "POST", f"{at}/delivery-preview", came)
    delivered = ask(alice, "POST", f"{at}/delivery", came)
    people = ask(alice, "GET", f"{at}/commitments").json["items"]
    ticked = ask(alice, "PUT", f"{at}/crates/{people[0]['id']}", {"packed": True})
    line = people[1]["lines"][0]
    ask(alice, "PUT", f"{at}/crate-lines/{line['id']}", {"packed": True})
    packed = ask(alice, "GET", f"{at}/commitments").json["items"]
    begun = ask(alice, "POST", f"{at}/hand-over", {})
    bobs, charlies = (one["id"] for one in people)
    ask(alice, "POST", f"{at}/crates/{bobs}/hand-over", {"with_cash": True})
    # The payer says so too, by their own program; Charlie pays nothing, and is let off.
    bobs_program(bob, "POST", f"/payments/{bobs}/paid", {})
    unticked = ask(alice, "DELETE", f"{at}/crates/{bobs}/hand-over")
    again = ask(alice, "DELETE", f"{at}/crates/{bobs}/hand-over")
    ask(alice, "POST", f"{at}/crates/{bobs}/hand-over", {"with_cash": False})
    ask(alice, "POST", f"{at}/crates/{charlies}/hand-over", {"with_cash": False})
    completed = ask(alice, "POST", f"{at}/completion", {})
    [owing] = ask(alice, "GET", f"{at}/owing").json
    ask(alice, "POST", f"{at}/crates/{owing['commitment']}/waiver", {})
    settled = ask(alice, "POST", f"{at}/settlement", {})
    accounts = ask(bob, "GET", f"{at}/accounts").json

    assert [(one["units"], one["total"]["amount"]) for one in lines] == [(10, "400.00")]
    assert ordered.json["stage"] == Stage.ORDERED
    assert [(one["was_units"], one["units"]) for one in meant.json["less"]] == [(4, 3)]
    assert delivered.json["stage"] == Stage.DELIVERED
    assert [one["lines"][0]["delivered_units"] for one in people] == [6, 3]
    assert ticked.status_code == 204
    assert all(one["packed_at"] for one in packed)
    assert begun.json["stage"] == Stage.HANDING_OVER
    assert (unticked.status_code, again.json["type"]) == (204, "/problems/not-ticked-off")
    assert completed.json["state"] == State.COMPLETED
    assert owing["commitment"] == charlies
    assert settled.json["stage"] == Stage.SETTLED
    assert [accounts[one]["amount"] for one in ("outstanding", "to_pay_back")] == ["0.00", "0.00"]
    assert accounts["outstanding"]["amount"] == "0.00"


def test_goods_by_weight_are_weighed_and_made_final(
    session: Session, ask: Callable[..., Any], alice: Actor, bob: Actor, now: datetime
) -> None:
    deal = make_running.closed(session, alice, [(bob, 2)], now=now, articles=[make_buying.cheese()])
    make_running.delivered(session, deal, alice)
    at = f"/{deal.id}"
    [person] = ask(alice, "GET", f"{at}/commitments").json["items"]
    line = person["lines"][0]["id"]

    refused = ask(alice, "POST", f"{at}/weights/final", {})
    weighed = ask(alice, "PUT", f"{at}/weights", {"weights": [{"line": line, "grams": 1550}]})
    final = ask(alice, "POST", f"{at}/weights/final", {})
    [after] = ask(alice, "GET", f"{at}/commitments").json["items"]

    assert refused.json["type"] == "/problems/weights-missing"
    assert (weighed.status_code, final.status_code) == (204, 200)
    assert after["due"] == {"amount": "27.82", "currency": "EUR"}


def test_the_roll_tells_no_order_before_the_decision(
    session: Session,
    ask: Callable[..., Any],
    alice: Actor,
    bob: Actor,
    oil: GroupBuy,
    now: datetime,
) -> None:
    make_buying.join(session, oil, bob, 3, now=now)

    [person] = ask(alice, "GET", f"/{oil.id}/commitments").json["items"]

    assert person["name"] == bob.participant.name
    assert person["lines"] == []
    assert "highest_price" not in str(person)


def test_the_desk_says_what_is_to_do(
    ask: Callable[..., Any], alice: Actor, running: GroupBuy
) -> None:
    desk = ask(alice, "GET", f"/{running.id}/desk").json

    assert [one["need"] for one in desk["tasks"]] == ["order"]
    assert desk["figures"]["due"] == {"amount": "400.00", "currency": "EUR"}
    assert "GroupBuyDecided" in [one["kind"] for one in desk["events"]]


def test_it_is_paused_and_goes_on_and_is_copied(
    ask: Callable[..., Any], alice: Actor, oil: GroupBuy
) -> None:
    paused = ask(alice, "POST", f"/{oil.id}/pause", {"reason": "The harvest is late."})
    again = ask(alice, "POST", f"/{oil.id}/resumption", {})
    copied = ask(alice, "POST", f"/{oil.id}/copies", {})
    told = ask(alice, "POST", f"/{oil.id}/announcements", {"body": "It is on its way."})

    assert (paused.json["is_paused"], again.json["is_paused"]) == (True, False)
    assert (copied.status_code, copied.json["state"]) == (201, State.DRAFT)
    assert told.status_code == 204


def test_terms_change_and_every_version_is_kept(
    session: Session, ask: Callable[..., Any], alice: Actor, oil: GroupBuy
) -> None:
    at, article_id = f"/{oil.id}", article_of(session, oil)
    cheaper = {
        "name": "Olive oil",
        "unit": "5 l can",
        "tiers": [
            {"from_units": 1, "price": {"amount": "38.00", "currency": "EUR"}},
            {"from_units": 20, "price": {"amount": "34.00", "currency": "EUR"}},
        ],
        "minimum_units": 5,
        "maximum_units": 50,
        "vat_basis_points": 700,
        "base_unit": "l",
        "base_units_thousandths": 5000,
    }

    changed = ask(alice, "PATCH", f"{at}/terms", {"withdrawal_policy": "not_if_it_untips"})
    priced = ask(alice, "PUT", f"{at}/terms/articles/{article_id}", cheaper | {"terms_number": 2})
    late = [
        ask(alice, "PATCH", f"{at}/terms", {"ships": True, "terms_number": 2}),
        ask(alice, "PUT", f"{at}/terms/articles/{article_id}", cheaper | {"terms_number": 1}),
    ]
    versions = ask(None, "GET", f"{at}/terms").json
    first = ask(None, "GET", f"{at}/terms/1").json

    assert changed.json["terms_number"] == 2
    assert priced.json["price_now"]["amount"] == "38.00"
    assert [one.json["type"] for one in late] == ["/problems/terms-moved"] * 2
    assert [one["number"] for one in versions] == [1, 2, 3]
    assert first["sha256"] == versions[0]["sha256"]
    assert first["content"]["articles"][0]["tiers"] == [[1, 4000], [20, 3600]]
    assert "supplier_email" not in first["content"]["group_buy"]
    written = json.dumps(first["content"], sort_keys=True).encode()
    assert hashlib.sha256(written).hexdigest() == first["sha256"]
    assert ask(None, "GET", f"{at}/terms/9").status_code == 404


def test_others_run_it_too_and_it_is_for_those_named(
    ask: Callable[..., Any], alice: Actor, bob: Actor, charlie: Actor, oil: GroupBuy
) -> None:
    at = f"/{oil.id}"

    added = ask(alice, "POST", f"{at}/co-organisers", {"email": bob.member.email})
    too_early = ask(bob, "GET", f"{at}/desk")
    accepted = ask(bob, "POST", f"{at}/co-organising/acceptance")
    listed = ask(alice, "GET", f"{at}/co-organisers").json
    named = ask(bob, "POST", f"{at}/named-guests", {"who": charlie.participant.slug})
    unnamed = ask(bob, "DELETE", f"{at}/named-guests/{named.json['id']}")
    gone = ask(alice, "DELETE", f"{at}/co-organisers/{added.json['id']}")

    assert (too_early.status_code, accepted.status_code) == (403, 204)
    assert [one["name"] for one in listed] == [bob.participant.name]
    assert named.json["name"] == charlie.participant.name
    assert (unnamed.status_code, gone.status_code) == (204, 204)
    assert ask(bob, "GET", f"{at}/desk").status_code == 403


def test_looking_people_up_is_counted_even_if_nobody_is_found(
    ask: Callable[..., Any], alice: Actor, oil: GroupBuy
) -> None:
    statuses = [
        ask(alice, "POST", f"/{oil.id}/named-guests", {"who": f"nobody-{at}@example.org"})
        for at in range(31)
    ]

    assert {one.status_code for one in statuses[:30]} == {422}
    assert statuses[30].json["type"] == "/problems/too-many-tries"


def test_statements_are_counted_whatever_they_hold(
    ask: Callable[..., Any], alice: Actor, oil: GroupBuy
) -> None:
    sent = {"data": b"nothing", "content_type": "text/csv"}
    answers = [ask(alice, "POST", f"/{oil.id}/bank-statement", **sent) for _ in range(21)]

    assert {one.status_code for one in answers[:20]} == {422}
    assert answers[20].json["type"] == "/problems/too-many-tries"


def test_an_order_is_taken_for_a_guest(
    session: Session, ask: Callable[..., Any], alice: Actor, oil: GroupBuy
) -> None:
    at, article_id = f"/{oil.id}", article_of(session, oil)
    [point] = buying.pickup_points(session, oil)
    order = {
        "name": "Oma Erna",
        "contact": "Knock twice",
        "lines": [{"article": str(article_id), "units": 2}],
        "pickup_point": str(point.id),
    }

    taken = ask(alice, "POST", f"{at}/guest-orders", order)
    changed = ask(
        alice,
        "PUT",
        f"{at}/guest-orders/{taken.json['id']}",
        {"lines": [{"article": str(article_id), "units": 3}], "pickup_point": str(point.id)},
    )
    known = ask(alice, "GET", f"{at}/guests").json
    back = ask(alice, "POST", f"{at}/guest-orders/{taken.json['id']}/withdrawal", {})

    assert taken.status_code == 201
    assert changed.json["lines"][0]["units"] == 3
    assert [(one["name"], one["contact"]) for one in known] == [("Oma Erna", "Knock twice")]
    assert back.json["state"] == "withdrawn"


def test_a_bank_statement_is_looked_at_and_booked(
    session: Session, ask: Callable[..., Any], alice: Actor, running: GroupBuy, now: datetime
) -> None:
    at = f"/{running.id}"
    said = {"holder": "Alice Olive", "iban": make_transfers.IBAN, "due_days": 14}
    named = ask(alice, "PUT", f"{at}/bank-account", said)
    [bob_owes, _] = ask(alice, "GET", f"{at}/owing").json
    reference_of = transfers.reference(int(bob_owes["commitment"]))
    content = make_transfers.statement(("Bob", reference_of, "240,00"))

    seen = ask(alice, "POST", f"{at}/bank-statement", data=content, content_type="text/csv")
    taken = {"seen": seen.json["seen"], "take": [bob_owes["commitment"]]}
    booked = ask(alice, "POST", f"{at}/receipts", taken)
    forged = ask(alice, "POST", f"{at}/receipts", {**taken, "seen": seen.json["seen"] + "x"})
    as_json = ask(alice, "POST", f"{at}/bank-statement", {"a": 1})

    assert named.json["iban"] == make_transfers.IBAN
    assert [one["fit"] for one in seen.json["matches"]] == ["exact"]
    assert booked.json == {"received": 1, "passed_over": 0}
    assert (forged.status_code, list(forged.json["errors"])) == (422, ["$.seen"])
    assert as_json.status_code == 415


def test_decisions_are_read_with_their_proof(ask: Callable[..., Any], running: GroupBuy) -> None:
    [decided] = ask(None, "GET", f"/{running.id}/clearings").json
    proof = ask(None, "GET", f"/{running.id}/clearings/{decided['number']}").json

    assert proof["sha256"] == decided["sha256"]
    assert proof["proof"]["outcome"]["succeeded"] is True


def test_the_accounts_are_theirs_who_take_part(
    ask: Callable[..., Any], dana: Actor, bob: Actor, running: GroupBuy
) -> None:
    answers = [ask(who, "GET", f"/{running.id}/accounts").status_code for who in (bob, None)]

    assert answers == [200, 403]


ACTS = (
    ("GET", "/desk", None),
    ("GET", "/commitments", None),
    ("GET", "/order", None),
    ("GET", "/guests", None),
    ("GET", "/owing", None),
    ("GET", "/bank-account", None),
    ("PATCH", "", {"title": "Mine now"}),
    ("DELETE", "", None),
    ("PATCH", "/terms", {"by_card": True}),
    ("POST", "/copies", {}),
    ("POST", "/pause", {"reason": "Because."}),
    ("POST", "/resumption", {}),
    ("POST", "/announcements", {"body": "Hello"}),
    ("POST", "/co-organisers", {"email": "bob@example.org"}),
    ("POST", "/order", {}),
    ("POST", "/hand-over", {}),
    ("POST", "/completion", {}),
    ("POST", "/settlement", {}),
    ("PUT", "/bank-account", {"holder": "Bob", "iban": make_transfers.IBAN, "due_days": 7}),
    ("POST", "/weights/final", {}),
    ("POST", "/question-withdrawal", {}),
)


@pytest.mark.parametrize(("method", "path", "body"), ACTS)
def test_whoever_does_not_run_it_is_refused(
    session: Session,
    ask: Callable[..., Any],
    bob: Actor,
    running: GroupBuy,
    method: str,
    path: str,
    body: Any,
) -> None:
    version = running.version

    answers = [ask(who, method, f"/{running.id}{path}", body).status_code for who in (bob, None)]

    session.refresh(running)
    assert answers == [403, 401]
    assert running.version == version


def test_a_token_without_the_scope_organises_nothing(
    session: Session, client: FlaskClient, alice: Actor, oil: GroupBuy, now: datetime
) -> None:
    headers = bearer(session, alice, now=now, scopes=[Scope.READ, Scope.BUYING])

    answer = client.post(
        f"{API}/{oil.id}/pause",
        json={"reason": "Because."},
        headers={**headers, "Idempotency-Key": "scope"},
    )

    assert answer.status_code == 403
    assert 'scope="organising"' in answer.headers["WWW-Authenticate"]


def test_a_pick_up_can_be_moved_after_the_close(
    session: Session, ask: Callable[..., Any], alice: Actor, running: GroupBuy
) -> None:
    [point] = buying.pickup_points(session, running)
    later = point.from_at + timedelta(days=1)

    moved = ask(
        alice,
        "PUT",
        f"/{running.id}/pickup-points/{point.id}",
        {
            "name": "Alice's shed",
            "address": "Hafenstraße 1",
            "from_at": later.isoformat(),
            "until_at": (later + timedelta(hours=2)).isoformat(),
        },
    )

    assert (moved.status_code, moved.json["name"]) == (200, "Alice's shed")

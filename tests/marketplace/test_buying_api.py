"""Group buys by programs: what pages can do, through the same schemas and services."""

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import CommitmentState, CoOrganiser, State, Visibility
from models.members import Scope
from services import buying
from tests import make, make_buying
from tests.counting import counted
from tests.make_api import bearer

KEYS = itertools.count()
API = "/api/v1/group-buys"


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def oil(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return make_buying.group_buy(session, alice, now=now)


@pytest.fixture
def as_program(session: Session, client: FlaskClient, now: datetime) -> Callable[..., Any]:
    """Send a request as a program of `actor`, with a key of its own unless one is given."""

    def ask(actor: Actor | None, method: str, path: str, body: Any = None, key: str = "") -> Any:
        headers = bearer(session, actor, now=now) if actor else {}
        if method == "POST":
            headers["Idempotency-Key"] = key or f"key-{next(KEYS)}"
        return client.open(path, method=method, json=body, headers=headers)

    return ask


def wanted(session: Session, group_buy: GroupBuy, units: int = 3, **more: Any) -> dict[str, Any]:
    article = buying.articles(session, group_buy)[0]
    return {
        "lines": [{"article": str(article.id), "units": units}],
        "payment_method": "at_pickup",
        "pickup_point": str(buying.pickup_points(session, group_buy)[0].id),
        "terms_number": group_buy.terms_number,
        **more,
    }


def draft(now: datetime, **overrides: Any) -> dict[str, Any]:
    closes_at = now + timedelta(days=7)
    return {
        "title": "Flour from the mill",
        "closes_at": closes_at.isoformat(),
        "articles": [
            {
                "name": "Rye flour",
                "unit": "5 kg sack",
                "tiers": [
                    {"from_units": 1, "price": {"amount": "9.00", "currency": "EUR"}},
                    {"from_units": 10, "price": {"amount": "7.50", "currency": "EUR"}},
                ],
                "base_unit": "kg",
                "base_units_thousandths": 5000,
            }
        ],
        "pickup_points": [
            {
                "name": "Mill",
                "address": "Mühlenweg 1",
                "from_at": (closes_at + timedelta(days=2)).isoformat(),
                "until_at": (closes_at + timedelta(days=2, hours=3)).isoformat(),
            }
        ],
        **overrides,
    }


def test_everyone_reads_what_is_public(as_program: Callable[..., Any], oil: GroupBuy) -> None:
    listed = as_program(None, "GET", API)
    shown = as_program(None, "GET", f"{API}/{oil.id}")
    articles = as_program(None, "GET", f"{API}/{oil.id}/articles")

    assert [one["id"] for one in listed.json["items"]] == [str(oil.id)]
    assert shown.json["price_now"] == {"amount": "40.00", "currency": "EUR"}
    assert shown.json["pickup_points"][0]["name"] == "Alice's garage"
    assert [step["place"] for step in articles.json["items"][0]["steps"]] == ["next", "later"]


def test_what_has_not_changed_is_not_sent_again(
    client: FlaskClient, as_program: Callable[..., Any], oil: GroupBuy
) -> None:
    first = as_program(None, "GET", f"{API}/{oil.id}")

    again = client.get(f"{API}/{oil.id}", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304


def test_a_program_joins_once_for_each_key(
    session: Session, as_program: Callable[..., Any], oil: GroupBuy, bob: Actor
) -> None:
    order = wanted(session, oil)

    first = as_program(bob, "POST", f"{API}/{oil.id}/commitments", order, key="one")
    again = as_program(bob, "POST", f"{API}/{oil.id}/commitments", order, key="one")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert first.json["worst_case"] == {"amount": "120.00", "currency": "EUR"}
    assert first.json["payment_state"] == "at_pickup"
    assert oil.commitments_count == 1


def test_goods_by_weight_are_drafted_ordered_and_read(
    session: Session, as_program: Callable[..., Any], alice: Actor, bob: Actor, now: datetime
) -> None:
    said = draft(now)
    said["articles"][0]["overweight_basis_points"] = 1000
    made = as_program(alice, "POST", API, said)
    group_buy = session.get_one(GroupBuy, int(made.json["id"]))
    buying.publish(session, group_buy, actor=alice, now=now)

    [article] = as_program(None, "GET", f"{API}/{group_buy.id}/articles").json["items"]
    at = f"{API}/{group_buy.id}/commitments"
    joined = as_program(bob, "POST", at, wanted(session, group_buy, 2))
    half = draft(now)
    half["articles"][0] |= {"base_unit": "l", "overweight_basis_points": 1000}
    refused = as_program(alice, "POST", API, half)

    assert article["overweight_basis_points"] == 1000
    assert joined.json["worst_case"] == {"amount": "19.80", "currency": "EUR"}
    assert joined.json["lines"][0]["weighed_grams"] is None
    assert refused.status_code == 422


def test_nobody_is_bound_to_terms_they_have_not_seen(
    session: Session, as_program: Callable[..., Any], oil: GroupBuy, bob: Actor
) -> None:
    stale = wanted(session, oil, terms_number=7)

    joined = as_program(bob, "POST", f"{API}/{oil.id}/commitments", stale)
    made = as_program(bob, "POST", f"{API}/{oil.id}/commitments", wanted(session, oil)).json
    assert "id" in made, made
    changed = as_program(bob, "PUT", f"{API}/{oil.id}/commitments/{made['id']}", stale)

    assert [joined.json["type"], changed.json["type"]] == ["/problems/terms-moved"] * 2


def test_joining_twice_is_a_conflict(
    session: Session, as_program: Callable[..., Any], oil: GroupBuy, bob: Actor
) -> None:
    as_program(bob, "POST", f"{API}/{oil.id}/commitments", wanted(session, oil))

    answer = as_program(bob, "POST", f"{API}/{oil.id}/commitments", wanted(session, oil))

    assert answer.status_code == 409
    assert answer.json["type"] == "/problems/already-committed"


def test_an_order_is_replaced_and_withdrawn(
    session: Session, as_program: Callable[..., Any], oil: GroupBuy, bob: Actor
) -> None:
    made = as_program(bob, "POST", f"{API}/{oil.id}/commitments", wanted(session, oil)).json
    address = f"{API}/{oil.id}/commitments/{made['id']}"

    changed = as_program(bob, "PUT", address, wanted(session, oil, 5))
    shown = as_program(bob, "GET", address)
    listed = as_program(bob, "GET", "/api/v1/commitments")
    left = as_program(bob, "POST", f"{address}/withdrawal", {})

    assert changed.json["lines"][0]["units"] == 5
    assert shown.json["worst_case"]["amount"] == "200.00"
    assert [one["id"] for one in listed.json["items"]] == [made["id"]]
    assert listed.json["items"][0].items() <= shown.json.items()
    assert shown.json["pay_by_at"] is None
    assert shown.json["pickup_from_at"] < shown.json["pickup_until_at"]
    assert left.json["state"] == "withdrawn"


def test_too_many_units_are_a_problem_with_its_facts(
    session: Session, as_program: Callable[..., Any], oil: GroupBuy, bob: Actor
) -> None:
    answer = as_program(bob, "POST", f"{API}/{oil.id}/commitments", wanted(session, oil, 51))

    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert answer.json["type"] == "/problems/not-enough-units"
    assert answer.json["units_left"] == 50


def test_a_price_too_low_is_named_by_its_line(
    session: Session, as_program: Callable[..., Any], oil: GroupBuy, bob: Actor
) -> None:
    order = wanted(session, oil)
    order["lines"][0]["highest_price"] = {"amount": "1.00", "currency": "EUR"}

    answer = as_program(bob, "POST", f"{API}/{oil.id}/commitments", order)

    assert answer.status_code == 422
    assert "$.lines[0].highest_price" in answer.json["errors"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("units", "3"),
        ("units", 3.5),
        ("units", True),
        ("units", -1),
        ("highest_price", {"amount": "40.00", "currency": "USD"}),
        ("highest_price", {"amount": "NaN", "currency": "EUR"}),
        ("article", 7),
    ],
)
def test_types_are_exact(
    session: Session,
    as_program: Callable[..., Any],
    oil: GroupBuy,
    bob: Actor,
    name: str,
    value: Any,
) -> None:
    order = wanted(session, oil)
    order["lines"][0][name] = value

    answer = as_program(bob, "POST", f"{API}/{oil.id}/commitments", order)

    assert answer.status_code == 422
    assert f"$.lines[0].{name}" in answer.json["errors"]


def test_a_program_drafts_opens_and_calls_off(
    as_program: Callable[..., Any], alice: Actor, now: datetime
) -> None:
    made = as_program(alice, "POST", API, draft(now))
    address = f"{API}/{made.json['id']}"
    hidden = as_program(None, "GET", address)
    opened = as_program(alice, "POST", f"{address}/publication", {})
    off = as_program(alice, "POST", f"{address}/cancellation", {"reason": "The mill burnt down."})

    assert (made.status_code, made.json["state"]) == (201, "draft")
    assert hidden.status_code == 404
    assert (opened.status_code, opened.json["state"]) == (200, "open")
    assert (off.status_code, off.json["state"]) == (200, "cancelled")


@pytest.mark.parametrize(
    ("overrides", "path"),
    [
        ({"title": ""}, "$.title"),
        ({"closes_at": "2020-01-01T00:00:00Z"}, "$.closes_at"),
        ({"closes_at": "2027-01-01T00:00:00"}, "$.closes_at"),
        ({"latitude": 53.5}, "$.latitude"),
        ({"freight_rule": "per_head"}, "$.freight_ceiling"),
        ({"by_card": False, "at_pickup": False}, "$.by_card"),
        ({"smallest_order": {"amount": "-1.00", "currency": "EUR"}}, "$.smallest_order"),
        ({"nonsense": 1}, "$.nonsense"),
    ],
)
def test_what_is_wrong_with_a_draft_is_named_by_its_path(
    as_program: Callable[..., Any],
    alice: Actor,
    now: datetime,
    overrides: dict[str, Any],
    path: str,
) -> None:
    answer = as_program(alice, "POST", API, draft(now, **overrides))

    assert answer.status_code == 422
    assert path in answer.json["errors"]


def test_without_the_scope_nothing_is_done(
    session: Session, client: FlaskClient, oil: GroupBuy, bob: Actor, now: datetime
) -> None:
    headers = bearer(session, bob, now=now, scopes=[Scope.READ])

    answer = client.post(
        f"{API}/{oil.id}/commitments",
        json=wanted(session, oil),
        headers={**headers, "Idempotency-Key": "a"},
    )

    assert answer.status_code == 403
    assert oil.commitments_count == 0


def test_a_list_of_commitments_takes_few_statements(
    session: Session, client: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    for _ in range(5):
        made = make_buying.group_buy(session, alice, now=now)
        make_buying.join(session, made, bob, now=now)
    headers = bearer(session, bob, now=now)
    session.expire_all()

    with counted(session) as statements:
        answer = client.get("/api/v1/commitments", headers=headers)

    assert len(answer.json["items"]) == 5
    assert len(statements) <= 6, "\n".join(statements)


# Who may do what, in every state.

ROLES = ("stranger", "member", "committed", "organiser", "co_organiser", "supplier", "moderator")
REACHED = (State.DRAFT, State.OPEN, State.RUNNING, State.FAILED, State.CANCELLED)


@pytest.fixture
def people(
    session: Session,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    dana: Actor,
    now: datetime,
) -> dict[str, Actor | None]:
    return {
        "stranger": None,
        "member": charlie,
        "committed": bob,
        "organiser": alice,
        "co_organiser": make.actor(session, "Erin", now=now),
        "supplier": make.actor(session, "Frank", now=now),
        "moderator": dana,
    }


def in_state(
    session: Session, people: dict[str, Actor | None], state: State, now: datetime, **terms: Any
) -> GroupBuy:
    """A group buy that really came into `state`; Bob joined where one could."""
    organiser, bob = people["organiser"], people["committed"]
    erin, frank = people["co_organiser"], people["supplier"]
    assert organiser
    assert bob
    assert erin
    assert frank
    made = make_buying.group_buy(
        session,
        organiser,
        now=now,
        published=state != State.DRAFT,
        supplier_id=frank.participant.id,
        **terms,
    )
    session.add(
        CoOrganiser(
            collaboration_id=made.id, member_id=erin.member.id, state="accepted", since_at=now
        )
    )
    session.flush()
    session.expire(made, ["co_organisers"])
    if state == State.DRAFT:
        return made
    order = make_buying.order(session, made, 1 if state == State.FAILED else 6)
    buying.join(session, made, order, actor=bob, now=now)
    if state == State.CANCELLED:
        buying.cancel(session, made, reason="No oil.", actor=organiser, now=now)
    elif state != State.OPEN:
        buying.close(session, made.id, now=made.closes_at)
    session.flush()
    session.expire_all()
    assert made.state == state or (state == State.RUNNING and made.state == State.COLLECTING)
    return made


INSIDE = {"organiser", "co_organiser"}
KNOWN = {"committed", "organiser", "co_organiser", "supplier", "moderator"}


def may_see(role: str, state: State, visibility: Visibility) -> bool:
    if state == State.DRAFT:
        return role in INSIDE
    return visibility == Visibility.PUBLIC or role in KNOWN


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.LINK, Visibility.NAMED])
@pytest.mark.parametrize("state", REACHED)
def test_who_may_see_it(
    session: Session,
    as_program: Callable[..., Any],
    browser_of: Callable[[Actor], FlaskClient],
    client: FlaskClient,
    people: dict[str, Actor | None],
    state: State,
    visibility: Visibility,
    now: datetime,
) -> None:
    group_buy = in_state(session, people, state, now, visibility=visibility)
    title, slug, its_id = group_buy.title, group_buy.slug, group_buy.id

    for role in ROLES:
        expected = 200 if may_see(role, state, visibility) else 404
        person = people[role]
        browser = browser_of(person) if person else client
        for path in (f"{API}/{its_id}", f"{API}/{its_id}/articles"):
            assert as_program(person, "GET", path).status_code == expected, role
        for page in ("", "/standing", "/history", "/articles", "/proof"):
            answer = browser.get(f"/group-buys/{slug}{page}")
            assert answer.status_code == expected, (role, page)
            assert expected == 200 or title not in answer.text
        listed = as_program(person, "GET", f"{API}?status=open").json["items"]
        shown = [one["id"] for one in listed]
        assert shown == (
            [str(its_id)] if state == State.OPEN and visibility == Visibility.PUBLIC else []
        )


@pytest.mark.parametrize("state", REACHED)
def test_who_may_join_it(
    session: Session,
    as_program: Callable[..., Any],
    people: dict[str, Actor | None],
    state: State,
    now: datetime,
) -> None:
    group_buy = in_state(session, people, state, now)
    path, order = f"{API}/{group_buy.id}/commitments", wanted(session, group_buy, 1)
    when_open = {
        "stranger": 401,
        "member": 201,
        "committed": 409,
        "organiser": 201,
        "co_organiser": 201,
        "supplier": 403,
        "moderator": 201,
    }

    for role in ROLES:
        status = as_program(people[role], "POST", path, order).status_code
        if role == "stranger":
            expected = 401
        elif state == State.DRAFT:
            expected = 409 if role in INSIDE else 404
        else:
            expected = when_open[role] if state == State.OPEN else 409
        assert status == expected, role


@pytest.mark.parametrize("state", [State.OPEN, State.RUNNING, State.CANCELLED])
def test_who_may_change_and_leave(
    session: Session,
    as_program: Callable[..., Any],
    people: dict[str, Actor | None],
    state: State,
    now: datetime,
) -> None:
    group_buy = in_state(session, people, state, now)
    bob = people["committed"]
    assert bob
    [made] = buying.commitments(session, group_buy, list(CommitmentState))
    path, order = f"{API}/{group_buy.id}/commitments/{made.id}", wanted(session, group_buy, 7)

    for role in ROLES:
        if role == "committed":
            continue
        refused = 401 if role == "stranger" else 404
        assert as_program(people[role], "GET", path).status_code == refused, role
        assert as_program(people[role], "PUT", path, order).status_code == refused, role
        assert as_program(people[role], "POST", f"{path}/withdrawal", {}).status_code == refused
    expected = 200 if state == State.OPEN else 409
    assert as_program(bob, "PUT", path, order).status_code == expected
    assert as_program(bob, "POST", f"{path}/withdrawal", {}).status_code == expected


@pytest.mark.parametrize("state", REACHED)
def test_who_may_open_it_and_call_it_off(
    session: Session,
    as_program: Callable[..., Any],
    people: dict[str, Actor | None],
    state: State,
    now: datetime,
) -> None:
    group_buy = in_state(session, people, state, now)
    path = f"{API}/{group_buy.id}"
    reason = {"reason": "No oil this year."}

    for role in ("stranger", "member", "committed", "supplier", "moderator"):
        refused = 401 if role == "stranger" else 404 if state == State.DRAFT else 403
        assert as_program(people[role], "POST", f"{path}/publication", {}).status_code == refused
        assert as_program(people[role], "POST", f"{path}/cancellation", reason).status_code == (
            refused
        )
    opened = as_program(people["co_organiser"], "POST", f"{path}/publication", {})
    assert opened.status_code == (200 if state == State.DRAFT else 409)
    over = state in (State.FAILED, State.CANCELLED)
    off = as_program(people["organiser"], "POST", f"{path}/cancellation", reason)
    assert off.status_code == (409 if over else 200)

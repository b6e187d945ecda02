"""The API's door: keys, parameters, idempotency, lists, and answers in the SDK's own words."""

import threading
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.stripesim.sandbox import Sandbox

INTENTS = "/v1/payment_intents"


def raw(sandbox: Sandbox, path: str, body: str, **headers: str) -> Any:
    return sandbox.app.test_client().post(
        path,
        data=body,
        headers={"Authorization": "Bearer sk_test_x", **headers},
        content_type="application/x-www-form-urlencoded",
    )


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ("amount=500&currency=eur&colour=red", "parameter_unknown", "colour"),
        (
            "amount=500&currency=eur&payment_method_types[0]=card",
            "parameter_unknown",
            "payment_method_types",
        ),
        (
            "amount=500&currency=eur&automatic_payment_methods[enable]=true",
            "parameter_unknown",
            "automatic_payment_methods[enable]",
        ),
        ("amount=500", "parameter_missing", "currency"),
        ("amount=5.5&currency=eur", "parameter_invalid_integer", "amount"),
        ("amount=%C2%B2&currency=eur", "parameter_invalid_integer", "amount"),
        ("amount=-5&currency=eur", "parameter_invalid_integer", "amount"),
        ("amount=49&currency=eur", "amount_too_small", None),
        ("amount=100000000&currency=eur", "amount_too_large", "amount"),
        ("amount=500&currency=hours", None, "currency"),
        ("amount=500&currency=eur&capture_method=maybe", None, "capture_method"),
        ("amount=500&currency=eur&confirm=yes", None, "confirm"),
        ("amount=500&currency=eur&customer=cus_nobody", "resource_missing", "customer"),
        ("amount=500&currency=eur&on_behalf_of=x", "parameter_not_simulated", "on_behalf_of"),
        ("amount=500&amount[x]=1&currency=eur", None, "amount[x]"),
        ("amount=500&currency=eur&a[b][c][d][e][f][g][h][i]=1", None, "a[b][c][d][e][f][g][h][i]"),
    ],
)
def test_a_request_that_stripe_would_refuse_is_refused(
    sandbox: Sandbox, body: str, code: str | None, param: str | None
):
    answer = raw(sandbox, INTENTS, body)

    assert answer.status_code == 400
    error = answer.get_json()["error"]
    assert error["type"] == "invalid_request_error"
    assert (error.get("code"), error.get("param")) == (code, param)
    assert sandbox.v1.payment_intents.list().data == []


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ({}, "did not provide"),
        ({"Authorization": "Bearer sk_live_x"}, "test keys only"),
        ({"Authorization": "Bearer nonsense"}, "test keys only"),
    ],
)
def test_only_test_keys_are_accepted(sandbox: Sandbox, header: dict[str, str], says: str):
    answer = sandbox.app.test_client().get("/v1/events", headers=header)

    assert answer.status_code == 401
    assert says in answer.get_json()["error"]["message"]


def test_what_is_not_there_is_missing_by_name(sandbox: Sandbox):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.payment_intents.retrieve("pi_nobody")

    assert refusal.value.http_status == 404
    assert (refusal.value.code, refusal.value.param) == ("resource_missing", "id")
    assert refusal.value.request_id.startswith("req_")


def test_the_same_key_answers_the_same_and_does_nothing_twice(sandbox: Sandbox):
    terms = {"name": "Bob"}
    first = sandbox.v1.customers.create(terms, {"idempotency_key": "k1"})
    again = sandbox.v1.customers.create(terms, {"idempotency_key": "k1"})

    assert first.id == again.id
    assert len(sandbox.v1.customers.list().data) == 1
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    original = again.last_response.headers["Original-Request"]
    assert original == first.last_response.headers["Request-Id"]


def test_a_key_with_other_parameters_is_an_error(sandbox: Sandbox):
    sandbox.v1.customers.create({"name": "Bob"}, {"idempotency_key": "k1"})

    with pytest.raises(stripe.IdempotencyError) as refusal:
        sandbox.v1.customers.create({"name": "Eve"}, {"idempotency_key": "k1"})

    assert refusal.value.http_status == 400
    assert len(sandbox.v1.customers.list().data) == 1


def test_a_decline_is_kept_under_its_key(sandbox: Sandbox):
    customer, card = sandbox.saved_card("pm_card_chargeCustomerFail")
    body = (
        f"amount=500&currency=eur&customer={customer}&payment_method={card}"
        "&confirm=true&off_session=true"
    )

    first = raw(sandbox, INTENTS, body, **{"Idempotency-Key": "k1"})
    again = raw(sandbox, INTENTS, body, **{"Idempotency-Key": "k1"})

    assert first.status_code == again.status_code == 402
    assert first.get_json() == again.get_json()
    assert len(sandbox.v1.payment_intents.list().data) == 1


def test_a_malformed_request_does_not_use_up_its_key(sandbox: Sandbox):
    bad = raw(sandbox, "/v1/customers", "colour=red", **{"Idempotency-Key": "k1"})
    good = raw(sandbox, "/v1/customers", "name=Bob", **{"Idempotency-Key": "k1"})

    assert (bad.status_code, good.status_code) == (400, 200)


def test_a_key_is_forgotten_after_a_day(sandbox: Sandbox):
    first = sandbox.v1.customers.create({"name": "Bob"}, {"idempotency_key": "k1"})

    sandbox.advance(hours=24)
    again = sandbox.v1.customers.create({"name": "Bob"}, {"idempotency_key": "k1"})

    assert again.id != first.id


def test_a_key_of_256_characters_is_refused(sandbox: Sandbox):
    with pytest.raises(stripe.IdempotencyError):
        sandbox.v1.customers.create({}, {"idempotency_key": "k" * 256})


@pytest.mark.race
def test_a_key_in_flight_is_a_conflict(tmp_path: Path):
    sandbox = Sandbox(tmp_path / "sim.sqlite")
    sandbox.fault("slow", seconds=1)
    statuses: list[int] = []

    def create() -> None:
        answer = raw(sandbox, "/v1/customers", "name=Bob", **{"Idempotency-Key": "k1"})
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=create) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200, 409]
    assert len(sandbox.v1.customers.list().data) == 1


def test_an_answer_that_is_lost_leaves_the_work_done(sandbox: Sandbox):
    sandbox.fault("connection_lost", match="/v1/customers")

    with pytest.raises(stripe.APIConnectionError):
        sandbox.v1.customers.create({"name": "Bob"}, {"idempotency_key": "k1"})
    again = sandbox.v1.customers.create({"name": "Bob"}, {"idempotency_key": "k1"})

    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert [one.id for one in sandbox.v1.customers.list().data] == [again.id]


def test_a_house_that_is_down_does_nothing(sandbox: Sandbox):
    sandbox.fault("unavailable", match="/v1/customers")

    with pytest.raises(stripe.APIError) as refusal:
        sandbox.v1.customers.create({"name": "Bob"}, {"idempotency_key": "k1"})

    assert refusal.value.http_status == 503
    assert sandbox.v1.customers.list().data == []


def test_lists_go_page_by_page_in_both_directions(sandbox: Sandbox):
    ids = [sandbox.v1.customers.create().id for _ in range(5)]

    forward = [one.id for one in sandbox.v1.customers.list({"limit": 2}).auto_paging_iter()]
    newer = sandbox.v1.customers.list({"limit": 2, "ending_before": ids[0]})

    assert forward == ids[::-1]
    assert [one.id for one in newer.data] == [ids[2], ids[1]]
    assert newer.has_more


def test_what_is_not_expandable_is_refused(sandbox: Sandbox):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.customers.create({"expand": ["colour"]})

    assert refusal.value.param == "expand"
    assert sandbox.v1.customers.list().data == []


def test_without_a_token_the_controls_do_not_exist(sandbox: Sandbox):
    browser = sandbox.app.test_client()

    assert browser.get("/_sim/clock").status_code == 403
    wrong = {"Authorization": "Bearer wrong"}
    assert browser.get("/_sim/clock", headers=wrong).status_code == 403

"""Each event is told, signed, again until it is taken; and all that can go wrong on the way."""

import json

import pytest
import stripe

from tests.stripesim.sandbox import SECRET, Sandbox


def ids(sandbox: Sandbox) -> list[str]:
    return [json.loads(body)["id"] for body, _ in sandbox.sent]


def is_genuine(body: bytes, headers: dict[str, str]) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, headers["Stripe-Signature"], SECRET)
    except stripe.SignatureVerificationError:
        return False
    return True


def test_each_event_is_sent_once_and_signed(sandbox: Sandbox):
    sandbox.charge(*sandbox.saved_card())

    sandbox.deliver()
    assert sandbox.deliver() == []

    listed = [event.id for event in sandbox.v1.events.list({"limit": 100}).data]
    assert ids(sandbox) == listed[::-1]
    assert all(is_genuine(*message) for message in sandbox.sent)


def test_an_event_that_is_not_taken_is_sent_again_for_three_days(sandbox: Sandbox):
    sandbox.v1.customers.create()
    sandbox.answers_with = 500
    sandbox.deliver()
    assert sandbox.deliver() == []

    for _ in range(12):
        sandbox.advance(hours=12)
        sandbox.deliver()

    assert len(set(ids(sandbox))) == 1
    assert 4 <= len(sandbox.sent) <= 9
    missed = sandbox.v1.events.list({"delivery_success": False}).data
    assert [event.id for event in missed] == ids(sandbox)[:1]


def test_what_came_true_while_the_clock_leapt_is_sent_again_too(sandbox: Sandbox):
    sandbox.hold()
    sandbox.deliver()
    sandbox.advance(days=30)
    sandbox.answers_with = 500
    sandbox.deliver()

    sandbox.answers_with = 200
    sandbox.advance(hours=1)

    assert {one["type"] for one in sandbox.deliver()} == {
        "charge.expired",
        "payment_intent.canceled",
    }


def test_an_event_that_is_taken_late_is_delivered(sandbox: Sandbox):
    sandbox.v1.customers.create()
    sandbox.answers_with = 500
    sandbox.deliver()

    sandbox.answers_with = 200
    sandbox.advance(hours=1)
    sandbox.deliver()

    assert len(sandbox.sent) == 2
    assert sandbox.v1.events.list({"delivery_success": False}).data == []
    assert len(sandbox.v1.events.list({"delivery_success": True}).data) == 1


def test_a_duplicate_is_the_same_event_twice(sandbox: Sandbox):
    sandbox.fault("duplicate", match="customer.created")
    sandbox.v1.customers.create()
    sandbox.v1.customers.create()

    sandbox.deliver()

    sent = ids(sandbox)
    assert len(sent) == 3
    assert sent[0] == sent[1] != sent[2]


def test_a_duplicate_comes_as_often_as_it_is_ordered(sandbox: Sandbox):
    sandbox.fault("duplicate", count=100, copies=3)
    sandbox.seller("document")
    sandbox.charge(*sandbox.saved_card("pm_card_createDispute"))
    sandbox.advance(hours=1)

    sandbox.deliver()

    sent = ids(sandbox)
    assert {sent.count(one) for one in sent} == {3}
    kinds = {json.loads(body)["type"] for body, _ in sandbox.sent}
    assert {"account.updated", "charge.dispute.funds_withdrawn"} <= kinds


def test_all_that_is_due_is_reordered_however_much_it_is(sandbox: Sandbox):
    sandbox.fault("reorder")
    made = [sandbox.v1.customers.create().id for _ in range(120)]

    sandbox.deliver()

    told = [json.loads(body)["data"]["object"]["id"] for body, _ in sandbox.sent]
    assert told == made[::-1]


@pytest.mark.parametrize(
    ("kind", "reaches"), [("drop", 0), ("delay", 0), ("bad_signature", 1), ("duplicate", 2)]
)
def test_faults_reach_the_events_of_connected_accounts(sandbox: Sandbox, kind: str, reaches: int):
    sandbox.fault(kind, match="account.updated", seconds=60)

    sandbox.seller()
    sandbox.deliver()

    assert len(sandbox.sent) == reaches
    assert all(is_genuine(*message) for message in sandbox.sent) == (kind != "bad_signature")


def test_reordered_events_come_last_first(sandbox: Sandbox):
    sandbox.fault("reorder")
    sandbox.charge(*sandbox.saved_card())

    sandbox.deliver()

    listed = [event.id for event in sandbox.v1.events.list({"limit": 100}).data]
    assert ids(sandbox) == listed


def test_a_delayed_event_comes_later(sandbox: Sandbox):
    sandbox.fault("delay", seconds=3600)
    sandbox.v1.customers.create()

    assert sandbox.deliver() == []
    sandbox.advance(hours=1)

    assert len(sandbox.deliver()) == 1


def test_a_dropped_event_stands_in_the_list_alone(sandbox: Sandbox):
    sandbox.fault("drop")
    sandbox.v1.customers.create()

    sandbox.advance(days=1)

    assert sandbox.deliver() == []
    assert len(sandbox.v1.events.list({"delivery_success": False}).data) == 1


def test_a_forged_signature_does_not_verify(sandbox: Sandbox):
    sandbox.fault("bad_signature")
    sandbox.v1.customers.create()

    sandbox.deliver()

    assert [is_genuine(*message) for message in sandbox.sent] == [False]


def test_events_are_found_by_kind_and_for_thirty_days(sandbox: Sandbox):
    sandbox.charge(*sandbox.saved_card())

    kinds = [one.type for one in sandbox.v1.events.list({"type": "payment_intent.*"}).data]
    assert kinds == ["payment_intent.succeeded", "payment_intent.created"]
    old = sandbox.v1.events.list().data[0].id
    sandbox.advance(days=31)

    assert sandbox.v1.events.list().data == []
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.events.retrieve(old)

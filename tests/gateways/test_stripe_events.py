"""What comes from Stripe unasked, and what is asked for because it never came."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from services.gateways.answers import BadSignature, UnknownToGateway
from services.gateways.stripe import StripeGateway, parse_webhook
from tests.stripesim.sandbox import SECRET, START, Sandbox

NOW = datetime.fromtimestamp(START, UTC)


@pytest.fixture
def message(sandbox: Sandbox) -> tuple[bytes, str]:
    sandbox.v1.customers.create()
    sandbox.deliver()
    body, headers = sandbox.sent[0]
    return body, headers["Stripe-Signature"]


def test_a_signed_message_is_read(message: tuple[bytes, str]):
    event = parse_webhook(*message, SECRET, now=NOW)

    said = json.loads(message[0])
    assert (event.id, event.kind, event.created_at) == (said["id"], "customer.created", NOW)
    assert event.object_id == said["data"]["object"]["id"]


@pytest.mark.parametrize(
    "signature",
    [None, "", "t=,v1=", "t=1800000000", "v1=abc", "t=1800000000,v1=abc", "t=x,v1=y", "ä"],
)
def test_an_unsigned_message_is_not_believed(message: tuple[bytes, str], signature: str | None):
    with pytest.raises(BadSignature):
        parse_webhook(message[0], signature, SECRET, now=NOW)


def test_a_changed_message_is_not_believed(message: tuple[bytes, str]):
    body, signature = message

    with pytest.raises(BadSignature):
        parse_webhook(body.replace(b"customer", b"costumer"), signature, SECRET, now=NOW)
    with pytest.raises(BadSignature):
        parse_webhook(b"\xff", signature, SECRET, now=NOW)


def test_another_secret_is_not_believed(message: tuple[bytes, str]):
    for secret in ("whsec_other", ""):
        with pytest.raises(BadSignature):
            parse_webhook(*message, secret, now=NOW)


def test_an_old_message_is_not_believed(message: tuple[bytes, str]):
    parse_webhook(*message, SECRET, now=NOW + timedelta(seconds=300))

    with pytest.raises(BadSignature):
        parse_webhook(*message, SECRET, now=NOW + timedelta(seconds=301))


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"[]",
        b"{}",
        b"[" * 20_000,
        *(
            b'{"id": "1", "type": "x", "created": 1, "data": {"object": {"id": "1"}}, "more": %s}'
            % odd
            for odd in (b'"\\u0000"', b'{"\\ud800": 1}', b"NaN", b"1e999")
        ),
    ],
)
def test_a_signed_message_that_cannot_be_kept_is_refused(body: bytes):
    mark = hmac.new(SECRET.encode(), b"%d." % START + body, hashlib.sha256).hexdigest()

    with pytest.raises(BadSignature):
        parse_webhook(body, f"t={START},v1={mark}", SECRET, now=NOW)


def test_a_forged_message_is_not_believed(sandbox: Sandbox):
    sandbox.fault("bad_signature")
    sandbox.v1.customers.create()
    sandbox.deliver()
    body, headers = sandbox.sent[0]

    with pytest.raises(BadSignature):
        parse_webhook(body, headers["Stripe-Signature"], SECRET, now=NOW)


def test_the_list_goes_on_where_it_was_left(gateway: StripeGateway, sandbox: Sandbox):
    sandbox.charge(*sandbox.saved_card())
    read = gateway.list_events()

    sandbox.v1.customers.create()
    sandbox.v1.customers.create()

    fresh = gateway.list_events(read[-1].id)
    assert [event.kind for event in fresh] == ["customer.created"] * 2
    assert gateway.list_events(fresh[-1].id) == []
    assert gateway.list_events(fresh[0].id) == fresh[1:]


def test_the_list_is_read_by_kind(gateway: StripeGateway, sandbox: Sandbox):
    sandbox.charge(*sandbox.saved_card())

    kinds = ["charge.succeeded", "payment_intent.succeeded"]
    assert [event.kind for event in gateway.list_events(kinds=kinds)] == kinds


def test_a_place_in_the_list_that_is_too_old_is_unknown(gateway: StripeGateway):
    with pytest.raises(UnknownToGateway):
        gateway.list_events("evt_of_long_ago")

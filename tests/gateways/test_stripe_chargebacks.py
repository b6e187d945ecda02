"""Chargebacks through the gateway: seen, answered, accepted; won or lost."""

from datetime import timedelta
from typing import get_args

import pytest
import stripe

from services.gateways.answers import (
    Chargeback,
    ChargebackState,
    Charged,
    GatewayRefused,
    GatewayUnreachable,
    UnknownToGateway,
)
from services.gateways.chargebacks import CHARGEBACK_STATES
from services.gateways.stripe import StripeGateway
from tests.gateways.conftest import save
from tests.stripesim.sandbox import Sandbox

WINNING = {"uncategorized_text": "winning_evidence"}


def dispute(
    gateway: StripeGateway, sandbox: Sandbox, bob: str, magic: str = "pm_card_createDispute"
) -> Chargeback:
    card = save(sandbox, bob, magic)
    charged = gateway.charge_off_session(
        bob, card, 2_500, "EUR", key="charge:1", metadata={"payment": "7"}
    )
    assert isinstance(charged, Charged)
    sandbox.advance(hours=0.1)
    (found,) = gateway.list_chargebacks(charged.intent_id)
    return found


def test_a_chargeback_says_what_is_gone(gateway: StripeGateway, sandbox: Sandbox, bob: str):
    found = dispute(gateway, sandbox, bob)

    assert (found.state, found.reason) == (ChargebackState.OPEN, "fraudulent")
    assert (found.amount_minor, found.currency) == (2_500, "EUR")
    assert (found.withdrawn_minor, found.fee_minor) == (2_500, 2_000)
    assert found.metadata == {"payment": "7"}
    assert not found.has_evidence
    assert found.evidence_due_at == found.created_at + timedelta(days=14)
    assert gateway.read_chargeback(found.id) == found
    assert found.intent_id is not None
    intent = gateway.read_intent(found.intent_id)
    assert (intent.is_disputed, intent.charge_id) == (True, found.charge_id)


def test_what_nobody_disputes_is_not_disputed(gateway: StripeGateway, bob: str, card: str):
    charged = gateway.charge_off_session(bob, card, 2_500, "EUR", key="charge:1")

    assert isinstance(charged, Charged)
    assert not gateway.read_intent(charged.intent_id).is_disputed
    assert gateway.list_chargebacks(charged.intent_id) == []


def test_winning_evidence_brings_the_money_back(gateway: StripeGateway, sandbox: Sandbox, bob: str):
    found = dispute(gateway, sandbox, bob)

    answered = gateway.answer_chargeback(found.id, WINNING, submit=True, key="answer:1")
    assert (answered.state, answered.has_evidence) == (ChargebackState.UNDER_REVIEW, True)
    sandbox.advance(hours=0.1)

    won = gateway.read_chargeback(found.id)
    assert (won.state, won.withdrawn_minor, won.fee_minor) == (ChargebackState.WON, 0, 2_000)


def test_evidence_that_is_kept_waits(gateway: StripeGateway, sandbox: Sandbox, bob: str):
    found = dispute(gateway, sandbox, bob)

    kept = gateway.answer_chargeback(found.id, WINNING, submit=False, key="answer:1")
    sandbox.advance(days=15)

    assert (kept.state, kept.has_evidence) == (ChargebackState.OPEN, True)
    assert gateway.read_chargeback(found.id).state is ChargebackState.LOST


def test_accepting_loses(gateway: StripeGateway, sandbox: Sandbox, bob: str):
    found = dispute(gateway, sandbox, bob)

    lost = gateway.accept_chargeback(found.id, key="accept:1")

    assert (lost.state, lost.withdrawn_minor) == (ChargebackState.LOST, 2_500)
    with pytest.raises(GatewayRefused):
        gateway.answer_chargeback(found.id, WINNING, submit=True, key="answer:1")


def test_an_answer_that_was_lost_is_given_once(gateway: StripeGateway, sandbox: Sandbox, bob: str):
    found = dispute(gateway, sandbox, bob)
    sandbox.fault("connection_lost", match="/v1/disputes/*")
    with pytest.raises(GatewayUnreachable):
        gateway.answer_chargeback(found.id, WINNING, submit=True, key="answer:1")

    answered = gateway.answer_chargeback(found.id, WINNING, submit=True, key="answer:1")

    assert answered.state is ChargebackState.UNDER_REVIEW
    told = [event.kind for event in gateway.list_events(kinds=["charge.dispute.updated"])]
    assert told == ["charge.dispute.updated"]


def test_an_inquiry_has_taken_nothing(gateway: StripeGateway, sandbox: Sandbox, bob: str):
    found = dispute(gateway, sandbox, bob, "pm_card_createDisputeInquiry")
    assert (found.state, found.withdrawn_minor, found.fee_minor) == (ChargebackState.INQUIRY, 0, 0)
    assert found.intent_id is not None

    gateway.refund(found.intent_id, 2_500, key="refund:1")

    assert gateway.read_chargeback(found.id).state is ChargebackState.CLOSED_INQUIRY


def test_what_was_charged_back_is_not_refunded(gateway: StripeGateway, sandbox: Sandbox, bob: str):
    found = dispute(gateway, sandbox, bob)

    assert found.intent_id is not None
    with pytest.raises(GatewayRefused) as refusal:
        gateway.refund(found.intent_id, 100, key="refund:1")

    assert refusal.value.code == "charge_disputed"


def test_what_is_not_there_is_unknown(gateway: StripeGateway):
    with pytest.raises(UnknownToGateway):
        gateway.read_chargeback("du_nobody")


def test_every_status_that_the_sdk_knows_has_a_word_of_ours():
    known = get_args(get_args(stripe.Dispute.__annotations__["status"])[0])

    assert CHARGEBACK_STATES.keys() == set(known)

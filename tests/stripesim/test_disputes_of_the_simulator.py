"""Disputes: a bank takes a charge back, or asks; evidence and time decide."""

from typing import Any

import pytest
import stripe

from tests.stripesim.sandbox import Sandbox

FRAUD = "pm_card_createDispute"
INQUIRY = "pm_card_createDisputeInquiry"


def disputed(sandbox: Sandbox, card: str = FRAUD, amount: int = 10_000) -> stripe.Dispute:
    intent = sandbox.charge(*sandbox.saved_card(card), amount)
    sandbox.advance(hours=0.1)
    (found,) = sandbox.v1.disputes.list({"payment_intent": intent.id}).data
    return found


def answered(sandbox: Sandbox, dispute: stripe.Dispute, text: str, **terms: Any) -> stripe.Dispute:
    return sandbox.v1.disputes.update(
        dispute.id, {"evidence": {"uncategorized_text": text}, **terms}
    )


def status(sandbox: Sandbox, dispute: stripe.Dispute) -> str:
    return sandbox.v1.disputes.retrieve(dispute.id).status


def test_a_charge_is_disputed_some_minutes_after_it_was_captured(sandbox: Sandbox):
    customer, card = sandbox.saved_card(FRAUD)
    hold = sandbox.charge(customer, card, capture_method="manual")
    sandbox.advance(hours=1)
    taken = sandbox.v1.payment_intents.capture(hold.id, {"amount_to_capture": 1_900})
    assert sandbox.v1.disputes.list().data == []

    sandbox.advance(hours=0.1)

    (dispute,) = sandbox.v1.disputes.list({"charge": str(taken.latest_charge)}).data
    assert (dispute.amount, dispute.status) == (1_900, "needs_response")
    assert (dispute.reason, dispute.is_charge_refundable) == ("fraudulent", False)
    assert sandbox.v1.charges.retrieve(str(taken.latest_charge)).disputed


def test_the_money_goes_with_a_fee(sandbox: Sandbox):
    dispute = disputed(sandbox)

    line = sandbox.lines()[-1]
    assert (line.type, line.reporting_category) == ("adjustment", "dispute")
    assert (line.amount, line.fee, line.net) == (-10_000, 2_000, -12_000)
    assert line.source == dispute.id
    assert [one.id for one in dispute.balance_transactions] == [line.id]
    told = ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert sandbox.kinds()[-2:] == told


@pytest.mark.parametrize(
    ("card", "reason", "first"),
    [
        (FRAUD, "fraudulent", "needs_response"),
        ("pm_card_createDisputeProductNotReceived", "product_not_received", "needs_response"),
        (INQUIRY, "fraudulent", "warning_needs_response"),
    ],
)
def test_each_card_disputes_in_its_own_way(sandbox: Sandbox, card: str, reason: str, first: str):
    dispute = disputed(sandbox, card)

    assert (dispute.reason, dispute.status) == (reason, first)


def test_winning_evidence_brings_the_money_back_without_the_fee(sandbox: Sandbox):
    dispute = disputed(sandbox)

    assert answered(sandbox, dispute, "winning_evidence").status == "under_review"
    sandbox.advance(hours=0.1)

    won = sandbox.v1.disputes.retrieve(dispute.id)
    assert (won.status, won.evidence_details.submission_count) == ("won", 1)
    assert [one.net for one in won.balance_transactions] == [-12_000, 10_000]
    told = ["charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_reinstated"]
    assert sandbox.kinds()[-3:] == told
    assert sum(sandbox.held()) == 10_000 - 175 - 2_000


def test_losing_evidence_loses(sandbox: Sandbox):
    dispute = disputed(sandbox)

    answered(sandbox, dispute, "losing_evidence")
    sandbox.advance(hours=0.1)

    assert status(sandbox, dispute) == "lost"
    assert sandbox.kinds()[-1] == "charge.dispute.closed"


@pytest.mark.parametrize("text", ["", "The parcel was handed over on 4 May."])
def test_other_evidence_or_none_has_lost_when_it_is_past_due(sandbox: Sandbox, text: str):
    dispute = disputed(sandbox)
    if text:
        answered(sandbox, dispute, text)

    sandbox.advance(days=13)
    assert status(sandbox, dispute) == ("under_review" if text else "needs_response")
    sandbox.advance(days=1)

    lost = sandbox.v1.disputes.retrieve(dispute.id)
    assert lost.status == "lost"
    assert lost.evidence_details.past_due == (not text)
    assert lost.evidence_details.has_evidence == bool(text)


def test_evidence_that_is_not_submitted_is_sent_by_nobody(sandbox: Sandbox):
    dispute = disputed(sandbox)

    kept = answered(sandbox, dispute, "winning_evidence", submit=False)
    assert (kept.status, kept.evidence_details.has_evidence) == ("needs_response", True)
    sandbox.advance(days=15)

    assert status(sandbox, dispute) == "lost"


def test_evidence_that_was_kept_is_submitted_later(sandbox: Sandbox):
    dispute = disputed(sandbox)
    answered(sandbox, dispute, "winning_evidence", submit=False)

    sandbox.v1.disputes.update(dispute.id, {"submit": True})
    sandbox.advance(hours=0.1)

    assert status(sandbox, dispute) == "won"


def test_evidence_is_submitted_once(sandbox: Sandbox):
    dispute = disputed(sandbox)
    answered(sandbox, dispute, "The parcel was handed over.")

    with pytest.raises(stripe.InvalidRequestError):
        answered(sandbox, dispute, "winning_evidence")


def test_accepting_loses_at_once(sandbox: Sandbox):
    dispute = disputed(sandbox)

    assert sandbox.v1.disputes.close(dispute.id).status == "lost"
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.disputes.close(dispute.id)

    sandbox.advance(days=30)
    assert sandbox.kinds().count("charge.dispute.closed") == 1


def test_what_was_charged_back_is_not_refunded_until_it_is_won(sandbox: Sandbox):
    dispute = disputed(sandbox)
    terms: Any = {"charge": dispute.charge, "amount": 100}

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.refunds.create(terms)
    answered(sandbox, dispute, "winning_evidence")
    sandbox.advance(hours=0.1)

    assert refusal.value.code == "charge_disputed"
    assert sandbox.v1.refunds.create(terms).status == "succeeded"


def test_an_inquiry_takes_nothing_and_ends_with_a_refund(sandbox: Sandbox):
    dispute = disputed(sandbox, INQUIRY)
    assert sum(sandbox.held()) == 9_825
    assert (dispute.balance_transactions, dispute.is_charge_refundable) == ([], True)

    sandbox.v1.refunds.create({"charge": str(dispute.charge)})

    assert status(sandbox, dispute) == "warning_closed"
    assert sandbox.kinds()[-1] == "charge.dispute.closed"


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("winning_evidence", "warning_closed"),
        ("losing_evidence", "needs_response"),
        ("escalate_inquiry_evidence", "needs_response"),
    ],
)
def test_evidence_decides_what_becomes_of_an_inquiry(sandbox: Sandbox, text: str, then: str):
    dispute = disputed(sandbox, INQUIRY)

    assert answered(sandbox, dispute, text).status == "warning_under_review"
    sandbox.advance(hours=0.1)

    assert status(sandbox, dispute) == then
    assert sum(sandbox.held()) == (9_825 if then == "warning_closed" else -2_175)


def test_an_inquiry_that_nobody_answers_becomes_a_chargeback(sandbox: Sandbox):
    dispute = disputed(sandbox, INQUIRY)
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.disputes.close(dispute.id)

    sandbox.advance(days=14)

    assert status(sandbox, dispute) == "needs_response"
    assert sandbox.kinds()[-2:] == ["charge.dispute.updated", "charge.dispute.funds_withdrawn"]
    sandbox.advance(days=14)
    assert status(sandbox, dispute) == "lost"


def test_what_was_given_back_before_is_not_disputed(sandbox: Sandbox):
    intent = sandbox.charge(*sandbox.saved_card(FRAUD))
    sandbox.v1.refunds.create({"payment_intent": intent.id})

    sandbox.advance(hours=1)

    assert sandbox.v1.disputes.list().data == []


def test_any_charge_is_disputed_on_order_and_once(sandbox: Sandbox):
    charge = sandbox.taken()

    made = sandbox.control("POST", "/disputes", {"charge": charge, "reason": "duplicate"})
    again = sandbox.app.test_client().post(
        "/_sim/disputes",
        json={"charge": charge},
        headers={"Authorization": "Bearer token-of-the-tests"},
    )

    assert (made.get_json()["reason"], again.status_code) == ("duplicate", 400)
    assert len(sandbox.v1.disputes.list().data) == 1


def test_an_inquiry_is_opened_on_order(sandbox: Sandbox):
    charge = sandbox.taken()

    made = sandbox.control("POST", "/disputes", {"charge": charge, "inquiry": True})

    assert made.get_json()["status"] == "warning_needs_response"

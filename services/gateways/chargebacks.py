"""Chargebacks at Stripe, which calls them disputes: read, answered with evidence, or accepted."""

from collections.abc import Mapping
from typing import Any

import stripe

from services.gateways import readings
from services.gateways.answers import Chargeback, ChargebackState
from services.gateways.calls import StripeCalls, in_our_words

CHARGEBACK_PARTS = ["charge"]
MOST_CHARGEBACKS = 100

CHARGEBACK_STATES = {
    "warning_needs_response": ChargebackState.INQUIRY,
    "warning_under_review": ChargebackState.INQUIRY_UNDER_REVIEW,
    "warning_closed": ChargebackState.CLOSED_INQUIRY,
    "needs_response": ChargebackState.OPEN,
    "under_review": ChargebackState.UNDER_REVIEW,
    "appeal_needs_response": ChargebackState.UNDER_REVIEW,
    "appeal_under_review": ChargebackState.UNDER_REVIEW,
    "won": ChargebackState.WON,
    "lost": ChargebackState.LOST,
    # Given back to the cardholder before the bank had to take it.
    "prevented": ChargebackState.LOST,
}


class Chargebacks(StripeCalls):
    """Reads chargebacks and speaks for the seller."""

    def read_chargeback(self, chargeback_id: str) -> Chargeback:
        """Read how a chargeback stands now."""
        terms: Any = {"expand": CHARGEBACK_PARTS}
        with in_our_words():
            return chargeback(self._v1.disputes.retrieve(chargeback_id, terms))

    def list_chargebacks(self, intent_id: str) -> list[Chargeback]:
        """The chargebacks of a payment, newest first; an inquiry can come before one."""
        terms: Any = {
            "payment_intent": intent_id,
            "limit": MOST_CHARGEBACKS,
            "expand": [f"data.{part}" for part in CHARGEBACK_PARTS],
        }
        with in_our_words():
            page = self._v1.disputes.list(terms)
        return [chargeback(read) for read in page.data]

    def answer_chargeback(
        self, chargeback_id: str, evidence: Mapping[str, str], *, submit: bool, key: str
    ) -> Chargeback:
        """Put `evidence`, by Stripe's names of it, before the bank; `submit` sends it, once.

        Without `submit` it is kept, and sent by nobody. Refuses, by GatewayRefused, a
        chargeback that was answered before or is over.
        """
        terms: Any = {"evidence": dict(evidence), "submit": submit, "expand": CHARGEBACK_PARTS}
        with in_our_words():
            made = self._v1.disputes.update(chargeback_id, terms, {"idempotency_key": key})
        return chargeback(made)

    def accept_chargeback(self, chargeback_id: str, *, key: str) -> Chargeback:
        """Say that the cardholder is right: it is lost then.

        Refuses, by GatewayRefused, a chargeback that was answered before or is over.
        """
        terms: Any = {"expand": CHARGEBACK_PARTS}
        with in_our_words():
            return chargeback(
                self._v1.disputes.close(chargeback_id, terms, {"idempotency_key": key})
            )


def chargeback(read: stripe.Dispute) -> Chargeback:
    """Read a dispute whose charge is expanded."""
    charge: Any = read.charge
    due_by = read.evidence_details.due_by
    return Chargeback(
        id=read.id,
        intent_id=readings.reference(read.payment_intent),
        charge_id=charge.id,
        amount_minor=read.amount,
        currency=read.currency.upper(),
        state=CHARGEBACK_STATES[read.status],
        reason=read.reason,
        evidence_due_at=None if due_by is None else readings.moment(due_by),
        has_evidence=read.evidence_details.has_evidence,
        withdrawn_minor=-sum(moved.amount for moved in read.balance_transactions),
        fee_minor=sum(moved.fee for moved in read.balance_transactions),
        created_at=readings.moment(read.created),
        metadata=readings.notes(charge.metadata),
    )

"""What a dispute is before anybody has answered it: a bank that asks."""

from stripesim.books import Books, Object
from stripesim.store import new_id

DUE_AFTER_SECONDS = 14 * 24 * 3600
INQUIRED = "warning_needs_response"

REASON_CODES = {"fraudulent": "10.4", "product_not_received": "13.1"}

EVIDENCE = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_tracking_number",
    "uncategorized_text",
)


def blank(books: Books, charge: Object, reason: str) -> Object:
    card = charge["payment_method_details"]["card"]
    code = REASON_CODES.get(reason)
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": books.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(EVIDENCE),
        "evidence_details": {
            "due_by": books.now + DUE_AFTER_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": True,
        "livemode": False,
        "metadata": {},
        "network_reason_code": code,
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": card["brand"],
                "case_type": "inquiry",
                "network_reason_code": code,
            },
            "type": "card",
        },
        "reason": reason,
        "status": INQUIRED,
    }

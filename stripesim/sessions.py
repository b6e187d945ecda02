"""What a Checkout session is before anybody has opened its page."""

from stripesim.books import Books, Object
from stripesim.errors import Failure
from stripesim.store import new_id

KIND = "checkout.session"
SHORTEST_SECONDS = 30 * 60
LONGEST_SECONDS = 24 * 3600


def blank(books: Books, given: Object) -> Object:
    expires_at = given.get("expires_at", books.now + LONGEST_SECONDS)
    if not SHORTEST_SECONDS <= expires_at - books.now <= LONGEST_SECONDS:
        raise Failure(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout"
            " Session creation.",
            param="expires_at",
        )
    id = new_id("cs_test", 58)
    message = given.get("custom_text", {}).get("submit")
    return {
        "id": id,
        "object": KIND,
        "allowed_payment_method_types": given.get("allowed_payment_method_types"),
        "amount_subtotal": None,
        "amount_total": None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": given.get("cancel_url"),
        "client_reference_id": given.get("client_reference_id"),
        "client_secret": None,
        "consent": None,
        "created": books.now,
        "currency": given.get("currency"),
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": message,
            "terms_of_service_acceptance": None,
        },
        "customer": given.get("customer"),
        "customer_creation": None,
        "customer_details": None,
        "customer_email": None,
        "expires_at": expires_at,
        "livemode": False,
        "locale": given.get("locale"),
        "metadata": given.get("metadata", {}),
        "mode": given["mode"],
        "payment_intent": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "setup_intent": None,
        "status": "open",
        "submit_type": given.get("submit_type"),
        "subscription": None,
        "success_url": given["success_url"],
        "total_details": None,
        "ui_mode": "hosted_page",
        "url": f"{books.public_url}/pay/{id}",
    }

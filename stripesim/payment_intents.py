"""PaymentIntents at the API: what is given is checked here, what happens is in `payments`."""

from stripe import params

from stripesim import paging, payment_methods, payments
from stripesim.books import Books, Object
from stripesim.customers import merge
from stripesim.errors import Failure, unexpected_state
from stripesim.routing import Route
from stripesim.store import new_id

# Smallest charges of Stripe in the currencies of its European list, minor units.
MINIMUM = {"chf": 50, "dkk": 250, "eur": 50, "gbp": 30, "nok": 300, "pln": 200, "sek": 300}
MAXIMUM = 99_999_999


def make(books: Books, given: Object) -> Object:
    """Write a new PaymentIntent of checked parameters; nobody is asked for money yet."""
    check_amount(given["amount"], given["currency"])
    id = new_id("pi")
    allowed = given.get("allowed_payment_method_types")
    automatic = given.get("automatic_payment_methods", {"enabled": True} if not allowed else None)
    if automatic is not None:
        automatic = {"allow_redirects": "always", **automatic}
    intent = {
        "id": id,
        "object": "payment_intent",
        "allowed_payment_method_types": allowed,
        "amount": given["amount"],
        "amount_capturable": 0,
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": automatic,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": given.get("capture_method", "automatic_async"),
        "client_secret": new_id(f"{id}_secret"),
        "confirmation_method": "automatic",
        "created": books.now,
        "currency": given["currency"],
        "customer": given.get("customer"),
        "description": given.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": given.get("receipt_email"),
        "review": None,
        "setup_future_usage": given.get("setup_future_usage"),
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": given.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": given.get("transfer_group"),
    }
    return books.add(intent)


def check_amount(amount: int, currency: str) -> None:
    """Refuse what no card is charged; transfers and payouts can be smaller."""
    check_any_amount(amount, currency)
    if amount < MINIMUM.get(currency, 1):
        raise Failure("Amount must convert to at least 50 cents.", code="amount_too_small")


def check_any_amount(amount: int, currency: str) -> None:
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise Failure(f"Invalid currency: {currency}.", param="currency")
    if amount < 1:
        raise Failure("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > MAXIMUM:
        raise Failure(
            "Amount must be no more than 999,999.99.", code="amount_too_large", param="amount"
        )


def create(books: Books, given: Object) -> Object:
    if given.get("off_session") and not given.get("confirm"):
        raise Failure(
            "You can only set `off_session` when confirming.",
            code="parameter_invalid_empty",
            param="off_session",
        )
    given["currency"] = given["currency"].lower()
    if "customer" in given:
        books.find("customer", given["customer"], "customer")
    intent = make(books, given)
    books.tell("payment_intent.created", intent)
    choose(books, intent, given)
    return proceed(books, intent, given) if given.get("confirm") else intent


def choose(books: Books, intent: Object, given: Object) -> None:
    """Put the given payment method onto the intent, if it may be used there."""
    if "payment_method" not in given:
        return
    method = payment_methods.find(books, given["payment_method"], "payment_method")
    if method["customer"] not in (None, intent["customer"]):
        raise Failure(
            f"The provided PaymentMethod ({method['id']}) belongs to the Customer"
            f" {method['customer']}. Please include that Customer on the PaymentIntent.",
            param="payment_method",
        )
    if books.private(method["id"]).get("detached"):
        raise Failure(
            "The provided PaymentMethod was detached from a Customer and may not be used again.",
            param="payment_method",
        )
    intent["payment_method"] = method["id"]
    intent["status"] = "requires_confirmation"
    books.save(intent)


def proceed(books: Books, intent: Object, given: Object) -> Object:
    alone = bool(given.get("off_session")) or given.get("error_on_requires_action", False)
    return payments.confirm(books, intent, alone=alone, return_url=given.get("return_url"))


def confirm(books: Books, given: Object, id: str) -> Object:
    intent = books.find("payment_intent", id)
    if intent["status"] not in payments.CONFIRMABLE:
        raise unexpected_state(intent, "confirmed")
    for name in ("capture_method", "receipt_email", "setup_future_usage"):
        intent[name] = given.get(name, intent[name])
    choose(books, intent, given)
    return proceed(books, intent, given)


def update(books: Books, given: Object, id: str) -> Object:
    intent = books.find("payment_intent", id)
    if "amount" in given:
        if intent["status"] not in payments.CONFIRMABLE:
            raise unexpected_state(intent, "updated")
        check_amount(given["amount"], intent["currency"])
    merge(intent, given)
    return books.save(intent)


def retrieve(books: Books, _given: Object, id: str) -> Object:
    return books.find("payment_intent", id)


def list_all(books: Books, given: Object) -> Object:
    where = {"customer": given.get("customer")}
    return books.page("payment_intent", given, "/v1/payment_intents", where=where)


def capture(books: Books, given: Object, id: str) -> Object:
    intent = books.find("payment_intent", id)
    merge(intent, {"metadata": given.get("metadata")})
    return payments.capture(books, intent, given.get("amount_to_capture"))


def cancel(books: Books, given: Object, id: str) -> Object:
    intent = books.find("payment_intent", id)
    return payments.cancel(books, intent, given.get("cancellation_reason"))


BASE = "/v1/payment_intents"
CONFIRMING = frozenset(
    {
        "capture_method",
        "error_on_requires_action",
        "off_session",
        "payment_method",
        "receipt_email",
        "return_url",
        "setup_future_usage",
    }
)
CREATING = CONFIRMING | {
    "allowed_payment_method_types",
    "amount",
    "automatic_payment_methods.allow_redirects",
    "automatic_payment_methods.enabled",
    "confirm",
    "currency",
    "customer",
    "description",
    "metadata",
    "statement_descriptor_suffix",
    "transfer_group",
}
CHANGING = frozenset({"amount", "description", "metadata", "receipt_email"})
CAPTURING = frozenset({"amount_to_capture", "metadata"})
CANCELING = frozenset({"cancellation_reason"})

ROUTES = [
    Route("POST", BASE, create, params.PaymentIntentCreateParams, CREATING),
    Route("GET", BASE, list_all, params.PaymentIntentListParams, paging.DATED | {"customer"}),
    Route("GET", f"{BASE}/<id>", retrieve, params.PaymentIntentRetrieveParams),
    Route("POST", f"{BASE}/<id>", update, params.PaymentIntentUpdateParams, CHANGING),
    Route("POST", f"{BASE}/<id>/confirm", confirm, params.PaymentIntentConfirmParams, CONFIRMING),
    Route("POST", f"{BASE}/<id>/capture", capture, params.PaymentIntentCaptureParams, CAPTURING),
    Route("POST", f"{BASE}/<id>/cancel", cancel, params.PaymentIntentCancelParams, CANCELING),
]

"""SetupIntents: a card is saved and its holder agrees to later charges; no money moves."""

from stripe import params

from stripesim import paging, payment_methods, payments
from stripesim.books import Books, Object
from stripesim.cards import Decline
from stripesim.customers import merge
from stripesim.errors import CardFailure, Failure, unexpected_state
from stripesim.routing import Route
from stripesim.store import new_id

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")

NOT_PROVEN = Decline(
    "setup_intent_authentication_failure",
    None,
    "We are unable to authenticate your payment method. Please choose a different payment method"
    " and try again.",
)


def make(books: Books, given: Object) -> Object:
    id = new_id("seti")
    intent = {
        "id": id,
        "object": "setup_intent",
        "allowed_payment_method_types": given.get("allowed_payment_method_types"),
        "application": None,
        "automatic_payment_methods": given.get("automatic_payment_methods"),
        "cancellation_reason": None,
        "client_secret": new_id(f"{id}_secret"),
        "created": books.now,
        "customer": given.get("customer"),
        "description": given.get("description"),
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": given.get("metadata", {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": given.get("usage", "off_session"),
    }
    books.add(intent)
    books.tell("setup_intent.created", intent)
    return intent


def create(books: Books, given: Object) -> Object:
    if "customer" in given:
        books.find("customer", given["customer"], "customer")
    intent = make(books, given)
    choose(books, intent, given)
    if given.get("confirm"):
        return proceed(books, intent, return_url=given.get("return_url"))
    return intent


def choose(books: Books, intent: Object, given: Object) -> None:
    if "payment_method" in given:
        method = payment_methods.find(books, given["payment_method"], "payment_method")
        intent["payment_method"] = method["id"]
        intent["status"] = "requires_confirmation"
        books.save(intent)


def proceed(books: Books, intent: Object, *, return_url: str | None) -> Object:
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(intent, "confirmed")
    if intent["payment_method"] is None:
        raise Failure(
            "You cannot confirm this SetupIntent because it's missing a payment method.",
            code="setup_intent_unexpected_state",
            setup_intent=intent,
        )
    method = books.find("payment_method", intent["payment_method"], "payment_method")
    card, set_up = payment_methods.behind(books, method)
    if not card.attaches and card.decline is not None:
        raise failed(books, intent, method, card.decline)
    if card.wants_cardholder(set_up=set_up):
        return payments.wait_for_cardholder(books, intent, return_url)
    return succeed(books, intent, method)


def succeed(books: Books, intent: Object, method: Object) -> Object:
    intent["status"] = "succeeded"
    intent["next_action"] = None
    intent["last_setup_error"] = None
    books.save(intent)
    books.save(method, set_up=True)
    if intent["customer"] is not None:
        payment_methods.give_to(books, method, intent["customer"])
    books.tell("setup_intent.succeeded", intent)
    return intent


def failed(books: Books, intent: Object, method: Object, decline: Decline) -> CardFailure:
    intent["status"] = "requires_payment_method"
    intent["payment_method"] = None
    intent["next_action"] = None
    intent["last_setup_error"] = payments.reason(decline, payment_method=method)
    books.save(intent)
    books.tell("setup_intent.setup_failed", intent)
    return payment_methods.decline(decline, setup_intent=intent, payment_method=method)


def answer_challenge(books: Books, intent: Object, *, approved: bool) -> Object:
    """The cardholder has answered the bank. Raises CardFailure if it says no."""
    if intent["status"] != "requires_action":
        raise unexpected_state(intent, "authenticated")
    method = books.find("payment_method", intent["payment_method"], "payment_method")
    if approved:
        return succeed(books, intent, method)
    raise failed(books, intent, method, NOT_PROVEN)


def confirm(books: Books, given: Object, id: str) -> Object:
    intent = books.find("setup_intent", id)
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(intent, "confirmed")
    choose(books, intent, given)
    return proceed(books, intent, return_url=given.get("return_url"))


def cancel(books: Books, given: Object, id: str) -> Object:
    intent = books.find("setup_intent", id)
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(intent, "canceled")
    intent["status"] = "canceled"
    intent["cancellation_reason"] = given.get("cancellation_reason")
    intent["next_action"] = None
    books.save(intent)
    books.tell("setup_intent.canceled", intent)
    return intent


def update(books: Books, given: Object, id: str) -> Object:
    intent = books.find("setup_intent", id)
    merge(intent, given)
    return books.save(intent)


def retrieve(books: Books, _given: Object, id: str) -> Object:
    return books.find("setup_intent", id)


def list_all(books: Books, given: Object) -> Object:
    where = {"customer": given.get("customer"), "payment_method": given.get("payment_method")}
    return books.page("setup_intent", given, "/v1/setup_intents", where=where)


BASE = "/v1/setup_intents"
CREATING = frozenset(
    {
        "allowed_payment_method_types",
        "automatic_payment_methods.allow_redirects",
        "automatic_payment_methods.enabled",
        "confirm",
        "customer",
        "description",
        "metadata",
        "payment_method",
        "return_url",
        "usage",
    }
)
CONFIRMING = frozenset({"payment_method", "return_url"})
LISTING = paging.DATED | {"customer", "payment_method"}

ROUTES = [
    Route("POST", BASE, create, params.SetupIntentCreateParams, CREATING),
    Route("GET", BASE, list_all, params.SetupIntentListParams, LISTING),
    Route("GET", f"{BASE}/<id>", retrieve, params.SetupIntentRetrieveParams),
    Route(
        "POST",
        f"{BASE}/<id>",
        update,
        params.SetupIntentUpdateParams,
        frozenset({"description", "metadata"}),
    ),
    Route("POST", f"{BASE}/<id>/confirm", confirm, params.SetupIntentConfirmParams, CONFIRMING),
    Route(
        "POST",
        f"{BASE}/<id>/cancel",
        cancel,
        params.SetupIntentCancelParams,
        frozenset({"cancellation_reason"}),
    ),
]

"""Checkout sessions: a hosted page on which somebody saves a card or pays."""

from stripe.params import checkout as params

from stripesim import paging, payment_intents, payment_methods, payments, setup_intents
from stripesim.books import Books, Object
from stripesim.cards import Card
from stripesim.errors import Failure
from stripesim.routing import Route
from stripesim.sessions import KIND, blank


def create(books: Books, given: Object) -> Object:
    mode = given.get("mode")
    if mode not in ("setup", "payment"):
        raise Failure("Invalid mode: must be setup or payment.", param="mode")
    if given.get("ui_mode", "hosted_page") != "hosted_page":
        raise Failure("The simulator draws hosted pages only.", param="ui_mode")
    if "success_url" not in given:
        raise Failure(
            "Missing required param: success_url.", code="parameter_missing", param="success_url"
        )
    if "customer" in given:
        books.find("customer", given["customer"], "customer")
    session = blank(books, given)
    if mode == "setup":
        prepare_setup(books, session, given)
    else:
        prepare_payment(session, given)
    books.add(session, intent_terms=given.get("payment_intent_data", {}), shown=shown(given))
    books.set_deadline(session["id"], session["expires_at"])
    return session


def shown(given: Object) -> list[Object]:
    return [
        {
            "name": line["price_data"]["product_data"]["name"],
            "quantity": line["quantity"],
            "amount": line["price_data"]["unit_amount"] * line["quantity"],
        }
        for line in given.get("line_items", [])
    ]


def prepare_setup(books: Books, session: Object, given: Object) -> None:
    if "currency" not in given and "allowed_payment_method_types" not in given:
        raise Failure(
            "Missing required param: currency.", code="parameter_missing", param="currency"
        )
    if "line_items" in given or "payment_intent_data" in given:
        raise Failure("A session in setup mode takes no money.", param="line_items")
    intent = setup_intents.make(
        books, {**given.get("setup_intent_data", {}), "customer": given.get("customer")}
    )
    session["setup_intent"] = intent["id"]
    session["payment_status"] = "no_payment_required"


def prepare_payment(session: Object, given: Object) -> None:
    lines = given.get("line_items", [])
    if not lines:
        raise Failure(
            "Missing required param: line_items.", code="parameter_missing", param="line_items"
        )
    if "setup_intent_data" in given:
        raise Failure("A session in payment mode saves no card.", param="setup_intent_data")
    for at, line in enumerate(lines):
        price = line.get("price_data", {})
        if "unit_amount" not in price or "product_data" not in price or "quantity" not in line:
            raise Failure(
                "A line needs price_data with unit_amount and product_data, and a quantity.",
                code="parameter_missing",
                param=f"line_items[{at}]",
            )
    currencies = {line["price_data"]["currency"].lower() for line in lines}
    if len(currencies) > 1:
        raise Failure("All lines must have one currency.", param="line_items")
    session["currency"] = currencies.pop()
    total = sum(line["price_data"]["unit_amount"] * line["quantity"] for line in lines)
    payment_intents.check_amount(total, session["currency"])
    session["amount_subtotal"] = session["amount_total"] = total
    session["total_details"] = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}


def pay(books: Books, session: Object, card: Card) -> Object:
    """Use `card` on the page; gives the intent, which may still want the cardholder.

    Raises CardFailure if the bank says no; the page stays open for another card.
    """
    if session["status"] != "open":
        raise Failure("This page is closed.", status=409)
    method = payment_methods.make(books, card)
    if session["mode"] == "setup":
        intent = books.find("setup_intent", session["setup_intent"])
        setup_intents.choose(books, intent, {"payment_method": method["id"]})
        books.save(intent, session=session["id"])
        intent = setup_intents.proceed(books, intent, return_url=None)
    else:
        intent = intent_of(books, session)
        payment_intents.choose(books, intent, {"payment_method": method["id"]})
        intent = payments.confirm(books, intent, alone=False, return_url=session["url"])
    if intent["status"] != "requires_action":
        complete(books, session, intent)
    return intent


def intent_of(books: Books, session: Object) -> Object:
    private = books.private(session["id"])
    if "intent" in private:
        return books.find("payment_intent", private["intent"])
    given = {
        **private["intent_terms"],
        "amount": session["amount_total"],
        "currency": session["currency"],
        "customer": session["customer"],
        "allowed_payment_method_types": session["allowed_payment_method_types"],
    }
    intent = payment_intents.make(books, given)
    books.save(session, intent=intent["id"])
    books.save(intent, session=session["id"])
    books.tell("payment_intent.created", intent)
    return intent


def complete(books: Books, session: Object, intent: Object) -> None:
    session["status"] = "complete"
    session["url"] = None
    if session["mode"] == "payment":
        session["payment_intent"] = intent["id"]
        session["payment_status"] = "paid" if intent["status"] == "succeeded" else "unpaid"
    books.save(session)
    books.set_deadline(session["id"], None)
    books.tell("checkout.session.completed", session)


def close(books: Books, session: Object) -> Object:
    """Close a page on which nothing was done, and what it had begun."""
    begun = session["setup_intent"] or books.private(session["id"]).get("intent")
    intent = None if begun is None else books.look_up(begun)
    if intent is not None and intent["object"] == "setup_intent":
        setup_intents.cancel(books, {"cancellation_reason": "abandoned"}, intent["id"])
    elif intent is not None:
        payments.cancel(books, intent, "abandoned")
    session["status"] = "expired"
    session["url"] = None
    books.save(session)
    books.set_deadline(session["id"], None)
    books.tell("checkout.session.expired", session)
    return session


def expire(books: Books, _given: Object, id: str) -> Object:
    session = books.find(KIND, id)
    if session["status"] != "open":
        raise Failure("Only Checkout Sessions with a status in [open] can be expired.")
    return close(books, session)


def retrieve(books: Books, _given: Object, id: str) -> Object:
    return books.find(KIND, id)


def list_all(books: Books, given: Object) -> Object:
    where = {name: given.get(name) for name in ("customer", "payment_intent", "status")}
    return books.page(KIND, given, "/v1/checkout/sessions", where=where)


BASE = "/v1/checkout/sessions"
CREATING = frozenset(
    {
        "allowed_payment_method_types",
        "cancel_url",
        "client_reference_id",
        "currency",
        "custom_text.submit.message",
        "customer",
        "expires_at",
        "line_items.price_data.currency",
        "line_items.price_data.product_data.name",
        "line_items.price_data.unit_amount",
        "line_items.quantity",
        "locale",
        "metadata",
        "mode",
        "payment_intent_data.capture_method",
        "payment_intent_data.description",
        "payment_intent_data.metadata",
        "payment_intent_data.receipt_email",
        "payment_intent_data.setup_future_usage",
        "payment_intent_data.statement_descriptor_suffix",
        "payment_intent_data.transfer_group",
        "setup_intent_data.description",
        "setup_intent_data.metadata",
        "submit_type",
        "success_url",
        "ui_mode",
    }
)
LISTING = paging.DATED | {"customer", "payment_intent", "status"}

ROUTES = [
    Route("POST", BASE, create, params.SessionCreateParams, CREATING),
    Route("GET", BASE, list_all, params.SessionListParams, LISTING),
    Route("GET", f"{BASE}/<id>", retrieve, params.SessionRetrieveParams),
    Route("POST", f"{BASE}/<id>/expire", expire, params.SessionExpireParams),
]

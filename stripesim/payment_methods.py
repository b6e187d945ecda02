"""Payment methods: a card's behaviour, kept for one customer or for nobody yet."""

from typing import Any

from stripe import params

from stripesim import paging
from stripesim.books import Books, Object
from stripesim.cards import BY_MAGIC, BY_NUMBER, NOT_A_TEST_CARD, Card, Decline, is_well_formed
from stripesim.errors import CardFailure, Failure, missing
from stripesim.routing import Route
from stripesim.store import new_id

FEW_CHECKS = {
    "address_line1_check": None,
    "address_postal_code_check": None,
    "cvc_check": "pass",
}
LAST_YEAR = 2034


def make(books: Books, card: Card, metadata: dict[str, str] | None = None) -> Object:
    """Make a payment method of `card` that belongs to nobody yet."""
    method = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": nobody(),
        "card": {
            "brand": card.brand,
            "checks": FEW_CHECKS,
            "country": "DE",
            "display_brand": card.brand,
            "exp_month": 12,
            "exp_year": LAST_YEAR,
            "fingerprint": f"sim{card.number[::-1][:13]}",
            "funding": "credit",
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": books.now,
        "customer": None,
        "livemode": False,
        "metadata": metadata or {},
        "type": "card",
    }
    return books.add(method, number=card.number, set_up=False)


def nobody() -> Object:
    return {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}


def behind(books: Books, method: Object) -> tuple[Card, bool]:
    """The card behind a payment method, and whether its holder has once approved it."""
    private = books.private(method["id"])
    return BY_NUMBER[private["number"]], private["set_up"]


def find(books: Books, id: str, param: str) -> Object:
    """Find a payment method; a magic id makes a new one, as in Stripe's test mode."""
    if id in BY_MAGIC:
        return make(books, BY_MAGIC[id])
    return books.find("payment_method", id, param)


def decline(refused: Decline, **facts: Any) -> CardFailure:
    return CardFailure(
        refused.message, code=refused.code, decline_code=refused.decline_code, **facts
    )


def card_numbered(number: str) -> Card:
    """The test card of this number. Anybody's real number is declined and never stored."""
    number = "".join(number.split())
    if not is_well_formed(number):
        raise CardFailure("Your card number is incorrect.", code="incorrect_number", param="number")
    if number not in BY_NUMBER:
        raise decline(NOT_A_TEST_CARD)
    return BY_NUMBER[number]


def create(books: Books, given: Object) -> Object:
    card = given.get("card")
    if given.get("type") != "card" or not isinstance(card, dict) or "number" not in card:
        raise Failure("The simulator makes payment methods of type card.", param="type")
    return make(books, card_numbered(card["number"]), given.get("metadata"))


def retrieve(books: Books, _given: Object, id: str) -> Object:
    return find(books, id, "id")


def update(books: Books, given: Object, id: str) -> Object:
    method = books.find("payment_method", id)
    method["metadata"] = {**method["metadata"], **given.get("metadata", {})}
    return books.save(method)


def attach(books: Books, given: Object, id: str) -> Object:
    method = find(books, id, "payment_method")
    customer = books.find("customer", given["customer"], "customer")
    card, _ = behind(books, method)
    if not card.attaches and card.decline is not None:
        raise decline(card.decline)
    return give_to(books, method, customer["id"])


def give_to(books: Books, method: Object, customer: str) -> Object:
    if method["customer"] not in (None, customer):
        raise Failure("The payment method is already attached to a customer.")
    if method["customer"] is None:
        method["customer"] = customer
        books.save(method)
        books.tell("payment_method.attached", method)
    return method


def detach(books: Books, _given: Object, id: str) -> Object:
    method = books.find("payment_method", id, "payment_method")
    if method["customer"] is None:
        raise Failure(
            "The payment method you provided is not attached to a customer so detachment is"
            " impossible."
        )
    method["customer"] = None
    books.save(method, detached=True)
    books.tell("payment_method.detached", method)
    return method


def list_all(books: Books, given: Object) -> Object:
    where = {"customer": given.get("customer"), "type": given.get("type")}
    return books.page("payment_method", given, "/v1/payment_methods", where=where)


def list_of(books: Books, given: Object, id: str) -> Object:
    books.find("customer", id)
    where = {"customer": id, "type": given.get("type")}
    url = f"/v1/customers/{id}/payment_methods"
    return books.page("payment_method", given, url, where=where)


def of_customer(books: Books, id: str) -> list[Object]:
    found: list[Object] = list_of(books, {"limit": 100}, id)["data"]
    return found


def retrieve_of(books: Books, _given: Object, id: str, method: str) -> Object:
    found = books.find("payment_method", method)
    if found["customer"] != id:
        raise missing("payment_method", method, "id")
    return found


BASE = "/v1/payment_methods"
CARD = frozenset({"card.number", "card.exp_month", "card.exp_year", "card.cvc"})

ROUTES = [
    Route("POST", BASE, create, params.PaymentMethodCreateParams, CARD | {"type", "metadata"}),
    Route(
        "GET", BASE, list_all, params.PaymentMethodListParams, paging.PAGED | {"customer", "type"}
    ),
    Route("GET", f"{BASE}/<id>", retrieve, params.PaymentMethodRetrieveParams),
    Route(
        "POST", f"{BASE}/<id>", update, params.PaymentMethodUpdateParams, frozenset({"metadata"})
    ),
    Route(
        "POST",
        f"{BASE}/<id>/attach",
        attach,
        params.PaymentMethodAttachParams,
        frozenset({"customer"}),
    ),
    Route("POST", f"{BASE}/<id>/detach", detach, params.PaymentMethodDetachParams),
    Route(
        "GET",
        "/v1/customers/<id>/payment_methods",
        list_of,
        params.CustomerPaymentMethodListParams,
        paging.PAGED | {"type"},
    ),
    Route(
        "GET",
        "/v1/customers/<id>/payment_methods/<method>",
        retrieve_of,
        params.CustomerPaymentMethodRetrieveParams,
    ),
]

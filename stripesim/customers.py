"""Customers, and the cards they keep."""

from stripe import params

from stripesim import paging, payment_methods
from stripesim.books import Books, Object
from stripesim.routing import Route
from stripesim.store import new_id

DESCRIBED = ("description", "email", "name", "phone")


def create(books: Books, given: Object) -> Object:
    customer: Object = {
        "id": new_id("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": books.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": new_id("x", 8)[2:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    customer.update(given)
    books.add(customer)
    books.tell("customer.created", customer)
    return customer


def retrieve(books: Books, _given: Object, id: str) -> Object:
    return books.find("customer", id)


def update(books: Books, given: Object, id: str) -> Object:
    customer = books.find("customer", id)
    merge(customer, given)
    books.save(customer)
    books.tell("customer.updated", customer)
    return customer


def merge(body: Object, given: Object) -> None:
    """Lay `given` over `body`; an empty string unsets, in the metadata too."""
    metadata = given.pop("metadata", None)
    body.update({name: None if value == "" else value for name, value in given.items()})
    if metadata == {}:
        body["metadata"] = {}
    elif metadata is not None:
        merged = {**body["metadata"], **metadata}
        body["metadata"] = {name: value for name, value in merged.items() if value != ""}


def delete(books: Books, _given: Object, id: str) -> Object:
    customer = books.find("customer", id)
    for card in payment_methods.of_customer(books, id):
        payment_methods.detach(books, {}, card["id"])
    books.remove(id)
    books.tell("customer.deleted", customer)
    return {"id": id, "object": "customer", "deleted": True}


def list_all(books: Books, given: Object) -> Object:
    return books.page("customer", given, "/v1/customers", where={"email": given.get("email")})


WRITABLE = frozenset({*DESCRIBED, "metadata", "preferred_locales"})

ROUTES = [
    Route("POST", "/v1/customers", create, params.CustomerCreateParams, WRITABLE),
    Route("GET", "/v1/customers", list_all, params.CustomerListParams, paging.DATED | {"email"}),
    Route("GET", "/v1/customers/<id>", retrieve, params.CustomerRetrieveParams),
    Route("POST", "/v1/customers/<id>", update, params.CustomerUpdateParams, WRITABLE),
    Route("DELETE", "/v1/customers/<id>", delete, params.CustomerDeleteParams),
]

"""Balance transactions: what each capture and refund did to the account, fees apart."""

from stripe import params

from stripesim import paging
from stripesim.books import Books, Object
from stripesim.routing import Route
from stripesim.store import new_id

AVAILABLE_AFTER_SECONDS = 2 * 24 * 3600


def post(books: Books, source: Object, kind: str, amount: int, *, fee: int = 0) -> Object:
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": source["currency"],
            "description": "Processing fee",
            "type": "stripe_fee",
        }
    ]
    return books.add(
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": books.now + AVAILABLE_AFTER_SECONDS,
            "balance_type": "payments",
            "created": books.now,
            "currency": source["currency"],
            "description": source["description"],
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details if fee else [],
            "net": amount - fee,
            "reporting_category": kind,
            "source": source["id"],
            "status": "pending",
            "type": kind,
        }
    )


def retrieve(books: Books, _given: Object, id: str) -> Object:
    return as_of_now(books, books.find("balance_transaction", id))


def list_all(books: Books, given: Object) -> Object:
    where = {"source": given.get("source"), "type": given.get("type")}
    page = books.page("balance_transaction", given, "/v1/balance_transactions", where=where)
    for posted in page["data"]:
        as_of_now(books, posted)
    return page


def as_of_now(books: Books, posted: Object) -> Object:
    posted["status"] = "available" if posted["available_on"] <= books.now else "pending"
    return posted


BASE = "/v1/balance_transactions"

ROUTES = [
    Route(
        "GET",
        BASE,
        list_all,
        params.BalanceTransactionListParams,
        paging.DATED | {"source", "type"},
    ),
    Route("GET", f"{BASE}/<id>", retrieve, params.BalanceTransactionRetrieveParams),
]

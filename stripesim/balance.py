"""Balances, and the transactions they are made of: what moved, what it cost, when it can be used.

The nets of an account's balance transactions add up to its balance; there is no second count.
A refund or a chargeback that finds too little makes the balance negative, as Stripe lets it.
"""

from stripe import params

from stripesim import paging
from stripesim.books import Books, Object
from stripesim.errors import Failure
from stripesim.routing import Route
from stripesim.store import new_id

AVAILABLE_AFTER_SECONDS = 2 * 24 * 3600

# What Stripe's reports call a movement, where it is another word than its type.
REPORTED = {
    "payment": "charge",
    "payment_refund": "refund",
    "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal",
    "transfer_refund": "transfer_reversal",
}

SUMS = """
SELECT json_extract(body, '$.currency') AS currency,
  sum(iif(json_extract(body, '$.available_on') <= :now, json_extract(body, '$.net'), 0)),
  sum(iif(json_extract(body, '$.available_on') > :now, json_extract(body, '$.net'), 0))
FROM objects WHERE object = 'balance_transaction' AND account = :account
GROUP BY currency ORDER BY currency
"""


def post(
    books: Books,
    source: Object,
    kind: str,
    amount: int,
    *,
    fee: int = 0,
    available_on: int | None = None,
    reported: str | None = None,
) -> Object:
    """Move the balance by `amount`, signed, less `fee`; at once unless `available_on` is later."""
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
            "available_on": max(books.now, available_on or 0),
            "balance_type": "payments",
            "created": books.now,
            "currency": source["currency"],
            "description": source.get("description"),
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details if fee else [],
            "net": amount - fee,
            "reporting_category": reported or REPORTED.get(kind, kind),
            "source": source["id"],
            "status": "pending",
            "type": kind,
        }
    )


def available_with(books: Books, charge: Object) -> int:
    """When the money of a charge can be used, and so whatever is taken from it or hangs on it."""
    posted = books.look_up(charge["balance_transaction"])
    assert posted is not None, "What was captured has been posted."
    moment: int = posted["available_on"]
    return moment


def sums(books: Books) -> dict[str, tuple[int, int]]:
    """What is available and what is pending, by currency."""
    rows = books.connection.execute(SUMS, {"now": books.now, "account": books.account})
    return {currency: (available, pending) for currency, available, pending in rows.fetchall()}


def require(books: Books, amount: int, currency: str, *, with_pending: bool = False) -> None:
    """Refuse what the balance does not hold."""
    available, pending = sums(books).get(currency, (0, 0))
    if amount > available + (pending if with_pending else 0):
        raise Failure(
            "You have insufficient available funds in your Stripe account.",
            code="balance_insufficient",
        )


def read(books: Books, _given: Object) -> Object:
    held = sums(books) or {"eur": (0, 0)}
    return {
        "object": "balance",
        "available": [part(currency, held[currency][0]) for currency in held],
        "livemode": False,
        "pending": [part(currency, held[currency][1]) for currency in held],
    }


def part(currency: str, amount: int) -> Object:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


def retrieve(books: Books, _given: Object, id: str) -> Object:
    return as_of_now(books, books.find("balance_transaction", id))


def list_all(books: Books, given: Object) -> Object:
    where = {name: given.get(name) for name in ("currency", "source", "type")}
    page = books.page("balance_transaction", given, "/v1/balance_transactions", where=where)
    for posted in page["data"]:
        as_of_now(books, posted)
    return page


def as_of_now(books: Books, posted: Object) -> Object:
    posted["status"] = "available" if posted["available_on"] <= books.now else "pending"
    return posted


BASE = "/v1/balance_transactions"

ROUTES = [
    Route("GET", "/v1/balance", read, params.BalanceRetrieveParams),
    Route(
        "GET",
        BASE,
        list_all,
        params.BalanceTransactionListParams,
        paging.DATED | {"currency", "source", "type"},
    ),
    Route("GET", f"{BASE}/<id>", retrieve, params.BalanceTransactionRetrieveParams),
]

"""Payouts: what is available leaves for a bank account, and arrives there or comes back.

A connected account that is paid out daily is so at midnight (UTC), with all that it can use then.
The platform's own payouts are made by hand, and go to a bank account that works.
"""

from stripe import params

from stripesim import accounts, balance, paging, standing
from stripesim.books import Books, Object
from stripesim.errors import Failure
from stripesim.ibans import WORKS
from stripesim.payment_intents import check_any_amount
from stripesim.routing import Route
from stripesim.store import new_id

HOUR = 3600
DAY = 24 * HOUR
LEAVES_AFTER_SECONDS = HOUR
ARRIVES_AFTER_SECONDS = 2 * DAY

FAILURES = {"account_closed": "The bank account has been closed."}

NEXT_AVAILABLE = """
SELECT min(json_extract(body, '$.available_on')) FROM objects
WHERE object = 'balance_transaction' AND account = ?
  AND json_extract(body, '$.available_on') > ? AND json_extract(body, '$.net') > 0
"""


def create(books: Books, given: Object) -> Object:
    currency = given["currency"].lower()
    check_any_amount(given["amount"], currency)
    if books.account and not accounts.find(books, books.account)["payouts_enabled"]:
        raise Failure("This account cannot be paid out.", code="payouts_not_allowed")
    balance.require(books, given["amount"], currency)
    return send(books, {**given, "currency": currency}, automatic=False)


def send(books: Books, given: Object, *, automatic: bool) -> Object:
    bank = bank_of(books, given["currency"])
    payout: Object = {
        "id": new_id("po"),
        "object": "payout",
        "amount": given["amount"],
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": books.now + ARRIVES_AFTER_SECONDS,
        "automatic": automatic,
        "balance_transaction": None,
        "created": books.now,
        "currency": given["currency"],
        "description": given.get("description", "STRIPE PAYOUT" if automatic else None),
        "destination": bank,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "method": "standard",
        "original_payout": None,
        "reconciliation_status": "in_progress" if automatic else "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": given.get("statement_descriptor"),
        "status": "pending",
        "type": "bank_account",
    }
    books.add(payout)
    payout["balance_transaction"] = balance.post(books, payout, "payout", -payout["amount"])["id"]
    books.save(payout)
    books.set_deadline(payout["id"], books.now + LEAVES_AFTER_SECONDS)
    books.tell("payout.created", payout)
    return payout


def bank_of(books: Books, currency: str) -> str:
    """The id of the bank account that money goes to; the platform's is made when it is needed."""
    if books.account:
        id = accounts.find(books, books.account)["external_accounts"]["data"][0]["id"]
        return str(id)
    known: list[Object] = books.page("bank_account", {}, "", where={"currency": currency})["data"]
    return str((known or [standing.bank_account(books, WORKS, currency)])[0]["id"])


def proceed(books: Books, payout: Object) -> None:
    """It leaves; or it has arrived, unless its bank account sends it back."""
    if payout["status"] == "pending":
        payout["status"] = "in_transit"
        books.save(payout)
        books.set_deadline(payout["id"], payout["arrival_date"])
        books.tell("payout.updated", payout)
        return
    failure = standing.bank_behind(books, payout["destination"]).failure
    if failure is None:
        arrive(books, payout)
    else:
        fail(books, payout, failure)


def arrive(books: Books, payout: Object) -> None:
    payout["status"] = "paid"
    books.save(payout)
    books.set_deadline(payout["id"], None)
    books.tell("payout.paid", payout)


def fail(books: Books, payout: Object, code: str) -> None:
    """The money comes back, and no more is sent to that bank account."""
    payout["status"] = "failed"
    payout["failure_code"], payout["failure_message"] = code, FAILURES[code]
    posted = balance.post(books, payout, "payout_failure", payout["amount"])
    payout["failure_balance_transaction"] = posted["id"]
    books.save(payout)
    books.set_deadline(payout["id"], None)
    books.tell("payout.failed", payout)
    if books.account:
        account = accounts.find(books, books.account)
        standing.lose_bank(books.of(""), account, payout["destination"])


def cancel(books: Books, _given: Object, id: str) -> Object:
    payout = books.find("payout", id)
    if payout["status"] != "pending" or payout["automatic"]:
        raise Failure(f"Payout {id} cannot be canceled: it is {payout['status']}.")
    payout["status"] = "canceled"
    balance.post(books, payout, "payout_cancel", payout["amount"])
    books.save(payout)
    books.set_deadline(id, None)
    books.tell("payout.canceled", payout)
    return payout


def wake(books: Books, account: Object) -> None:
    """Something is due for a connected account: its check is over, or it is midnight."""
    known = books.private(account["id"])
    if known["until"] is not None and known["until"] <= books.now:
        standing.review(books, account)
    if known["pays_at"] is not None and known["pays_at"] <= books.now:
        pay_out(books, account)


def pay_out(books: Books, account: Object) -> None:
    books.save(account, pays_at=None)
    standing.wake(books, account)
    own = books.of(account["id"])
    is_daily = account["settings"]["payouts"]["schedule"]["interval"] == "daily"
    if is_daily and account["payouts_enabled"]:
        for currency, (available, _) in balance.sums(own).items():
            if available > 0:
                send(own, {"amount": available, "currency": currency}, automatic=True)
    row = books.connection.execute(NEXT_AVAILABLE, (account["id"], books.now)).fetchone()
    if row[0] is not None:
        standing.expect_payout(books, account, row[0])


def retrieve(books: Books, _given: Object, id: str) -> Object:
    return books.find("payout", id)


def list_all(books: Books, given: Object) -> Object:
    return books.page("payout", given, "/v1/payouts", where={"status": given.get("status")})


BASE = "/v1/payouts"
CREATING = frozenset({"amount", "currency", "description", "metadata", "statement_descriptor"})

ROUTES = [
    Route("POST", BASE, create, params.PayoutCreateParams, CREATING),
    Route("GET", BASE, list_all, params.PayoutListParams, paging.DATED | {"status"}),
    Route("GET", f"{BASE}/<id>", retrieve, params.PayoutRetrieveParams),
    Route("POST", f"{BASE}/<id>/cancel", cancel, params.PayoutCancelParams),
]

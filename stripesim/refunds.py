"""Refunds: money goes back, never more than was taken; by some cards later, or not at all."""

from stripe import params

from stripesim import disputes, paging
from stripesim.balance import available_with, post
from stripesim.books import Books, Object
from stripesim.cards import Return
from stripesim.errors import Failure
from stripesim.payment_methods import behind
from stripesim.routing import Route
from stripesim.store import new_id

# Long enough to look at it in between; at Stripe it takes days.
RETURN_SECONDS = 3600


def make(books: Books, charge: Object, amount: int, given: Object) -> Object:
    """Write a refund. Of a charge that was never captured it only ends the hold."""
    refund = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": books.now,
        "currency": charge["currency"],
        "description": None,
        "failure_balance_transaction": None,
        "failure_reason": None,
        "destination_details": {
            "card": {"reference": None, "reference_status": "pending", "type": "refund"},
            "type": "card",
        },
        "metadata": given.get("metadata", {}),
        "payment_intent": charge["payment_intent"],
        "reason": given.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    books.save(charge)
    return books.add(refund)


def create(books: Books, given: Object) -> Object:
    charge = charge_named(books, given)
    if not charge["captured"]:
        raise Failure("This charge was never captured. Cancel its PaymentIntent instead.")
    disputes.guard_refund(books, charge)
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise Failure(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = given.get("amount", left)
    if amount < 1:
        raise Failure("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise Failure(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    refund = make(books, charge, amount, given)
    until = available_with(books, charge)
    posted = post(books, refund, "refund", -amount, available_on=until)
    refund["balance_transaction"] = posted["id"]
    card, _ = behind(books, books.find("payment_method", charge["payment_method"]))
    if card.returns is not Return.AT_ONCE:
        books.set_deadline(refund["id"], books.now + RETURN_SECONDS)
    if card.returns is Return.LATER:
        refund["status"] = "pending"
    books.save(refund)
    books.tell("refund.created", refund)
    books.tell("charge.refunded", charge)
    disputes.settle_inquiry(books, charge)
    return refund


def arrive(books: Books, refund: Object) -> None:
    """The card's bank has taken the money, or sends back what seemed to have arrived."""
    books.set_deadline(refund["id"], None)
    if refund["status"] == "pending":
        refund["status"] = "succeeded"
    else:
        refund["status"], refund["failure_reason"] = "failed", "lost_or_stolen_card"
        posted = post(books, refund, "refund_failure", refund["amount"])
        refund["failure_balance_transaction"] = posted["id"]
        charge = books.find("charge", refund["charge"])
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        books.save(charge)
    books.save(refund)
    books.tell("refund.updated", refund)
    if refund["status"] == "failed":
        books.tell("refund.failed", refund)


def charge_named(books: Books, given: Object) -> Object:
    if "charge" in given:
        return succeeded(books.find("charge", given["charge"], "charge"))
    if "payment_intent" not in given:
        raise Failure(
            "One of the following params should be provided for this request: payment_intent or"
            " charge.",
            code="parameter_missing",
            param="payment_intent",
        )
    intent = books.find("payment_intent", given["payment_intent"], "payment_intent")
    if intent["latest_charge"] is None:
        raise Failure(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return succeeded(books.find("charge", intent["latest_charge"], "payment_intent"))


def succeeded(charge: Object) -> Object:
    if charge["status"] != "succeeded":
        raise Failure(f"Charge {charge['id']} did not succeed and cannot be refunded.")
    return charge


def retrieve(books: Books, _given: Object, id: str) -> Object:
    return books.find("refund", id)


def list_all(books: Books, given: Object) -> Object:
    where = {"charge": given.get("charge"), "payment_intent": given.get("payment_intent")}
    return books.page("refund", given, "/v1/refunds", where=where)


BY_SOURCE = frozenset({"charge", "payment_intent"})

ROUTES = [
    Route(
        "POST",
        "/v1/refunds",
        create,
        params.RefundCreateParams,
        BY_SOURCE | {"amount", "metadata", "reason"},
    ),
    Route("GET", "/v1/refunds", list_all, params.RefundListParams, paging.DATED | BY_SOURCE),
    Route("GET", "/v1/refunds/<id>", retrieve, params.RefundRetrieveParams),
]

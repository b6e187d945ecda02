"""Reversals: transferred money comes back, as far as it is still on the account it went to."""

from stripe import params

from stripesim import balance, paging
from stripesim.books import Books, Object
from stripesim.customers import merge
from stripesim.destination_payments import give_back
from stripesim.errors import Failure, missing
from stripesim.routing import Route
from stripesim.store import new_id

KIND = "transfer_reversal"
MOST_EMBEDDED = 10


def create(books: Books, given: Object, id: str) -> Object:
    transfer = books.find("transfer", id)
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = given.get("amount", left)
    if left == 0:
        raise Failure(f"Transfer {id} is already fully reversed.")
    if amount < 1:
        raise Failure("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise Failure(
            f"Reversal amount ({amount}) is greater than unreversed amount on transfer ({left})",
            param="amount",
        )
    there = books.of(transfer["destination"])
    balance.require(there, amount, transfer["currency"], with_pending=True)
    reversal = {
        "id": new_id("trr"),
        "object": KIND,
        "amount": amount,
        "balance_transaction": None,
        "created": books.now,
        "currency": transfer["currency"],
        "destination_payment_refund": None,
        "metadata": given.get("metadata", {}),
        "source_refund": None,
        "transfer": id,
    }
    books.add(reversal)
    payment = there.find("charge", transfer["destination_payment"])
    reversal["destination_payment_refund"] = give_back(there, payment, reversal)["id"]
    until = books.private(id)["available_on"]
    posted = balance.post(books, reversal, "transfer_refund", amount, available_on=until)
    reversal["balance_transaction"] = posted["id"]
    books.save(reversal)
    write_off(books, transfer, reversal)
    return reversal


def write_off(books: Books, transfer: Object, reversal: Object) -> None:
    transfer["amount_reversed"] += reversal["amount"]
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    embedded = transfer["reversals"]
    known = [reversal, *embedded["data"]]
    embedded["data"] = known[:MOST_EMBEDDED]
    embedded["has_more"] = embedded["has_more"] or len(known) > MOST_EMBEDDED
    books.save(transfer)
    books.tell("transfer.reversed", transfer)


def find(books: Books, transfer: str, id: str) -> Object:
    reversal = books.find(KIND, id)
    if reversal["transfer"] != transfer:
        raise missing(KIND, id, "id")
    return reversal


def retrieve(books: Books, _given: Object, id: str, reversal: str) -> Object:
    return find(books, id, reversal)


def update(books: Books, given: Object, id: str, reversal: str) -> Object:
    found = find(books, id, reversal)
    merge(found, given)
    return books.save(found)


def list_all(books: Books, given: Object, id: str) -> Object:
    books.find("transfer", id)
    return books.page(KIND, given, f"/v1/transfers/{id}/reversals", where={"transfer": id})


BASE = "/v1/transfers/<id>/reversals"
CREATING = frozenset({"amount", "metadata"})
CHANGING = frozenset({"metadata"})

ROUTES = [
    Route("POST", BASE, create, params.TransferReversalCreateParams, CREATING),
    Route("GET", BASE, list_all, params.TransferReversalListParams, paging.PAGED),
    Route("GET", f"{BASE}/<reversal>", retrieve, params.TransferReversalRetrieveParams),
    Route("POST", f"{BASE}/<reversal>", update, params.TransferReversalUpdateParams, CHANGING),
]

"""Transfers: from the platform's balance to a connected account's, bounded by what is there."""

from stripe import params

from stripesim import balance, paging, standing
from stripesim.books import Books, Object
from stripesim.customers import merge
from stripesim.destination_payments import receive
from stripesim.errors import Failure, missing
from stripesim.payment_intents import check_any_amount
from stripesim.routing import Route
from stripesim.store import new_id


def create(books: Books, given: Object) -> Object:
    amount, currency = given["amount"], given.get("currency", "").lower()
    check_any_amount(amount, currency)
    receiver = receiver_named(books, given["destination"])
    if "source_transaction" in given:
        charge = charge_named(books, given["source_transaction"], currency)
        group: str | None = claim(books, charge, amount, given.get("transfer_group"))
        available_on = balance.available_with(books, charge)
    else:
        balance.require(books, amount, currency)
        available_on = books.now
        group = given.get("transfer_group")
    transfer = blank(books, {**given, "currency": currency, "transfer_group": group})
    books.add(transfer, available_on=available_on)
    posted = balance.post(books, transfer, "transfer", -amount, available_on=available_on)
    payment = receive(books.of(transfer["destination"]), transfer, available_on)
    standing.expect_payout(books, receiver, available_on)
    transfer["balance_transaction"] = posted["id"]
    transfer["destination_payment"] = payment["id"]
    books.save(transfer)
    books.tell("transfer.created", transfer)
    return transfer


def receiver_named(books: Books, id: str) -> Object:
    account = books.look_up(id)
    if account is None or account["object"] != "account":
        raise missing("destination", id, "destination")
    if account["capabilities"]["transfers"] != "active":
        raise Failure(
            "Your destination account needs to have at least one of the following capabilities"
            " enabled: transfers, crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )
    return account


def charge_named(books: Books, id: str, currency: str) -> Object:
    charge = books.find("charge", id, "source_transaction")
    if not charge["captured"]:
        raise Failure(
            "A charge that took no money is no source of a transfer.", param="source_transaction"
        )
    if charge["currency"] != currency:
        raise Failure(
            f"The currency of source_transaction's balance transaction ({charge['currency']}) must"
            f" be the same as the transfer currency ({currency})",
            param="currency",
        )
    return charge


def claim(books: Books, charge: Object, amount: int, group: str | None) -> str:
    """Bind a part of a charge, and give the group that both then belong to.

    What was reversed is not bound again: that is stricter than Stripe may be.
    """
    bound = books.private(charge["id"]).get("transferred", 0) + amount
    if bound > charge["amount_captured"]:
        raise Failure(
            "Transfers using this transaction as a source must not exceed the source amount of"
            f" {charge['amount_captured']}. (There is already {bound - amount} transferred.)",
            param="amount",
        )
    known = charge["transfer_group"] or group or f"group_{charge['payment_intent']}"
    if group not in (None, known):
        raise Failure(
            f"The transfer_group of source_transaction is {known}: it cannot be {group}.",
            param="transfer_group",
        )
    charge["transfer_group"] = known
    books.save(charge, transferred=bound)
    return str(known)


def blank(books: Books, given: Object) -> Object:
    id = new_id("tr")
    return {
        "id": id,
        "object": "transfer",
        "amount": given["amount"],
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": books.now,
        "currency": given["currency"],
        "description": given.get("description"),
        "destination": given["destination"],
        "destination_payment": None,
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "reversals": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/transfers/{id}/reversals",
        },
        "reversed": False,
        "source_transaction": given.get("source_transaction"),
        "source_type": "card",
        "transfer_group": given["transfer_group"],
    }


def retrieve(books: Books, _given: Object, id: str) -> Object:
    return books.find("transfer", id)


def update(books: Books, given: Object, id: str) -> Object:
    transfer = books.find("transfer", id)
    merge(transfer, given)
    books.save(transfer)
    books.tell("transfer.updated", transfer)
    return transfer


def list_all(books: Books, given: Object) -> Object:
    where = {name: given.get(name) for name in ("destination", "transfer_group")}
    return books.page("transfer", given, "/v1/transfers", where=where)


BASE = "/v1/transfers"
CHANGING = frozenset({"description", "metadata"})
CREATING = CHANGING | {
    *("amount", "currency", "destination", "source_transaction", "transfer_group")
}
LISTING = paging.DATED | {"destination", "transfer_group"}

ROUTES = [
    Route("POST", BASE, create, params.TransferCreateParams, CREATING),
    Route("GET", BASE, list_all, params.TransferListParams, LISTING),
    Route("GET", f"{BASE}/<id>", retrieve, params.TransferRetrieveParams),
    Route("POST", f"{BASE}/<id>", update, params.TransferUpdateParams, CHANGING),
]

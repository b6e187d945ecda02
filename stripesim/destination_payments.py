"""What a transfer is to who receives it: a payment on their own balance, and refunds of it."""

from stripesim import balance
from stripesim.books import Books, Object
from stripesim.payment_methods import nobody
from stripesim.store import new_id


def receive(books: Books, transfer: Object, available_on: int) -> Object:
    """Write the payment in the books of the account that receives the transfer."""
    payment: Object = {
        "id": new_id("py"),
        "object": "charge",
        "amount": transfer["amount"],
        "amount_captured": transfer["amount"],
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": nobody(),
        "captured": True,
        "created": books.now,
        "currency": transfer["currency"],
        "customer": None,
        "description": transfer["description"],
        "disputed": False,
        "livemode": False,
        "metadata": {},
        "paid": True,
        "payment_intent": None,
        "payment_method": None,
        "refunded": False,
        "source_transfer": transfer["id"],
        "status": "succeeded",
        "transfer_group": transfer["transfer_group"],
    }
    books.add(payment)
    posted = balance.post(books, payment, "payment", transfer["amount"], available_on=available_on)
    payment["balance_transaction"] = posted["id"]
    return books.save(payment)


def give_back(books: Books, payment: Object, reversal: Object) -> Object:
    """Write the refund that a reversal is in the books of who gives the money back."""
    refund: Object = {
        "id": new_id("pyr"),
        "object": "refund",
        "amount": reversal["amount"],
        "balance_transaction": None,
        "charge": payment["id"],
        "created": books.now,
        "currency": payment["currency"],
        "description": None,
        "metadata": {},
        "payment_intent": None,
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": reversal["id"],
        "status": "succeeded",
        "transfer_reversal": None,
    }
    books.add(refund)
    until = balance.available_with(books, payment)
    posted = balance.post(books, refund, "payment_refund", -reversal["amount"], available_on=until)
    refund["balance_transaction"] = posted["id"]
    payment["amount_refunded"] += reversal["amount"]
    payment["refunded"] = payment["amount_refunded"] == payment["amount"]
    books.save(payment)
    return books.save(refund)

"""What time alone does: holds lapse, checkout pages close, and money arrives late or not."""

from stripesim import checkout, payments, refunds
from stripesim.books import Books


def expire(books: Books) -> None:
    """Let everything lapse whose deadline has come by the simulator's clock."""
    for body in books.due():
        if body["object"] == "payment_intent":
            payments.cancel(books, body, "automatic", expired=True)
        elif body["object"] == "refund":
            refunds.arrive(books, body)
        else:
            checkout.close(books, body)

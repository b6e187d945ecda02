"""What time alone does: holds lapse and checkout pages close."""

from stripesim import checkout, payments
from stripesim.books import Books


def expire(books: Books) -> None:
    """Let everything lapse whose deadline has come by the simulator's clock."""
    for body in books.due():
        if body["object"] == "payment_intent":
            payments.cancel(books, body, "automatic", expired=True)
        else:
            checkout.close(books, body)

"""What time alone does: holds lapse, checkout pages close, money arrives or comes back."""

from collections.abc import Callable

from stripesim import checkout, disputes, payments, payouts, refunds
from stripesim.books import Books, Object


def lapse(books: Books, intent: Object) -> None:
    payments.cancel(books, intent, "automatic", expired=True)


# Each moves its deadline on, or ends it: what is due stays due until then.
COMES_TRUE: dict[str, Callable[[Books, Object], object]] = {
    "account": payouts.wake,
    "charge": disputes.begin,
    "checkout.session": checkout.close,
    "dispute": disputes.decide,
    "payment_intent": lapse,
    "payout": payouts.proceed,
    "refund": refunds.arrive,
}


def expire(books: Books) -> None:
    """Let everything come true that is due by the simulator's clock, each at its own moment."""
    while (found := books.next_due()) is not None:
        then, body = found
        COMES_TRUE[body["object"]](then, body)

"""How a PaymentIntent moves: asked of the bank, proven by the cardholder, held, taken, let go."""

from typing import Any

from stripesim import charges, payment_methods, refunds
from stripesim.books import Books, Object
from stripesim.cards import UNPROVEN, Card, Decline
from stripesim.errors import CardFailure, Failure, unexpected_state

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = (*CONFIRMABLE, "requires_capture", "processing")


def confirm(books: Books, intent: Object, *, alone: bool, return_url: str | None) -> Object:
    """Ask the bank. `alone` means that the cardholder is not there to answer it."""
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(intent, "confirmed")
    if intent["payment_method"] is None:
        raise Failure(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
    require_return_url(intent, alone=alone, return_url=return_url)
    method = books.find("payment_method", intent["payment_method"], "payment_method")
    card, set_up = payment_methods.behind(books, method)
    if card.wants_cardholder(set_up=set_up):
        if alone:
            raise failed(books, intent, method, card, UNPROVEN)
        return wait_for_cardholder(books, intent, return_url)
    return settle(books, intent, method, card, proven=False, alone=alone)


def require_return_url(intent: Object, *, alone: bool, return_url: str | None) -> None:
    automatic = intent["automatic_payment_methods"]
    if automatic is None or automatic["allow_redirects"] == "never" or alone or return_url:
        return
    raise Failure(
        "This PaymentIntent is configured to accept payment methods enabled in your Dashboard."
        " Because some of these payment methods might redirect your customer off of your page,"
        " you must provide a `return_url`.",
        param="return_url",
    )


def wait_for_cardholder(books: Books, intent: Object, return_url: str | None) -> Object:
    intent["status"] = "requires_action"
    intent["next_action"] = {
        "redirect_to_url": {
            "return_url": return_url,
            "url": f"{books.public_url}/authentication/{intent['client_secret']}",
        },
        "type": "redirect_to_url",
    }
    books.save(intent, return_url=return_url)
    books.tell(f"{intent['object']}.requires_action", intent)
    return intent


def settle(
    books: Books, intent: Object, method: Object, card: Card, *, proven: bool, alone: bool
) -> Object:
    if card.decline is not None:
        raise failed(books, intent, method, card, card.decline)
    charge = charges.make(books, intent, method, card, proven=proven, alone=alone)
    intent["latest_charge"] = charge["id"]
    intent["last_payment_error"] = None
    intent["next_action"] = None
    if charge["captured"]:
        intent["status"] = "succeeded"
        intent["amount_received"] = intent["amount"]
        told = "payment_intent.succeeded"
    else:
        intent["status"] = "requires_capture"
        intent["amount_capturable"] = intent["amount"]
        capture_before = charge["payment_method_details"]["card"]["capture_before"]
        books.set_deadline(intent["id"], capture_before)
        told = "payment_intent.amount_capturable_updated"
    books.save(intent)
    keep_card(books, intent, method)
    books.tell(told, intent)
    return intent


def keep_card(books: Books, intent: Object, method: Object) -> None:
    usage = intent["setup_future_usage"]
    if usage is None:
        return
    if intent["customer"] is not None:
        payment_methods.give_to(books, method, intent["customer"])
    if usage == "off_session":
        books.save(method, set_up=True)


def failed(
    books: Books, intent: Object, method: Object, card: Card, decline: Decline
) -> CardFailure:
    charge = charges.fail(books, intent, method, card, decline)
    intent["status"] = "requires_payment_method"
    intent["payment_method"] = None
    intent["next_action"] = None
    intent["latest_charge"] = charge["id"]
    intent["last_payment_error"] = reason(decline, charge=charge["id"], payment_method=method)
    books.save(intent)
    books.tell("payment_intent.payment_failed", intent)
    return payment_methods.decline(
        decline, charge=charge["id"], payment_intent=intent, payment_method=method
    )


def reason(decline: Decline, **facts: Any) -> Object:
    return {
        "code": decline.code,
        "decline_code": decline.decline_code,
        "message": decline.message,
        "type": "card_error",
        **facts,
    }


NOT_PROVEN = Decline(
    "payment_intent_authentication_failure",
    None,
    "We are unable to authenticate your payment method. Please choose a different payment method"
    " and try again.",
)


def answer_challenge(books: Books, intent: Object, *, approved: bool) -> Object:
    """The cardholder has answered the bank. Raises CardFailure if it still says no."""
    if intent["status"] != "requires_action":
        raise unexpected_state(intent, "authenticated")
    method = books.find("payment_method", intent["payment_method"], "payment_method")
    card, _ = payment_methods.behind(books, method)
    if approved:
        return settle(books, intent, method, card, proven=True, alone=False)
    raise failed(books, intent, method, card, NOT_PROVEN)


def capture(books: Books, intent: Object, amount: int | None) -> Object:
    if intent["status"] != "requires_capture":
        raise unexpected_state(intent, "captured")
    held = intent["amount_capturable"]
    amount = held if amount is None else amount
    if amount < 1:
        raise Failure(
            "Invalid positive integer", code="parameter_invalid_integer", param="amount_to_capture"
        )
    if amount > held:
        raise Failure(
            f"The amount to capture ({amount}) is more than what can be captured ({held}).",
            code="amount_too_large",
            param="amount_to_capture",
        )
    charge = books.find("charge", intent["latest_charge"])
    charges.capture(books, charge, amount)
    if amount < held:
        # Stripe writes the part of a hold that is not taken as a refund of it.
        refunds.make(books, charge, held - amount, {})
    intent["status"] = "succeeded"
    intent["amount_capturable"] = 0
    intent["amount_received"] = amount
    books.save(intent)
    books.set_deadline(intent["id"], None)
    books.tell("payment_intent.succeeded", intent)
    return intent


def cancel(books: Books, intent: Object, why: str | None, *, expired: bool = False) -> Object:
    if intent["status"] not in CANCELABLE:
        raise unexpected_state(intent, "canceled")
    if intent["status"] == "requires_capture":
        charge = books.find("charge", intent["latest_charge"])
        refunds.make(books, charge, charge["amount"], {})
        books.tell("charge.expired" if expired else "charge.refunded", charge)
    intent["status"] = "canceled"
    intent["canceled_at"] = books.now
    intent["cancellation_reason"] = why
    intent["amount_capturable"] = 0
    intent["next_action"] = None
    books.save(intent)
    books.set_deadline(intent["id"], None)
    books.tell("payment_intent.canceled", intent)
    return intent

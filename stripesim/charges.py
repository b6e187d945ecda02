"""Charges: one attempt each to take money, with what the bank answered."""

from stripe import params

from stripesim import paging
from stripesim.balance import AVAILABLE_AFTER_SECONDS, post
from stripesim.books import Books, Object
from stripesim.cards import Card, Decline
from stripesim.payment_methods import behind, nobody
from stripesim.routing import Route
from stripesim.store import new_id

HOUR = 3600

# How long a bank keeps an authorisation, after Stripe's page on placing a hold: seven days if the
# cardholder was there, 4 days 18 hours at Visa's if the merchant asked alone.
HELD_WITH_CARDHOLDER_SECONDS = 7 * 24 * HOUR
HELD_WITHOUT_CARDHOLDER_SECONDS = (4 * 24 + 18) * HOUR

# Some minutes, so that the charge is seen before; real cardholders take days to months.
DISPUTED_AFTER_SECONDS = 5 * 60

FEE_BASIS_POINTS = 150
FEE_FIXED_MINOR = 25


def make(
    books: Books, intent: Object, method: Object, card: Card, *, proven: bool, alone: bool
) -> Object:
    """Write the charge of a bank that says yes; with manual capture it only holds the money."""
    is_held = intent["capture_method"] == "manual"
    held = HELD_WITHOUT_CARDHOLDER_SECONDS if alone else HELD_WITH_CARDHOLDER_SECONDS
    charge = blank(books, intent, method, card, proven=proven)
    charge["captured"] = not is_held
    charge["paid"] = True
    charge["status"] = "succeeded"
    charge["outcome"] = outcome("authorized", "approved_by_network", None)
    if is_held:
        charge["payment_method_details"]["card"]["capture_before"] = books.now + held
    else:
        charge["amount_captured"] = charge["amount"]
    books.add(charge)
    if not is_held:
        post_capture(books, charge, card)
    books.tell("charge.succeeded", charge)
    return charge


def fail(books: Books, intent: Object, method: Object, card: Card, decline: Decline) -> Object:
    charge = blank(books, intent, method, card, proven=False)
    charge["status"] = "failed"
    charge["failure_code"] = decline.code
    charge["failure_message"] = decline.message
    charge["outcome"] = outcome("issuer_declined", "declined_by_network", decline.decline_code)
    books.add(charge)
    books.tell("charge.failed", charge)
    return charge


def outcome(kind: str, network: str, reason: str | None) -> Object:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": network,
        "reason": reason,
        "risk_level": "normal",
        "risk_score": 5,
        "seller_message": "Payment complete." if reason is None else "The bank said no.",
        "type": kind,
    }


def blank(books: Books, intent: Object, method: Object, card: Card, *, proven: bool) -> Object:
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": nobody(),
        "calculated_statement_descriptor": "SANDBOX",
        "captured": False,
        "created": books.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": None,
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {
            "card": card_details(intent, method, card, proven=proven),
            "type": "card",
        },
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "pending",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }


def card_details(intent: Object, method: Object, card: Card, *, proven: bool) -> Object:
    shown = method["card"]
    return {
        "amount_authorized": intent["amount"],
        "authorization_code": new_id("a", 6)[2:].upper(),
        "brand": card.brand,
        "checks": shown["checks"],
        "country": shown["country"],
        "exp_month": shown["exp_month"],
        "exp_year": shown["exp_year"],
        "extended_authorization": {"status": "disabled"},
        "fingerprint": shown["fingerprint"],
        "funding": shown["funding"],
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": card.last4,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card.brand,
        "network_token": {"used": False},
        "overcapture": {
            "maximum_amount_capturable": intent["amount"],
            "status": "unavailable",
        },
        "three_d_secure": proof() if proven else None,
        "wallet": None,
    }


def proof() -> Object:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": new_id("sim"),
        "version": "2.2.0",
    }


def capture(books: Books, charge: Object, amount: int) -> None:
    charge["captured"] = True
    charge["amount_captured"] = amount
    # A hold that was taken has no deadline any more.
    charge["payment_method_details"]["card"].pop("capture_before", None)
    card, _ = behind(books, books.find("payment_method", charge["payment_method"]))
    post_capture(books, charge, card)
    books.tell("charge.captured", charge)


def post_capture(books: Books, charge: Object, card: Card) -> None:
    amount = charge["amount_captured"]
    # Rounded half up, in whole minor units, as Stripe's own fees are.
    fee = min((amount * FEE_BASIS_POINTS + 5_000) // 10_000 + FEE_FIXED_MINOR, amount)
    later = books.now + AVAILABLE_AFTER_SECONDS
    posted = post(books, charge, "charge", amount, fee=fee, available_on=later)
    charge["balance_transaction"] = posted["id"]
    books.save(charge)
    if card.dispute is not None:
        books.set_deadline(charge["id"], books.now + DISPUTED_AFTER_SECONDS)


def retrieve(books: Books, _given: Object, id: str) -> Object:
    return books.find("charge", id)


def list_all(books: Books, given: Object) -> Object:
    where = {name: given.get(name) for name in ("customer", "payment_intent", "transfer_group")}
    return books.page("charge", given, "/v1/charges", where=where)


ROUTES = [
    Route(
        "GET",
        "/v1/charges",
        list_all,
        params.ChargeListParams,
        paging.DATED | {"customer", "payment_intent", "transfer_group"},
    ),
    Route("GET", "/v1/charges/<id>", retrieve, params.ChargeRetrieveParams),
]

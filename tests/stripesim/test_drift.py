"""The simulator keeps to the SDK: its parameters, its attributes, its states."""

from typing import Any, get_args

import pytest
import stripe

from services.gateways.readings import INTENT_STATES
from stripesim.app import ROUTES
from stripesim.params import fields, nested_type
from tests.stripesim.sandbox import SHOP, Sandbox


def test_every_parameter_that_is_played_exists_in_the_sdk():
    for route in ROUTES:
        for path in route.plays:
            kind = route.accepts
            for name in path.split("."):
                assert name in fields(kind), f"{route.method} {route.path}: {path}"
                kind = nested_type(fields(kind)[name])


def unknown(kind: Any, body: dict[str, Any], at: str) -> list[str]:
    """The attributes of `body` that the SDK's class does not annotate."""
    known = {name for base in kind.__mro__ for name in getattr(base, "__annotations__", {})}
    found = [f"{at}.{name}" for name in body if name not in known]
    for name, inner in getattr(kind, "_inner_class_types", {}).items():
        value = body.get(name)
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                found += unknown(inner, part, f"{at}.{name}")
    return found


CLASSES = {
    "account": stripe.Account,
    "bank_account": stripe.BankAccount,
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "customer": stripe.Customer,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "payout": stripe.Payout,
    "refund": stripe.Refund,
    "setup_intent": stripe.SetupIntent,
    "transfer": stripe.Transfer,
    "transfer_reversal": stripe.TransferReversal,
}


def test_every_answer_has_only_attributes_that_the_sdk_annotates(sandbox: Sandbox):
    hold = sandbox.hold()
    sandbox.v1.payment_intents.capture(hold.id, {"amount_to_capture": 1_000})
    sandbox.v1.refunds.create({"payment_intent": hold.id, "amount": 100})
    with pytest.raises(stripe.CardError) as refusal:
        sandbox.charge(*sandbox.saved_card("pm_card_chargeCustomerFail"))
    page = sandbox.open_page("payment", custom_text={"submit": {"message": "At most once."}})
    asked = sandbox.use(page.url, "4000002760003184")
    sandbox.answer_bank(asked.location, "approve")
    setup = sandbox.open_page("setup")
    sandbox.use(setup.url, "4000000000000002")
    seller = sandbox.seller("document")
    transfer = sandbox.transfer(seller, 500, source_transaction=sandbox.taken())
    sandbox.v1.transfers.reversals.create(transfer.id, {"amount": 100})
    sandbox.charge(*sandbox.saved_card("pm_card_createDispute"))
    sandbox.advance(days=6)

    simulator = sandbox.app.extensions["stripesim"]
    with simulator.books() as books:
        rows = books.connection.execute("SELECT id FROM objects").fetchall()
        bodies = [books.look_up(row[0]) for row in rows]

    assert {body["object"] for body in bodies} == CLASSES.keys()
    for body in bodies:
        assert unknown(CLASSES[body["object"]], body, body["object"]) == []
    assert unknown(stripe.ErrorObject, refusal.value.json_body["error"], "error") == []


def test_what_is_answered_and_not_kept_has_only_attributes_that_the_sdk_annotates(
    sandbox: Sandbox,
):
    seller = sandbox.seller()
    urls: Any = {"refresh_url": SHOP, "return_url": SHOP}
    asked: Any = {"account": seller, "type": "account_onboarding", **urls}

    answers = [
        (stripe.AccountLink, sandbox.v1.account_links.create(asked)),
        (stripe.LoginLink, sandbox.v1.accounts.login_links.create(seller)),
        (stripe.Balance, sandbox.v1.balance.retrieve()),
    ]

    for kind, answer in answers:
        assert unknown(kind, answer.to_dict(), kind.__name__) == []


def test_every_status_is_one_that_the_sdk_knows(sandbox: Sandbox):
    hold = sandbox.hold()

    annotated = stripe.PaymentIntent.__annotations__["status"]
    known = get_args(get_args(annotated)[0])
    assert hold.status in known
    assert INTENT_STATES.keys() == set(known)

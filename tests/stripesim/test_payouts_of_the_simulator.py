"""Payouts: daily ones of connected accounts, the platform's by hand, and those that come back."""

from typing import Any

import pytest
import stripe

from tests.stripesim.sandbox import START, Sandbox, on_behalf

DAY = 24 * 3600
MIDNIGHT = (START // DAY + 1) * DAY


def payouts(sandbox: Sandbox, account: str = "") -> list[stripe.Payout]:
    terms: Any = {"expand": ["data.destination"]}
    return sandbox.v1.payouts.list(terms, on_behalf(account)).data


def states(sandbox: Sandbox, account: str = "") -> list[tuple[str, int]]:
    return [(one.status, one.amount) for one in payouts(sandbox, account)]


def funded(sandbox: Sandbox, amount: int = 10_000) -> None:
    """The platform has money that it can use."""
    sandbox.taken(amount)
    sandbox.advance(days=2)


def test_what_is_available_is_paid_out_at_midnight(sandbox: Sandbox):
    funded(sandbox)
    seller = sandbox.seller()
    sandbox.transfer(seller, 1_000)
    sandbox.transfer(seller, 200, source_transaction=sandbox.taken())

    sandbox.advance(days=1)

    (sent,) = payouts(sandbox, seller)
    assert (sent.amount, sent.automatic) == (1_000, True)
    assert sent.created == MIDNIGHT + 2 * DAY
    assert sent.arrival_date == sent.created + 2 * DAY
    assert sandbox.held(seller) == (0, 200)
    assert payouts(sandbox) == []


def test_a_payout_goes_its_way_by_the_clock(sandbox: Sandbox):
    funded(sandbox)
    seller = sandbox.seller()
    sandbox.transfer(seller, 1_000)

    sandbox.advance(days=1)
    assert states(sandbox, seller) == [("in_transit", 1_000)]
    sandbox.advance(days=2)

    assert states(sandbox, seller) == [("paid", 1_000)]
    told = ["payout.created", "payout.updated", "payout.paid"]
    assert sandbox.kinds(seller)[-3:] == told
    assert "payout.paid" not in sandbox.kinds()


def test_a_clock_that_leaps_passes_through_all_that_happens(sandbox: Sandbox):
    seller = sandbox.seller()
    sandbox.transfer(seller, 1_000, source_transaction=sandbox.taken())

    sandbox.advance(days=30)

    assert states(sandbox, seller) == [("paid", 1_000)]
    assert payouts(sandbox, seller)[0].created == MIDNIGHT + 2 * DAY


def test_a_payout_that_comes_back_stops_the_next_until_another_bank_is_named(sandbox: Sandbox):
    funded(sandbox)
    seller = sandbox.seller("bank")
    sandbox.transfer(seller, 1_000)

    sandbox.advance(days=5)

    (failed,) = payouts(sandbox, seller)
    assert (failed.status, failed.failure_code) == ("failed", "account_closed")
    assert failed.destination.last4 == "3001"
    assert sandbox.held(seller) == (1_000, 0)
    account = sandbox.v1.accounts.retrieve(seller)
    assert not account.payouts_enabled
    assert account.capabilities is not None
    assert account.requirements is not None
    assert account.capabilities.transfers == "active"
    assert account.requirements.currently_due == ["external_account"]
    assert sandbox.kinds(seller)[-2:] == ["payout.failed", "account.updated"]

    refused = sandbox.onboard(seller, iban="DE00")
    sandbox.onboard(seller, iban="NL39RABO0300065264")
    sandbox.advance(days=5)

    assert refused.status_code == 422
    assert states(sandbox, seller) == [("paid", 1_000), ("failed", 1_000)]


def test_an_account_by_hand_is_paid_out_by_hand(sandbox: Sandbox):
    funded(sandbox)
    terms: Any = {"settings": {"payouts": {"schedule": {"interval": "manual"}}}}
    seller = sandbox.seller(**terms)
    sandbox.transfer(seller, 1_000)
    sandbox.advance(days=3)
    assert payouts(sandbox, seller) == []

    sandbox.v1.payouts.create({"amount": 600, "currency": "eur"}, {"stripe_account": seller})

    assert states(sandbox, seller) == [("pending", 600)]
    assert sandbox.held(seller) == (400, 0)


def test_the_platform_is_paid_out_by_hand_and_within_what_is_available(sandbox: Sandbox):
    funded(sandbox)
    sandbox.advance(days=3)
    assert payouts(sandbox) == []

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.payouts.create({"amount": 9_826, "currency": "eur"})
    made = sandbox.v1.payouts.create({"amount": 9_825, "currency": "eur"})
    sandbox.advance(days=3)

    assert refusal.value.code == "balance_insufficient"
    assert sandbox.v1.payouts.retrieve(made.id).status == "paid"
    assert sandbox.held() == (0, 0)


def test_a_payout_is_called_off_before_it_leaves(sandbox: Sandbox):
    funded(sandbox)
    first = sandbox.v1.payouts.create({"amount": 100, "currency": "eur"})
    second = sandbox.v1.payouts.create({"amount": 100, "currency": "eur"})

    assert sandbox.v1.payouts.cancel(first.id).status == "canceled"
    sandbox.advance(hours=1)
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.payouts.cancel(second.id)

    assert sandbox.held() == (9_725, 0)
    listed = sandbox.v1.payouts.list({"status": "canceled"}).data
    assert [one.id for one in listed] == [first.id]


def test_who_may_not_be_paid_out_is_not(sandbox: Sandbox):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.payouts.create(
            {"amount": 100, "currency": "eur"}, {"stripe_account": sandbox.seller("rejected")}
        )

    assert refusal.value.code == "payouts_not_allowed"


def test_a_payout_is_ended_on_order(sandbox: Sandbox):
    funded(sandbox)
    seller = sandbox.seller()
    sandbox.transfer(seller, 1_000)
    sandbox.advance(days=1)
    (sent,) = payouts(sandbox, seller)
    own = sandbox.v1.payouts.create({"amount": 100, "currency": "eur"})

    sandbox.control("POST", f"/payouts/{sent.id}", {"outcome": "failed"})
    sandbox.control("POST", f"/payouts/{own.id}", {"outcome": "paid"})
    sandbox.advance(days=9)

    assert states(sandbox, seller) == [("failed", 1_000)]
    assert states(sandbox) == [("paid", 100)]

"""Connected accounts: what is wanted of their holders, and what they may do then."""

import json
from typing import Any

import pytest
import stripe

from tests.stripesim.sandbox import START, Sandbox

DAY = 24 * 3600


def read(sandbox: Sandbox, account: str) -> stripe.Account:
    return sandbox.v1.accounts.retrieve(account)


def test_a_new_account_wants_everything_and_may_nothing(sandbox: Sandbox):
    account = read(sandbox, sandbox.open_account(metadata={"payee": "7"}))

    assert account.capabilities is not None
    assert account.requirements is not None
    assert account.capabilities.transfers == "inactive"
    assert (account.details_submitted, account.payouts_enabled) == (False, False)
    assert "external_account" in (account.requirements.currently_due or [])
    assert account.requirements.disabled_reason == "requirements.past_due"
    assert account.metadata is not None
    assert account.metadata["payee"] == "7"


def test_a_company_is_asked_for_its_name(sandbox: Sandbox):
    account = read(sandbox, sandbox.open_account(business_type="company"))

    assert account.requirements is not None
    assert "company.name" in (account.requirements.currently_due or [])


def test_a_person_that_is_fine_is_ready_at_once(sandbox: Sandbox):
    seller = sandbox.seller()

    account = read(sandbox, seller)

    assert account.capabilities is not None
    assert account.requirements is not None
    assert account.external_accounts is not None
    assert account.capabilities.transfers == "active"
    assert (account.details_submitted, account.payouts_enabled) == (True, True)
    assert account.requirements.currently_due == []
    assert account.requirements.disabled_reason is None
    assert [bank.last4 for bank in account.external_accounts.data] == ["3000"]
    assert sandbox.kinds(seller) == ["account.updated"]
    assert sandbox.kinds() == []


def test_a_person_that_is_checked_is_ready_after_ten_minutes(sandbox: Sandbox):
    seller = sandbox.seller("checked")
    checked = read(sandbox, seller)
    assert checked.capabilities is not None
    assert checked.requirements is not None
    assert checked.capabilities.transfers == "pending"
    assert checked.requirements.pending_verification == ["individual.verification.document"]

    sandbox.advance(hours=1)

    ready = read(sandbox, seller)
    assert ready.capabilities is not None
    assert (ready.capabilities.transfers, ready.payouts_enabled) == ("active", True)
    assert sandbox.kinds(seller) == ["account.updated"] * 2


def test_a_document_is_wanted_by_a_day_and_then_given(sandbox: Sandbox):
    seller = sandbox.seller("document")
    account = read(sandbox, seller)
    assert account.requirements is not None
    assert account.payouts_enabled
    assert account.requirements.currently_due == ["individual.verification.document"]
    assert account.requirements.current_deadline == START + 14 * DAY
    assert account.requirements.errors is not None
    assert account.requirements.errors[0].code == "verification_failed_keyed_identity"

    sandbox.onboard(seller, document="yes")

    given = read(sandbox, seller)
    assert given.requirements is not None
    assert (given.requirements.currently_due, given.requirements.errors) == ([], [])
    sandbox.advance(days=15)
    assert read(sandbox, seller).payouts_enabled


def test_a_document_that_never_comes_stops_the_account_until_it_does(sandbox: Sandbox):
    seller = sandbox.seller("document")

    sandbox.advance(days=14)

    late = read(sandbox, seller)
    assert late.capabilities is not None
    assert late.requirements is not None
    assert (late.capabilities.transfers, late.payouts_enabled) == ("inactive", False)
    assert late.requirements.past_due == ["individual.verification.document"]
    assert late.requirements.disabled_reason == "requirements.past_due"
    sandbox.onboard(seller, document="yes")
    assert read(sandbox, seller).payouts_enabled


def test_a_person_that_is_rejected_stays_so(sandbox: Sandbox):
    seller = sandbox.seller("rejected")
    sandbox.onboard(seller, person="fine")

    account = read(sandbox, seller)

    assert account.capabilities is not None
    assert account.requirements is not None
    assert (account.capabilities.transfers, account.payouts_enabled) == ("inactive", False)
    assert account.requirements.disabled_reason == "rejected.other"


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        ({"controller": {"losses": {"payments": "stripe"}}}, "controller"),
        ({"capabilities": {}}, "capabilities"),
        ({"country": "ZZ"}, None),
        ({"settings": {"payouts": {"schedule": {"interval": "weekly"}}}}, "settings"),
    ],
)
def test_an_account_that_is_not_played_is_refused(
    sandbox: Sandbox, terms: dict[str, Any], param: str | None
):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.open_account(**terms)

    assert refusal.value.param == param
    assert sandbox.v1.accounts.list().data == []


def test_accounts_are_listed_and_changed(sandbox: Sandbox):
    first, second = sandbox.open_account(), sandbox.open_account()

    schedule: Any = {"settings": {"payouts": {"schedule": {"interval": "manual"}}}}
    sandbox.v1.accounts.update(first, {"metadata": {"payee": "8"}, **schedule})

    assert [one.id for one in sandbox.v1.accounts.list().data] == [second, first]
    changed = read(sandbox, first)
    assert changed.metadata is not None
    assert changed.settings is not None
    assert changed.settings.payouts is not None
    assert changed.metadata["payee"] == "8"
    assert changed.settings.payouts.schedule.interval == "manual"


@pytest.mark.parametrize("ask", ["retrieve", "balance"])
def test_an_account_that_is_not_there_is_not_told_from_one_of_others(sandbox: Sandbox, ask: str):
    with pytest.raises(stripe.PermissionError) as refusal:
        if ask == "retrieve":
            read(sandbox, "acct_nobody")
        else:
            sandbox.held("acct_nobody")

    assert refusal.value.error is not None
    assert refusal.value.error.code == "account_invalid"


def test_an_empty_account_is_deleted_and_one_with_money_is_not(sandbox: Sandbox):
    empty, full = sandbox.seller(), sandbox.seller()
    sandbox.transfer(full, 100, source_transaction=sandbox.taken())

    assert sandbox.v1.accounts.delete(empty).deleted
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.accounts.delete(full)

    assert [one.id for one in sandbox.v1.accounts.list().data] == [full]


def test_each_account_sees_its_own_objects_alone(sandbox: Sandbox):
    one, other = sandbox.seller(), sandbox.seller()
    transfer = sandbox.transfer(one, 100, source_transaction=sandbox.taken())

    assert isinstance(transfer.destination_payment, str)
    seen = sandbox.v1.charges.retrieve(transfer.destination_payment, {}, {"stripe_account": one})
    assert seen.source_transfer == transfer.id
    for account in ({}, {"stripe_account": other}):
        options: Any = account
        with pytest.raises(stripe.InvalidRequestError):
            sandbox.v1.charges.retrieve(transfer.destination_payment, {}, options)
    assert sandbox.lines(other) == []


def test_events_of_an_account_name_it_on_their_way(sandbox: Sandbox):
    account = sandbox.seller()
    sandbox.v1.customers.create()

    sandbox.deliver()

    told = [json.loads(body) for body, _ in sandbox.sent]
    assert [(one["type"], one.get("account")) for one in told] == [
        ("account.updated", account),
        ("customer.created", None),
    ]

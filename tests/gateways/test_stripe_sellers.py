"""Sellers through the gateway: accounts, what is sent to them, and what is taken back."""

from datetime import UTC, datetime, timedelta

import pytest

from services.gateways.answers import (
    AccountKind,
    BalanceTooSmall,
    Charged,
    ConnectedAccount,
    CurrencyNotChargeable,
    GatewayRefused,
    GatewayUnreachable,
    KeyReused,
    UnknownToGateway,
)
from services.gateways.stripe import StripeGateway, parse_webhook
from tests.stripesim.sandbox import SECRET, SHOP, START, Sandbox, path_of

NOW = datetime.fromtimestamp(START, UTC)


def open_account(gateway: StripeGateway, key: str = "account:1") -> ConnectedAccount:
    return gateway.open_account(
        kind=AccountKind.PERSON,
        country="DE",
        email="alice@example.org",
        currency="EUR",
        key=key,
        metadata={"participant": "7"},
    )


def onboard(gateway: StripeGateway, sandbox: Sandbox, account_id: str, person: str) -> None:
    url = gateway.open_onboarding(
        account_id, refresh_url=f"{SHOP}/again", return_url=f"{SHOP}/back"
    )
    sandbox.browser.get(path_of(url))
    answer = sandbox.browser.post(path_of(url), data={"person": person})
    assert answer.location == f"{SHOP}/back"


@pytest.fixture
def seller(gateway: StripeGateway, sandbox: Sandbox) -> str:
    account = open_account(gateway)
    onboard(gateway, sandbox, account.id, "fine")
    return account.id


@pytest.fixture
def charged(gateway: StripeGateway, bob: str, card: str) -> Charged:
    answer = gateway.charge_off_session(bob, card, 10_000, "EUR", key="charge:seller")
    assert isinstance(answer, Charged)
    return answer


def test_a_new_account_needs_everything(gateway: StripeGateway):
    account = open_account(gateway)

    assert not account.can_receive
    assert not account.can_pay_out
    assert not account.is_submitted
    assert "external_account" in account.needed
    assert len(account.needed) == len(set(account.needed))
    assert (account.country, account.currency, account.bank_last4) == ("DE", "EUR", "")
    assert account.metadata == {"participant": "7"}
    assert gateway.read_account(account.id) == account


def test_a_company_is_asked_for_other_things(gateway: StripeGateway):
    account = gateway.open_account(
        kind=AccountKind.COMPANY,
        country="NL",
        email="boer@example.org",
        currency="EUR",
        key="account:2",
    )

    assert "company.name" in account.needed
    assert account.country == "NL"


def test_an_account_that_is_filled_in_receives_and_pays_out(
    gateway: StripeGateway, sandbox: Sandbox
):
    account = open_account(gateway)

    onboard(gateway, sandbox, account.id, "fine")

    ready = gateway.read_account(account.id)
    assert ready.can_receive
    assert ready.can_pay_out
    assert ready.is_submitted
    assert (ready.needed, ready.needed_by, ready.disabled_reason) == ((), None, "")
    assert ready.bank_last4 == "3000"


def test_what_is_wanted_later_has_a_day(gateway: StripeGateway, sandbox: Sandbox):
    account = open_account(gateway)

    onboard(gateway, sandbox, account.id, "document")

    wanted = gateway.read_account(account.id)
    assert wanted.can_pay_out
    assert wanted.needed == ("individual.verification.document",)
    assert wanted.needed_by == NOW + timedelta(days=14)


def test_who_was_rejected_is_disabled(gateway: StripeGateway, sandbox: Sandbox):
    account = open_account(gateway)

    onboard(gateway, sandbox, account.id, "rejected")

    rejected = gateway.read_account(account.id)
    assert rejected.is_submitted
    assert not rejected.can_receive
    assert rejected.disabled_reason == "rejected.other"


def test_the_dashboard_opens_once_something_was_submitted(gateway: StripeGateway, seller: str):
    assert gateway.open_dashboard(seller).startswith("http://sandbox.test/dashboard/")

    new = open_account(gateway, key="account:3")
    with pytest.raises(GatewayRefused):
        gateway.open_dashboard(new.id)


def test_an_account_that_is_not_ours_is_unknown(gateway: StripeGateway):
    with pytest.raises(UnknownToGateway):
        gateway.read_account("acct_1032D82eZvKYlo2C")


def test_an_account_whose_answer_was_lost_is_opened_once(gateway: StripeGateway, sandbox: Sandbox):
    sandbox.fault("connection_lost", match="/v1/accounts")
    with pytest.raises(GatewayUnreachable):
        open_account(gateway)

    account = open_account(gateway)

    assert [one.id for one in sandbox.v1.accounts.list().data] == [account.id]


def test_money_of_a_charge_is_sent_on(gateway: StripeGateway, seller: str, charged: Charged):
    sent = gateway.transfer(
        seller,
        9_000,
        "EUR",
        charge_id=charged.charge_id,
        group=charged.intent_id,
        key="transfer:1",
        metadata={"payment": "7"},
    )

    assert (sent.account_id, sent.charge_id) == (seller, charged.charge_id)
    assert sent.group == charged.intent_id
    assert (sent.amount_minor, sent.reversed_minor, sent.currency) == (9_000, 0, "EUR")
    assert sent.metadata == {"payment": "7"}
    assert gateway.read_transfer(sent.id) == sent
    assert gateway.list_transfers(charged.intent_id) == [sent]
    assert gateway.list_transfers("a group of nothing") == []


def test_no_more_of_a_charge_is_sent_than_it_took(
    gateway: StripeGateway, seller: str, charged: Charged
):
    with pytest.raises(GatewayRefused):
        gateway.transfer(
            seller, 10_001, "EUR", charge_id=charged.charge_id, group="g", key="transfer:1"
        )


def test_without_a_charge_the_balance_must_hold_it(
    gateway: StripeGateway, seller: str, charged: Charged
):
    with pytest.raises(BalanceTooSmall) as refusal:
        gateway.transfer(seller, 10_000, "EUR", charge_id=None, group="g", key="transfer:1")

    assert refusal.value.code == "balance_insufficient"


def test_who_has_said_nothing_cannot_be_sent_anything(gateway: StripeGateway, charged: Charged):
    account = open_account(gateway)

    with pytest.raises(GatewayRefused) as refusal:
        gateway.transfer(
            account.id, 100, "EUR", charge_id=charged.charge_id, group="g", key="transfer:1"
        )

    assert refusal.value.code == "insufficient_capabilities_for_transfer"


def test_hours_are_not_sent(gateway: StripeGateway, seller: str):
    with pytest.raises(CurrencyNotChargeable):
        gateway.transfer(seller, 60, "BREMER-STUNDEN", charge_id=None, group="g", key="k")


def test_more_than_a_hundred_transfers_are_all_listed(gateway: StripeGateway, sandbox: Sandbox):
    seller, charge = sandbox.seller(), sandbox.taken()
    for number in range(103):
        gateway.transfer(seller, 10, "EUR", charge_id=charge, group="g", key=f"transfer:{number}")

    assert len({one.id for one in gateway.list_transfers("g")}) == 103


def test_a_transfer_whose_answer_was_lost_is_made_once(
    gateway: StripeGateway, sandbox: Sandbox, seller: str, charged: Charged
):
    sandbox.fault("connection_lost", match="/v1/transfers")
    with pytest.raises(GatewayUnreachable):
        gateway.transfer(seller, 100, "EUR", charge_id=charged.charge_id, group="g", key="k")

    sent = gateway.transfer(seller, 100, "EUR", charge_id=charged.charge_id, group="g", key="k")

    assert gateway.list_transfers("g") == [sent]
    with pytest.raises(KeyReused):
        gateway.transfer(seller, 101, "EUR", charge_id=charged.charge_id, group="g", key="k")


def test_a_transfer_is_taken_back_in_parts(gateway: StripeGateway, seller: str, charged: Charged):
    sent = gateway.transfer(
        seller, 9_000, "EUR", charge_id=charged.charge_id, group="g", key="transfer:1"
    )

    back = gateway.reverse_transfer(sent.id, 4_000, key="back:1", metadata={"refund": "7"})
    again = gateway.reverse_transfer(sent.id, 4_000, key="back:1", metadata={"refund": "7"})
    rest = gateway.reverse_transfer(sent.id, 5_000, key="back:2")

    assert back == again
    assert (back.transfer_id, back.amount_minor, back.metadata) == (
        sent.id,
        4_000,
        {"refund": "7"},
    )
    assert gateway.list_reversals(sent.id) == [rest, back]
    assert gateway.read_transfer(sent.id).reversed_minor == 9_000
    with pytest.raises(GatewayRefused):
        gateway.reverse_transfer(sent.id, 1, key="back:3")


def test_a_reversal_whose_answer_was_lost_is_made_once(
    gateway: StripeGateway, sandbox: Sandbox, seller: str, charged: Charged
):
    sent = gateway.transfer(seller, 900, "EUR", charge_id=charged.charge_id, group="g", key="t")
    sandbox.fault("connection_lost", match="/v1/transfers/*/reversals")
    with pytest.raises(GatewayUnreachable):
        gateway.reverse_transfer(sent.id, 400, key="back:1")

    gateway.reverse_transfer(sent.id, 400, key="back:1")

    assert gateway.read_transfer(sent.id).reversed_minor == 400


def test_what_was_paid_out_cannot_be_taken_back(
    gateway: StripeGateway, sandbox: Sandbox, seller: str, charged: Charged
):
    sent = gateway.transfer(
        seller, 9_000, "EUR", charge_id=charged.charge_id, group="g", key="transfer:1"
    )
    sandbox.advance(days=6)

    with pytest.raises(BalanceTooSmall):
        gateway.reverse_transfer(sent.id, 9_000, key="back:1")


def test_a_message_names_the_account_it_is_about(
    gateway: StripeGateway, sandbox: Sandbox, seller: str
):
    sandbox.deliver()
    body, headers = sandbox.sent[-1]

    event = parse_webhook(body, headers["Stripe-Signature"], SECRET, now=NOW)

    assert (event.kind, event.account_id, event.object_id) == ("account.updated", seller, seller)
    assert gateway.list_events(account_id=seller) == [event]
    assert gateway.list_events() == []

"""Balances through the gateway: what is there, what moved it, and what was paid out."""

from datetime import UTC, datetime, timedelta

import pytest

from services.gateways.answers import BalanceKind, Charged, PayoutState, UnknownToGateway
from services.gateways.balances import PAYOUT_STATES
from services.gateways.stripe import StripeGateway
from tests.gateways.conftest import save
from tests.stripesim.sandbox import START, Sandbox

NOW = datetime.fromtimestamp(START, UTC)


@pytest.fixture
def charged(gateway: StripeGateway, bob: str, card: str) -> Charged:
    answer = gateway.charge_off_session(
        bob, card, 10_000, "EUR", key="charge:1", metadata={"payment": "7"}
    )
    assert isinstance(answer, Charged)
    return answer


def test_a_charge_is_pending_and_then_available(
    gateway: StripeGateway, sandbox: Sandbox, charged: Charged
):
    before = gateway.read_balance()
    sandbox.advance(days=2)
    after = gateway.read_balance()

    assert (before.available_minor["EUR"], before.pending_minor["EUR"]) == (0, 9_825)
    assert (after.available_minor["EUR"], after.pending_minor["EUR"]) == (9_825, 0)


def test_a_charge_is_found_among_the_newest_lines(gateway: StripeGateway, charged: Charged):
    (line,) = [one for one in gateway.list_balance_lines() if one.intent_id == charged.intent_id]

    assert (line.kind, line.source_id) == (BalanceKind.CHARGE, charged.charge_id)
    assert line.net_minor == line.amount_minor - line.fee_minor
    assert line.source_metadata == {"payment": "7"}
    assert "EUR" in gateway.read_balance().pending_minor


def test_a_connected_account_has_a_balance_of_its_own(
    gateway: StripeGateway, sandbox: Sandbox, charged: Charged
):
    seller = sandbox.seller()
    gateway.transfer(seller, 9_000, "EUR", charge_id=charged.charge_id, group="g", key="t")

    assert gateway.read_balance(seller).pending_minor == {"EUR": 9_000}
    assert gateway.read_balance().pending_minor == {"EUR": 825}
    with pytest.raises(UnknownToGateway):
        gateway.read_balance("acct_nobody")


def test_every_movement_is_a_line(
    gateway: StripeGateway, sandbox: Sandbox, bob: str, charged: Charged
):
    seller = sandbox.seller("bank")
    sent = gateway.transfer(seller, 500, "EUR", charge_id=charged.charge_id, group="g", key="t")
    gateway.reverse_transfer(sent.id, 100, key="back:1")
    gateway.refund(charged.intent_id, 300, key="refund:1", metadata={"refund": "7"})
    failing = save(sandbox, bob, "pm_card_refundFail")
    other = gateway.charge_off_session(bob, failing, 1_000, "EUR", key="charge:2")
    assert isinstance(other, Charged)
    back = gateway.refund(other.intent_id, 1_000, key="refund:2")
    disputed = save(sandbox, bob, "pm_card_createDispute")
    third = gateway.charge_off_session(bob, disputed, 2_000, "EUR", key="charge:3")
    assert isinstance(third, Charged)
    sandbox.advance(hours=1)

    lines = gateway.list_balance_lines()

    assert [(one.kind, one.amount_minor, one.fee_minor, one.net_minor) for one in lines] == [
        (BalanceKind.CHARGE, 10_000, 175, 9_825),
        (BalanceKind.TRANSFER, -500, 0, -500),
        (BalanceKind.TRANSFER_REVERSAL, 100, 0, 100),
        (BalanceKind.REFUND, -300, 0, -300),
        (BalanceKind.CHARGE, 1_000, 40, 960),
        (BalanceKind.REFUND, -1_000, 0, -1_000),
        (BalanceKind.CHARGE, 2_000, 55, 1_945),
        (BalanceKind.CHARGEBACK, -2_000, 2_000, -4_000),
        (BalanceKind.REFUND_FAILURE, 1_000, 0, 1_000),
    ]
    assert [one.intent_id for one in lines] == [
        charged.intent_id,
        *(None, None),
        charged.intent_id,
        *(other.intent_id, other.intent_id),
        *(third.intent_id, third.intent_id),
        other.intent_id,
    ]
    assert (lines[0].source_id, lines[0].source_metadata) == (charged.charge_id, {"payment": "7"})
    assert (lines[1].source_id, lines[3].source_metadata) == (sent.id, {"refund": "7"})
    assert lines[-1].source_id == back.id
    assert (lines[0].created_at, lines[0].available_at) == (NOW, NOW + timedelta(days=2))
    assert {one.currency for one in lines} == {"EUR"}


def test_the_lines_of_who_is_paid_out(gateway: StripeGateway, sandbox: Sandbox, charged: Charged):
    seller = sandbox.seller("bank")
    sent = gateway.transfer(seller, 500, "EUR", charge_id=charged.charge_id, group="g", key="t")
    gateway.reverse_transfer(sent.id, 100, key="back:1")
    sandbox.advance(days=6)

    lines = gateway.list_balance_lines(account_id=seller)

    assert [(one.kind, one.net_minor) for one in lines] == [
        (BalanceKind.TRANSFER, 500),
        (BalanceKind.TRANSFER_REVERSAL, -100),
        (BalanceKind.PAYOUT, -400),
        (BalanceKind.PAYOUT_FAILURE, 400),
    ]


def test_lines_go_on_where_they_were_left(gateway: StripeGateway, sandbox: Sandbox):
    for _ in range(3):
        sandbox.taken()
    first, second, third = gateway.list_balance_lines()

    assert gateway.list_balance_lines(first.id) == [second, third]
    assert gateway.list_balance_lines(third.id) == []
    with pytest.raises(UnknownToGateway):
        gateway.list_balance_lines("txn_nobody")


def test_lines_since_a_moment_begin_with_the_oldest(gateway: StripeGateway, sandbox: Sandbox):
    customer, card = sandbox.saved_card()
    sandbox.charge(customer, card)
    sandbox.advance(hours=1)
    made = [sandbox.charge(customer, card, 100 + number).id for number in range(105)]

    lines = gateway.list_balance_lines(since=NOW + timedelta(minutes=30))

    assert [one.intent_id for one in lines] == made[:100]
    rest = gateway.list_balance_lines(lines[-1].id)
    assert [one.intent_id for one in rest] == made[100:]


def test_payouts_are_read_page_by_page(gateway: StripeGateway, sandbox: Sandbox):
    sandbox.taken()
    sandbox.advance(days=2)
    for amount in (100, 200, 300):
        sandbox.v1.payouts.create({"amount": amount, "currency": "eur"})

    page = gateway.list_payouts(limit=2)
    rest = gateway.list_payouts(after=page[-1].id)

    assert [one.amount_minor for one in [*page, *rest]] == [300, 200, 100]
    assert {(one.state, one.bank_last4, one.currency) for one in page} == {
        (PayoutState.PENDING, "3000", "EUR")
    }
    assert page[0].arrives_at == page[0].created_at + timedelta(days=2)


def test_a_payout_that_came_back_says_why(
    gateway: StripeGateway, sandbox: Sandbox, charged: Charged
):
    seller = sandbox.seller("bank")
    gateway.transfer(seller, 500, "EUR", charge_id=charged.charge_id, group="g", key="t")

    sandbox.advance(days=6)

    (failed,) = gateway.list_payouts(seller)
    assert (failed.state, failed.failure_code, failed.bank_last4) == (
        PayoutState.FAILED,
        "account_closed",
        "3001",
    )
    assert gateway.list_payouts() == []
    assert not gateway.read_account(seller).can_pay_out


def test_every_state_of_a_payout_has_a_word_of_ours():
    assert set(PAYOUT_STATES.values()) == set(PayoutState)

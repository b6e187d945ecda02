"""Transfers and reversals: bounded by the charge they come from, or by what is there."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.stripesim.sandbox import Sandbox


def refusal_of(ask: Any, *terms: Any, **more: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        ask(*terms, **more)
    return refusal.value


def test_a_transfer_of_a_charge_is_made_before_its_money_can_be_used(sandbox: Sandbox):
    seller, charge = sandbox.seller(), sandbox.taken(10_000)

    transfer = sandbox.transfer(seller, 9_000, source_transaction=charge)

    assert sandbox.held() == (0, 825)
    assert sandbox.held(seller) == (0, 9_000)
    assert (transfer.amount_reversed, transfer.reversed) == (0, False)
    assert sandbox.kinds()[-1] == "transfer.created"
    sandbox.advance(days=2)
    assert sandbox.held() == (825, 0)
    assert sandbox.held(seller) == (9_000, 0)


def test_all_transfers_of_a_charge_are_bounded_by_what_it_took(sandbox: Sandbox):
    seller, hold = sandbox.seller(), sandbox.hold(2_500)
    taken = sandbox.v1.payment_intents.capture(hold.id, {"amount_to_capture": 1_900})
    charge = taken.latest_charge

    sandbox.transfer(seller, 1_000, source_transaction=charge)
    refused = refusal_of(sandbox.transfer, seller, 901, source_transaction=charge)
    sandbox.transfer(seller, 900, source_transaction=charge)

    assert refused.param == "amount"
    assert sum(sandbox.held(seller)) == 1_900


@pytest.mark.race
def test_of_many_transfers_at_once_only_as_many_as_the_charge_holds_are_made(tmp_path: Path):
    sandbox = Sandbox(tmp_path / "sim.sqlite")
    seller, charge = sandbox.seller(), sandbox.taken(1_000)

    def send(_: int) -> bool:
        try:
            sandbox.transfer(seller, 300, source_transaction=charge)
        except stripe.InvalidRequestError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(send, range(8)))

    assert sum(made) == 3
    assert sum(sandbox.held(seller)) == 900


@pytest.mark.race
def test_of_many_reversals_at_once_only_as_many_as_are_left_are_made(tmp_path: Path):
    sandbox = Sandbox(tmp_path / "sim.sqlite")
    seller = sandbox.seller()
    transfer = sandbox.transfer(seller, 1_000, source_transaction=sandbox.taken(1_000))

    def take_back(_: int) -> bool:
        try:
            sandbox.v1.transfers.reversals.create(transfer.id, {"amount": 300})
        except stripe.InvalidRequestError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(take_back, range(8)))

    assert sum(made) == 3
    assert sum(sandbox.held(seller)) == 100


def test_what_was_reversed_is_not_bound_to_its_charge_again(sandbox: Sandbox):
    seller, charge = sandbox.seller(), sandbox.taken(1_000)
    transfer = sandbox.transfer(seller, 1_000, source_transaction=charge)
    sandbox.v1.transfers.reversals.create(transfer.id)

    assert refusal_of(sandbox.transfer, seller, 1, source_transaction=charge).param == "amount"


def test_without_a_charge_only_what_is_available_is_sent(sandbox: Sandbox):
    seller = sandbox.seller()
    sandbox.taken(10_000)
    assert refusal_of(sandbox.transfer, seller, 1).code == "balance_insufficient"

    sandbox.advance(days=2)

    refused = refusal_of(sandbox.transfer, seller, 9_826)
    assert refused.code == "balance_insufficient"
    sandbox.transfer(seller, 9_825)
    assert (sandbox.held(), sandbox.held(seller)) == ((0, 0), (9_825, 0))


@pytest.mark.parametrize("person", ["checked", "rejected"])
def test_who_cannot_receive_is_sent_nothing(sandbox: Sandbox, person: str):
    refused = refusal_of(
        sandbox.transfer, sandbox.seller(person), 100, source_transaction=sandbox.taken()
    )

    assert refused.code == "insufficient_capabilities_for_transfer"
    assert sandbox.v1.transfers.list().data == []


def test_a_transfer_to_nobody_or_from_nothing_is_refused(sandbox: Sandbox):
    seller, charge = sandbox.seller(), sandbox.taken()

    nobody = refusal_of(sandbox.transfer, "acct_x", 100, source_transaction=charge)
    nothing = refusal_of(sandbox.transfer, seller, 100, source_transaction="ch_x")
    held = sandbox.hold().latest_charge
    assert isinstance(held, stripe.Charge)
    untaken = refusal_of(sandbox.transfer, seller, 100, source_transaction=held.id)
    foreign = refusal_of(sandbox.transfer, seller, 100, source_transaction=charge, currency="chf")

    assert (nobody.code, nobody.param) == ("resource_missing", "destination")
    assert (nothing.code, nothing.param) == ("resource_missing", "source_transaction")
    assert (untaken.param, foreign.param) == ("source_transaction", "currency")


def test_a_charge_and_its_transfers_share_a_group(sandbox: Sandbox):
    seller, charge = sandbox.seller(), sandbox.taken()

    first = sandbox.transfer(seller, 100, source_transaction=charge, transfer_group="deal-7")
    second = sandbox.transfer(seller, 100, source_transaction=charge)
    other = refusal_of(
        sandbox.transfer, seller, 100, source_transaction=charge, transfer_group="deal-8"
    )
    alone = sandbox.transfer(seller, 100, source_transaction=sandbox.taken())

    assert first.transfer_group == second.transfer_group == "deal-7"
    assert sandbox.v1.charges.retrieve(charge).transfer_group == "deal-7"
    assert other.param == "transfer_group"
    assert str(alone.transfer_group).startswith("group_pi_")
    listed = sandbox.v1.transfers.list({"transfer_group": "deal-7"}).data
    assert [one.id for one in listed] == [second.id, first.id]


def test_a_payment_can_name_its_group_from_the_start(sandbox: Sandbox):
    intent = sandbox.charge(*sandbox.saved_card(), transfer_group="deal-7")

    assert intent.transfer_group == intent.latest_charge.transfer_group == "deal-7"
    listed = sandbox.v1.charges.list({"transfer_group": "deal-7"}).data
    assert [one.id for one in listed] == [intent.latest_charge.id]


def test_metadata_can_be_written_later(sandbox: Sandbox):
    transfer = sandbox.transfer(sandbox.seller(), 100, source_transaction=sandbox.taken())

    changed = sandbox.v1.transfers.update(transfer.id, {"metadata": {"payment": "7"}})

    assert changed.metadata["payment"] == "7"
    assert sandbox.kinds()[-1] == "transfer.updated"


def test_a_transfer_comes_back_in_parts_and_never_twice(sandbox: Sandbox):
    seller = sandbox.seller()
    transfer = sandbox.transfer(seller, 1_000, source_transaction=sandbox.taken(1_000))
    reverse = sandbox.v1.transfers.reversals.create

    first = reverse(transfer.id, {"amount": 400, "metadata": {"refund": "7"}})
    assert refusal_of(reverse, transfer.id, {"amount": 601}).param == "amount"
    second = reverse(transfer.id)

    assert (first.amount, second.amount) == (400, 600)
    assert "already fully reversed" in str(refusal_of(reverse, transfer.id))
    read = sandbox.v1.transfers.retrieve(transfer.id)
    assert (read.amount_reversed, read.reversed) == (1_000, True)
    assert [one.id for one in read.reversals.data] == [second.id, first.id]
    listed = sandbox.v1.transfers.reversals.list(transfer.id).data
    assert [one.id for one in listed] == [second.id, first.id]
    found = sandbox.v1.transfers.reversals.retrieve(transfer.id, first.id)
    assert found.metadata is not None
    assert found.metadata["refund"] == "7"
    assert sandbox.held(seller) == (0, 0)
    assert sandbox.kinds()[-1] == "transfer.reversed"


def test_what_was_paid_out_does_not_come_back(sandbox: Sandbox):
    seller = sandbox.seller()
    transfer = sandbox.transfer(seller, 1_000, source_transaction=sandbox.taken(1_000))
    sandbox.advance(days=4)
    sandbox.transfer(seller, 300, source_transaction=sandbox.taken(1_000))
    reverse = sandbox.v1.transfers.reversals.create

    refused = refusal_of(reverse, transfer.id, {"amount": 301})
    reverse(transfer.id, {"amount": 300})

    assert refused.code == "balance_insufficient"
    assert sum(sandbox.held(seller)) == 0


def test_both_sides_of_a_transfer_stand_in_their_books(sandbox: Sandbox):
    seller = sandbox.seller()
    transfer = sandbox.transfer(seller, 1_000, source_transaction=sandbox.taken(1_000))
    sandbox.v1.transfers.reversals.create(transfer.id, {"amount": 400})

    here = [(one.type, one.net, one.reporting_category) for one in sandbox.lines()[1:]]
    there = [(one.type, one.net, one.reporting_category) for one in sandbox.lines(seller)]

    assert here == [
        ("transfer", -1_000, "transfer"),
        ("transfer_refund", 400, "transfer_reversal"),
    ]
    assert there == [("payment", 1_000, "charge"), ("payment_refund", -400, "refund")]


def test_the_source_of_a_movement_can_be_expanded(sandbox: Sandbox):
    seller = sandbox.seller()
    transfer = sandbox.transfer(seller, 1_000, source_transaction=sandbox.taken(1_000))

    page = sandbox.v1.balance_transactions.list({"type": "transfer", "expand": ["data.source"]})

    assert [one.source.id for one in page.data] == [transfer.id]

"""Balances: whatever happens, each is the sum of what moved it, and no money is made or lost."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import stripe
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stripesim.sandbox import Sandbox, on_behalf

CARDS = ("pm_card_visa", "pm_card_refundFail", "pm_card_pendingRefund", "pm_card_createDispute")
ACTS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(50, 2_000)),
    min_size=8,
    max_size=30,
)


class World:
    """A platform with two sellers, one of whose bank sends money back, and all that can happen."""

    def __init__(self) -> None:
        self.sandbox = Sandbox()
        self.sellers = [self.sandbox.seller(), self.sandbox.seller("bank")]
        self.charges: list[str] = []
        self.transfers: list[str] = []
        for which in range(len(CARDS)):
            self.charge(which, 5_000)
            self.send_of_charge(which, 2_000)

    def do(self, kind: int, which: int, amount: int) -> None:
        acts: list[Callable[[int, int], Any]] = [
            self.charge,
            self.refund,
            self.send_of_charge,
            self.send,
            self.reverse,
            self.pay_out,
            self.answer,
            self.wait,
        ]
        # What is refused leaves every balance as it is.
        with suppress(stripe.InvalidRequestError):
            acts[kind](which, amount)

    def charge(self, which: int, amount: int) -> None:
        customer, card = self.sandbox.saved_card(CARDS[which % len(CARDS)])
        intent = self.sandbox.charge(customer, card, amount)
        assert isinstance(intent.latest_charge, stripe.Charge)
        self.charges.append(intent.latest_charge.id)

    def refund(self, which: int, amount: int) -> None:
        if self.charges:
            charge = self.charges[which % len(self.charges)]
            self.sandbox.v1.refunds.create({"charge": charge, "amount": amount})

    def send_of_charge(self, which: int, amount: int) -> None:
        if self.charges:
            charge = self.charges[which % len(self.charges)]
            self.keep(which, amount, source_transaction=charge)

    def send(self, which: int, amount: int) -> None:
        self.keep(which, amount)

    def keep(self, which: int, amount: int, **terms: Any) -> None:
        made = self.sandbox.transfer(self.sellers[which % 2], amount, **terms)
        self.transfers.append(made.id)

    def reverse(self, which: int, amount: int) -> None:
        if self.transfers:
            transfer = self.transfers[which % len(self.transfers)]
            self.sandbox.v1.transfers.reversals.create(transfer, {"amount": amount})

    def pay_out(self, which: int, amount: int) -> None:
        account = ["", *self.sellers][which % 3]
        self.sandbox.v1.payouts.create({"amount": amount, "currency": "eur"}, on_behalf(account))

    def answer(self, which: int, amount: int) -> None:
        found = self.sandbox.v1.disputes.list().data
        if found:
            word = "winning_evidence" if amount % 2 else "losing_evidence"
            dispute = found[which % len(found)].id
            self.sandbox.v1.disputes.update(dispute, {"evidence": {"uncategorized_text": word}})

    def wait(self, which: int, amount: int) -> None:
        self.sandbox.advance(hours=amount / 15)

    def left(self) -> int:
        """What has left the house, by payouts that were not returned, refunds and chargebacks."""
        v1 = self.sandbox.v1
        gone = 0
        for account in ("", *self.sellers):
            page: Any = v1.payouts.list({"limit": 100}, on_behalf(account))
            gone += sum(one.amount for one in page.data if one.status not in ("failed", "canceled"))
        gone += sum(
            one.amount for one in v1.refunds.list({"limit": 100}).data if one.status != "failed"
        )
        for dispute in v1.disputes.list({"limit": 100}).data:
            gone += 2_000 + (0 if dispute.status == "won" else dispute.amount)
        return gone

    def came(self) -> int:
        taken = self.sandbox.v1.charges.list({"limit": 100}).data
        fees = sum((one.amount * 150 + 5_000) // 10_000 + 25 for one in taken)
        return sum(one.amount for one in taken) - fees


@given(acts=ACTS)
@settings(max_examples=25, deadline=None)
def test_a_balance_is_the_sum_of_its_lines_and_no_money_is_made_or_lost(
    acts: list[tuple[int, int, int]],
):
    world = World()

    for act in acts:
        world.do(*act)

    held = {account: sum(world.sandbox.held(account)) for account in ("", *world.sellers)}
    for account, amount in held.items():
        assert sum(line.net for line in world.sandbox.lines(account)) == amount
    assert all(held[seller] >= 0 for seller in world.sellers)
    assert sum(held.values()) == world.came() - world.left()


def test_a_new_account_holds_nothing(sandbox: Sandbox):
    read = sandbox.v1.balance.retrieve()

    assert [(one.currency, one.amount) for one in read.available] == [("eur", 0)]


def test_each_currency_is_held_apart(sandbox: Sandbox):
    sandbox.taken(10_000)
    customer, card = sandbox.saved_card()
    sandbox.charge(customer, card, 5_000, currency="chf")

    pending = sandbox.v1.balance.retrieve().pending

    assert [(one.currency, one.amount) for one in pending] == [("chf", 4_900), ("eur", 9_825)]


def test_a_refund_that_finds_nothing_makes_the_balance_negative(sandbox: Sandbox):
    charge = sandbox.taken(10_000)
    sandbox.advance(days=2)
    sandbox.v1.payouts.create({"amount": 9_825, "currency": "eur"})

    sandbox.v1.refunds.create({"charge": charge})

    assert sandbox.held() == (-10_000, 0)


def test_a_refund_waits_for_the_money_it_is_taken_from(sandbox: Sandbox):
    charge = sandbox.taken(10_000)

    sandbox.v1.refunds.create({"charge": charge, "amount": 4_000})

    assert sandbox.held() == (0, 5_825)


def test_lines_are_found_by_their_source_and_kind(sandbox: Sandbox):
    charge = sandbox.taken()
    sandbox.taken()
    sandbox.v1.refunds.create({"charge": charge, "amount": 100})

    by_source = sandbox.v1.balance_transactions.list({"source": charge}).data
    by_kind = sandbox.v1.balance_transactions.list({"type": "refund"}).data

    assert [one.type for one in by_source] == ["charge"]
    assert [one.amount for one in by_kind] == [-100]

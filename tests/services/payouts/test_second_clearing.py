"""A bank takes a charge back while the others still pay, and what is left is cleared again."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment
from models.chargebacks import Chargeback, ChargebackState
from models.collaborations import CommitmentState, State
from services import chargebacks, ledger
from services.gateways import answers
from tests import make_buying, make_payouts
from tests.make_payments import Bank, balances, own_balance, payment, refunds
from tests.make_payouts import bank_says

BROKE = "pm_card_chargeCustomerFail"
HOUR = timedelta(hours=1)
PRICE = 3_333
LOST = answers.ChargebackState.LOST


def commitment(session: Session, commitment_id: int) -> GroupBuyCommitment:
    return session.get_one(GroupBuyCommitment, commitment_id, populate_existing=True)


def over(deal: GroupBuy) -> datetime:
    assert deal.collect_until_at is not None
    return deal.collect_until_at


@pytest.fixture
def collecting(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> tuple[GroupBuy, int]:
    """Cases of six: Bob has paid for eight cans, and Charlie, who takes four, does not pay."""
    oil = make_buying.olive_oil(minimum_units=6, case_size=6, tiers=[(1, PRICE)], maximum_units=60)
    deal = make_buying.group_buy(session, alice, now=now, articles=[oil])
    bobs = bank.join(session, deal, bob, 8, now=now)
    bank.join(session, deal, charlie, 4, card=BROKE, now=now)
    bank.run(session, deal.closes_at)
    assert deal.state == State.COLLECTING
    assert commitment(session, bobs).due_minor == 8 * PRICE
    return deal, bobs


@pytest.mark.parametrize(
    ("lost_minor", "owed_minor", "refunded_minor"),
    [
        # All of it, and the two cans that fall away with it.
        (8 * PRICE, 0, []),
        # A part: of the rest the two cans go back, for which no bank was asked.
        (1_000, 6 * PRICE - 1_000, [2 * PRICE]),
        # More than the two cans leave: no more goes back than was paid.
        (7 * PRICE, 0, [PRICE]),
    ],
    ids=["all", "a part", "more than is left"],
)
def test_what_a_bank_gave_back_is_not_owed_anew_by_those_who_are_left(
    session: Session,
    bank: Bank,
    collecting: tuple[GroupBuy, int],
    bob: Actor,
    charlie: Actor,
    lost_minor: int,
    owed_minor: int,
    refunded_minor: list[int],
) -> None:
    deal, bobs = collecting
    bank_says(session, bank, bobs, lost_minor, LOST, deal.closes_at + HOUR)
    assert commitment(session, bobs).due_minor == 8 * PRICE - lost_minor

    bank.run(session, over(deal))

    assert (deal.state, commitment(session, bobs).state) == (State.RUNNING, CommitmentState.IN)
    [line] = commitment(session, bobs).lines
    assert (line.decided_units, commitment(session, bobs).due_minor) == (6, owed_minor)
    assert [one.amount_minor for one in refunds(session, bobs)] == refunded_minor
    paid = payment(session, bobs)
    assert paid.amount_minor - paid.refunded_minor == owed_minor
    assert own_balance(session, bob) == own_balance(session, charlie) == 0
    assert balances(session, deal) == {"pot": owed_minor, "gateway": -owed_minor}
    assert ledger.verify(session) == []


def test_it_stays_so_until_the_accounts_are_closed(
    session: Session,
    bank: Bank,
    collecting: tuple[GroupBuy, int],
    alice: Actor,
    bob: Actor,
) -> None:
    deal, bobs = collecting
    bank_says(session, bank, bobs, 1_000, LOST, deal.closes_at + HOUR)
    bank.run(session, over(deal))
    make_payouts.open_account(session, bank, alice, at=over(deal))

    make_payouts.complete(session, deal, alice, [bob])
    make_payouts.settle(session, bank, deal, alice)

    [sent] = make_payouts.remittances(session, deal)
    assert sent.amount_minor == 6 * PRICE - 1_000
    assert own_balance(session, alice) == own_balance(session, bob) == 0
    assert balances(session, deal) == {"pot": 0, "gateway": 0}
    assert ledger.verify(session) == []


def test_while_a_bank_decides_the_units_are_cleared_again_and_what_falls_away_goes_back_once(
    session: Session, bank: Bank, collecting: tuple[GroupBuy, int], bob: Actor
) -> None:
    """The bank has the money while the two cans fall away, and keeps it then."""
    deal, bobs = collecting
    charge_id = bank.read(payment(session, bobs)).charge_id
    bank.control("/disputes", charge=charge_id)
    at = deal.closes_at + HOUR
    bank.moment = at
    charge = payment(session, bobs).intent_key
    for told in chargebacks.read_of_charge(bank.gateway, charge):
        chargebacks.take_in(session, told, now=at)
    assert own_balance(session, bob) == -8 * PRICE

    bank.run(session, over(deal))
    assert commitment(session, bobs).due_minor == 6 * PRICE
    [one] = session.scalars(select(Chargeback).execution_options(populate_existing=True))
    bank.gateway.accept_chargeback(one.key, key="accept")
    for told in chargebacks.read_of_charge(bank.gateway, charge):
        chargebacks.take_in(session, told, now=over(deal))
    bank.run(session, over(deal) + HOUR)

    [one] = session.scalars(select(Chargeback).execution_options(populate_existing=True))
    [refund] = refunds(session, bobs)
    assert (one.state, one.borne_minor) == (ChargebackState.LOST, 6 * PRICE)
    assert (refund.amount_minor, str(refund.state)) == (2 * PRICE, "superseded")
    assert commitment(session, bobs).due_minor == 0
    assert own_balance(session, bob) == 0
    assert balances(session, deal) == {"pot": 0, "gateway": 0}
    assert ledger.verify(session) == []

"""The supplier is paid, some pay by card and some by hand: what of the share comes from which."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, Payee
from models.events import Event
from models.rules import Sharing
from services import ledger, payments, payouts
from services.buying import cash_back, returning
from tests import make_buying, make_payouts, make_running
from tests.make_payments import Bank, balances, own_balance
from tests.make_payouts import open_account, remittances

SHARE = 12_000
CAN = 4_000


@pytest.fixture
def by_card_and_by_hand(
    request: pytest.FixtureRequest, session: Session, bank: Bank, alice: Actor, bob: Actor,
    charlie: Actor, dana: Actor, now: datetime,
) -> GroupBuy:  # fmt: skip
    """Charlie sells, Alice organises for 60.00 a head: four cans by Bob's card, Dana's in cash."""
    deal = make_buying.group_buy(
        session,
        alice,
        now=now,
        closes_at=now + timedelta(days=14),
        payee=Payee.SUPPLIER,
        supplier_id=charlie.participant.id,
        share_rule=Sharing.PER_HEAD,
        share_minor=SHARE,
        share_ceiling_minor=SHARE,
    )
    bank.join(session, deal, bob, 4, now=now)
    make_buying.join(session, deal, dana, getattr(request, "param", 1), now=now)
    bank.run(session, deal.closes_at)
    for who in (alice, charlie):
        open_account(session, bank, who, at=deal.closes_at)
    at = make_payouts.complete(session, deal, alice, [bob, dana])
    make_running.pay_cash(session, deal, alice, dana, now=at)
    return deal


def sent(session: Session, deal: GroupBuy, who: Actor) -> int:
    """What of the charges went to a participant, in minor units."""
    return sum(
        one.amount_minor
        for one in remittances(session, deal)
        if one.participant_id == who.participant.id and one.transfer_key
    )


@pytest.mark.parametrize("fee_basis_points", [0, 250])
def test_an_organiser_keeps_the_cash_and_gets_what_their_share_lacks(
    session: Session,
    bank: Bank,
    by_card_and_by_hand: GroupBuy,
    alice: Actor,
    charlie: Actor,
    fee_basis_points: int,
) -> None:
    """Of Alice's 120.00 she took 100.00 from Dana; the rest comes out of Bob's charge."""
    deal = by_card_and_by_hand
    deal.fee_basis_points = fee_basis_points
    cash_minor = CAN + SHARE // 2
    lacking_minor = SHARE - cash_minor
    gross_minor = 4 * CAN + SHARE // 2 - lacking_minor
    fee_minor = gross_minor * fee_basis_points // 10_000

    make_payouts.settle(session, bank, deal, alice)

    assert sent(session, deal, alice) == lacking_minor
    assert sent(session, deal, charlie) == gross_minor - fee_minor
    # The cash is with Alice, and all of it is hers; nothing is owed between any two.
    assert own_balance(session, alice) == cash_minor
    assert own_balance(session, charlie) == 0
    held = {"pot": 0, "gateway": -fee_minor, "cash": -cash_minor}
    assert balances(session, deal) == (held | {"fees": fee_minor} if fee_minor else held)
    assert ledger.verify(session) == []


def test_what_is_told_of_it_are_whole_minor_units(
    session: Session, bank: Bank, by_card_and_by_hand: GroupBuy, alice: Actor, charlie: Actor
) -> None:
    make_payouts.settle(session, bank, by_card_and_by_hand, alice)

    told = session.scalars(
        select(Event).filter_by(kind="PayoutPlanned", collaboration_id=by_card_and_by_hand.id)
    )
    assert {one.participant_id: one.facts["amount_minor"] for one in told} == {
        alice.participant.id: 2_000,
        charlie.participant.id: 20_000,
    }


def test_cash_that_is_to_go_back_is_nobodys_share(
    session: Session, bank: Bank, by_card_and_by_hand: GroupBuy, alice: Actor, dana: Actor
) -> None:
    """Dana is to have 30.00 back, and has not got it yet when the accounts are closed."""
    deal = by_card_and_by_hand
    order = make_running.commitment(session, deal, dana)
    at = deal.closes_at + timedelta(days=4)
    payments.lower_due(session, order, 3_000, step="short", reason="short_delivery", now=at)

    at = make_payouts.settle(session, bank, deal, alice)
    [back] = cash_back.open_ones(session, deal)
    payments.hand_back(session, back.refund_id, actor=alice, now=at)

    in_hand_minor = -balances(session, deal)["cash"]
    assert in_hand_minor == CAN + SHARE // 2 - 3_000
    assert in_hand_minor + sent(session, deal, alice) == SHARE
    assert own_balance(session, dana) == 0
    assert ledger.verify(session) == []


@pytest.mark.parametrize("by_card_and_by_hand", [3], indirect=True, ids=["three cans"])
def test_enough_cash_leaves_the_charges_to_who_sells(
    session: Session,
    bank: Bank,
    by_card_and_by_hand: GroupBuy,
    alice: Actor,
    charlie: Actor,
) -> None:
    """Dana's 180.00 are more than Alice's share: what she holds beyond it is Charlie's."""
    make_payouts.settle(session, bank, by_card_and_by_hand, alice)

    assert sent(session, by_card_and_by_hand, alice) == 0
    assert sent(session, by_card_and_by_hand, charlie) == 4 * CAN + SHARE // 2
    assert own_balance(session, alice) == SHARE
    assert own_balance(session, charlie) == 3 * CAN + SHARE // 2 - SHARE
    assert ledger.verify(session) == []


def test_a_withdrawal_afterwards_takes_the_share_from_where_it_was_sent(
    session: Session, bank: Bank, by_card_and_by_hand: GroupBuy, alice: Actor, charlie: Actor,
    bob: Actor,
) -> None:  # fmt: skip
    """Bob gets all of it back: Alice's account gives what it got, and Charlie's all the rest."""
    deal = by_card_and_by_hand
    at = make_payouts.settle(session, bank, deal, alice)
    order = make_running.commitment(session, deal, bob)
    whole_minor = order.due_minor
    paid = payments.of_commitment(session, order.id, lock=True)
    returning.give_up(
        session, deal, order, paid, whole_minor, key="revocation:1", reason="revoked", now=at
    )
    payments.lower_due(session, order, whole_minor, step="revoked", reason="revoked", now=at)
    bank.run(session, at)

    back = {one.participant_id: one.amount_minor for one in make_payouts.takings_back(session)}
    assert back == {alice.participant.id: 2_000, charlie.participant.id: 20_000}
    # Of the cash that is with her, her share of Dana's order is Alice's and the rest Charlie's.
    cash_minor = CAN + SHARE // 2
    assert own_balance(session, alice) == SHARE // 2
    assert own_balance(session, charlie) == cash_minor - SHARE // 2
    assert own_balance(session, bob) == 0
    assert balances(session, deal) == {"pot": 0, "gateway": 0, "cash": -cash_minor}
    assert payouts.withheld_of(session, charlie.participant.id, now=at) == []
    assert ledger.verify(session) == []

"""Banks, cards and organisers all give money back: each cent once, and out of one pocket."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.payments import RefundState
from services import buying, ledger, payments
from services.buying import cash_back
from services.gateways.answers import ChargebackState
from services.ledger.statements import by_hand
from tests import make_buying, make_payouts, make_running
from tests.make_payments import Bank, balances, own_balance, payment, refunds
from tests.make_payouts import bank_says, open_account, remittances, settle
from tests.services.payouts.test_chargebacks import hear

HOUR = timedelta(hours=1)
CAN = 4_000


def charged(
    session: Session,
    bank: Bank,
    organiser: Actor,
    orders: list[tuple[Actor, int, str]],
    now: datetime,
) -> tuple[GroupBuy, datetime]:
    """A deal of which every card was charged; an hour after its close."""
    deal = make_buying.group_buy(session, organiser, now=now, closes_at=now + timedelta(days=14))
    for who, units, card in orders:
        bank.join(session, deal, who, units, card=card, now=now)
    bank.run(session, deal.closes_at)
    session.refresh(deal)
    return deal, deal.closes_at + HOUR


def test_of_a_refund_only_that_goes_back_which_the_bank_did_not_give_itself(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    cards = [(bob, 4, "pm_card_visa"), (charlie, 3, "pm_card_visa")]
    deal, at = charged(session, bank, alice, cards, now)
    order = make_running.commitment(session, deal, bob).id
    bank_says(session, bank, order, 6_000, ChargebackState.OPEN, at)
    buying.cancel(session, deal, reason="The harvest froze.", actor=alice, now=at)

    bank_says(session, bank, order, 6_000, ChargebackState.LOST, at)

    parts = {str(one.state): one.amount_minor for one in refunds(session, order)}
    assert parts == {"wanted": 4 * CAN - 6_000, "superseded": 6_000}
    bank.run(session, at)
    assert bank.read(payment(session, order)).refunded_minor == 4 * CAN - 6_000
    assert own_balance(session, bob) == 0
    assert cash_back.open_ones(session, deal) == []
    assert balances(session, deal)["gateway"] == 0
    assert ledger.verify(session) == []


def test_a_refund_that_comes_back_after_its_bank_gave_it_is_not_handed_back(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    cards = [(bob, 4, "pm_card_refundFail"), (charlie, 3, "pm_card_visa")]
    deal, at = charged(session, bank, alice, cards, now)
    commitment = make_running.commitment(session, deal, bob)
    payments.lower_due(session, commitment, 300, step="short", reason="short_delivery", now=at)
    bank.run(session, at)
    bank_says(session, bank, commitment.id, 4 * CAN, ChargebackState.LOST, at)
    assert own_balance(session, bob) == -300

    hear(session, bank, at + 2 * HOUR)

    [refund] = refunds(session, commitment.id)
    assert refund.state == RefundState.SUPERSEDED
    assert own_balance(session, bob) == 0
    assert cash_back.open_ones(session, deal) == []
    assert ledger.verify(session) == []


@pytest.mark.parametrize("is_called_off", [False, True])
def test_who_hands_back_what_a_card_did_not_take_is_sent_it_from_the_charge(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    is_called_off: bool,
    now: datetime,
) -> None:
    cards = [(bob, 4, "pm_card_refundFail"), (charlie, 3, "pm_card_visa")]
    deal, at = charged(session, bank, alice, cards, now)
    open_account(session, bank, alice, at=at)
    commitment = make_running.commitment(session, deal, bob)
    back_minor = 300
    if is_called_off:
        buying.cancel(session, deal, reason="The harvest froze.", actor=alice, now=at)
        back_minor = 4 * CAN
    else:
        payments.lower_due(session, commitment, 300, step="short", reason="short", now=at)
    bank.run(session, at)
    hear(session, bank, at + 2 * HOUR)
    [back] = cash_back.open_ones(session, deal)
    assert (back.amount_minor, back.card_failed) == (back_minor, True)

    at += 3 * HOUR
    payments.hand_back(session, back.refund_id, actor=alice, now=at)
    if not is_called_off:
        make_payouts.complete(session, deal, alice, [bob, charlie])
        at = settle(session, bank, deal, alice)
    bank.run(session, at)

    assert back_minor in [one.sent_minor for one in remittances(session, deal)]
    assert balances(session, deal)["gateway"] == 0
    # She gave it in cash and got it by card: it is what she took less, and no debt of hers.
    assert own_balance(session, alice) == -back_minor == -balances(session, deal)["cash"]
    own = ledger.own_account(session, alice.participant.id, "EUR", now=at)
    assert by_hand(session, own) == -back_minor
    assert own_balance(session, bob) == 0
    assert ledger.verify(session) == []

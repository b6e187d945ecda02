"""A bank decides while others still have to pay: what it gave back is not asked for again."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Payee
from models.chargebacks import Chargeback
from models.collaborations import CommitmentState, State
from models.rules import Sharing
from services import buying, chargebacks, ledger
from tests import make, make_buying, make_payouts, make_running
from tests.make_payments import Bank, balances, own_balance, payment, refunds
from tests.make_payouts import open_account, remittances, settle
from tests.services.payouts.test_chargebacks import FRAUD, HOUR, hear

BROKE = "pm_card_chargeCustomerFail"


def lose(session: Session, bank: Bank, alice: Actor, at: datetime) -> Chargeback:
    """Hear of the chargeback, and let the payer have it."""
    hear(session, bank, at)
    found = session.scalars(select(Chargeback)).one()
    chargebacks.answer(session, found.id, "", actor=alice, now=at)
    hear(session, bank, at)
    return found


@pytest.mark.parametrize("case_size", [1, 4])
def test_what_a_bank_gave_back_is_not_owed_anew_when_it_is_decided_again(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    case_size: int,
    now: datetime,
) -> None:
    """With whole cases Charlie's last can is ordered no more, and goes back."""
    oil = make_buying.olive_oil(
        minimum_units=8, case_size=case_size, tiers=[(1, 4000)], maximum_units=60
    )
    deal = make_buying.group_buy(session, alice, now=now, articles=[oil])
    erin = make.actor(session, "Erin", now=now)
    bobs = bank.join(session, deal, bob, 4, card=FRAUD, now=now)
    charlies = bank.join(session, deal, charlie, 5, now=now)
    erins = bank.join(session, deal, erin, 3, card=BROKE, now=now)
    bank.run(session, deal.closes_at)
    open_account(session, bank, alice, at=deal.closes_at)
    lost = lose(session, bank, alice, deal.closes_at + HOUR)
    assert lost.borne_minor == 16_000

    assert deal.collect_until_at is not None
    hear(session, bank, deal.collect_until_at)

    session.refresh(deal)
    kept = 5 if case_size == 1 else 4
    assert (deal.state, erins) == (State.RUNNING, make_running.commitment(session, deal, erin).id)
    assert make_running.commitment(session, deal, erin).state == CommitmentState.DROPPED
    assert payment(session, bobs).commitment.due_minor == 0
    assert payment(session, charlies).commitment.due_minor == kept * 4_000
    assert refunds(session, bobs) == []
    assert sum(one.amount_minor for one in refunds(session, charlies)) == (5 - kept) * 4_000
    assert [own_balance(session, one) for one in (bob, charlie, erin)] == [0, 0, 0]

    make_payouts.complete(session, deal, alice, [bob, charlie])
    settle(session, bank, deal, alice)
    assert sum(one.sent_minor for one in remittances(session, deal)) == kept * 4_000
    assert own_balance(session, alice) == 0
    assert set(balances(session, deal).values()) == {0}
    assert ledger.verify(session) == []


@pytest.mark.parametrize(("by_card", "in_cash"), [(7, 0), (4, 3), (1, 6)])
def test_the_organiser_keeps_of_the_cash_what_is_their_share(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    by_card: int,
    in_cash: int,
    now: datetime,
) -> None:
    """Charlie sells, Alice organises for 21 euros in all and takes cash at the door."""
    deal = make_buying.group_buy(
        session,
        alice,
        now=now,
        closes_at=now + timedelta(days=14),
        payee=Payee.SUPPLIER,
        supplier_id=charlie.participant.id,
        share_rule=Sharing.BY_VALUE,
        share_minor=2_100,
        share_ceiling_minor=2_100,
    )
    erin = make.actor(session, "Erin", now=now)
    card = bank.join(session, deal, bob, by_card, now=now)
    if in_cash:
        make_buying.join(session, deal, erin, in_cash, now=now)
    bank.run(session, deal.closes_at)
    session.refresh(deal)
    make_running.handing_over(session, deal, alice)
    at = deal.closes_at + timedelta(days=3)
    buyers = [bob, erin] if in_cash else [bob]
    for who in buyers:
        order = make_running.commitment(session, deal, who)
        buying.hand_over(session, deal, order, actor=alice, now=at)
    if in_cash:
        make_running.pay_cash(session, deal, alice, erin, now=at)
    buying.complete(session, deal, actor=alice, now=at)
    for who in (alice, charlie):
        open_account(session, bank, who, at=at)

    settle(session, bank, deal, alice)

    cash_minor = in_cash * 4_300
    sent = {alice.participant.id: 0, charlie.participant.id: 0}
    for one in remittances(session, deal):
        sent[one.participant_id] += one.sent_minor
    assert sent[alice.participant.id] == max(0, 2_100 - cash_minor)
    assert sum(sent.values()) == payment(session, card).amount_minor == by_card * 4_300
    # What Alice took beyond her share is Charlie's, and with her: the books say so.
    assert own_balance(session, alice) == min(2_100, cash_minor)
    assert own_balance(session, charlie) == cash_minor - min(2_100, cash_minor)
    assert balances(session, deal)["pot"] == balances(session, deal)["gateway"] == 0
    assert balances(session, deal).get("cash", 0) == -cash_minor
    assert ledger.verify(session) == []

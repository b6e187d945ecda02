"""Only who pays sees a payment, and what stands behind one stays."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.errors import NotFound
from models.payments import CardInUse, PaymentNotDue
from services import payments
from services.payments import wallets
from tests.make_payments import Bank, payment
from tests.services.payments.paying import joined

pytestmark = pytest.mark.usefixtures("at_the_door")


def test_only_the_payer_sees_a_payment(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, charlie: Actor, now: datetime
):
    commitment_id = joined(session, deal, bob, 5, now)

    assert payments.standing(session, commitment_id, actor=bob, now=now).amount_minor == 20_000
    with pytest.raises(NotFound):
        payments.standing(session, commitment_id, actor=charlie, now=now)
    with pytest.raises(NotFound):
        payments.plan_checkout(session, commitment_id, consent="", actor=charlie, now=now)


def test_nothing_is_opened_where_nothing_is_due(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)

    with pytest.raises(PaymentNotDue):
        payments.plan_checkout(session, commitment_id, consent="", actor=bob, now=now)
    with pytest.raises(PaymentNotDue):
        payments.use_saved_card(session, commitment_id, consent="", actor=bob, now=now)


def test_a_card_behind_an_open_payment_stays(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    card = payment(session, commitment_id).payment_method_key
    with pytest.raises(CardInUse):
        wallets.forget_card(session, bob.participant.id, card)

    bank.run(session, deal.closes_at)
    wallets.forget_card(session, bob.participant.id, card)

    standing = payments.standing(session, commitment_id, actor=bob, now=deal.closes_at)
    assert standing.saved_card is None

"""What those who pay by card do, and what the bank tells of it."""

from datetime import datetime

from sqlalchemy.orm import Session

from marketplace import db
from marketplace.payments import acts
from models.actors import Actor
from models.buying import GroupBuy
from services import buying
from tests import make_buying
from tests.make_payments import Bank, payment

WHERE = acts.Addresses(
    "http://localhost/payments/return?session_id={CHECKOUT_SESSION_ID}",
    "http://localhost/back",
    "en",
)


def open_page(commitment_id: int, actor: Actor, at: datetime) -> str:
    with db.at(at):
        return acts.open_page(commitment_id, "At most so much.", WHERE, actor)


def come_back(session: Session, commitment_id: int, at: datetime) -> None:
    key = payment(session, commitment_id).checkout_key
    with db.at(at):
        assert acts.read_page(key) == commitment_id


def joined(session: Session, deal: GroupBuy, actor: Actor, units: int, now: datetime) -> int:
    return make_buying.join(
        session, deal, actor, units, method=make_buying.PaymentMethod.CARD, now=now
    )


def cancelled(
    session: Session, bank: Bank, deal: GroupBuy, alice: Actor, bob: Actor, card: str, now: datetime
) -> int:
    """Bob's order, paid by `card`; the deal is called off and the money sent back."""
    commitment_id = bank.join(session, deal, bob, 5, card=card, now=now)
    bank.run(session, deal.closes_at)
    buying.cancel(session, deal, reason="The harvest froze.", actor=alice, now=deal.closes_at)
    bank.run(session, deal.closes_at)
    return commitment_id


def hear(session: Session, bank: Bank, at: datetime) -> None:
    """Ask the gateway what happened until `at`, and look into it."""
    bank.moment = at
    with db.at(at):
        acts.fetch_missed()
    bank.run(session, at)

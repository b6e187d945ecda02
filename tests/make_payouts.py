"""Sellers to test with: their accounts at the gateway, and deals whose cards were charged."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import db
from marketplace.payouts import acts
from models.actors import Actor
from models.buying import GroupBuy
from models.payments import Payment
from models.payouts import ConnectedAccount, Remittance, TakingBack
from services import buying, chargebacks, payments
from services.chargebacks.arriving import BankNews
from services.gateways import answers
from services.gateways.answers import ChargebackState
from tests import make_buying, make_running
from tests.make_payments import SANDBOX, Bank, payment

SHOP = "http://localhost"


def introduce(bank: Bank, account_key: str, person: str = "fine") -> None:
    """Go through the gateway's own page as one of its test persons."""
    url = bank.gateway.open_onboarding(
        account_key, refresh_url=f"{SHOP}/again", return_url=f"{SHOP}/return"
    )
    assert url.startswith(SANDBOX)
    path = urlsplit(url).path
    assert bank.browser.get(path).status_code == 200
    answer = bank.browser.post(path, data={"person": person})
    assert answer.location == f"{SHOP}/return", answer.text


def open_account(
    session: Session, bank: Bank, who: Actor, *, person: str = "fine", at: datetime
) -> ConnectedAccount:
    """An account for whoever is paid; with a person, all that the gateway wants to know is told."""
    with db.at(at):
        key = acts.account_key(who, "DE", "EUR")
        if person:
            introduce(bank, key, person)
            acts.look_at(who.participant.id, key)
    return session.scalars(
        select(ConnectedAccount)
        .filter_by(account_key=key)
        .execution_options(populate_existing=True)
    ).one()


def paid_by_card(
    session: Session,
    bank: Bank,
    organiser: Actor,
    orders: Sequence[tuple[Actor, int]],
    *,
    now: datetime,
    **overrides: Any,
) -> GroupBuy:
    """A deal whose cards were all charged, with its goods handed over; completed, not settled."""
    overrides.setdefault("closes_at", now + timedelta(days=14))
    deal = make_buying.group_buy(session, organiser, now=now, **overrides)
    for who, units in orders:
        bank.join(session, deal, who, units, now=now)
    bank.run(session, deal.closes_at)
    complete(session, deal, organiser, [who for who, _ in orders])
    return deal


def complete(
    session: Session, deal: GroupBuy, organiser: Actor, buyers: Sequence[Actor]
) -> datetime:
    """Order, deliver, hand over and complete; when that was."""
    session.refresh(deal)
    make_running.handing_over(session, deal, organiser)
    at = deal.closes_at + timedelta(days=3)
    for who in buyers:
        order = make_running.commitment(session, deal, who)
        buying.hand_over(session, deal, order, actor=organiser, now=at)
    buying.complete(session, deal, actor=organiser, now=at)
    return at


def settle(session: Session, bank: Bank, deal: GroupBuy, organiser: Actor) -> datetime:
    """Close the accounts, and have done what follows."""
    at = deal.closes_at + timedelta(days=4)
    buying.settle(session, deal, actor=organiser, now=at)
    bank.run(session, at)
    return at


def bank_says(
    session: Session, bank: Bank, order_id: int, amount: int, state: ChargebackState, at: datetime
) -> None:
    """Take in what a payer's bank says of a charge, of which it may take back a part alone."""
    chargebacks.take_in(session, bank_news(bank, payment(session, order_id), amount, state), now=at)


def bank_news(bank: Bank, paid: Payment, amount: int, state: ChargebackState) -> BankNews:
    """What the gateway would tell of it; the simulator's banks take whole charges alone."""
    charge = payments.read_charge(bank.gateway, paid.intent_key)
    assert charge is not None
    seen = answers.Chargeback(
        id=f"dp_{paid.id}",
        intent_id=paid.intent_key,
        charge_id=bank.read(paid).charge_id or "",
        amount_minor=amount,
        currency="EUR",
        state=state,
        reason="product_not_received",
        evidence_due_at=bank.moment + timedelta(days=9),
        has_evidence=False,
        withdrawn_minor=amount,
        fee_minor=2_000,
        created_at=bank.moment,
        metadata={},
    )
    return BankNews(seen, charge)


def remittances(session: Session, deal: GroupBuy) -> list[Remittance]:
    return list(
        session.scalars(
            select(Remittance)
            .filter_by(collaboration_id=deal.id)
            .order_by(Remittance.id)
            .execution_options(populate_existing=True)
        )
    )


def takings_back(session: Session) -> list[TakingBack]:
    return list(
        session.scalars(
            select(TakingBack).order_by(TakingBack.id).execution_options(populate_existing=True)
        )
    )

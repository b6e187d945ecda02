"""A bank to test with: the simulator in the same process, bound to the application's gateway."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from marketplace import jobs
from models.actors import Actor
from models.buying import GroupBuy, PaymentMethod
from models.ledger import Account, AccountPurpose
from models.payments import Payment, PaymentAttempt, Refund
from services import payments
from services.gateways.answers import Intent
from services.gateways.stripe import StripeGateway
from services.payments import wallets
from stripesim import create_app
from stripesim.inprocess import InProcess
from stripesim.simulator import Settings, Simulator
from stripesim.store import Store
from tests import make_buying

TOKEN = "token-of-the-tests"
SANDBOX = "http://sandbox.test"


@cache
def simulator_app() -> Flask:
    """The simulator's application, made once: its routes take longer than most tests.

    It serves the books of the newest bank; an older one must not be used any more.
    """
    return create_app(":memory:", public_url=SANDBOX)


class Bank:
    """The simulator at a moment of its own, with a browser on its pages and a box of webhooks."""

    def __init__(self, app: Flask, now: datetime, database: Path | str = ":memory:") -> None:
        self.app = app
        self.moment = now
        self.sent: list[tuple[bytes, dict[str, str]]] = []
        settings = Settings(
            public_url=SANDBOX,
            webhook_url="http://localhost/payments/webhook",
            webhook_secret=app.config["SETTINGS"].stripe_webhook_secret,
            token=TOKEN,
            clock=lambda: self.moment.timestamp(),
        )
        self.simulator = simulator_app()
        self.simulator.extensions["stripesim"] = Simulator(Store(database), settings, self._take)
        self.gateway = StripeGateway(
            "sk_test_x",
            base_url=SANDBOX,
            http_client=InProcess(self.simulator),
            max_network_retries=0,
        )
        app.extensions["gateway"] = self.gateway
        self.browser = self.simulator.test_client()

    def _take(self, _url: str, body: bytes, headers: dict[str, str]) -> int:
        self.sent.append((body, headers))
        return 200

    def control(self, path: str, **terms: Any) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = self.simulator.test_client().post(f"/_sim{path}", json=terms, headers=headers)
        assert answer.status_code < 300, answer.text

    def fault(self, kind: str, match: str = "*") -> None:
        self.control("/faults", kind=kind, match=match)

    def webhooks(self) -> list[tuple[bytes, dict[str, str]]]:
        """The messages that are due, as they would be posted."""
        self.sent.clear()
        self.control("/webhooks/deliver")
        return list(self.sent)

    def use(self, url: str, number: str = "4242424242424242") -> TestResponse:
        """Pick a card on a hosted page, as a click on its button does."""
        return self.browser.post(urlsplit(url).path, data={"card": number})

    def approve(self, asked: TestResponse) -> TestResponse:
        """Say yes on the page of the cardholder's bank."""
        return self.browser.post(urlsplit(asked.location).path, data={"answer": "approve"})

    def save_card(self, session: Session, actor: Actor, magic: str = "pm_card_visa") -> str:
        """A card that the member saved earlier; those that cannot be saved keep their name."""
        participant_id = actor.participant.id
        customer = wallets.customer_key(session, participant_id)
        if not customer:
            made = wallets.introduce(self.gateway, participant_id, actor.member.email)
            customer = wallets.keep_customer(session, participant_id, made, now=self.moment)
        attached = (
            InProcess(self.simulator)
            .app.test_client()
            .post(
                f"/v1/payment_methods/{magic}/attach",
                data={"customer": customer},
                headers={"Authorization": "Bearer sk_test_x"},
            )
        )
        card = attached.get_json()["id"] if attached.status_code == 200 else magic
        session.execute(
            text(
                "UPDATE gateway_customers SET payment_method_key = :card, card_brand = 'visa',"
                " card_last4 = '4242' WHERE customer_key = :customer"
            ),
            {"card": card, "customer": customer},
        )
        session.expire_all()
        return str(card)

    def join(
        self,
        session: Session,
        deal: GroupBuy,
        actor: Actor,
        units: int = 1,
        *,
        card: str = "pm_card_visa",
        now: datetime,
        **overrides: Any,
    ) -> int:
        """Commit `actor` with a saved card behind it; the commitment's id."""
        commitment_id = make_buying.join(
            session, deal, actor, units, method=PaymentMethod.CARD, now=now, **overrides
        )
        self.save_card(session, actor, card)
        payments.use_saved_card(session, commitment_id, consent="At most.", actor=actor, now=now)
        return commitment_id

    def run(self, session: Session, at: datetime) -> None:
        """Let the time come, here and at the bank, and do what is due."""
        self.moment = at
        with self.app.app_context():
            jobs.run_due(at=at)

    def read(self, payment: Payment) -> Intent:
        return self.gateway.read_intent(payment.intent_key)


def payment(session: Session, commitment_id: int) -> Payment:
    return session.scalars(
        select(Payment)
        .filter_by(commitment_id=commitment_id)
        .execution_options(populate_existing=True)
    ).one()


def attempts(session: Session, commitment_id: int) -> list[PaymentAttempt]:
    return list(
        session.scalars(
            select(PaymentAttempt)
            .filter_by(payment_id=payment(session, commitment_id).id)
            .order_by(PaymentAttempt.number)
            .execution_options(populate_existing=True)
        )
    )


def refunds(session: Session, commitment_id: int) -> list[Refund]:
    return list(
        session.scalars(
            select(Refund)
            .filter_by(payment_id=payment(session, commitment_id).id)
            .order_by(Refund.id)
            .execution_options(populate_existing=True)
        )
    )


def balances(session: Session, deal: GroupBuy) -> dict[str, int]:
    """What the deal's own accounts hold, by purpose."""
    return {
        str(account.purpose): account.balance_minor
        for account in session.scalars(
            select(Account)
            .filter_by(collaboration_id=deal.id)
            .execution_options(populate_existing=True)
        )
    }


def own_balance(session: Session, actor: Actor) -> int:
    return (
        session.scalar(
            select(Account.balance_minor).filter_by(
                owner_id=actor.participant.id, purpose=AccountPurpose.OWN, currency="EUR"
            )
        )
        or 0
    )

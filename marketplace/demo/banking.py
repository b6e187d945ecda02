"""The cards of the demo's people, at the simulator: its clock follows the story's."""

import os
from contextlib import suppress
from datetime import datetime
from urllib.parse import urlsplit

from flask import Flask
from flask_babel import force_locale

import stripesim
from marketplace import db
from marketplace.config import Settings
from marketplace.demo.deal import Deal
from marketplace.payments import acts
from marketplace.payments.wording import consent
from marketplace.payouts import acts as payouts
from models.actors import Actor
from services import payments
from services.gateways.stripe import StripeGateway
from stripesim.inprocess import InProcess

GOOD, DECLINED_LATER = "4242424242424242", "4000000000000341"
QUESTIONED_LATER = "4000000000002685"


def card_of(who: str, deal: Deal) -> str:
    """The number of the card that somebody enters in the story of a deal."""
    if who in deal.declined:
        return DECLINED_LATER
    return QUESTIONED_LATER if who in deal.questioned else GOOD


class Bank:
    """The simulator over the file that its own process will serve later."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.moment = datetime.now().astimezone()
        self.simulator = stripesim.create_app(
            os.environ.get("STRIPESIM_DATABASE", ":memory:"),
            public_url=settings.stripe_api_base or "http://sandbox.invalid",
            clock=lambda: self.moment.timestamp(),
        )
        self.gateway = app.extensions["gateway"] = StripeGateway(
            settings.stripe_secret_key,
            base_url=settings.stripe_api_base or "http://sandbox.invalid",
            http_client=InProcess(self.simulator),
        )

    def open_account(self, actor: Actor, country: str) -> None:
        """Set up an account for payouts, and tell the gateway all that it wants to know."""
        with db.at(self.moment):
            key = payouts.account_key(actor, country, "EUR")
            back = "http://localhost/"
            url = self.gateway.open_onboarding(key, refresh_url=back, return_url=back)
        browser, path = self.simulator.test_client(), urlsplit(url).path
        browser.get(path)
        browser.post(path, data={"person": "fine"})
        with db.at(self.moment):
            payouts.look_at(actor.participant.id, key)

    def enter_card(self, commitment_id: int, number: str, actor: Actor) -> None:
        """Go to the hosted page of a commitment, enter a card, and come back."""
        where = acts.Addresses(
            "http://localhost/?s={CHECKOUT_SESSION_ID}", "http://localhost/", "en"
        )
        with db.at(self.moment):
            url = acts.open_page(commitment_id, self._consent(commitment_id, actor), where, actor)
        browser = self.simulator.test_client()
        browser.post(urlsplit(url).path, data={"number": number})
        with suppress(KeyError), db.at(self.moment):
            acts.read_page(urlsplit(url).path.rsplit("/", 1)[-1])

    def _consent(self, commitment_id: int, actor: Actor) -> str:
        """What whoever enters a card agrees to, in their language."""
        with db.transaction() as session:
            standing = payments.standing(session, commitment_id, actor=actor, now=self.moment)
        with force_locale(actor.member.locale):
            return consent(standing)

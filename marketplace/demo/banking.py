"""The cards of the demo's people, at the simulator: its clock follows the story's."""

import os
from contextlib import suppress
from datetime import datetime
from urllib.parse import urlsplit

from flask import Flask

import stripesim
from marketplace import db
from marketplace.config import Settings
from marketplace.payments import acts
from models.actors import Actor
from services.gateways.stripe import StripeGateway
from stripesim.inprocess import InProcess

GOOD, DECLINED_LATER = "4242424242424242", "4000000000000341"


class Bank:
    """The simulator over the file that its own process will serve later."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.moment = datetime.now().astimezone()
        self.simulator = stripesim.create_app(
            os.environ.get("STRIPESIM_DATABASE", ":memory:"),
            public_url=settings.stripe_api_base or "http://sandbox.invalid",
            clock=lambda: self.moment.timestamp(),
        )
        app.extensions["gateway"] = StripeGateway(
            settings.stripe_secret_key,
            base_url=settings.stripe_api_base or "http://sandbox.invalid",
            http_client=InProcess(self.simulator),
        )

    def enter_card(self, commitment_id: int, number: str, actor: Actor) -> None:
        """Go to the hosted page of a commitment, enter a card, and come back."""
        where = acts.Addresses(
            "http://localhost/?s={CHECKOUT_SESSION_ID}", "http://localhost/", "en"
        )
        with db.at(self.moment):
            url = acts.open_page(
                commitment_id, "I agree to be charged if it happens.", where, actor
            )
        browser = self.simulator.test_client()
        browser.post(urlsplit(url).path, data={"number": number})
        with suppress(KeyError), db.at(self.moment):
            acts.read_page(urlsplit(url).path.rsplit("/", 1)[-1])

"""A simulator in memory, the SDK bound to it, a browser on its pages, a box for its webhooks."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import stripe
from werkzeug.test import TestResponse

from stripesim import create_app
from stripesim.inprocess import InProcess

START = 1_800_000_000
SECRET = "whsec_of_the_tests"
TOKEN = "token-of-the-tests"
SHOP = "http://shop.test"


class Sandbox:
    """What one test needs of the simulator."""

    def __init__(self, database: Path | str = ":memory:") -> None:
        self.sent: list[tuple[bytes, dict[str, str]]] = []
        self.answers_with = 200
        self.app = create_app(
            database,
            public_url="http://sandbox.test",
            webhook_url="http://shop.test/webhooks/stripe",
            webhook_secret=SECRET,
            token=TOKEN,
            clock=lambda: START,
            send=self.take,
        )
        self.http = InProcess(self.app)
        self.client = stripe.StripeClient(
            "sk_test_x",
            base_addresses={"api": "http://sandbox.test"},
            http_client=self.http,
            max_network_retries=0,
        )
        self.v1 = self.client.v1
        self.browser = self.app.test_client()

    def take(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        assert url == "http://shop.test/webhooks/stripe"
        self.sent.append((body, headers))
        return self.answers_with

    def control(self, method: str, path: str, json: Any = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = self.app.test_client().open(
            f"/_sim{path}", method=method, json=json, headers=headers
        )
        assert answer.status_code < 300, answer.text
        return answer

    def advance(self, *, days: float = 0, hours: float = 0) -> None:
        self.control("POST", "/clock", {"advance_seconds": int(days * 86400 + hours * 3600)})

    def now(self) -> int:
        read: int = self.control("GET", "/clock").get_json()["now"]
        return read

    def fault(self, kind: str, **terms: Any) -> None:
        self.control("POST", "/faults", {"kind": kind, **terms})

    def deliver(self) -> list[dict[str, Any]]:
        report: list[dict[str, Any]] = self.control("POST", "/webhooks/deliver").get_json()
        return report

    def saved_card(self, magic: str = "pm_card_visa") -> tuple[str, str]:
        """A customer and a card attached to them."""
        customer = self.v1.customers.create({"name": "Bob"}).id
        card = self.v1.payment_methods.attach(magic, {"customer": customer}).id
        return customer, card

    def charge(
        self, customer: str, card: str, amount: int = 2_500, **terms: Any
    ) -> stripe.PaymentIntent:
        return self.v1.payment_intents.create(
            {
                "amount": amount,
                "currency": "eur",
                "customer": customer,
                "payment_method": card,
                "allowed_payment_method_types": ["card"],
                "confirm": True,
                "off_session": True,
                "expand": ["latest_charge"],
                **terms,
            }
        )

    def hold(self, amount: int = 2_500) -> stripe.PaymentIntent:
        return self.charge(*self.saved_card(), amount, capture_method="manual")

    def open_account(self, **terms: Any) -> str:
        """A connected account whose holder has said nothing yet."""
        made = self.v1.accounts.create(
            {
                "business_type": "individual",
                "capabilities": {"transfers": {"requested": True}},
                "controller": {
                    "fees": {"payer": "application"},
                    "losses": {"payments": "application"},
                    "requirement_collection": "stripe",
                    "stripe_dashboard": {"type": "express"},
                },
                "country": "DE",
                "email": "alice@example.org",
                **terms,
            }
        )
        return made.id

    def seller(self, person: str = "fine", **terms: Any) -> str:
        """A connected account whose holder has been one of the test persons."""
        account = self.open_account(**terms)
        self.onboard(account, person=person)
        return account

    def open_onboarding(self, account: str) -> str:
        made = self.v1.account_links.create(
            {
                "account": account,
                "type": "account_onboarding",
                "refresh_url": SHOP + "/again",
                "return_url": SHOP + "/came-back",
            }
        )
        return path_of(made.url)

    def onboard(self, account: str, **form: str) -> TestResponse:
        """Follow a link to the hosted page, and hand `form` in."""
        path = self.open_onboarding(account)
        self.browser.get(path)
        return self.browser.post(path, data=form)

    def taken(self, amount: int = 10_000) -> str:
        """The charge of a payment."""
        intent = self.charge(*self.saved_card(), amount)
        assert isinstance(intent.latest_charge, stripe.Charge)
        return intent.latest_charge.id

    def transfer(self, account: str, amount: int, **terms: Any) -> stripe.Transfer:
        return self.v1.transfers.create(
            {"amount": amount, "currency": "eur", "destination": account, **terms}
        )

    def held(self, account: str = "") -> tuple[int, int]:
        """What the platform, or a connected account, has available and pending, in cents."""
        read = self.v1.balance.retrieve({}, on_behalf(account))
        return sum(one.amount for one in read.available), sum(one.amount for one in read.pending)

    def lines(self, account: str = "") -> list[stripe.BalanceTransaction]:
        """All movements of a balance, oldest first."""
        page = self.v1.balance_transactions.list({"limit": 100}, on_behalf(account))
        return list(page.auto_paging_iter())[::-1]

    def kinds(self, account: str = "") -> list[str]:
        """The events so far, oldest first."""
        page = self.v1.events.list({"limit": 100}, on_behalf(account))
        return [event.type for event in reversed(page.data)]

    def open_page(self, mode: str, **terms: Any) -> stripe.checkout.Session:
        terms.setdefault("customer", self.v1.customers.create({"name": "Bob"}).id)
        if mode == "payment":
            price = {"currency": "eur", "unit_amount": 1_250, "product_data": {"name": "Olive oil"}}
            terms.setdefault("line_items", [{"price_data": price, "quantity": 2}])
        return self.v1.checkout.sessions.create(
            {
                "mode": mode,
                "allowed_payment_method_types": ["card"],
                "success_url": SHOP + "/done?session={CHECKOUT_SESSION_ID}",
                "cancel_url": SHOP + "/back",
                **terms,
            }
        )

    def use(self, url: str | None, number: str) -> TestResponse:
        """Pick a card on a hosted page, as a click on its button does."""
        return self.browser.post(path_of(url), data={"card": number})

    def answer_bank(self, url: str, answer: str) -> TestResponse:
        return self.browser.post(path_of(url), data={"answer": answer})


def on_behalf(account: str) -> Any:
    return {"stripe_account": account} if account else {}


def path_of(url: str | None) -> str:
    assert url is not None
    return urlsplit(url).path

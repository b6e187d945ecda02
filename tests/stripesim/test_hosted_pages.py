"""Checkout as a person meets it: pages, buttons, a bank that asks, and the way back."""

import pytest
import stripe

from stripesim.cards import CARDS
from stripesim.words import WORDS
from tests.stripesim.sandbox import START, Sandbox, path_of


def test_the_page_says_sandbox_and_offers_every_test_card(sandbox: Sandbox):
    session = sandbox.open_page("payment", locale="en")

    page = sandbox.browser.get(path_of(session.url))

    assert page.status_code == 200
    assert "No money moves here" in page.text
    assert "€25.00" in page.text
    for card in CARDS:
        assert f'value="{card.number}"' in page.text


@pytest.mark.parametrize(
    ("locale", "says"),
    [("de", "Hier fließt kein Geld"), ("nl", "Hier gaat geen geld om"), ("et", "No money moves")],
)
def test_the_page_speaks_the_language_it_is_asked_in(sandbox: Sandbox, locale: str, says: str):
    session = sandbox.open_page("setup", locale=locale)

    page = sandbox.browser.get(path_of(session.url))

    assert says in page.text
    assert f'lang="{locale if locale != "et" else "en"}"' in page.text


def test_without_a_language_the_browser_decides(sandbox: Sandbox):
    session = sandbox.open_page("setup")

    page = sandbox.browser.get(path_of(session.url), headers={"Accept-Language": "nl;q=1, de"})

    assert 'lang="de"' in page.text or 'lang="nl"' in page.text


def test_every_word_on_the_pages_has_two_translations():
    for card in CARDS:
        assert card.label in WORDS
        if card.decline is not None:
            assert card.decline.message in WORDS
    for translations in WORDS.values():
        assert len(translations) == 2
        assert all(translations)


def test_the_page_runs_no_script_and_leads_only_home(sandbox: Sandbox):
    session = sandbox.open_page("setup")

    page = sandbox.browser.get(path_of(session.url))

    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://shop.test" in policy
    assert "script" not in policy
    assert "<script" not in page.text
    assert "style=" not in page.text


def test_a_card_is_saved_on_the_page(sandbox: Sandbox):
    session = sandbox.open_page("setup", setup_intent_data={"metadata": {"pledge": "7"}})

    back = sandbox.use(session.url, "4242424242424242")

    assert back.status_code == 303
    assert back.location == f"http://shop.test/done?session={session.id}"
    done = sandbox.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["setup_intent.payment_method"]}
    )
    assert (done.status, done.payment_status, done.url) == ("complete", "no_payment_required", None)
    assert done.setup_intent.status == "succeeded"
    assert done.setup_intent.metadata["pledge"] == "7"
    assert done.setup_intent.payment_method.card.last4 == "4242"
    cards = sandbox.v1.customers.payment_methods.list(session.customer).data
    assert [card.id for card in cards] == [done.setup_intent.payment_method.id]
    assert sandbox.kinds()[-1] == "checkout.session.completed"


def test_a_payment_is_held_on_the_page(sandbox: Sandbox):
    session = sandbox.open_page(
        "payment",
        payment_intent_data={"capture_method": "manual", "setup_future_usage": "off_session"},
    )

    assert "held on the card and taken later" in sandbox.browser.get(path_of(session.url)).text
    sandbox.use(session.url, "4242 4242 4242 4242")

    done = sandbox.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge"]}
    )
    intent = done.payment_intent
    assert (done.status, done.payment_status) == ("complete", "unpaid")
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 2_500)
    shown = intent.latest_charge.payment_method_details.card
    assert shown.capture_before == START + 7 * 24 * 3600
    again = sandbox.charge(session.customer, intent.payment_method)
    assert again.status == "succeeded"


def test_a_declined_card_keeps_the_page_open_for_another(sandbox: Sandbox):
    session = sandbox.open_page("payment", locale="en")

    refused = sandbox.use(session.url, "4000000000009995")
    assert refused.status_code == 422
    assert "Your card has insufficient funds." in refused.text
    back = sandbox.use(session.url, "4242424242424242")

    assert back.status_code == 303
    intents = sandbox.v1.payment_intents.list().data
    assert [intent.status for intent in intents] == ["succeeded"]
    charges = sandbox.v1.charges.list().data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("4242424242424241", "number is incorrect"),
        ("not a card", "number is incorrect"),
        ("", "number is incorrect"),
        ("4111 1111 1111 1111", "used a non test card"),
    ],
)
def test_a_typed_number_is_checked_and_not_shown_again(sandbox: Sandbox, number: str, says: str):
    session = sandbox.open_page("setup", locale="en")

    refused = sandbox.browser.post(path_of(session.url), data={"number": number})

    assert refused.status_code == 422
    assert says in refused.text
    assert not number or number not in refused.text


@pytest.mark.parametrize("mode", ["setup", "payment"])
def test_the_bank_asks_and_the_cardholder_approves(sandbox: Sandbox, mode: str):
    session = sandbox.open_page(mode, locale="en")

    asked = sandbox.use(session.url, "4000002760003184")
    page = sandbox.browser.get(path_of(asked.location))
    back = sandbox.answer_bank(asked.location, "approve")

    assert "Your bank asks" in page.text
    _, _, destinations = page.headers["Content-Security-Policy"].partition("form-action")
    assert "http://shop.test" in destinations
    assert back.location == f"http://shop.test/done?session={session.id}"
    assert sandbox.v1.checkout.sessions.retrieve(session.id).status == "complete"
    assert sandbox.browser.get(path_of(asked.location)).status_code == 410
    assert sandbox.answer_bank(asked.location, "approve").status_code == 410


@pytest.mark.parametrize("mode", ["setup", "payment"])
def test_the_bank_asks_and_the_cardholder_refuses(sandbox: Sandbox, mode: str):
    session = sandbox.open_page(mode, locale="en")

    asked = sandbox.use(session.url, "4000002760003184")
    refused = sandbox.answer_bank(asked.location, "refuse")

    assert refused.status_code == 422
    assert "unable to authenticate" in refused.text
    assert sandbox.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert sandbox.use(session.url, "4242424242424242").status_code == 303


def test_a_page_works_once(sandbox: Sandbox):
    session = sandbox.open_page("payment", locale="en")
    sandbox.use(session.url, "4242424242424242")

    again = sandbox.use(session.url, "4242424242424242")

    assert again.status_code == 200
    assert "This is done" in again.text
    assert len(sandbox.v1.payment_intents.list().data) == 1


def test_a_page_closes_when_its_time_has_come(sandbox: Sandbox):
    session = sandbox.open_page("payment", locale="en", expires_at=START + 1800)
    sandbox.use(session.url, "4000000000000002")

    sandbox.advance(hours=0.5)
    page = sandbox.use(session.url, "4242424242424242")

    assert "This page has closed" in page.text
    assert sandbox.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert [one.status for one in sandbox.v1.payment_intents.list().data] == ["canceled"]
    assert "checkout.session.expired" in sandbox.kinds()


def test_a_page_can_be_closed_before(sandbox: Sandbox):
    session = sandbox.open_page("setup")

    sandbox.v1.checkout.sessions.expire(session.id)

    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.checkout.sessions.expire(session.id)
    assert sandbox.v1.setup_intents.list().data[0].status == "canceled"


def test_the_terms_of_the_shop_stand_on_the_page_as_text(sandbox: Sandbox):
    session = sandbox.open_page(
        "setup", custom_text={"submit": {"message": "At most <b>€30</b> on 4 May."}}
    )

    page = sandbox.browser.get(path_of(session.url))

    assert "At most &lt;b&gt;€30&lt;/b&gt; on 4 May." in page.text


@pytest.mark.parametrize(
    "path", ["/pay/cs_test_nobody", "/authentication/pi_x_secret_y", "/nowhere"]
)
def test_an_unknown_page_is_a_kind_404(sandbox: Sandbox, path: str):
    page = sandbox.browser.get(path)

    assert page.status_code == 404
    assert "There is nothing here" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_bank_is_not_reached_with_a_guessed_secret(sandbox: Sandbox):
    intent = sandbox.v1.payment_intents.create({"amount": 500, "currency": "eur"})

    page = sandbox.browser.get(f"/authentication/{intent.id}_secret_guessed")

    assert page.status_code == 404

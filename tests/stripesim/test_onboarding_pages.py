"""The pages of who is paid out: one short form, one click for a test person, and the dashboard."""

from typing import Any

import pytest
import stripe

from stripesim.account_pages import PAYOUT_WORDS, PEOPLE
from stripesim.ibans import IBANS
from stripesim.words import WORDS
from tests.stripesim.sandbox import SHOP, Sandbox, path_of

TYPED = {
    "name": "Frida Feige",
    "birthday": "1990-05-04",
    "line1": "Am Deich 7",
    "iban": "DE89 3704 0044 0532 0130 00",
}


def test_the_page_offers_every_test_person_and_iban(sandbox: Sandbox):
    page = sandbox.browser.get(sandbox.open_onboarding(sandbox.open_account()))

    assert page.status_code == 200
    for person in PEOPLE:
        assert f'value="{person.id}"' in page.text
    for iban in IBANS:
        assert iban.number in page.text


def test_every_word_of_these_pages_has_two_translations():
    said = [person.label for person in PEOPLE] + [iban.label for iban in IBANS]

    assert set(said) | set(PAYOUT_WORDS.values()) <= WORDS.keys()


@pytest.mark.parametrize(("language", "says"), [("de", "Testperson"), ("nl", "testpersoon")])
def test_the_page_speaks_the_language_of_the_browser(sandbox: Sandbox, language: str, says: str):
    path = sandbox.open_onboarding(sandbox.open_account())

    page = sandbox.browser.get(path, headers={"Accept-Language": language})

    assert says in page.text
    assert f'lang="{language}"' in page.text


def test_handing_in_leads_back(sandbox: Sandbox):
    account = sandbox.open_account()

    back = sandbox.onboard(account, **TYPED)

    assert (back.status_code, back.location) == (303, SHOP + "/came-back")
    assert sandbox.v1.accounts.retrieve(account).payouts_enabled


def test_leaving_leads_back_with_everything_still_wanted(sandbox: Sandbox):
    account = sandbox.open_account()

    page = sandbox.browser.get(sandbox.open_onboarding(account))

    assert f'href="{SHOP}/came-back"' in page.text
    assert not sandbox.v1.accounts.retrieve(account).details_submitted


@pytest.mark.parametrize("field", TYPED)
def test_what_is_missing_is_said_and_what_was_typed_stays(sandbox: Sandbox, field: str):
    account = sandbox.open_account()

    page = sandbox.onboard(account, **{**TYPED, field: " "})

    assert page.status_code == 422
    assert f'aria-describedby="{field}-wrong"' in page.text
    for other in ("name", "birthday", "line1"):
        assert (TYPED[other] in page.text) == (other != field)
    assert not sandbox.v1.accounts.retrieve(account).details_submitted


def test_an_iban_of_somebody_is_neither_taken_nor_shown_again(sandbox: Sandbox):
    account = sandbox.open_account()

    page = sandbox.onboard(account, **{**TYPED, "iban": "DE02120300000000202051"})

    assert page.status_code == 422
    assert "That is no test IBAN" in page.text
    assert "DE02120300000000202051" not in page.text


def test_a_link_opens_once(sandbox: Sandbox):
    path = sandbox.open_onboarding(sandbox.open_account())
    sandbox.browser.get(path)

    again = sandbox.browser.get(path)

    assert (again.status_code, again.location) == (302, SHOP + "/again")


def test_a_link_lapses_after_some_minutes(sandbox: Sandbox):
    path = sandbox.open_onboarding(sandbox.open_account())

    sandbox.advance(hours=0.1)

    assert sandbox.browser.get(path).location == SHOP + "/again"
    assert sandbox.browser.post(path, data={"person": "fine"}).location == SHOP + "/again"


def test_whoever_has_come_in_has_an_hour(sandbox: Sandbox):
    account = sandbox.open_account()
    path = sandbox.open_onboarding(account)
    sandbox.browser.get(path)

    sandbox.advance(hours=1)

    assert sandbox.browser.post(path, data={"person": "fine"}).location == SHOP + "/again"
    assert not sandbox.v1.accounts.retrieve(account).details_submitted


def test_nobody_hands_in_what_they_never_opened(sandbox: Sandbox):
    account = sandbox.open_account()

    answer = sandbox.browser.post(sandbox.open_onboarding(account), data={"person": "fine"})

    assert answer.location == SHOP + "/again"
    assert not sandbox.v1.accounts.retrieve(account).details_submitted


@pytest.mark.parametrize("path", ["/onboarding/acct_x_secret_y", "/dashboard/acct_x_secret_y"])
def test_a_guessed_address_leads_nowhere(sandbox: Sandbox, path: str):
    sandbox.open_account()

    assert sandbox.browser.get(path).status_code == 404


def test_the_second_visit_asks_for_what_is_wanted_then(sandbox: Sandbox):
    account = sandbox.seller("document")

    page = sandbox.browser.get(sandbox.open_onboarding(account))
    assert "Upload a test document" in page.text
    assert 'value="fine"' not in page.text
    sandbox.onboard(account, document="yes")

    assert "Nothing more is wanted" in sandbox.browser.get(sandbox.open_onboarding(account)).text


def test_who_was_rejected_is_told_so(sandbox: Sandbox):
    page = sandbox.browser.get(sandbox.open_onboarding(sandbox.seller("rejected")))

    assert "This account was rejected" in page.text
    assert "<form" not in page.text


def test_the_page_runs_no_script_and_leads_only_home(sandbox: Sandbox):
    page = sandbox.browser.get(sandbox.open_onboarding(sandbox.open_account()))

    policy = page.headers["Content-Security-Policy"]
    assert "form-action 'self' http://shop.test" in policy
    assert "script" not in policy
    assert "<script" not in page.text


def test_an_update_of_what_stripe_collects_is_refused(sandbox: Sandbox):
    terms: Any = {"type": "account_update", "return_url": SHOP, "refresh_url": SHOP}

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.account_links.create({"account": sandbox.open_account(), **terms})

    assert refusal.value.param == "type"


def test_the_dashboard_shows_the_balance_and_the_payouts_once(sandbox: Sandbox):
    account = sandbox.seller()
    sandbox.transfer(account, 4_000, source_transaction=sandbox.taken())
    sandbox.advance(days=4)
    sandbox.transfer(account, 500)
    sandbox.transfer(account, 1_000, source_transaction=sandbox.taken())
    path = path_of(sandbox.v1.accounts.login_links.create(account).url)

    page = sandbox.browser.get(path, headers={"Accept-Language": "en"})

    assert page.status_code == 200
    for amount in ("€5.00", "€10.00", "€40.00"):
        assert amount in page.text
    assert "to …3000" in page.text
    assert sandbox.browser.get(path).status_code == 410


def test_the_dashboard_of_an_empty_account_says_so(sandbox: Sandbox):
    path = path_of(sandbox.v1.accounts.login_links.create(sandbox.seller()).url)

    page = sandbox.browser.get(path)

    assert "Nothing has come yet" in page.text
    assert "Nothing was paid out yet" in page.text


def test_there_is_no_dashboard_before_anything_was_submitted(sandbox: Sandbox):
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.accounts.login_links.create(sandbox.open_account())

"""An order is changed and taken back."""

import re
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, WithdrawalPolicy
from services import buying
from tests import make_buying
from tests.make_members import unconfirmed
from tests.marketplace.buying_pages.orders import (
    article_id,
    commitment_of,
    entered,
    join,
    review,
    send,
)


def test_a_changed_order_goes_the_same_way(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, bob: Actor
) -> None:
    join(session, as_bob, oil, 3)
    made = commitment_of(session, oil, bob)
    shown = as_bob.get(f"/group-buys/{oil.slug}/order")
    fields = review(as_bob, oil, entered(session, oil, 7))

    answer = send(as_bob, f"/group-buys/{oil.slug}/commitments/{made.id}", data=fields)

    assert 'value="3"' in shown.text
    assert answer.status_code == 303
    assert commitment_of(session, oil, bob).worst_case_minor == 28000


def test_something_can_be_changed_without_losing_the_rest(
    session: Session, as_bob: FlaskClient, oil: GroupBuy
) -> None:
    typed = entered(session, oil, 4, note="Hallo")

    answer = send(as_bob, f"/group-buys/{oil.slug}/order", data={**typed, "edit": "1"})

    assert answer.status_code == 200
    assert 'value="4"' in answer.text
    assert "Hallo" in answer.text


def test_leaving_says_what_the_policy_allows_and_does_it(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, bob: Actor
) -> None:
    join(session, as_bob, oil, 3)
    made = commitment_of(session, oil, bob)
    address = f"/group-buys/{oil.slug}/commitments/{made.id}/withdrawal"

    asked = as_bob.get(address)
    first = send(as_bob, address, data={})
    second = send(as_bob, address, data={})

    assert "you can change your order or leave at any time" in asked.text
    assert (first.status_code, second.status_code) == (303, 303)
    assert make_buying.commitment_of(session, oil, bob.participant.id) is None
    assert oil.commitments_count == 0


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (
            WithdrawalPolicy.NOT_IF_IT_UNTIPS,
            "you can no longer leave or reduce your order",
        ),
        (
            WithdrawalPolicy.ONLY_WITH_REPLACEMENT,
            "once somebody on the waiting list takes your units, and nobody does so far",
        ),
    ],
)
def test_who_may_not_leave_any_more_is_told_so(
    session: Session,
    as_bob: FlaskClient,
    alice: Actor,
    bob: Actor,
    now: datetime,
    policy: WithdrawalPolicy,
    said: str,
) -> None:
    strict = make_buying.group_buy(session, alice, now=now, withdrawal_policy=policy)
    made = make_buying.join(session, strict, bob, 6, now=now)

    answer = send(as_bob, f"/group-buys/{strict.slug}/commitments/{made}/withdrawal", data={})

    assert answer.status_code == 409
    assert said in answer.text


def test_what_is_paused_can_be_left_and_not_changed(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = make_buying.join(session, oil, bob, now=now)
    buying.pause(session, oil, reason="A question.", actor=alice, now=now)
    page = as_bob.get(f"/group-buys/{oil.slug}").text
    address = f"/group-buys/{oil.slug}/commitments/{made}/withdrawal"

    assert "Whoever joined can leave." in page
    assert "Nobody can join any more" not in page
    assert "A question." in page
    assert address in page
    assert "Change my order" not in page
    assert send(as_bob, address, data={}).status_code == 303
    assert make_buying.commitment_of(session, oil, bob.participant.id) is None


@pytest.mark.parametrize("who", ["as_charlie", "as_alice"])
def test_nobody_leaves_for_somebody_else_not_even_the_organiser(
    request: pytest.FixtureRequest,
    session: Session,
    who: str,
    oil: GroupBuy,
    bob: Actor,
    now: datetime,
) -> None:
    browser = request.getfixturevalue(who)
    made = make_buying.join(session, oil, bob, now=now)
    address = f"/group-buys/{oil.slug}/commitments/{made}/withdrawal"

    assert browser.get(address).status_code == 404
    assert send(browser, address, data={}).status_code == 404
    assert commitment_of(session, oil, bob).is_alive


def test_who_is_not_confirmed_is_told_above_each_form_and_sends_the_mail_again(
    as_bob, browser_of, session, oil, now
):
    greta = unconfirmed(session, "Greta", now=now)
    at = f"/group-buys/{oil.slug}"
    paths = (at, f"{at}/order", f"{at}/articles", f"{at}/articles/{article_id(session, oil)}")

    for path in paths:
        told = browser_of(greta).get(path).text
        assert "Please confirm your e-mail address" in told, path
        assert 'action="/settings/email/confirmation"' in told, path
        assert "Please confirm your e-mail address" not in as_bob.get(path).text, path


def test_all_that_an_order_lacks_is_said_at_once(
    as_bob: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    deal = make_buying.group_buy(session, alice, now=now, by_card=True, at_pickup=True)
    can = article_id(session, deal)

    answer = send(as_bob, f"/group-buys/{deal.slug}/order", {f"units-{can}": ""})

    assert answer.status_code == 422
    for name in (f"units-{can}", "payment_method", "pickup_point"):
        assert f'id="field-{name}-error"' in answer.text


def test_a_limit_below_the_price_is_said_for_as_long_as_it_gets_nothing(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, bob: Actor, charlie: Actor, now: datetime
) -> None:
    make_buying.join(session, oil, bob, 3, highest_price_minor=3800, now=now)
    at = f"/group-buys/{oil.slug}"
    alone = as_bob.get(at).text
    make_buying.join(session, oil, charlie, 6, now=now)
    page = as_bob.get(at).text

    # What is limited below every price that can hold now moves the bar nowhere.
    assert 'class="progress__filled" width="0"' in alone
    assert "At the price as it stands you get nothing of it" not in alone
    assert "Olive oil costs €40.00 now, and you take it at €38.00 at most." in page
    assert "Waits for a lower price" in page
    assert "You are in" not in page
    assert "You are in" in alone


def test_a_highest_price_is_shown_as_its_reader_types_it(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, bob: Actor, now: datetime
) -> None:
    make_buying.join(session, oil, bob, 3, highest_price_minor=3850, now=now)
    [article] = buying.articles(session, oil)

    page = as_bob.get(f"/group-buys/{oil.slug}/order", headers={"Accept-Language": "de"}).text

    shown = re.search(rf'name="highest-{article.id}"[^>]*value="([^"]+)"', page)
    assert shown is not None
    assert shown[1] == "38,50"

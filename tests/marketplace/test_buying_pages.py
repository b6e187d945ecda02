"""The pages of a group buy: Alice sells olive oil to her street, Bob wants some of it."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import (
    Clearing,
    GroupBuy,
    GroupBuyCommitment,
    PaymentMethod,
    WithdrawalPolicy,
)
from models.collaborations import CommitmentState, NamedGuest, Visibility
from services import buying
from services.buying.reading import WHOLE_LIST
from services.clearing.proofs import Difference, Verdict
from tests import make, make_buying, make_running
from tests.counting import counted
from tests.make_members import unconfirmed


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def oil(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return make_buying.group_buy(session, alice, now=now)


def send(browser: FlaskClient, path: str, data: dict[str, Any], **how: Any) -> Any:
    """Send a form of ours, with the token that every page of this browser carries."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/proof").text)
    assert found is not None
    return browser.post(path, data={"csrf_token": found[1], **data}, **how)


def article_id(session: Session, group_buy: GroupBuy) -> int:
    return buying.articles(session, group_buy)[0].id


def entered(
    session: Session, group_buy: GroupBuy, units: object = 3, **more: Any
) -> dict[str, Any]:
    """What Bob types into the form of an order."""
    return {
        f"units-{article_id(session, group_buy)}": units,
        "payment_method": "at_pickup",
        "pickup_point": str(buying.pickup_points(session, group_buy)[0].id),
        **more,
    }


def hidden(page: str) -> dict[str, Any]:
    """The fields of the form with the button that binds."""
    form = page[: page.index("btn--binding")]
    form = form[form.rindex("<form") :]
    fields: dict[str, Any] = {}
    for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form):
        if name == "lines":
            fields.setdefault("lines", []).append(value)
        else:
            fields[name] = value
    return fields


def review(browser: FlaskClient, group_buy: GroupBuy, typed: dict[str, Any]) -> dict[str, Any]:
    answer = send(browser, f"/group-buys/{group_buy.slug}/order", data=typed)
    assert answer.status_code == 200, answer.text
    return hidden(answer.text)


def commitment_of(session: Session, group_buy: GroupBuy, actor: Actor) -> GroupBuyCommitment:
    found = make_buying.commitment_of(session, group_buy, actor.participant.id)
    assert found is not None
    return found


def join(
    session: Session, browser: FlaskClient, group_buy: GroupBuy, units: int = 3, **more: Any
) -> Any:
    """Enter, look, order."""
    fields = review(browser, group_buy, entered(session, group_buy, units, **more))
    return send(browser, f"/group-buys/{group_buy.slug}/commitments", data=fields)


def close(app: Flask, session: Session, group_buy: GroupBuy) -> None:
    buying.close(session, group_buy.id, now=group_buy.closes_at)
    session.flush()


# Looking.


def test_a_stranger_sees_prices_worst_case_and_how_to_join(
    client: FlaskClient, oil: GroupBuy
) -> None:
    page = client.get(f"/group-buys/{oil.slug}").text

    assert "Olive oil from Crete" in page
    assert "€40.00" in page
    assert "€36.00" in page
    assert "Base price now: €8.00 per l." in page
    assert "Prices include 7% VAT." in page
    assert "Sign in to join" in page
    assert "5 more units and it happens." in page
    assert "Alice" in page
    assert "Private" in page


def test_the_page_answers_in_the_declared_order(as_bob: FlaskClient, oil: GroupBuy) -> None:
    page = as_bob.get(f"/group-buys/{oil.slug}").text

    places = [
        page.index(mark)
        for mark in (
            *("<h1", 'id="standing"', "€40.00", 'id="act"', 'name="units-'),
            *('<div data-part="steps">', 'class="cover', 'id="who"', 'id="then"'),
            'id="questions"',
        )
    ]
    assert places == sorted(places)


def test_what_a_member_writes_cannot_run(
    session: Session, client: FlaskClient, alice: Actor, now: datetime
) -> None:
    evil = make_buying.group_buy(
        session,
        alice,
        now=now,
        title="<script>alert(1)</script> سلام 🫒",
        description="<img src=x onerror=alert(1)> **good** oil",
    )

    page = client.get(f"/group-buys/{evil.slug}").text

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<strong>good</strong>" in page


def test_an_organiser_who_sells_is_named_as_such(
    session: Session, client: FlaskClient, alice: Actor, now: datetime
) -> None:
    own = make_buying.group_buy(session, alice, now=now, supplier_id=alice.participant.id)

    assert "The organiser is the supplier" in client.get(f"/group-buys/{own.slug}").text


def test_the_standing_is_sent_again_only_when_it_changed(
    session: Session, client: FlaskClient, oil: GroupBuy, bob: Actor, now: datetime
) -> None:
    first = client.get(f"/group-buys/{oil.slug}/standing")
    again = client.get(
        f"/group-buys/{oil.slug}/standing", headers={"If-None-Match": first.headers["ETag"]}
    )
    make_buying.join(session, oil, bob, 6, now=now)
    changed = client.get(
        f"/group-buys/{oil.slug}/standing", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert again.data == b""
    assert "it would happen" in changed.text


def test_the_page_of_a_member_takes_few_statements(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, bob: Actor, now: datetime
) -> None:
    make_buying.join(session, oil, bob, 2, now=now)
    address = f"/group-buys/{oil.slug}"
    session.expire_all()

    with counted(session) as statements:
        assert as_bob.get(address).status_code == 200

    assert len(statements) <= 10, "\n".join(statements)


# Joining.


def test_nothing_is_kept_before_the_button_that_binds(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, bob: Actor
) -> None:
    page = send(as_bob, f"/group-buys/{oil.slug}/order", data=entered(session, oil)).text

    assert "Order with obligation to pay" in page
    assert "€120.00" in page
    assert "None: the seller is not a trader." in page
    assert "version 1" in page
    assert make_buying.commitment_of(session, oil, bob.participant.id) is None


def test_a_trader_says_who_they_are_above_the_button(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, alice: Actor
) -> None:
    alice.participant.is_trader = True
    alice.participant.trader_details = {"legal_name": "Alice Öl GmbH", "address": "Hafenstraße 1"}
    session.flush()

    page = send(as_bob, f"/group-buys/{oil.slug}/order", data=entered(session, oil)).text

    assert "Alice Öl GmbH" in page
    assert "within 14 days after you hold the goods" in page


def test_the_button_binds_to_what_was_shown(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, bob: Actor
) -> None:
    answer = join(session, as_bob, oil, 3)

    assert answer.status_code == 303
    made = commitment_of(session, oil, bob)
    assert (made.state, made.worst_case_minor) == (CommitmentState.ACTIVE, 12000)
    assert "It costs you €120.00 at most." in as_bob.get(answer.location).text


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (3, "€80.00 are held on your card, not charged, until it is decided."),
        (20, "Nothing is held on your card. It is charged only if it happens."),
    ],
)
def test_what_is_held_on_a_card_is_said_above_the_button(
    session: Session, as_bob: FlaskClient, alice: Actor, days: int, said: str, now: datetime
) -> None:
    made = make_buying.group_buy(
        session, alice, now=now, by_card=True, at_pickup=True,
        closes_at=now + timedelta(days=days),
    )  # fmt: skip
    at = f"/group-buys/{made.slug}/order"

    by_card = send(as_bob, at, data=entered(session, made, 2, payment_method="card")).text
    at_pickup = send(as_bob, at, data=entered(session, made, 2)).text

    assert said in by_card[: by_card.index("btn--binding")]
    assert "on your card" not in at_pickup


def test_what_comes_on_top_of_the_prices_is_said_where_they_stand(
    session: Session, client: FlaskClient, as_bob: FlaskClient, alice: Actor, bob: Actor,
    now: datetime,
) -> None:  # fmt: skip
    made = make_buying.group_buy(
        session, alice, now=now, share_rule="per_head", share_minor=150, share_ceiling_minor=200
    )
    said = "share, up to €2.00 for each order, comes on top of the prices."
    at = f"/group-buys/{made.slug}"

    assert said in client.get(at).text
    make_buying.join(session, made, bob, 1, now=now)
    assert said in as_bob.get(at).text.partition("It costs you")[2]


def test_by_card_the_next_step_is_to_enter_it(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, bob: Actor
) -> None:
    answer = join(session, as_bob, oil, 3, payment_method="card")

    made = commitment_of(session, oil, bob)
    assert made.payment_method == PaymentMethod.CARD
    assert answer.location.endswith(f"/payments/{made.id}")
    said = as_bob.get(answer.location).text
    assert "Noted. Only your card is missing now." in said
    assert "You are in. We write" not in said
    shown = as_bob.get(f"/group-buys/{oil.slug}").text
    assert "Then nothing happens: nobody pays" in shown


def test_a_double_click_binds_once(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, bob: Actor
) -> None:
    fields = review(as_bob, oil, entered(session, oil))

    first = send(as_bob, f"/group-buys/{oil.slug}/commitments", data=fields)
    second = send(as_bob, f"/group-buys/{oil.slug}/commitments", data=fields)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert oil.commitments_count == 1
    assert article_of(session, oil).active_units == 3


def article_of(session: Session, group_buy: GroupBuy) -> Any:
    return buying.articles(session, group_buy)[0]


def test_two_tabs_make_one_commitment_and_the_second_learns_why(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, bob: Actor
) -> None:
    one, other = (review(as_bob, oil, entered(session, oil, units)) for units in (3, 5))

    send(as_bob, f"/group-buys/{oil.slug}/commitments", data=one)
    late = send(as_bob, f"/group-buys/{oil.slug}/commitments", data=other, follow_redirects=True)

    assert "You have joined already." in late.text
    assert commitment_of(session, oil, bob).worst_case_minor == 12000


def test_going_back_after_leaving_does_not_join_again_by_itself(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, bob: Actor
) -> None:
    fields = review(as_bob, oil, entered(session, oil))
    send(as_bob, f"/group-buys/{oil.slug}/commitments", data=fields)
    made = commitment_of(session, oil, bob)
    send(as_bob, f"/group-buys/{oil.slug}/commitments/{made.id}/withdrawal", data={})

    send(as_bob, f"/group-buys/{oil.slug}/commitments", data=fields)

    assert make_buying.commitment_of(session, oil, bob.participant.id) is None


def test_a_repeat_is_answered_as_the_first_when_the_deal_is_closed(
    session: Session, as_bob: FlaskClient, oil: GroupBuy
) -> None:
    fields = review(as_bob, oil, entered(session, oil))
    first = send(as_bob, f"/group-buys/{oil.slug}/commitments", data=fields)

    with db.at(oil.closes_at + timedelta(minutes=1)):
        second = send(as_bob, f"/group-buys/{oil.slug}/commitments", data=fields)

    assert (second.status_code, second.location) == (303, first.location)


def test_one_key_for_two_orders_is_refused(
    session: Session, as_bob: FlaskClient, oil: GroupBuy
) -> None:
    fields = review(as_bob, oil, entered(session, oil))
    send(as_bob, f"/group-buys/{oil.slug}/commitments", data=fields)

    answer = send(as_bob, f"/group-buys/{oil.slug}/commitments", data={**fields, "note": "other"})

    assert answer.status_code == 422


def test_whoever_saw_other_terms_looks_again(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, bob: Actor
) -> None:
    fields = review(as_bob, oil, entered(session, oil))

    answer = send(
        as_bob, f"/group-buys/{oil.slug}/commitments", data={**fields, "terms_number": "7"}
    )

    assert answer.status_code == 409
    assert "The terms have changed since you looked" in answer.text
    assert make_buying.commitment_of(session, oil, bob.participant.id) is None


# Refusals are shown at their field, and nothing typed is lost.


@pytest.mark.parametrize(
    "units", ["", "-1", "3.5", "1e3", "٣", "🫒", "9" * 40, "<b>1</b>", "1000001"]
)
def test_units_that_are_none_are_refused_at_their_field(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, units: str
) -> None:
    typed = entered(session, oil, units, note="Bitte hinten klingeln")

    answer = send(as_bob, f"/group-buys/{oil.slug}/order", data=typed)

    assert answer.status_code == 422
    assert f'href="#field-units-{article_id(session, oil)}"' in answer.text
    assert "Bitte hinten klingeln" in answer.text


@pytest.mark.parametrize("price", ["10", "10,00", "-5", "EUR", "1e2"])
def test_a_highest_price_below_every_step_is_refused_at_its_field(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, price: str
) -> None:
    name = f"highest-{article_id(session, oil)}"

    answer = send(
        as_bob, f"/group-buys/{oil.slug}/order", data=entered(session, oil, **{name: price})
    )

    assert answer.status_code == 422
    assert f'href="#field-{name}"' in answer.text
    assert f'value="{price}"' in answer.text
    assert "%(" not in answer.text


def test_a_place_of_another_group_buy_is_refused_at_its_field(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, alice: Actor, now: datetime
) -> None:
    other = make_buying.group_buy(session, alice, now=now)
    point = buying.pickup_points(session, other)[0]

    answer = send(
        as_bob,
        f"/group-buys/{oil.slug}/order",
        data=entered(session, oil, pickup_point=str(point.id)),
    )

    assert answer.status_code == 422
    assert 'href="#field-pickup_point"' in answer.text


def test_who_comes_too_late_for_the_last_units_can_wait(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, bob: Actor, charlie: Actor, now: datetime
) -> None:
    make_buying.join(session, oil, charlie, 48, now=now)

    refused = send(as_bob, f"/group-buys/{oil.slug}/order", data=entered(session, oil, 3))
    answer = join(session, as_bob, oil, 3, may_wait="true")

    assert refused.status_code == 409
    assert "Only 2 units of Olive oil are left." in refused.text
    assert "Put me on the waiting list" in refused.text
    assert answer.status_code == 303
    assert commitment_of(session, oil, bob).state == CommitmentState.WAITING


def test_units_that_went_meanwhile_are_refused_with_all_that_was_typed(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, charlie: Actor, now: datetime
) -> None:
    fields = review(as_bob, oil, entered(session, oil, 5, note="Danke"))
    make_buying.join(session, oil, charlie, 48, now=now)

    answer = send(as_bob, f"/group-buys/{oil.slug}/commitments", data=fields)

    assert answer.status_code == 409
    assert "Only 2 units of Olive oil are left." in answer.text
    assert 'value="5"' in answer.text
    assert "Danke" in answer.text


def test_the_supplier_is_told_why_they_cannot_order(
    session: Session, as_alice: FlaskClient, alice: Actor, now: datetime
) -> None:
    own = make_buying.group_buy(session, alice, now=now, supplier_id=alice.participant.id)

    answer = send(as_alice, f"/group-buys/{own.slug}/order", data=entered(session, own))

    assert answer.status_code == 403
    assert "The supplier cannot order" in answer.text


@pytest.mark.parametrize(("minimum_units", "missing"), [(18, 4), (20, 10)])
def test_what_others_would_take_more_is_said_to_be_counted_in(
    as_bob: FlaskClient,
    session: Session,
    alice: Actor,
    charlie: Actor,
    now: datetime,
    minimum_units: int,
    missing: int,
) -> None:
    """Whether or not the threshold is a whole number of cases: with 20 units it is four cases."""
    bought = make_buying.olive_oil(case_size=6, minimum_units=minimum_units)
    oil = make_buying.group_buy(session, alice, now=now, articles=[bought])
    make_buying.join(session, oil, charlie, 7, now=now)
    said = "this is counted in what is missing"
    assert said not in as_bob.get(f"/group-buys/{oil.slug}").text

    make_buying.join(session, oil, make.actor(session, "Eve", now=now), 4, tolerance=3, now=now)

    page = as_bob.get(f"/group-buys/{oil.slug}").text
    assert f"{missing} more units and it happens." in page
    assert said in page


def test_the_terms_of_a_long_list_speak_of_goods_by_weight_that_nobody_ordered(
    as_bob: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    oils = [make_buying.olive_oil(name=f"Oil {at}") for at in range(WHOLE_LIST)]
    plain = make_buying.group_buy(session, alice, now=now, articles=[*oils, oils[0]])
    weighed = make_buying.group_buy(session, alice, now=now, articles=[*oils, make_buying.cheese()])
    said = "pay for the grams that are weighed"

    assert said not in as_bob.get(f"/group-buys/{plain.slug}").text
    assert said in as_bob.get(f"/group-buys/{weighed.slug}").text


def test_the_order_is_looked_at_with_the_price_as_it_stands(
    as_bob: FlaskClient, session: Session, oil: GroupBuy, charlie: Actor, now: datetime
) -> None:
    at = f"/group-buys/{oil.slug}/order"
    assert "now €36.00" not in send(as_bob, at, data=entered(session, oil)).text

    make_buying.join(session, oil, charlie, 20, now=now)

    page = send(as_bob, at, data=entered(session, oil)).text
    assert "€40.00" in page
    assert "now €36.00" in page
    assert "at that price you get nothing" not in page


def test_a_first_price_that_never_holds_is_explained(
    as_bob: FlaskClient, session: Session, alice: Actor, oil: GroupBuy, now: datetime
) -> None:
    bought = make_buying.olive_oil(tiers=[(1, 5000), (10, 4000)], minimum_units=10)
    dearer = make_buying.group_buy(session, alice, now=now, articles=[bought])
    said = "when it happens at all, a unit costs €40.00 or less"

    assert said in as_bob.get(f"/group-buys/{dearer.slug}").text
    assert "when it happens at all" not in as_bob.get(f"/group-buys/{oil.slug}").text


def test_a_change_that_was_shown_before_another_is_looked_at_again(
    as_bob: FlaskClient, session: Session, oil: GroupBuy, bob: Actor, now: datetime
) -> None:
    make_buying.join(session, oil, bob, 2, now=now)
    address = f"/group-buys/{oil.slug}/commitments/{commitment_of(session, oil, bob).id}"
    in_one_tab = review(as_bob, oil, entered(session, oil, 3))
    in_another = review(as_bob, oil, entered(session, oil, 5))
    assert send(as_bob, address, data=in_another).status_code == 303

    answer = send(as_bob, address, data=in_one_tab)

    assert answer.status_code == 409
    assert "Your order has changed since you looked." in answer.text
    assert [line.units for line in commitment_of(session, oil, bob).lines] == [5]


def test_whoever_would_pay_less_than_it_costs_now_is_told(
    as_bob: FlaskClient, session: Session, oil: GroupBuy, charlie: Actor, now: datetime
) -> None:
    make_buying.join(session, oil, charlie, 6, now=now)
    [article] = buying.articles(session, oil)
    typed = entered(session, oil, **{f"highest-{article.id}": "38"})

    page = send(as_bob, f"/group-buys/{oil.slug}/order", data=typed).text

    assert "now €40.00; at that price you get nothing" in page


def test_the_dearer_way_is_never_chosen_beforehand(
    session: Session, as_bob: FlaskClient, alice: Actor, now: datetime
) -> None:
    sends = make_buying.group_buy(session, alice, now=now, ships=True, shipping_ceiling_minor=900)

    page = as_bob.get(f"/group-buys/{sends.slug}").text
    unchosen = send(
        as_bob, f"/group-buys/{sends.slug}/order", data=entered(session, sends, pickup_point="")
    )
    homeless = send(
        as_bob, f"/group-buys/{sends.slug}/order", data=entered(session, sends, pickup_point="0")
    )
    sent_to = entered(session, sends, pickup_point="0", shipping_address="Am Deich 3")

    assert "checked" not in page[page.index('id="join"') : page.index('id="questions"')]
    assert 'href="#field-pickup_point"' in unchosen.text
    assert 'href="#field-shipping_address"' in homeless.text
    review = send(as_bob, f"/group-buys/{sends.slug}/order", data=sent_to).text
    assert "€129.00" in review
    assert re.search(r"Sending it</\w+>\s*<\w+[^>]*>€9.00<", review)
    assert "costs €9.00 more" in page
    assert "It can be sent to you for €9.00." in page
    assert "at most €9.00" not in page


# Changing and leaving.


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


# A long list.


@pytest.fixture
def market(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    """250 articles in two categories."""
    return make_buying.group_buy(
        session,
        alice,
        now=now,
        title="Everything for the larder",
        articles=[
            make_buying.olive_oil(
                name=f"Article {number:03}",
                category="Oil" if number % 2 else "Grain",
                order_number=f"N{number}",
                minimum_units=1,
                deposit_minor=25,
            )
            for number in range(250)
        ],
    )


def test_a_long_list_comes_in_pages_that_a_basket_remembers(
    session: Session, as_bob: FlaskClient, market: GroupBuy, bob: Actor
) -> None:
    every = buying.articles(session, market)
    first = as_bob.get(f"/group-buys/{market.slug}/articles")
    following = re.search(r'name="next" value="([^"]+)"', first.text)
    assert following is not None

    onward = send(
        as_bob,
        f"/group-buys/{market.slug}/basket",
        data={f"units-{every[0].id}": "2", "next": following[1], "onward": "1"},
    )
    second = as_bob.get(onward.location)
    there = send(
        as_bob,
        f"/group-buys/{market.slug}/basket",
        data={f"units-{every[120].id}": "3", "review": "1"},
    )
    shown = as_bob.get(there.location)

    assert "Article 099" in first.text
    assert "Article 100" not in first.text
    assert "Article 100" in second.text
    assert "Article 000: 2 units" in second.text
    assert "Article 000" in shown.text
    assert "Article 120" in shown.text
    assert make_buying.commitment_of(session, market, bob.participant.id) is None


def test_what_is_wrong_is_shown_where_it_stands_whatever_is_sought(
    session: Session, as_bob: FlaskClient, market: GroupBuy
) -> None:
    every = buying.articles(session, market)
    typed = {f"units-{every[0].id}": "3", f"units-{every[1].id}": "-1"}

    answer = send(
        as_bob,
        f"/group-buys/{market.slug}/basket",
        data={**typed, "q": "article 200", "sought": "", "sought_category": "", "search": "1"},
    )

    assert answer.status_code == 422
    boxes = dict(re.findall(r'name="(units-[0-9]+)"[^>]* value="([^"]*)"', answer.text))
    assert boxes.items() >= typed.items()
    assert f'id="field-units-{every[1].id}-error"' in answer.text


def test_what_was_gathered_is_ordered_and_forgotten(
    session: Session, as_bob: FlaskClient, market: GroupBuy, bob: Actor
) -> None:
    every = buying.articles(session, market)
    wanted = {f"units-{every[1].id}": "2", f"units-{every[2].id}": "1"}
    send(as_bob, f"/group-buys/{market.slug}/basket", data={**wanted, "review": "1"})
    point = buying.pickup_points(session, market)[0]
    fields = review(
        as_bob,
        market,
        {**wanted, "payment_method": "at_pickup", "pickup_point": str(point.id)},
    )

    send(as_bob, f"/group-buys/{market.slug}/commitments", data=fields)

    made = commitment_of(session, market, bob)
    assert made.worst_case_minor == 3 * (4000 + 25)
    assert buying.gathered(session, market, bob.participant.id) == {}


def test_a_long_list_changes_units_and_keeps_the_rest(
    session: Session, as_bob: FlaskClient, market: GroupBuy, bob: Actor, now: datetime
) -> None:
    first = article_id(session, market)
    buying.gather(session, market, {first: buying.Wanted(first, 2, 1, 3700)}, actor=bob, now=now)

    send(as_bob, f"/group-buys/{market.slug}/basket", data={f"units-{first}": "5"})

    kept = buying.gathered(session, market, bob.participant.id)
    assert kept == {first: buying.Wanted(first, 5, 1, 3700)}


def test_one_article_of_many_is_ordered_by_its_name_and_price(
    as_bob: FlaskClient, session: Session, market: GroupBuy, bob: Actor, now: datetime
) -> None:
    first = article_id(session, market)
    buying.gather(session, market, {first: buying.Wanted(first, 2)}, actor=bob, now=now)

    page = as_bob.get(f"/group-buys/{market.slug}/order").text

    assert re.search(rf'<label[^>]* for="field-units-{first}">Article 000</label>', page)
    assert "€40.00 at most each" in page


def test_a_long_list_asks_for_tolerance_and_highest_price_too(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    articles = [make_buying.olive_oil(name=name, case_size=6) for name in ("Rice", "Lentils")]
    pantry = make_buying.group_buy(session, alice, now=now, articles=articles)
    rice = article_id(session, pantry)
    at = f"/group-buys/{pantry.slug}"
    typed = {f"units-{rice}": "4", f"tolerance-{rice}": "2", f"highest-{rice}": "36.50"}

    asked = as_bob.get(f"{at}/articles").text
    send(as_bob, f"{at}/basket", data=typed)
    shown = as_bob.get(f"{at}/articles").text
    send(as_bob, f"{at}/basket", data={**typed, f"tolerance-{rice}": "", f"highest-{rice}": ""})

    assert f'name="tolerance-{rice}"' in asked
    assert 'value="36.50"' in shown
    kept = buying.gathered(session, pantry, bob.participant.id)
    assert kept == {rice: buying.Wanted(rice, 4, 0, None)}


def test_searching_keeps_what_was_typed(
    session: Session, as_bob: FlaskClient, market: GroupBuy, bob: Actor
) -> None:
    first = article_id(session, market)
    address = f"/group-buys/{market.slug}/basket"

    answer = send(
        as_bob,
        address,
        data={f"units-{first}": "4", "q": "article 200", "category": "Grain", "search": "1"},
    )
    found = as_bob.get(answer.location).text

    assert 'aria-label="How many of Article 200?"' in found
    assert 'aria-label="How many of Article 000?"' not in found
    assert "Article 000: 4 units" in found


def test_a_basket_is_emptied_and_an_order_stays(
    session: Session, as_bob: FlaskClient, as_charlie: FlaskClient, client: FlaskClient,
    market: GroupBuy, bob: Actor, charlie: Actor, now: datetime,
) -> None:  # fmt: skip
    first, second = (one.id for one in buying.articles(session, market)[:2])
    bound = make_buying.join(session, market, bob, 2, now=now)
    at = f"/group-buys/{market.slug}/basket"
    for browser in (as_bob, as_charlie):
        send(browser, at, data={f"units-{first}": "3", f"units-{second}": "4"})

    emptied = send(as_bob, f"{at}/emptying", data={})

    assert emptied.status_code == 303
    assert emptied.location == f"/group-buys/{market.slug}/articles"
    mine = session.get_one(GroupBuyCommitment, bound)
    kept = buying.gathered(session, market, bob.participant.id, mine)
    assert {article: one.units for article, one in kept.items()} == {first: 2}
    said = as_bob.get(emptied.location).text
    assert "Your changes are forgotten. What you ordered stays as it is." in said
    others = buying.gathered(session, market, charlie.participant.id, None)
    assert {article: one.units for article, one in others.items()} == {first: 3, second: 4}
    assert send(as_bob, f"{at}/emptying", data={}).status_code == 303
    assert send(client, f"{at}/emptying", data={}).location.startswith("/sign-in")


def test_a_list_is_searched_and_narrowed_by_its_address(
    as_bob: FlaskClient, market: GroupBuy
) -> None:
    found = as_bob.get(f"/group-buys/{market.slug}/articles?q=article 007")
    oils = as_bob.get(f"/group-buys/{market.slug}/articles?category=Oil")
    none = as_bob.get(f"/group-buys/{market.slug}/articles?q=%25")

    assert "Article 007" in found.text
    assert "Article 008" not in found.text
    assert "Article 001" in oils.text
    assert "Article 002" not in oils.text
    assert "No article fits" in none.text


def test_the_list_takes_few_statements(
    session: Session, as_bob: FlaskClient, market: GroupBuy, bob: Actor
) -> None:
    every = buying.articles(session, market)
    send(as_bob, f"/group-buys/{market.slug}/basket", data={f"units-{every[0].id}": "2"})
    address = f"/group-buys/{market.slug}/articles"
    session.expire_all()

    with counted(session) as statements:
        assert as_bob.get(address).status_code == 200

    assert len(statements) <= 15, "\n".join(statements)


def test_wrong_quantities_stay_in_the_list(
    session: Session, as_bob: FlaskClient, market: GroupBuy
) -> None:
    name = f"units-{article_id(session, market)}"

    answer = send(as_bob, f"/group-buys/{market.slug}/basket", data={name: "many"})

    assert answer.status_code == 422
    assert 'value="many"' in answer.text
    assert f'id="field-{name}-error"' in answer.text


def test_an_article_of_elsewhere_does_not_come_into_the_basket(
    session: Session, as_bob: FlaskClient, market: GroupBuy, oil: GroupBuy, bob: Actor
) -> None:
    answer = send(
        as_bob, f"/group-buys/{market.slug}/basket", data={f"units-{article_id(session, oil)}": "1"}
    )

    assert answer.status_code == 422
    assert buying.gathered(session, market, bob.participant.id) == {}


# The decision and the accounts.


def test_everyone_can_have_the_decision_cleared_again(
    app: Flask,
    session: Session,
    client: FlaskClient,
    oil: GroupBuy,
    bob: Actor,
    tmp_path: Any,
    now: datetime,
) -> None:
    before = client.get(f"/group-buys/{oil.slug}/proof")
    make_buying.join(session, oil, bob, 6, now=now)
    close(app, session, oil)

    page = client.get(f"/group-buys/{oil.slug}/proof")
    download = client.get(f"/group-buys/{oil.slug}/proof.json")
    upload = send(client, "/proof", data={"proof": (tmp_file(tmp_path, download.data), "p.json")})

    assert "Nothing has been decided here yet" in before.text
    assert "It agrees" in page.text
    assert download.json is not None
    assert download.json["outcome"]["succeeded"] is True
    assert "Bob" not in download.text
    assert "It agrees" in upload.text


def tmp_file(directory: Any, content: bytes) -> Any:
    path = directory / "proof.json"
    path.write_bytes(content)
    return path.open("rb")


def test_a_proof_that_was_tampered_with_does_not_agree(
    app: Flask,
    session: Session,
    client: FlaskClient,
    oil: GroupBuy,
    bob: Actor,
    tmp_path: Any,
    now: datetime,
) -> None:
    make_buying.join(session, oil, bob, 6, now=now)
    close(app, session, oil)
    document = client.get(f"/group-buys/{oil.slug}/proof.json").json
    assert document is not None
    document["outcome"]["articles"][0]["price_minor"] = 1
    changed = tmp_file(tmp_path, json.dumps(document).encode())

    answer = send(client, "/proof", data={"proof": (changed, "p.json")})

    assert answer.status_code == 200
    assert "It does not agree" in answer.text
    assert "outcome.articles[0].price_minor" in answer.text


def test_a_decision_that_was_cleared_again_is_remembered(
    app: Flask, session: Session, client: FlaskClient, oil: GroupBuy
) -> None:
    close(app, session, oil)
    page = f"/group-buys/{oil.slug}/proof"
    first = client.get(page).text

    remembered = app.extensions["verdicts"]
    remembered[buying.clearing(session, oil).sha256] = Verdict((Difference("lines", 1, 2),))
    second = client.get(page).text
    remembered.clear()

    assert "It agrees" in first
    assert "It does not agree" in second


def test_a_proof_written_in_an_older_way_is_still_shown(
    app: Flask, session: Session, client: FlaskClient, oil: GroupBuy, now: datetime
) -> None:
    close(app, session, oil)
    made = buying.clearing(session, oil)
    older = {name: part for name, part in made.proof.items() if name != "step"}
    session.add(
        Clearing(
            collaboration_id=oil.id,
            number=2,
            why=made.why,
            proof=older,
            sha256="0" * 64,
            cleared_at=now,
        )
    )

    page = client.get(f"/group-buys/{oil.slug}/proof?number=2")

    assert page.status_code == 200
    assert "It cannot be checked" in page.text


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff\xfe", b"[" * 5000, b'{"format": 1}'])
def test_what_is_no_proof_is_refused_at_its_field(
    client: FlaskClient, tmp_path: Any, content: bytes
) -> None:
    answer = send(client, "/proof", data={"proof": (tmp_file(tmp_path, content), "p.json")})

    assert answer.status_code == 422
    assert 'href="#field-proof"' in answer.text


def test_a_proof_is_replayed_by_a_command(
    app: Flask,
    session: Session,
    client: FlaskClient,
    oil: GroupBuy,
    bob: Actor,
    tmp_path: Any,
    now: datetime,
) -> None:
    make_buying.join(session, oil, bob, 6, now=now)
    close(app, session, oil)
    path = tmp_path / "proof.json"
    path.write_bytes(client.get(f"/group-buys/{oil.slug}/proof.json").data)
    run = app.test_cli_runner()

    good = run.invoke(args=["buying", "replay", str(path)])
    path.write_text("{}")
    bad = run.invoke(args=["buying", "replay", str(path)])

    assert (good.exit_code, bad.exit_code) == (0, 2)
    assert "The proof agrees" in good.output


def test_the_accounts_are_open_to_those_who_take_part(
    app: Flask,
    session: Session,
    as_bob: FlaskClient,
    as_charlie: FlaskClient,
    as_alice: FlaskClient,
    client: FlaskClient,
    oil: GroupBuy,
    bob: Actor,
    now: datetime,
) -> None:
    make_buying.join(session, oil, bob, 6, now=now)
    close(app, session, oil)
    address = f"/group-buys/{oil.slug}/accounts"

    page = as_bob.get(address).text
    assert re.search(r"Still to come in</dt>\s*<dd[^>]*>€240.00<", page)
    assert re.search(r"Received and not yet paid on</dt>\s*<dd[^>]*>€0.00<", page)
    assert as_alice.get(address).status_code == 200
    assert as_charlie.get(address).status_code == 403
    assert client.get(address).status_code == 403


def test_the_history_is_told_in_words_and_without_names(
    app: Flask, session: Session, client: FlaskClient, oil: GroupBuy, bob: Actor, now: datetime
) -> None:
    make_buying.join(session, oil, bob, 6, now=now)
    close(app, session, oil)

    page = client.get(f"/group-buys/{oil.slug}/history").text

    assert "Someone joined." in page
    assert "It closed and it happens." in page
    assert "Bob" not in page


def test_who_takes_part_reads_what_became_of_it(
    app: Flask, session: Session, as_bob: FlaskClient, oil: GroupBuy, bob: Actor, now: datetime
) -> None:
    make_buying.join(session, oil, bob, 6, now=now)
    close(app, session, oil)

    page = as_bob.get(f"/group-buys/{oil.slug}").text

    assert "It costs you €240.00." in page
    assert "Pay when you fetch it" in page
    assert "Check the decision" in page


# Who may know and do what.

READ = ("", "/standing", "/history", "/proof", "/articles")


@pytest.mark.parametrize("visibility", [Visibility.LINK, Visibility.NAMED])
def test_what_is_not_public_leaves_no_trace(
    session: Session,
    client: FlaskClient,
    as_charlie: FlaskClient,
    alice: Actor,
    now: datetime,
    visibility: Visibility,
) -> None:
    hidden_away = make_buying.group_buy(session, alice, now=now, visibility=visibility)
    nowhere = client.get("/group-buys/there-is-none")

    for browser in (client, as_charlie):
        for page in (*READ, "/accounts", "/proof.json"):
            answer = browser.get(f"/group-buys/{hidden_away.slug}{page}")
            assert answer.status_code == 404
            assert hidden_away.title not in answer.text
    typed = entered(session, hidden_away)
    assert send(as_charlie, f"/group-buys/{hidden_away.slug}/order", data=typed).status_code == 404
    assert send(as_charlie, f"/group-buys/{hidden_away.slug}/basket", data=typed).status_code == 404
    assert nowhere.status_code == 404


def test_whoever_has_the_link_joins_by_it(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    quiet = make_buying.group_buy(session, alice, now=now, visibility=Visibility.LINK)
    key = f"?key={quiet.link_key}"

    page = as_bob.get(f"/group-buys/{quiet.slug}{key}")
    shown = send(as_bob, f"/group-buys/{quiet.slug}/order{key}", data=entered(session, quiet))
    answer = send(as_bob, f"/group-buys/{quiet.slug}/commitments{key}", data=hidden(shown.text))

    assert f"/group-buys/{quiet.slug}/order{key}" in page.text
    assert f"/group-buys/{quiet.slug}/commitments{key}" in shown.text
    assert answer.status_code == 303
    assert commitment_of(session, quiet, bob).is_alive
    assert as_bob.get(f"/group-buys/{quiet.slug}").status_code == 200


def test_named_guests_see_what_is_for_them(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    private = make_buying.group_buy(session, alice, now=now, visibility=Visibility.NAMED)
    session.add(NamedGuest(collaboration_id=private.id, participant_id=bob.participant.id))
    session.flush()

    assert as_bob.get(f"/group-buys/{private.slug}").status_code == 200


def test_a_group_buy_that_was_called_off_says_why(client, session, alice, now):
    deal = make_buying.group_buy(session, alice, now=now)
    buying.cancel(session, deal, reason="The mill <burned> down.", actor=alice, now=now)
    session.flush()

    page = client.get(f"/group-buys/{deal.slug}").text

    assert "The mill &lt;burned&gt; down." in page


def test_what_became_of_goods_is_read_by_those_who_took_part_alone(
    client, as_alice, as_bob, as_charlie, session, alice, bob, now
):
    deal = make_running.closed(session, alice, [(bob, 10)], now=now)
    make_running.handing_over(session, deal, alice)
    at = deal.closes_at + timedelta(days=4)
    buying.complete(session, deal, unclaimed="The food bank took it.", actor=alice, now=at)
    path = f"/group-buys/{deal.slug}/history"

    for reader in (as_bob, as_alice):
        assert "The food bank took it." in reader.get(path).text
    for stranger in (client, as_charlie):
        page = stranger.get(path).text
        assert "The hand-over is over." in page
        assert "The food bank" not in page


def test_what_is_not_ordered_yet_is_not_on_its_way(client, session, alice, bob, now):
    deal = make_running.closed(session, alice, [(bob, 10)], now=now)
    session.flush()
    path = f"/group-buys/{deal.slug}"

    before = client.get(path).text
    make_running.ordered(session, deal, alice)
    session.flush()
    ordered = client.get(path).text
    make_running.handing_over(session, deal, alice)
    session.flush()
    ready = client.get(path).text

    assert "Being ordered" in before
    assert "The goods are being ordered." in before
    assert "their way" not in before
    assert "Being ordered" not in ordered
    assert "The goods are ordered and on their way." in ordered
    assert "The goods can be fetched." in ready
    history = client.get(f"{path}/history").text
    assert "The goods can be fetched." in history
    assert "are packed" not in history


CONDITIONAL = (
    "would happen", "and it happens", "would be ordered", "if it closed", "for it to happen",
    "Price now", "Base price now", "to go<", "bring it down", " next<", "enough for this article",
)  # fmt: skip


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ("running", "It is decided: it happens."),
        ("completed", "It was decided: it happened."),
        ("failed", "It was decided: it did not happen."),
        ("cancelled", "It was called off."),
        ("cancelled late", "It was called off."),
    ],
)
def test_what_is_decided_is_said_and_nothing_stays_conditional(
    client, session, alice, bob, now, many, ends, said
):
    articles = [make_buying.olive_oil(), make_buying.olive_oil(name="Soap")][: 1 + many]
    deal = make_buying.group_buy(session, alice, now=now, articles=articles)
    make_buying.join(session, deal, bob, 2 if ends == "failed" else 7, now=now)
    if ends == "cancelled":
        buying.cancel(session, deal, reason="It rains.", actor=alice, now=now)
    else:
        buying.close(session, deal.id, now=deal.closes_at)
    if ends == "completed":
        make_running.handing_over(session, deal, alice)
        buying.complete(session, deal, unclaimed="Kept.", actor=alice, now=deal.closes_at)
    if ends == "cancelled late":
        buying.cancel(session, deal, reason="It rains.", actor=alice, now=deal.closes_at)
    session.flush()
    address = f"/group-buys/{deal.slug}"
    paths = (address, f"{address}/standing", f"{address}/articles/{article_id(session, deal)}")

    pages = {path: client.get(path).text for path in (*paths, f"{address}/articles")}

    for path, page in pages.items():
        assert [words for words in CONDITIONAL if words in page] == [], path
    assert said in pages[f"{address}/standing"]

"""Bob orders: he enters, looks, and is bound once."""

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy, PaymentMethod
from models.collaborations import CommitmentState
from tests import make_buying
from tests.marketplace.buying_pages.orders import (
    article_of,
    commitment_of,
    entered,
    join,
    review,
    send,
)


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
    assert "You are in" not in said
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

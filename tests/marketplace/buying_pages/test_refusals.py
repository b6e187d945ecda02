"""Refusals are shown at their field, and nothing typed is lost."""

import re
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import CommitmentState
from services import buying
from services.buying.reading import WHOLE_LIST
from tests import make, make_buying
from tests.marketplace.buying_pages.orders import (
    article_id,
    commitment_of,
    entered,
    join,
    review,
    send,
)


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

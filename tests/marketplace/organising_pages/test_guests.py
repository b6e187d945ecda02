"""Orders are taken for people without e-mail."""

import re
from dataclasses import replace
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import jobs
from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment
from models.collaborations import CommitmentState
from models.participants import Participant, ParticipantKind
from models.payments import PaymentState
from services import buying
from services.buying import amending, describing
from tests import make_buying, make_running
from tests.marketplace.organising_pages.typed import guest_order
from tests.pages import send


def test_nothing_typed_for_a_guest_is_lost_while_articles_are_sought(
    as_alice: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    many = [make_buying.olive_oil(name=f"Article {number:03}") for number in range(120)]
    deal = make_buying.group_buy(session, alice, now=now, articles=many)
    every = buying.articles(session, deal)
    at = f"/group-buys/{deal.slug}/desk/guest-orders"
    typed = {"name": "Frau Meyer", "contact": "0471 1234", f"units-{every[0].id}": "2"}

    found = send(as_alice, at, **typed, q="Article 117", search="words")
    following = re.search(r'name="next" value="([^"]+)"', as_alice.get(f"{at}/new").text)
    assert following is not None
    onward = send(as_alice, at, **typed, next=following[1], search="next")
    [point] = buying.pickup_points(session, deal)
    more = {f"units-{every[117].id}": "1", "pickup_point": str(point.id)}
    taken = send(as_alice, at, **typed, **more)

    for page, new in ((found, every[117]), (onward, every[50])):
        assert page.status_code == 200
        boxes = dict(re.findall(r'name="([a-z0-9-]+)"[^>]* value="([^"]*)"', page.text))
        assert boxes.items() >= typed.items()
        assert f"units-{new.id}" in boxes
    assert taken.status_code == 303
    [order] = session.scalars(select(GroupBuyCommitment)).all()
    assert {line.article_id for line in order.lines} == {every[0].id, every[117].id}


def test_an_order_is_taken_changed_and_taken_back_for_a_guest(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy
) -> None:
    at = f"/group-buys/{open_deal.slug}/desk/guest-orders"
    [oil] = buying.articles(session, open_deal)

    assert send(as_alice, at, **guest_order(session, open_deal)).status_code == 303
    order = session.scalars(select(GroupBuyCommitment)).one()
    assert order.participant.kind == ParticipantKind.GUEST
    assert as_alice.get(f"{at}/{order.id}").status_code == 200

    more = guest_order(session, open_deal, **{f"units-{oil.id}": "5"})
    assert send(as_alice, f"{at}/{order.id}", **more).status_code == 303
    session.refresh(order)
    assert order.lines[0].units == 5
    assert send(as_alice, f"{at}/{order.id}/withdrawal").status_code == 303
    session.refresh(order)
    assert order.state == CommitmentState.WITHDRAWN


def test_a_trader_reads_why_they_order_for_no_guests(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, alice: Actor
) -> None:
    alice.participant.is_trader = True
    at = f"/group-buys/{open_deal.slug}/desk/guest-orders"

    page = as_alice.get(f"{at}/new")
    sent = send(as_alice, at, **guest_order(session, open_deal))

    assert "Whoever sells cannot take orders for guests" in page.text
    assert "obligation to pay" not in page.text
    assert sent.status_code == 403
    assert "Please let them order themselves." in sent.text
    assert session.scalars(select(Participant).filter_by(kind=ParticipantKind.GUEST)).all() == []


def test_a_known_guest_orders_again_but_once_a_deal(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy
) -> None:
    at = f"/group-buys/{open_deal.slug}/desk/guest-orders"
    send(as_alice, at, **guest_order(session, open_deal))
    guest = session.scalars(select(Participant).filter_by(kind=ParticipantKind.GUEST)).one()

    again = send(as_alice, at, **guest_order(session, open_deal, name="", guest=str(guest.id)))

    assert again.status_code == 409
    assert "Change your commitment instead" in again.text


@pytest.mark.parametrize(
    "overrides",
    [{"name": ""}, {"units": "0"}, {"units": "-1"}, {"units": "many"}, {"units": "51"},
     {"pickup_point": ""}, {"pickup_point": "999999"}, {"name": "x" * 81}],
)  # fmt: skip
def test_an_impossible_guest_order_is_refused_with_what_was_typed(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, overrides: dict[str, str]
) -> None:
    [oil] = buying.articles(session, open_deal)
    said = dict(overrides)
    if "units" in said:
        said[f"units-{oil.id}"] = said.pop("units")

    answer = send(
        as_alice,
        f"/group-buys/{open_deal.slug}/desk/guest-orders",
        **guest_order(session, open_deal, **said),
    )

    assert answer.status_code in (409, 422)
    assert 'value="0471 1234"' in answer.text
    assert session.scalars(select(GroupBuyCommitment)).all() == []


def test_a_guest_pays_when_the_organiser_says_so(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, alice: Actor, now: datetime
) -> None:
    [oil] = buying.articles(session, open_deal)
    order = guest_order(session, open_deal, **{f"units-{oil.id}": "6"})
    send(as_alice, f"/group-buys/{open_deal.slug}/desk/guest-orders", **order)
    buying.close(session, open_deal.id, now=open_deal.closes_at)
    make_running.handing_over(session, open_deal, alice)
    found = session.scalars(select(GroupBuyCommitment)).one()
    at = f"/group-buys/{open_deal.slug}/desk"

    assert send(as_alice, f"{at}/hand-over/{found.id}", with_cash="true").status_code == 303
    assert send(as_alice, f"{at}/completion").status_code == 303
    assert send(as_alice, f"{at}/settlement").status_code == 303

    payment = make_running.payments.of_commitment(session, found.id)
    assert payment is not None
    assert payment.state == PaymentState.PAID


def test_the_order_of_a_member_is_theirs(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, bob: Actor, now: datetime
) -> None:
    order_id = make_buying.join(session, open_deal, bob, 1, now=now)
    at = f"/group-buys/{open_deal.slug}/desk/guest-orders/{order_id}"

    assert as_alice.get(at).status_code == 404
    assert send(as_alice, f"{at}/withdrawal").status_code == 404


def test_a_guest_is_asked_before_their_order_agrees_to_new_terms(
    app: Flask,
    as_alice: FlaskClient,
    session: Session,
    open_deal: GroupBuy,
    alice: Actor,
    now: datetime,
) -> None:
    at = f"/group-buys/{open_deal.slug}/desk/guest-orders"
    send(as_alice, at, **guest_order(session, open_deal, name="Frau Meyer"))
    order = session.scalars(select(GroupBuyCommitment)).one()
    assert "has to be asked" not in as_alice.get(f"{at}/{order.id}").text
    buying.organised(session, open_deal.slug, actor=alice, lock=True)
    [oil] = buying.articles(session, open_deal)
    dearer = replace(describing.said_of(oil), tiers=[(1, 4400)])
    amending.amend(
        session, open_deal, amending.Amendment({}, {oil.id: dearer}), actor=alice, now=now
    )

    page = as_alice.get(f"{at}/{order.id}").text
    with app.app_context():
        jobs.run_due(at=now)

    assert "Frau Meyer has to be asked" in page
    assert "They agree: save the order" in page
    # Alice is told which guest of hers is meant.
    assert "For Frau Meyer: You have joined" in as_alice.get("/notices").text


def test_who_agrees_for_a_guest_agrees_to_the_new_price(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, alice: Actor, now: datetime
) -> None:
    at = f"/group-buys/{open_deal.slug}/desk/guest-orders"
    said = guest_order(session, open_deal, name="Frau Meyer")
    send(as_alice, at, **said)
    order = session.scalars(select(GroupBuyCommitment)).one()
    buying.organised(session, open_deal.slug, actor=alice, lock=True)
    [oil] = buying.articles(session, open_deal)
    dearer = replace(describing.said_of(oil), tiers=[(1, 4400)])
    amending.amend(
        session, open_deal, amending.Amendment({}, {oil.id: dearer}), actor=alice, now=now
    )

    answer = send(as_alice, f"{at}/{order.id}", **said)

    session.refresh(order)
    session.refresh(oil)
    [line] = order.lines
    assert answer.status_code == 303
    assert open_deal.has_consent_of(order)
    assert (line.highest_price_minor, oil.demand_units) == (4400, [line.units])


def test_an_order_is_for_one_guest(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy
) -> None:
    at = f"/group-buys/{open_deal.slug}/desk/guest-orders"
    said = guest_order(session, open_deal, name="Frau Meyer")
    send(as_alice, at, **said)
    guest = session.scalars(select(GroupBuyCommitment)).one().participant

    answer = send(as_alice, at, **{**said, "guest": guest.id, "name": "Herr Kurz"})

    assert answer.status_code == 422
    assert "Please choose somebody or name someone new." in answer.text
    assert len(session.scalars(select(GroupBuyCommitment)).all()) == 1

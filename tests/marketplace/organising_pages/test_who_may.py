"""The desk is its organisers'; others are kept out of it."""

from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import CoOrganiser, State, Visibility
from tests import make_buying
from tests.pages import send

PAGES = [
    "desk", "desk/people", "desk/order", "desk/order.csv", "desk/order-numbers.csv",
    "desk/commitments.csv", "desk/lines.csv", "desk/payments.csv", "desk/packing",
    "desk/hand-over", "desk/completion", "desk/pause", "desk/cancellation", "desk/message",
    "desk/guest-orders/new",
]  # fmt: skip

ACTS = [
    "publication", "deletion", "copies", "desk/pause", "desk/resumption", "desk/cancellation",
    "desk/message", "desk/order", "desk/delivery", "desk/hand-over", "desk/completion",
    "desk/settlement", "co-organisers", "named-guests", "desk/guest-orders", "draft",
    "draft/articles", "draft/pick-up", "draft/rules", "draft/shipping", "draft/articles/removal",
    "draft/articles/revocability",
    "co-organisers/1/removal", "named-guests/1/removal", "desk/pick-up", "desk/pick-up/1",
    "desk/cash/1", "desk/cash-back/1", "desk/hand-over/1", "desk/hand-over/1/removal",
    "desk/packing/crates/1", "desk/packing/lines/1", "desk/completion/1/waiver",
    "desk/guest-orders/1", "desk/guest-orders/1/withdrawal", "desk/pick-up/1/removal",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_the_desk_is_the_organisers(
    as_alice: FlaskClient, as_bob: FlaskClient, client: FlaskClient, handing_over: GroupBuy,
    path: str,
) -> None:  # fmt: skip
    at = f"/group-buys/{handing_over.slug}/{path}"

    assert as_alice.get(at).status_code == 200
    assert as_bob.get(at).status_code == 403
    assert client.get(at).status_code == 303


@pytest.mark.parametrize("path", ACTS)
def test_nobody_else_acts_at_the_desk(
    as_bob: FlaskClient, client: FlaskClient, handing_over: GroupBuy, path: str
) -> None:
    at = f"/group-buys/{handing_over.slug}/{path}"

    assert send(as_bob, at, reason="No", body="No").status_code == 403
    assert send(client, at).status_code == 303
    assert handing_over.state == State.RUNNING


@pytest.mark.parametrize("path", ["draft", "draft/articles", "draft/rules", "draft/review"])
def test_a_draft_is_unknown_to_others(as_bob: FlaskClient, draft: GroupBuy, path: str) -> None:
    assert as_bob.get(f"/group-buys/{draft.slug}/{path}").status_code == 404


def test_a_co_organiser_runs_it_but_chooses_nobody(
    as_alice: FlaskClient, as_bob: FlaskClient, session: Session, open_deal: GroupBuy,
    bob: Actor, charlie: Actor,
) -> None:  # fmt: skip
    at = f"/group-buys/{open_deal.slug}"
    added = send(as_alice, f"{at}/co-organisers", email=bob.member.email.upper())
    assert added.status_code == 303
    assert "Asked, no answer yet" in as_alice.get(f"{at}/desk/people").text
    assert as_bob.get(f"{at}/desk").status_code == 403
    assert "asks you to run this group buy" in as_bob.get(f"{at}/co-organising").text

    accepted = send(as_bob, f"{at}/co-organising/acceptance")

    assert accepted.location == f"{at}/desk"
    assert as_bob.get(f"{at}/co-organising").status_code == 404
    assert as_bob.get(f"{at}/desk").status_code == 200
    assert send(as_bob, f"{at}/desk/pause", reason="Rain").status_code == 303
    assert send(as_bob, f"{at}/co-organisers", email=charlie.member.email).status_code == 403
    assert open_deal.title in as_bob.get("/organising").text

    left = send(as_bob, f"{at}/co-organisers/{bob.member.id}/removal")
    assert left.status_code == 303
    assert as_bob.get(f"{at}/desk").status_code == 403


def test_a_co_organiser_is_added_once_and_has_to_be_here(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, bob: Actor, alice: Actor
) -> None:
    at = f"/group-buys/{open_deal.slug}/co-organisers"

    assert send(as_alice, at, email="nobody@example.org").status_code == 422
    assert send(as_alice, at, email="no address").status_code == 422
    assert send(as_alice, at, email=alice.member.email).status_code == 409
    assert send(as_alice, at, email=bob.member.email).status_code == 303
    assert send(as_alice, at, email=bob.member.email).status_code == 409
    assert len(session.scalars(select(CoOrganiser)).all()) == 1


def test_looking_for_many_addresses_is_stopped(as_alice: FlaskClient, open_deal: GroupBuy) -> None:
    at = f"/group-buys/{open_deal.slug}/co-organisers"

    answers = [send(as_alice, at, email=f"a{number}@example.org") for number in range(31)]

    assert [one.status_code for one in answers] == [422] * 30 + [409]


def test_named_guests_see_what_others_do_not(
    as_alice: FlaskClient, as_bob: FlaskClient, as_charlie: FlaskClient, session: Session,
    alice: Actor, bob: Actor, now: datetime,
) -> None:  # fmt: skip
    named = make_buying.group_buy(session, alice, now=now, visibility=Visibility.NAMED)
    at = f"/group-buys/{named.slug}"
    assert as_bob.get(at).status_code == 404

    answer = send(as_alice, f"{at}/named-guests", who=bob.participant.slug)

    assert answer.status_code == 303
    assert as_bob.get(at).status_code == 200
    assert as_charlie.get(at).status_code == 404
    assert send(as_alice, f"{at}/named-guests", who="Bob").status_code == 409
    assert send(as_alice, f"{at}/named-guests", who="Nobody at all").status_code == 422
    assert send(as_alice, f"{at}/named-guests/{bob.participant.id}/removal").status_code == 303

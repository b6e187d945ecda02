"""Alice names Charlie's mill as the seller: Charlie reads the draft, and agrees or declines."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy, Payee, Stage
from models.collaborations import State
from tests import make, make_buying
from tests.pages import send


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def draft(session: Session, alice: Actor, charlie: Actor, now: datetime) -> GroupBuy:
    mill = make.organisation(session, "Mill", owner=charlie, now=now).participant
    return make_buying.group_buy(
        session, alice, now=now, published=False, payee=Payee.SUPPLIER, supplier_id=mill.id
    )


def test_the_seller_reads_the_draft_and_opens_it_by_agreeing(draft, as_alice, as_charlie, as_bob):
    page = f"/group-buys/{draft.slug}"
    review = as_alice.get(f"{page}/draft/review").text
    assert "Ask the seller" in review
    assert as_charlie.get(page).status_code == 404

    asked = send(as_alice, f"{page}/publication")

    assert asked.status_code == 303
    assert "Mill is asked" in as_alice.get(f"{page}/draft/review").text
    assert "You are named as the seller." in as_charlie.get(page).text
    assert "Do you sell by these terms?" in as_charlie.get(f"{page}/supplier-consent").text
    assert send(as_bob, f"{page}/supplier-consent").status_code == 404
    assert send(as_charlie, f"{page}/supplier-consent").status_code == 303
    assert draft.state == State.OPEN
    assert "The seller agreed to sell by these terms." in as_bob.get(f"{page}/history").text


def test_declining_needs_a_reason(draft, as_alice, as_charlie):
    page = f"/group-buys/{draft.slug}"
    send(as_alice, f"{page}/publication")

    assert send(as_charlie, f"{page}/supplier-refusal").status_code == 422
    assert send(as_charlie, f"{page}/supplier-refusal", reason="Too cheap.").status_code == 303
    assert (draft.state, draft.stage) == (State.DRAFT, "")


def test_the_question_can_be_taken_back(draft, as_alice):
    page = f"/group-buys/{draft.slug}"
    send(as_alice, f"{page}/publication")
    assert as_alice.get(f"{page}/draft/rules").status_code == 409

    assert send(as_alice, f"{page}/draft/question-withdrawal").status_code == 303
    assert draft.stage != Stage.IN_REVIEW
    assert as_alice.get(f"{page}/draft/rules").status_code == 200

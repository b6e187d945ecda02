"""Alice changes the terms of her open group buy; Bob reads what changed and agrees, or not."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import db, jobs
from marketplace.buying.wording import TERMS
from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment
from models.events import Event
from models.notices import Notice
from services import buying
from services.buying.amending import AMENDABLE
from services.buying.describing import NewArticle
from tests import make_buying
from tests.pages import send

# What only the catalogue knows, and pictures: their change is shown by the article itself.
UNTOLD = {"picture_id", "catalogue_article_id", "same_as_id"}


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def oil(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return make_buying.group_buy(session, alice, now=now)


def article_of(session: Session, oil: GroupBuy) -> int:
    return buying.articles(session, oil)[0].id


def article(**overrides: str) -> dict[str, str]:
    return {
        "name": "Olive oil",
        "unit": "5 l can",
        "price": "40.00",
        "tier_1_from": "20",
        "tier_1_price": "36.00",
        "minimum_units": "5",
        "maximum_units": "50",
        "case_size": "1",
        "vat_percent": "7",
        "content": "5",
        "base_unit": "l",
        **overrides,
    }


def rules(oil: GroupBuy, **overrides: str) -> dict[str, str]:
    return {
        "closes_at": oil.closes_at.astimezone().strftime("%Y-%m-%dT%H:%M"),
        "by_card": "true",
        "at_pickup": "true",
        "withdrawal_policy": "free",
        "shortfall_rule": "confirm_above_floor",
        "floor_percent": "80",
        "terms_number": str(oil.terms_number),
        **overrides,
    }


def amend(session: Session, browser: FlaskClient, oil: GroupBuy, **overrides: str) -> Any:
    path = f"/group-buys/{oil.slug}/desk/terms/articles/{article_of(session, oil)}"
    return send(browser, path, terms_number=str(oil.terms_number), **article(**overrides))


def mine(session: Session, oil: GroupBuy, actor: Actor) -> GroupBuyCommitment:
    found = make_buying.commitment_of(session, oil, actor.participant.id)
    assert found is not None
    return found


def fields_before(page: str, words: str) -> list[tuple[str, str]]:
    """What the form that holds `words` sends up to there."""
    form = page[: page.index(words)]
    form = form[form.rindex("<form") :]
    return re.findall(r'name="(\w+)" value="([^"]*)"', form)


def typed_in(page: str) -> dict[str, str]:
    """What the button that lets new terms hold sends."""
    found = dict(fields_before(page, "Let the new terms hold"))
    del found["csrf_token"]
    return found


def hidden(page: str) -> dict[str, Any]:
    """What the button that binds sends."""
    fields: dict[str, Any] = {}
    for name, value in fields_before(page, "btn--binding"):
        if name == "lines":
            fields.setdefault("lines", []).append(value)
        else:
            fields[name] = value
    return fields


def test_new_terms_are_looked_at_before_they_hold(session, oil, bob, charlie, now, as_alice):
    make_buying.join(session, oil, bob, 6, now=now)
    make_buying.join(session, oil, charlie, 6, highest_price_minor=3600, now=now)
    path = f"/group-buys/{oil.slug}/desk/terms/articles/{article_of(session, oil)}"
    before = [mine(session, oil, bob).terms_number, oil.version, oil.is_tipped]

    looked = send(as_alice, path, **article(price="44.00"))

    assert looked.status_code == 200
    assert "€40.00; €36.00 from 20 units on" in looked.text
    assert "€44.00; €36.00 from 20 units on" in looked.text
    assert "2 orders then wait for their members" in looked.text
    # Nothing is kept of it: no version, no event, no job.
    assert oil.terms_number == 1
    session.expire_all()
    assert [mine(session, oil, bob).terms_number, oil.version, oil.is_tipped] == before
    assert session.scalars(select(Event).filter_by(kind="TermsChanged")).all() == []
    again = send(as_alice, path, edit="true", **typed_in(looked.text))
    assert again.status_code == 200
    assert 'value="44.00"' in again.text
    assert send(as_alice, path, **typed_in(looked.text)).status_code == 303
    assert oil.terms_number == 2
    assert "2 orders wait until their members agree" in as_alice.get("/organising").text


def rules_as_they_are(browser: FlaskClient, oil: GroupBuy) -> dict[str, str]:
    """The form as the page shows it, without a version that was looked at."""
    page = browser.get(f"/group-buys/{oil.slug}/desk/terms").text
    shown = re.search(r'name="closes_at"[^>]* value="([^"]+)"', page, re.S)
    assert shown is not None
    typed = rules(oil, closes_at=shown[1])
    del typed["terms_number"]
    return typed


def test_terms_that_say_the_same_are_refused(oil, as_alice):
    path = f"/group-buys/{oil.slug}/desk/terms"

    assert send(as_alice, path, **rules_as_they_are(as_alice, oil)).status_code == 422


def test_terms_that_are_better_for_all_hold_at_once(session, oil, bob, now, as_alice):
    make_buying.join(session, oil, bob, 6, now=now)
    path = f"/group-buys/{oil.slug}/desk/terms"

    looked = send(as_alice, path, **rules_as_they_are(as_alice, oil), ships="true")

    assert "It holds for everyone at once" in looked.text
    assert "1 member is told." in looked.text
    assert send(as_alice, path, **typed_in(looked.text)).status_code == 303
    assert (oil.terms_number, mine(session, oil, bob).terms_number) == (2, 2)


def test_terms_that_changed_meanwhile_are_looked_at_again(session, oil, bob, now, as_alice):
    make_buying.join(session, oil, bob, 6, now=now)
    path = f"/group-buys/{oil.slug}/desk/terms/articles/{article_of(session, oil)}"
    looked = typed_in(send(as_alice, path, **article(price="44.00")).text)
    amend(session, as_alice, oil, price="42.00")

    answer = send(as_alice, path, **looked)

    assert answer.status_code == 409
    assert "The terms have changed since you looked. Please look again." in answer.text
    assert 'value="44.00"' in answer.text
    assert oil.terms_number == 2


def test_a_dearer_price_is_read_and_agreed_to_with_the_button_that_binds(
    session, oil, bob, now, as_alice, as_bob, app
):
    make_buying.join(session, oil, bob, 6, now=now)

    answer = amend(session, as_alice, oil, price="44.00")

    assert answer.status_code == 303
    with app.app_context():
        jobs.run_due(at=now)
    told = session.scalars(
        select(Notice).filter_by(member_id=bob.member.id, message="terms-changed")
    ).one()
    assert told.path == f"/group-buys/{oil.slug}/terms"
    page = as_bob.get(told.path).text
    assert "€40.00; €36.00 from 20 units on" in page
    assert "€44.00; €36.00 from 20 units on" in page
    assert "You pay €264.00 at most" in page
    assert "Until now it was €240.00 at most." in page
    bobs = mine(session, oil, bob)
    agreed = send(as_bob, f"/group-buys/{oil.slug}/commitments/{bobs.id}", **hidden(page))
    assert agreed.status_code == 303, agreed.text
    assert mine(session, oil, bob).worst_case_minor == 6 * 4400
    after = as_bob.get(told.path).text
    assert "Do you agree" not in after
    assert "You have agreed to the new terms. Your order counts again." in after


def test_agreeing_to_terms_that_changed_again_is_refused(session, oil, bob, now, as_alice, as_bob):
    make_buying.join(session, oil, bob, 6, now=now)
    amend(session, as_alice, oil, price="44.00")
    fields = hidden(as_bob.get(f"/group-buys/{oil.slug}/terms").text)
    amend(session, as_alice, oil, price="48.00")

    bobs = mine(session, oil, bob)
    answer = send(as_bob, f"/group-buys/{oil.slug}/commitments/{bobs.id}", **fields)

    assert answer.status_code == 409
    assert "The terms have changed since you looked" in answer.text
    assert mine(session, oil, bob).worst_case_minor == 6 * 4000


def test_everything_says_that_consent_is_missing(session, oil, bob, now, as_alice, as_bob):
    make_buying.join(session, oil, bob, 6, now=now)
    amend(session, as_alice, oil, price="44.00")

    assert (
        "Your order does not count until you agree." in as_bob.get(f"/group-buys/{oil.slug}").text
    )
    assert "Agree to the new terms" in as_bob.get("/commitments").text
    for path in (f"/group-buys/{oil.slug}", "/commitments"):
        assert "Waits for you to agree" in as_bob.get(path).text
        assert "You are in" not in as_bob.get(path).text
    assert (
        "has not agreed to the new terms"
        in as_alice.get(f"/group-buys/{oil.slug}/desk/people").text
    )
    desk = as_alice.get(f"/group-buys/{oil.slug}/desk").text
    assert "Orders do not count until their members agree" in desk


def test_costs_and_rules_are_changed_together(session, oil, bob, now, as_alice, as_bob):
    make_buying.join(session, oil, bob, 6, now=now)
    closes_at = oil.closes_at
    page = as_alice.get(f"/group-buys/{oil.slug}/desk/terms").text
    shown = re.search(r'name="closes_at"[^>]* value="([^"]+)"', page, re.S)
    assert shown is not None

    answer = send(
        as_alice,
        f"/group-buys/{oil.slug}/desk/terms",
        **rules(oil, closes_at=shown[1], freight_rule="per_head", freight="9", freight_ceiling="5",
              withdrawal_policy="not_if_it_untips"),
    )  # fmt: skip

    assert answer.status_code == 303, answer.text
    assert (oil.freight_ceiling_minor, oil.closes_at) == (500, closes_at)
    page = as_bob.get(f"/group-buys/{oil.slug}/terms").text
    assert "shared equally by everyone who takes part" in page
    assert "unless it would fail without you" in page
    assert "You pay €245.00 at most" in page


def test_an_order_that_no_longer_fits_is_to_be_changed(session, oil, bob, now, as_alice, as_bob):
    make_buying.join(session, oil, bob, 6, highest_price_minor=3600, now=now)
    amend(session, as_alice, oil, tier_1_price="37.00")

    page = as_bob.get(f"/group-buys/{oil.slug}/terms").text

    assert "Your order cannot stay as it is" in page
    assert "btn--binding" not in page


def test_a_refused_change_keeps_what_was_typed(session, oil, bob, now, as_alice):
    make_buying.join(session, oil, bob, 6, now=now)

    answer = amend(session, as_alice, oil, maximum_units="5", origin="Crete")

    assert answer.status_code == 422
    assert "More than that is ordered already: 6." in answer.text
    assert 'value="Crete"' in answer.text
    assert oil.terms_number == 1


def test_only_those_who_organise_change_terms(session, oil, as_bob):
    paths = (
        f"/group-buys/{oil.slug}/desk/terms",
        f"/group-buys/{oil.slug}/desk/terms/articles/{article_of(session, oil)}",
    )

    assert [as_bob.get(path).status_code for path in paths] == [403, 403]
    assert amend(session, as_bob, oil, price="44.00").status_code == 403
    assert send(as_bob, paths[0], **rules(oil)).status_code == 403


def test_terms_that_never_changed_say_so(oil, client):
    assert "Nothing has changed" in client.get(f"/group-buys/{oil.slug}/terms").text


def test_every_term_that_can_change_has_a_name():
    assert AMENDABLE | (NewArticle.__dataclass_fields__.keys() - UNTOLD) <= TERMS.keys()

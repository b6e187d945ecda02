"""What the page of a group buy says, to strangers and to members."""

from datetime import datetime

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from tests import make_buying
from tests.counting import counted


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

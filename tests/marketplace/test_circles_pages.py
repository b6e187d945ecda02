"""Alice's circle on its pages: found, joined, talked in, brought to others, and run."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.circles import (
    Admission,
    Circle,
    CircleMembership,
    CircleRole,
    CircleState,
    CircleVisibility,
    NotATreasurer,
)
from models.collaborations import Visibility
from services import circles, payments
from tests import make, make_running, make_talk
from tests.counting import counted
from tests.make_api import program
from tests.make_buying import group_buy
from tests.make_circles import circle, join, member, visit
from tests.pages import send

NEW = {
    "name": "Garden friends", "kind": "neighbourhood", "visibility": "public", "admission": "free",
    "lang": "en", "members_invite": "true",
}  # fmt: skip


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def room(session: Session, alice: Actor, bob: Actor, now: datetime) -> Circle:
    """Alice's circle, in which Bob is."""
    made = circle(session, alice, summary="We press", now=now)
    member(session, made, bob, by=alice, now=now)
    return made


def test_a_circle_is_founded_and_leads_to_bringing_others_in(
    as_alice: FlaskClient, session: Session
) -> None:
    answer = send(as_alice, "/circles/new", **NEW)

    assert answer.location == "/circles/garden-friends/invitations"
    page = as_alice.get(answer.location).text
    assert "Make my link" in page
    assert session.scalars(select(Circle)).one().stewards_count == 1


def test_a_double_click_founds_one_circle(as_alice: FlaskClient, session: Session) -> None:
    for _ in range(2):
        assert send(as_alice, "/circles/new", idempotency_key="once", **NEW).status_code == 303

    assert len(session.scalars(select(Circle)).all()) == 1


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"name": "x"}, "at least 3"),
        ({"visibility": "private"}, "can only be invited"),
        ({"ends_at": "2020-01-01T10:00"}, "in the future"),
        ({"place": "Nowhere on Earth"}, "no place of this name"),
    ],
)
def test_what_cannot_be_founded_is_kept_as_typed(
    as_alice: FlaskClient, said: dict[str, str], told: str
) -> None:
    answer = send(as_alice, "/circles/new", **{**NEW, "summary": "We dig", **said})

    assert answer.status_code == 422
    assert told in unescape(answer.text)
    assert 'value="We dig"' in answer.text


def test_a_stranger_is_led_to_join_and_back(client: FlaskClient, room: Circle) -> None:
    page = client.get(f"/circles/{room.slug}").text

    assert f"/sign-in?next=/circles/{room.slug}" in unescape(page)
    assert "We press" in page


def test_who_asks_is_let_in(
    session: Session, as_alice: FlaskClient, as_charlie: FlaskClient, alice: Actor, now: datetime
) -> None:
    made = circle(
        session, alice, visibility=CircleVisibility.LISTED, admission=Admission.REQUEST,
        question="Where do you live?", now=now,
    )  # fmt: skip
    path = f"/circles/{made.slug}"
    assert "Where do you live?" in as_charlie.get(path).text
    assert "Only members see what is done here." in as_charlie.get(path).text

    empty = send(as_charlie, f"{path}/memberships")
    asked = send(as_charlie, f"{path}/memberships", answer="In the red house")

    assert (empty.status_code, asked.status_code) == (422, 303)
    assert "have not answered yet" in as_charlie.get(path).text
    assert "Somebody asks to be let in" in as_alice.get(path).text
    page = as_alice.get(f"{path}/requests").text
    assert "In the red house" in page
    [admission] = re.findall(r'action="([^"]+/admission)"', page)
    assert send(as_alice, admission).status_code == 303
    assert "It was done already" in follow(as_alice, send(as_alice, admission))
    assert "You belong to it" in as_charlie.get(path).text


def follow(browser: FlaskClient, answer: Any) -> str:
    return str(browser.get(answer.location).text)


def test_house_rules_are_ticked_before_one_comes_in(
    session: Session, room: Circle, alice: Actor, as_charlie: FlaskClient, now: datetime
) -> None:
    seen = visit(session, room, alice)
    circles.set_rules(session, seen, "Be **kind**.", lang="en", actor=alice, now=now)
    path = f"/circles/{room.slug}"

    refused = send(as_charlie, f"{path}/memberships")
    came = send(as_charlie, f"{path}/memberships", rules_number="1")

    assert refused.status_code == 422
    assert "Please read the house rules that hold now" in refused.text
    assert came.status_code == 303
    assert "<strong>kind</strong>" in as_charlie.get(f"{path}/rules").text
    circles.set_rules(session, visit(session, room, alice), "Be on time.", lang="en",
                      actor=alice, now=now)  # fmt: skip
    assert "The house rules have changed" in as_charlie.get(path).text
    assert "Be on time" not in as_charlie.get(f"{path}/rules?number=1").text
    send(as_charlie, f"{path}/rules/agreement", rules_number="2")
    assert "You have agreed to them" in as_charlie.get(f"{path}/rules").text


def test_a_link_leads_a_stranger_into_a_private_circle(
    session: Session, alice: Actor, client: FlaskClient, as_charlie: FlaskClient, now: datetime
) -> None:
    made = circle(
        session, alice, visibility=CircleVisibility.PRIVATE, admission=Admission.INVITATION, now=now
    )
    key = circles.link_of(session, visit(session, made, alice))

    led = client.get(f"/join/{key}")
    page = client.get(led.location).text
    assert "Alice invites you" in as_charlie.get(led.location).text
    assert "noindex" in page
    assert send(as_charlie, f"/circles/{made.slug}/memberships", key=key).status_code == 303
    assert client.get("/join/made-up").status_code == 404
    assert client.get(f"/circles/{made.slug}").status_code == 404


def test_a_poster_carries_the_link_of_who_prints_it(
    session: Session, room: Circle, as_bob: FlaskClient, bob: Actor
) -> None:
    send(as_bob, f"/circles/{room.slug}/link")
    own = session.scalars(
        select(CircleMembership).filter_by(participant_id=bob.participant.id)
    ).one()

    poster = as_bob.get(f"/circles/{room.slug}/poster").text
    code = as_bob.get(f"/circles/{room.slug}/code.svg")

    assert f"/join/{own.link_key}" in poster
    assert code.mimetype == "image/svg+xml"
    assert code.text.startswith("<?xml")
    assert "no-store" in code.headers["Cache-Control"]


def test_a_frame_can_stand_in_any_page_and_runs_nothing(
    client: FlaskClient, session: Session, room: Circle, alice: Actor, now: datetime
) -> None:
    deal = group_buy(session, alice, now=now)
    hidden = group_buy(session, alice, visibility=Visibility.LINK, now=now)

    for path in (f"/widgets/circles/{room.slug}", f"/widgets/group-buys/{deal.slug}"):
        answer = client.get(path)
        assert "X-Frame-Options" not in answer.headers
        assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
        assert "<script" not in answer.text
        assert "<form" not in answer.text
    assert client.get(f"/widgets/group-buys/{hidden.slug}").status_code == 404
    assert client.get(f"/circles/{room.slug}").headers["X-Frame-Options"] == "DENY"


def test_the_lines_for_a_page_of_ones_own_are_shown_as_text(
    as_bob: FlaskClient, room: Circle
) -> None:
    page = as_bob.get(f"/circles/{room.slug}/invitations").text

    assert "<iframe" not in page
    assert "&lt;iframe" in page
    assert "&lt;noscript" in page


def test_somebody_is_invited_by_name(
    as_bob: FlaskClient, as_charlie: FlaskClient, charlie: Actor, room: Circle
) -> None:
    path = f"/circles/{room.slug}/invitations"

    assert send(as_bob, path, who="Zebulon").status_code == 422
    invited = send(as_bob, path, who=charlie.participant.slug)

    assert "Charlie is invited" in follow(as_bob, invited)
    assert "You are invited" in as_charlie.get(f"/circles/{room.slug}").text
    assert "No, thank you" in as_charlie.get(f"/circles/{room.slug}").text


def test_a_mention_leads_to_whom_it_names(
    as_bob: FlaskClient, client: FlaskClient, alice: Actor, room: Circle
) -> None:
    send(as_bob, f"/circles/{room.slug}/messages", body=f"Ask @{alice.participant.slug} `@x`")

    page = client.get(f"/circles/{room.slug}").text
    assert re.search(rf'<a href="/people/{alice.participant.slug}"[^>]*>@Alice</a>', page)
    assert "<code>@x</code>" in page


def test_a_message_is_changed_and_what_it_said_is_kept(
    as_bob: FlaskClient, as_alice: FlaskClient, client: FlaskClient, room: Circle
) -> None:
    said = send(as_bob, f"/circles/{room.slug}/messages", body="It is on Friday")
    number = said.location.rpartition("-")[2]

    assert as_alice.get(f"/messages/{number}/editing").status_code == 403
    changed = send(as_bob, f"/messages/{number}/editing", body="It is on Saturday", lang="en")
    again = send(as_bob, f"/messages/{number}/editing", body="", lang="en")

    assert (changed.status_code, again.status_code) == (303, 422)
    page = client.get(f"/circles/{room.slug}").text
    assert "It is on Saturday" in page
    assert "It is on Friday" not in page
    assert "It is on Friday" in client.get(f"/messages/{number}/history").text


def test_a_steward_hides_a_message_and_says_why(
    as_bob: FlaskClient, as_alice: FlaskClient, client: FlaskClient, room: Circle
) -> None:
    said = send(as_bob, f"/circles/{room.slug}/messages", body="Buy pills")
    number = said.location.rpartition("-")[2]

    assert "Buy pills" in as_alice.get(f"/messages/{number}/hiding").text
    assert send(as_alice, f"/messages/{number}/hiding", reason="").status_code == 422
    assert send(as_alice, f"/messages/{number}/hiding", reason="Advertising").status_code == 303
    assert "Buy pills" not in client.get(f"/circles/{room.slug}").text
    assert client.get(f"/messages/{number}/history").status_code == 404


def test_an_answer_leads_to_its_place_among_many(
    session: Session, client: FlaskClient, alice: Actor, bob: Actor, room: Circle, now: datetime
) -> None:
    asked = make_talk.ask(session, room, body="Who?", actor=bob, now=now)
    for number in range(8):
        last = make_talk.answer(
            session, room, asked.id, body=f"Answer {number}", actor=alice, now=now
        )

    page = client.get(f"/circles/{room.slug}").text
    led = client.get(f"/messages/{last.id}")

    assert "See all answers" in page
    assert "Answer 0" not in page
    assert led.location == f"/messages/{asked.id}?since={last.id}#message-{last.id}"
    there = client.get(led.location).text
    assert "Answer 7" in there
    assert "See the answers before" in there
    assert "Answer 0" in client.get(f"/messages/{asked.id}").text


def test_one_chooses_what_one_hears(as_bob: FlaskClient, client: FlaskClient, room: Circle) -> None:
    path = f"/circles/{room.slug}/messages"
    assert "You hear of what is said to you" in as_bob.get(path).text

    send(as_bob, f"{path}/following", following="muted")
    assert "You muted this thread" in as_bob.get(path).text
    send(as_bob, f"{path}/following", following="followed")
    assert "You hear of all that is said here" in as_bob.get(path).text
    send(as_bob, f"{path}/following", following="")
    assert "You hear of what is said to you" in as_bob.get(path).text
    assert send(as_bob, f"{path}/following", following="loudly").status_code == 404
    assert "What do you want to hear of?" not in client.get(path).text


def test_stewards_see_a_funnel_with_what_to_do_next(
    session: Session, as_alice: FlaskClient, room: Circle, charlie: Actor, now: datetime
) -> None:
    join(session, room, charlie, now=now)

    page = as_alice.get(f"/circles/{room.slug}/numbers").text

    assert "Interest: 3" in page
    assert "Opinion leaders: 0" in page
    assert "Do this next:" in page
    assert page.count("funnel__step ") == 5


def test_treasurers_see_what_came_together_and_nobody_else_does(
    session: Session, browser_of: Any, client: FlaskClient, alice: Actor, bob: Actor,
    charlie: Actor, dana: Actor, room: Circle, now: datetime,
) -> None:  # fmt: skip
    own = visit(session, room, bob).standing.own
    assert own is not None
    join(session, room, charlie, now=now)
    treasurer = CircleRole.TREASURER
    circles.appoint(session, visit(session, room, alice), own.id, treasurer, actor=alice, now=now)
    orders = [(charlie, 4), (dana, 6)]
    decided = make_running.closed(session, alice, orders, circle_id=room.id, now=now)
    make_running.handing_over(session, decided, alice)
    mine = make_running.commitment(session, decided, charlie)
    later = decided.closes_at + timedelta(days=3)
    payments.confirm_received(session, mine.id, actor=alice, now=later)
    payments.confirm_paid(session, mine.id, actor=charlie, now=later)
    group_buy(session, alice, title="Still open", circle_id=room.id, now=now)
    hidden = {"visibility": Visibility.LINK, "circle_id": room.id}
    group_buy(session, alice, title="For few", now=now, **hidden)
    session.commit()

    page = browser_of(bob).get(f"/circles/{room.slug}/money").text
    by_program = program(session, client, now=now)(bob, "GET", f"/circles/{room.id}/money").json

    rows = by_program["items"]
    assert [row["group_buy"] for row in rows][1] == str(decided.id)
    sums = [Decimal(rows[1][name]["amount"]) for name in ("due", "paid", "outstanding")]
    assert rows[1]["orders_count"] == 2
    assert sums[0] == sums[1] + sums[2] > sums[1] > 0
    assert "not decided yet" in page
    assert "For few" not in page
    assert charlie.participant.name not in page
    assert browser_of(charlie).get(f"/circles/{room.slug}/money").status_code == 403


def test_nobody_but_treasurers_counts_the_money(
    session: Session, room: Circle, charlie: Actor, now: datetime
) -> None:
    join(session, room, charlie, now=now)

    with pytest.raises(NotATreasurer):
        circles.takings(session, visit(session, room, charlie))


def test_a_role_is_given_and_laid_down(
    session: Session, as_alice: FlaskClient, as_bob: FlaskClient, bob: Actor, room: Circle
) -> None:
    own = visit(session, room, bob).standing.own
    assert own is not None
    path = f"/circles/{room.slug}/members/{own.id}/role"

    assert send(as_alice, path, role="steward").status_code == 303
    assert "Treasurer" not in as_bob.get(f"/circles/{room.slug}").text.partition("Who runs it")[2]
    assert send(as_bob, path, role="member").status_code == 303
    assert send(as_bob, path, role="steward").status_code == 403
    assert send(as_alice, path, role="queen").status_code == 404
    assert "has another role" in as_bob.get(f"/circles/{room.slug}/history").text


def test_somebody_is_taken_out_with_a_reason(
    session: Session, as_alice: FlaskClient, as_bob: FlaskClient, bob: Actor, room: Circle
) -> None:
    own = visit(session, room, bob).standing.own
    assert own is not None
    path = f"/circles/{room.slug}/members/{own.id}/removal"

    assert "Bob" in as_alice.get(path).text
    assert send(as_alice, path, reason="").status_code == 422
    assert send(as_alice, path, reason="Was rude.").status_code == 303
    assert "You were taken out of this circle" in as_bob.get(f"/circles/{room.slug}").text


def test_a_circle_ends_and_goes_on(
    session: Session, as_alice: FlaskClient, as_charlie: FlaskClient, room: Circle
) -> None:
    path = f"/circles/{room.slug}"

    assert "You can let it go on later" in as_alice.get(f"{path}/end").text
    send(as_alice, f"{path}/end")
    assert "This circle has ended" in as_charlie.get(path).text
    assert send(as_charlie, f"{path}/memberships").status_code == 409
    send(as_alice, f"{path}/reopening")

    session.refresh(room)
    assert room.state == CircleState.OPEN


def test_a_deal_is_begun_in_a_circle(
    session: Session, as_bob: FlaskClient, as_charlie: FlaskClient, room: Circle, now: datetime
) -> None:
    page = as_bob.get(f"/group-buys/new?circle={room.id}").text
    assert "Oil friends" in page
    assert "Oil friends" not in as_charlie.get("/group-buys/new").text
    closes = (now + timedelta(days=5)).strftime("%Y-%m-%dT20:00")
    said = {"title": "Olive oil", "closes_at": closes, "visibility": "circle", "lang": "en"}

    refused = send(as_bob, "/group-buys/new", **said)
    made = send(as_bob, "/group-buys/new", **said, circle=str(room.id))
    elsewhere = send(as_charlie, "/group-buys/new", **said, circle=str(room.id))

    assert (refused.status_code, made.status_code, elsewhere.status_code) == (422, 303, 422)
    assert "Please choose the circle" in refused.text


def test_a_deal_says_in_which_circle_it_is_done(
    session: Session, client: FlaskClient, alice: Actor, room: Circle, now: datetime
) -> None:
    deal = group_buy(session, alice, circle_id=room.id, now=now)

    assert f"/circles/{room.slug}" in client.get(f"/group-buys/{deal.slug}").text
    assert deal.title in client.get(f"/circles/{room.slug}").text


def test_large_circles_take_as_few_statements_as_small_ones(
    session: Session, client: FlaskClient, as_alice: FlaskClient, alice: Actor, room: Circle,
    now: datetime,
) -> None:  # fmt: skip
    pages = [f"/circles/{room.slug}{part}" for part in ("", "/members", "/history", "/messages")]
    pages += ["/circles", "/circles/mine"]
    pages += [f"/circles/{room.slug}/numbers", f"/circles/{room.slug}/money"]

    def statements() -> list[int]:
        found = []
        for page in pages:
            as_alice.get(page)
            session.expire_all()
            with counted(session) as asked:
                assert as_alice.get(page).status_code == 200
            found.append(len(asked))
        return found

    make_talk.ask(session, room, body="First", actor=alice, now=now)
    group_buy(session, alice, circle_id=room.id, now=now)
    small = statements()
    for number in range(30):
        who = make.actor(session, f"M{number}", now=now)
        join(session, room, who, now=now)
        make_talk.ask(session, room, body=f"Hello {number}", actor=who, now=now)
        if number < 5:
            circle(session, who, name=f"Circle {number}", now=now)
            group_buy(session, alice, circle_id=room.id, title=f"Oil {number}", now=now)

    assert statements() == small
    assert max(small) <= 14, dict(zip(pages, small, strict=True))

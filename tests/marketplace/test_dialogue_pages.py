"""The thread beside Alice's olive oil: who reads it, who writes in it."""

import re

import pytest

from models.collaborations import Visibility
from services import dialogue
from tests import make_talk
from tests.counting import counted
from tests.make_buying import group_buy, join
from tests.pages import send


@pytest.fixture
def deal(session, alice, now):
    return group_buy(session, alice, now=now)


@pytest.fixture
def thread(deal):
    return f"/group-buys/{deal.slug}/messages"


def test_a_question_and_its_answer_stand_on_the_page(client, as_bob, as_alice, session, thread):
    asked = send(as_bob, thread, body="Is it **cold** pressed?", lang="en")
    question_id = asked.location.rpartition("-")[2]
    answered = send(as_alice, thread, body="Ja, das ist es.", lang="de", answers=question_id)

    page = client.get(thread).text
    assert (asked.status_code, answered.status_code) == (303, 303)
    assert "<strong>cold</strong>" in page
    assert 'lang="de"><p>Ja, das ist es.' in page
    assert "Organiser" in page


def test_what_members_write_does_not_run(client, as_bob, thread):
    send(as_bob, thread, body="<script>alert(1)</script> [x](javascript:alert(1))")

    page = client.get(thread).text

    assert "<script>alert" not in page
    assert 'href="javascript' not in page


def test_right_to_left_and_emoji_are_kept(client, as_bob, thread):
    send(as_bob, thread, body="مرحبا 🫒")

    assert "مرحبا 🫒" in client.get(thread).text


@pytest.mark.parametrize(
    "typed", [{"body": ""}, {"body": "x" * 5001}, {"body": "a\u202eb"}, {"body": "x", "lang": "xx"}]
)
def test_what_cannot_be_is_shown_again(as_bob, thread, typed):
    answer = send(as_bob, thread, **typed)

    assert answer.status_code == 422
    assert "Please look at this again" in answer.text


def test_a_refused_message_is_kept_as_typed(as_bob, thread):
    for number in range(dialogue.MOST_IN_AN_HOUR):
        send(as_bob, thread, body=f"Question {number}")

    answer = send(as_bob, thread, body="One more")

    assert answer.status_code == 409
    assert "One more</textarea>" in answer.text


def test_an_answer_to_a_question_on_an_older_page_is_kept_as_typed(
    session, as_bob, deal, thread, charlie, alice, now
):
    """The first page is shown again, and the question is not on it."""
    asked = [
        make_talk.ask(session, deal, body=f"Question {number}", lang="en", actor=who, now=now)
        for who in (charlie, alice)
        for number in range(dialogue.MOST_IN_AN_HOUR)
    ]
    oldest = str(asked[0].id)

    refused = send(as_bob, thread, body="x" * 5_001, answers=oldest)
    unknown = send(as_bob, thread, body="It is.", answers="no number")

    assert refused.status_code == unknown.status_code == 422
    assert f"{'x' * 5_001}</textarea>" in refused.text
    assert re.search(rf'name="answers"\s+value="{oldest}"', refused.text)
    assert "It is.</textarea>" in unknown.text
    assert "Please look at this again" in unknown.text


def test_a_word_to_all_is_the_organisers(
    as_alice, as_bob, as_charlie, session, deal, bob, thread, now
):
    join(session, deal, bob, 1, now=now)

    refused = send(as_bob, thread, body="Hello", is_announcement="true")
    kept = send(as_alice, thread, body="It comes at six", is_announcement="true")

    assert (refused.status_code, kept.status_code) == (403, 303)
    assert "It comes at six" in as_bob.get(thread).text
    assert "It comes at six" not in as_charlie.get(thread).text


def test_one_takes_back_ones_own(as_bob, as_charlie, thread):
    location = send(as_bob, thread, body="Oops").location
    hiding = f"/messages/{location.rpartition('-')[2]}/hiding"

    assert send(as_charlie, hiding).status_code == 403
    assert send(as_bob, hiding).status_code == 303
    assert "Oops" not in as_bob.get(thread).text


def test_strangers_read_and_are_asked_to_sign_in_to_write(client, thread):
    assert "Sign in to ask" in client.get(thread).text
    assert send(client, thread, body="Hello").status_code == 303


def test_a_hidden_deal_hides_its_thread(client, as_charlie, as_alice, as_dana, session, alice, now):
    named = group_buy(session, alice, visibility=Visibility.NAMED, now=now)
    linked = group_buy(session, alice, visibility=Visibility.LINK, now=now)

    for deal in (named, linked):
        path = f"/group-buys/{deal.slug}/messages"
        assert client.get(path).status_code == as_charlie.get(path).status_code == 404
        assert send(as_charlie, path, body="Hello").status_code == 404
        assert as_alice.get(path).status_code == as_dana.get(path).status_code == 200
    path = f"/group-buys/{linked.slug}/messages?key={linked.link_key}"
    assert client.get(path).status_code == 200


def test_whoever_came_by_link_asks_by_link(as_charlie, session, alice, now):
    linked = group_buy(session, alice, visibility=Visibility.LINK, now=now)

    answer = send(
        as_charlie, f"/group-buys/{linked.slug}/messages", body="Hello", key=linked.link_key
    )

    assert answer.status_code == 303
    assert linked.link_key in answer.location


def test_a_thread_page_does_not_ask_once_for_each_message(
    client, session, deal, bob, charlie, thread, now
):
    for actor in (bob, charlie):
        for number in range(8):
            make_talk.ask(session, deal, body=str(number), lang="en", actor=actor, now=now)
    client.get(thread)

    with counted(session) as statements:
        client.get(thread)

    assert len(statements) <= 6

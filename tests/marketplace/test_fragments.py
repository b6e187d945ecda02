"""Alice, Bob and Dana read the same pages, one after the other, in one process."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import UndefinedError
from sqlalchemy.orm import Session

from marketplace import create_app, fragments
from marketplace.config import Settings
from marketplace.recent import Recent
from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import Visibility
from tests import make, make_buying
from tests.pages import send


@pytest.fixture
def oil(session: Session, alice: Actor) -> GroupBuy:
    return make_buying.group_buy(session, alice, now=datetime.now(UTC))


@pytest.fixture
def paths(oil: GroupBuy) -> list[str]:
    return ["/", "/group-buys", "/group-buys?q=oil", f"/group-buys/{oil.slug}"]


def tokens(page: str) -> set[str]:
    """The tokens of all forms; all of one page are made in one moment."""
    return set(re.findall(r'name="csrf_token" value="([^"]*)"', page))


def test_every_form_carries_the_token_of_its_own_reader(
    paths: list[str], as_alice: FlaskClient, as_bob: FlaskClient, client: FlaskClient
) -> None:
    for path in paths:
        carried = [tokens(browser.get(path).text) for browser in (as_alice, as_bob, client)]

        assert [len(found) for found in carried] == [1, 1, 1]
        # What stands before the moment belongs to the browser.
        assert len({token.partition(".")[0] for token in set.union(*carried)}) == 3


def test_a_kept_form_can_be_sent(oil: GroupBuy, as_alice: FlaskClient, as_bob: FlaskClient) -> None:
    as_alice.get(f"/group-buys/{oil.slug}")
    [token] = tokens(as_bob.get(f"/group-buys/{oil.slug}").text)

    sent = {"csrf_token": token, "locale": "nl"}

    assert as_bob.post("/preferences", data=sent).status_code == 303


def test_nobody_is_called_by_the_name_of_another(
    paths: list[str], as_dana: FlaskClient, as_bob: FlaskClient, client: FlaskClient
) -> None:
    for path in paths:
        dana, bob, stranger = (one.get(path).text for one in (as_dana, as_bob, client))

        assert ["Dana" in page for page in (dana, bob, stranger)] == [True, False, False]
        assert ["Bob" in page for page in (dana, bob, stranger)] == [False, True, False]
        assert ['href="/moderation"' in page for page in (dana, bob, stranger)] == [
            True,
            False,
            False,
        ]
        assert ["/sign-out" in page for page in (dana, bob, stranger)] == [True, True, False]


def test_only_a_member_of_organisations_is_asked_as_whom_they_act(
    session: Session,
    paths: list[str],
    bob: Actor,
    browser_of: Callable[[Actor], FlaskClient],
    as_alice: FlaskClient,
) -> None:
    make.organisation(session, "Bakery", owner=bob, now=datetime.now(UTC))
    as_bob = browser_of(bob)

    for path in paths:
        assert "Bakery" in as_bob.get(path).text
        assert "Bakery" not in as_alice.get(path).text


def test_for_which_organisation_one_acts_is_plain_on_every_page(
    session: Session,
    paths: list[str],
    bob: Actor,
    browser_of: Callable[[Actor], FlaskClient],
    as_alice: FlaskClient,
) -> None:
    bakery = make.organisation(session, "Bakery", owner=bob, now=datetime.now(UTC))
    as_bakery = browser_of(bakery)

    for path in paths:
        page = as_bakery.get(path).text
        assert "You act for <strong>Bakery</strong>" in page
        assert "initials=B" in page.partition('class="acting"')[2].partition("</form>")[0]
        assert 'class="acting"' not in as_alice.get(path).text
    assert send(as_bakery, "/acting-as", participant=str(bob.participant.id)).status_code == 303
    assert 'class="acting"' not in as_bakery.get(paths[0]).text


def test_a_message_is_for_whoever_caused_it(
    paths: list[str], as_bob: FlaskClient, as_alice: FlaskClient
) -> None:
    as_alice.get("/group-buys")
    with as_bob.session_transaction() as cookie:
        cookie["_flashes"] = [("message", "For Bob alone")]

    assert "For Bob alone" not in as_alice.get("/group-buys").text
    assert "For Bob alone" in as_bob.get("/group-buys").text
    assert "For Bob alone" not in as_bob.get("/group-buys").text


def test_each_sees_what_they_can_do_with_a_group_buy(
    session: Session,
    oil: GroupBuy,
    as_alice: FlaskClient,
    bob: Actor,
    as_bob: FlaskClient,
    as_charlie: FlaskClient,
    client: FlaskClient,
) -> None:
    make_buying.join(session, oil, bob, now=datetime.now(UTC))
    own = {
        as_alice: {"To your desk", "Look at my order", "The accounts", "Your message"},
        as_bob: {"Your order", "The accounts", "Your question"},
        as_charlie: {"Look at my order", "Your question"},
        client: {"Sign in to join"},
    }

    for browser in (*own, *reversed(own)):
        page = browser.get(f"/group-buys/{oil.slug}").text
        assert {words for words in set.union(*own.values()) if words in page} == own[browser]


def test_the_key_of_a_link_is_not_given_away(
    session: Session, alice: Actor, as_alice: FlaskClient, as_bob: FlaskClient
) -> None:
    hidden = make_buying.group_buy(
        session, alice, now=datetime.now(UTC), visibility=Visibility.LINK
    )
    path = f"/group-buys/{hidden.slug}"

    assert f"key={hidden.link_key}" in as_bob.get(f"{path}?key={hidden.link_key}").text
    assert hidden.link_key not in as_alice.get(path).text
    assert as_bob.get(path).status_code == 404
    assert as_bob.get(f"{path}?key=").status_code == 404


def test_what_changes_is_seen_at_once(
    session: Session, oil: GroupBuy, bob: Actor, as_bob: FlaskClient, as_charlie: FlaskClient
) -> None:
    path = f"/group-buys/{oil.slug}"
    before = as_charlie.get(path).text
    tag = as_charlie.get(f"{path}/standing").headers["ETag"]
    make_buying.join(session, oil, bob, now=datetime.now(UTC))

    assert as_charlie.get(path).text != before
    again = as_charlie.get(f"{path}/standing", headers={"If-None-Match": tag})
    assert again.status_code == 200
    theirs = as_bob.get(f"{path}/standing", headers={"If-None-Match": again.headers["ETag"]})
    assert theirs.status_code == 200


def test_language_light_and_print_are_the_readers_own(
    paths: list[str], as_alice: FlaskClient, as_bob: FlaskClient
) -> None:
    send(as_bob, "/preferences", locale="de")
    send(as_bob, "/preferences", theme="dark")
    send(as_bob, "/preferences", large_print="on")

    for path in paths:
        for _ in range(2):
            bob, alice = as_bob.get(path).text, as_alice.get(path).text
            assert 'lang="de" data-theme="dark" data-print="large"' in bob
            assert 'value="dark" aria-pressed="true"' in bob
            assert 'name="large_print" value="off"' in bob
            assert 'lang="en" data-theme="auto">' in alice
            assert 'value="auto" aria-pressed="true"' in alice
            assert 'name="large_print" value="on"' in alice


def test_what_one_searched_for_does_not_stand_in_the_form_of_another(
    as_alice: FlaskClient, as_bob: FlaskClient
) -> None:
    first = as_alice.get("/group-buys?q=secret+wish&place=Nowhere").text
    again = as_bob.get("/group-buys?q=%3Cb%3Eother&place=Nowhere").text

    assert 'value="secret wish"' in first
    assert "secret wish" not in again
    assert 'value="&lt;b&gt;other"' in again
    assert "<b>other" not in again


def test_a_member_cannot_write_a_hole(app: Flask, as_bob: FlaskClient) -> None:
    written = str(fragments.hole(fragments.TOKEN)).replace(fragments._MARK, "0" * 16)

    page = as_bob.get("/group-buys", query_string={"q": written}).text

    assert written in page


def test_what_is_put_into_a_hole_is_escaped_and_opens_no_other(app: Flask) -> None:
    shown = fragments.Fragment(f"<p>{fragments.hole('name')}</p>")
    asked = str(fragments.hole("other"))

    assert shown(name="<b>") == "<p>&lt;b&gt;</p>"
    assert shown(name=asked) == f"<p>{asked}</p>"
    with pytest.raises(KeyError):
        shown()


@pytest.mark.parametrize("name", fragments.OF_THE_READER)
def test_a_fragment_cannot_ask_who_reads(app: Flask, name: str) -> None:
    environment = app.extensions["fragments"]._environment

    with pytest.raises(UndefinedError):
        environment.from_string(f"{{{{ {name} }}}}").render()


def test_two_applications_share_no_fragment(
    settings: Settings, app: Flask, client: FlaskClient, oil: GroupBuy
) -> None:
    client.get(f"/group-buys/{oil.slug}")
    other = create_app(replace(settings, instance_name="Elsewhere"))

    assert len(other.extensions["fragments"]) == 0
    assert other.extensions["places"] is not app.extensions["places"]
    other.extensions["engine"].dispose()


def test_what_is_kept_is_bounded_and_grows_old() -> None:
    seconds = [0.0]
    clock: Callable[[], float] = lambda: seconds[0]  # noqa: E731
    kept: Recent[str] = Recent(most=4, seconds=10, weigh=len, clock=clock)

    for key in "abc":
        kept.keep(key, key * 2)
    assert [kept.get(key) for key in "abc"] == [None, "bb", "cc"]
    kept.keep("b", "b")
    kept.keep("d", "d", seconds=1)
    assert [kept.get(key) for key in "bcd"] == ["b", "cc", "d"]

    seconds[0] = 2.0
    assert [kept.get(key) for key in "bcd"] == ["b", "cc", None]
    seconds[0] = 11.0
    assert kept.get("c") is None
    assert len(kept) == 1


def test_what_is_too_large_to_keep_is_shown_all_the_same() -> None:
    kept: Recent[str] = Recent(most=4, seconds=10, weigh=len)
    kept.keep("a", "a")

    assert kept.keep("b", "far too large") == "far too large"
    assert len(kept) == 0

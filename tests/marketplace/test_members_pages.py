"""The pages on which members join, sign in, and change how they do."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import session as cookie
from flask_babel import gettext
from sqlalchemy import select

from marketplace import auth, create_app, db, jobs, returning
from marketplace.demo import people
from marketplace.members import demo_sign_ins
from marketplace.members.browsers import browser_name
from models.members import ApiToken, Member, MemberSession, Throttle
from models.operations import LegalKind
from services import members, operations, sessions
from tests import make, make_buying
from tests.make_members import PASSWORD, mails_to, templates_to, unconfirmed, with_password

NEW_PASSWORD = "a heron on the harbour wall"
WEIRD = [
    "<script>alert(1)</script>",
    "\u202eevil",
    "مرحبا بالعالم",
    "🦊" * 20,
    "x" * 20_000,
    "' OR 1=1 --",
    "%(name)s {{ 7*7 }}",
]
STRANGERS_PAGES = ["/sign-up", "/sign-up/mailbox", "/sign-in", "/reset", "/reset/mailbox"]
MEMBERS_PAGES = [
    "/settings",
    "/settings/email",
    "/settings/password",
    "/settings/sessions",
    "/settings/tokens",
]


@pytest.fixture(autouse=True)
def clock(now):
    with db.at(now):
        yield


def csrf(client, path):
    """The token in the form at `path`, without which nothing is taken."""
    page = client.get(path, follow_redirects=True).text
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def send(client, path, on=None, **typed):
    """Send a form as the page at `on` (or `path`) has it."""
    return client.post(path, data={"csrf_token": csrf(client, on or path), **typed})


def sign_in(client, actor, password=PASSWORD, **typed):
    return send(client, "/sign-in", email=actor.member.email, password=password, **typed)


def plain(page):
    """A page without what differs from one request to the next."""
    return re.sub(r'value="[^"]{60,}"|"request-id"[^>]*', "", page)


def errors(page):
    return page.count('aria-invalid="true"')


# Every page, for everyone


@pytest.mark.parametrize("language", ["en", "de", "nl"])
@pytest.mark.parametrize("path", STRANGERS_PAGES)
def test_a_stranger_reads_the_page(client, path, language):
    answer = client.get(path, headers={"Accept-Language": language})

    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text


@pytest.mark.parametrize("language", ["en", "de", "nl"])
@pytest.mark.parametrize("path", MEMBERS_PAGES)
def test_a_member_reads_the_page(as_alice, path, language):
    answer = as_alice.get(path, headers={"Accept-Language": language})

    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text


@pytest.mark.parametrize("path", MEMBERS_PAGES)
def test_a_stranger_is_led_to_the_sign_in_page_and_back(client, session, alice, path):
    with_password(alice)

    led = client.get(path)
    assert led.status_code == 303
    answer = client.post(
        "/sign-in",
        data={
            "csrf_token": csrf(client, led.location),
            "email": alice.member.email,
            "password": PASSWORD,
            "next": re.search(r'name="next"[^>]*value="([^"]+)"', client.get(led.location).text)[1],
        },
    )

    assert answer.status_code == 303
    assert answer.location == path


@pytest.mark.parametrize(
    "path",
    [
        "/sign-up",
        "/sign-in",
        "/sign-out",
        "/reset",
        "/confirm/x",
        "/reset/x",
        "/settings/email",
        "/settings/email/confirmation",
        "/settings/password",
        "/settings/sessions/end",
        "/settings/sessions/1/end",
        "/settings/tokens",
        "/settings/tokens/1/revocation",
        "/sign-in/demo",
    ],
)
def test_without_the_token_of_the_form_nothing_is_taken(as_alice, path):
    answer = as_alice.post(path, data={"email": "x@example.org"})

    assert answer.status_code == 400
    assert "<html" in answer.text


def test_a_form_sent_from_another_site_is_refused(client):
    answer = client.post(
        "/sign-in",
        data={"csrf_token": csrf(client, "/sign-in"), "email": "a@b.org", "password": "x"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )

    assert answer.status_code == 403


# Joining


def join(client, **overrides):
    typed = {
        "name": "Erika",
        "email": "erika@example.org",
        "password": PASSWORD,
        "terms": "true",
        **overrides,
    }
    return send(client, "/sign-up", **typed)


def publish_terms(session, now, body="Be kind."):
    return operations.publish(session, LegalKind.TERMS, "en", body=body, actor=None, now=now)


def test_signing_up_keeps_which_terms_were_accepted_and_when(session, client, now):
    publish_terms(session, now)

    with db.at(now):
        join(client)

    erika = members.by_email(session, "erika@example.org")
    kept = (erika.terms_locale, erika.terms_number, erika.terms_accepted_at)
    assert kept == ("en", 1, now)


def test_nobody_signs_up_without_the_terms(session, client):
    answer = join(client, terms="")

    assert answer.status_code == 422
    assert "Please say that you agree to the terms of use." in answer.text
    assert 'href="/terms"' in answer.text
    assert 'href="/privacy"' in answer.text
    assert members.by_email(session, "erika@example.org") is None


def test_all_that_is_wrong_with_a_sign_up_is_said_at_once(client):
    answer = join(client, name="", email="nobody", password="erika", terms="")

    assert answer.status_code == 422
    for field in ("name", "email", "password", "terms"):
        assert f'href="#field-{field}"' in answer.text
        assert f'id="field-{field}-error"' in answer.text


def test_new_terms_are_asked_about_at_the_next_sign_in_and_lose_nothing(session, client, now):
    publish_terms(session, now)
    with db.at(now):
        join(client)
    publish_terms(session, now + timedelta(days=1), "Be very kind.")
    typed = {"email": "erika@example.org", "password": PASSWORD, "next": "/commitments"}

    with db.at(now + timedelta(days=2)):
        led = send(client, "/sign-in", **typed).location
        assert led == "/terms/consent?next=/commitments"
        page = client.get(led).text
        assert "version 2" in page
        assert 'href="/commitments"' in page
        agreed = send(client, "/terms/consent", next="/commitments")
        assert agreed.location == "/commitments"
        send(client, "/sign-out")
        assert send(client, "/sign-in", **typed).location == "/commitments"
    assert members.by_email(session, "erika@example.org").terms_number == 2


def test_the_way_on_from_new_terms_stays_in_the_house(session, as_bob, now):
    publish_terms(session, now)

    assert send(as_bob, "/terms/consent", next="https://evil.example").location == "/"


def test_a_stranger_joins_confirms_and_signs_in(client, session):
    assert join(client).location == "/sign-up/mailbox"
    link = mails_to(session, "erika@example.org")[0].facts["path"]

    page = client.get(link)
    assert page.status_code == 200
    assert session.scalars(select(Member)).one().confirmed_at is None
    confirmed = send(client, link)
    assert confirmed.location == "/sign-in"
    signed_in = send(client, "/sign-in", email="erika@example.org", password=PASSWORD)

    assert signed_in.status_code == 303
    assert client.get("/settings").status_code == 200
    assert session.scalars(select(Member)).one().is_confirmed


def test_who_wanted_to_go_somewhere_gets_there_after_joining(client, session):
    client.get("/sign-up?next=/people/erika")
    join(client)

    answer = send(client, "/sign-in", email="erika@example.org", password=PASSWORD)

    assert answer.location == "/people/erika"


def test_a_known_and_an_unknown_address_are_answered_alike(app, session, alice):
    answers = []
    for email in (alice.member.email, "nobody@example.org"):
        browser = app.test_client()
        sent = join(browser, email=email)
        answers.append((sent.status_code, sent.location, plain(browser.get(sent.location).text)))

    assert answers[0] == answers[1]
    assert templates_to(session, alice.member.email) == ["members/already_member"]
    assert templates_to(session, "nobody@example.org") == ["members/confirm_email"]


@pytest.mark.parametrize("field", ["name", "email", "password"])
def test_an_empty_field_is_named_and_the_others_stay(client, field):
    answer = join(client, **{field: ""})

    assert answer.status_code == 422
    assert errors(answer.text) == 1
    assert ("erika@example.org" in answer.text) == (field != "email")
    assert PASSWORD not in answer.text


@pytest.mark.parametrize("typed", WEIRD)
@pytest.mark.parametrize("field", ["name", "email", "password"])
def test_whatever_is_typed_is_shown_as_text_or_refused(client, field, typed):
    answer = join(client, **{field: typed})

    assert answer.status_code in (303, 422)
    assert "<script>alert" not in answer.text
    assert "49" not in re.findall(r'value="([^"]*)"', answer.text)


def test_a_weak_password_is_refused_at_its_field(client, session):
    answer = join(client, password="password")

    assert answer.status_code == 422
    assert errors(answer.text) == 1
    assert session.scalars(select(Member)).all() == []


def test_a_link_that_is_no_good_says_what_to_do(client):
    assert client.get("/confirm/never-drawn").status_code == 422
    assert client.get("/reset/never-drawn").status_code == 422
    page = client.get("/reset/never-drawn").text
    assert "ask for a new one" in page
    main = page[page.index("<main") :]
    assert 'href="/reset"' in main
    assert 'href="/sign-in"' in main


def test_a_signed_in_member_confirms_and_stays_signed_in(browser_of, session, now):
    greta = unconfirmed(session, "Greta", now=now)
    browser = browser_of(greta)
    assert send(browser, "/settings/email/confirmation", on="/settings/email").status_code == 303

    answer = send(browser, mails_to(session, greta.member.email)[0].facts["path"])

    assert answer.location == "/settings"
    assert browser.get("/settings").status_code == 200
    assert greta.member.is_confirmed


# Signing in


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(app, alice):
    with_password(alice)
    answers = []
    for email in (alice.member.email, "nobody@example.org"):
        answer = send(app.test_client(), "/sign-in", email=email, password="wrong one")
        answers.append((answer.status_code, plain(answer.text).replace(email, "")))

    assert answers[0] == answers[1]
    assert answers[0][0] == 403


def test_the_address_stays_typed_and_the_password_does_not(client, alice):
    answer = sign_in(client, alice, "not this one")

    assert alice.member.email in answer.text
    assert "not this one" not in answer.text


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        " //evil.example",
        "evil",
        "",
    ],
)
def test_nobody_is_led_to_another_site(client, alice, wanted):
    with_password(alice)
    assert returning.local_path(wanted) == "/"

    client.get("/sign-up", query_string={"next": wanted})
    answer = sign_in(client, alice, next=wanted)

    assert answer.location == "/"


def test_a_path_of_ours_is_kept_with_its_query():
    assert returning.local_path("/group-buys?q=öl&near=1") == "/group-buys?q=öl&near=1"


def test_after_signing_in_the_browser_has_another_session_and_its_preferences(client, alice):
    with_password(alice)
    with client.session_transaction() as kept:
        kept.update(locale="nl", theme="dark", large_print=True, sid="planted", other="planted")

    sign_in(client, alice)

    with client.session_transaction() as kept:
        assert kept.pop("sid") != "planted"
        assert kept.pop("csrf_token", None) is None
        known = kept.pop("known")
        assert set(kept) - {"_flashes", "_permanent"} == {"locale", "theme", "large_print"}
        assert "@" not in known
        assert kept["locale"] == "nl"


def test_signing_out_ends_the_session_for_good(client, session, alice):
    with_password(alice)
    sign_in(client, alice)
    with client.session_transaction() as kept:
        token = kept["sid"]

    assert send(client, "/sign-out", on="/settings/email").location == "/"

    assert session.scalars(select(MemberSession)).all() == []
    with client.session_transaction() as kept:
        assert "sid" not in kept
        kept["sid"] = token
    assert client.get("/settings").status_code == 303


def test_signing_out_in_a_second_tab_is_done_already(client, alice, session):
    with_password(alice)
    sign_in(client, alice)

    # A form whose token went with the session, and one that came from elsewhere.
    refused = client.post("/sign-out")
    send(client, "/sign-out", on="/settings/email")
    again = client.post("/sign-out")

    assert refused.status_code == 400
    assert (again.status_code, again.location) == (303, "/")


def test_the_eleventh_try_waits_and_the_right_password_does_not_help(client, alice):
    with_password(alice)
    for _ in range(10):
        assert sign_in(client, alice, "wrong one").status_code == 403

    answer = sign_in(client, alice)

    assert answer.status_code == 409
    assert "10:15" in answer.text


def test_a_sign_in_that_succeeds_does_not_count(app, alice):
    with_password(alice)

    for _ in range(12):
        assert sign_in(app.test_client(), alice).status_code == 303


def test_a_count_outlives_the_refused_sign_in_and_is_shared(real_app, now):
    with real_app.app_context(), db.transaction() as session:
        actor = with_password(make.actor(session, "Alice", now=now))

    for number in range(2):
        other = create_app(replace(real_app.config["SETTINGS"])) if number else real_app
        with db.at(now):
            assert sign_in(other.test_client(), actor, "wrong one").status_code == 403
        if number:
            other.extensions["engine"].dispose()

    with real_app.app_context():
        counted = db.session().scalars(select(Throttle)).all()
        # By account and network, by account, and by network.
        assert [one.tries for one in counted] == [2, 2, 2]
        assert db.session().scalars(select(MemberSession)).all() == []


def test_a_session_is_marked_as_seen_at_most_every_quarter_of_an_hour(
    app, session, alice, now, browser_of
):
    token = sessions.start(session, alice.member, user_agent="", now=now)
    browser = app.test_client()
    with browser.session_transaction() as kept:
        kept["sid"] = token

    seen = []
    for minutes in (5, 20, 30):
        with db.at(now + timedelta(minutes=minutes)):
            browser.get("/settings")
        seen.append(session.scalars(select(MemberSession.seen_at)).one() - now)

    assert [one.total_seconds() / 60 for one in seen] == [0, 20, 20]


# The demo


@pytest.fixture
def ada(session, now):
    made = make.actor(session, "Ada", now=now)
    made.member.email = made.member.email_key = "ada@demo.allmende.example"
    session.flush()
    return made


def test_the_demo_offers_its_members_and_signs_in_with_one_click(client, ada):
    page = client.get("/sign-in").text
    assert "ada@demo.allmende.example" in page

    answer = send(client, "/sign-in/demo", on="/sign-in", email=ada.member.email, next="/settings")

    assert answer.location == "/settings"
    assert client.get("/settings").status_code == 200


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Consumer"), ("de", "Verbraucherin"), ("nl", "Consument")]
)
def test_the_demo_says_who_somebody_is_and_what_to_try(client, session, ada, language, said):
    ada.member.email = ada.member.email_key = "nele@demo.allmende.example"
    session.flush()

    page = client.get("/sign-in", headers={"Accept-Language": language}).text

    assert said in page
    with client.application.test_request_context(headers={"Accept-Language": language}):
        assert gettext(demo_sign_ins.ROLES["nele"].to_try) in page


def test_everyone_the_demo_offers_has_a_role_and_one_is_of_the_food_co_op():
    offered = {key for key, _ in people.SIGN_INS}
    [co_op] = [one for one in people.ORGANISATIONS if one.key == "speisekammer"]

    assert offered == set(demo_sign_ins.ROLES)
    assert offered & set(co_op.people)


def test_nobody_but_the_demos_members_is_signed_in_like_that(client, alice, ada):
    answer = send(client, "/sign-in/demo", on="/sign-in", email=alice.member.email)

    assert answer.status_code == 404
    assert client.get("/settings").status_code == 303


@pytest.mark.parametrize("mode", ["production", "", "Demo", "demo "])
def test_outside_the_demo_there_are_no_such_sign_ins(app, client, ada, monkeypatch, mode):
    settings = replace(app.config["SETTINGS"], allmende_mode=mode)
    monkeypatch.setitem(app.config, "SETTINGS", settings)

    page = client.get("/sign-in")
    answer = send(client, "/sign-in/demo", on="/sign-in", email=ada.member.email)

    assert "ada@demo.allmende.example" not in page.text
    assert answer.status_code == 404
    assert client.get("/settings").status_code == 303


# A forgotten password


def run_jobs(app, session, now):
    with app.app_context():
        jobs.run_due(at=now)


def test_a_forgotten_password_is_set_anew(app, client, session, alice, now):
    with_password(alice)
    assert send(client, "/reset", email=alice.member.email).location == "/reset/mailbox"
    run_jobs(app, session, now)
    link = mails_to(session, alice.member.email)[-1].facts["path"]

    refused = send(client, link, password="12345678")
    answer = send(client, link, password=NEW_PASSWORD)

    assert refused.status_code == 422
    assert answer.location == "/sign-in"
    assert sign_in(client, alice, NEW_PASSWORD).status_code == 303
    assert send(app.test_client(), link, on="/sign-in", password=NEW_PASSWORD).status_code == 422


def test_a_reset_is_answered_alike_for_every_address(app, session, alice, now):
    answers = []
    for email in (alice.member.email, "nobody@example.org"):
        browser = app.test_client()
        sent = send(browser, "/reset", email=email)
        answers.append((sent.status_code, sent.location, plain(browser.get(sent.location).text)))
        run_jobs(app, session, now)

    assert answers[0] == answers[1]
    assert templates_to(session, alice.member.email) == ["members/reset_password"]
    assert mails_to(session, "nobody@example.org") == []


def test_who_asks_for_resets_keeps_nobody_from_signing_up(app, client, session, alice, now):
    for _ in range(6):
        assert send(client, "/reset", email="new@example.org").status_code == 303
        assert send(client, "/reset", email=alice.member.email).status_code == 303
    run_jobs(app, session, now)

    assert templates_to(session, alice.member.email) == ["members/reset_password"] * 5
    assert join(client, email="new@example.org").location == "/sign-up/mailbox"


def test_guesses_from_everywhere_keep_nobody_out_of_a_browser_of_theirs(
    app, client, session, alice, bob, now
):
    for who in (alice, bob):
        with_password(who)
    sign_in(client, alice)
    send(client, "/sign-out", on="/settings/email")
    with client.session_transaction() as kept:
        assert alice.member.email not in str(dict(kept))
    for network in range(10):
        for _ in range(10):
            guess = members.SignIn(alice.member.email, f"192.0.2.{network}")
            members.count_sign_in(session, guess, now=now)

    assert sign_in(app.test_client(), alice).status_code == 409
    for _ in range(9):
        assert sign_in(client, alice, "wrong password").status_code == 403
    assert sign_in(client, alice).status_code == 303
    send(client, "/sign-out", on="/settings/email")
    # Tries in a browser of theirs are no more than anywhere else.
    for _ in range(10):
        sign_in(client, alice, "wrong password")
    assert sign_in(client, alice).status_code == 409
    # Another member's browser is none of hers.
    assert sign_in(client, bob).status_code == 303
    send(client, "/sign-out", on="/settings/email")
    with client.session_transaction() as kept:
        assert kept["known"]
    assert sign_in(client, alice).status_code == 409


# Settings


def test_the_address_is_changed_by_its_new_mailbox(app, as_alice, session, alice, bob):
    with_password(alice)
    answers = []
    for email in ("new@example.org", bob.member.email):
        sent = send(as_alice, "/settings/email", email=email, current_password=PASSWORD)
        answers.append((sent.status_code, sent.location))

    send(app.test_client(), mails_to(session, "new@example.org")[0].facts["path"])

    assert answers == [(303, "/settings/email")] * 2
    assert alice.member.email == "new@example.org"
    assert templates_to(session, bob.member.email) == ["members/address_in_use"]


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/settings/email", {"email": "new@example.org"}),
        ("/settings/password", {"password": NEW_PASSWORD}),
        ("/settings/tokens", {"name": "Spreadsheet", "scopes": "read"}),
    ],
)
def test_the_password_is_asked_again_and_tries_are_counted(as_alice, alice, path, typed):
    with_password(alice)
    for wrong in ["", *["wrong one"] * 10]:
        answer = send(as_alice, path, current_password=wrong, **typed)
        assert answer.status_code == 422
        assert errors(answer.text) == 1

    assert send(as_alice, path, current_password=PASSWORD, **typed).status_code == 409


def test_a_new_password_signs_out_the_other_browsers_only(app, alice, as_alice):
    with_password(alice)
    other = app.test_client()
    sign_in(other, alice)

    answer = send(as_alice, "/settings/password", current_password=PASSWORD, password=NEW_PASSWORD)

    assert answer.location == "/settings"
    assert as_alice.get("/settings").status_code == 200
    assert other.get("/settings").status_code == 303


def test_browsers_are_listed_and_signed_out_one_by_one(app, session, alice, bob, as_alice, as_bob):
    with_password(alice)
    other = app.test_client()
    other.post(
        "/sign-in",
        data={
            "csrf_token": csrf(other, "/sign-in"),
            "email": alice.member.email,
            "password": PASSWORD,
        },
        headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"},
    )
    assert "Firefox, Linux" in as_alice.get("/settings/sessions").text
    newest = max(one.id for one in sessions.all_of(session, alice.member))

    by_bob = send(as_bob, f"/settings/sessions/{newest}/end", on="/settings/sessions")
    assert by_bob.status_code == 404
    assert other.get("/settings").status_code == 200
    send(as_alice, f"/settings/sessions/{newest}/end", on="/settings/sessions")

    assert other.get("/settings").status_code == 303
    assert as_alice.get("/settings").status_code == 200


def test_all_other_browsers_are_signed_out_at_once(app, alice, as_alice):
    with_password(alice)
    others = [app.test_client() for _ in range(3)]
    for other in others:
        sign_in(other, alice)

    send(as_alice, "/settings/sessions/end", on="/settings/sessions")

    assert [other.get("/settings").status_code for other in others] == [303] * 3
    assert as_alice.get("/settings").status_code == 200


def test_a_token_is_shown_on_one_page_that_nothing_keeps(as_alice, session, alice):
    with_password(alice)
    answer = as_alice.post(
        "/settings/tokens",
        data={
            "csrf_token": csrf(as_alice, "/settings/tokens"),
            "name": "Spreadsheet <b>",
            "scopes": ["read", "buying"],
            "current_password": PASSWORD,
        },
    )

    text = re.search(r"allmende_[\w-]{43}", answer.text)[0]
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert sessions.find_api_token(session, text).scopes == ["buying", "read"]
    listed = as_alice.get("/settings/tokens").text
    assert "Spreadsheet &lt;b&gt;" in listed
    assert text not in listed


@pytest.mark.parametrize("scopes", [[], ["everything"], ["read", "root"]])
def test_a_token_needs_scopes_that_exist(as_alice, session, alice, scopes):
    with_password(alice)

    answer = as_alice.post(
        "/settings/tokens",
        data={
            "csrf_token": csrf(as_alice, "/settings/tokens"),
            "name": "Spreadsheet",
            "scopes": scopes,
            "current_password": PASSWORD,
        },
    )

    assert answer.status_code == 422
    assert "Spreadsheet" in answer.text
    assert session.scalars(select(ApiToken)).all() == []


def test_a_token_is_revoked_by_its_owner(as_alice, as_bob, session, alice):
    with_password(alice)
    send(as_alice, "/settings/tokens", name="t", scopes="read", current_password=PASSWORD)
    token = session.scalars(select(ApiToken)).one()
    path = f"/settings/tokens/{token.id}/revocation"

    assert send(as_bob, path, on="/settings/tokens").status_code == 404
    assert send(as_alice, path, on="/settings/tokens").status_code == 303
    assert send(as_alice, path, on="/settings/tokens").status_code == 404
    assert token.revoked_at is not None


def test_an_unconfirmed_member_is_asked_to_confirm(browser_of, session, now):
    greta = unconfirmed(session, "Greta", now=now)
    browser = browser_of(greta)

    page = browser.get("/settings").text
    answer = send(browser, "/settings/tokens", name="t", scopes="read", current_password=PASSWORD)

    assert greta.member.email in page
    assert answer.status_code == 403
    assert "confirm your e-mail address" in answer.text


def test_an_unconfirmed_member_is_offered_the_link_and_no_other_address(browser_of, session, now):
    browser = browser_of(unconfirmed(session, "Greta", now=now))

    page = browser.get("/settings/email").text
    answer = send(browser, "/settings/email", email="x@example.org", current_password=PASSWORD)

    assert 'action="/settings/email/confirmation"' in page
    assert 'action="/settings/email"' not in page
    assert answer.status_code == 403
    assert "confirm your e-mail address" in answer.text
    assert mails_to(session, "x@example.org") == []


def test_whoever_confirms_on_the_way_to_an_order_is_led_back(browser_of, session, alice, now):
    greta = unconfirmed(session, "Greta", now=now)
    with db.at(now):
        deal = make_buying.group_buy(session, alice, now=now)
        browser = browser_of(greta)
        page = browser.get(f"/group-buys/{deal.slug}").text
        asked = page[page.index("/settings/email/confirmation") :]
        shown = re.search(r'name="next" value="([^"]+)"', asked)
        assert shown is not None

        again = send(browser, "/settings/email/confirmation", on="/settings", next=shown[1])
        link = mails_to(session, greta.member.email)[0].facts["path"]
        confirmed = send(browser, link)

    assert again.location == confirmed.location == f"/group-buys/{deal.slug}"


def test_the_cookie_tells_nothing_but_the_session(app, alice):
    with_password(alice)
    with app.test_request_context():
        auth.start_session("drawn", alice.member)

        assert "@" not in cookie.pop("known")
        assert set(cookie) == {"sid", "locale", "theme", "large_print", "_permanent"}


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1", "Safari, iOS"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_a_browser_is_called_by_its_name(user_agent, name):
    assert browser_name(user_agent) == name

"""The public pages of participants, and the pages of those who act for organisations."""

import re
from importlib.resources import files
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from marketplace import db
from models.members import MemberSession
from models.participants import Invitation, Membership, MembershipRole, Participant, Picture
from services import geography, participants, places, sessions
from tests import make, make_discovery
from tests.counting import counted
from tests.make_members import mails_to, unconfirmed
from tests.marketplace.test_members_pages import WEIRD, csrf, errors, send

SEED = files("marketplace") / "seed" / "places.csv.gz"
TRADER = {
    "is_trader": "true",
    "legal_name": "Hof Nord GmbH",
    "address": "Deich 1\n27568 Bremerhaven",
    "email": "hof@example.org",
    "register": "HRB 1234",
}


@pytest.fixture(autouse=True)
def clock(now):
    with db.at(now):
        yield


@pytest.fixture
def co_op(session, alice, now):
    return make.organisation(session, "Speicher", owner=alice, now=now)


@pytest.fixture
def towns(session):
    wanted = {"Bremerhaven", "Neuenkirchen", "Amsterdam"}
    geography.load(session, [row for row in places.read_seed(SEED) if row.name in wanted])


def picture_file(size=(40, 20)):
    written = BytesIO()
    Image.new("RGB", size, "red").save(written, "PNG")
    return BytesIO(written.getvalue()), "field.png"


def edit(client, path="/settings/profile", **typed):
    return send(client, path, **{"name": "Alice", "lang": "en", "place": "Bremerhaven", **typed})


def belong(session, organisation, actor, role, now):
    session.add(
        Membership(
            organisation_id=organisation.id, member_id=actor.member.id, role=role, since_at=now
        )
    )
    session.flush()


# The public page


@pytest.mark.parametrize("language", ["en", "de", "nl"])
def test_everyone_reads_a_page(client, as_bob, alice, co_op, language):
    for reader in (client, as_bob):
        for participant in (alice.participant, co_op.participant):
            answer = reader.get(
                f"/people/{participant.slug}", headers={"Accept-Language": language}
            )
            assert answer.status_code == 200
            assert participant.name in answer.text
            assert "/settings/profile" not in answer.text


def test_a_private_person_and_a_trader_are_told_apart_with_what_it_means(client, session, alice):
    path = f"/people/{alice.participant.slug}"
    private = client.get(path).text
    alice.participant.is_trader = True
    alice.participant.trader_details = {"legal_name": "Hof & Söhne", "address": "Deich 1"}
    session.flush()
    trader = client.get(path).text

    assert "do not apply" in private
    assert "right of withdrawal" in trader
    assert "Hof &amp; Söhne" in trader


def test_a_page_marks_the_language_of_what_its_owner_wrote(client, session, alice):
    alice.participant.about = "Ich backe **Brot**.\n\n<img src=x onerror=alert(1)>"
    alice.participant.lang = "de"
    session.flush()

    page = client.get(f"/people/{alice.participant.slug}").text

    assert 'lang="de"' in page
    assert "<strong>Brot</strong>" in page
    assert "<img src=x" not in page


def test_a_page_that_is_not_there_says_so(client):
    answer = client.get("/people/nobody")

    assert answer.status_code == 404
    assert "<html" in answer.text


def test_a_page_needs_few_statements_however_much_was_done(client, session, alice, now):
    path = f"/people/{alice.participant.slug}"
    for _ in range(2):
        for number in range(5):
            make_discovery.deal(session, alice, f"Flour {number}", now=now)
        with counted(session) as statements:
            page = client.get(path)

        assert page.text.count("Flour") >= 5
        assert len([one for one in statements if one.startswith("SELECT")]) == 3, statements


# Changing it


@pytest.mark.parametrize("language", ["en", "de", "nl"])
def test_a_member_reads_the_form(as_alice, language):
    answer = as_alice.get("/settings/profile", headers={"Accept-Language": language})

    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text


def test_a_member_changes_their_page(as_alice, alice, towns):
    answer = as_alice.post(
        "/settings/profile",
        data={
            "csrf_token": csrf(as_alice, "/settings/profile"),
            "name": "Älice",
            "about": "I bake.",
            "lang": "nl",
            "languages": ["de", "nl"],
            "skills": "Baking,  mending bicycles ,,",
            "place": "Amsterdam",
            **TRADER,
        },
    )

    shown = alice.participant
    assert answer.location == f"/people/{shown.slug}"
    assert (shown.name, shown.lang, shown.place_name) == ("Älice", "nl", "Amsterdam")
    assert shown.languages == ["de", "nl"]
    assert shown.skills == ["Baking", "mending bicycles"]
    assert shown.is_trader
    assert shown.trader_details["address"] == "Deich 1\n27568 Bremerhaven"


def test_a_trader_who_does_not_say_who_they_are_is_asked_at_each_field(as_alice, alice):
    answer = edit(as_alice, **{**TRADER, "legal_name": "", "email": ""})

    assert answer.status_code == 422
    assert errors(answer.text) == 2
    assert "HRB 1234" in answer.text
    assert not alice.participant.is_trader


def test_several_places_of_one_name_are_offered_and_one_is_chosen(as_alice, alice, towns):
    asked = edit(as_alice, place="Neuenkirchen", about="typed")

    assert asked.status_code == 422
    assert "typed" in asked.text
    chosen = re.findall(r'name="place_id" value="(\d+)"', asked.text)
    assert len(chosen) > 5
    answer = edit(as_alice, place="Neuenkirchen", place_id=chosen[2])
    assert answer.status_code == 303
    assert alice.participant.place_name == "Neuenkirchen"
    assert alice.participant.latitude != make.BREMERHAVEN[0]


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": ""}, "name", "Name: Please fill this in."),
        ({"place": "Atlantis"}, "place", "Place: We know no place of this name."),
        ({"place": "Neuenkirchen"}, "place_id", "Did you mean one of these? There are several"),
        ({**TRADER, "legal_name": ""}, "legal_name", "Legal name: A trader has to state this"),
        ({"languages": "tlh"}, "languages", "Languages you speak: There is no such choice."),
        ({"is_trader": "maybe"}, "is_trader", "I sell here as a trader: Please answer yes or no."),
    ],
)
def test_the_summary_of_what_is_wrong_names_the_field(as_alice, towns, typed, field, said):
    page = edit(as_alice, **typed).text

    summary = re.search(r'<div class="note note--refused".*?</div>', page, re.DOTALL)[0]
    assert f'<a href="#field-{field}">{said}' in summary
    assert f'id="field-{field}"' in page


def test_a_field_that_is_not_shown_is_not_linked(as_alice):
    page = edit(as_alice, place_id="-1").text

    assert "#field-place_id" not in page


@pytest.mark.parametrize("typed", ["Bremerhafen", "Bremerha", "Bremerhaven, Bayern"])
def test_a_place_that_may_be_meant_is_offered_and_chosen(as_alice, alice, towns, typed):
    alice.participant.place_name = ""

    asked = edit(as_alice, place=typed, about="typed")

    assert asked.status_code == 422
    assert "Did you mean one of these?" in asked.text
    assert 'href="#field-place"' in asked.text
    [chosen] = re.findall(r'name="place_id" value="(\d+)"', asked.text)
    assert edit(as_alice, place=typed, place_id=chosen).status_code == 303
    assert alice.participant.place_name == "Bremerhaven"


@pytest.mark.parametrize(
    "typed",
    [
        {"name": ""},
        {"place": "Atlantis"},
        {"lang": "tlh"},
        {"languages": "tlh"},
        {"skills": ",".join(str(number) for number in range(13))},
        {"skills": "x" * 41},
        {"about": "x" * 4_001},
        {"place_id": "-1"},
        {"email": "no address"},
    ],
)
def test_what_cannot_be_is_refused_and_the_rest_stays(as_alice, alice, towns, typed):
    answer = edit(as_alice, **{"register": "HRB 77", **typed})

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "HRB 77" in answer.text
    assert alice.participant.name == "Alice"


@pytest.mark.parametrize("typed", WEIRD)
@pytest.mark.parametrize("field", ["name", "about", "skills", "place", "address", "lang"])
def test_whatever_is_typed_is_shown_as_text_or_refused(as_alice, client, alice, field, typed):
    answer = edit(as_alice, **{field: typed})

    assert answer.status_code in (303, 422)
    assert "<script>alert" not in answer.text
    assert "<script>alert" not in client.get(f"/people/{alice.participant.slug}").text


def test_a_picture_is_uploaded_shown_and_removed(as_alice, client, session, alice):
    path = f"/people/{alice.participant.slug}"
    answer = send(
        as_alice, f"{path}/picture", on="/settings/profile", picture=picture_file(), alt="Me"
    )
    assert answer.location == "/settings/profile"

    page = client.get(path).text
    address = re.search(r"/pictures/\w+\.webp", page)[0]
    assert 'alt="Me"' in page
    served = client.get(address)
    assert served.content_type == "image/webp"
    assert served.data.startswith(b"RIFF")
    assert "immutable" in served.headers["Cache-Control"]
    assert served.headers["Content-Security-Policy"] == "default-src 'none'"

    send(as_alice, f"{path}/picture/removal", on="/settings/profile")
    assert client.get(address).status_code == 404
    assert session.scalars(select(Picture)).all() == []


@pytest.mark.parametrize("content", [b"", b"hello", b"<svg/>", b"\x89PNG\r\n\x1a\n"])
def test_an_upload_that_is_no_picture_says_so(as_alice, alice, content):
    answer = send(
        as_alice,
        f"/people/{alice.participant.slug}/picture",
        on="/settings/profile",
        picture=(BytesIO(content), "x.png"),
        alt="a field",
    )

    assert answer.status_code == 422
    assert "no picture we can read" in answer.text
    assert "a field" in answer.text


def test_an_upload_that_is_too_large_says_so(as_alice, alice):
    token = csrf(as_alice, "/settings/profile")
    head = (
        '--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
        f"{token}\r\n"
        '--x\r\nContent-Disposition: form-data; name="picture"; filename="x.png"\r\n\r\n'
    )

    answer = as_alice.post(
        f"/people/{alice.participant.slug}/picture",
        data=head.encode() + b"x" * 13_000_000 + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
    )

    assert answer.status_code == 422
    assert "12 megabytes" in answer.text


def test_places_are_suggested_to_programs_on_the_page(client, towns):
    found = client.get("/places?q=breme").json

    assert found[0]["label"] == "Bremerhaven, Bremen, DE"
    assert found[0]["latitude"] == 53.55
    for nothing in ("", "?q=", "?q=" + "x" * 5_000, "?q=%25"):
        assert client.get("/places" + nothing).json == []


# Organisations


def test_a_member_opens_an_organisation_and_acts_for_it(as_alice, session):
    answer = send(as_alice, "/organisations/new", name="Speicher")

    assert answer.location == "/organisations/speicher/profile"
    assert as_alice.get(answer.location).status_code == 200
    signed_in = session.scalars(select(MemberSession)).one()
    assert session.get(Participant, signed_in.acting_as_id).slug == "speicher"


def test_an_unconfirmed_member_is_told_to_confirm_first(browser_of, session, now):
    browser = browser_of(unconfirmed(session, "Greta", now=now))

    answer = send(browser, "/organisations/new", name="Speicher")

    assert answer.status_code == 403
    assert "confirm your e-mail address" in answer.text
    assert 'value="Speicher"' in answer.text


MAY_READ = {
    "members": {MembershipRole.OWNER, MembershipRole.MANAGER, MembershipRole.AGENT},
    "profile": {MembershipRole.OWNER, MembershipRole.MANAGER},
}


@pytest.mark.parametrize("role", [*MembershipRole, None])
@pytest.mark.parametrize("page", list(MAY_READ))
def test_who_may_read_the_inner_pages(as_bob, session, co_op, bob, now, page, role):
    if role:
        belong(session, co_op.participant, bob, role, now)

    answer = as_bob.get(f"/organisations/{co_op.participant.slug}/{page}")

    assert answer.status_code == (200 if role in MAY_READ[page] else 403)


@pytest.mark.parametrize("role", list(MembershipRole))
def test_only_owners_see_what_owners_do(as_bob, session, co_op, bob, now, role):
    belong(session, co_op.participant, bob, role, now)

    page = as_bob.get(f"/organisations/{co_op.participant.slug}/members").text

    owns = role == MembershipRole.OWNER
    assert ("/invitations" in page) == owns
    assert ("/removal" in page) == owns
    assert "/departure" in page


@pytest.mark.parametrize("language", ["en", "de", "nl"])
def test_someone_is_invited_and_accepts(as_alice, as_bob, client, session, co_op, bob, language):
    path = f"/organisations/{co_op.participant.slug}/members"
    invitations = path.replace("members", "invitations")
    sent = send(as_alice, invitations, on=path, email="eva@example.org", role="manager")
    assert sent.location == path
    assert "eva@example.org" in as_alice.get(path).text
    link = mails_to(session, "eva@example.org")[0].facts["path"]

    stranger = client.get(link, headers={"Accept-Language": language})
    assert stranger.status_code == 200
    assert co_op.participant.name in stranger.text
    answer = send(as_bob, f"{link}/acceptance", on=link)

    assert answer.location == path
    assert as_bob.get(path).status_code == 200
    assert as_bob.get(link).status_code == 422
    assert sessions.actor_of(session, bob.member).may_manage(co_op.participant.id)


def test_a_stranger_declines(client, session, co_op, now):
    participants.invite(
        session, co_op.participant, "eva@example.org", MembershipRole.AGENT, actor=co_op, now=now
    )
    link = mails_to(session, "eva@example.org")[0].facts["path"]

    assert send(client, f"{link}/refusal", on=link).status_code == 303

    assert client.get(link).status_code == 422


@pytest.mark.parametrize(
    "typed", [{"email": ""}, {"email": "no address"}, {"role": "king"}, {"role": ""}]
)
def test_a_faulty_invitation_stays_as_typed(as_alice, session, co_op, typed):
    path = f"/organisations/{co_op.participant.slug}/members"

    answer = send(
        as_alice,
        path.replace("members", "invitations"),
        on=path,
        **{"email": "eva@example.org", "role": "agent", **typed},
    )

    assert answer.status_code == 422
    assert typed.get("email", "eva@example.org") in answer.text
    assert session.scalars(select(Invitation)).all() == []


def test_roles_are_changed_and_members_removed_on_the_page(as_alice, session, co_op, bob, now):
    belong(session, co_op.participant, bob, MembershipRole.AGENT, now)
    path = f"/organisations/{co_op.participant.slug}/members"
    of_bob = participants.memberships_of(session, co_op.participant)[1].id
    of_alice = participants.memberships_of(session, co_op.participant)[0].id

    changed = send(as_alice, f"{path}/{of_bob}/role", on=path, role="manager")
    assert changed.status_code == 303
    assert sessions.actor_of(session, bob.member).may_manage(co_op.participant.id)
    assert send(as_alice, f"{path}/{of_alice}/role", on=path, role="agent").status_code == 409
    assert send(as_alice, f"{path}/{of_alice}/role", on=path, role="king").status_code == 422
    assert send(as_alice, f"{path}/{of_bob}/removal", on=path).status_code == 303
    assert send(as_alice, f"{path}/{of_bob}/removal", on=path).status_code == 404
    departure = path.replace("members", "departure")
    assert send(as_alice, departure, on=path).status_code == 409


def test_the_header_switches_whom_a_member_acts_as(as_alice, session, alice, co_op, bob):
    def switch(participant):
        return as_alice.post(
            "/acting-as",
            data={
                "csrf_token": csrf(as_alice, "/settings/profile"),
                "participant": str(participant.id),
            },
            headers={"Referer": "http://localhost/group-buys?q=oil"},
        )

    signed_in = session.scalars(select(MemberSession)).one()

    answer = switch(co_op.participant)
    assert answer.location == "/group-buys?q=oil"
    session.refresh(signed_in)
    assert signed_in.acting_as_id == co_op.participant.id
    assert switch(bob.participant).status_code == 403
    session.refresh(signed_in)
    assert signed_in.acting_as_id == co_op.participant.id
    switch(alice.participant)
    session.refresh(signed_in)
    assert signed_in.acting_as_id is None


@pytest.mark.parametrize(
    "referrer",
    ["http://evil.example/x", "http://localhost//evil.example", "http://localhost/\\evil", ""],
)
def test_the_switch_leads_back_to_pages_of_ours_alone(as_alice, alice, referrer):
    answer = as_alice.post(
        "/acting-as",
        data={
            "csrf_token": csrf(as_alice, "/settings/profile"),
            "participant": str(alice.participant.id),
        },
        headers={"Referer": referrer},
    )

    assert answer.location == "/"


@pytest.mark.parametrize(
    "path",
    [
        "/settings/profile",
        "/organisations/new",
        "/organisations/x/profile",
        "/organisations/x/invitations",
        "/organisations/x/departure",
        "/people/x/picture",
        "/people/x/picture/removal",
        "/invitations/x/acceptance",
        "/invitations/x/refusal",
        "/acting-as",
    ],
)
def test_without_the_token_of_the_form_nothing_is_taken(as_alice, path):
    assert as_alice.post(path, data={"name": "x"}).status_code == 400

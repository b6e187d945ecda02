"""Members join, sign in, and change how they do; nobody learns who else is here."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.errors import NotFound
from models.events import Event
from models.members import (
    ApiToken,
    LinkNotValid,
    MailToken,
    Member,
    MemberSession,
    NotConfirmed,
    PasswordTooWeak,
    Purpose,
    Scope,
    TooManyTries,
    WrongCredentials,
    WrongPassword,
)
from models.participants import ParticipantKind
from services import members, passwords, sessions
from services.members.addresses import SameEmail
from services.members.links import make_link
from tests import make
from tests.make_members import (
    PASSWORD,
    mails_to,
    recognised,
    session_behind,
    templates_to,
    token_in,
    unconfirmed,
    with_password,
)

NEW_PASSWORD = "a heron on the harbour wall"


def sign_up(session, now, **overrides):
    members.sign_up(
        session,
        **{
            "name": "Erika Muster",
            "email": "Erika@Example.org",
            "password": PASSWORD,
            "locale": "de",
            "now": now,
            **overrides,
        },
    )


def sign_in(session, now, email="erika@example.org", password=PASSWORD):
    return members.sign_in(session, email=email, password=password, user_agent="Firefox", now=now)


def reset_token(session, member, now):
    members.mail_reset(session, member.email, now=now)
    return token_in(mails_to(session, member.email)[-1])


# Joining


def test_signing_up_makes_a_person_who_is_not_confirmed(session, now):
    sign_up(session, now)

    member = session.scalars(select(Member).filter_by(email_key="erika@example.org")).one()
    assert member.participant.kind == ParticipantKind.PERSON
    assert member.participant.slug == "erika-muster"
    assert member.locale == "de"
    assert not member.is_confirmed
    assert session.scalars(select(Event.kind)).all() == ["SignedUp"]


def test_two_people_of_one_name_have_two_pages(session, now):
    sign_up(session, now)
    sign_up(session, now, email="other@example.org")

    slugs = session.scalars(select(Member).order_by(Member.id)).all()
    assert slugs[0].participant.slug == "erika-muster"
    assert slugs[1].participant.slug.startswith("erika-muster-")


@pytest.mark.parametrize("name", ["🦊", "..", "مرحبا", "<script>alert(1)</script>", "x" * 80])
def test_any_name_has_a_page(session, now, name):
    sign_up(session, now, name=name)

    participant = session.scalars(select(Member)).one().participant
    assert participant.name == name
    assert 0 < len(participant.slug) <= 48
    assert participant.name_key


def test_an_unconfirmed_member_signs_in_but_does_not_commit(session, now):
    sign_up(session, now)

    member, _token = sign_in(session, now)

    with pytest.raises(NotConfirmed) as refusal:
        member.require_confirmed()
    assert refusal.value.code == "not-confirmed"


def test_the_link_confirms_the_address_once(session, now):
    sign_up(session, now)
    token = token_in(mails_to(session, "Erika@Example.org")[0])

    member = members.confirm(session, token, now=now + timedelta(days=2))

    assert member.is_confirmed
    member.require_confirmed()
    with pytest.raises(LinkNotValid) as refusal:
        members.confirm(session, token, now=now + timedelta(days=2))
    assert refusal.value.code == "link-not-valid"


def test_a_link_is_too_old_after_its_time(session, now):
    sign_up(session, now)
    token = token_in(mails_to(session, "Erika@Example.org")[0])

    with pytest.raises(LinkNotValid):
        members.confirm(session, token, now=now + timedelta(days=3))


def test_a_link_is_good_for_its_purpose_alone(session, now):
    sign_up(session, now)
    token = token_in(mails_to(session, "Erika@Example.org")[0])

    with pytest.raises(LinkNotValid):
        members.reset(session, token, password=NEW_PASSWORD, now=now)
    with pytest.raises(LinkNotValid):
        members.confirm(session, "never drawn", now=now)


def test_signing_up_with_a_known_address_changes_nothing_and_tells_its_owner(session, alice, now):
    with_password(alice)
    kept = alice.member.password_hash

    sign_up(session, now, email=alice.member.email.upper(), password=NEW_PASSWORD)

    assert session.scalars(select(Member)).all() == [alice.member]
    assert alice.member.password_hash == kept
    assert templates_to(session, alice.member.email) == ["members/already_member"]


def test_an_unconfirmed_address_belongs_to_whoever_opens_its_mail(session, now):
    sign_up(session, now, password="the stranger came before")
    squatter, _token = sign_in(session, now, password="the stranger came before")

    sign_up(session, now)
    with pytest.raises(WrongCredentials):
        sign_in(session, now)
    members.confirm(session, token_in(mails_to(session, squatter.email)[-1]), now=now)

    assert sign_in(session, now)[0].is_confirmed
    assert len(sessions.all_of(session, squatter)) == 1
    with pytest.raises(WrongCredentials):
        sign_in(session, now, password="the stranger came before")
    with pytest.raises(LinkNotValid):
        members.confirm(session, token_in(mails_to(session, squatter.email)[0]), now=now)


def test_whoever_signed_up_first_keeps_no_way_into_the_account(session, now):
    sign_up(session, now, password="the stranger came before")
    squatter, _token = sign_in(session, now, password="the stranger came before")
    links = {
        purpose: make_link(session, squatter, purpose, email="evil@example.org", now=now)[1]
        for purpose in Purpose
    }
    with pytest.raises(LinkNotValid):
        members.confirm(session, links[Purpose.CHANGE_EMAIL], now=now)

    sign_up(session, now)
    members.confirm(session, token_in(mails_to(session, squatter.email)[-1]), now=now)

    for token in links.values():
        with pytest.raises(LinkNotValid):
            members.confirm(session, token, now=now)
        with pytest.raises(LinkNotValid):
            members.reset(session, token, password=NEW_PASSWORD, now=now)
    assert squatter.email_key == "erika@example.org"


def test_an_address_that_is_not_confirmed_is_not_changed(session, now):
    greta = unconfirmed(session, "Greta", now=now)

    with pytest.raises(NotConfirmed):
        members.ask_for_email(
            session, greta.member, email="evil@example.org", current_password=PASSWORD, now=now
        )

    assert mails_to(session, "evil@example.org") == []


def test_confirming_signs_out_every_browser_but_the_one_it_is_done_in(session, now):
    greta = unconfirmed(session, "Greta", now=now)
    here, _elsewhere = (
        session_behind(session, sign_in(session, now, greta.member.email)[1], now=now)
        for _ in range(2)
    )
    members.send_confirmation(session, greta.member, now=now)
    link = token_in(mails_to(session, greta.member.email)[0])

    members.confirm(session, link, keep_session=here.id, now=now)

    assert [one.id for one in sessions.all_of(session, greta.member)] == [here.id]


def test_the_confirmation_is_sent_again_until_it_was_opened(session, now):
    greta = unconfirmed(session, "Greta", now=now)

    members.send_confirmation(session, greta.member, now=now)
    members.confirm(session, token_in(mails_to(session, greta.member.email)[0]), now=now)
    members.send_confirmation(session, greta.member, now=now)

    assert len(mails_to(session, greta.member.email)) == 1
    assert passwords.matches(greta.member.password_hash, PASSWORD)


def test_a_weak_password_is_refused_before_anything_is_looked_up(session, alice, now):
    for email in (alice.member.email, "nobody@example.org"):
        with pytest.raises(PasswordTooWeak) as refusal:
            sign_up(session, now, email=email, password="password")
        assert refusal.value.code == "password-too-weak"
        assert mails_to(session, email) == []


# Signing in


def test_the_address_is_known_in_any_spelling(session, alice, now):
    with_password(alice)

    member, token = sign_in(session, now, f" {alice.member.email.upper()} ")

    assert member is alice.member
    assert session_behind(session, token, now=now).member_id == alice.member.id


def test_an_unknown_address_a_wrong_password_and_a_closed_account_are_one_answer(
    session, alice, bob, now
):
    with_password(alice)
    with_password(bob).member.closed_at = now
    answers = []
    for email, password in (
        (alice.member.email, "wrong"),
        ("nobody@example.org", PASSWORD),
        (bob.member.email, PASSWORD),
    ):
        with pytest.raises(WrongCredentials) as refusal:
            sign_in(session, now, email, password)
        answers.append((refusal.value.code, refusal.value.message, refusal.value.facts))

    assert answers == [("wrong-credentials", WrongCredentials.message, {})] * 3


def test_each_sign_in_has_a_token_of_its_own_kept_as_a_hash(session, alice, now):
    with_password(alice)

    tokens = {sign_in(session, now, alice.member.email)[1] for _ in range(3)}

    assert len(tokens) == 3
    kept = {bytes(row) for row in session.scalars(select(MemberSession.token_hash))}
    assert len(kept) == 3
    assert not kept & {token.encode() for token in tokens}


def test_a_password_hashed_with_old_costs_is_hashed_anew(session, alice, now, settings):
    passwords.use_memory(2 * settings.password_memory_kib)
    with_password(alice)
    before = alice.member.password_hash
    passwords.use_memory(settings.password_memory_kib)

    sign_in(session, now, alice.member.email)

    assert alice.member.password_hash != before
    assert not passwords.is_outdated(alice.member.password_hash)


def test_nobody_keeps_a_member_from_signing_in_elsewhere(session, now):
    for _ in range(10):
        members.count_sign_in(session, members.SignIn("a@example.org", "192.0.2.1"), now=now)
    with pytest.raises(TooManyTries):
        members.count_sign_in(session, members.SignIn("A@example.org ", "192.0.2.1"), now=now)

    members.count_sign_in(session, members.SignIn("a@example.org", "192.0.2.2"), now=now)


def test_tries_are_counted_per_account_and_per_network(session, now):
    for number in range(100):
        guesser, address = f"192.0.2.{number}", "198.51.100.1"
        members.count_sign_in(session, members.SignIn("a@example.org", guesser), now=now)
        members.count_sign_in(session, members.SignIn(f"{number}@x.org", address), now=now)

    with pytest.raises(TooManyTries):
        members.count_sign_in(session, members.SignIn("a@example.org", "203.0.113.1"), now=now)
    with pytest.raises(TooManyTries):
        members.count_sign_in(session, members.SignIn("new@x.org", "198.51.100.1"), now=now)


def test_one_mailbox_is_sent_five_mails_an_hour_for_strangers(session, now):
    for number in range(5):
        members.count_mail(session, to="a@example.org", address=f"192.0.2.{number}", now=now)

    with pytest.raises(TooManyTries):
        members.count_sign_up(session, email="a@example.org", address="192.0.2.9", now=now)


def test_only_members_of_the_demo_are_signed_in_without_a_password(session, alice, now):
    demo = make.actor(session, "Demo", now=now)
    demo.member.email = demo.member.email_key = "ada@demo.allmende.example"
    session.flush()

    member, token = members.sign_in_to_demo(
        session, "ada@demo.allmende.example", user_agent="", now=now
    )

    assert session_behind(session, token, now=now).member is member
    assert members.demo_members(session) == [demo.member]
    for email in (alice.member.email, "nobody@demo.allmende.example"):
        with pytest.raises(NotFound):
            members.sign_in_to_demo(session, email, user_agent="", now=now)


# Passwords and addresses


def test_a_forgotten_password_is_set_by_the_link_and_signs_out_everything(session, alice, now):
    with_password(alice)
    sign_in(session, now, alice.member.email)
    members.make_token(
        session, actor=alice, name="t", scopes=[Scope.READ], current_password=PASSWORD, now=now
    )

    token = reset_token(session, alice.member, now)
    members.reset(session, token, password=NEW_PASSWORD, now=now + timedelta(hours=1))

    assert sessions.all_of(session, alice.member) == []
    assert members.tokens_of(session, alice.member) == []
    assert sign_in(session, now, alice.member.email, NEW_PASSWORD)[0] is alice.member
    assert templates_to(session, alice.member.email)[-1] == "members/password_changed"
    with pytest.raises(LinkNotValid):
        members.reset(session, token, password=NEW_PASSWORD, now=now)


def test_a_reset_confirms_the_address(session, now):
    greta = unconfirmed(session, "Greta", now=now)

    token = reset_token(session, greta.member, now)
    members.reset(session, token, password=NEW_PASSWORD, now=now)

    assert greta.member.is_confirmed


def test_nothing_is_mailed_to_an_address_that_nobody_has(session, now):
    members.mail_reset(session, "nobody@example.org", now=now)

    assert mails_to(session, "nobody@example.org") == []


def test_a_weak_password_does_not_use_the_reset_link_up(session, alice, now):
    token = reset_token(session, alice.member, now)

    with pytest.raises(PasswordTooWeak):
        members.reset(session, token, password="12345678", now=now)

    assert members.reset(session, token, password=NEW_PASSWORD, now=now) is alice.member


def test_a_reset_link_to_an_address_that_was_left_opens_nothing(session, alice, now):
    token = reset_token(session, alice.member, now)
    alice.member.email = alice.member.email_key = "elsewhere@example.org"
    session.flush()

    with pytest.raises(LinkNotValid):
        members.reset(session, token, password=NEW_PASSWORD, now=now)


def test_changing_the_password_needs_the_old_one_and_signs_out_elsewhere(session, alice, now):
    with_password(alice)
    here = session_behind(session, sign_in(session, now, alice.member.email)[1], now=now)
    sign_in(session, now, alice.member.email)

    def change(current, password):
        members.change_password(
            session,
            alice.member,
            current_password=current,
            password=password,
            keep_session=here.id,
            now=now,
        )

    with pytest.raises(WrongPassword) as refusal:
        change("wrong", NEW_PASSWORD)
    assert refusal.value.code == "wrong-password"
    assert refusal.value.fields == {"current_password": WrongPassword.message}
    with pytest.raises(PasswordTooWeak):
        change(PASSWORD, alice.member.email)
    change(PASSWORD, NEW_PASSWORD)

    assert [one.id for one in sessions.all_of(session, alice.member)] == [here.id]
    assert passwords.matches(alice.member.password_hash, NEW_PASSWORD)


@pytest.mark.parametrize("way", ["changed", "reset"])
def test_whoever_knew_the_old_password_keeps_nothing_made_with_it(session, alice, now, way):
    with_password(alice)
    members.ask_for_email(
        session, alice.member, email="evil@example.org", current_password=PASSWORD, now=now
    )
    changing = token_in(mails_to(session, "evil@example.org")[0])
    resetting = reset_token(session, alice.member, now)
    _key, text = members.make_token(
        session, actor=alice, name="t", scopes=[Scope.READ], current_password=PASSWORD, now=now
    )

    if way == "changed":
        members.change_password(
            session,
            alice.member,
            current_password=PASSWORD,
            password=NEW_PASSWORD,
            keep_session=None,
            now=now,
        )
    else:
        members.reset(session, resetting, password=NEW_PASSWORD, now=now)
    session.expire_all()

    with pytest.raises(LinkNotValid):
        members.confirm(session, changing, now=now)
    with pytest.raises(LinkNotValid):
        members.reset(session, resetting, password=PASSWORD, now=now)
    assert sessions.find_api_token(session, text) is None


def test_the_address_changes_when_the_new_one_confirms_and_the_old_one_is_told(session, alice, now):
    with_password(alice)
    old = alice.member.email

    members.ask_for_email(
        session, alice.member, email="New@example.org", current_password=PASSWORD, now=now
    )
    assert alice.member.email == old
    token = token_in(mails_to(session, "New@example.org")[0])
    members.confirm(session, token, now=now)

    assert alice.member.email == "New@example.org"
    assert alice.member.email_key == "new@example.org"
    assert templates_to(session, old) == ["members/email_changed"]
    with pytest.raises(LinkNotValid):
        members.confirm(session, token, now=now)


def test_changing_to_somebody_elses_address_tells_only_them(session, alice, bob, now):
    with_password(alice)
    before = alice.member.email

    members.ask_for_email(
        session, alice.member, email=bob.member.email, current_password=PASSWORD, now=now
    )

    assert alice.member.email == before
    assert templates_to(session, bob.member.email) == ["members/address_in_use"]
    assert "/confirm/" not in mails_to(session, bob.member.email)[0].facts["path"]


def test_an_address_taken_in_between_is_not_taken_away(session, alice, now):
    with_password(alice)
    members.ask_for_email(
        session, alice.member, email="new@example.org", current_password=PASSWORD, now=now
    )
    sign_up(session, now, email="new@example.org")

    with pytest.raises(LinkNotValid):
        members.confirm(session, token_in(mails_to(session, "new@example.org")[0]), now=now)


def test_the_own_address_and_a_wrong_password_are_refused(session, alice, now):
    with_password(alice)

    with pytest.raises(SameEmail) as refusal:
        members.ask_for_email(
            session,
            alice.member,
            email=alice.member.email.upper(),
            current_password=PASSWORD,
            now=now,
        )
    assert refusal.value.code == "same-email"
    with pytest.raises(WrongPassword):
        members.ask_for_email(
            session, alice.member, email="x@example.org", current_password="", now=now
        )


# Programs


def test_a_token_is_shown_once_and_has_its_scopes(session, alice, now):
    with_password(alice)

    token, text = members.make_token(
        session,
        actor=alice,
        name="Spreadsheet",
        scopes=[Scope.READ, Scope.BUYING],
        current_password=PASSWORD,
        now=now,
    )

    assert text.startswith("allmende_")
    assert sessions.find_api_token(session, text).id == token.id
    assert token.scopes == ["buying", "read"]
    assert text.encode() not in bytes(token.token_hash)


def test_a_token_needs_the_password_and_a_confirmed_address(session, alice, now):
    with_password(alice)
    greta = unconfirmed(session, "Greta", now=now)

    with pytest.raises(WrongPassword):
        members.make_token(
            session, actor=alice, name="t", scopes=[Scope.READ], current_password="no", now=now
        )
    with pytest.raises(NotConfirmed):
        members.make_token(
            session, actor=greta, name="t", scopes=[Scope.READ], current_password=PASSWORD, now=now
        )
    assert session.scalars(select(ApiToken)).all() == []


def test_a_revoked_token_opens_nothing_and_only_its_owner_revokes_it(session, alice, bob, now):
    with_password(alice)
    token, text = members.make_token(
        session, actor=alice, name="t", scopes=[Scope.READ], current_password=PASSWORD, now=now
    )

    with pytest.raises(NotFound):
        members.revoke_token(session, bob.member, token.id, now=now)
    members.revoke_token(session, alice.member, token.id, now=now)

    assert sessions.find_api_token(session, text) is None
    with pytest.raises(NotFound):
        members.revoke_token(session, alice.member, token.id, now=now)


# Sessions


def test_a_session_ends_when_it_is_idle_too_old_or_ended(session, alice, bob, now):
    with_password(alice)
    _member, token = sign_in(session, now, alice.member.email)
    found = session_behind(session, token, now=now)

    assert session_behind(session, token, now=now + timedelta(days=13)) is not None
    assert session_behind(session, token, now=now + timedelta(days=14)) is None
    with pytest.raises(NotFound):
        sessions.end(session, bob.member, found.id)
    sessions.end(session, alice.member, found.id)
    session.flush()
    assert session_behind(session, token, now=now) is None


def test_a_session_that_is_used_lives_ninety_days_and_not_longer(session, alice, now):
    with_password(alice)
    _member, token = sign_in(session, now, alice.member.email)
    found = recognised(session, token, now=now)

    for day in range(10, 90, 10):
        sessions.mark_seen(session, found, now=now + timedelta(days=day))
    session.expire_all()

    assert session_behind(session, token, now=now + timedelta(days=89)) is not None
    assert session_behind(session, token, now=now + timedelta(days=90)) is None


def test_the_sweep_forgets_what_is_over_and_nothing_else(session, alice, bob, now):
    for actor, moment in ((alice, now - timedelta(days=20)), (bob, now)):
        with_password(actor)
        sign_in(session, moment, actor.member.email)
    reset_token(session, alice.member, now - timedelta(days=40))
    reset_token(session, bob.member, now)

    members.sweep(session, now=now)
    members.sweep(session, now=now)

    assert session.scalars(select(MemberSession.member_id)).all() == [bob.member.id]
    assert session.scalars(select(MailToken.member_id)).all() == [bob.member.id]

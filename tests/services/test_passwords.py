"""Passwords: hashed slowly, refused if they are among the first guesses."""

import pytest

from models.members import PasswordTooWeak
from services import passwords


def test_every_test_hashes_with_little_memory(settings):
    assert f"$m={settings.password_memory_kib}," in passwords.hashed("seven bicycles")


def test_only_the_same_password_matches():
    kept = passwords.hashed("seven bicycles in the hall")

    assert kept.startswith("$argon2id$")
    assert passwords.matches(kept, "seven bicycles in the hall")
    assert not passwords.matches(kept, "seven bicycles in the hal")
    assert not passwords.matches(kept, "")


def test_two_hashes_of_one_password_differ():
    assert passwords.hashed("seven bicycles") != passwords.hashed("seven bicycles")


def test_nobodys_password_matches_nothing():
    assert not passwords.matches("", "the password of nobody in particular")
    assert not passwords.matches("", "")
    assert not passwords.matches("no hash at all", "anything")


def test_one_text_typed_on_two_keyboards_is_one_password():
    kept = passwords.hashed("Fu\u0308nf Ba\u0308ume im Hof")

    assert passwords.matches(kept, "F\u00fcnf B\u00e4ume im Hof")


def test_a_hash_of_other_costs_is_outdated_and_still_good(settings):
    kept = passwords.hashed("seven bicycles in the hall")

    passwords.use_memory(2 * settings.password_memory_kib)

    assert passwords.is_outdated(kept)
    assert passwords.matches(kept, "seven bicycles in the hall")


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ("", passwords.TOO_SHORT),
        ("krokus7", passwords.TOO_SHORT),
        ("x7" * 65, passwords.TOO_LONG),
        ("password", passwords.TOO_COMMON),
        ("P4ssw0rd!", passwords.TOO_COMMON),
        ("Sommer2026", passwords.TOO_COMMON),
        ("!!welkom!!", passwords.TOO_COMMON),
        ("iloveyou99", passwords.TOO_COMMON),
        ("correcthorsebatterystaple"[:14] + "1", None),
        ("aaaaaaaaaaaa", passwords.TOO_REGULAR),
        ("abcabcabcabc", passwords.TOO_REGULAR),
        ("12345678", passwords.TOO_REGULAR),
        ("qwertz123456", passwords.TOO_REGULAR),
        ("98765432zyx", passwords.TOO_REGULAR),
        ("1q2w3e4r5t", passwords.TOO_REGULAR),
        ("martina.meyer", passwords.TOO_PERSONAL),
        ("meyer1987", passwords.TOO_PERSONAL),
        ("Meyer walks her dog at noon", None),
        ("seven bicycles in the hall", None),
        ("Ärpelschlot am Deich", None),
        ("كلمة سر طويلة جدا", None),
        ("🦊🐢🦀🐝🐙🦉🐳🦔", None),
    ],
)
def test_the_first_guesses_are_refused_and_nothing_else(weak, why):
    personal = ("Martina Meyer", "martina.meyer@example.org")

    if why is None:
        passwords.refuse_weak(weak, personal=personal)
    else:
        with pytest.raises(PasswordTooWeak) as refusal:
            passwords.refuse_weak(weak, personal=personal)
        assert refusal.value.fields == {"password": why}

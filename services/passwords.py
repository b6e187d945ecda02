"""Passwords: kept only as Argon2id, judged by what guessers try first and not by composition."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.members import PasswordTooWeak
from models.words import N_
from services.weak_passwords import WORDS

LEAST_CHARACTERS = 8
MOST_CHARACTERS = 128

TOO_SHORT = N_("Please use at least 8 characters. A few words in a row are easy to remember.")
TOO_LONG = N_("Please use at most 128 characters.")
TOO_COMMON = N_("Many people use this password, so it is guessed first. Please choose another.")
TOO_PERSONAL = N_("This is too close to your name or address. Please choose something else.")
TOO_REGULAR = N_("This is easy to guess because it repeats or counts. Please choose another.")

_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
)
_LOOK_ALIKES = str.maketrans("013457@$!", "oieastasi")

_memory_kib = 65_536


def use_memory(kib: int) -> None:
    """How much memory hashing one password takes, in KiB, from now on in this process.

    64 MiB with three passes is RFC 9106's second recommendation. Hashes made before stay valid
    and are made anew when their owner signs in.
    """
    global _memory_kib
    _memory_kib = kib


def hashed(password: str) -> str:
    """What is kept of a password; slow on purpose."""
    return _hasher(_memory_kib).hash(_normal(password))


def matches(kept: str, password: str) -> bool:
    """Whether `password` is the one that was kept; an empty `kept` takes as long as any other.

    So it cannot be told from the time of an answer whether there is such a member.
    """
    hasher = _hasher(_memory_kib)
    try:
        return hasher.verify(kept or _nobodys(_memory_kib), _normal(password)) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with other costs than those of today."""
    return _hasher(_memory_kib).check_needs_rehash(kept)


def refuse_weak(password: str, *, personal: Iterable[str] = ()) -> None:
    """Refuse with PasswordTooWeak what is guessed first; `personal` is the name and address.

    After OWASP ASVS 6.2: length, no composition, not among the common ones.
    """
    normal = _normal(password)
    if len(normal) < LEAST_CHARACTERS:
        problem = TOO_SHORT
    elif len(normal) > MOST_CHARACTERS:
        problem = TOO_LONG
    elif _is_regular(normal.casefold()):
        problem = TOO_REGULAR
    elif _is_common(normal.casefold()):
        problem = TOO_COMMON
    elif _is_personal(normal.casefold(), personal):
        problem = TOO_PERSONAL
    else:
        return
    raise PasswordTooWeak(fields={"password": problem})


def _is_common(password: str) -> bool:
    """A common word, however it is dressed up: P4ssw0rd, summer2026!, iloveyou99."""
    letters = re.sub(r"[\W\d_]+", "", password)
    undressed = password.translate(_LOOK_ALIKES)
    trimmed = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", password).translate(_LOOK_ALIKES)
    found = {password, letters, undressed, trimmed, re.sub(r"[\W\d_]+", "", undressed)}
    return bool(found & WORDS) and len(password) < 2 * LEAST_CHARACTERS


def _is_regular(password: str) -> bool:
    if len(set(password)) <= 3:
        return True
    repeated = re.fullmatch(r"(.{1,6}?)\1+", password)
    return repeated is not None or len(_without_runs(password)) <= 2


def _without_runs(password: str) -> str:
    """What is left once runs of three or more along an alphabet or a keyboard are taken out."""
    rows = [*_ROWS, *(row[::-1] for row in _ROWS)]
    rest, at = [], 0
    while at < len(password):
        length = 1
        while at + length < len(password) and any(
            password[at : at + length + 1] in row for row in rows
        ):
            length += 1
        if length < 3:
            rest.append(password[at : at + length])
        at += length
    return "".join(rest)


def _is_personal(password: str, personal: Iterable[str]) -> bool:
    rest = password
    words = [word for text in personal for word in re.split(r"[\W_]+", _normal(text).casefold())]
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= 4:
            rest = rest.replace(word, "")
    own_part = re.sub(r"[\W_]+", "", rest)
    return rest != password and len(own_part) < LEAST_CHARACTERS


def _normal(password: str) -> str:
    """One spelling of the same characters, whichever keyboard wrote them (RFC 8265)."""
    return unicodedata.normalize("NFKC", password)


@lru_cache
def _hasher(memory_kib: int) -> PasswordHasher:
    return PasswordHasher(time_cost=3, memory_cost=memory_kib, parallelism=1)


@lru_cache
def _nobodys(memory_kib: int) -> str:
    return _hasher(memory_kib).hash("the password of nobody in particular")

"""References: the words on a transfer by which it is known, with check digits (ISO 11649)."""

import re

_NOT_WRITTEN = re.compile(r"[^0-9A-Za-z]+")
_BODY_DIGITS = 8
_LONGEST = 4 + 18


def reference(commitment_id: int) -> str:
    """The creditor reference of a commitment: RF, two check digits, its number.

    The number has at least eight digits, so that what a bank adds behind it does not become part
    of it. The check digits are those of ISO 7064 (mod 97-10), as in an IBAN: a bank that knows
    such references refuses one that was mistyped.
    """
    body = f"{commitment_id:0{_BODY_DIGITS}d}"
    return f"RF{98 - remainder(f'{body}RF00'):02d}{body}"


def written(text: str) -> str:
    """A reference or an IBAN in groups of four, as people read and type it."""
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def commitments_in(text: str) -> frozenset[int]:
    """The ids of all commitments whose references `text` may hold, however it is spaced.

    Banks break long texts anywhere and put their own words around them; so every reading with
    right check digits is given, and the caller knows which of them exist.
    """
    packed = _NOT_WRITTEN.sub("", text).upper()
    found = set()
    place = packed.find("RF")
    while place >= 0:
        for end in range(place + 4 + _BODY_DIGITS, place + _LONGEST + 1):
            digits = packed[place + 4 : end]
            if len(digits) < end - place - 4 or not (digits.isascii() and digits.isdecimal()):
                break
            if reference(int(digits)) == packed[place:end]:
                found.add(int(digits))
        place = packed.find("RF", place + 1)
    return frozenset(found)


def remainder(text: str) -> int:
    """What is left of an alphanumeric text modulo 97, letters counted from A = 10 (ISO 7064)."""
    return int("".join(str(int(character, 36)) for character in text)) % 97

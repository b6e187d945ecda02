"""Which code page a BNN list is really written in: what its header says is often not true."""

from collections.abc import Mapping

from services.pricelists.problems import Problem
from services.pricelists.reading import BYTE_ORDER_MARK

DECLARED: Mapping[str, str] = {"0": "cp850", "1": "cp1252"}
# The bytes that German, the language of these lists, needs in each code page (äöüÄÖÜß). None of
# the bytes stands for a letter of German in the other one, so the counts tell them apart.
GERMAN_BYTES: Mapping[str, bytes] = {
    "cp850": "äöüÄÖÜß".encode("cp850"),
    "cp1252": "äöüÄÖÜß".encode("cp1252"),
}
_NAMES = {"cp850": "code page 850", "cp1252": "Windows-1252", "utf-8": "UTF-8"}


def decoded(content: bytes, flag: str) -> tuple[str, Problem | None]:
    """The text of a list and, if its header names another code page than it is in, a note.

    UTF-8 is used where the bytes are valid UTF-8 beyond ASCII: no German text in a code page is.
    Between the two code pages the one with more German letters holds, the header's in a tie.
    """
    declared = DECLARED.get(flag.strip(), "cp850")
    used = _code_page(content, declared)
    text = content.decode(used, errors="replace")
    if used == declared:
        return text, None
    facts = {"declared": _NAMES[declared], "used": _NAMES[used]}
    return text, Problem("encoding-differs", 0, "", facts)


def _code_page(content: bytes, declared: str) -> str:
    if content.isascii():
        return declared
    if content.startswith(BYTE_ORDER_MARK) or _is_utf8(content):
        return "utf-8"
    other = "cp1252" if declared == "cp850" else "cp850"
    return other if _letters(content, other) > _letters(content, declared) else declared


def _letters(content: bytes, code_page: str) -> int:
    return sum(content.count(byte) for byte in GERMAN_BYTES[code_page])


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

"""Markdown: what members write, with paragraphs, lists, links and tables; nothing in it runs."""

import re
from collections.abc import Mapping
from functools import lru_cache

import nh3
from flask import url_for
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markupsafe import Markup

from services.dialogue.mentioning import MENTIONED

_plain = MarkdownIt("commonmark", {"html": False, "linkify": False})
_with_tables = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
_without_links = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("link")
# Short rows are filled up: two thousand letters could else become a table of 65,536 cells.
_MOST_CELLS = 2_000
# Where each of them ends is looked for to the end of the text: thousands keep a page waiting.
_MOST_BRACKETS = 200
_BETWEEN_BLOCKS = re.compile(r"\n[ \t]*\n")
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def markdown(text: str, names: Mapping[str, str] | None = None) -> Markup:
    """A member's text with paragraphs, lists, links and tables of some size; nothing in it runs.

    `names` are those whom it mentions by the address of their page ("@karin").
    """
    return _marked_up(text, names) if names else _plain_text(text)


@lru_cache(maxsize=256)
def _plain_text(text: str) -> Markup:
    """The same for every reader; a mention leads to where this instance is reached."""
    return _marked_up(text, {})


def _marked_up(text: str, names: Mapping[str, str]) -> Markup:
    reader = _with_tables if _cells(text) <= _MOST_CELLS else _plain
    if text.count("[") > _MOST_BRACKETS:
        reader = _without_links
    html = reader.render(text, {"names": names})
    safe = nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, link_rel="nofollow noopener ugc")
    return Markup(safe)  # noqa: S704 - cleaned in the line above  # nosec B704


def _mention(state: StateInline, is_silent: bool) -> bool:
    """Read "@karin" as a link to her page, if the text mentions her."""
    found = MENTIONED.match(state.src, state.pos)
    name = state.env.get("names", {}).get(found[1]) if found else None
    if found is None or name is None:
        return False
    if not is_silent:
        link = state.push("link_open", "a", 1)
        link.attrs = {"href": url_for("participants.show", slug=found[1])}
        state.push("text", "", 0).content = f"@{name}"
        state.push("link_close", "a", -1)
    state.pos = found.end()
    return True


for _reader in (_plain, _with_tables, _without_links):
    # Pictures of others are shown nowhere, and a row of "![" is slow to read.
    _reader.disable("image")
    _reader.inline.ruler.before("image", "mention", _mention)


def _cells(text: str) -> int:
    """How many cells the tables of `text` have at most: no row of one is wider than its widest."""
    blocks = _BETWEEN_BLOCKS.split(text.replace("\r\n", "\n").replace("\r", "\n"))
    tables = [block.split("\n") for block in blocks if "|" in block]
    return sum(len(rows) * (1 + max(row.count("|") for row in rows)) for rows in tables)

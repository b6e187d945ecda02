"""What templates say in the reader's language; each word is looked up and marked up once.

Flask-Babel finds the reader's catalogue anew for each word. A page has a hundred of them, so
for templates the answers are kept, by language.
"""

from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

from flask.templating import Environment
from flask_babel import get_locale, get_translations
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup


class Templates(Environment):
    """Jinja's environment, for templates that import many macros."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        # All globals are set before the first template is read. Jinja's own chain of mappings
        # is compared key by key at every import of a macro, which a page has ten of.
        return {**self.globals, **(d or {})}


@pass_context
def gettext(context: Context, message: str, /, **facts: Any) -> str:
    """`message` in the reader's language with its facts filled in, escaped where pages are."""
    if not context.eval_ctx.autoescape:
        return str(get_translations().ugettext(message)) % facts
    if facts:
        return _translated(language(), message) % facts
    return _whole(language(), message)


@pass_context
def ngettext(context: Context, singular: str, plural: str, num: int, /, **facts: Any) -> str:
    """The form that the number asks for, in the reader's language."""
    facts.setdefault("num", num)
    text = str(get_translations().ungettext(singular, plural, num))
    return (Markup(text) if context.eval_ctx.autoescape else text) % facts  # noqa: S704


def language() -> str:
    """The reader's language, or that of the mail being written."""
    found = get_locale()
    return "" if found is None else str(found.language)


@lru_cache(maxsize=8_000)
def _translated(_language: str, message: str) -> Markup:
    # Our own words and their translations are markup; the facts put into them are escaped.
    return Markup(get_translations().ugettext(message))  # noqa: S704


@lru_cache(maxsize=8_000)
def _whole(language: str, message: str) -> Markup:
    # Jinja treats every message as a format, so that "%%" means the same with and without facts.
    return _translated(language, message) % {}

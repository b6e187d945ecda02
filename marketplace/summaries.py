"""The summary of what is wrong in a form names the fields, as they are labelled further down.

It stands above its fields, so their labels are known only when the page is there.
"""

import re

from flask import Flask
from markupsafe import Markup

_ENTRY = re.compile(r'<a data-field href="#([^"]+)">(.*?)</a>', re.DOTALL)
_LABELS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r'<label class="[^"]*" for="([^"]+)">(.*?)</label>',
        r'<fieldset class="field [^>]*? id="([^"]+)"[^>]*>\s*'
        r'<legend class="field__label">(.*?)</legend>',
        r'<input class="choice__mark"[^>]*? id="([^"]+)"[^>]*>\s*<span class="choice__words">'
        r'<span class="choice__title">(.*?)</span>',
        r'<(?:input|select)\b[^>]*? id="([^"]+)"[^>]*? aria-label="([^"]*)"',
    )
)
_OPTIONAL = re.compile(r'<span class="field__optional">.*?</span>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def init_app(app: Flask) -> None:
    app.jinja_env.filters["naming_fields"] = naming_fields


def naming_fields(page: Markup) -> Markup:
    """Each entry with the label of its field before it; no link where the field is not shown."""
    if "<a data-field " not in page:
        return page
    labels = {name: _plain(label) for found in _LABELS for name, label in found.findall(page)}

    def named(entry: re.Match[str]) -> str:
        name, message = entry.groups()
        words = f"{_introduced(labels.get(name, ''))}{message}"
        return f'<a href="#{name}">{words}</a>' if f' id="{name}"' in page else words

    # Both parts are taken from a page in which they stand escaped.
    return Markup(_ENTRY.sub(named, str(page)))  # noqa: S704  # nosec B704


def _plain(label: str) -> str:
    return " ".join(_TAG.sub(" ", _OPTIONAL.sub("", label)).split())


def _introduced(label: str) -> str:
    if not label:
        return ""
    return f"{label} " if label[-1] in "?!.:" else f"{label}: "

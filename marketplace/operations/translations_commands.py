"""Commands about the catalogues: collect what is said, compile it, check that none is missing."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from flask import current_app
from flask.cli import AppGroup

from marketplace.api import document
from marketplace.api.pages import resources
from marketplace.config import LOCALES

CHECKOUT = Path(__file__).parents[2]
CATALOGUES = CHECKOUT / "translations"
SOURCES = ("marketplace", "services", "models", "templates")
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.jinja", "jinja2")]
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "N_": None,
    "lazy": None,
}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%")

translations_group = AppGroup("translations", help="German and Dutch.")


def collected() -> Catalog:
    """Everything that the program says, with the files that say it."""
    catalogue = Catalog(project="Allmende", charset="utf-8", fuzzy=False)
    options = {"**.html": {"newstyle_gettext": "true"}, "**.jinja": {"newstyle_gettext": "true"}}
    for source in SOURCES:
        for path, _line, message, comments, context in extract_from_dir(
            CHECKOUT / source, METHODS, options, KEYWORDS
        ):
            # Without line numbers: they would change with every edit.
            catalogue.add(
                message, None, [(f"{source}/{path}", 0)], auto_comments=comments, context=context
            )
    for text in _described():
        catalogue.add(text, None, [("marketplace/api/document.py", 0)])
    return catalogue


def _described() -> Iterator[str]:
    """What the pages of the API say of each resource: they read it in the document."""
    described = document.of(current_app._get_current_object())  # type: ignore[attr-defined]
    for resource in resources(described):
        yield resource["about"]
        for one in resource["operations"]:
            said = [one["summary"], one["about"], *(of["description"] for of in one["parameters"])]
            yield from filter(None, said)


def translated() -> Iterator[tuple[str, Path]]:
    for locale in LOCALES:
        if locale != "en":
            yield locale, CATALOGUES / locale / "LC_MESSAGES" / "messages.po"


def read(locale: str, path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale=locale, project="Allmende", charset="utf-8", fuzzy=False)
    with path.open("rb") as text:
        return read_po(text, locale=locale)


@translations_group.command("update")
def update() -> None:
    """Put new messages into the catalogues and take out those that nobody says any more."""
    template = collected()
    for locale, path in translated():
        catalogue = read(locale, path)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as text:
            write_po(text, catalogue, width=100, include_lineno=False, sort_output=True)
        waiting = sum(1 for message in catalogue if message.id and not _is_complete(message))
        click.echo(f"{locale}: {len(catalogue)} messages, {waiting} to be translated.")


@translations_group.command("compile")
def compile_() -> None:
    """Make the catalogues that are read at run time."""
    for locale, path in translated():
        catalogue = read(locale, path)
        with path.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalogue)


@translations_group.command("check")
def check() -> None:
    """Exit 1 if a message is missing, uncertain, or does not keep its placeholders."""
    template = collected()
    findings = [
        f"{locale}: {finding}"
        for locale, path in translated()
        for finding in faults(template, read(locale, path))
    ]
    for finding in findings:
        click.echo(finding)
    if findings:
        sys.exit(1)
    click.echo(f"{len(template)} messages are translated.")


def faults(template: Catalog, catalogue: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue, measured by what the program says."""
    for said in template:
        if not said.id:
            continue
        name = said.id[0] if isinstance(said.id, tuple) else said.id
        found = catalogue.get(name, context=said.context)
        if found is None or not _is_complete(found):
            yield f"not translated: {name}"
        elif found.fuzzy:
            yield f"uncertain: {name}"
        elif not _keeps_placeholders(found):
            yield f"other placeholders: {name}"


def _is_complete(message: Message) -> bool:
    strings = _forms(message.string)
    return all(strings) and isinstance(message.id, tuple) == (len(strings) > 1)


def _keeps_placeholders(message: Message) -> bool:
    """Each form says no fact that its original lacks; the last form says all of them."""
    wanted = [set(_PLACEHOLDER.findall(text)) for text in _forms(message.id)]
    given = [set(_PLACEHOLDER.findall(text)) for text in _forms(message.string)]
    known = set().union(*wanted)
    return given[-1] == wanted[-1] and all(facts <= known for facts in given)


def _forms(said: object) -> list[str]:
    """One form, or the singular and the plural."""
    return [str(form) for form in said] if isinstance(said, tuple | list) else [str(said or "")]


COMMANDS = (translations_group,)

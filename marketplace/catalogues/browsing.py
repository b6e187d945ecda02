"""Reading a catalogue: its articles, its lists, what changed between two of them."""

from contextlib import suppress

from flask import Response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.catalogues.blueprint import (
    asked,
    asked_number,
    bp,
    found,
    found_version,
    over_since,
    version_url,
)
from marketplace.catalogues.wording import FORMATS, KINDS, STATES, problem_words
from models.catalogues import Catalogue, CatalogueVersion, VersionState
from models.errors import NotFound
from services import catalogues, pricelists
from services.catalogues import Kind

# As many lists can be chosen from to compare two of them.
SHOWN = 50


@bp.get("/<id:catalogue_id>")
@member_required
def show(catalogue_id: int) -> str:
    """The current list of a catalogue, or how to begin where there is none."""
    catalogue = found(catalogue_id)
    return articles_page(catalogue, catalogues.current(db.session(), catalogue))


@bp.get("/<id:catalogue_id>/versions")
@member_required
def versions(catalogue_id: int) -> str:
    catalogue = found(catalogue_id)
    page = catalogues.versions(db.session(), catalogue, after=asked("after"))
    return render_template(
        "catalogues/versions.html", catalogue=catalogue, page=page, states=STATES, formats=FORMATS
    )


@bp.get("/<id:catalogue_id>/versions/<int(max=999999999):number>")
@member_required
def version(catalogue_id: int, number: int) -> ResponseReturnValue:
    """One list, as far as it has come: being read, to be looked at, faulty, or kept."""
    catalogue = found(catalogue_id)
    shown = found_version(catalogue, number)
    if shown.state == VersionState.READING:
        return render_template("catalogues/reading.html", catalogue=catalogue, version=shown)
    if shown.state == VersionState.FAULTY:
        return _undecided("catalogues/faulty.html", catalogue, shown)
    if shown.state == VersionState.PREVIEW:
        return _preview(catalogue, shown)
    return articles_page(catalogue, shown)


@bp.get("/<id:catalogue_id>/versions/<int(max=999999999):number>/progress")
@member_required
def progress(catalogue_id: int, number: int) -> Response:
    """How far the reading is: the part of the page that is fetched anew while it goes on."""
    shown = found_version(found(catalogue_id), number)
    response = Response(render_template("catalogues/_progress.html", version=shown))
    response.set_etag(f"{shown.id}-{shown.state}-{shown.read_count}-{shown.total_count}")
    return response


@bp.get("/<id:catalogue_id>/changes")
@member_required
def changes(catalogue_id: int) -> str:
    """What one list changes against another; `from` and `to` are numbers of lists."""
    session, catalogue = db.session(), found(catalogue_id)
    newer = _asked_version(catalogue, "to") or catalogues.current(session, catalogue)
    if newer is None:
        raise NotFound
    older = _asked_version(catalogue, "from") or catalogues.before(session, newer)
    kind = _asked_kind()
    kept = [one for one in catalogues.versions(session, catalogue, limit=SHOWN).rows if one.is_kept]
    return render_template(
        "catalogues/changes.html",
        catalogue=catalogue,
        older=older,
        newer=newer,
        asked={"from": older.number if older else None, "to": newer.number},
        kind=kind,
        kinds=KINDS,
        counts=catalogues.counts(session, older, newer),
        page=catalogues.differences(session, older, newer, kind=kind, after=asked("after")),
        choices=[(one.number, gettext("List %(number)s", number=one.number)) for one in kept],
    )


@bp.get("/sample.csv")
@member_required
def sample() -> Response:
    """A small list in our own CSV, to fill in."""
    return _csv(pricelists.sample(), "sample.csv")


@bp.get("/<id:catalogue_id>/versions/<int(max=999999999):number>/articles.csv")
@member_required
def export(catalogue_id: int, number: int) -> ResponseReturnValue:
    """A kept list in our own CSV, with the mark by which spreadsheets know UTF-8."""
    catalogue = found(catalogue_id)
    shown = found_version(catalogue, number)
    if not shown.is_kept:
        return redirect(version_url(shown), 303)
    name = f"catalogue-{catalogue.id}-{shown.number}.csv"
    return _csv(catalogues.export(db.session(), shown), name)


def _csv(text: str, name: str) -> Response:
    return Response(
        text.encode("utf-8-sig"),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def articles_page(catalogue: Catalogue, shown: CatalogueVersion | None) -> str:
    """The articles of a list with search and categories."""
    session, actor = db.session(), auth.actor()
    category = asked("category") or None
    return render_template(
        "catalogues/show.html",
        catalogue=catalogue,
        version=shown,
        undecided=catalogues.undecided(session, catalogue),
        may_edit=catalogue.can_be_edited_by(actor),
        words=asked("q"),
        category=category,
        categories=catalogues.categories(session, shown) if shown else [],
        page=_articles(shown, category) if shown else None,
        states=STATES,
        over_since=over_since(shown),
        here_url=version_url(shown) if shown else "",
    )


def _preview(catalogue: Catalogue, shown: CatalogueVersion) -> str:
    session = db.session()
    before = catalogues.current(session, catalogue)
    kind = _asked_kind()
    return _undecided(
        "catalogues/preview.html",
        catalogue,
        shown,
        before=before,
        over_since=over_since(shown),
        kind=kind,
        kinds=KINDS,
        counts=catalogues.counts(session, before, shown),
        differences=catalogues.differences(
            session, before, shown, kind=kind, after=asked("changes")
        )
        if kind
        else None,
        words=asked("q"),
        page=_articles(shown, None),
    )


def _undecided(
    template: str, catalogue: Catalogue, shown: CatalogueVersion, **facts: object
) -> str:
    return render_template(
        template,
        catalogue=catalogue,
        version=shown,
        may_edit=catalogue.can_be_edited_by(auth.actor()),
        formats=FORMATS,
        problem_words=problem_words,
        **facts,
    )


def _articles(shown: CatalogueVersion, category: str | None) -> object:
    return catalogues.articles(
        db.session(), shown, words=asked("q"), category=category, after=asked("after")
    )


def _asked_kind() -> Kind | None:
    with suppress(ValueError):
        return Kind(asked("kind"))
    return None


def _asked_version(catalogue: Catalogue, name: str) -> CatalogueVersion | None:
    number = asked_number(name)
    return None if number is None else found_version(catalogue, number)

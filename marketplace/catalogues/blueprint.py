"""The pages of catalogues, and what several of them ask for."""

from datetime import date

from flask import Blueprint, request, url_for
from sqlalchemy.orm import Session

from marketplace import auth, db, filters
from models.catalogues import Catalogue, CatalogueVersion
from models.errors import NotFound
from services import catalogues

bp = Blueprint("catalogues", __name__, url_prefix="/catalogues")


@bp.teardown_request
def close_uploads(_error: BaseException | None) -> None:
    """A long file was put aside on disk while it came in; that is not left to chance."""
    request.close()


def found(catalogue_id: int) -> Catalogue:
    """The catalogue for reading, if whoever asks may see it."""
    return catalogues.find(db.session(), catalogue_id, actor=auth.actor())


def found_version(catalogue: Catalogue, number: int) -> CatalogueVersion:
    return catalogues.version(db.session(), catalogue, number)


def locked(session: Session, catalogue_id: int) -> Catalogue:
    """The catalogue for an act, with its lock."""
    return catalogues.find(session, catalogue_id, actor=auth.actor(), lock=True)


def editable(catalogue_id: int) -> Catalogue:
    """The catalogue for a page that begins a change; who may not make it is told so here."""
    catalogue = found(catalogue_id)
    catalogues.require_editor(catalogue, auth.signed_in_actor())
    return catalogue


def asked(name: str) -> str:
    """What the address says of `name`, in bounds; "" if it says nothing."""
    return request.args.get(name, "")[:400]


def asked_number(name: str) -> int | None:
    """The number of a list that the address names; refuses with NotFound what is none."""
    text = asked(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise NotFound
    return int(text)


def over_since(version: CatalogueVersion | None) -> date | None:
    """The last day of a list whose validity is over; None while it holds, or as far as we know."""
    if version is None or version.valid_until is None:
        return None
    today = db.asked_at(db.session()).astimezone(filters.zone()).date()
    return version.valid_until if version.valid_until < today else None


def version_url(version: CatalogueVersion) -> str:
    return url_for("catalogues.version", catalogue_id=version.catalogue_id, number=version.number)

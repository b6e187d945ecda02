"""Catalogues, for programs: send a list, ask until it is read, keep it or throw it away."""

from typing import Any

from flask import request
from sqlalchemy.orm import Session
from werkzeug.exceptions import UnsupportedMediaType

from marketplace import auth, db
from marketplace.api import (
    Blueprint,
    PageQuery,
    answer_page,
    idempotent,
    page_of,
    scope_required,
)
from marketplace.catalogues.answers import (
    CatalogueOut,
    DifferenceOut,
    ListArticleOut,
    ListOut,
    shown_article,
    shown_catalogue,
    shown_difference,
    shown_list,
)
from marketplace.catalogues.schemas import (
    ArticleQuery,
    CatalogueIn,
    DifferenceQuery,
    UploadQuery,
)
from marketplace.catalogues.typing_api import bp as typed_by_hand
from models.catalogues import Catalogue, CatalogueVersion
from models.members import Scope
from services import catalogues
from services.catalogues import MOST_BYTES, Cover, Upload, VatRates

bp = Blueprint(
    "catalogues_api",
    __name__,
    path="/catalogues",
    about="Price lists of suppliers, list by list; group buys are made from them.",
)

# What a list may be sent as; what it is, is found from its content.
MEDIA_TYPES = ("application/octet-stream", "text/csv", "text/plain")
THE_FILE = {
    "required": True,
    "description": "The file of the list, as it is: BNN 3, Foodsoft or our own CSV; at most 16 MB. "
    "`text/csv` and `text/plain` are taken too.",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
ONE_LIST = "/<id:catalogue_id>/versions/<id:number>"


@bp.get("")
@scope_required(Scope.CATALOGUES)
@bp.etag
@bp.arguments(PageQuery, location="query")
@bp.response(200, page_of(CatalogueOut))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List the catalogues of whom the token acts as."""
    page = catalogues.of_owner(
        db.session(),
        actor=auth.signed_in_actor(),
        after=query.get("after"),
        limit=query["limit"],
    )
    return answer_page(page.map(lambda kept: shown_catalogue(kept.catalogue, kept.current)))


@bp.post("")
@scope_required(Scope.CATALOGUES)
@bp.arguments(CatalogueIn)
@idempotent
@bp.response(201, CatalogueOut)
def make(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Begin a catalogue."""
    made = catalogues.make(
        session, Cover(**given), actor=auth.signed_in_actor(), now=db.now(session)
    )
    return shown_catalogue(made, None)


@bp.get("/<id:catalogue_id>")
@scope_required(Scope.CATALOGUES)
@bp.etag
@bp.response(200, CatalogueOut)
def show(catalogue_id: int) -> dict[str, Any]:
    """Show one catalogue."""
    catalogue = _found(catalogue_id)
    return shown_catalogue(catalogue, catalogues.current(db.session(), catalogue))


@bp.get("/<id:catalogue_id>/versions")
@scope_required(Scope.CATALOGUES)
@bp.etag
@bp.arguments(PageQuery, location="query")
@bp.response(200, page_of(ListOut))
def lists(query: dict[str, Any], catalogue_id: int) -> dict[str, Any]:
    """List the price lists of a catalogue, the newest first."""
    page = catalogues.versions(
        db.session(), _found(catalogue_id), after=query.get("after"), limit=query["limit"]
    )
    return answer_page(page.map(shown_list))


@bp.post("/<id:catalogue_id>/versions")
@scope_required(Scope.CATALOGUES)
@bp.doc(requestBody=THE_FILE)
@bp.arguments(UploadQuery, location="query")
@idempotent
@bp.response(201, ListOut)
def upload(session: Session, query: dict[str, Any], catalogue_id: int) -> dict[str, Any]:
    """Send a price list. It is read by and by; ask for the list until its state says so."""
    if request.mimetype not in MEDIA_TYPES:
        raise UnsupportedMediaType
    catalogue = _locked(session, catalogue_id)
    proposed = catalogues.proposed_vat_rates(session, catalogue)
    rates = VatRates(
        query.get("vat_reduced_basis_points", proposed.reduced_basis_points),
        query.get("vat_standard_basis_points", proposed.standard_basis_points),
    )
    content = request.get_data()[: MOST_BYTES + 1]
    version = catalogues.upload(
        session,
        catalogue,
        Upload(content, rates, query["file_name"]),
        actor=auth.signed_in_actor(),
        now=db.now(session),
    )
    return shown_list(version)


@bp.get(ONE_LIST)
@scope_required(Scope.CATALOGUES)
@bp.etag
@bp.response(200, ListOut)
def show_list(catalogue_id: int, number: int) -> dict[str, Any]:
    """Show one price list: how far it is read, and what is wrong with it."""
    return shown_list(_found_list(catalogue_id, number))


@bp.get(f"{ONE_LIST}/articles")
@scope_required(Scope.CATALOGUES)
@bp.etag
@bp.arguments(ArticleQuery, location="query")
@bp.response(200, page_of(ListArticleOut))
def articles(query: dict[str, Any], catalogue_id: int, number: int) -> dict[str, Any]:
    """List the articles of a price list, in its order."""
    found = _found_list(catalogue_id, number)
    page = catalogues.articles(
        db.session(),
        found,
        words=query.get("q", ""),
        category=query.get("category"),
        after=query.get("after"),
        limit=query["limit"],
    )
    currency = found.catalogue.currency
    return answer_page(page.map(lambda one: shown_article(one, currency)))


@bp.get(f"{ONE_LIST}/changes")
@scope_required(Scope.CATALOGUES)
@bp.etag
@bp.arguments(DifferenceQuery, location="query")
@bp.response(200, page_of(DifferenceOut))
def changes(query: dict[str, Any], catalogue_id: int, number: int) -> dict[str, Any]:
    """List what a price list changes against the one before it."""
    session, found = db.session(), _found_list(catalogue_id, number)
    page = catalogues.differences(
        session,
        catalogues.before(session, found),
        found,
        kind=query.get("kind"),
        after=query.get("after"),
        limit=query["limit"],
    )
    currency = found.catalogue.currency
    return answer_page(page.map(lambda one: shown_difference(one, currency)))


@bp.post(f"{ONE_LIST}/confirmation")
@scope_required(Scope.CATALOGUES)
@idempotent
@bp.response(201, ListOut)
def keep(session: Session, catalogue_id: int, number: int) -> dict[str, Any]:
    """Keep a price list: from now on it is the current one."""
    catalogue = _locked(session, catalogue_id)
    version = catalogues.version(session, catalogue, number, lock=True)
    catalogues.keep(session, catalogue, version, actor=auth.signed_in_actor(), now=db.now(session))
    return shown_list(version)


@bp.delete(ONE_LIST)
@scope_required(Scope.CATALOGUES)
@bp.response(204)
def throw_away(catalogue_id: int, number: int) -> None:
    """Throw away a price list that was not kept."""
    with db.transaction() as session:
        catalogue = _locked(session, catalogue_id)
        version = catalogues.version(session, catalogue, number, lock=True)
        catalogues.throw_away(
            session, catalogue, version, actor=auth.signed_in_actor(), now=db.now(session)
        )


def _found(catalogue_id: int) -> Catalogue:
    return catalogues.find(db.session(), catalogue_id, actor=auth.actor())


def _found_list(catalogue_id: int, number: int) -> CatalogueVersion:
    return catalogues.version(db.session(), _found(catalogue_id), number)


def _locked(session: Session, catalogue_id: int) -> Catalogue:
    return catalogues.find(session, catalogue_id, actor=auth.actor(), lock=True)


ENDPOINTS = (bp, typed_by_hand)

"""Catalogues typed by hand, for programs: their cover, and one article after the other."""

from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.api import Blueprint, idempotent, scope_required
from marketplace.buying.descriptions import ArticleIn
from marketplace.buying.given import guard_currency
from marketplace.catalogues.answers import (
    CatalogueOut,
    ListArticleOut,
    shown_article,
    shown_catalogue,
)
from marketplace.catalogues.schemas import CatalogueIn
from marketplace.fields import Flag, Words
from models.catalogues import Catalogue
from models.members import Scope
from services import catalogues
from services.catalogues import Cover, TypedArticle

bp = Blueprint(
    "catalogue_articles_api",
    __name__,
    path="/catalogues/<id:catalogue_id>",
    about="A catalogue typed by hand, article by article.",
)


class TypedArticleIn(ArticleIn):
    """One article. Its first price holds from one unit on, whatever `from_units` says."""

    note = Words(most=2_000, lines=True)
    is_available = Flag()

    class Meta(ArticleIn.Meta):
        exclude = ("ean", "revocability")


@bp.put("")
@scope_required(Scope.CATALOGUES)
@bp.arguments(CatalogueIn)
@bp.response(200, CatalogueOut)
def describe(given: dict[str, Any], catalogue_id: int) -> dict[str, Any]:
    """Name a catalogue anew."""
    with db.transaction() as session:
        catalogue = _locked(session, catalogue_id)
        catalogues.describe(session, catalogue, Cover(**given), actor=auth.signed_in_actor())
        return shown_catalogue(catalogue, catalogues.current(session, catalogue))


@bp.post("/articles")
@scope_required(Scope.CATALOGUES)
@bp.arguments(TypedArticleIn)
@idempotent
@bp.response(201, ListArticleOut)
def add_article(session: Session, given: dict[str, Any], catalogue_id: int) -> dict[str, Any]:
    """Add an article at the end of the current list."""
    catalogue = _locked(session, catalogue_id)
    said = _typed(given, catalogue.currency)
    actor = auth.signed_in_actor()
    made = catalogues.add_article(session, catalogue, said, actor=actor, now=db.now(session))
    session.flush()
    return shown_article(made, catalogue.currency)


@bp.put("/articles/<id:article_id>")
@scope_required(Scope.CATALOGUES)
@bp.arguments(TypedArticleIn)
@bp.response(200, ListArticleOut)
def change_article(given: dict[str, Any], catalogue_id: int, article_id: int) -> dict[str, Any]:
    """Say an article of the current list anew; lists that deals were made from stay as they are."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        catalogue = _locked(session, catalogue_id)
        said = _typed(given, catalogue.currency)
        made = catalogues.change_article(
            session, catalogue, article_id, said, actor=actor, now=db.now(session)
        )
        return shown_article(made, catalogue.currency)


@bp.delete("/articles/<id:article_id>")
@scope_required(Scope.CATALOGUES)
@bp.response(204)
def remove_article(catalogue_id: int, article_id: int) -> None:
    """Take an article out of the current list."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        catalogue = _locked(session, catalogue_id)
        catalogues.remove_article(session, catalogue, article_id, actor=actor, now=db.now(session))


def _typed(given: dict[str, Any], currency: str) -> TypedArticle:
    guard_currency(given, currency)
    said = {name: value for name, value in given.items() if name not in ("tiers", "deposit")}
    prices = [(tier["from_units"], tier["price"].minor) for tier in given["tiers"]]
    return TypedArticle(
        **{"vat_basis_points": 0, **said},
        price_minor=prices[0][1],
        more_tiers=prices[1:],
        deposit_minor=given["deposit"].minor if "deposit" in given else 0,
    )


def _locked(session: Session, catalogue_id: int) -> Catalogue:
    return catalogues.find(session, catalogue_id, actor=auth.actor(), lock=True)

"""Drafts: what it is, its articles, where goods are fetched, its picture."""

from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.api import idempotent, scope_required
from marketplace.api.files import A_PICTURE
from marketplace.buying.answers import (
    ArticleOut,
    GroupBuyDetailOut,
    PickupPointOut,
    shown_article,
)
from marketplace.buying.descriptions import ArticleIn, DescriptionChange, PickupPointIn
from marketplace.buying.given import article_from, columns_from, guard_currency
from marketplace.buying.whole import whole
from marketplace.organising.api.answers import AddedOut
from marketplace.organising.api.blueprint import ONE, bp, organised
from marketplace.organising.api.schemas import CatalogueChoice
from marketplace.schemas import Nothing
from marketplace.uploads import picture_of_body
from models.buying import PickupPoint
from models.errors import NotFound
from models.members import Scope
from services import buying, catalogues
from services.buying import consenting, rescheduling, revising, steering

ARTICLE = f"{ONE}/articles/<id:article_id>"
POINT = f"{ONE}/pickup-points/<id:point_id>"


@bp.patch(ONE)
@scope_required(Scope.ORGANISING)
@bp.arguments(DescriptionChange)
@bp.response(200, GroupBuyDetailOut)
def describe(given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Change what a draft says; what is left out stays."""
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        guard_currency(given, group_buy.currency)
        changes = columns_from(session, given)
        revising.revise(session, group_buy, now=db.now(session), **changes)
        return whole(session, group_buy_id)


@bp.delete(ONE)
@scope_required(Scope.ORGANISING)
@bp.response(204)
def discard(group_buy_id: int) -> None:
    """Throw a draft away; what was opened is called off instead."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        steering.discard(session, group_buy, actor=actor, now=db.now(session))


@bp.post(f"{ONE}/copies")
@scope_required(Scope.ORGANISING)
@bp.arguments(Nothing)
@idempotent
@bp.response(201, GroupBuyDetailOut)
def copy(session: Session, _given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Begin a new draft of the same kind; pick-up times are asked anew."""
    group_buy = organised(session, group_buy_id)
    made = buying.copy(session, group_buy, actor=auth.signed_in_actor(), now=db.now(session))
    return whole(session, made.id)


@bp.post(f"{ONE}/question-withdrawal")
@scope_required(Scope.ORGANISING)
@bp.arguments(Nothing)
@idempotent
@bp.response(200, GroupBuyDetailOut)
def take_question_back(
    session: Session, _given: dict[str, Any], group_buy_id: int
) -> dict[str, Any]:
    """Ask the supplier no longer, so that the draft can be changed."""
    group_buy = organised(session, group_buy_id, lock=True)
    consenting.take_back(session, group_buy, actor=auth.signed_in_actor(), now=db.now(session))
    return whole(session, group_buy_id)


@bp.post(f"{ONE}/articles")
@scope_required(Scope.ORGANISING)
@bp.arguments(ArticleIn)
@idempotent
@bp.response(201, ArticleOut)
def add_article(session: Session, given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Add an article to a draft."""
    group_buy = organised(session, group_buy_id, lock=True)
    guard_currency(given, group_buy.currency)
    [made] = buying.add_articles(session, group_buy, [article_from(given)])
    return shown_article(buying.shown_article(session, group_buy, made.id), group_buy.currency)


@bp.put(ARTICLE)
@scope_required(Scope.ORGANISING)
@bp.arguments(ArticleIn)
@bp.response(200, ArticleOut)
def change_article(given: dict[str, Any], group_buy_id: int, article_id: int) -> dict[str, Any]:
    """Say an article of a draft anew; its picture stays."""
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        guard_currency(given, group_buy.currency)
        revising.revise_article(session, group_buy, article_id, article_from(given))
        changed = buying.shown_article(session, group_buy, article_id)
        return shown_article(changed, group_buy.currency)


@bp.delete(ARTICLE)
@scope_required(Scope.ORGANISING)
@bp.response(204)
def remove_article(group_buy_id: int, article_id: int) -> None:
    """Take an article out of a draft."""
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        buying.shown_article(session, group_buy, article_id)
        buying.remove_articles(session, group_buy, [article_id])


@bp.post(f"{ONE}/catalogue-articles")
@scope_required(Scope.ORGANISING)
@bp.arguments(CatalogueChoice)
@idempotent
@bp.response(201, AddedOut)
def take_articles(session: Session, given: dict[str, Any], group_buy_id: int) -> dict[str, int]:
    """Add articles of a catalogue's current list: all, a category, or those named."""
    group_buy = organised(session, group_buy_id, lock=True)
    found = catalogues.find(session, given["catalogue"], actor=auth.signed_in_actor())
    version = catalogues.current(session, found)
    if version is None:
        raise NotFound
    choice = catalogues.Choice(ids=given["articles"], category=given["category"])
    return {"added": catalogues.copy_into(session, group_buy, version, choice)}


@bp.post(f"{ONE}/pickup-points")
@scope_required(Scope.ORGANISING)
@bp.arguments(PickupPointIn)
@idempotent
@bp.response(201, PickupPointOut)
def add_pickup(session: Session, given: dict[str, Any], group_buy_id: int) -> PickupPoint:
    """Say where and when goods can be fetched, until the hand-over; those who joined are told."""
    return rescheduling.add_pickup(
        session,
        organised(session, group_buy_id, lock=True),
        buying.NewPickupPoint(**given),
        actor=auth.signed_in_actor(),
        now=db.now(session),
    )


@bp.put(POINT)
@scope_required(Scope.ORGANISING)
@bp.arguments(PickupPointIn)
@bp.response(200, PickupPointOut)
def move_pickup(given: dict[str, Any], group_buy_id: int, point_id: int) -> PickupPoint:
    """Change a pick-up point, also after the close; everyone concerned is told."""
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        point = rescheduling.pickup_point(session, group_buy, point_id)
        rescheduling.move_pickup(
            session,
            group_buy,
            point,
            buying.NewPickupPoint(**given),
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
        return point


@bp.delete(POINT)
@scope_required(Scope.ORGANISING)
@bp.response(204)
def remove_pickup(group_buy_id: int, point_id: int) -> None:
    """Take a pick-up point away; once it is open only one that nobody has chosen."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        rescheduling.remove_pickup(session, group_buy, point_id, actor=actor, now=db.now(session))


@bp.put(f"{ONE}/picture")
@scope_required(Scope.ORGANISING)
@bp.doc(requestBody=A_PICTURE)
@bp.response(204)
def show_picture(group_buy_id: int) -> None:
    """Show a picture as the cover of a draft."""
    content = picture_of_body()
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        revising.show_picture(
            session, group_buy, content, actor=auth.signed_in_actor(), now=db.now(session)
        )


@bp.delete(f"{ONE}/picture")
@scope_required(Scope.ORGANISING)
@bp.response(204)
def hide_picture(group_buy_id: int) -> None:
    """Show the drawn cover again."""
    with db.transaction() as session:
        revising.hide_picture(session, organised(session, group_buy_id, lock=True))


@bp.put(f"{ARTICLE}/picture")
@scope_required(Scope.ORGANISING)
@bp.doc(requestBody=A_PICTURE)
@bp.response(204)
def show_article(group_buy_id: int, article_id: int) -> None:
    """Show a picture of an article of a draft."""
    content = picture_of_body()
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        revising.picture_article(
            session,
            group_buy,
            article_id,
            content,
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )

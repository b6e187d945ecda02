"""Articles typed by hand: the current list is never changed under a deal, a new one is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import BigInteger, cast, delete, exists, func, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Article, GroupBuy
from models.catalogues import (
    ArticleReplaced,
    Catalogue,
    CatalogueArticle,
    CatalogueVersion,
    ListWaiting,
    NothingCurrent,
)
from models.errors import Invalid
from models.words import N_
from services import events
from services.buying.describing import MOST_PRICE_MINOR, guard_limits, guard_weight
from services.catalogues import deciding, finding, happened, reading, uploading
from services.pricelists import MOST_ARTICLES, clean_lines

TYPED = "typed"
MOST_MORE_TIERS = 5
# Whoever types a list does so in one sitting; later changes are another list.
SITTING = timedelta(days=1)


@dataclass(frozen=True)
class TypedArticle:
    """One article as someone types it; prices gross, per unit, in minor units.

    `more_tiers` are (from units, price), both from step to step better. Without an order number
    it gets the next free one.
    """

    name: str
    unit: str
    price_minor: int
    vat_basis_points: int
    order_number: str = ""
    second_line: str = ""
    category: str = ""
    case_size: int = 1
    more_tiers: Sequence[tuple[int, int]] = ()
    deposit_minor: int = 0
    minimum_units: int = 1
    maximum_units: int | None = None
    base_unit: str = ""
    base_units_thousandths: int | None = None
    overweight_basis_points: int | None = None
    origin: str = ""
    quality: str = ""
    maker: str = ""
    food_information: str = ""
    note: str = ""
    is_available: bool = True


def add_article(
    session: Session, catalogue: Catalogue, given: TypedArticle, *, actor: Actor, now: datetime
) -> CatalogueArticle:
    """Add an article at the end of the current list, or begin one with it.

    The caller has found the catalogue with its lock. Refuses with MayNotEditCatalogue, with
    ListWaiting while a list is not decided, with Invalid (naming the field) what cannot be.
    """
    _guard(given)
    version = _writable(session, catalogue, actor=actor, now=now)
    if version.articles_count >= MOST_ARTICLES:
        raise Invalid(N_("A catalogue can have at most %(most)s articles."), most=MOST_ARTICLES)
    last = session.scalar(
        select(func.max(CatalogueArticle.position)).filter_by(version_id=version.id)
    )
    article = CatalogueArticle(
        version_id=version.id,
        position=(last or 0) + 1,
        is_deposit=False,
        **_columns(given, given.order_number or _next_number(session, version)),
    )
    _guard_number(session, version, article.order_number)
    session.add(article)
    version.articles_count += 1
    session.flush()
    return article


def change_article(
    session: Session,
    catalogue: Catalogue,
    article_id: int,
    given: TypedArticle,
    *,
    actor: Actor,
    now: datetime,
) -> CatalogueArticle:
    """Say something else of an article of the current list; refuses as `add_article` does.

    Refuses with ArticleReplaced an article of a list that is not the current one any more.
    """
    _guard(given)
    before = _of_current(session, catalogue, article_id)
    version = _writable(session, catalogue, actor=actor, now=now)
    article = _same(session, version, before)
    number = given.order_number or article.order_number
    if number != article.order_number:
        _guard_number(session, version, number)
    for name, value in _columns(given, number).items():
        setattr(article, name, value)
    session.flush()
    return article


def remove_article(
    session: Session, catalogue: Catalogue, article_id: int, *, actor: Actor, now: datetime
) -> None:
    """Take an article out of the current list; refuses as `change_article` does."""
    before = _of_current(session, catalogue, article_id)
    version = _writable(session, catalogue, actor=actor, now=now)
    session.execute(
        delete(CatalogueArticle).filter_by(version_id=version.id, order_number=before.order_number)
    )
    version.articles_count -= 1
    session.flush()


def _writable(
    session: Session, catalogue: Catalogue, *, actor: Actor, now: datetime
) -> CatalogueVersion:
    """The current list if it may still be written to, else a copy of it that is current now.

    What is typed renews no list: the copy is valid as long as the list it is made of.
    """
    finding.require_editor(catalogue, actor)
    if finding.waiting(session, catalogue) is not None:
        raise ListWaiting
    current = finding.current(session, catalogue)
    if current is not None and _may_be_changed(session, current, now):
        return current
    version = uploading.begin(session, catalogue, actor=actor, now=now)
    version.format = TYPED
    if current is not None:
        version.title = current.title
        version.valid_from, version.valid_until = current.valid_from, current.valid_until
        version.articles_count = reading.copy(
            session, select(CatalogueArticle).filter_by(version_id=current.id), version
        )
    version.show()
    deciding.succeed(session, catalogue, version, now=now)
    events.record(
        session,
        happened.CatalogueTyped(
            by=actor.member.id,
            participant_id=catalogue.owner_id,
            catalogue_id=catalogue.id,
            number=version.number,
        ),
        now=now,
    )
    return version


def _may_be_changed(session: Session, version: CatalogueVersion, now: datetime) -> bool:
    """Whether it was typed in this sitting and no deal refers to it."""
    if version.format != TYPED or (version.confirmed_at or now) <= now - SITTING:
        return False
    of_version = select(CatalogueArticle.id).filter_by(version_id=version.id)
    return not session.scalar(
        select(
            exists().where(GroupBuy.catalogue_version_id == version.id)
            | exists().where(Article.catalogue_article_id.in_(of_version))
        )
    )


def _of_current(session: Session, catalogue: Catalogue, article_id: int) -> CatalogueArticle:
    current = finding.current(session, catalogue)
    if current is None:
        raise NothingCurrent
    article = finding.article(session, current, article_id)
    if article is None:
        raise ArticleReplaced
    return article


def _same(
    session: Session, version: CatalogueVersion, before: CatalogueArticle
) -> CatalogueArticle:
    """The article of `version` that has the order number of `before`."""
    return session.scalars(
        select(CatalogueArticle).filter_by(version_id=version.id, order_number=before.order_number)
    ).one()


def _next_number(session: Session, version: CatalogueVersion) -> str:
    largest = session.scalar(
        select(func.max(cast(CatalogueArticle.order_number, BigInteger))).where(
            CatalogueArticle.version_id == version.id,
            CatalogueArticle.order_number.regexp_match("^[0-9]{1,12}$"),
        )
    )
    return str((largest or 0) + 1)


def _guard_number(session: Session, version: CatalogueVersion, number: str) -> None:
    taken = select(CatalogueArticle.id).filter_by(version_id=version.id, order_number=number)
    if session.scalar(taken) is not None:
        raise Invalid(fields={"order_number": N_("Another article has this order number already.")})


def _guard(given: TypedArticle) -> None:
    problems = {}
    if given.price_minor <= 0:
        problems["price"] = N_("Please enter a price above zero.")
    if given.price_minor > MOST_PRICE_MINOR:
        problems["price"] = N_("This amount is too large.")
    if given.deposit_minor > MOST_PRICE_MINOR:
        problems["deposit"] = N_("This amount is too large.")
    tiers = [(1, given.price_minor), *given.more_tiers]
    falling = all(
        few < many and dear > cheap >= 1 for (few, dear), (many, cheap) in pairwise(tiers)
    )
    if not falling or len(given.more_tiers) > MOST_MORE_TIERS:
        problems["more_tiers"] = N_("From step to step: more units and a lower price.")
    if problems:
        raise Invalid(fields=problems)
    guard_limits(given.minimum_units, given.maximum_units, given.case_size)
    guard_weight(given.base_unit, given.base_units_thousandths, given.overweight_basis_points)


def _columns(given: TypedArticle, order_number: str) -> dict[str, Any]:
    return {
        **vars(given),
        "order_number": order_number,
        # As a list is read, so that the list we write of it changes nothing.
        "food_information": clean_lines(given.food_information),
        "more_tiers": [list(tier) for tier in given.more_tiers],
        "net_price_minor": None,
        "special_from": None,
        "special_until": None,
    }

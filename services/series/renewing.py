"""Renewing: the articles of the next round, as the supplier's newest list has them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from models.base import Json
from models.buying import Article, GroupBuy
from models.catalogues import CatalogueArticle, CatalogueVersion, VersionState
from services.buying import finding
from services.buying.copying import copied
from services.buying.describing import NewArticle
from services.catalogues.dealing import SHARED


class What(StrEnum):
    """How an article of the next round differs from the round before."""

    GONE = "gone"
    DEARER = "dearer"
    CHEAPER = "cheaper"
    RENAMED = "renamed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Changed:
    """One article that differs; what is gone has no price now. Prices in minor units."""

    what: tuple[What, ...]
    order_number: str
    name: str
    name_now: str
    unit: str
    unit_now: str
    before_minor: int
    now_minor: int | None

    def plain(self) -> Json:
        return {**vars(self), "what": [str(one) for one in self.what]}


@dataclass(frozen=True)
class Renewed:
    """The articles of the next round, in order, and the version of the list they refer to."""

    articles: Sequence[NewArticle]
    changes: Sequence[Changed]
    version_id: int | None


def renewed(session: Session, group_buy: GroupBuy) -> Renewed:
    """The articles of the group buy, each with what the current list says otherwise by now.

    What the list did not change stays as the organiser had it, their own prices too. What the
    list has no longer, or has without a price, is left out.
    """
    listed = _listed(session, group_buy)
    articles, changes = [], []
    for article in finding.articles(session, group_buy):
        before = copied(article)
        if article.id not in listed:
            articles.append(before)
            continue
        old, new = listed[article.id]
        after = None if new is None or not new.is_available else _after(before, old, new)
        if after is not None:
            articles.append(after)
        change = _change(before, after)
        if change.what:
            changes.append(change)
    return Renewed(articles, changes, _current_version(session, group_buy))


def _listed(
    session: Session, group_buy: GroupBuy
) -> dict[int, tuple[CatalogueArticle, CatalogueArticle | None]]:
    """By article: what it came from, and the same in the current list where that is another."""
    old, new = aliased(CatalogueArticle), aliased(CatalogueArticle)
    came_from, current = aliased(CatalogueVersion), aliased(CatalogueVersion)
    rows = session.execute(
        select(Article.id, old, new)
        .join(old, old.id == Article.catalogue_article_id)
        .join(came_from, came_from.id == old.version_id)
        .join(
            current,
            (current.catalogue_id == came_from.catalogue_id)
            & (current.state == VersionState.CURRENT),
        )
        .outerjoin(
            new,
            (new.version_id == current.id)
            & (new.order_number == old.order_number)
            & new.is_deposit.is_(False),
        )
        .where(Article.group_buy_id == group_buy.id, current.id != came_from.id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _after(before: NewArticle, old: CatalogueArticle, new: CatalogueArticle) -> NewArticle:
    says = {name: getattr(new, name) for name in SHARED if getattr(new, name) != getattr(old, name)}
    if _tiers(new) != _tiers(old):
        says["tiers"] = _tiers(new)
    return replace(before, catalogue_article_id=new.id, **says)


def _change(before: NewArticle, after: NewArticle | None) -> Changed:
    return Changed(
        what=tuple(_what(before, after)),
        order_number=before.order_number,
        name=before.name,
        name_now=before.name if after is None else after.name,
        unit=before.unit,
        unit_now=before.unit if after is None else after.unit,
        before_minor=before.tiers[0][1],
        now_minor=None if after is None else after.tiers[0][1],
    )


def _what(before: NewArticle, after: NewArticle | None) -> list[What]:
    if after is None:
        return [What.GONE]
    was, now = before.tiers[0][1], after.tiers[0][1]
    kept = replace(before, catalogue_article_id=None, name="", tiers=())
    found = {
        What.DEARER: now > was,
        What.CHEAPER: now < was,
        What.RENAMED: after.name != before.name,
        What.CHANGED: replace(after, catalogue_article_id=None, name="", tiers=()) != kept
        or list(after.tiers[1:]) != list(before.tiers[1:]),
    }
    return [what for what, holds in found.items() if holds]


def _tiers(listed: CatalogueArticle) -> list[tuple[int, int]]:
    return [(1, listed.price_minor), *((units, price) for units, price in listed.more_tiers)]


def _current_version(session: Session, group_buy: GroupBuy) -> int | None:
    """The current list of the catalogue that the group buy refers to."""
    if group_buy.catalogue_version_id is None:
        return None
    came_from, current = aliased(CatalogueVersion), aliased(CatalogueVersion)
    return session.scalar(
        select(current.id)
        .join(came_from, came_from.catalogue_id == current.catalogue_id)
        .where(
            came_from.id == group_buy.catalogue_version_id, current.state == VersionState.CURRENT
        )
    )

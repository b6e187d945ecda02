"""What a catalogue says by now of the articles that a deal was made from."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session, aliased

from models.buying import Article, GroupBuy, PriceTier
from models.catalogues import CatalogueArticle, CatalogueVersion, VersionState
from services.catalogues.comparing import Kind, kinds_between


@dataclass(frozen=True)
class DealChange:
    """An article of a deal whose catalogue says something else by now.

    Listed prices before and now, and the deal's own first price, in minor units; None where the
    catalogue does not have the article any more.
    """

    article_id: int
    kinds: tuple[Kind, ...]
    order_number: str
    name: str
    name_now: str | None
    price_before_minor: int
    price_now_minor: int | None
    deal_price_minor: int
    catalogue_article_id: int | None


def changes_for_deal(session: Session, group_buy: GroupBuy) -> list[DealChange]:
    """The articles of a deal that the current list of their catalogue says otherwise, in order.

    Compared is what the deal was made from with what the catalogue says now; prices that the
    organiser changed are no change of the catalogue.
    """
    listed = CatalogueArticle.__table__
    old, new = listed.alias("old"), listed.alias("new")
    came_from, current = aliased(CatalogueVersion), aliased(CatalogueVersion)
    kinds = kinds_between(old, new)
    query = (
        select(
            Article.id,
            Article.order_number,
            old.c.name,
            new.c.name.label("name_now"),
            old.c.price_minor,
            new.c.price_minor.label("price_now_minor"),
            PriceTier.price_minor.label("deal_price_minor"),
            new.c.id.label("catalogue_article_id"),
            *(holds.label(f"is_{kind}") for kind, holds in kinds.items()),
        )
        .join(PriceTier, (PriceTier.article_id == Article.id) & (PriceTier.position == 0))
        .join(old, old.c.id == Article.catalogue_article_id)
        .join(came_from, came_from.id == old.c.version_id)
        .join(
            current,
            (current.catalogue_id == came_from.catalogue_id)
            & (current.state == VersionState.CURRENT),
        )
        .outerjoin(
            new,
            (new.c.version_id == current.id)
            & (new.c.order_number == old.c.order_number)
            & new.c.is_deposit.is_(False),
        )
        .where(
            Article.group_buy_id == group_buy.id, current.id != came_from.id, or_(*kinds.values())
        )
        .order_by(Article.position)
    )
    return [_change(row) for row in session.execute(query)]


def _change(row: Row[Any]) -> DealChange:
    found = row._mapping
    return DealChange(
        article_id=found["id"],
        kinds=tuple(kind for kind in Kind if found[f"is_{kind}"]),
        order_number=found["order_number"],
        name=found["name"],
        name_now=found["name_now"],
        price_before_minor=found["price_minor"],
        price_now_minor=found["price_now_minor"],
        deal_price_minor=found["deal_price_minor"],
        catalogue_article_id=found["catalogue_article_id"],
    )

"""Listing: the articles of a group buy page by page, by words and by category."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from models.buying import Article, GroupBuy
from models.collaborations import Category
from services import paging
from services.paging import Page
from services.searching import words_of

PAGE = 50


def articles_page(
    session: Session,
    group_buy: GroupBuy,
    *,
    words: str = "",
    category: str = "",
    after: str | None = None,
    limit: int = PAGE,
) -> Page[Article]:
    """Some articles in their order, with tiers and pictures: those that hold every word somewhere.

    Looks at name, second line, maker and order number, at no more than six words. Refuses with
    CursorNotValid.
    """
    query = (
        select(Article)
        .where(*matching(group_buy, words, category))
        .order_by(Article.position)
        .options(selectinload(Article.tiers), joinedload(Article.picture))
        .limit(limit + 1)
    )
    at = paging.position(after, int)
    if at is not None:
        query = query.where(Article.position > at[0])
    return paging.paged(session.scalars(query).all(), limit, lambda one: (one.position,))


def matching(group_buy: GroupBuy, words: str, category: str) -> list[ColumnElement[bool]]:
    """What holds of the articles of the group buy that a search finds."""
    found: list[ColumnElement[bool]] = [Article.group_buy_id == group_buy.id]
    for word in words_of(words):
        somewhere = (Article.name, Article.second_line, Article.maker, Article.order_number)
        found.append(or_(*(each.icontains(word, autoescape=True) for each in somewhere)))
    if category:
        found.append(Article.category == category)
    return found


def place_in_list(article: Article) -> str | None:
    """The cursor of the page of the list that begins with this article; None for the first."""
    return paging.cursor(article.position - 1) if article.position > 1 else None


def categories(session: Session, group_buy: GroupBuy) -> Sequence[tuple[str, int]]:
    """The categories of the articles with how many each has, in the order of the list."""
    rows = session.execute(
        select(Article.category, func.count())
        .where(Article.group_buy_id == group_buy.id, Article.category != "")
        .group_by(Article.category)
        .order_by(func.min(Article.position))
    )
    return [(name, count) for name, count in rows]


def has_goods_by_weight(session: Session, group_buy: GroupBuy) -> bool:
    """Whether any of its articles is paid by the grams that are weighed."""
    weighed = exists().where(
        Article.group_buy_id == group_buy.id, Article.overweight_basis_points.is_not(None)
    )
    return session.scalar(select(weighed)) or False


def without_food_information(session: Session, group_buy: GroupBuy) -> int:
    """Of a group buy for food: how many articles do not say yet what food must say.

    Everyone has to be able to read it before they order (Regulation 1169/2011 Art. 14).
    """
    if group_buy.category != Category.FOOD:
        return 0
    lacking = select(func.count()).where(
        Article.group_buy_id == group_buy.id, Article.food_information == ""
    )
    return session.scalar(lacking) or 0

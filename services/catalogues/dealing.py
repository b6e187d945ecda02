"""From a catalogue into a group buy: a deal keeps its own copy and knows where it came from."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Integer,
    cast,
    column,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, array
from sqlalchemy.orm import Session

from models.buying import Article, GroupBuy, PriceTier
from models.catalogues import Catalogue, CatalogueArticle, CatalogueVersion
from models.errors import Conflict
from models.lifecycle import NotInThisState
from models.rules import full_cases_fit
from models.words import N_
from services import buying
from services.buying.drafting import guard_articles_count, guard_draft
from services.buying.standing import restand

# What an article of a deal has under the same name as that of a catalogue.
SHARED = (
    "order_number",
    "name",
    "second_line",
    "unit",
    "category",
    "minimum_units",
    "maximum_units",
    "case_size",
    "vat_basis_points",
    "deposit_minor",
    "base_unit",
    "base_units_thousandths",
    "overweight_basis_points",
    "origin",
    "quality",
    "maker",
    "food_information",
    "ean",
)


class CurrencyDiffers(Conflict):
    code = "currency-differs"
    message = N_("The catalogue is in %(catalogue)s, but the group buy is in %(group_buy)s.")


@dataclass(frozen=True)
class Choice:
    """Which articles of a list are meant: by id, by category, or (both None) all that are offered.

    Crates and bottles, what cannot be had, and what no number of full cases reaches are never
    offered.
    """

    ids: Sequence[int] | None = None
    category: str | None = None


def copy_into(
    session: Session,
    group_buy: GroupBuy,
    version: CatalogueVersion,
    choice: Choice | None = None,
) -> int:
    """Add the chosen articles to the end of a draft, in two statements; how many.

    The caller holds the group buy's lock. An article whose order number the draft has already is
    passed over, so a repeat adds nothing. Refuses with NotADraft, CurrencyDiffers,
    NotInThisState, and with Invalid more than 20,000 articles.
    """
    guard_draft(group_buy)
    _guard_kept(session, version)
    if version.catalogue.currency != group_buy.currency:
        raise CurrencyDiffers(catalogue=version.catalogue.currency, group_buy=group_buy.currency)
    session.flush()
    after = (
        session.scalar(select(func.max(Article.position)).filter_by(group_buy_id=group_buy.id)) or 0
    )
    added = _insert_articles(session, group_buy, version, choice or Choice(), after)
    guard_articles_count(group_buy.articles_count + added)
    _insert_tiers(session, group_buy, after)
    group_buy.catalogue_version_id = version.id
    group_buy.articles_count += added
    group_buy.touch()
    session.flush()
    if group_buy.articles_count == 1:
        restand(session, group_buy, buying.articles(session, group_buy))
    else:
        group_buy.price_now_minor = group_buy.price_next_minor = group_buy.missing_units = None
    return added


def _guard_kept(session: Session, version: CatalogueVersion) -> None:
    """Nobody changes a typed list in place while a deal is made from it."""
    session.execute(
        select(Catalogue.id).filter_by(id=version.catalogue_id).with_for_update(read=True)
    )
    if not version.is_kept:
        raise NotInThisState


def _chosen(version: CatalogueVersion, choice: Choice) -> list[ColumnElement[bool]]:
    one = CatalogueArticle
    conditions: list[ColumnElement[bool]] = [
        one.version_id == version.id,
        one.is_deposit.is_(False),
        one.is_available.is_(True),
        or_(
            one.maximum_units.is_(None),
            full_cases_fit(one.minimum_units, one.maximum_units, one.case_size),
        ),
    ]
    if choice.ids is not None:
        conditions.append(one.id.in_(choice.ids))
    if choice.category is not None:
        conditions.append(one.category == choice.category)
    return conditions


def _insert_articles(
    session: Session, group_buy: GroupBuy, version: CatalogueVersion, choice: Choice, after: int
) -> int:
    there = exists().where(
        Article.group_buy_id == group_buy.id,
        Article.order_number == CatalogueArticle.order_number,
    )
    nobody = func.array_fill(
        0, array([1 + func.jsonb_array_length(CatalogueArticle.more_tiers)]), type_=ARRAY(Integer)
    )
    order = func.row_number().over(order_by=CatalogueArticle.position).cast(Integer)
    source = select(
        literal(group_buy.id),
        order + after,
        CatalogueArticle.id,
        nobody,
        nobody,
        *(getattr(CatalogueArticle, name) for name in SHARED),
    ).where(*_chosen(version, choice), ~there)
    made = session.connection().execute(
        insert(Article).from_select(
            [
                *("group_buy_id", "position", "catalogue_article_id"),
                *("demand_units", "tolerance_units", *SHARED),
            ],
            source,
        ),
        execution_options={"preserve_rowcount": True},
    )
    return made.rowcount


def _insert_tiers(session: Session, group_buy: GroupBuy, after: int) -> None:
    """The first price of each new article, and the steps that follow it."""
    step = (
        func.jsonb_array_elements(CatalogueArticle.more_tiers)
        .table_valued(column("value", JSONB), with_ordinality="place", joins_implicitly=True)
        .render_derived()
    )
    more = select(
        Article.id,
        cast(step.c.place, Integer),
        step.c.value[0].astext.cast(Integer),
        step.c.value[1].astext.cast(BigInteger),
    ).join(CatalogueArticle, CatalogueArticle.id == Article.catalogue_article_id)
    first = select(Article.id, literal(0), literal(1), CatalogueArticle.price_minor).join(
        CatalogueArticle, CatalogueArticle.id == Article.catalogue_article_id
    )
    for source in (first, more):
        session.execute(
            insert(PriceTier).from_select(
                ["article_id", "position", "from_units", "price_minor"],
                source.where(Article.group_buy_id == group_buy.id, Article.position > after),
            )
        )

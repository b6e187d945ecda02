"""A list as our own CSV: what is written can be uploaded again and changes nothing."""

from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.catalogues import CatalogueArticle, CatalogueVersion
from services import pricelists
from services.catalogues.reading import THOUSAND
from services.pricelists import ListedArticle, ListedTier


def export(session: Session, version: CatalogueVersion) -> str:
    """All articles of a list in our own CSV (docs/pricelists.md), in its order."""
    articles = session.scalars(
        select(CatalogueArticle)
        .filter_by(version_id=version.id)
        .order_by(CatalogueArticle.position)
    )
    return pricelists.write_csv(_listed(article) for article in articles)


def _listed(article: CatalogueArticle) -> ListedArticle:
    content = article.base_units_thousandths
    return ListedArticle(
        order_number=article.order_number,
        name=article.name,
        gross_minor=article.price_minor,
        vat_basis_points=article.vat_basis_points,
        net_minor=article.net_price_minor,
        second_line=article.second_line,
        unit=article.unit,
        case_size=article.case_size,
        deposit_minor=article.deposit_minor,
        category=article.category,
        origin=article.origin,
        quality=article.quality,
        maker=article.maker,
        control_body=article.control_body,
        food_information=article.food_information,
        ean=article.ean,
        recommended_minor=article.recommended_minor,
        special_from=article.special_from,
        special_to=article.special_until,
        base_unit=article.base_unit,
        base_factor=None if content is None else Fraction(THOUSAND, content),
        overweight_basis_points=article.overweight_basis_points,
        note=article.note,
        minimum_units=article.minimum_units,
        maximum_units=article.maximum_units,
        is_available=article.is_available,
        is_deposit=article.is_deposit,
        tiers=tuple(ListedTier(units, price) for units, price in article.more_tiers),
    )

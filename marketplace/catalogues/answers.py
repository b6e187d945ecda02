"""What programs are told of catalogues, lists and articles."""

from typing import Any

from marshmallow import fields

from marketplace.catalogues.wording import problem_words
from marketplace.fields import Choice, Count, Id, Moment, MoneyOut
from marketplace.schemas import Schema
from models.catalogues import Catalogue, CatalogueArticle, CatalogueVersion, VersionState
from models.money import Money
from services.catalogues import Difference, Kind


class CatalogueOut(Schema):
    id = Id(required=True)
    name = fields.String(required=True)
    owner_id = Id(required=True)
    country = fields.String(required=True)
    currency = fields.String(required=True)
    current_version = Count(
        required=True,
        allow_none=True,
        metadata={"description": "The number of the list that group buys are made from."},
    )


class ProblemOut(Schema):
    code = fields.String(required=True)
    severity = fields.String(
        required=True,
        metadata={"enum": ["file-refused", "line-left-out", "noted"]},
    )
    line = Count(required=True, metadata={"description": "0 is the file as a whole."})
    column = fields.String(required=True)
    message = fields.String(required=True)


class ListOut(Schema):
    number = Count(required=True)
    state = Choice(VersionState, required=True)
    format = fields.String(required=True)
    file_name = fields.String(required=True)
    title = fields.String(required=True)
    valid_from = fields.Date(required=True, allow_none=True)
    valid_until = fields.Date(required=True, allow_none=True)
    is_whole = fields.Boolean(
        required=True,
        metadata={"description": "Whether what it does not name is gone."},
    )
    articles_count = Count(required=True)
    carried_count = Count(required=True)
    left_out_count = Count(required=True)
    noted_count = Count(required=True)
    read_count = Count(required=True)
    total_count = Count(required=True)
    problems = fields.List(fields.Nested(ProblemOut), required=True)
    uploaded_at = Moment(required=True)
    confirmed_at = Moment(required=True, allow_none=True)


class TierOut(Schema):
    from_units = Count(required=True)
    price = MoneyOut(required=True)


class ListArticleOut(Schema):
    id = Id(required=True)
    order_number = fields.String(required=True)
    name = fields.String(required=True)
    second_line = fields.String(required=True)
    unit = fields.String(required=True)
    category = fields.String(required=True)
    case_size = Count(required=True)
    price = MoneyOut(required=True, metadata={"description": "With VAT, without deposit."})
    more_tiers = fields.List(fields.Nested(TierOut), required=True)
    vat_basis_points = Count(required=True)
    deposit = MoneyOut(required=True)
    minimum_units = Count(required=True)
    maximum_units = Count(required=True, allow_none=True)
    base_unit = fields.String(required=True)
    base_units_thousandths = Count(required=True, allow_none=True)
    overweight_basis_points = Count(
        required=True, allow_none=True, metadata={"description": "Only for goods by weight."}
    )
    origin = fields.String(required=True)
    quality = fields.String(required=True)
    maker = fields.String(required=True)
    food_information = fields.String(
        required=True,
        metadata={"description": "Ingredients, allergens, nutrition, storage, line by line."},
    )
    ean = fields.String(required=True)
    note = fields.String(required=True)
    is_available = fields.Boolean(required=True)
    is_deposit = fields.Boolean(required=True)


class DifferenceOut(Schema):
    order_number = fields.String(required=True)
    kinds = fields.List(Choice(Kind), required=True)
    name_before = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    price_before = MoneyOut(required=True, allow_none=True)
    price = MoneyOut(required=True, allow_none=True)


def shown_catalogue(catalogue: Catalogue, current: CatalogueVersion | None) -> dict[str, Any]:
    return {
        "id": catalogue.id,
        "name": catalogue.name,
        "owner_id": catalogue.owner_id,
        "country": catalogue.country,
        "currency": catalogue.currency,
        "current_version": None if current is None else current.number,
    }


def shown_list(version: CatalogueVersion) -> dict[str, Any]:
    names = [name for name in ListOut._declared_fields if name != "problems"]
    shown = {name: getattr(version, name) for name in names}
    said = [{**problem, "message": problem_words(problem)} for problem in version.problems]
    return {**shown, "problems": said}


def shown_article(article: CatalogueArticle, currency: str) -> dict[str, Any]:
    amounts = ("price", "deposit", "more_tiers")
    names = [name for name in ListArticleOut._declared_fields if name not in amounts]
    return {
        **{name: getattr(article, name) for name in names},
        "price": Money(article.price_minor, currency),
        "deposit": Money(article.deposit_minor, currency),
        "more_tiers": [
            {"from_units": units, "price": Money(price, currency)}
            for units, price in article.more_tiers
        ],
    }


def shown_difference(one: Difference, currency: str) -> dict[str, Any]:
    def amount(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, currency)

    return {
        "order_number": one.order_number,
        "kinds": one.kinds,
        "name_before": one.name_before,
        "name": one.name,
        "price_before": amount(one.price_before_minor),
        "price": amount(one.price_minor),
    }

"""What can be said of a catalogue, its lists and its articles: forms, and answers to programs."""

from typing import Any

from marketplace.api import PageQuery
from marketplace.fields import LARGEST_COUNT, Amount, Choice, Count, Decimals, Flag, OneOf, Words
from marketplace.schemas import Schema
from models.money import BASIS_POINTS
from models.weights import USUAL_OVERWEIGHT
from models.words import N_
from services import catalogues
from services.catalogues import Kind

TIERS = range(1, 6)


class Percent(Decimals):
    """A share as people write it ("7", "5,5 %"), in basis points."""

    default_error_messages = {
        "required": N_("Please enter a percentage."),
        "null": N_("Please enter a percentage."),
        "invalid": N_("Please enter a percentage from 0 to 100, for example 7 or 5.5."),
        "negative": N_("Please enter a percentage from 0 to 100, for example 7 or 5.5."),
        "too_large": N_("Please enter a percentage from 0 to 100, for example 7 or 5.5."),
    }

    def __init__(self, **kwargs: Any):
        super().__init__(places=2, most=BASIS_POINTS, **kwargs)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return percent_text(value)


class Content(Decimals):
    """How much one unit holds, in thousandths: "0,75" is 750."""

    default_error_messages = {
        "invalid": N_("Please enter how much one unit holds, for example 0.75."),
        "zero": N_("Please enter how much one unit holds, for example 0.75."),
    }

    def __init__(self, **kwargs: Any):
        super().__init__(places=3, most=LARGEST_COUNT * 1000, above_zero=True, **kwargs)


def percent_text(basis_points: int | None) -> str:
    """1900 basis points are "19", 550 are "5.5"."""
    if basis_points is None:
        return ""
    whole, hundredths = divmod(basis_points, 100)
    return f"{whole}.{hundredths:02}".rstrip("0") if hundredths else str(whole)


class CoverForm(Schema):
    name = Words(required=True, most=200)
    country = Words(required=True, most=2, validate=OneOf(list(catalogues.VAT_RATES)))


class NewCatalogue(CoverForm):
    currency = Words(most=16, load_default="EUR")


class UploadForm(Schema):
    vat_reduced = Percent(required=True)
    vat_standard = Percent(required=True)


class ArticleForm(Schema):
    """One article, typed. Its amounts are in the currency of its catalogue."""

    name = Words(required=True, most=200)
    unit = Words(required=True, most=40)
    vat = Percent(required=True)
    order_number = Words(most=40, load_default="")
    second_line = Words(most=200, load_default="")
    category = Words(most=200, load_default="")
    case_size = Count(least=1, load_default=1)
    minimum_units = Count(least=1, load_default=1)
    maximum_units = Count(least=1, load_default=None)
    base_unit = Words(most=20, load_default="")
    content = Content(load_default=None)
    by_weight = Flag(load_default=False)
    overweight = Percent(load_default=USUAL_OVERWEIGHT)
    origin = Words(most=200, load_default="")
    quality = Words(most=200, load_default="")
    maker = Words(most=200, load_default="")
    food_information = Words(most=4_000, lines=True, load_default="")
    note = Words(most=2000, lines=True, load_default="")
    is_available = Flag(load_default=False)


def article_form(currency: str) -> Schema:
    """The form of an article whose amounts are in `currency`."""
    amounts: dict[str, Any] = {
        "price": Amount(required=True, currency=currency),
        "deposit": Amount(load_default=None, currency=currency),
    }
    for step in TIERS:
        amounts[f"tier_{step}_from"] = Count(least=2, load_default=None)
        amounts[f"tier_{step}_price"] = Amount(load_default=None, currency=currency)
    made: Schema = type("ArticleFormIn", (ArticleForm,), amounts)(unknown="exclude")
    return made


class CatalogueIn(Schema):
    name = Words(required=True, most=200)
    country = Words(
        most=2,
        load_default="DE",
        metadata={"description": "Whose VAT rates are proposed for lists that name codes."},
    )
    currency = Words(most=16, load_default="EUR")


class UploadQuery(Schema):
    """What is said of a file beside it, in the address."""

    file_name = Words(most=200, load_default="")
    vat_reduced_basis_points = Count(
        most=10_000, metadata={"description": "For code 1 of BNN lists; 700 is seven per cent."}
    )
    vat_standard_basis_points = Count(
        most=10_000, metadata={"description": "For code 2 of BNN lists; 1900 is nineteen per cent."}
    )


class ArticleQuery(PageQuery):
    q = Words(most=100, metadata={"description": "Words that the article has all of."})
    category = Words(most=200)


class DifferenceQuery(PageQuery):
    kind = Choice(Kind, metadata={"description": "Only changes of this kind."})

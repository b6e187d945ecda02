"""What those who organise say: of the deal, its articles, and what they do with it."""

from functools import cache
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from marketplace.config import LOCALES
from marketplace.fields import (
    LARGEST_COUNT,
    Amount,
    Choice,
    Count,
    Decimals,
    Email,
    Flag,
    Id,
    Moment,
    OneOf,
    Words,
)
from marketplace.schemas import Schema
from models.buying import Payee, ShortfallRule, WithdrawalPolicy
from models.collaborations import Category, Visibility
from models.money import Money
from models.revocations import Revocability
from models.rules import Rationing, Sharing
from models.weights import MOST_OVERWEIGHT, USUAL_OVERWEIGHT
from models.words import N_
from services.buying.describing import LONGEST_ADDRESS, LONGEST_DESCRIPTION, LONGEST_ORDER_NUMBER

# One price from the first unit on, and so many lower ones.
MORE_TIERS = 5
SUPPLIERS = ("none", "self", "member", "other")


def minor_of(amount: Money | None) -> int:
    """What was typed, in minor units; nothing typed is nothing."""
    return 0 if amount is None else amount.minor


class What(Schema):
    """The first step: what it is, where, and until when."""

    title = Words(required=True, most=120, least=3)
    summary = Words(most=300, load_default="")
    description = Words(most=LONGEST_DESCRIPTION, lines=True, load_default="")
    category = Choice(Category, load_default=Category.OTHER)
    place = Words(load_default="")
    place_id = Id(load_default=None)
    closes_at = Moment(required=True)
    opens_at = Moment(load_default=None)
    visibility = Choice(Visibility, load_default=Visibility.PUBLIC)
    circle = Id(load_default=None)
    lang = Words(load_default=None, validate=OneOf(list(LOCALES)))
    currency = Words(most=16, load_default="")
    remove_picture = Flag(load_default=False)


class ArticleWords(Schema):
    """One article as it is typed; `article_schema` adds the prices in the deal's currency."""

    name = Words(required=True)
    unit = Words(required=True, most=60)
    order_number = Words(most=LONGEST_ORDER_NUMBER, load_default="")
    second_line = Words(load_default="")
    category = Words(load_default="")
    minimum_units = Count(least=1, load_default=1)
    maximum_units = Count(least=1, load_default=None)
    case_size = Count(least=1, load_default=1)
    vat_percent = Decimals(places=2, most=10_000, load_default=0)
    content = Decimals(places=3, most=LARGEST_COUNT * 1000, above_zero=True, load_default=None)
    base_unit = Words(most=10, load_default="")
    by_weight = Flag(load_default=False)
    overweight = Decimals(places=2, most=MOST_OVERWEIGHT, load_default=USUAL_OVERWEIGHT)
    origin = Words(load_default="")
    quality = Words(load_default="")
    maker = Words(load_default="")
    food_information = Words(most=4_000, lines=True, load_default="")
    ean = Words(most=20, load_default="")
    revocability = Choice(Revocability, load_default=Revocability.RIGHT)
    remove_picture = Flag(load_default=False)
    preview = Flag(load_default=False)

    @validates_schema(skip_on_field_errors=False)
    def check_pairs(self, data: dict[str, Any], **kwargs: Any) -> None:
        """A step of the ladder has a number of units and a price, a base price both its parts."""
        problems: dict[str, list[str]] = {}
        for step in range(1, MORE_TIERS + 1):
            units, price = data.get(f"tier_{step}_from"), data.get(f"tier_{step}_price")
            if units is not None and price is None:
                problems[f"tier_{step}_price"] = [N_("Please enter the price from there on.")]
            elif price is not None and units is None:
                problems[f"tier_{step}_from"] = [N_("Please enter from how many units on.")]
        if bool(data.get("content")) != bool(data.get("base_unit")):
            problems["content"] = [N_("A base price needs both the content and its unit.")]
        if problems:
            raise ValidationError(problems)


@cache
def article_schema(currency: str) -> type[Schema]:
    """The form of one article, with amounts in `currency`."""
    steps: dict[str, Any] = {}
    for step in range(1, MORE_TIERS + 1):
        steps[f"tier_{step}_from"] = Count(least=2, load_default=None)
        steps[f"tier_{step}_price"] = Amount(currency=currency, load_default=None)
    return type(
        "ArticleTerms",
        (ArticleWords,),
        {
            "price": Amount(currency=currency, required=True),
            "deposit": Amount(currency=currency, load_default=None),
            **steps,
        },
    )


class Ticked(Schema):
    articles = fields.List(Id(), load_default=list)


class Revocable(Schema):
    """The right of withdrawal from the contract, for every article that a search finds."""

    revocability = Choice(Revocability, required=True)
    q = Words(load_default="")
    category = Words(load_default="")


class Pickup(Schema):
    name = Words(required=True)
    address = Words(required=True, most=LONGEST_ADDRESS, lines=True)
    from_at = Moment(required=True)
    until_at = Moment(required=True)
    note = Words(most=500, lines=True, load_default="")


@cache
def shipping_schema(currency: str) -> type[Schema]:
    return type(
        "Shipping",
        (Schema,),
        {
            "ships": Flag(load_default=False),
            "shipping_ceiling": Amount(currency=currency, load_default=None),
        },
    )


class RuleWords(Schema):
    """How it is paid, and what holds; `rules_schema` adds the amounts."""

    by_card = Flag(load_default=False)
    at_pickup = Flag(load_default=False)
    rationing = Choice(Rationing, load_default=Rationing.FIRST_COME)
    withdrawal_policy = Choice(WithdrawalPolicy, load_default=WithdrawalPolicy.FREE)
    payee = Choice(Payee, load_default=Payee.ORGANISER)
    shortfall_rule = Choice(ShortfallRule, load_default=ShortfallRule.CONFIRM_ABOVE_FLOOR)
    floor_percent = Decimals(places=2, most=10_000, load_default=8000)
    collecting_days = Count(least=0, most=7, load_default=7)
    extends_to_at = Moment(load_default=None)
    freight_rule = Choice(Sharing, load_default=Sharing.NONE)
    share_rule = Choice(Sharing, load_default=Sharing.NONE)
    supplier_is = Words(load_default="none", validate=OneOf(SUPPLIERS))
    supplier_member = Words(most=254, load_default="")
    supplier_name = Words(load_default="")
    supplier_email = Email(most=254, load_default="")

    @validates_schema
    def check_supplier(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data.get("supplier_is") == "member" and not data.get("supplier_member"):
            raise ValidationError({"supplier_member": [N_("Please say who supplies the goods.")]})
        if data.get("supplier_is") == "other" and not data.get("supplier_name"):
            raise ValidationError({"supplier_name": [N_("Please say who supplies the goods.")]})


AMOUNTS = ("smallest_order", "freight", "freight_ceiling", "share", "share_ceiling")


@cache
def rules_schema(currency: str) -> type[Schema]:
    amounts = {name: Amount(currency=currency, load_default=None) for name in AMOUNTS}
    return type("Rules", (RuleWords,), amounts)


class PublicReason(Schema):
    reason = Words(required=True, most=1_000, lines=True)


class Announcement(Schema):
    body = Words(required=True, most=5_000, lines=True)


class CoOrganiserAddress(Schema):
    email = Email(required=True, most=254)


class Who(Schema):
    who = Words(required=True, most=254)


class GuestOrder(Schema):
    """An order taken for someone without e-mail; units come by article beside it."""

    guest = Id(load_default=None)
    name = Words(most=80, load_default="")
    contact = Words(most=300, load_default="")
    pickup_point = Id(load_default=None)
    shipping_address = Words(most=500, lines=True, load_default="")
    note = Words(most=500, lines=True, load_default="")

    @validates_schema
    def check_who(self, data: dict[str, Any], **kwargs: Any) -> None:
        if bool(data.get("guest")) == bool(data.get("name")):
            raise ValidationError({"name": [N_("Please choose somebody or name someone new.")]})


class GuestChange(GuestOrder):
    """A changed order: whose it is stands already."""

    @validates_schema
    def check_who(self, data: dict[str, Any], **kwargs: Any) -> None:
        return


class Tick(Schema):
    on = Flag(load_default=False)


class HandOver(Schema):
    with_cash = Flag(load_default=False)


class Completion(Schema):
    unclaimed = Words(most=1_000, lines=True, load_default="")


class Account(Schema):
    holder = Words(required=True, most=70)
    iban = Words(required=True, most=60)
    bic = Words(most=20, load_default="")
    due_days = Count(least=1, most=60, required=True)


class Receipts(Schema):
    """What was ticked of a statement, which is asked for again unless its words are signed."""

    seen = fields.String(load_default="")
    take = fields.List(Id(), load_default=list)

"""What stands above the button that binds: each line, each ceiling, and who the seller is."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from marketplace import filters
from marketplace.buying.wording import WITHDRAWAL
from models.buying import Article, GroupBuy, PaymentMethod
from models.money import Money
from models.participants import Participant
from models.words import N_
from services import buying, payments

TRADER_WORDS = {
    "legal_name": N_("Legal name"),
    "address": N_("Address"),
    "email": N_("E-mail"),
    "phone": N_("Telephone"),
    "register": N_("Register"),
    "vat_number": N_("VAT number"),
}


@dataclass(frozen=True)
class Row:
    """One line of the order at its dearest, in minor units; deposit is in the sums."""

    article: Article
    units: int
    tolerance: int
    price_minor: int
    base_price_minor: int | None
    # What a unit costs as it stands, without this order, if that is not the most one would pay.
    price_now_minor: int | None

    @property
    def is_too_dear(self) -> bool:
        """Whether this line would get nothing if it closed as it stands."""
        return self.price_now_minor is not None and self.price_now_minor > self.price_minor

    @property
    def can_fall(self) -> bool:
        """Whether a cheaper step may still be reached."""
        return self.article.tiers[-1].price_minor < self.price_minor

    @property
    def total_minor(self) -> int:
        return self.article.goods_at_most(self.units + self.tolerance, self.price_minor)

    @property
    def deposit_minor(self) -> int:
        return (self.units + self.tolerance) * self.article.deposit_minor


def reviewed_rows(preview: buying.Preview) -> list[Row]:
    rows = []
    for one in preview.wanted:
        article = preview.articles[one.article_id]
        price = one.price_at_most(article)
        base_price = buying.base_price(article, price)
        now = buying.ladder(article).now
        price_now = now.price_minor if now is not None and now.price_minor != price else None
        rows.append(Row(article, one.units, one.tolerance, price, base_price, price_now))
    return rows


def reviewed_sums(
    group_buy: GroupBuy, asked: buying.Order, preview: buying.Preview
) -> list[tuple[str, Money]]:
    """What the worst case is made of; its parts add up to it."""
    rows = reviewed_rows(preview)
    parts = [
        (gettext("Goods at most"), sum(row.total_minor for row in rows)),
        (gettext("Deposit"), sum(row.deposit_minor for row in rows)),
        (gettext("Freight at most"), group_buy.freight_ceiling_minor),
        (gettext("The organiser's share at most"), group_buy.share_ceiling_minor),
    ]
    if asked.pickup_point_id is None and group_buy.ships:
        parts.append((gettext("Sending it"), group_buy.shipping_ceiling_minor))
    shown = [(label, amount) for label, amount in parts if amount]
    shown.append((gettext("You pay at most"), preview.worst_case_minor))
    return [(label, Money(amount, group_buy.currency)) for label, amount in shown]


def binding_words(
    group_buy: GroupBuy, asked: buying.Order, preview: buying.Preview, *, now: datetime
) -> dict[str, str]:
    """What has to be known before one is bound: whether one can leave, and what a card is for."""
    said = {"withdrawal": WITHDRAWAL[group_buy.withdrawal_policy], "card": ""}
    if asked.payment_method == PaymentMethod.CARD and not preview.short:
        most = filters.money(Money(preview.worst_case_minor, group_buy.currency))
        if payments.holds(group_buy, now):
            words = N_("%(most)s are held on your card, not charged, until it is decided.")
        else:
            words = N_("Nothing is held on your card. It is charged only if it happens.")
        said["card"] = str(gettext(words, most=most))
    return said


def trader_facts(seller: Participant | None) -> list[tuple[str, str]]:
    """What a trader has to say of themself before a contract (Directive 2011/83 Art. 6(1))."""
    if seller is None or not seller.is_trader:
        return []
    return [
        (gettext(label), str(value))
        for name, label in TRADER_WORDS.items()
        if (value := seller.trader_details.get(name))
    ]

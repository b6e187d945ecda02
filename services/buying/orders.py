"""Orders: what a participant wants, checked against what the group buy offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from models.actors import Actor, AnyParticipant
from models.buying import (
    Article,
    GroupBuy,
    GroupBuyCommitment,
    NotEnoughUnits,
    NothingOrdered,
    PaymentMethod,
    PickupPoint,
    PriceTooLow,
)
from models.collaborations import CommitmentState, NotOpen
from models.errors import Invalid
from models.money import Money
from models.participants import MayNotActFor, Participant, ParticipantKind
from models.rules import Rationing
from models.words import N_
from services.buying import finding
from services.buying.self_dealing import guard_self_dealing
from services.buying.standing import count, terms_of
from services.buying.stock import Dealt, Stocked


class NoSuchArticle(Invalid):
    code = "no-such-article"
    message = N_("One of the articles does not belong to this group buy.")


class PaymentMethodNotOffered(Invalid):
    code = "payment-method-not-offered"
    message = N_("This group buy cannot be paid in this way. Please choose another.")


class PickupNeeded(Invalid):
    code = "pickup-needed"
    message = N_("Please choose where you want to fetch the goods.")


class AddressNeeded(Invalid):
    code = "address-needed"
    message = N_("Please enter the address the goods should be sent to.")


class OrderTooLarge(Invalid):
    code = "order-too-large"
    message = N_("This order is too large to be reckoned with. Please enter fewer units.")


# No order costs more, and no article is wanted more often; so all sums fit their columns.
MOST_MINOR = 10**12
MOST_WANTED = 10**9


@dataclass(frozen=True)
class Wanted:
    """Units of one article; without a highest price, whatever the article costs at most."""

    article_id: int
    units: int
    tolerance: int = 0
    highest_price_minor: int | None = None

    def price_at_most(self, article: Stocked) -> int:
        """The most that one unit can cost, in minor units, without its deposit."""
        dearest = article.tiers[0].price_minor
        return (
            dearest if self.highest_price_minor is None else min(self.highest_price_minor, dearest)
        )

    def at_most(self, article: Stocked) -> int:
        """The most that all units and all tolerance can cost, in minor units, with deposit."""
        units = self.units + self.tolerance
        goods = article.goods_at_most(units, self.price_at_most(article))
        return goods + units * article.deposit_minor


@dataclass(frozen=True)
class Order:
    """What a participant wants, how they get it and how they pay."""

    wanted: Sequence[Wanted]
    payment_method: PaymentMethod = PaymentMethod.CARD
    pickup_point_id: int | None = None
    shipping_address: str = ""
    note: str = ""
    # Whether to wait, if there is not enough, for units that others may give up.
    may_wait: bool = False


def worst_case(
    group_buy: Dealt, articles: Mapping[int, Stocked], wanted: Sequence[Wanted], order: Order
) -> int:
    """The most the order can cost, in minor units: what the button that binds says."""
    total = group_buy.freight_ceiling_minor + group_buy.share_ceiling_minor
    if order.pickup_point_id is None and group_buy.ships:
        total += group_buy.shipping_ceiling_minor
    return total + sum(one.at_most(articles[one.article_id]) for one in wanted)


def guard(group_buy: Dealt, actor: Actor, buyer: AnyParticipant, now: datetime) -> None:
    """Refuse with NotOpen, NotConfirmed, MayNotActFor, SelfDealing or GuestsOfSeller."""
    if not group_buy.is_open(now):
        raise NotOpen
    actor.member.require_confirmed()
    guard_buyer(group_buy, actor, buyer)
    guard_self_dealing(group_buy, actor, buyer)


def guard_buyer(group_buy: Dealt, actor: Actor, buyer: AnyParticipant) -> None:
    """Refuse with MayNotActFor who neither may act for `buyer` nor keeps them as a guest."""
    # A guest has no way to sign in: whoever organises the deal orders for those they keep.
    is_kept = (
        isinstance(buyer, Participant)
        and buyer.kind == ParticipantKind.GUEST
        and buyer.kept_by_id == group_buy.organiser_id
        and group_buy.is_organised_by(actor)
    )
    if not (actor.may_act_for(buyer.id) or is_kept):
        raise MayNotActFor


def checked(
    session: Session, group_buy: GroupBuy, order: Order, also: Sequence[int] = ()
) -> tuple[list[Wanted], dict[int, Article]]:
    """The lines with their highest prices filled in, and the articles they need, by id."""
    asked = asked_of(order)
    found = finding.articles(session, group_buy, {*(one.article_id for one in asked), *also})
    articles = {article.id: article for article in found}
    point = session.get(PickupPoint, order.pickup_point_id) if order.pickup_point_id else None
    wanted = priced(group_buy, asked, articles)
    guard_ways(group_buy, order, point is not None and point.group_buy_id == group_buy.id)
    return wanted, articles


def asked_of(order: Order) -> list[Wanted]:
    """The lines that ask for something, each for an article of its own."""
    asked = [one for one in order.wanted if one.units > 0]
    if not asked:
        raise NothingOrdered
    if len({one.article_id for one in asked}) != len(asked):
        raise NoSuchArticle
    return asked


def priced(
    group_buy: Dealt, asked: Sequence[Wanted], articles: Mapping[int, Stocked]
) -> list[Wanted]:
    """The lines with their highest prices filled in, if the articles can be had at them."""
    wanted = []
    for one in asked:
        article = articles.get(one.article_id)
        if article is None:
            raise NoSuchArticle
        dearest, cheapest = article.tiers[0].price_minor, article.tiers[-1].price_minor
        highest = dearest if one.highest_price_minor is None else one.highest_price_minor
        if highest < cheapest:
            raise PriceTooLow(
                fields={f"highest-{article.id}": PriceTooLow.message},
                article=article.name,
                price=Money(cheapest, group_buy.currency),
            )
        wanted.append(replace(one, highest_price_minor=highest))
    _guard_size(wanted, articles)
    return wanted


def _guard_size(wanted: Sequence[Wanted], articles: Mapping[int, Stocked]) -> None:
    total_minor = 0
    for one in wanted:
        article = articles[one.article_id]
        # Everybody's price reaches the last tier.
        most = max(
            article.demand_units[-1] + one.units,
            article.tolerance_units[-1] + one.tolerance,
            article.active_units + one.units,
        )
        if most > MOST_WANTED:
            raise OrderTooLarge(fields={f"units-{article.id}": OrderTooLarge.message})
        total_minor += replace(one, highest_price_minor=None).at_most(article)
    if total_minor > MOST_MINOR:
        raise OrderTooLarge


def guard_ways(group_buy: Dealt, order: Order, has_point: bool) -> None:
    """Refuse ways to pay and to fetch that are not offered; `has_point`: the one chosen is."""
    offered = {PaymentMethod.CARD: group_buy.by_card, PaymentMethod.AT_PICKUP: group_buy.at_pickup}
    if not offered[order.payment_method]:
        raise PaymentMethodNotOffered
    if order.pickup_point_id is not None:
        if not has_point:
            raise PickupNeeded(fields={"pickup_point": PickupNeeded.message})
    elif not group_buy.ships:
        raise PickupNeeded(fields={"pickup_point": PickupNeeded.message})
    elif not order.shipping_address:
        raise AddressNeeded(fields={"shipping_address": AddressNeeded.message})


def shortage(
    group_buy: Dealt,
    articles: Mapping[int, Stocked],
    wanted: Sequence[Wanted],
    *,
    own: GroupBuyCommitment | None = None,
) -> NotEnoughUnits | None:
    """Why an order is not sure: first come sells full cases up to the largest total, no more.

    The units of `own` are counted already and are free for itself.
    """
    has_place = own is not None and own.state == CommitmentState.ACTIVE
    kept = {line.article_id: line.units for line in own.lines} if own and has_place else {}
    if group_buy.rationing != Rationing.FIRST_COME:
        return None
    for one in wanted:
        article = articles[one.article_id]
        most = terms_of(article).maximum_in_cases
        others = article.active_units - kept.get(one.article_id, 0)
        if most is not None and others + one.units > most:
            left = max(0, most - others)
            return NotEnoughUnits(units_left=left, article=article.name, article_id=article.id)
    return None


def count_lines(
    group_buy: GroupBuy,
    articles: Mapping[int, Stocked],
    commitment: GroupBuyCommitment,
    *,
    sign: int,
) -> None:
    """Count a commitment in or (with a `sign` of -1) out, by its state and what it agreed to."""
    for line in commitment.lines:
        count(
            articles[line.article_id],
            line.highest_price_minor,
            sign * line.units,
            sign * line.tolerance,
            decides=group_buy.has_consent_of(commitment),
            has_place=commitment.state == CommitmentState.ACTIVE,
        )

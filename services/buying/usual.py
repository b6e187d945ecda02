"""My usual order: what somebody ordered before, fitted to what is offered now; it binds nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from models.actors import Actor
from models.buying import Article, GroupBuy, GroupBuyCommitment, Line
from models.catalogues import CatalogueVersion
from models.collaborations import CommitmentState
from models.participants import MayNotActFor
from services.buying.orders import Wanted


@dataclass(frozen=True)
class Missing:
    """An article of the usual order that is not filled in: gone, or sold in another unit."""

    name: str
    unit: str
    unit_now: str | None


@dataclass(frozen=True)
class Repriced:
    """An article that is filled in and costs something else by now; prices in minor units."""

    name: str
    before_minor: int
    now_minor: int


@dataclass(frozen=True)
class Usual:
    """An order from before: one that was kept as the usual one, else the last one."""

    commitment: GroupBuyCommitment
    deal: GroupBuy
    is_kept: bool


@dataclass(frozen=True)
class Filled:
    """A usual order as it fits the articles of a deal, by article id."""

    usual: Usual
    wanted: Mapping[int, Wanted]
    missing: Sequence[Missing]
    repriced: Sequence[Repriced]


def usual(session: Session, group_buy: GroupBuy, participant_id: int) -> Usual | None:
    """What the participant ordered before in this series, or of this supplier's catalogue.

    What they kept as their usual order comes first, else their last order there that they did
    not leave.
    """
    there = _there(group_buy)
    if not there:
        return None
    row = session.execute(
        select(GroupBuyCommitment, GroupBuy)
        .join(GroupBuy, GroupBuy.id == GroupBuyCommitment.collaboration_id)
        .where(
            GroupBuyCommitment.participant_id == participant_id,
            GroupBuyCommitment.state != CommitmentState.WITHDRAWN,
            GroupBuy.id != group_buy.id,
            or_(*there),
        )
        .order_by(
            GroupBuyCommitment.usual_since_at.desc().nulls_last(), GroupBuyCommitment.id.desc()
        )
        .limit(1)
    ).one_or_none()
    return None if row is None else Usual(row[0], row[1], row[0].usual_since_at is not None)


def fill(session: Session, group_buy: GroupBuy, found: Usual) -> Filled:
    """Fit a usual order to the articles of the group buy.

    An article is the same by the supplier's order number, or because one was copied from the
    other. A highest price that the member named is kept and never raised; who named none pays
    what it costs, and is told if that is more.
    """
    lines = session.scalars(
        select(Line)
        .where(Line.commitment_id == found.commitment.id, Line.units > 0)
        .order_by(Line.id)
        .options(joinedload(Line.article).selectinload(Article.tiers))
    ).all()
    same = _same(session, group_buy, [line.article for line in lines])
    wanted: dict[int, Wanted] = {}
    missing, repriced = [], []
    for line in lines:
        old, new = line.article, same.get(line.article_id)
        if new is None or new.unit != old.unit or new.id in wanted:
            missing.append(Missing(old.name, old.unit, None if new is None else new.unit))
            continue
        before, now = old.tiers[0].price_minor, new.tiers[0].price_minor
        named = line.highest_price_minor < before
        wanted[new.id] = Wanted(
            new.id,
            line.units,
            line.tolerance if new.case_size > 1 else 0,
            line.highest_price_minor if named else None,
        )
        if now != before:
            repriced.append(Repriced(new.name, before, now))
    return Filled(found, wanted, missing, repriced)


def keep_as_usual(commitment: GroupBuyCommitment, *, actor: Actor, now: datetime) -> None:
    """Call this order the usual one; the newest that is called so counts."""
    _guard(commitment, actor)
    commitment.usual_since_at = now


def forget_usual(
    session: Session, group_buy: GroupBuy, commitment: GroupBuyCommitment, *, actor: Actor
) -> None:
    """Call no order there the usual one any more; the orders themselves stay."""
    _guard(commitment, actor)
    kept = (
        select(GroupBuyCommitment)
        .join(GroupBuy, GroupBuy.id == GroupBuyCommitment.collaboration_id)
        .where(
            GroupBuyCommitment.participant_id == commitment.participant_id,
            GroupBuyCommitment.usual_since_at.is_not(None),
            or_(GroupBuy.id == group_buy.id, *_there(group_buy)),
        )
    )
    for one in session.scalars(kept).unique():
        one.usual_since_at = None


def has_usual(group_buy: GroupBuy) -> bool:
    """Whether orders like this come again, so that there can be a usual one."""
    return group_buy.series_id is not None or group_buy.catalogue_version_id is not None


def _there(group_buy: GroupBuy) -> list[ColumnElement[bool]]:
    """The deals whose orders are like those of this one."""
    there: list[ColumnElement[bool]] = []
    if group_buy.series_id is not None:
        there.append(GroupBuy.series_id == group_buy.series_id)
    if group_buy.catalogue_version_id is not None:
        versions, this = aliased(CatalogueVersion), aliased(CatalogueVersion)
        there.append(
            GroupBuy.catalogue_version_id.in_(
                select(versions.id)
                .join(this, this.catalogue_id == versions.catalogue_id)
                .where(this.id == group_buy.catalogue_version_id)
            )
        )
    return there


def _same(session: Session, group_buy: GroupBuy, articles: Sequence[Article]) -> dict[int, Article]:
    """By the id of each of `articles`: the same one in the group buy."""
    numbers = {one.order_number for one in articles} - {""}
    firsts = {one.same_as_id or one.id for one in articles}
    candidates = session.scalars(
        select(Article)
        .where(
            Article.group_buy_id == group_buy.id,
            or_(
                Article.order_number.in_(numbers),
                Article.same_as_id.in_(firsts),
                Article.id.in_(firsts),
            ),
        )
        .order_by(Article.position.desc())
        .options(selectinload(Article.tiers))
    ).all()
    by_number = {one.order_number: one for one in candidates if one.order_number}
    by_first = {one.same_as_id or one.id: one for one in candidates}
    return {
        old.id: new
        for old in articles
        if (new := by_number.get(old.order_number) or by_first.get(old.same_as_id or old.id))
    }


def _guard(commitment: GroupBuyCommitment, actor: Actor) -> None:
    if not actor.may_act_for(commitment.participant_id):
        raise MayNotActFor

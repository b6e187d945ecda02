"""Shortfalls: too few have paid, and those who were asked say whether it goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, Stage
from models.collaborations import NotTheOrganiser, State
from services.buying import clearing_again, collecting, finding
from services.buying.delivering import NotAtThisStage


class Speaks(StrEnum):
    """For whom someone decides: as the supplier, as both in one, or for one who is elsewhere."""

    AS_SUPPLIER = "as_supplier"
    AS_BOTH = "as_both"
    AS_ORGANISER = "as_organiser"


@dataclass(frozen=True)
class Shortfall:
    """What those who were asked decide about: the units that are left, article by article."""

    deal: GroupBuy
    until_at: datetime
    articles: Sequence[tuple[str, int, int]]
    # In whose place `actor` answers: the terms say that the supplier is asked.
    speaks: Speaks


def shortfall_of(session: Session, slug: str | int, *, actor: Actor) -> Shortfall:
    """What is to be decided: per article its name, the units decided and those paid for.

    Refuses with NotAtThisStage and NotTheOrganiser.
    """
    group_buy = finding.find(session, slug, actor=actor)
    if not may_decide(group_buy, actor):
        raise NotTheOrganiser
    _guard_asked(group_buy)
    again = clearing_again.reclear(
        session, group_buy, floor_basis_points=group_buy.floor_basis_points
    )
    units = {article.key: article.units for article in again.outcome.articles}
    assert group_buy.collect_until_at is not None
    return Shortfall(
        group_buy,
        group_buy.collect_until_at,
        [
            (article.name, article.decided_units, units[str(article.id)])
            for article in finding.articles(session, group_buy)
            if article.decided_units
        ],
        speaks_as(group_buy, actor),
    )


def speaks_as(group_buy: GroupBuy, actor: Actor) -> Speaks:
    """Whoever organises and supplies decides alone, and as the supplier (self-dealing)."""
    supplier_id = group_buy.supplier_id
    is_nobody_else = supplier_id is None and not group_buy.supplier_name
    if is_nobody_else or supplier_id == group_buy.organiser_id:
        return Speaks.AS_BOTH
    speaks = supplier_id is not None and actor.may_manage(supplier_id)
    return Speaks.AS_SUPPLIER if speaks else Speaks.AS_ORGANISER


def decide(
    session: Session, group_buy: GroupBuy, *, goes_on: bool, actor: Actor, now: datetime
) -> None:
    """Say, for the supplier or as one who organises, whether it goes on with fewer than declared.

    The caller holds the lock. Refuses with NotAtThisStage and NotTheOrganiser.
    """
    if not may_decide(group_buy, actor):
        raise NotTheOrganiser
    _guard_asked(group_buy)
    if goes_on:
        again = clearing_again.reclear(
            session, group_buy, floor_basis_points=group_buy.floor_basis_points
        )
        collecting.go_on_with(session, group_buy, again, now)
    else:
        collecting.call_off(session, group_buy, now)


def may_decide(group_buy: GroupBuy, actor: Actor) -> bool:
    """Whether `actor` speaks for the supplier, or organises."""
    speaks = group_buy.supplier_id is not None and actor.may_manage(group_buy.supplier_id)
    return speaks or group_buy.is_organised_by(actor)


def _guard_asked(group_buy: GroupBuy) -> None:
    if group_buy.state != State.COLLECTING or group_buy.stage != Stage.SUPPLIER_ASKED:
        raise NotAtThisStage

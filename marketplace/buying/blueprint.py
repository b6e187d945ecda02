"""The pages of group buying for those who look and those who take part."""

from datetime import datetime
from typing import Any, TypeVar

from flask import Blueprint, g, request, url_for
from sqlalchemy.orm import Session, joinedload

from marketplace import auth, db
from models.buying import GroupBuy
from models.collaborations import Visibility
from services import buying

bp = Blueprint("buying", __name__)

Read = TypeVar("Read", bound=buying.Dealt)


@bp.url_defaults
def carry_link_key(_endpoint: str, values: dict[str, Any]) -> None:
    """Keep the key of a group buy that only those with its link may see in every address."""
    if "link_key" in g and "slug" in values:
        values.setdefault("key", g.link_key)


def seen(session: Session, slug: str) -> GroupBuy:
    """The group buy with what its pages show, if whoever asks may know of it."""
    return _prepared(
        buying.page_of(session, slug, actor=auth.actor(), link_key=request.args.get("key", ""))
    )


def outlined(session: Session, slug: str) -> buying.Outline:
    """The group buy with the little that its page says anew each time, if one may know of it."""
    outline = buying.outline_of(
        session, slug, actor=auth.actor(), link_key=request.args.get("key", "")
    )
    _prepared(outline.group_buy)
    return outline


def locked(session: Session, slug: str) -> GroupBuy:
    """The group buy for one act alone, if whoever asks may know of it."""
    return _prepared(
        buying.find(
            session,
            slug,
            actor=auth.actor(),
            link_key=request.args.get("key", ""),
            lock=True,
            also=(joinedload(GroupBuy.pickup_points),),
        )
    )


def to_join(
    session: Session, slug: str, order: buying.Order
) -> tuple[buying.Dealt, buying.Stock, datetime]:
    """The group buy for the one act of joining, what `order` finds there, and when that is."""
    group_buy, stock, now = buying.to_join(
        session,
        slug,
        order,
        actor=auth.signed_in_actor(),
        link_key=request.args.get("key", ""),
        clock=db.clock(),
    )
    return _prepared(group_buy), stock, now


def back(group_buy_slug: str, fragment: str = "") -> str:
    return url_for("buying.show", slug=group_buy_slug, _anchor=fragment or None)


def _prepared(group_buy: Read) -> Read:
    g.time_zone = group_buy.time_zone
    if group_buy.visibility == Visibility.LINK and "key" in request.args:
        g.link_key = request.args["key"]
    return group_buy

"""The versions of the terms: what changed, and agreeing to what is worse for one's order."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from flask import render_template
from sqlalchemy.orm import Session

from marketplace import auth, db, errors, filters
from marketplace.buying.blueprint import bp, seen
from marketplace.buying.joining import own_commitment
from marketplace.buying.orders import typed_delivery
from marketplace.buying.wording import TERMS, WORDS
from models.buying import GroupBuy, GroupBuyCommitment
from models.errors import Refused
from models.money import Money
from models.words import N_
from services import buying
from services.buying import agreeing
from services.buying.differences import Difference, differences


@bp.get("/group-buys/<slug>/terms")
def terms(slug: str) -> str:
    """Every change of the terms, the newest first; and mine to agree to, if there is one."""
    session, actor = db.session(), auth.actor()
    group_buy = seen(session, slug)
    mine = own_commitment(session, group_buy, actor) if actor is not None else None
    asks = mine is not None and not group_buy.has_consent_of(mine)
    kept = agreeing.versions(session, group_buy)
    return render_template(
        "buying/terms_changed.html",
        group_buy=group_buy,
        changes=[
            (newer, said(differences(older.content, newer.content), group_buy.currency))
            for older, newer in reversed(list(pairwise(kept)))
        ],
        asked=_asked(session, group_buy, mine) if mine is not None and asks else None,
        is_open=group_buy.is_open(db.now(session)),
    )


def said(found: Sequence[Difference], currency: str) -> list[dict[str, Any]]:
    """Each difference in words: of what, before, after, and whether it is worse."""
    return [
        {
            "article": one.article,
            "label": errors.said(TERMS[one.name], {}),
            "before": _value(one.name, one.before, currency),
            "after": _value(one.name, one.after, currency),
            "is_worse": one.is_worse,
        }
        for one in found
        if one.name in TERMS
    ]


def _asked(session: Session, group_buy: GroupBuy, mine: GroupBuyCommitment) -> dict[str, Any]:
    """What I would agree to; or why my order cannot stay as it is."""
    actor = auth.signed_in_actor()
    asked: dict[str, Any] = {
        "commitment": mine,
        "changes": said(agreeing.changed_since(session, group_buy, mine), group_buy.currency),
        "preview": None,
        "refusal": "",
    }
    order = agreeing.order_under_new_terms(session, group_buy, mine)
    try:
        asked["preview"] = buying.preview(
            session, group_buy, order, mine, actor=actor, now=db.now(session)
        )
    except Refused as refusal:
        asked["refusal"] = errors.words(refusal)
    else:
        asked["delivery"] = typed_delivery(order)
        asked["idempotency_key"] = secrets.token_urlsafe(18)
    return asked


def _value(name: str, value: Any, currency: str) -> str:
    """A term as a version keeps it, as people write it."""
    if value is None or value in ("", []):
        return errors.said(N_("nothing"), {})
    if isinstance(value, bool):
        return errors.said(N_("yes") if value else N_("no"), {})
    if name in WORDS:
        return errors.said(WORDS[name].get(value, N_("nothing")), {})
    if name in _WRITTEN:
        return _WRITTEN[name](value, currency)
    if name.endswith("_minor"):
        return filters.money(Money(value, currency))
    if name.endswith("_basis_points"):
        return filters.percent(value)
    return filters.number(value) if isinstance(value, int) else str(value)


def _tiers(value: Sequence[Sequence[int]], currency: str) -> str:
    steps = []
    for units, price_minor in value:
        price = filters.money(Money(price_minor, currency))
        facts = {"price": price, "units": filters.number(units)}
        steps.append(
            price if units == 1 else errors.said(N_("%(price)s from %(units)s units on"), facts)
        )
    return "; ".join(steps)


def _places(value: Sequence[dict[str, str]], _currency: str) -> str:
    return "; ".join(
        f"{one['name']}, {one['address']}, {_moment(one['from_at'], '')}" for one in value
    )


def _moment(value: str, _currency: str) -> str:
    return filters.datetime_(datetime.fromisoformat(value))


_WRITTEN: dict[str, Callable[[Any, str], str]] = {
    "tiers": _tiers,
    "pickup_points": _places,
    "closes_at": _moment,
    "base_units_thousandths": lambda value, _: filters.number(Decimal(value) / 1000),
}

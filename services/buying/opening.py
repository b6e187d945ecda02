"""Opening: a draft becomes a promise; its terms are kept as a version that members agree to."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.base import Json
from models.buying import Article, GroupBuy, Stage
from models.collaborations import State, Terms
from models.errors import Invalid
from models.rules import Rationing
from models.words import N_
from services import events, payouts, queue
from services.buying import finding, happened
from services.buying.describing import (
    FETCHED_BEFORE_EXTENSION,
    Description,
    NewArticle,
    NewPickupPoint,
)
from services.buying.drafting import guard_draft
from services.buying.in_circle import guard_circle
from services.discovery.words import learn
from services.gateways.currencies import is_chargeable

# Of a list of 5,000 articles these are nearly all words; what is longer slows every search down.
MOST_WARES = 50_000


class NotComplete(Invalid):
    code = "not-complete"
    message = N_("Something is missing before this group buy can be opened.")


def publish(session: Session, group_buy: GroupBuy, *, actor: Actor, now: datetime) -> None:
    """Open a draft, now or at the moment it names: its terms become a version, its close a job.

    The caller holds the lock. Refuses with NotADraft, with NotConfirmed, and with NotComplete
    (naming what is missing) a group buy that nobody could join.
    """
    guard_complete(session, group_buy, actor=actor, now=now)
    articles = finding.articles(session, group_buy)
    for article in articles:
        article.is_capped = (
            group_buy.rationing == Rationing.FIRST_COME and article.maximum_units is not None
        )
    _set_payout_terms(session, group_buy, now)
    content = content_of(session, group_buy, articles)
    keep_terms(session, group_buy, content, actor=actor, now=now)
    group_buy.sold_by_trader = group_buy.is_sold_by_trader
    group_buy.open()
    queue.defer(session, "buying.close", at=group_buy.closes_at, group_buy_id=group_buy.id)
    event: events.Happened
    if group_buy.opens_at > now:
        group_buy.stage = Stage.SCHEDULED
        queue.defer(session, "buying.begin", at=group_buy.opens_at, group_buy_id=group_buy.id)
        event = happened.GroupBuyScheduled(
            by=actor.member.id,
            participant_id=group_buy.organiser_id,
            collaboration_id=group_buy.id,
            opens_at=group_buy.opens_at.isoformat(),
        )
    else:
        event = happened.GroupBuyOpened(
            by=actor.member.id,
            participant_id=group_buy.organiser_id,
            collaboration_id=group_buy.id,
        )
    events.record(session, event, now=now)


def _set_payout_terms(session: Session, group_buy: GroupBuy, now: datetime) -> None:
    """What the instance keeps is what it asks for now; later deals may be asked for more."""
    group_buy.payout_terms = payouts.terms_at(session, now)


def guard_complete(session: Session, group_buy: GroupBuy, *, actor: Actor, now: datetime) -> None:
    """Refuse with NotADraft, InReview or NotConfirmed, with NotComplete what lacks something."""
    guard_draft(group_buy)
    actor.member.require_confirmed()
    guard_circle(session, group_buy.organiser_id, group_buy.circle_id, group_buy.visibility)
    lacking = missing(session, group_buy, now=now)
    if lacking:
        raise NotComplete(fields=lacking)


def begin(session: Session, group_buy_id: int, *, now: datetime) -> None:
    """Say that a scheduled group buy now takes commitments; again, it does nothing.

    Takes the lock itself. What is paused says so once it goes on.
    """
    group_buy = finding.locked(session, group_buy_id)
    is_scheduled = group_buy.state == State.OPEN and group_buy.stage == Stage.SCHEDULED
    if is_scheduled and group_buy.opens_at <= now and not group_buy.is_paused:
        group_buy.stage = ""
        group_buy.touch()
        event = happened.GroupBuyOpened(
            participant_id=group_buy.organiser_id, collaboration_id=group_buy.id
        )
        events.record(session, event, now=now)


def due_to_begin(session: Session, *, now: datetime) -> Sequence[int]:
    """The ids of scheduled group buys whose opening has come: what the sweep looks for."""
    return session.scalars(
        select(GroupBuy.id)
        .where(
            GroupBuy.state == State.OPEN,
            GroupBuy.stage == Stage.SCHEDULED,
            ~GroupBuy.is_paused,
            GroupBuy.opens_at <= now,
        )
        .order_by(GroupBuy.opens_at)
        .limit(100)
    ).all()


def content_of(session: Session, group_buy: GroupBuy, articles: Sequence[Article]) -> Json:
    """All that the group buy promises, as a version of its terms holds it."""
    return {
        "group_buy": {
            name: _plain(getattr(group_buy, name))
            for name in Description.__dataclass_fields__
            # They promise nobody anything; an address could be guessed from the public hash, and
            # of a private circle nobody else learns.
            if name not in ("supplier_email", "circle_id")
        },
        "articles": [
            {
                "id": article.id,
                **{
                    name: _plain(getattr(article, name))
                    for name in NewArticle.__dataclass_fields__
                    if name not in ("tiers", "same_as_id")
                },
                "tiers": [[tier.from_units, tier.price_minor] for tier in article.tiers],
            }
            for article in articles
        ],
        "pickup_points": [
            {name: _plain(getattr(point, name)) for name in NewPickupPoint.__dataclass_fields__}
            for point in finding.pickup_points(session, group_buy)
        ],
        "payout": asdict(group_buy.payout_terms),
    }


def keep_terms(
    session: Session, group_buy: GroupBuy, content: Json, *, actor: Actor, now: datetime
) -> Terms:
    """Keep what the group buy promises as a new version that commitments refer to.

    From here on the search finds it by the names of its articles.
    """
    group_buy.terms_number += 1
    names = [article["name"] for article in content.get("articles", ())]
    group_buy.wares = _wares(names)
    learn(session, names)
    terms = Terms(
        collaboration_id=group_buy.id,
        number=group_buy.terms_number,
        content=content,
        sha256=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(),
        made_at=now,
        made_by_id=actor.member.id,
    )
    session.add(terms)
    session.flush()
    return terms


def _wares(names: Iterable[str]) -> str:
    """The words of these names, each once."""
    words = dict.fromkeys(word for name in names for word in name.lower().split())
    return " ".join(words)[:MOST_WARES]


def missing(session: Session, group_buy: GroupBuy, *, now: datetime) -> dict[str, str]:
    """What a draft still lacks before it can be opened: a text for each place, or nothing."""
    found = {}
    if not group_buy.articles_count:
        found["articles"] = N_("Add at least one article.")
    points = finding.pickup_points(session, group_buy)
    if not points and not group_buy.ships:
        found["pickup_points"] = N_("Add a pick-up point, or offer shipping.")
    if any(point.from_at < group_buy.closes_at for point in points):
        found["pickup_points"] = N_("Goods can be fetched only after the close.")
    elif any(point.from_at < group_buy.last_close_at for point in points):
        found["extends_to_at"] = FETCHED_BEFORE_EXTENSION
    if group_buy.closes_at <= now:
        found["closes_at"] = N_("The close must lie in the future and after the opening.")
    if group_buy.by_card and not is_chargeable(group_buy.currency):
        found["by_card"] = N_("Cards are not charged in this currency. Let people pay at pick-up.")
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if hasattr(value, "value") else value

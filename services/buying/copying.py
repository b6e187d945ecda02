"""Copying: a group buy again, as a new draft, with what has to be said anew."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Article, GroupBuy
from models.collaborations import Visibility
from services import transfers
from services.buying import finding
from services.buying.describing import Description, Draft, NewArticle, NewPickupPoint, said_of
from services.buying.drafting import draft
from services.buying.in_circle import may_organise_in


@dataclass(frozen=True)
class Again:
    """What a copy of a deal says anew: its dates, articles and pick-up points."""

    closes_at: datetime
    opens_at: datetime | None = None
    extends_to_at: datetime | None = None
    articles: Sequence[NewArticle] = ()
    pickup_points: Sequence[NewPickupPoint] = ()


def copy(
    session: Session,
    group_buy: GroupBuy,
    *,
    actor: Actor,
    now: datetime,
    again: Again | None = None,
) -> GroupBuy:
    """A new draft with the same description, articles and prices, closing a week from now.

    Pick-up times lie in the past of the copy, so they are not taken along; with `again` the
    dates, articles and pick-up points are those given.
    """
    described = {
        name: getattr(group_buy, name)
        for name in Description.__dataclass_fields__
        if name not in ("opens_at", "closes_at", "extends_to_at")
    }
    if not _still_organises(session, group_buy, actor):
        described["circle_id"] = None
        if group_buy.visibility == Visibility.CIRCLE:
            # Nobody but those who get its link, until they say for whom it is.
            described["visibility"] = Visibility.LINK
    if again is None:
        again = Again(
            closes_at=now + timedelta(days=7),
            articles=[copied(article) for article in finding.articles(session, group_buy)],
        )
    made = draft(
        session,
        Draft(
            description=Description(
                **described,
                opens_at=again.opens_at,
                closes_at=again.closes_at,
                extends_to_at=again.extends_to_at,
            ),
            articles=again.articles,
            pickup_points=again.pickup_points,
        ),
        actor=actor,
        now=now,
    )
    transfers.take_along(session, group_buy, made, actor=actor, now=now)
    return made


def _still_organises(session: Session, group_buy: GroupBuy, actor: Actor) -> bool:
    """Whether whoever copies it can do it again in its circle, if it was done in one."""
    if group_buy.circle_id is None:
        return True
    return may_organise_in(session, actor.participant.id, group_buy.circle_id)


def copied(article: Article) -> NewArticle:
    """The same article for another group buy, which remembers where it comes from."""
    return replace(said_of(article), same_as_id=article.same_as_id or article.id)

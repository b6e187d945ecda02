"""Drafting: a group buy and its articles, until it is opened; nobody else sees it yet."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Article, GroupBuy, PickupPoint, PriceTier, Stage
from models.collaborations import Kind, State
from models.errors import Conflict, Invalid, NotAllowed, NotFound
from models.words import N_
from services import events, pricelists, secrets, slugs
from services.buying import finding, happened
from services.buying.describing import (
    MOST_PICKUPS,
    Description,
    Draft,
    NewArticle,
    NewPickupPoint,
    TooManyPickups,
    guard_article,
    guard_description,
    guard_pickup,
)
from services.buying.in_circle import guard_circle
from services.buying.standing import restand

# A whole price list.
MOST_ARTICLES = pricelists.MOST_ARTICLES


class MayNotOrganise(NotAllowed):
    code = "may-not-organise"
    message = N_("Only owners and managers organise in the name of an organisation.")


class NotADraft(Conflict):
    code = "not-a-draft"
    message = N_("This group buy has been opened. Its terms can no longer be changed here.")


class InReview(Conflict):
    code = "in-review"
    message = N_("The supplier is being asked. Take the question back first to change something.")


def draft(session: Session, given: Draft, *, actor: Actor, now: datetime) -> GroupBuy:
    """Begin a group buy, organised by whom `actor` acts as. Nobody else sees it yet.

    Refuses with Invalid (naming the field) dates and limits that contradict each other, with
    TiersInvalid prices that do not fall, with MayNotOrganise who only joins for an organisation.
    """
    if not actor.may_manage(actor.participant.id):
        raise MayNotOrganise
    made = GroupBuy(
        kind=Kind.GROUP_BUY,
        slug=slugs.free(
            session, GroupBuy.slug, given.description.title, most=60, otherwise="group-buy"
        ),
        link_key=secrets.draw_key(),
        organiser_id=actor.participant.id,
        made_by_id=actor.member.id,
        made_at=now,
        opens_at=given.description.opens_at or now,
        state=State.DRAFT,
        terms_number=0,
        version=1,
        articles_count=0,
        standing_articles=0,
        standing_value_minor=0,
        last_place=0,
        commitments_count=0,
        is_tipped=False,
        **_columns(given.description),
    )
    guard_description(made, now)
    guard_circle(session, made.organiser_id, made.circle_id, made.visibility)
    session.add(made)
    session.flush()
    add_articles(session, made, given.articles)
    for point in given.pickup_points:
        add_pickup_point(session, made, point)
    events.record(
        session,
        happened.GroupBuyDrafted(
            by=actor.member.id, participant_id=made.organiser_id, collaboration_id=made.id
        ),
        now=now,
    )
    return made


def describe(
    session: Session, group_buy: GroupBuy, description: Description, *, now: datetime
) -> None:
    """Change the draft's description; refuses with NotADraft what members agreed to."""
    guard_draft(group_buy)
    guard_circle(session, group_buy.organiser_id, description.circle_id, description.visibility)
    for name, value in _columns(description).items():
        setattr(group_buy, name, value)
    group_buy.opens_at = description.opens_at or now
    guard_description(group_buy, now)
    group_buy.touch()
    session.flush()


def add_articles(
    session: Session, group_buy: GroupBuy, given: Sequence[NewArticle]
) -> Sequence[Article]:
    """Add articles to the draft's end, up to 20,000 in all; refuses as `change_article` does."""
    guard_draft(group_buy)
    guard_articles_count(group_buy.articles_count + len(given))
    position = (
        session.scalar(select(func.max(Article.position)).filter_by(group_buy_id=group_buy.id)) or 0
    )
    made = []
    for offset, one in enumerate(given, start=1):
        guard_article(one)
        made.append(_article(group_buy, one, position + offset))
    session.add_all(made)
    group_buy.articles_count += len(made)
    group_buy.touch()
    session.flush()
    if group_buy.articles_count == 1:
        restand(session, group_buy, finding.articles(session, group_buy))
    else:
        group_buy.price_now_minor = group_buy.price_next_minor = group_buy.missing_units = None
    return made


def change_article(
    session: Session, group_buy: GroupBuy, article_id: int, given: NewArticle
) -> None:
    """Say one article anew; refuses with NotADraft, InReview, TiersInvalid and Invalid."""
    guard_draft(group_buy)
    guard_article(given)
    [article] = finding.articles(session, group_buy, [article_id])
    say_article(session, article, given)
    group_buy.touch()
    restand(session, group_buy, [article])


def say_article(session: Session, article: Article, given: NewArticle) -> None:
    """Write down what is said of an article, with nobody counted in: the caller counts orders anew.

    What it was copied from stays, whoever says it anew.
    """
    given = replace(given, same_as_id=article.same_as_id)
    for name, value in _article_columns(given).items():
        setattr(article, name, value)
    article.tiers.clear()
    session.flush()
    article.tiers.extend(_tiers(given))
    article.count_anew()
    session.flush()


def remove_articles(session: Session, group_buy: GroupBuy, article_ids: Sequence[int]) -> int:
    """Take articles out of a draft; how many of them were still there."""
    guard_draft(group_buy)
    gone = session.scalars(
        delete(Article)
        .where(Article.group_buy_id == group_buy.id, Article.id.in_(article_ids))
        .returning(Article.id)
    ).all()
    group_buy.articles_count -= len(gone)
    group_buy.touch()
    session.flush()
    if group_buy.articles_count == 1:
        restand(session, group_buy, finding.articles(session, group_buy))
    return len(gone)


def add_pickup_point(session: Session, group_buy: GroupBuy, given: NewPickupPoint) -> PickupPoint:
    """Add a place and time to fetch the goods, after the close.

    Refuses with NotADraft, with Invalid (naming the field) and with TooManyPickups.
    """
    guard_draft(group_buy)
    guard_pickup(group_buy, given)
    return new_pickup_point(session, group_buy, given)


def new_pickup_point(session: Session, group_buy: GroupBuy, given: NewPickupPoint) -> PickupPoint:
    """One more pick-up point, whatever the state; refuses with TooManyPickups."""
    if len(finding.pickup_points(session, group_buy)) >= MOST_PICKUPS:
        raise TooManyPickups(limit=MOST_PICKUPS)
    point = PickupPoint(group_buy_id=group_buy.id, **vars(given))
    session.add(point)
    group_buy.touch()
    session.flush()
    return point


def remove_pickup_point(session: Session, group_buy: GroupBuy, point_id: int) -> None:
    """Take a pick-up point out of a draft; refuses with NotADraft, and with NotFound another's."""
    guard_draft(group_buy)
    gone = session.execute(
        delete(PickupPoint)
        .where(PickupPoint.id == point_id, PickupPoint.group_buy_id == group_buy.id)
        .returning(PickupPoint.id)
    ).all()
    if not gone:
        raise NotFound
    group_buy.touch()


def guard_draft(group_buy: GroupBuy) -> None:
    if group_buy.state != State.DRAFT:
        raise NotADraft
    if group_buy.stage == Stage.IN_REVIEW:
        raise InReview


def guard_articles_count(count: int) -> None:
    if count > MOST_ARTICLES:
        raise Invalid(N_("A group buy can have at most %(most)s articles."), most=MOST_ARTICLES)


def _article(group_buy: GroupBuy, given: NewArticle, position: int) -> Article:
    made = Article(
        group_buy_id=group_buy.id,
        position=position,
        standing_units=0,
        is_capped=False,
        tiers=_tiers(given),
        **_article_columns(given),
    )
    made.count_anew()
    return made


def _article_columns(given: NewArticle) -> dict[str, Any]:
    return {name: value for name, value in vars(given).items() if name != "tiers"}


def _tiers(given: NewArticle) -> list[PriceTier]:
    return [
        PriceTier(position=position, from_units=units, price_minor=price)
        for position, (units, price) in enumerate(given.tiers)
    ]


def _columns(description: Description) -> dict[str, Any]:
    return {name: value for name, value in vars(description).items() if name != "opens_at"}

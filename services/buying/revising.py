"""Revising: one step of a draft is said anew, the rest of it stays as it was."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from babel.core import get_global
from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from models.actors import Actor, AnyParticipant
from models.buying import Article, GroupBuy
from models.collaborations import Collaboration
from models.participants import Picture, Place
from models.revocations import Revocability
from services import geography, pictures
from services.buying import reading
from services.buying.describing import Description, NewArticle, said_of
from services.buying.drafting import change_article, describe, guard_draft
from services.buying.listing import matching
from services.geography import Found

DEFAULT_ZONE = "Europe/Berlin"


def described(group_buy: GroupBuy, *, now: datetime) -> Description:
    """What the draft says of itself; an opening that has come is "at once"."""
    said = {name: getattr(group_buy, name) for name in Description.__dataclass_fields__}
    if group_buy.opens_at <= now:
        said["opens_at"] = None
    return Description(**said)


def revise(session: Session, group_buy: GroupBuy, *, now: datetime, **changes: Any) -> None:
    """Change some of the draft's description; refuses as `describe` does.

    The caller holds the lock.
    """
    guard_draft(group_buy)
    describe(session, group_buy, replace(described(group_buy, now=now), **changes), now=now)


def place_columns(session: Session, found: Found) -> dict[str, Any]:
    """Name, point and time zone of a place, as a description holds them."""
    return {
        "place_name": found.name,
        "latitude": found.point.latitude,
        "longitude": found.point.longitude,
        "time_zone": zone_of(session, found.id),
    }


def zone_of(session: Session, place_id: int) -> str:
    """The time zone that the clocks at a place show."""
    place = session.get(Place, place_id)
    zones = get_global("territory_zones").get(place.country, []) if place is not None else []
    return str(zones[0]) if zones else DEFAULT_ZONE


def home_zone(session: Session, participant: AnyParticipant) -> str:
    """The time zone where a participant is at home, for a deal that names no place yet."""
    found = geography.candidates(session, participant.place_name)
    return zone_of(session, found[0].id) if found else DEFAULT_ZONE


def revise_article(
    session: Session,
    group_buy: GroupBuy,
    article_id: int,
    said: NewArticle,
    *,
    keeps_picture: bool = True,
) -> None:
    """Say an article of the draft anew; where it comes from stays.

    So does its picture, unless another one is said or `keeps_picture` is False.
    """
    article = reading.shown_article(session, group_buy, article_id)
    before = article.picture_id
    if said.picture_id is None and keeps_picture:
        said = replace(said, picture_id=before)
    said = replace(said, catalogue_article_id=article.catalogue_article_id)
    change_article(session, group_buy, article_id, said)
    session.expire(article, ["picture"])
    if before is not None and before != said.picture_id:
        _forget(session, before)


def picture_article(
    session: Session,
    group_buy: GroupBuy,
    article_id: int,
    content: bytes,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Show an uploaded picture of an article; refuses with NotAPicture and PictureTooLarge."""
    article = reading.shown_article(session, group_buy, article_id)
    picture = pictures.keep(session, content, alt=article.name, actor=actor, now=now)
    revise_article(session, group_buy, article_id, replace(said_of(article), picture_id=picture.id))


def show_picture(
    session: Session, group_buy: GroupBuy, content: bytes, *, actor: Actor, now: datetime
) -> Picture:
    """Show an uploaded picture as the cover; refuses with NotAPicture and PictureTooLarge."""
    guard_draft(group_buy)
    picture = pictures.keep(session, content, alt=group_buy.title, actor=actor, now=now)
    hide_picture(session, group_buy)
    group_buy.picture_id = picture.id
    session.flush()
    return picture


def hide_picture(session: Session, group_buy: GroupBuy) -> None:
    """Show the drawn cover again."""
    guard_draft(group_buy)
    before, group_buy.picture_id = group_buy.picture_id, None
    group_buy.touch()
    session.flush()
    if before is not None:
        _forget(session, before)


def _forget(session: Session, picture_id: int) -> None:
    """Forget a picture, unless the round before or the group buy it was copied from shows it."""
    covers = exists().where(Collaboration.picture_id == picture_id)
    articles = exists().where(Article.picture_id == picture_id)
    if not session.scalar(select(covers | articles)):
        pictures.drop(session, picture_id)
        session.flush()


def say_revocability(
    session: Session,
    group_buy: GroupBuy,
    revocability: Revocability,
    *,
    words: str = "",
    category: str = "",
) -> int:
    """Say it of all articles of a draft that a search finds, and return how many they are.

    A list of a thousand articles says nothing of the right to withdraw from the contract, and
    vegetables are excepted by the crate. Refuses with NotADraft.
    """
    guard_draft(group_buy)
    found = matching(group_buy, words, category)
    said = session.scalars(
        update(Article).where(*found).values(revocability=revocability).returning(Article.id)
    ).all()
    group_buy.touch()
    return len(said)

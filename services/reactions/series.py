"""What follows from the rounds of a series: those who run it and those who follow it are told."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.buying import GroupBuy
from models.events import Event
from models.notices import NoticeKind
from models.series import Series
from services import paths
from services.reactions.audience import tell_organisers
from services.reactions.registry import on
from services.reactions.telling import deal_of, telling_of
from services.series import following, making


@on("GroupBuyScheduled", "GroupBuyOpened")
def opened(session: Session, event: Event, now: datetime) -> None:
    deal = deal_of(session, event)
    if isinstance(deal, GroupBuy) and deal.series_id is not None:
        making.draft_was_opened(session, deal, now=now)
        following.tell_followers(session, event, deal, now=now)


@on("RoundDrafted")
def drafted(session: Session, event: Event, now: datetime) -> None:
    deal = deal_of(session, event)
    telling = telling_of(
        deal,
        NoticeKind.ORGANISING,
        "round-drafted",
        path=paths.draft(deal.slug),
        opens_at={"moment": event.facts["opens_at"]},
    )
    tell_organisers(session, event, telling, now=now)


@on("RoundInReview")
def in_review(session: Session, event: Event, now: datetime) -> None:
    deal = deal_of(session, event)
    telling = telling_of(
        deal, NoticeKind.ORGANISING, "round-in-review", path=paths.draft(deal.slug)
    )
    tell_organisers(session, event, telling, now=now)


@on("RoundOpened")
def opened_by_itself(session: Session, event: Event, now: datetime) -> None:
    deal = deal_of(session, event)
    telling = telling_of(
        deal,
        NoticeKind.ORGANISING,
        "round-opened",
        path=paths.desk(deal.slug),
        changes=event.facts["changes_count"],
    )
    tell_organisers(session, event, telling, now=now)


@on("SeriesHeldUp")
def held_up(session: Session, event: Event, now: datetime) -> None:
    series = session.get_one(Series, event.facts["series_id"])
    telling = telling_of(
        deal_of(session, event),
        NoticeKind.ORGANISING,
        "series-held-up",
        path=paths.series(series.slug),
    )
    tell_organisers(session, event, telling, now=now)

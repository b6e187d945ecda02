"""The weekly box of the demo world: a series with two rounds behind it and one that is open."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from marketplace import db
from marketplace.demo.deals import Deal
from models.buying import PaymentMethod
from services import buying, series
from services.series import Rhythm

if TYPE_CHECKING:
    from marketplace.demo.story import Story

ROUNDS = 3
WEEK = timedelta(days=7)


def plan(story: "Story", deal: Deal) -> None:
    """Make a series of the deal once it is open, and order in each of its rounds."""
    opens = story.day(deal.opens_on, hour=8)
    story.add(opens + timedelta(minutes=5), _begin(story, deal))
    for number in range(2, ROUNDS + 1):
        weeks = number - 1
        again = replace(
            deal,
            key=f"{deal.key}-{number}",
            opens_on=deal.opens_on + 7 * weeks,
            closes_on=deal.closes_on + 7 * weeks,
            until="open" if number == ROUNDS else deal.until,
        )
        opened = opens + WEEK * weeks + timedelta(minutes=5)
        story.add(opened, _find(story, deal, again.key))
        # Whoever is last has not come round to it yet this week.
        for place, who in enumerate(deal.weekly[: len(deal.weekly) - weeks + 1], start=1):
            story.add(opened + timedelta(hours=5) * place, _as_usual(story, again, who))
        if again.until != "open":
            story.plan_after(again, story.day(again.closes_on, hour=17))


def _begin(story: "Story", deal: Deal) -> Callable[[datetime], None]:
    def begin(now: datetime) -> None:
        actor = story.cast.acting(deal.organiser)
        with db.transaction() as session:
            first = story.found(deal)
            made = series.begin(
                session, first, Rhythm(1, opens_by_itself=True), actor=actor, now=now
            )
            for who in deal.weekly:
                series.follow(session, made, actor=story.cast.acting(who), now=now)

    return begin


def _find(story: "Story", deal: Deal, key: str) -> Callable[[datetime], None]:
    def find(_now: datetime) -> None:
        session = db.session()
        first = buying.find(session, story.slugs[deal.key], actor=story.cast.acting(deal.organiser))
        assert first.series_id is not None
        story.slugs[key] = series.newest(session, series.locked(session, first.series_id)).slug
        session.rollback()

    return find


def _as_usual(story: "Story", deal: Deal, who: str) -> Callable[[datetime], None]:
    """Order what one ordered the last time, with the button that fills it in."""

    def order(now: datetime) -> None:
        actor = story.cast.acting(who)
        with db.transaction() as session:
            found = story.found(deal)
            before = buying.usual(session, found, actor.participant.id)
            if before is None:
                return
            filled = buying.fill(session, found, before)
            [point] = buying.pickup_points(session, found)
            asked = buying.Order(
                wanted=list(filled.wanted.values()),
                payment_method=PaymentMethod.AT_PICKUP,
                pickup_point_id=point.id,
            )
            buying.join(session, found, asked, actor=actor, now=now)

    return order

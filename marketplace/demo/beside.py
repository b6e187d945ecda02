"""What happens beside the orders of a deal of the demo: words, guests, helpers, pauses, reports."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from marketplace import db
from marketplace.demo.deal import Deal
from models.actors import Actor
from models.buying import PaymentMethod
from models.collaborations import Collaboration
from models.disputes import Ground, Target
from services import buying, dialogue, disputes
from services.buying import Order, Wanted, co_organising, guests, inviting
from services.dialogue import Subject

if TYPE_CHECKING:
    from marketplace.demo.story import Story


def plan(story: "Story", deal: Deal, opens: datetime, end: datetime) -> None:
    """Spread it over the days that the deal is open."""
    span = end - opens
    acts: tuple[tuple[bool, datetime, Callable[[Story, Deal, datetime], None]], ...] = (
        (bool(deal.co_organiser), opens + span / 9, _share),
        (deal.question is not None, opens + span / 5, _ask),
        (deal.guest is not None, end - span / 9, _order_for_guest),
        (bool(deal.announcement), end - span / 12, _announce),
        (bool(deal.paused_because), end - span / 15, _pause),
        (bool(deal.reported[0]), end - span / 20, _report),
    )
    for happens, moment, act in acts:
        if happens:
            story.add(moment, _at(story, deal, act))


def _at(
    story: "Story", deal: Deal, act: Callable[["Story", Deal, datetime], None]
) -> Callable[[datetime], None]:
    return lambda now: act(story, deal, now)


def _share(story: "Story", deal: Deal, now: datetime) -> None:
    actor, helper = story.cast.acting(deal.organiser), story.cast.acting(deal.co_organiser)
    with db.transaction() as session:
        found = story.found(deal)
        inviting.ask_co_organiser(session, found, helper.member.email, actor=actor, now=now)
        co_organising.accept(session, found, actor=helper, now=now)


def _ask(story: "Story", deal: Deal, now: datetime) -> None:
    assert deal.question is not None
    who, question, answer = deal.question
    lang = story.cast.town(deal.town).lang
    with db.transaction() as session:
        found, asker = story.found(deal), story.cast.acting(who)
        asked = dialogue.comment(
            session, _thread(session, found, asker), body=question, lang=lang, now=now
        )
        organiser = story.cast.acting(deal.organiser)
        dialogue.answer(
            session,
            _thread(session, found, organiser),
            asked.id,
            body=answer,
            lang=lang,
            now=now + timedelta(hours=2),
        )


def _thread(session: Session, deal: Collaboration, actor: Actor) -> Subject:
    return dialogue.find_deal(session, deal.id, actor=actor)


def _order_for_guest(story: "Story", deal: Deal, now: datetime) -> None:
    assert deal.guest is not None
    name, contact, units = deal.guest
    actor = story.cast.acting(deal.organiser)
    with db.transaction() as session:
        found = story.found(deal)
        guest = guests.add(session, found, name, contact, actor=actor, now=now)
        [point] = buying.pickup_points(session, found)
        articles = buying.articles(session, found)
        wanted = Order(
            [Wanted(one.id, count) for one, count in zip(articles, units, strict=True)],
            PaymentMethod.AT_PICKUP,
            point.id,
        )
        guests.order(session, found, guest, wanted, actor=actor, now=now)


def _announce(story: "Story", deal: Deal, now: datetime) -> None:
    lang = story.cast.town(deal.town).lang
    actor = story.cast.acting(deal.organiser)
    with db.transaction() as session:
        thread = _thread(session, story.found(deal), actor)
        dialogue.announce(session, thread, body=deal.announcement, lang=lang, now=now)


def _pause(story: "Story", deal: Deal, now: datetime) -> None:
    actor = story.cast.acting(deal.organiser)
    with db.transaction() as session:
        buying.pause(session, story.found(deal), reason=deal.paused_because, actor=actor, now=now)


def _report(story: "Story", deal: Deal, now: datetime) -> None:
    who, words = deal.reported
    actor = story.cast.acting(who)
    with db.transaction() as session:
        target_id = story.found(deal).id
        found = disputes.find_target(session, Target.COLLABORATION, target_id, actor=actor)
        disputes.report(session, found, ground=Ground.MISLEADING, body=words, actor=actor, now=now)


def cancel(story: "Story", deal: Deal, now: datetime) -> None:
    """Call it off, and say why."""
    actor = story.cast.acting(deal.organiser)
    with db.transaction() as session:
        found = story.found(deal)
        buying.cancel(session, found, reason=deal.cancelled_because, actor=actor, now=now)

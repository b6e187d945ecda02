"""Needs and offers: who makes them, who knows of them, how long they stand, and who renews them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.circles import Admission, CircleVisibility
from models.errors import NotFound
from models.events import Event
from models.lifecycle import NotInThisState
from models.listings import STANDS, Listing, ListingKind, NotYourListing, PriceKind, TooManySkills
from models.members import NotConfirmed
from models.money import Money
from models.participants import MembershipRole
from models.skills import SkillUnknown
from services import circles, listings, skills
from services.buying.in_circle import NotOfThisCircle
from services.listings import Description, making
from services.skills.adding import AddedTooManySkills
from tests import make, make_skills
from tests.make_circles import circle, member, visit
from tests.make_skills import listing, skill

WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def loaded(session: Session, now: datetime) -> None:
    make_skills.load(session, now=now)


def kinds(session: Session) -> list[str]:
    rows = session.scalars(select(Event.kind).order_by(Event.id))
    return [kind for kind in rows if kind.startswith("Listing")]


def said(**more: Any) -> Description:
    return Description(kind=ListingKind.OFFER, title="Rad flicken", **more)


# Making one.


def test_an_offer_stands_for_sixty_days(session: Session, alice: Actor, now: datetime) -> None:
    made = listing(session, alice, "Ich flicke dein Rad", "bicycle-repair", now=now)

    assert made.is_open
    assert made.expires_at == now + STANDS
    assert made.skill_ids == [skill(session, "bicycle-repair").id]
    assert kinds(session) == ["ListingOpened"]


def test_what_is_wrong_is_said_at_its_field(session: Session, alice: Actor, now: datetime) -> None:
    ids = [skill(session, row.key).id for row in make_skills.ROWS]
    for wrong, refusal, field in (
        ({"skill_ids": [999_999]}, SkillUnknown, "skills"),
        ({"skill_ids": ids[:6]}, TooManySkills, "skills"),
        ({"price_kind": PriceKind.MONEY}, making.PriceMissing, "price"),
        ({"price_kind": PriceKind.MONEY, "price": Money(0, "EUR")}, making.PriceMissing, "price"),
        ({"price_kind": PriceKind.HOURS}, making.PriceMissing, "minutes"),
        ({"circle_id": 999_999}, NotOfThisCircle, "circle"),
    ):
        with pytest.raises(refusal) as refused, session.begin_nested():
            listings.publish(session, said(**wrong), actor=alice, now=now)
        assert list(refused.value.fields) == [field]


def test_who_may_not_speak_for_it_makes_none(session: Session, bob: Actor, now: datetime) -> None:
    mill = make.organisation(session, "Mill", owner=bob, role=MembershipRole.AGENT, now=now)
    unconfirmed = make.actor(session, "Una", now=now)
    unconfirmed.member.confirmed_at = None

    with pytest.raises(NotYourListing):
        listings.publish(session, said(), actor=mill, now=now)
    with pytest.raises(NotConfirmed):
        listings.publish(session, said(), actor=unconfirmed, now=now)


def test_nobody_floods_the_list(session: Session, alice: Actor, now: datetime) -> None:
    for number in range(20):
        listing(session, alice, f"Offer {number}", now=now)

    with pytest.raises(making.ListedTooMany):
        listing(session, alice, "One more", now=now)
    listing(session, alice, "Tomorrow", now=now + timedelta(days=1, seconds=1))


def test_nobody_floods_the_skills(session: Session, alice: Actor, now: datetime) -> None:
    with pytest.raises(AddedTooManySkills):
        for number in range(100):
            skills.add(session, f"Juggling with {number} balls", "en", actor=alice, now=now)


# Knowing of one.


def test_what_is_for_a_circle_is_known_to_its_members(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    private = {"visibility": CircleVisibility.PRIVATE, "admission": Admission.INVITATION}
    room = circle(session, alice, now=now, **private)
    member(session, room, bob, by=alice, now=now)
    made = listing(session, alice, "Among us", circle_id=room.id, now=now)

    assert listings.find(session, made.slug, actor=bob) is made
    for stranger in (charlie, None):
        with pytest.raises(NotFound):
            listings.find(session, made.slug, actor=stranger)
    circles.leave(session, visit(session, room, bob), actor=bob, now=now)
    with pytest.raises(NotFound):
        listings.find(session, made.slug, actor=bob)


def test_what_is_over_is_known_to_its_owner(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = listing(session, alice, "Once", now=now)
    listings.close(session, made, actor=alice, now=now)
    session.flush()

    assert listings.own(session, made.slug, actor=alice) is made
    with pytest.raises(NotFound):
        listings.find(session, made.slug, actor=bob)


def test_others_do_not_change_it(session: Session, alice: Actor, bob: Actor, now: datetime) -> None:
    made = listing(session, alice, "Mine", now=now)

    with pytest.raises(NotYourListing):
        listings.own(session, made.slug, actor=bob)


# How long it stands.


def test_its_owner_is_asked_once_and_renews_it_with_one_click(
    session: Session, alice: Actor, now: datetime
) -> None:
    made = listing(session, alice, "Ich flicke dein Rad", now=now)
    late = now + STANDS - WEEK
    assert listings.ask_due(session, now=late - timedelta(seconds=1)) == 0
    assert [listings.ask_due(session, now=late) for _ in range(2)] == [1, 0]
    session.flush()
    key = made.renewal_key
    assert key

    for later in (late, late + timedelta(hours=1)):
        listings.renew_by_key(session, key, now=later)

    # The second click, of a mail that was read twice, moves nothing.
    assert made.expires_at == late + STANDS
    assert listings.expire_due(session, now=now + STANDS) == 0
    assert kinds(session) == ["ListingOpened", "ListingAsked"]


def test_what_nobody_renews_expires_and_comes_back_by_the_link(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = listing(session, alice, "Ich flicke dein Rad", now=now)
    listings.ask_due(session, now=now + STANDS - WEEK)
    assert [listings.expire_due(session, now=now + STANDS) for _ in range(2)] == [1, 0]
    session.flush()
    with pytest.raises(NotFound):
        listings.find(session, made.slug, actor=bob)

    assert made.renewal_key
    listings.renew_by_key(session, made.renewal_key, now=now + STANDS + WEEK)

    assert listings.find(session, made.slug, actor=bob) is made
    assert kinds(session) == ["ListingOpened", "ListingAsked", "ListingExpired", "ListingOpened"]


@pytest.mark.parametrize("key", ["", "guessed"])
def test_a_link_that_is_none_renews_nothing(
    session: Session, alice: Actor, now: datetime, key: str
) -> None:
    listing(session, alice, "Mine", now=now)

    with pytest.raises(NotFound):
        listings.renew_by_key(session, key, now=now)


def test_what_was_closed_is_not_renewed_by_an_old_mail(
    session: Session, alice: Actor, now: datetime
) -> None:
    made = listing(session, alice, "Mine", now=now)
    listings.ask_due(session, now=now + STANDS - WEEK)
    session.flush()
    key = made.renewal_key
    listings.close(session, made, actor=alice, now=now)
    session.flush()

    assert key
    with pytest.raises(NotFound):
        listings.renew_by_key(session, key, now=now)
    with pytest.raises(NotInThisState):
        listings.close(session, made, actor=alice, now=now)
    listings.open_again(session, made, actor=alice, now=now)
    assert made.is_open


def test_what_it_says_can_be_said_anew(session: Session, alice: Actor, now: datetime) -> None:
    made: Listing = listing(session, alice, "Rad", now=now)

    new = said(price_kind=PriceKind.HOURS, minutes=90, is_remote=True)
    listings.edit(session, made, new, actor=alice, now=now)
    session.flush()

    assert (made.title, made.price_minor, made.price_currency) == ("Rad flicken", 90, None)
    assert made.version == 2

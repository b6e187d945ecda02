"""Saying what one needs or offers, saying it anew, and that it is over."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.errors import Invalid
from models.listings import (
    MOST_SKILLS,
    STANDS,
    Listing,
    ListingKind,
    ListingSort,
    ListingState,
    NotYourListing,
    PriceKind,
    Slot,
    TooManySkills,
)
from models.members import TooManyTries
from models.money import Money
from models.participants import Participant
from models.skills import Skill, SkillUnknown
from models.words import N_
from services import events, geography, slugs, throttles
from services.buying.in_circle import NotOfThisCircle, may_organise_in
from services.listings import happened
from services.throttles import Limit, Try

LONGEST_SLUG = 60
LISTINGS = Limit("listings", 20, timedelta(days=1))


class ListedTooMany(TooManyTries):
    code = "listed-too-many"
    message = N_("You made %(limit)s listings within a day. You can make more from %(until)s on.")


class PriceMissing(Invalid):
    code = "price-missing"
    message = N_("Please say how much.")


@dataclass(frozen=True, kw_only=True)
class Description:
    """What is said of a listing. `place` is a name as typed; hours are in `minutes`.

    Without `skill_ids` the listing is found by its words alone.
    """

    kind: ListingKind
    title: str
    sort: ListingSort = ListingSort.SERVICE
    description: str = ""
    lang: str = "en"
    skill_ids: Sequence[int] = ()
    slots: Sequence[Slot] = field(default_factory=tuple)
    is_remote: bool = False
    place: str = ""
    place_id: int | None = None
    price_kind: PriceKind = PriceKind.OPEN
    price: Money | None = None
    minutes: int | None = None
    swap_for: str = ""
    circle_id: int | None = None


def publish(session: Session, said: Description, *, actor: Actor, now: datetime) -> Listing:
    """A new listing of whom `actor` acts as; it stands for 60 days.

    Refuses with NotConfirmed, NotYourListing, ListedTooMany, SkillUnknown, TooManySkills,
    PriceMissing, NotOfThisCircle, PlaceUnknown and PlaceAmbiguous.
    """
    actor.member.require_confirmed()
    if not actor.may_manage(actor.participant.id):
        raise NotYourListing
    counted = Try(LISTINGS, str(actor.member.id))
    throttles.take_in_act(session, counted, refusal=ListedTooMany, now=now)
    slug = slugs.free(session, Listing.slug, said.title, most=LONGEST_SLUG, otherwise=said.kind)
    listing = Listing(
        kind=said.kind,
        slug=slug,
        participant_id=actor.participant.id,
        made_by_id=actor.member.id,
        state=ListingState.OPEN,
        made_at=now,
        expires_at=now + STANDS,
        place_name="",
        version=1,
    )
    _describe(session, listing, said)
    session.add(listing)
    session.flush()
    record(session, happened.ListingOpened, listing, actor, now)
    return listing


def edit(
    session: Session, listing: Listing, said: Description, *, actor: Actor, now: datetime
) -> None:
    """Let a listing say something else; what it is, a need or an offer, it stays.

    The caller has found it with its lock, for its owner. Refuses as `publish` does.
    """
    _describe(session, listing, said)
    listing.touch()
    record(session, happened.ListingEdited, listing, actor, now)


def close(session: Session, listing: Listing, *, actor: Actor, now: datetime) -> None:
    """Say that it is over; lock as above. Refuses with NotInThisState."""
    listing.close()
    record(session, happened.ListingClosed, listing, actor, now)


def open_again(session: Session, listing: Listing, *, actor: Actor, now: datetime) -> None:
    """Let a listing that was closed or expired stand again; lock as above."""
    listing.stand(now)
    record(session, happened.ListingOpened, listing, actor, now)


def record(
    session: Session,
    kind: type[happened.ListingEvent],
    listing: Listing,
    actor: Actor | None,
    now: datetime,
) -> None:
    event = kind(
        by=actor.member.id if actor is not None else None,
        participant_id=listing.participant_id,
        listing_id=listing.id,
    )
    events.record(session, event, now=now)


def _describe(session: Session, listing: Listing, said: Description) -> None:
    _guard_skills(session, said.skill_ids)
    _guard_circle(session, listing.participant_id, said.circle_id)
    listing.title, listing.description, listing.lang = said.title, said.description, said.lang
    listing.sort = said.sort
    listing.skill_ids = list(dict.fromkeys(said.skill_ids))
    listing.slots = [str(one) for one in Slot if one in said.slots]
    listing.is_remote = said.is_remote
    listing.circle_id = said.circle_id
    _price(listing, said)
    geography.put(session, listing, said.place, place_id=said.place_id)
    if not said.place and not said.is_remote:
        # What is done somewhere is done where they are, so far as that is known.
        owner = session.get_one(Participant, listing.participant_id)
        listing.place_name = owner.place_name
        listing.latitude, listing.longitude = owner.latitude, owner.longitude


def _price(listing: Listing, said: Description) -> None:
    listing.price_kind = said.price_kind
    listing.price_minor, listing.price_currency, listing.swap_for = None, None, ""
    if said.price_kind == PriceKind.MONEY:
        if said.price is None or said.price.minor <= 0:
            raise PriceMissing(fields={"price": PriceMissing.message})
        listing.price_minor, listing.price_currency = said.price.minor, said.price.currency
    elif said.price_kind == PriceKind.HOURS:
        if not said.minutes:
            raise PriceMissing(fields={"minutes": PriceMissing.message})
        listing.price_minor = said.minutes
    elif said.price_kind == PriceKind.SWAP:
        listing.swap_for = said.swap_for


def _guard_skills(session: Session, skill_ids: Sequence[int]) -> None:
    if len(set(skill_ids)) > MOST_SKILLS:
        raise TooManySkills(fields={"skills": TooManySkills.message})
    known = session.scalar(select(func.count()).where(Skill.id.in_(skill_ids))) if skill_ids else 0
    if known != len(set(skill_ids)):
        raise SkillUnknown(fields={"skills": SkillUnknown.message})


def _guard_circle(session: Session, participant_id: int, circle_id: int | None) -> None:
    if circle_id is not None and not may_organise_in(session, participant_id, circle_id):
        raise NotOfThisCircle(fields={"circle": NotOfThisCircle.message})

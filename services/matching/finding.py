"""Finding matches: a few hundred candidates by indexes, weighed among these in plain Python."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, literal_column, select, union
from sqlalchemy.orm import Session

from models.actors import Actor
from models.collaborations import Commitment, CommitmentState
from models.geography import Coordinates, distance_km
from models.listings import Dismissal, Listing, ListingKind
from models.participants import Participant
from services.discovery.candidates import in_reach
from services.discovery.words import likeness
from services.listings.finding import circles_of
from services.matching.scoring import Facts, Term, is_match, score, terms
from services.skills import related
from services.skills.detecting import any_of, words_of

# By each way to find them; the nearest first, where there is a place.
MOST_CANDIDATES = 150
REACH_KM = 50


@dataclass(frozen=True)
class Wanted:
    """What is looked for: by a listing, or by a sentence that is not public yet."""

    kind: ListingKind
    title: str
    participant_ids: Sequence[int] = ()
    languages: Sequence[str] = ()
    skill_ids: Sequence[int] = ()
    slots: Sequence[str] = ()
    is_remote: bool = False
    point: Coordinates | None = None
    listing_id: int | None = None


@dataclass(frozen=True)
class Match:
    """A listing that answers, how well from 0 to 1, and the facts that say why."""

    listing: Listing
    score: float
    facts: Facts
    # Of the skills looked for and their kin, those that the listing has.
    skill_ids: Sequence[int]
    languages: Sequence[str]
    slots: Sequence[str]

    @property
    def reasons(self) -> list[Term]:
        """What speaks for it, the weightiest first."""
        found = {term: share for term, share in terms(self.facts).items() if share > 0}
        return sorted(found, key=lambda term: -found[term])


def wanted_by(listing: Listing) -> Wanted:
    """What would answer this listing."""
    owner = listing.participant
    return Wanted(
        kind=listing.complement,
        title=listing.title,
        participant_ids=[owner.id],
        languages=owner.languages,
        skill_ids=listing.skill_ids,
        slots=listing.slots,
        is_remote=listing.is_remote,
        point=point_of(listing) or point_of(owner),
        listing_id=listing.id,
    )


def matches(session: Session, wanted: Wanted, *, now: datetime, limit: int = 10) -> Sequence[Match]:
    """The listings that answer best, the best first; four statements, whatever there is."""
    answers = related(session, wanted.skill_ids)
    rows = session.scalars(
        select(Listing).where(Listing.id.in_(_candidates(wanted, answers, now)))
    ).all()
    weighed = [match for row in rows if (match := _weighed(wanted, answers, row)) is not None]
    weighed.sort(key=lambda one: (-one.score, one.listing.id))
    best = weighed[: limit * 3]
    owners = [one.listing.participant_id for one in best]
    swaps, deeds = _swaps(session, wanted, owners, now), _deeds(session, owners)
    known = []
    for one in best:
        owner_id = one.listing.participant_id
        facts = replace(one.facts, is_swap=owner_id in swaps, deeds=deeds.get(owner_id, 0))
        known.append(replace(one, facts=facts, score=score(facts)))
    known.sort(key=lambda one: (-one.score, one.listing.id))
    return known[:limit]


def point_of(placed: Listing | Participant) -> Coordinates | None:
    if placed.latitude is None or placed.longitude is None:
        return None
    return Coordinates(placed.latitude, placed.longitude)


def _candidates(wanted: Wanted, answers: Collection[int], now: datetime) -> Select[int]:
    """The ids of what has one of the skills or words: near, or what can be done from afar."""
    conditions = _conditions(wanted, now)
    fits = []
    if answers:
        fits.append(Listing.skill_ids.overlap(list(answers)))
    words = words_of(wanted.title)
    if words:
        fits.append(Listing.search.op("@@", is_comparison=True)(any_of(words)))
    ways = []
    for fit in fits:
        query = select(Listing.id).where(*conditions, fit)
        if wanted.point is None or wanted.is_remote:
            ways.append(query.order_by(Listing.id.desc()).limit(MOST_CANDIDATES))
        if wanted.point is not None:
            here = func.point(wanted.point.longitude, wanted.point.latitude)
            there = func.point(Listing.longitude, Listing.latitude)
            near = query.where(in_reach(Listing, wanted.point, REACH_KM))
            ways.append(near.order_by(there.op("<->")(here)).limit(MOST_CANDIDATES))
            # Of whom nobody knows where they are, it is not said that they are too far away.
            remote = query.where(Listing.is_remote | Listing.latitude.is_(None))
            ways.append(remote.order_by(Listing.id.desc()).limit(MOST_CANDIDATES))
    if not ways:
        return select(Listing.id).where(literal_column("false"))
    some = [select(way.subquery().c.id) for way in ways]
    return select(union(*some).subquery().c.id)


def _conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    is_for_them: ColumnElement[bool] = Listing.circle_id.is_(None)
    if wanted.participant_ids:
        is_for_them |= Listing.circle_id.in_(circles_of(wanted.participant_ids))
    conditions = [
        Listing.state == literal_column("'open'"),
        Listing.kind == literal_column(f"'{wanted.kind}'"),
        Listing.expires_at > now,
        is_for_them,
        Listing.participant_id.not_in(wanted.participant_ids),
    ]
    if wanted.listing_id is not None:
        dismissed = exists().where(
            Dismissal.listing_id == wanted.listing_id,
            Dismissal.other_id == Listing.id,
            Dismissal.until_at > now,
        )
        conditions.append(~dismissed)
    return conditions


def _weighed(wanted: Wanted, answers: dict[int, float], row: Listing) -> Match | None:
    """The candidate with what is known from its row; None if it answers nothing after all."""
    skills = sorted((one for one in row.skill_ids if one in answers), key=lambda one: -answers[one])
    languages = [one for one in wanted.languages if one in row.participant.languages]
    slots = [one for one in row.slots if one in wanted.slots]
    point = point_of(row) or point_of(row.participant)
    away = None
    if wanted.point is not None and point is not None:
        away = distance_km(wanted.point, point)
    is_remote = row.is_remote or wanted.is_remote
    if not is_remote and away is not None and away > REACH_KM:
        return None
    facts = Facts(
        skill=answers[skills[0]] if skills else 0.0,
        words=max(likeness(wanted.title, row.title), likeness(row.title, wanted.title)),
        distance_km=away,
        is_remote=is_remote,
        shares_language=bool(languages),
        shares_time=bool(slots),
    )
    if not is_match(facts):
        return None
    return Match(row, score(facts), facts, skills, languages, slots)


def _swaps(session: Session, wanted: Wanted, owners: Sequence[int], now: datetime) -> set[int]:
    """Who of these looks in turn for a skill that whoever asks offers, or offers what they need."""
    if not owners or not wanted.participant_ids:
        return set()
    mine = select(func.unnest(Listing.skill_ids)).where(
        Listing.participant_id.in_(wanted.participant_ids),
        Listing.kind == wanted.kind,
        Listing.state == literal_column("'open'"),
        Listing.expires_at > now,
    )
    back = ListingKind.NEED if wanted.kind == ListingKind.OFFER else ListingKind.OFFER
    skills = session.scalars(mine).all()
    if not skills:
        return set()
    return set(
        session.scalars(
            select(Listing.participant_id).where(
                Listing.participant_id.in_(owners),
                Listing.kind == back,
                Listing.state == literal_column("'open'"),
                Listing.expires_at > now,
                Listing.skill_ids.overlap(list(skills)),
            )
        )
    )


def _deeds(session: Session, owners: Sequence[int]) -> dict[int, int]:
    """How many deals each of these saw to its end."""
    rows = session.execute(
        select(Commitment.participant_id, func.count())
        .where(Commitment.participant_id.in_(owners), Commitment.state == CommitmentState.FULFILLED)
        .group_by(Commitment.participant_id)
    )
    deeds: dict[int, int] = dict(iter(rows))
    return deeds


def actor_wants(
    actor: Actor | None, kind: ListingKind, title: str, skill_ids: Sequence[int]
) -> Wanted:
    """What somebody looks for by a sentence alone, who may be nobody in particular."""
    if actor is None:
        return Wanted(kind=kind, title=title, skill_ids=skill_ids)
    one = actor.participant
    point = None
    if one.latitude is not None and one.longitude is not None:
        point = Coordinates(one.latitude, one.longitude)
    return Wanted(
        kind=kind,
        title=title,
        participant_ids=[one.id for one in actor.participants],
        skill_ids=skill_ids,
        point=point,
    )

"""Making the next round: the newest again with its dates moved, once and whole, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import CoOrganiser, NamedGuest, State, Terms
from models.errors import Conflict, Invalid, Refused
from models.members import Member
from models.money import Money
from models.series import Series, moved
from models.words import N_
from services import events, sessions
from services.buying import consenting, copying, finding
from services.buying.copying import Again
from services.buying.describing import NewPickupPoint
from services.series import happened, planning
from services.series.finding import locked, newest
from services.series.renewing import Renewed, renewed

# So many changes are kept to be shown; whoever faces more looks at the catalogue.
MOST_CHANGES = 200


class RoundStillADraft(Conflict):
    code = "round-still-a-draft"
    message = N_("The round before is still a draft. Open it, or throw it away.")


class NobodyOpensIt(Conflict):
    code = "nobody-opens-it"
    message = N_("Whoever opened this before may do so no longer. Please begin the series anew.")


@dataclass(frozen=True)
class Next:
    """When the next round opens, closes, may be extended to and is fetched."""

    opens_at: datetime
    closes_at: datetime
    extends_to_at: datetime | None
    pickup_points: Sequence[NewPickupPoint]


def due(session: Session, *, now: datetime) -> Sequence[int]:
    """The series whose next round is due, for the sweep that finds lost jobs."""
    return session.scalars(
        select(Series.id).where(Series.due_at <= now).order_by(Series.due_at).limit(500)
    ).all()


def next_round(session: Session, series: Series, last: GroupBuy) -> Next:
    """The dates of the round after `last`: the same local times, whole days later."""
    assert last.round_opens_at is not None
    zone = last.time_zone
    days = (_day(series.next_opens_at, zone) - _day(last.round_opens_at, zone)).days
    extends_to_at = last.extends_to_at
    return Next(
        opens_at=series.next_opens_at,
        closes_at=moved(_first_close(session, last), days, zone),
        extends_to_at=None if extends_to_at is None else moved(extends_to_at, days, zone),
        pickup_points=[
            NewPickupPoint(
                name=point.name,
                address=point.address,
                note=point.note,
                from_at=moved(point.from_at, days, zone),
                until_at=moved(point.until_at, days, zone),
            )
            for point in finding.pickup_points(session, last)
        ],
    )


def advance(session: Session, series_id: int, *, now: datetime) -> GroupBuy | None:
    """Make the next round if it is due, as a draft or opened at once; None if there is nothing due.

    Whoever calls it again, or at the same moment, finds it done. Refuses with RoundStillADraft,
    NobodyOpensIt and whatever drafting and opening refuse; then nothing is made.
    """
    series = locked(session, series_id)
    if series.due_at is None or series.due_at > now:
        return None
    last = newest(session, series)
    if last.state == State.DRAFT:
        raise RoundStillADraft
    planned = next_round(session, series, last)
    if planned.closes_at <= now:
        # Nobody was there to make it, and its time is over: the rhythm goes on without it.
        series.aim(last.time_zone, now=now)
        planning.schedule(session, series)
        return None
    actor = _opener(session, series, last)
    articles = renewed(session, last)
    made = _copy(session, series, last, planned, articles, actor=actor, now=now)
    if series.opens_by_itself:
        consenting.publish(session, made, actor=actor, now=now)
    _record(session, series, made, articles, now)
    _go_on(session, series, made, now)
    return made


def hold_up(session: Session, series_id: int, refusal: Refused, *, now: datetime) -> None:
    """Let the series wait for those who run it, and tell them why; once for each time it is due."""
    series = locked(session, series_id)
    if series.due_at is None or series.due_at > now:
        return
    more = list(refusal.fields.values()) if isinstance(refusal, Invalid) else []
    facts = {name: _plain(fact) for name, fact in refusal.facts.items()}
    series.hold_up({"message": refusal.message, "facts": facts, "more": more})
    last = newest(session, series)
    events.record(
        session,
        happened.SeriesHeldUp(
            participant_id=last.organiser_id, collaboration_id=last.id, series_id=series.id
        ),
        now=now,
    )


def draft_was_opened(session: Session, group_buy: GroupBuy, *, now: datetime) -> None:
    """Go on with a series that waited for this draft to be opened."""
    if group_buy.series_id is None:
        return
    series = locked(session, group_buy.series_id)
    waited = series.held_up is not None and series.held_up["message"] == RoundStillADraft.message
    # A round that was published earlier may open while the next is still a draft.
    if waited and newest(session, series).state != State.DRAFT:
        series.aim(group_buy.time_zone, now=now)
        planning.schedule(session, series)


def _copy(
    session: Session,
    series: Series,
    last: GroupBuy,
    planned: Next,
    articles: Renewed,
    *,
    actor: Actor,
    now: datetime,
) -> GroupBuy:
    again = Again(
        opens_at=planned.opens_at if planned.opens_at > now else None,
        closes_at=planned.closes_at,
        extends_to_at=planned.extends_to_at,
        articles=articles.articles,
        pickup_points=planned.pickup_points,
    )
    made = copying.copy(session, last, actor=actor, now=now, again=again)
    made.series_id, made.round_number = series.id, (last.round_number or 0) + 1
    made.round_opens_at = planned.opens_at
    made.picture_id = last.picture_id
    made.catalogue_version_id = articles.version_id
    # Whoever has the link to one round has it to the next.
    made.link_key = last.link_key
    made.co_organisers = [
        CoOrganiser(member_id=one.member_id, state=one.state, since_at=now)
        for one in last.co_organisers
        if one.is_accepted
    ]
    made.named_guests = [NamedGuest(participant_id=one.participant_id) for one in last.named_guests]
    session.flush()
    return made


def _go_on(session: Session, series: Series, made: GroupBuy, now: datetime) -> None:
    series.next_step += 1
    if series.last_number is not None and (made.round_number or 0) >= series.last_number:
        planning.stop(session, series, actor=None, now=now)
    else:
        series.aim(made.time_zone, now=now)
        planning.schedule(session, series)


def _record(
    session: Session, series: Series, made: GroupBuy, articles: Renewed, now: datetime
) -> None:
    if made.state != State.DRAFT:
        kind: type[happened.RoundMade] = happened.RoundOpened
    elif consenting.is_asked(made):
        kind = happened.RoundInReview
    else:
        kind = happened.RoundDrafted
    events.record(
        session,
        kind(
            participant_id=made.organiser_id,
            collaboration_id=made.id,
            series_id=series.id,
            number=made.round_number or 0,
            opens_at=series.next_opens_at.isoformat(),
            changes=[one.plain() for one in articles.changes[:MOST_CHANGES]],
            changes_count=len(articles.changes),
        ),
        now=now,
    )


def _opener(session: Session, series: Series, last: GroupBuy) -> Actor:
    """Who opens the next round in the organiser's name: who began the series, or the last round."""
    for member_id in (series.made_by_id, last.made_by_id):
        member = session.get(Member, member_id)
        if member is not None and member.closed_at is None:
            actor = sessions.actor_of(session, member, last.organiser_id)
            own = actor.participant.id == last.organiser_id
            if own and actor.may_manage(last.organiser_id):
                return actor
    raise NobodyOpensIt


def _first_close(session: Session, last: GroupBuy) -> datetime:
    """When the round was to close before it was extended, as its terms say."""
    if last.extended_at is None:
        return last.closes_at
    content = session.scalars(
        select(Terms.content)
        .where(Terms.collaboration_id == last.id, Terms.made_at <= last.extended_at)
        .order_by(Terms.number.desc())
        .limit(1)
    ).one()
    return datetime.fromisoformat(content["group_buy"]["closes_at"])


def _day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def _plain(fact: Any) -> Any:
    if isinstance(fact, Money):
        return {"minor": fact.minor, "currency": fact.currency}
    return fact if isinstance(fact, (str, int)) else str(fact)

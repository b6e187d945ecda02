"""Planning: how often a group buy comes again, and when it rests, leaves one out or stops."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import NotTheOrganiser, State
from models.errors import Conflict, Invalid
from models.lifecycle import NotInThisState
from models.series import Series, SeriesState
from models.words import N_
from services import events, queue
from services.series import finding, happened

RHYTHMS = (1, 2, 4)
MOST_ROUNDS = 500


class OpenItFirst(Conflict):
    code = "open-it-first"
    message = N_("Open this group buy first; then it can become a series.")


class InASeriesAlready(Conflict):
    code = "in-a-series-already"
    message = N_("This group buy belongs to a series already.")


@dataclass(frozen=True)
class Rhythm:
    """Every 1, 2 or 4 weeks again; so many rounds more, or None until somebody stops it.

    A round opens by itself, or is made as a draft some days before so that somebody looks at it.
    """

    every_weeks: int
    more_rounds: int | None = None
    opens_by_itself: bool = False


def begin(
    session: Session, group_buy: GroupBuy, rhythm: Rhythm, *, actor: Actor, now: datetime
) -> Series:
    """Make the group buy the first round of a series.

    The caller holds the lock. Refuses with NotTheOrganiser, OpenItFirst and InASeriesAlready.
    """
    _guard(rhythm)
    if not group_buy.is_organised_by(actor):
        raise NotTheOrganiser
    if group_buy.state == State.DRAFT:
        raise OpenItFirst
    if group_buy.series_id is not None:
        raise InASeriesAlready
    made = Series(
        slug=group_buy.slug,
        made_by_id=actor.member.id,
        made_at=now,
        state=SeriesState.RUNNING,
        every_weeks=rhythm.every_weeks,
        last_number=None if rhythm.more_rounds is None else 1 + rhythm.more_rounds,
        opens_by_itself=rhythm.opens_by_itself,
        starts_at=group_buy.opens_at,
        next_step=1,
    )
    made.aim(group_buy.time_zone, now=now)
    session.add(made)
    session.flush()
    group_buy.series_id, group_buy.round_number = made.id, 1
    group_buy.round_opens_at = group_buy.opens_at
    group_buy.touch()
    schedule(session, made)
    _record(session, happened.SeriesBegun, made, group_buy, actor, now)
    return made


def change(
    session: Session, series: Series, rhythm: Rhythm, *, actor: Actor, now: datetime
) -> None:
    """Let the series go on in another rhythm, counted from its newest round.

    What rested, had ended or was held up runs again. The caller holds the lock.
    """
    _guard(rhythm)
    newest = finding.newest(session, series)
    assert newest.round_number is not None
    assert newest.round_opens_at is not None
    if rhythm.every_weeks != series.every_weeks:
        series.every_weeks = rhythm.every_weeks
        series.starts_at, series.next_step = newest.round_opens_at, 1
    more = rhythm.more_rounds
    series.last_number = None if more is None else newest.round_number + more
    series.opens_by_itself = rhythm.opens_by_itself
    _run(session, series, newest, now)
    _record(session, happened.SeriesChanged, series, newest, actor, now)


def pause(session: Session, series: Series, *, actor: Actor, now: datetime) -> None:
    """Open no round until the series goes on; those that are open stay as they are."""
    series.pause()
    newest = finding.newest(session, series)
    _record(session, happened.SeriesPaused, series, newest, actor, now)


def resume(session: Session, series: Series, *, actor: Actor, now: datetime) -> None:
    """Go on with the first opening that is still to come, or try again what was held up.

    Refuses with NotInThisState what runs.
    """
    if series.is_running and series.held_up is None:
        raise NotInThisState
    newest = finding.newest(session, series)
    if series.last_number is not None and (newest.round_number or 0) >= series.last_number:
        series.last_number = None
    _run(session, series, newest, now)
    _record(session, happened.SeriesResumed, series, newest, actor, now)


def skip(session: Session, series: Series, *, actor: Actor, now: datetime) -> None:
    """Leave out the round that would come next; refuses with NotInThisState what does not run."""
    if not series.is_running:
        raise NotInThisState
    newest = finding.newest(session, series)
    series.next_step += 1
    series.aim(newest.time_zone, now=now)
    schedule(session, series)
    _record(session, happened.RoundSkipped, series, newest, actor, now)


def stop(session: Session, series: Series, *, actor: Actor | None, now: datetime) -> None:
    """Let no round follow; the rounds there are stay as they are."""
    series.end()
    newest = finding.newest(session, series)
    _record(session, happened.SeriesEnded, series, newest, actor, now)


def schedule(session: Session, series: Series) -> None:
    """Have a job make the next round when it is due; what is not due then does nothing."""
    if series.due_at is not None:
        queue.defer(session, "series.advance", at=series.due_at, series_id=series.id)


def _run(session: Session, series: Series, newest: GroupBuy, now: datetime) -> None:
    was_held_up = series.held_up is not None
    if not series.is_running:
        series.go_on()
    if was_held_up and series.next_opens_at < now:
        # Its turn has come already: it is made at once, as long as its close has not passed.
        series.held_up, series.due_at = None, now
    else:
        series.aim(newest.time_zone, now=now)
    schedule(session, series)


def _guard(rhythm: Rhythm) -> None:
    problems = {}
    if rhythm.every_weeks not in RHYTHMS:
        problems["every_weeks"] = N_("A series goes on every 1, 2 or 4 weeks.")
    if rhythm.more_rounds is not None and not 1 <= rhythm.more_rounds <= MOST_ROUNDS:
        problems["more_rounds"] = N_("Please enter between 1 and 500 rounds, or nothing.")
    if problems:
        raise Invalid(fields=problems)


def _record(
    session: Session,
    kind: type[happened.SeriesBegun]
    | type[happened.SeriesChanged]
    | type[happened.SeriesPaused]
    | type[happened.SeriesResumed]
    | type[happened.RoundSkipped]
    | type[happened.SeriesEnded],
    series: Series,
    newest: GroupBuy,
    actor: Actor | None,
    now: datetime,
) -> None:
    events.record(
        session,
        kind(
            by=actor.member.id if actor is not None else None,
            participant_id=newest.organiser_id,
            collaboration_id=newest.id,
            series_id=series.id,
        ),
        now=now,
    )

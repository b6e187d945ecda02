"""Deciding: a moderator takes a case up and ends it with its reasons (Art. 17)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from models.actors import Actor
from models.buying import GroupBuy
from models.circles import Circle
from models.collaborations import State
from models.disputes import (
    Case,
    CaseState,
    Measure,
    MeasureNotPossible,
    NotAModerator,
    NothingToLift,
    NotImpartial,
)
from models.errors import NotFound
from models.words import N_
from services import buying, circles, dialogue, events
from services.buying import steering, stopping

# Each pause is lifted by the case that made it, so there is one at a time.
PAUSED_ALREADY = N_("A moderator has paused this already.")


@dataclass(frozen=True, kw_only=True)
class CaseTakenUp(events.Happened):
    case_id: int


@dataclass(frozen=True, kw_only=True)
class CaseDecided(events.Happened):
    """A moderator decided, and gave the reasons."""

    case_id: int


@dataclass(frozen=True, kw_only=True)
class PauseLifted(events.Happened):
    """A moderator let go on what another, or they themself, had paused, and said why."""

    case_id: int


def queue(
    session: Session,
    *,
    actor: Actor,
    state: CaseState | None = None,
    before: int | None = None,
    limit: int = 30,
) -> tuple[Sequence[Case], int | None]:
    """Cases, newest first, for moderators: those in `state`, else all that are open."""
    _guard(actor)
    query = select(Case).options(selectinload(Case.reports), selectinload(Case.author))
    if state is None:
        query = query.where(Case.state != CaseState.DECIDED)
    else:
        query = query.where(Case.state == state)
    if before is not None:
        query = query.where(Case.id < before)
    found = session.scalars(query.order_by(Case.id.desc()).limit(limit + 1)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def find(session: Session, case_id: int, *, actor: Actor, lock: bool = False) -> Case:
    """One case, for moderators."""
    _guard(actor)
    query = select(Case).filter_by(id=case_id).options(selectinload(Case.reports))
    if lock:
        query = query.with_for_update(of=Case).execution_options(populate_existing=True)
    case = session.scalar(query)
    if case is None:
        raise NotFound
    return case


def find_decided(session: Session, case_id: int, *, actor: Actor) -> Case:
    """A decided case, for its author and those who reported; others find nothing."""
    case = session.get(Case, case_id)
    if case is None or case.state != CaseState.DECIDED:
        raise NotFound
    concerned = {case.author_id, *(one.reporter_id for one in case.reports)} - {None}
    if not (actor.is_moderator or any(actor.may_act_for(one) for one in concerned if one)):
        raise NotFound
    return case


def take_up(session: Session, case_id: int, *, actor: Actor, now: datetime) -> Case:
    """Say that this moderator looks after the case.

    Refuses with NotAModerator, NotImpartial, NotInThisState.
    """
    case = find(session, case_id, actor=actor, lock=True)
    _guard_impartial(session, case, actor)
    case.take_up(actor.member.id, now)
    happened = CaseTakenUp(
        by=actor.member.id, collaboration_id=case.collaboration_id, case_id=case.id
    )
    events.record(session, happened, now=now)
    return case


def decide(
    session: Session, case_id: int, *, measure: Measure, reason: str, actor: Actor, now: datetime
) -> Case:
    """End the case and carry its measure out; `reason` is read by author and reporters.

    Refuses with NotAModerator, NotImpartial, NotInThisState, MeasureNotPossible, and with what
    the measure itself refuses.
    """
    case = find(session, case_id, actor=actor, lock=True)
    _guard_impartial(session, case, actor)
    case.decide(measure, reason, actor.member.id, now)
    session.flush()
    _carry_out(session, case, measure, reason, actor, now)
    happened = CaseDecided(
        by=actor.member.id,
        participant_id=case.author_id,
        collaboration_id=case.collaboration_id,
        reason=reason,
        case_id=case.id,
    )
    events.record(session, happened, now=now)
    return case


def may_lift(session: Session, case: Case) -> bool:
    """Whether the deal still stands paused by this decision."""
    if not case.is_pausing:
        return False
    return _is_held(session.get_one(GroupBuy, case.target_id))


def lift(session: Session, case_id: int, *, reason: str, actor: Actor, now: datetime) -> Case:
    """Let a deal go on that this case has paused; `reason` is read by everyone in it.

    If its close has passed meanwhile, it is decided by the next job. Refuses with
    NotAModerator, NotImpartial and NothingToLift.
    """
    case = find(session, case_id, actor=actor, lock=True)
    _guard_impartial(session, case, actor, counts_later=True)
    case.lift(reason, actor.member.id, now)
    deal = buying.locked(session, case.target_id)
    if not _is_held(deal):
        raise NothingToLift
    stopping.resume(session, deal, reason=reason, actor=actor, now=now)
    happened = PauseLifted(
        by=actor.member.id,
        participant_id=case.author_id,
        collaboration_id=case.collaboration_id,
        reason=reason,
        case_id=case.id,
    )
    events.record(session, happened, now=now)
    return case


def _is_held(deal: GroupBuy) -> bool:
    return deal.is_paused and deal.state not in (State.COMPLETED, State.FAILED, State.CANCELLED)


def _carry_out(
    session: Session, case: Case, measure: Measure, reason: str, actor: Actor, now: datetime
) -> None:
    if measure == Measure.HIDDEN:
        dialogue.hide(session, case.target_id, actor=actor, now=now)
    elif measure == Measure.PAUSED:
        deal = buying.locked(session, case.target_id)
        if deal.state != State.OPEN:
            raise MeasureNotPossible(fields={"measure": steering.CannotPause.message})
        if steering.is_paused_by_moderator(session, deal, besides_case_id=case.id):
            raise MeasureNotPossible(fields={"measure": PAUSED_ALREADY})
        stopping.pause(session, deal, reason=reason, actor=actor, now=now)
    elif measure == Measure.CANCELLED:
        deal = buying.locked(session, case.target_id)
        if not steering.may_cancel(deal):
            # What is fetched and paid by then is nobody's to take apart; a dispute settles it.
            why = steering.TooLateToCancel if deal.delivered_at else MeasureNotPossible
            raise MeasureNotPossible(fields={"measure": why.message})
        stopping.cancel(session, deal, reason=reason, actor=actor, now=now)
    elif measure == Measure.ARCHIVED:
        circles.suspend(session, case.target_id, reason=reason, actor=actor, now=now)


def public_log(
    session: Session, *, before: int | None = None, limit: int = 50
) -> tuple[Sequence[Case], int | None]:
    """Decided cases, newest first. The page shows neither names nor what was reported."""
    query = select(Case).where(Case.state == CaseState.DECIDED)
    if before is not None:
        query = query.where(Case.id < before)
    found = session.scalars(query.order_by(Case.id.desc()).limit(limit + 1)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def count_open(session: Session) -> int:
    return (
        session.scalar(
            select(func.count()).select_from(Case).where(Case.state != CaseState.DECIDED)
        )
        or 0
    )


def _guard(actor: Actor) -> None:
    if not actor.is_moderator:
        raise NotAModerator


def _guard_impartial(
    session: Session, case: Case, actor: Actor, *, counts_later: bool = False
) -> None:
    """Nobody decides about themself, about what they reported or about a deal they are in.

    A co-organiser since the report is no judge of it only if it `counts_later`: else those who
    are reported would name the moderator one, and nobody could decide.
    """
    person = actor.in_person
    own = case.author_id is not None and person.may_act_for(case.author_id)
    reported = any(one.reporter_id and person.may_act_for(one.reporter_id) for one in case.reports)
    deal = session.get(GroupBuy, case.collaboration_id) if case.collaboration_id else None
    takes_part = deal is not None and (
        person.may_act_for(deal.organiser_id)
        or (deal.supplier_id is not None and person.may_act_for(deal.supplier_id))
        or any(
            one.is_accepted
            and one.member_id == person.member.id
            and (counts_later or one.since_at <= case.reported_at)
            for one in deal.co_organisers
        )
        or dialogue.has_committed(session, deal, person)
    )
    circle = session.get(Circle, case.circle_id) if case.circle_id else None
    if circle is not None:
        takes_part = circles.standing_in(session, circle, person).is_member
    if own or reported or takes_part:
        raise NotImpartial

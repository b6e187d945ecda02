"""Steering: what those who organise may stop, hold or throw away, and until when."""

from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Article, GroupBuy, PickupPoint
from models.collaborations import State
from models.dialogue import Message, ThreadFollower
from models.disputes import Case, Measure, Target
from models.errors import Conflict, Invalid, NotAllowed
from models.events import Event
from models.payments import BankAccount
from models.words import N_
from services import events
from services.buying import stopping
from services.buying.drafting import guard_draft
from services.buying.happened import GroupBuyDiscarded


class ReasonNeeded(Invalid):
    code = "reason-needed"
    message = N_("Please say why; everyone who joined reads it.")


class TooLateToCancel(Conflict):
    code = "too-late-to-cancel"
    message = N_("The goods have come, so this can no longer be called off.")


class CannotPause(Conflict):
    code = "cannot-pause"
    message = N_("Only a group buy that is open can be paused, and only once at a time.")


class PausedByModerator(NotAllowed):
    code = "paused-by-moderator"
    message = N_("A moderator has paused this. Please write to them before it goes on.")


def may_cancel(group_buy: GroupBuy) -> bool:
    """Whether those who organise may still call it off: until the goods have come."""
    return group_buy.can_move(State.CANCELLED) and group_buy.delivered_at is None


def may_pause(group_buy: GroupBuy) -> bool:
    return group_buy.state == State.OPEN and not group_buy.is_paused


def cancel(
    session: Session, group_buy: GroupBuy, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Call the group buy off, for a public reason; what was paid goes back.

    The caller holds the lock. Refuses with ReasonNeeded and TooLateToCancel.
    """
    _guard_reason(reason)
    if not may_cancel(group_buy):
        raise TooLateToCancel
    stopping.cancel(session, group_buy, reason=reason, actor=actor, now=now)


def pause(
    session: Session, group_buy: GroupBuy, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Let nobody join or change an order for now; refuses with ReasonNeeded and CannotPause."""
    _guard_reason(reason)
    if not may_pause(group_buy):
        raise CannotPause
    stopping.pause(session, group_buy, reason=reason, actor=actor, now=now)


def resume(session: Session, group_buy: GroupBuy, *, actor: Actor, now: datetime) -> None:
    """Let it go on; refuses with CannotPause, and PausedByModerator what is not theirs to end."""
    if not group_buy.is_paused:
        raise CannotPause(N_("This is not paused."))
    if is_paused_by_moderator(session, group_buy):
        raise PausedByModerator
    stopping.resume(session, group_buy, actor=actor, now=now)


def is_paused_by_moderator(
    session: Session, group_buy: GroupBuy, *, besides_case_id: int | None = None
) -> bool:
    """Whether a moderator decided on the pause that holds now, in a case that is not lifted."""
    if not group_buy.is_paused:
        return False
    pausing = exists().where(
        Case.target == Target.COLLABORATION,
        Case.target_id == group_buy.id,
        Case.measure == Measure.PAUSED,
        Case.lifted_at.is_(None),
        Case.id.is_distinct_from(besides_case_id),
    )
    return bool(session.scalar(select(pausing)))


def discard(session: Session, group_buy: GroupBuy, *, actor: Actor, now: datetime) -> None:
    """Throw a draft away with all that is in it; refuses with NotADraft what was opened.

    The caller holds the lock.
    """
    guard_draft(group_buy)
    # What is kept for ever stays, and says no more of which draft it was.
    for kept in (Event, Case):
        session.execute(
            update(kept).where(kept.collaboration_id == group_buy.id).values(collaboration_id=None)
        )
    for said in (Message, ThreadFollower, BankAccount):
        session.execute(delete(said).where(said.collaboration_id == group_buy.id))
    for table in (Article, PickupPoint):
        session.execute(delete(table).where(table.group_buy_id == group_buy.id))
    session.delete(group_buy)
    event = GroupBuyDiscarded(
        by=actor.member.id, participant_id=group_buy.organiser_id, title=group_buy.title
    )
    events.record(session, event, now=now)


def _guard_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonNeeded(fields={"reason": ReasonNeeded.message})

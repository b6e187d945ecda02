"""Stopping: what follows when a group buy is called off, paused or goes on."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, Stage
from models.collaborations import CommitmentState, State
from services import events, queue
from services.buying import finding, happened
from services.buying.closing import release_all
from services.clearing.outcomes import Out

# So long after its close a pause may last: what everyone ordered is not held for ever.
LONGEST_PAUSE = timedelta(days=30)
PAUSED_TOO_LONG = "paused_too_long"


def cancel(
    session: Session, group_buy: GroupBuy, *, reason: str, actor: Actor | None, now: datetime
) -> None:
    """Call a group buy off for a public reason; everything is released, paid money goes back.

    The caller holds the lock and has asked whether `actor` may: those who organise do it through
    `steering`, a moderator by a decided case. Without an `actor` it is a deadline that does it.
    """
    group_buy.cancel(now)
    states = [CommitmentState.ACTIVE, CommitmentState.WAITING, CommitmentState.IN]
    concerned = finding.commitments(session, group_buy, states)
    release_all(session, group_buy, concerned, reason=Out.DEAL_FAILED.value, now=now)
    events.record(
        session,
        happened.GroupBuyCancelled(
            by=actor.member.id if actor else None, collaboration_id=group_buy.id, reason=reason
        ),
        now=now,
    )


def pause(
    session: Session, group_buy: GroupBuy, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Let nobody join or change an order until it goes on; leaving is free, the close waits."""
    group_buy.is_paused = True
    group_buy.touch()
    end_at = group_buy.closes_at + LONGEST_PAUSE
    queue.defer(session, "buying.end_pause", at=end_at, group_buy_id=group_buy.id)
    events.record(
        session,
        happened.GroupBuyPaused(by=actor.member.id, collaboration_id=group_buy.id, reason=reason),
        now=now,
    )


def paused_too_long(session: Session, *, now: datetime) -> Sequence[int]:
    """The ids of group buys whose pause has outlasted their close: what the sweep looks for."""
    return session.scalars(
        select(GroupBuy.id)
        .where(
            GroupBuy.state == State.OPEN,
            GroupBuy.is_paused,
            GroupBuy.closes_at <= now - LONGEST_PAUSE,
        )
        .order_by(GroupBuy.closes_at)
        .limit(100)
    ).all()


def end_pause(session: Session, group_buy_id: int, *, now: datetime) -> None:
    """Call off what was paused for too long; otherwise do nothing. Takes the lock itself."""
    group_buy = finding.locked(session, group_buy_id)
    is_over = group_buy.closes_at <= now - LONGEST_PAUSE
    if group_buy.state == State.OPEN and group_buy.is_paused and is_over:
        cancel(session, group_buy, reason=PAUSED_TOO_LONG, actor=None, now=now)


def resume(
    session: Session, group_buy: GroupBuy, *, reason: str = "", actor: Actor, now: datetime
) -> None:
    """Let it go on; one whose opening or close has passed meanwhile opens or is decided at once."""
    group_buy.is_paused = False
    group_buy.touch()
    if group_buy.state == State.OPEN and group_buy.stage == Stage.SCHEDULED:
        queue.defer(session, "buying.begin", at=group_buy.opens_at, group_buy_id=group_buy.id)
    if group_buy.state == State.OPEN and group_buy.closes_at <= now:
        queue.defer(session, "buying.close", group_buy_id=group_buy.id)
    events.record(
        session,
        happened.GroupBuyResumed(by=actor.member.id, collaboration_id=group_buy.id, reason=reason),
        now=now,
    )

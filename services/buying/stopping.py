"""Stopping: what follows when a group buy is called off, paused or goes on."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, Stage
from models.collaborations import CommitmentState, State
from services import events, queue
from services.buying import facts, finding
from services.buying.closing import release_all
from services.clearing.outcomes import Out


def cancel(
    session: Session, group_buy: GroupBuy, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Call a group buy off for a public reason; everything is released, paid money goes back.

    The caller holds the lock and has asked whether `actor` may: those who organise do it through
    `steering`, a moderator by a decided case.
    """
    group_buy.cancel(now)
    states = [CommitmentState.ACTIVE, CommitmentState.WAITING, CommitmentState.IN]
    concerned = finding.commitments(session, group_buy, states)
    release_all(session, group_buy, concerned, reason=Out.DEAL_FAILED.value, now=now)
    events.record(
        session,
        facts.GroupBuyCancelled(by=actor.member.id, collaboration_id=group_buy.id, reason=reason),
        now=now,
    )


def pause(
    session: Session, group_buy: GroupBuy, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Let nobody join, change or leave until it goes on; the close waits too."""
    group_buy.is_paused = True
    group_buy.touch()
    events.record(
        session,
        facts.GroupBuyPaused(by=actor.member.id, collaboration_id=group_buy.id, reason=reason),
        now=now,
    )


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
        facts.GroupBuyResumed(by=actor.member.id, collaboration_id=group_buy.id, reason=reason),
        now=now,
    )

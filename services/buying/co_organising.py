"""Co-organising: the answer of a member who is asked to run a group buy with its organiser."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import CoOrganiser
from models.errors import NotFound
from models.words import N_
from services import events
from services.buying import finding, happened

NOT_ASKED = N_("You are not asked to run this, or not any more.")


def asked(session: Session, slug: str | int, *, actor: Actor, lock: bool = False) -> GroupBuy:
    """The group buy that `actor` is asked to run, also if nobody else may know of it.

    Refuses with NotFound all others, in the same words as if there were no such group buy.
    """
    group_buy = finding.sought(session, slug, lock=lock)
    if group_buy is None:
        raise NotFound(NOT_ASKED)
    _question(group_buy, actor)
    return group_buy


def accept(session: Session, group_buy: GroupBuy, *, actor: Actor, now: datetime) -> None:
    """Run it too from now on. The caller holds the lock."""
    _question(group_buy, actor).accept(now=now)
    group_buy.touch()
    event = happened.CoOrganiserAdded(
        by=actor.member.id,
        participant_id=actor.member.participant_id,
        collaboration_id=group_buy.id,
    )
    events.record(session, event, now=now)


def decline(session: Session, group_buy: GroupBuy, *, actor: Actor, now: datetime) -> None:
    """Not run it. The caller holds the lock."""
    group_buy.co_organisers.remove(_question(group_buy, actor))
    group_buy.touch()
    event = happened.CoOrganiserDeclined(
        by=actor.member.id,
        participant_id=actor.member.participant_id,
        collaboration_id=group_buy.id,
    )
    events.record(session, event, now=now)


def _question(group_buy: GroupBuy, actor: Actor) -> CoOrganiser:
    # A program of an organisation answers nothing in its member's name.
    for co in group_buy.co_organisers:
        if co.member_id == actor.member.id and not (co.is_accepted or actor.is_bound):
            return co
    raise NotFound(NOT_ASKED)

"""The hand-over: crates are packed, fetched and ticked off, until nothing is left to do."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment, Line, Stage
from models.collaborations import Commitment, CommitmentState
from models.errors import Conflict, NotFound
from models.words import N_
from services import events
from services.buying import finding, happened, weighing
from services.buying.delivering import guard_stage
from services.buying.held_back import held_back, whole
from services.events import Happened


class NotYetHandedOver(Conflict):
    code = "not-yet-handed-over"
    message = N_(
        "%(count)s orders are not handed over yet. Tick them off, or say what became of them."
    )


class AlreadyHandedOver(Conflict):
    code = "already-handed-over"
    message = N_("The order of %(name)s is ticked off already, since %(at)s.")


class NotTickedOff(Conflict):
    code = "not-ticked-off"
    message = N_("The order of %(name)s is not ticked off.")


class GoodsHeldBack(Conflict):
    code = "goods-held-back"
    message = N_("%(name)s withdrew from the contract on these goods: leave them out of the crate.")


def crates(session: Session, group_buy: GroupBuy) -> Sequence[GroupBuyCommitment]:
    """What is packed for whom, by name: one crate per commitment of which anything came."""
    taking_part = finding.commitments(session, group_buy, Commitment.TAKING_PART)
    return sorted(taking_part, key=lambda one: (one.participant.name_key, one.id))


def mark_packed(
    session: Session,
    group_buy: GroupBuy,
    commitment: GroupBuyCommitment,
    *,
    is_packed: bool = True,
    now: datetime,
) -> None:
    """Tick a crate with all that belongs into it, or take the tick back; again, it stays so.

    Refuses with NotAtThisStage, and with GoodsHeldBack if nothing belongs into it any more.
    """
    guard_stage(group_buy, Stage.DELIVERED, Stage.HANDING_OVER)
    belonging = _belonging(session, group_buy, commitment)
    if is_packed and not belonging:
        raise GoodsHeldBack(name=commitment.participant.name)
    for line in belonging if is_packed else commitment.lines:
        line.packed_at = (line.packed_at or now) if is_packed else None
    keep_packed(session, group_buy, commitment, now=now)


def mark_line_packed(
    session: Session, group_buy: GroupBuy, line_id: int, *, is_packed: bool = True, now: datetime
) -> None:
    """Tick one article in one crate; a crate is packed when all that belongs into it is.

    Refuses with NotAtThisStage, with NotFound what no one gets, and with GoodsHeldBack.
    """
    guard_stage(group_buy, Stage.DELIVERED, Stage.HANDING_OVER)
    line = session.get(Line, line_id)
    if (
        line is None
        or line.commitment.collaboration_id != group_buy.id
        or not line.delivered_units
        or line.commitment.state not in Commitment.TAKING_PART
    ):
        raise NotFound
    if is_packed and line not in _belonging(session, group_buy, line.commitment):
        raise GoodsHeldBack(name=line.commitment.participant.name)
    line.packed_at = (line.packed_at or now) if is_packed else None
    keep_packed(session, group_buy, line.commitment, now=now)


def begin_hand_over(session: Session, group_buy: GroupBuy, *, actor: Actor, now: datetime) -> None:
    """Tell everyone that their goods can be fetched.

    Refuses with NotYetWeighed before it is final what goods by weight cost.
    """
    guard_stage(group_buy, Stage.DELIVERED)
    if weighing.is_missing(session, group_buy):
        raise weighing.NotYetWeighed
    group_buy.stage = Stage.HANDING_OVER
    group_buy.touch()
    events.record(
        session,
        happened.HandOverBegun(by=actor.member.id, collaboration_id=group_buy.id),
        now=now,
    )


def hand_over(
    session: Session,
    group_buy: GroupBuy,
    commitment: GroupBuyCommitment,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Tick off a commitment whose goods were fetched; it is fulfilled.

    The caller holds the lock. Refuses with NotAtThisStage, and with AlreadyHandedOver a second
    tick.
    """
    guard_stage(group_buy, Stage.HANDING_OVER)
    if commitment.handed_over_at is not None:
        raise AlreadyHandedOver(name=commitment.participant.name, at=commitment.handed_over_at)
    commitment.fulfil()
    commitment.handed_over_at = now
    _record(session, happened.HandedOver, group_buy, commitment, actor=actor, now=now)


def undo_hand_over(
    session: Session,
    group_buy: GroupBuy,
    commitment: GroupBuyCommitment,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Take back the tick at a commitment whose goods were not fetched after all.

    What was said of its money stays said: that is taken back apart. The caller holds the lock.
    Refuses with NotAtThisStage, and with NotTickedOff what waits to be fetched anyway.
    """
    guard_stage(group_buy, Stage.HANDING_OVER)
    if commitment.handed_over_at is None:
        raise NotTickedOff(name=commitment.participant.name)
    commitment.unfulfil()
    commitment.handed_over_at = None
    _record(session, happened.HandOverUndone, group_buy, commitment, actor=actor, now=now)


def _record(
    session: Session,
    what: type[Happened],
    group_buy: GroupBuy,
    commitment: GroupBuyCommitment,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    commitment.changed_at = now
    group_buy.touch()
    event = what(
        by=actor.member.id,
        participant_id=commitment.participant_id,
        collaboration_id=group_buy.id,
        commitment_id=commitment.id,
    )
    events.record(session, event, now=now)


def complete(
    session: Session,
    group_buy: GroupBuy,
    *,
    unclaimed: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """End the hand-over. Goods nobody fetched need a word on what became of them.

    `unclaimed` is that word; without it the act refuses with NotYetHandedOver while any order
    waits. Unclaimed orders stay owed: they were ordered and came.
    """
    guard_stage(group_buy, Stage.HANDING_OVER)
    count = len(unfetched(session, group_buy))
    if count and not unclaimed:
        raise NotYetHandedOver(count=count)
    group_buy.complete()
    group_buy.stage = ""
    events.record(
        session,
        happened.GroupBuyCompleted(
            by=actor.member.id, collaboration_id=group_buy.id, reason=unclaimed
        ),
        now=now,
    )


def unfetched(session: Session, group_buy: GroupBuy) -> Sequence[GroupBuyCommitment]:
    """The orders that still wait to be fetched; what is held back as a whole waits for nobody."""
    kept = whole(held_back(session, group_buy))
    waiting = finding.commitments(session, group_buy, [CommitmentState.IN])
    return [one for one in waiting if one.id not in kept]


def keep_packed(
    session: Session, group_buy: GroupBuy, commitment: GroupBuyCommitment, *, now: datetime
) -> None:
    """Say whether a crate is packed: when all that belongs into it is.

    One that is held back as a whole stays packed until it is unpacked.
    """
    goods = _belonging(session, group_buy, commitment) or _with_goods(commitment)
    is_packed = bool(goods) and all(line.packed_at for line in goods)
    commitment.packed_at = (commitment.packed_at or now) if is_packed else None


def _belonging(session: Session, group_buy: GroupBuy, commitment: GroupBuyCommitment) -> list[Line]:
    """What belongs into a crate: all that came and is not held back."""
    held = held_back(session, group_buy).get(commitment.id)
    goods = _with_goods(commitment)
    return goods if held is None else [one for one in goods if not held.holds(one.article_id)]


def _with_goods(commitment: GroupBuyCommitment) -> list[Line]:
    return [line for line in commitment.lines if line.delivered_units]

"""Consenting: a supplier who is named as the seller is asked before a group buy opens.

While they are asked nothing of the draft can be changed, so they agree to what then opens; and
what they agreed to is changed by nobody but themself.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, Payee, Stage
from models.collaborations import State
from models.errors import Conflict, NotAllowed
from models.words import N_
from services import events
from services.buying import happened, opening
from services.buying.differences import Difference


class NotAsked(Conflict):
    code = "not-asked"
    message = N_("The supplier is not being asked now.")


class NotTheSupplier(NotAllowed):
    code = "not-the-supplier"
    message = N_("Only those who run the supplier can answer for them.")


class AgreedWithSupplier(Conflict):
    code = "agreed-with-the-supplier"
    message = N_(
        "The supplier agreed to sell by these terms, so only those who run the supplier can change "
        "them. You can let it close later, or call it off and open a new one."
    )


def is_asked(group_buy: GroupBuy) -> bool:
    """Whether the draft waits for its supplier."""
    return group_buy.state == State.DRAFT and group_buy.stage == Stage.IN_REVIEW


def may_answer(group_buy: GroupBuy, actor: Actor | None) -> bool:
    """Whether `actor` runs the supplier that is asked."""
    return (
        actor is not None
        and is_asked(group_buy)
        and group_buy.supplier_id is not None
        and actor.may_manage(group_buy.supplier_id)
    )


def needs_consent(group_buy: GroupBuy, actor: Actor) -> bool:
    """Whether the terms name somebody else as the seller, for whom `actor` does not act."""
    return (
        group_buy.payee == Payee.SUPPLIER
        and group_buy.supplier_id is not None
        and group_buy.supplier_id != group_buy.organiser_id
        and not actor.may_manage(group_buy.supplier_id)
    )


def guard_agreed(group_buy: GroupBuy, found: Sequence[Difference], actor: Actor) -> None:
    """Refuse with AgreedWithSupplier what a seller for whom `actor` does not act never agreed to.

    Only a later close and another picture leave them what they agreed to.
    """
    if needs_consent(group_buy, actor) and not all(map(_is_harmless, found)):
        raise AgreedWithSupplier


def _is_harmless(change: Difference) -> bool:
    if change.name == "closes_at":
        return datetime.fromisoformat(change.after) > datetime.fromisoformat(change.before)
    return change.name == "picture_id"


def publish(session: Session, group_buy: GroupBuy, *, actor: Actor, now: datetime) -> None:
    """Open a draft; or, where it names a seller for whom `actor` does not act, ask that seller.

    The caller holds the lock. Refuses with NotADraft, InReview, NotConfirmed, and with
    NotComplete (naming what is missing) a group buy that nobody could join.
    """
    if not needs_consent(group_buy, actor):
        opening.publish(session, group_buy, actor=actor, now=now)
        return
    opening.guard_complete(session, group_buy, actor=actor, now=now)
    group_buy.stage = Stage.IN_REVIEW
    group_buy.touch()
    _record(session, happened.SupplierConsentAsked, group_buy, actor, now)


def consent(session: Session, group_buy: GroupBuy, *, actor: Actor, now: datetime) -> None:
    """Agree, as the supplier, to sell by these terms: the group buy opens.

    The caller holds the lock. Refuses with NotAsked, NotTheSupplier, and NotComplete if its
    dates have passed meanwhile.
    """
    _guard_answer(group_buy, actor)
    group_buy.stage = ""
    _record(session, happened.SupplierConsented, group_buy, actor, now)
    opening.publish(session, group_buy, actor=actor, now=now)


def decline(
    session: Session, group_buy: GroupBuy, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Decline, as the supplier: it stays a draft that can be changed. Refuses as `consent`."""
    _guard_answer(group_buy, actor)
    group_buy.stage = ""
    group_buy.touch()
    _record(session, happened.SupplierDeclined, group_buy, actor, now, reason)


def take_back(session: Session, group_buy: GroupBuy, *, actor: Actor, now: datetime) -> None:
    """Ask no longer, for those who organise: the draft can be changed. Refuses with NotAsked."""
    if not is_asked(group_buy):
        raise NotAsked
    group_buy.stage = ""
    group_buy.touch()
    _record(session, happened.SupplierAskedNoLonger, group_buy, actor, now)


def _guard_answer(group_buy: GroupBuy, actor: Actor) -> None:
    if not is_asked(group_buy):
        raise NotAsked
    if not may_answer(group_buy, actor):
        raise NotTheSupplier


def _record(
    session: Session,
    what: type[
        happened.SupplierConsentAsked
        | happened.SupplierConsented
        | happened.SupplierDeclined
        | happened.SupplierAskedNoLonger
    ],
    group_buy: GroupBuy,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    events.record(
        session,
        what(
            by=actor.member.id,
            participant_id=group_buy.supplier_id,
            collaboration_id=group_buy.id,
            reason=reason,
        ),
        now=now,
    )

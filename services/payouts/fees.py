"""Fees: what the instance keeps of card payments, announced in advance and kept by each deal."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from models.actors import Actor
from models.errors import Conflict, Invalid
from models.payouts import FeeSchedule
from models.rules import PayoutTerms
from models.words import N_


class FeesUnchanged(Conflict):
    code = "fees-unchanged"
    message = N_("That is what holds then already.")


def terms_at(session: Session, at: datetime) -> PayoutTerms:
    """What a deal that opens then declares; nothing while no operator has said otherwise."""
    found = session.scalar(_holding(at))
    return found.payout_terms if found is not None else PayoutTerms()


def _holding(at: datetime) -> Select[FeeSchedule]:
    """The one that began last; of those that begin at once, what was said last."""
    return (
        select(FeeSchedule)
        .where(FeeSchedule.holds_from_at <= at)
        .order_by(FeeSchedule.holds_from_at.desc(), FeeSchedule.id.desc())
        .limit(1)
    )


def schedules(session: Session, *, limit: int = 20) -> Sequence[FeeSchedule]:
    """What was asked for so far and is announced, the latest to begin first."""
    latest = (FeeSchedule.holds_from_at.desc(), FeeSchedule.id.desc())
    return session.scalars(select(FeeSchedule).order_by(*latest).limit(limit)).all()


def announced(session: Session, *, now: datetime) -> Sequence[FeeSchedule]:
    """What will be asked for, the first to begin first; of one moment what was said last."""
    coming = (
        select(FeeSchedule)
        .ext(distinct_on(FeeSchedule.holds_from_at))
        .where(FeeSchedule.holds_from_at > now)
        .order_by(FeeSchedule.holds_from_at, FeeSchedule.id.desc())
    )
    return session.scalars(coming).all()


def set_terms(
    session: Session,
    terms: PayoutTerms,
    *,
    from_at: datetime | None = None,
    actor: Actor | None,
    now: datetime,
) -> FeeSchedule:
    """Ask for this, of deals that open from then on; without `from_at` from now on.

    Refuses with Invalid a time that is over, and with FeesUnchanged what changes nothing.
    """
    holds_from_at = from_at or now
    if holds_from_at < now:
        raise Invalid(fields={"from_day": N_("Please choose today or a later day.")})
    if terms_at(session, holds_from_at) == terms:
        raise FeesUnchanged
    made = FeeSchedule(
        payout_terms=terms,
        holds_from_at=holds_from_at,
        made_by_id=actor.member.id if actor else None,
        made_at=now,
    )
    session.add(made)
    session.flush()
    return made

"""Fees: what the instance keeps of card payments, declared in advance and kept by each deal."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.payouts import FeeSchedule
from models.rules import PayoutTerms


def terms_now(session: Session) -> PayoutTerms:
    """What a deal that opens now declares; nothing is kept while no operator has said otherwise."""
    newest = session.scalar(select(FeeSchedule).order_by(FeeSchedule.id.desc()).limit(1))
    return newest.payout_terms if newest is not None else PayoutTerms()


def schedules(session: Session, *, limit: int = 20) -> Sequence[FeeSchedule]:
    """What was asked for so far, the newest first."""
    return session.scalars(select(FeeSchedule).order_by(FeeSchedule.id.desc()).limit(limit)).all()


def set_terms(
    session: Session, terms: PayoutTerms, *, actor: Actor | None, now: datetime
) -> FeeSchedule:
    """Ask for this from now on, of deals that open from now on."""
    made = FeeSchedule(
        payout_terms=terms, made_by_id=actor.member.id if actor else None, made_at=now
    )
    session.add(made)
    session.flush()
    return made

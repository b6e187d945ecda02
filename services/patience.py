"""Patience: what is asked for in vain is asked for more and more seldom, and never given up."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, literal, or_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.payments import GatewayMessage, PaymentAttempt, Refund
from models.payouts import Remittance, TakingBack

Asked = PaymentAttempt | Refund | GatewayMessage | Remittance | TakingBack

PATIENCE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=1)
MOST_AT_ONCE = 500


def ask_again(
    session: Session,
    what: type[Asked],
    since: InstrumentedAttribute[datetime],
    query: Select[int],
    *,
    now: datetime,
) -> Sequence[int]:
    """The ids of those that `query` finds and that are due to be asked for; they are noted so.

    The pause is as long as they had waited when they were last asked for: each is twice the one
    before, so that a gateway that is down for a day leaves no thousands of jobs.
    """
    due = or_(
        what.asked_at.is_(None),
        what.asked_at <= now - LONGEST_PAUSE,
        what.asked_at - since <= literal(now) - what.asked_at,
    )
    late = query.where(since <= now - PATIENCE, due).limit(MOST_AT_ONCE)
    return session.scalars(
        update(what)
        .where(what.id.in_(late.scalar_subquery()))
        .values(asked_at=now)
        .returning(what.id)
        .execution_options(synchronize_session="fetch")
    ).all()

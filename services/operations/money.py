"""Money, for those who operate: what the gateway holds, what differs, who owes and who waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.participants import Participant
from models.payouts import Remittance, RemittanceState, TakingBack


@dataclass(frozen=True)
class Debt:
    """What somebody who sold has to give back, in minor units, and their account did not hold."""

    participant: Participant
    currency: str
    amount_minor: int
    count: int


@dataclass(frozen=True)
class Waiting:
    """What is not sent on to somebody who sold: too long, the gateway's licence ends (PSD2)."""

    participant: Participant
    currency: str
    amount_minor: int
    count: int
    refusal: str
    since_at: datetime


MOST_SHOWN = 50


def debts(session: Session) -> Sequence[Debt]:
    """Who owes what was taken back from them, the largest first."""
    owed_minor = func.sum(TakingBack.left_minor)
    rows = session.execute(
        select(Participant, Remittance.currency, owed_minor, func.count())
        .select_from(TakingBack)
        .join(Remittance, Remittance.id == TakingBack.remittance_id)
        .join(Participant, Participant.id == TakingBack.participant_id)
        .where(TakingBack.is_debt)
        .group_by(Participant.id, Remittance.currency)
        .order_by(owed_minor.desc())
        .limit(MOST_SHOWN)
    )
    return [Debt(who, currency, int(minor), count) for who, currency, minor, count in rows]


def waiting(session: Session, *, now: datetime) -> Sequence[Waiting]:
    """To whom nothing could be sent that is due, those first who wait longest."""
    rows = session.execute(
        select(
            Participant,
            Remittance.currency,
            func.sum(Remittance.to_send_minor),
            func.count(),
            func.max(Remittance.refusal),
            func.min(Remittance.due_at),
        )
        .join(Participant, Participant.id == Remittance.participant_id)
        .where(Remittance.state == RemittanceState.WAITING, Remittance.due_at <= now)
        .group_by(Participant.id, Remittance.currency)
        .order_by(func.min(Remittance.due_at))
        .limit(MOST_SHOWN)
    )
    return [
        Waiting(who, currency, int(minor), count, refusal, since_at)
        for who, currency, minor, count, refusal, since_at in rows
    ]

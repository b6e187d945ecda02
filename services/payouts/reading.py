"""Reading payouts: what somebody is sent, what waits, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Subquery, case, func, select
from sqlalchemy.orm import Session

from models.chargebacks import Chargeback
from models.collaborations import Collaboration
from models.payouts import (
    ConnectedAccount,
    Remittance,
    RemittanceState,
    TakingBack,
    TakingBackState,
    WithheldFor,
)
from services.paging import Page, paged, position

MOST_SHOWN = 100


@dataclass(frozen=True)
class Withheld:
    """What of one deal's charges is not sent on yet, for one reason; minor units."""

    collaboration: Collaboration
    currency: str
    reason: WithheldFor
    amount_minor: int
    count: int
    # When what is held back for a time is sent.
    until_at: datetime | None


@dataclass(frozen=True)
class OfDeal:
    """What one deal brought somebody by card, without what buyers got back; minor units.

    `sent_minor` is what reached their account at the gateway, less what was taken back of it.
    """

    collaboration: Collaboration
    currency: str
    amount_minor: int
    fee_minor: int
    sent_minor: int
    waiting_minor: int
    set_off_minor: int
    # What of it was sent, or set off, and is to come back.
    owed_back_minor: int


def withheld_of(session: Session, participant_id: int, *, now: datetime) -> Sequence[Withheld]:
    """What waits to be sent to a participant, by deal and reason, the newest deal first."""
    each = _waiting(participant_id, now)
    rows = session.execute(
        select(
            Collaboration,
            each.c.currency,
            each.c.reason,
            func.sum(each.c.to_send_minor),
            func.count(),
            func.min(each.c.due_at),
        )
        .join(Collaboration, Collaboration.id == each.c.collaboration_id)
        .group_by(Collaboration.id, each.c.currency, each.c.reason)
        .order_by(Collaboration.id.desc(), each.c.reason)
        .limit(MOST_SHOWN)
    )
    return [
        Withheld(
            deal,
            currency,
            WithheldFor(why),
            int(amount),
            count,
            due_at if why == WithheldFor.RESERVE else None,
        )
        for deal, currency, why, amount, count, due_at in rows
    ]


def _waiting(participant_id: int, now: datetime) -> Subquery:
    """Each remittance that is not sent, with why: the first of these that holds."""
    reason = case(
        (Remittance.state == RemittanceState.SENT, WithheldFor.UNDER_WAY.value),
        (ConnectedAccount.id.is_(None), WithheldFor.NO_ACCOUNT.value),
        (~ConnectedAccount.can_receive, WithheldFor.DETAILS_NEEDED.value),
        (Chargeback.pending_on(Remittance.payment_id), WithheldFor.CHARGEBACK.value),
        (Remittance.due_at > now, WithheldFor.RESERVE.value),
        (Remittance.refusal != "", WithheldFor.REFUSED.value),
        else_=WithheldFor.UNDER_WAY.value,
    )
    return (
        select(
            Remittance.collaboration_id,
            Remittance.currency,
            Remittance.due_at,
            Remittance.to_send_minor.label("to_send_minor"),
            reason.label("reason"),
        )
        .outerjoin(ConnectedAccount, ConnectedAccount.participant_id == Remittance.participant_id)
        .where(
            Remittance.participant_id == participant_id,
            Remittance.state.in_([RemittanceState.WAITING, RemittanceState.SENT]),
        )
        .subquery()
    )


def owed_back(session: Session, participant_id: int) -> dict[str, int]:
    """What a participant has to give back and their account did not hold, by currency."""
    rows = session.execute(
        select(Remittance.currency, func.sum(TakingBack.left_minor))
        .join(TakingBack.remittance)
        .where(TakingBack.participant_id == participant_id, TakingBack.is_debt)
        .group_by(Remittance.currency)
        .order_by(Remittance.currency)
    )
    return {currency: int(minor) for currency, minor in rows}


def by_deal(
    session: Session, participant_id: int, *, after: str | None = None, limit: int = 24
) -> Page[OfDeal]:
    """What each deal brought a participant by card, the newest deal first.

    Refuses with CursorNotValid.
    """
    back = (
        select(func.coalesce(func.sum(TakingBack.sent_minor), 0))
        .where(TakingBack.remittance_id == Remittance.id, TakingBack.state == TakingBackState.DONE)
        .scalar_subquery()
    )
    taken = (
        select(func.coalesce(func.sum(TakingBack.amount_minor), 0))
        .where(TakingBack.remittance_id == Remittance.id)
        .scalar_subquery()
    )
    owed = (
        select(func.coalesce(func.sum(TakingBack.left_minor), 0))
        .where(TakingBack.remittance_id == Remittance.id, TakingBack.state != TakingBackState.DONE)
        .scalar_subquery()
    )
    is_done = Remittance.state == RemittanceState.DONE
    lowered = Remittance.amount_minor - Remittance.lowered_minor
    waits = Remittance.state.in_([RemittanceState.WAITING, RemittanceState.SENT])
    query = (
        select(
            Remittance.collaboration_id,
            Remittance.currency,
            func.sum(lowered - taken).label("amount"),
            func.sum(Remittance.fee_minor - Remittance.fee_returned_minor).label("fee"),
            func.coalesce(func.sum(Remittance.sent_minor - back).filter(is_done), 0).label("sent"),
            func.coalesce(func.sum(Remittance.to_send_minor).filter(waits), 0).label("waiting"),
            func.sum(Remittance.set_off_minor).label("set_off"),
            func.sum(owed).label("owed_back"),
        )
        .where(Remittance.participant_id == participant_id)
        .group_by(Remittance.collaboration_id, Remittance.currency)
        .order_by(Remittance.collaboration_id.desc())
        .limit(limit + 1)
    )
    since = position(after, int)
    if since is not None:
        query = query.where(Remittance.collaboration_id < since[0])
    rows = session.execute(query).all()
    ids = [row.collaboration_id for row in rows]
    deals = {
        deal.id: deal
        for deal in session.scalars(select(Collaboration).where(Collaboration.id.in_(ids)))
    }
    found = [
        OfDeal(
            deals[row.collaboration_id],
            row.currency,
            int(row.amount),
            int(row.fee),
            int(row.sent),
            int(row.waiting),
            int(row.set_off),
            int(row.owed_back),
        )
        for row in rows
    ]
    return paged(found, limit, lambda one: (one.collaboration.id,))

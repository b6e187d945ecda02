"""Taking back: what a payer was given back is taken off those to whom their money was sent on.

A refund or a chargeback at the gateway takes nothing from the seller's account there; the house
has to (Stripe, "separate charges and transfers").
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from models.payouts import Remittance, RemittanceState, TakingBack
from services import events, queue
from services.payouts.happened import TakingBackRefused

# What was set off never reached the account: it is owed from the first moment on.
NEVER_SENT = "never_sent"


def take_back(
    session: Session,
    payment_id: int,
    amount_minor: int,
    *,
    share_minor: int,
    key: str,
    reason: str,
    now: datetime,
) -> int:
    """Take so much of a charge back from whoever was sent it; what the instance gives of its fee.

    Up to `share_minor` comes from the organiser, if they were sent a share of it; the rest from
    whoever sold, less the fee that was kept of it. What was not sent yet is sent no more. For an
    act that happens once, and under the locks of the deal and of the payment; `key` names it.
    """
    remittances = _of_charge(session, payment_id)
    shared = [one for one in remittances if one.is_share]
    sold = [one for one in remittances if not one.is_share]
    from_share = min(share_minor, sum(one.left_minor for one in shared))
    fee_minor = _return_fee(sold, amount_minor - from_share)
    _take(session, shared, from_share, f"{key}:share", reason, now)
    _take(session, sold, amount_minor - from_share - fee_minor, f"{key}:sale", reason, now)
    return fee_minor


def _of_charge(session: Session, payment_id: int) -> Sequence[Remittance]:
    return session.scalars(
        select(Remittance)
        .filter_by(payment_id=payment_id, refund_id=None)
        .options(selectinload(Remittance.taken_back))
        # What is held back goes first: nothing of it has been sent.
        .order_by(Remittance.is_reserve.desc(), Remittance.id)
        .with_for_update(key_share=True, of=Remittance)
        .execution_options(populate_existing=True)
    ).all()


def _return_fee(sold: Sequence[Remittance], gross_minor: int) -> int:
    """How much of the fee goes with so much of what was sold, and note that it does.

    It is reckoned on all that went back so far, so that many small parts come to the same sum.
    """
    bearer = next((one for one in sold if one.fee_minor), None)
    if bearer is None:
        return 0
    left_minor = sum(one.left_minor for one in sold)
    left_fee_minor = bearer.fee_minor - bearer.fee_returned_minor
    left_gross_minor = left_minor + left_fee_minor
    if gross_minor >= left_gross_minor:
        fee_minor = left_fee_minor
    else:
        # Rounded down, so that what is left of the fee never passes its share.
        kept = -(-left_fee_minor * (left_gross_minor - gross_minor) // left_gross_minor)
        fee_minor = left_fee_minor - kept
    bearer.fee_returned_minor += fee_minor
    return fee_minor


def _take(
    session: Session,
    remittances: Sequence[Remittance],
    amount_minor: int,
    key: str,
    reason: str,
    now: datetime,
) -> None:
    wanted = []
    for one in remittances:
        part_minor = min(amount_minor, one.left_minor)
        amount_minor -= part_minor
        unsent_minor = one.to_send_minor if one.state == RemittanceState.WAITING else 0
        lowered_minor = min(part_minor, unsent_minor)
        if lowered_minor:
            one.lower(lowered_minor)
        # Beyond what was sent there is only what was set off: that is owed, and set off again.
        for place, back_minor in enumerate(_reversible_first(one, part_minor - lowered_minor)):
            if back_minor:
                wanted.append(
                    TakingBack(
                        remittance=one,
                        participant_id=one.participant_id,
                        key=f"{key}:{one.id}:{place}",
                        reason=reason,
                        amount_minor=back_minor,
                        refusal=NEVER_SENT if place else "",
                        wanted_at=now,
                    )
                )
    if amount_minor:
        raise ValueError("More is taken back than was sent on.")
    session.add_all(wanted)
    session.flush()
    for debt in wanted:
        if debt.refusal:
            owed = TakingBackRefused(
                participant_id=debt.participant_id,
                collaboration_id=debt.remittance.collaboration_id,
                amount_minor=debt.amount_minor,
                reason=debt.refusal,
            )
            events.record(session, owed, now=now)
    queue.defer_many(session, "payouts.reverse", [{"taking_back_id": one.id} for one in wanted])


def _reversible_first(remittance: Remittance, amount_minor: int) -> tuple[int, int]:
    """What of it the gateway can reverse, and what was never sent, as it was set off."""
    back_minor = sum(one.amount_minor for one in remittance.taken_back)
    reversible_minor = max(0, remittance.sent_minor - back_minor)
    first_minor = min(amount_minor, reversible_minor)
    return first_minor, amount_minor - first_minor

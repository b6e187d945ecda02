"""Standing again: units became free for someone who was left out, and their payment counts anew."""

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.payments import GatewayCustomer, Payment


def able_to_stand_again(session: Session, commitment_ids: Collection[int]) -> set[int]:
    """Which of these commitments can still be paid as was promised.

    Whoever pays from hand to hand can; by card it takes the very card that was promised, while
    its holder still keeps it here.
    """
    return {payment.commitment_id for payment in _able(session, commitment_ids)}


def stand_again(session: Session, commitment_ids: Collection[int]) -> None:
    """Let the payments of these commitments stand again. The caller holds the deal's lock."""
    session.flush()
    for payment in list(_able(session, commitment_ids)):
        payment.stand_again()


def _able(session: Session, commitment_ids: Collection[int]) -> Iterator[Payment]:
    found = session.execute(
        select(Payment, GatewayCustomer.payment_method_key)
        .outerjoin(GatewayCustomer, GatewayCustomer.participant_id == Payment.participant_id)
        .where(Payment.commitment_id.in_(commitment_ids))
        .order_by(Payment.id)
        .with_for_update(key_share=True, of=Payment)
        .execution_options(populate_existing=True)
    )
    for payment, saved_card in found:
        if payment.can_stand_again(saved_card or ""):
            yield payment

"""Standing again: units became free for someone who was left out, and their payment counts anew."""

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from models.payments import Payment
from services.payments import wallets
from services.payments.locking import locked_payments


def able_to_stand_again(session: Session, commitment_ids: Collection[int]) -> set[int]:
    """Which of these commitments can still be paid as was promised.

    Whoever pays from hand to hand can; by card it takes the very card that was promised, while
    its holder still keeps it here. It stays so until the end of the transaction: the cards are
    locked after the payments, and whoever locks accounts too does so afterwards.
    """
    return {payment.commitment_id for payment in _able(session, commitment_ids)}


def stand_again(session: Session, commitment_ids: Collection[int]) -> None:
    """Let the payments of these commitments stand again.

    The caller holds the deal's lock, and those that `able_to_stand_again` takes.
    """
    for payment in _able(session, commitment_ids):
        payment.stand_again()


def _able(session: Session, commitment_ids: Collection[int]) -> Sequence[Payment]:
    if not commitment_ids:
        return []
    found = locked_payments(session, commitment_ids)
    cards = wallets.locked_cards(session, [one.participant_id for one in found if one.is_by_card])
    return [one for one in found if one.can_stand_again(cards.get(one.participant_id, ""))]

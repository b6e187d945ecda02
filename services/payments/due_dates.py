"""Due dates: by when what is decided has to be paid, whichever way it is paid."""

from datetime import datetime, timedelta

from models.buying import PickupPoint
from models.collaborations import Collaboration, Commitment, State
from models.payments import BankAccount, Payment

# What a card still has to bring, unless it is charged only once the goods have come.
_BY_CARD = (*Payment.UNDER_WAY, *Payment.UNPAID)


def pay_by_at(
    commitment: Commitment,
    payment: Payment | None,
    collaboration: Collaboration,
    *,
    collect_until_at: datetime | None,
    account: BankAccount | None,
    pickup_point: PickupPoint | None,
) -> datetime | None:
    """By when a commitment has to be paid; None while nothing is owed or nobody set a day.

    By card it is the end of the collecting, by transfer the day the organiser set, else the
    moment until which the goods are handed over. A card that is charged after the delivery by
    itself needs nobody to think of a day.
    """
    is_owed = commitment.state in Commitment.TAKING_PART and commitment.due_minor > 0
    if payment is None or not is_owed:
        return None
    at_pickup = pickup_point.until_at if pickup_point is not None else None
    if payment.state in _BY_CARD:
        if collaboration.state == State.COLLECTING:
            return collect_until_at
        return at_pickup if payment.state in Payment.UNPAID else None
    if payment.state not in Payment.FROM_HAND_TO_HAND:
        return None
    if account is not None and collaboration.state in Collaboration.PAYABLE:
        return transfer_until_at(collaboration, collect_until_at, account)
    return at_pickup


def transfer_until_at(
    collaboration: Collaboration, collect_until_at: datetime | None, account: BankAccount
) -> datetime:
    """By when a transfer is due: so many days after all was decided, collected and told."""
    # A pause can put the decision off long beyond the close.
    decided_at = collect_until_at or collaboration.decided_at or collaboration.closes_at
    return max(decided_at, account.made_at) + timedelta(days=account.due_days)

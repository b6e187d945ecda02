"""Keys of the books: what is booked for a commitment or a payment is named after it, here alone.

A key makes its transfer happen once; by it, too, the transfers of a commitment are found.
"""

from sqlalchemy import BigInteger, ColumnElement, cast, func

from models.ledger import Transfer
from models.payments import Refund

_COMMITMENT = "commitment:"


def booking_key(commitment_id: int, step: str) -> str:
    """Under which it is booked that a commitment owes more or less since `step`."""
    return f"{_COMMITMENT}{commitment_id}:{step}"


def is_booking(commitment_id: int | None = None) -> ColumnElement[bool]:
    """Whether a transfer is booked under such a key: for this commitment, or for any."""
    return Transfer.key.startswith(
        _COMMITMENT if commitment_id is None else booking_key(commitment_id, "")
    )


def booked_for() -> ColumnElement[int]:
    """The id of the commitment that such a transfer is booked for."""
    return cast(func.split_part(Transfer.key, ":", 2), BigInteger)


def charge_key(intent_key: str, step: str) -> str:
    """Under which it is booked what came of a charge."""
    return f"intent:{intent_key}:{step}"


def payment_key(payment_id: int, step: str) -> str:
    """Under which it is booked what came of a payment without the gateway."""
    return f"payment:{payment_id}:{step}"


def receipt_keys(refund: Refund) -> list[str]:
    """Under which the money that a refund gives back came in, if it came at once."""
    if refund.intent_key:
        return [charge_key(refund.intent_key, "received")]
    return [payment_key(refund.payment_id, step) for step in ("received", "transferred")]

"""Acts with the gateway about chargebacks: each call stands between two transactions."""

from marketplace import db
from marketplace.payments.gateway import gateway
from services import chargebacks, payments
from services.chargebacks.arriving import BankNews


def send_answer(chargeback_id: int) -> None:
    """Tell the bank, and take in what it says to that."""
    with db.transaction() as session:
        call = chargebacks.begin_answer(session, chargeback_id)
    if call is None:
        return
    was_taken = chargebacks.send_answer(gateway(), call)
    told = chargebacks.read(gateway(), call.chargeback_key)
    if told is not None:
        take_in(told)
    if not was_taken:
        with db.transaction() as session:
            chargebacks.record_refusal(session, chargeback_id, now=db.now(session))


def take_in(told: BankNews) -> None:
    """Take in what a bank says of a charge: first how the charge stands, then the chargeback."""
    with db.transaction() as session:
        payments.take_in(session, told.charge, now=db.now(session))
    with db.transaction() as session:
        chargebacks.take_in(session, told, now=db.now(session))


def hear_of(intent_key: str) -> None:
    """Take in all that banks ask about a charge, where no message told of it."""
    for told in chargebacks.read_of_charge(gateway(), intent_key):
        take_in(told)

"""Acts with the gateway for those who are paid: each call stands between two transactions."""

from marketplace import db
from marketplace.chargebacks.acts import hear_of
from marketplace.payments.gateway import gateway
from models.actors import Actor
from services import payouts
from services.gateways.answers import UnknownToGateway


def remit(remittance_id: int) -> None:
    """Send on what is owed of a charge."""
    with db.transaction() as session:
        call = payouts.begin_remittance(session, remittance_id, now=db.now(session))
    if call is None:
        return
    answer = payouts.send_remittance(gateway(), call)
    with db.transaction() as session:
        payouts.record_remittance(session, call, answer, now=db.now(session))
    if isinstance(answer, payouts.Refusal) and answer.is_questioned:
        # No message told of it, and after a month the gateway's list does not either.
        hear_of(call.intent_key)


def reverse(taking_back_id: int) -> None:
    """Ask back what was sent on and is not owed any more."""
    with db.transaction() as session:
        call = payouts.begin_reversal(session, taking_back_id, now=db.now(session))
    if call is None:
        return
    answer = payouts.send_reversal(gateway(), call)
    with db.transaction() as session:
        payouts.record_reversal(session, call, answer, now=db.now(session))


def account_key(actor: Actor, country: str, currency: str) -> str:
    """The account of whom the actor acts as, opened at the gateway if there is none yet."""
    with db.transaction() as session:
        wanted = payouts.opening(actor, country=country, currency=currency)
        known = payouts.account_of(session, wanted.participant_id)
        known_key = known.account_key if known is not None else ""
    if known_key:
        return known_key
    made = payouts.open_account(gateway(), wanted)
    with db.transaction() as session:
        kept = payouts.keep_account(session, wanted.participant_id, made, now=db.now(session))
        return kept.account_key


def look_at(participant_id: int, key: str) -> None:
    """Read how an account stands at the gateway; one that it does not know is forgotten."""
    try:
        seen = gateway().read_account(key)
    except UnknownToGateway:
        with db.transaction() as session:
            payouts.forget_account(session, participant_id, key)
        return
    with db.transaction() as session:
        payouts.take_in_account(session, seen, now=db.now(session))


def look_after() -> None:
    """Look at the accounts that lack something, in case the gateway's messages never came."""
    with db.transaction() as session:
        unready = payouts.to_look_after(session, now=db.now(session))
    for participant_id, key in unready:
        look_at(participant_id, key)

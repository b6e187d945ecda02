"""Billing: what a document says of seller and buyer, and the name and address they want on it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.base import Json
from models.errors import NotAllowed
from models.participants import Participant
from models.words import N_
from services.participants.profiles import TRADER_DETAILS


class MayNotBill(NotAllowed):
    code = "may-not-bill"
    message = N_("Only owners and managers say where the invoices of an organisation go.")


def billed(
    session: Session, participant_id: int, *, actor: Actor, lock: bool = False
) -> Participant:
    """Whose documents bear what they asked for; refuses with MayNotBill who may not say it."""
    if not actor.may_manage(participant_id):
        raise MayNotBill
    query = select(Participant).where(Participant.id == participant_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return session.scalars(query).one()


def bill_to(
    session: Session, participant_id: int, *, name: str, address: str, actor: Actor
) -> Participant:
    """Name and address for later documents to, and of, a participant; "" for as they are here.

    Documents that are issued stay as they are. Refuses with MayNotBill.
    """
    participant = billed(session, participant_id, actor=actor, lock=True)
    participant.billing_name, participant.billing_address = name, address
    session.flush()
    return participant


def details(participant: Participant) -> Json:
    """Who somebody is on a document that is issued now; "" for what they do not state."""
    stated = {name: participant.trader_details.get(name, "") for name in TRADER_DETAILS}
    legal_name = stated.pop("legal_name")
    address = stated.pop("address")
    return {
        "name": participant.billing_name or legal_name or participant.name,
        "address": participant.billing_address or address,
        **stated,
    }

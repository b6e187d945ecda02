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


def bill_to(
    session: Session, participant_id: int, *, name: str, address: str, actor: Actor
) -> None:
    """Name and address for later documents to, and of, a participant; "" for as they are here.

    Documents that are issued stay as they are. Refuses with MayNotBill.
    """
    if not actor.may_manage(participant_id):
        raise MayNotBill
    participant = session.scalars(
        select(Participant)
        .where(Participant.id == participant_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    participant.billing_name, participant.billing_address = name, address
    session.flush()


def details(participant: Participant) -> Json:
    """Who somebody is on a document that is issued now, by what they state and asked for."""
    stated = {name: participant.trader_details.get(name, "") for name in TRADER_DETAILS}
    legal_name = stated.pop("legal_name")
    address = stated.pop("address")
    return {
        "name": participant.billing_name or legal_name or participant.name,
        "address": participant.billing_address or address,
        **{name: value for name, value in stated.items() if value},
    }

"""Own debts: whoever owes something does not say alone that it came."""

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import Commitment
from models.errors import NotAllowed
from models.participants import Participant
from models.words import N_


class OwnReceipt(NotAllowed):
    code = "own-receipt"
    message = N_(
        "You owe this yourself, or somebody you act for does. Another organiser has to say that "
        "it came."
    )


def owes(payer: Participant, actor: Actor) -> bool:
    """Whether a debt of `payer` is the member's own: theirs, an organisation's, their guest's."""
    person, keeper_id = actor.in_person, payer.kept_by_id
    return person.may_act_for(payer.id) or (keeper_id is not None and person.may_act_for(keeper_id))


def may_receive(deal: GroupBuy, commitment: Commitment, actor: Actor) -> bool:
    """Whether the debt is somebody else's, or `actor` runs whoever takes the money or is paid."""
    takers = (deal.organiser_id, (deal.seller or deal.organiser).id)
    is_taker = any(actor.in_person.may_manage(one) for one in takers)
    return is_taker or not owes(commitment.participant, actor)

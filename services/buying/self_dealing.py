"""Self-dealing: whoever sells must not make their own offer tip."""

from models.actors import Actor
from models.buying import GroupBuy, Payee
from models.errors import NotAllowed
from models.participants import Participant
from models.words import N_


class SelfDealing(NotAllowed):
    code = "self-dealing"
    message = N_("The supplier cannot order in their own group buy: it would tip by itself.")


def guard_self_dealing(group_buy: GroupBuy, actor: Actor, buyer: Participant) -> None:
    """Refuse with SelfDealing the supplier, and a trader who organises and is paid.

    Nor does whoever runs either of them order there in person. A neighbour who organises and is
    paid orders like everyone.
    """
    if _is_or_runs(group_buy.supplier_id, actor, buyer):
        raise SelfDealing
    # Whether they are a trader is read last: it is asked of hardly anybody who joins.
    is_paid = group_buy.payee == Payee.ORGANISER
    if (
        is_paid
        and _is_or_runs(group_buy.organiser_id, actor, buyer)
        and group_buy.organiser.is_trader
    ):
        raise SelfDealing


def _is_or_runs(seller_id: int | None, actor: Actor, buyer: Participant) -> bool:
    if seller_id is None:
        return False
    is_in_person = buyer.id == actor.member.participant_id
    return buyer.id == seller_id or (is_in_person and actor.may_manage(seller_id))

"""Self-dealing: whoever sells must not make their own offer tip."""

from models.actors import Actor, AnyParticipant
from models.buying import Payee
from models.errors import NotAllowed
from models.participants import ParticipantKind
from models.words import N_
from services.buying.stock import Dealt


class SelfDealing(NotAllowed):
    code = "self-dealing"
    message = N_("The supplier cannot order in their own group buy: it would tip by itself.")


class GuestsOfSeller(NotAllowed):
    code = "guests-of-the-seller"
    message = N_(
        "Whoever sells cannot take orders for guests: nobody could tell whether they exist, and "
        "it would tip by itself. Please let them order themselves."
    )


def guard_self_dealing(group_buy: Dealt, actor: Actor, buyer: AnyParticipant) -> None:
    """Refuse with SelfDealing the supplier, and a trader who organises and is paid.

    Nor does whoever runs either of them order there: in person, for any organisation, or, which is
    refused with GuestsOfSeller, for guests. A neighbour who organises and is paid orders like
    everyone.
    """
    if buyer.kind == ParticipantKind.GUEST:
        if not may_order_for_guests(group_buy, actor):
            raise GuestsOfSeller
        return
    if _is_or_runs(group_buy.supplier_id, actor, buyer):
        raise SelfDealing
    # Whether they are a trader is read last: it is asked of hardly anybody who joins.
    is_paid = group_buy.payee == Payee.ORGANISER
    if (
        is_paid
        and _is_or_runs(group_buy.organiser_id, actor, buyer)
        and group_buy.is_sold_by_trader
    ):
        raise SelfDealing


def may_order_for_guests(group_buy: Dealt, actor: Actor) -> bool:
    """Whether neither `actor` nor the organiser, who keeps the guests, sells here."""
    supplier_id = group_buy.supplier_id
    if supplier_id is not None and (
        supplier_id == group_buy.organiser_id or actor.in_person.may_manage(supplier_id)
    ):
        return False
    return group_buy.payee != Payee.ORGANISER or not group_buy.is_sold_by_trader


def _is_or_runs(seller_id: int | None, actor: Actor, buyer: AnyParticipant) -> bool:
    if seller_id is None:
        return False
    return buyer.id == seller_id or actor.in_person.may_manage(seller_id)

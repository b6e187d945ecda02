"""Guests: orders taken for people without e-mail, by those who organise; paid when fetched."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment, PaymentMethod
from models.collaborations import Commitment, NotTheOrganiser
from models.errors import Invalid, NotFound
from models.participants import Participant, ParticipantKind
from models.words import N_
from services.buying import changing, finding, ordering
from services.buying.orders import Order
from services.buying.self_dealing import may_order_for_guests
from services.participants import naming


class NotAtPickup(Invalid):
    code = "not-at-pickup"
    message = N_(
        "Guests pay when they fetch their goods, and this group buy is paid by card alone."
    )


def may_be_ordered_for(group_buy: GroupBuy, actor: Actor) -> bool:
    """Whether `actor` may take orders for guests here: those who sell may not."""
    return group_buy.is_organised_by(actor) and may_order_for_guests(group_buy, actor)


def kept(session: Session, group_buy: GroupBuy, *, actor: Actor) -> Sequence[Participant]:
    """The guests that the organiser keeps, by name, from earlier group buys too.

    Who helps with this one alone sees its own guests.
    """
    return session.scalars(
        _kept(group_buy, actor).order_by(Participant.name_key, Participant.id)
    ).all()


def find(session: Session, group_buy: GroupBuy, guest_id: int, *, actor: Actor) -> Participant:
    """One of the guests that `kept` gives; refuses with NotFound."""
    guest = session.scalar(_kept(group_buy, actor).where(Participant.id == guest_id))
    if guest is None:
        raise NotFound
    return guest


def may_see_contacts(group_buy: GroupBuy, actor: Actor) -> bool:
    """Whether `actor` may read how guests are reached: they told it to the organiser."""
    return actor.may_manage(group_buy.organiser_id)


def _kept(group_buy: GroupBuy, actor: Actor) -> Select[Participant]:
    query = select(Participant).where(
        Participant.kept_by_id == group_buy.organiser_id,
        Participant.kind == ParticipantKind.GUEST,
        Participant.erased_at.is_(None),
    )
    if actor.may_manage(group_buy.organiser_id):
        return query
    ordered_here = exists().where(
        Commitment.collaboration_id == group_buy.id, Commitment.participant_id == Participant.id
    )
    return query.where(ordered_here)


def add(
    session: Session, group_buy: GroupBuy, name: str, note: str = "", *, actor: Actor, now: datetime
) -> Participant:
    """A guest whom the organiser keeps; `note` is how to reach them, for those who organise."""
    _guard(group_buy, actor)
    guest = naming.make(
        session,
        name,
        kind=ParticipantKind.GUEST,
        lang=group_buy.lang,
        kept_by_id=group_buy.organiser_id,
        now=now,
    )
    guest.about = note
    return guest


def order(
    session: Session,
    group_buy: GroupBuy,
    guest: Participant,
    wanted: Order,
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Order for a guest, to be paid when fetched; the commitment's id.

    The caller holds the lock. Refuses with NotTheOrganiser, NotAtPickup, GuestsOfSeller, with
    NotFound a guest of somebody else, and as `join` does.
    """
    _guard(group_buy, actor)
    if guest.kept_by_id != group_buy.organiser_id:
        raise NotFound
    if not group_buy.at_pickup or wanted.payment_method != PaymentMethod.AT_PICKUP:
        raise NotAtPickup
    return ordering.join(session, group_buy, wanted, actor=actor, participant=guest, now=now)


def change(
    session: Session,
    group_buy: GroupBuy,
    commitment: GroupBuyCommitment,
    wanted: Order,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Change what a guest ordered; refuses as `change` does for members."""
    _guard_guest(group_buy, commitment, actor)
    changing.change(session, group_buy, commitment, wanted, actor=actor, now=now)


def withdraw(
    session: Session,
    group_buy: GroupBuy,
    commitment: GroupBuyCommitment,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Take a guest's order back, by the declared policy that holds for everyone."""
    _guard_guest(group_buy, commitment, actor)
    changing.withdraw(session, group_buy, commitment, actor=actor, now=now)


def commitment(
    session: Session, group_buy: GroupBuy, commitment_id: int, *, actor: Actor
) -> GroupBuyCommitment:
    """The order of a guest; refuses with NotFound those of members, who run theirs themselves."""
    found = finding.commitment_in(session, group_buy, commitment_id, actor=actor)
    if found.participant.kind != ParticipantKind.GUEST:
        raise NotFound
    return found


def _guard(group_buy: GroupBuy, actor: Actor) -> None:
    if not group_buy.is_organised_by(actor):
        raise NotTheOrganiser


def _guard_guest(group_buy: GroupBuy, found: GroupBuyCommitment, actor: Actor) -> None:
    _guard(group_buy, actor)
    if found.participant.kept_by_id != group_buy.organiser_id:
        raise NotFound

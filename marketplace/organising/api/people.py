"""People: who takes part, who runs it too, for whom it is, and orders taken for guests."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.api import (
    PageQuery,
    answer_page,
    idempotent,
    page_of,
    scope_required,
)
from marketplace.buying.given import guest_order_from
from marketplace.buying.promises import CommitmentOut, shown_commitment
from marketplace.look_ups import look_up_counted
from marketplace.organising.api.answers import (
    CoOrganiserOut,
    GuestOut,
    NamedGuestOut,
    PersonOut,
    shown_person,
)
from marketplace.organising.api.blueprint import ONE, bp, organised
from marketplace.organising.api.schemas import (
    CoOrganiserIn,
    GuestOrderChange,
    GuestOrderIn,
    NamedGuestIn,
)
from marketplace.schemas import Nothing
from models.collaborations import CoOrganiser
from models.members import Scope
from models.participants import Participant
from services import buying
from services.buying import co_organising, guests, inviting, roll
from services.buying.held_back import held_back

ONE_GUEST_ORDER = f"{ONE}/guest-orders/<id:commitment_id>"


@bp.get(f"{ONE}/commitments")
@scope_required(Scope.ORGANISING)
@bp.arguments(PageQuery, location="query")
@bp.response(200, page_of(PersonOut))
def people(query: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """List who takes part or waits, by name, with what each one gets."""
    session = db.session()
    group_buy = organised(session, group_buy_id)
    page = roll.people(
        session, group_buy, with_lines=True, after=query.get("after"), limit=query["limit"]
    )
    held = held_back(session, group_buy)
    return answer_page(
        page.map(lambda one: shown_person(one, group_buy.currency, held.get(one.commitment.id)))
    )


@bp.get(f"{ONE}/co-organisers")
@scope_required(Scope.ORGANISING)
@bp.response(200, CoOrganiserOut(many=True))
def co_organisers(group_buy_id: int) -> Sequence[CoOrganiser]:
    """List the members who run it too, or are asked to."""
    session = db.session()
    return inviting.co_organisers(session, organised(session, group_buy_id))


@bp.post(f"{ONE}/co-organisers")
@scope_required(Scope.ORGANISING)
@look_up_counted
@bp.arguments(CoOrganiserIn)
@idempotent
@bp.response(201, CoOrganiserOut)
def add_co_organiser(session: Session, given: dict[str, Any], group_buy_id: int) -> CoOrganiser:
    """Ask the member with this address to run it too; until they accept, they do not."""
    group_buy = organised(session, group_buy_id, lock=True)
    member = inviting.ask_co_organiser(
        session, group_buy, given["email"], actor=auth.signed_in_actor(), now=db.now(session)
    )
    every = inviting.co_organisers(session, group_buy)
    return next(one for one in every if one.member_id == member.id)


@bp.delete(f"{ONE}/co-organisers/<id:member_id>")
@scope_required(Scope.ORGANISING)
@bp.response(204)
def remove_co_organiser(group_buy_id: int, member_id: int) -> None:
    """Let a member run it no longer, or ask them no longer."""
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        inviting.remove_co_organiser(session, group_buy, member_id, actor=auth.signed_in_actor())


@bp.post(f"{ONE}/co-organising/acceptance")
@scope_required(Scope.ORGANISING, in_person=True)
@bp.arguments(Nothing)
@idempotent
@bp.response(204)
def accept_co_organising(session: Session, _given: dict[str, Any], group_buy_id: int) -> None:
    """Run it too, as you were asked to."""
    actor = auth.signed_in_actor()
    group_buy = co_organising.asked(session, group_buy_id, actor=actor, lock=True)
    co_organising.accept(session, group_buy, actor=actor, now=db.now(session))


@bp.post(f"{ONE}/co-organising/refusal")
@scope_required(Scope.ORGANISING, in_person=True)
@bp.arguments(Nothing)
@idempotent
@bp.response(204)
def decline_co_organising(session: Session, _given: dict[str, Any], group_buy_id: int) -> None:
    """Decline to run it."""
    actor = auth.signed_in_actor()
    group_buy = co_organising.asked(session, group_buy_id, actor=actor, lock=True)
    co_organising.decline(session, group_buy, actor=actor, now=db.now(session))


@bp.get(f"{ONE}/named-guests")
@scope_required(Scope.ORGANISING)
@bp.response(200, NamedGuestOut(many=True))
def named_guests(group_buy_id: int) -> Sequence[Participant]:
    """List for whom it is, if it is not public."""
    session = db.session()
    return inviting.named_guests(session, organised(session, group_buy_id))


@bp.post(f"{ONE}/named-guests")
@scope_required(Scope.ORGANISING)
@look_up_counted
@bp.arguments(NamedGuestIn)
@idempotent
@bp.response(201, NamedGuestOut)
def name_guest(session: Session, given: dict[str, Any], group_buy_id: int) -> Participant:
    """Put someone on the list."""
    group_buy = organised(session, group_buy_id, lock=True)
    return inviting.name_guest(
        session, group_buy, given["who"], actor=auth.signed_in_actor(), now=db.now(session)
    )


@bp.delete(f"{ONE}/named-guests/<id:participant_id>")
@scope_required(Scope.ORGANISING)
@bp.response(204)
def unname_guest(group_buy_id: int, participant_id: int) -> None:
    """Take someone off the list; what they joined stays."""
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        inviting.unname_guest(session, group_buy, participant_id)


@bp.get(f"{ONE}/guests")
@scope_required(Scope.ORGANISING)
@bp.response(200, GuestOut(many=True))
def known_guests(group_buy_id: int) -> list[dict[str, Any]]:
    """List the people without e-mail whom the organiser keeps; for who helps, those of this one."""
    session, actor = db.session(), auth.signed_in_actor()
    group_buy = organised(session, group_buy_id)
    may_see = guests.may_see_contacts(group_buy, actor)
    return [
        {"id": one.id, "name": one.name, "contact": one.about if may_see else ""}
        for one in guests.kept(session, group_buy, actor=actor)
    ]


@bp.post(f"{ONE}/guest-orders")
@scope_required(Scope.ORGANISING)
@bp.arguments(GuestOrderIn)
@idempotent
@bp.response(201, CommitmentOut)
def order_for_guest(session: Session, given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Order for someone without e-mail, to be paid when fetched."""
    actor, group_buy = auth.signed_in_actor(), organised(session, group_buy_id, lock=True)
    now = db.now(session)
    guest = (
        guests.add(session, group_buy, given["name"], given["contact"], actor=actor, now=now)
        if given["guest"] is None
        else guests.find(session, group_buy, given["guest"], actor=actor)
    )
    order = guest_order_from(given, group_buy.currency)
    made = guests.order(session, group_buy, guest, order, actor=actor, now=now)
    return shown_commitment(buying.own(session, made), group_buy)


@bp.put(ONE_GUEST_ORDER)
@scope_required(Scope.ORGANISING)
@bp.arguments(GuestOrderChange)
@bp.response(200, CommitmentOut)
def change_guest_order(
    given: dict[str, Any], group_buy_id: int, commitment_id: int
) -> dict[str, Any]:
    """Replace what was ordered for a guest."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        commitment = guests.commitment(session, group_buy, commitment_id, actor=actor)
        order = guest_order_from(given, group_buy.currency)
        guests.change(session, group_buy, commitment, order, actor=actor, now=db.now(session))
        return shown_commitment(buying.own(session, commitment_id), group_buy)


@bp.post(f"{ONE_GUEST_ORDER}/withdrawal")
@scope_required(Scope.ORGANISING)
@bp.arguments(Nothing)
@idempotent
@bp.response(200, CommitmentOut)
def withdraw_guest_order(
    session: Session, _given: dict[str, Any], group_buy_id: int, commitment_id: int
) -> dict[str, Any]:
    """Take a guest's order back, by the policy that holds for everyone."""
    actor = auth.signed_in_actor()
    group_buy = organised(session, group_buy_id, lock=True)
    commitment = guests.commitment(session, group_buy, commitment_id, actor=actor)
    guests.withdraw(session, group_buy, commitment, actor=actor, now=db.now(session))
    return shown_commitment(buying.own(session, commitment_id), group_buy)

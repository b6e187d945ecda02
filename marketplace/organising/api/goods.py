"""Goods: the order to the supplier, what came of it, weights, crates and the hand-over."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.api import idempotent, scope_required
from marketplace.buying.answers import GroupBuyDetailOut
from marketplace.buying.whole import whole
from marketplace.organising import ordering
from marketplace.organising.api.blueprint import ONE, bp, organised
from marketplace.organising.api.goods_answers import (
    DeliveryOut,
    OrderLineOut,
    shown_delivery,
    shown_order_line,
)
from marketplace.organising.api.schemas import DeliveryIn, FinalIn, PackedIn, WeightsIn
from marketplace.organising.schemas import Completion, HandOver
from marketplace.schemas import Nothing
from models.members import Scope
from services import buying, payments
from services.buying import delivering, handing_over

CRATE = f"{ONE}/crates/<id:commitment_id>"


@bp.get(f"{ONE}/order")
@scope_required(Scope.ORGANISING)
@bp.response(200, OrderLineOut(many=True))
def order(group_buy_id: int) -> list[dict[str, Any]]:
    """List what goes to the supplier."""
    session = db.session()
    group_buy = organised(session, group_buy_id)
    ordering.guard_decided(group_buy)
    return [
        shown_order_line(line, group_buy.currency) for line in ordering.lines_of(session, group_buy)
    ]


@bp.post(f"{ONE}/order")
@scope_required(Scope.ORGANISING)
@bp.arguments(Nothing)
@idempotent
@bp.response(200, GroupBuyDetailOut)
def mark_ordered(session: Session, _given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Say that the order went to the supplier."""
    return _done(session, group_buy_id, buying.mark_ordered)


@bp.post(f"{ONE}/delivery-preview")
@scope_required(Scope.ORGANISING)
@bp.arguments(DeliveryIn)
@bp.response(200, DeliveryOut)
def preview_delivery(given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Show what a count of the delivery would mean; nothing is kept."""
    session = db.session()
    group_buy = organised(session, group_buy_id)
    meant = delivering.preview(session, group_buy, _counted(given))
    return shown_delivery(meant, group_buy.currency)


@bp.post(f"{ONE}/delivery")
@scope_required(Scope.ORGANISING)
@bp.arguments(DeliveryIn)
@idempotent
@bp.response(200, GroupBuyDetailOut)
def deliver(session: Session, given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Share out what came; what is missing is given back by the declared rule."""
    group_buy = organised(session, group_buy_id, lock=True)
    buying.deliver(
        session, group_buy, _counted(given), actor=auth.signed_in_actor(), now=db.now(session)
    )
    return whole(session, group_buy_id)


@bp.put(f"{ONE}/weights")
@scope_required(Scope.ORGANISING)
@bp.arguments(WeightsIn)
@bp.response(204)
def weigh(given: dict[str, Any], group_buy_id: int) -> None:
    """Write down what portions weigh; those not named stay as they are."""
    with db.transaction() as session:
        grams = {one["line"]: one["grams"] for one in given["weights"]}
        buying.weigh(session, organised(session, group_buy_id, lock=True), grams)


@bp.post(f"{ONE}/weights/final")
@scope_required(Scope.ORGANISING)
@bp.arguments(FinalIn)
@idempotent
@bp.response(200, GroupBuyDetailOut)
def make_final(session: Session, given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Let everyone pay for what they get; weights do not change any more."""
    return _done(session, group_buy_id, buying.make_final, rest_as_ordered=given["rest_as_ordered"])


@bp.put(CRATE)
@scope_required(Scope.ORGANISING)
@bp.arguments(PackedIn)
@bp.response(204)
def tick_crate(given: dict[str, Any], group_buy_id: int, commitment_id: int) -> None:
    """Say that all of a commitment's goods are packed, or that they are not."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        commitment = buying.commitment_in(session, group_buy, commitment_id, actor=actor)
        buying.mark_packed(
            session, group_buy, commitment, is_packed=given["packed"], now=db.now(session)
        )


@bp.put(f"{ONE}/crate-lines/<id:line_id>")
@scope_required(Scope.ORGANISING)
@bp.arguments(PackedIn)
@bp.response(204)
def tick_line(given: dict[str, Any], group_buy_id: int, line_id: int) -> None:
    """Say that one article of a crate is packed, or that it is not."""
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        handing_over.mark_line_packed(
            session, group_buy, line_id, is_packed=given["packed"], now=db.now(session)
        )


@bp.post(f"{ONE}/hand-over")
@scope_required(Scope.ORGANISING)
@bp.arguments(Nothing)
@idempotent
@bp.response(200, GroupBuyDetailOut)
def begin_hand_over(session: Session, _given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Tell everyone that their goods can be fetched."""
    return _done(session, group_buy_id, buying.begin_hand_over)


@bp.post(f"{CRATE}/hand-over")
@scope_required(Scope.ORGANISING)
@bp.arguments(HandOver)
@idempotent
@bp.response(204)
def hand_over(
    session: Session, given: dict[str, Any], group_buy_id: int, commitment_id: int
) -> None:
    """Tick off a commitment whose goods were fetched, and the cash that came with it."""
    actor, group_buy = auth.signed_in_actor(), organised(session, group_buy_id, lock=True)
    commitment = buying.commitment_in(session, group_buy, commitment_id, actor=actor)
    now = db.now(session)
    buying.hand_over(session, group_buy, commitment, actor=actor, now=now)
    if given["with_cash"]:
        payments.confirm_received(session, commitment_id, actor=actor, now=now)


@bp.delete(f"{CRATE}/hand-over")
@scope_required(Scope.ORGANISING)
@bp.response(204)
def undo_hand_over(group_buy_id: int, commitment_id: int) -> None:
    """Take back a tick that was a mistake; cash that was confirmed with it stays confirmed."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        commitment = buying.commitment_in(session, group_buy, commitment_id, actor=actor)
        buying.undo_hand_over(session, group_buy, commitment, actor=actor, now=db.now(session))


@bp.post(f"{ONE}/completion")
@scope_required(Scope.ORGANISING)
@bp.arguments(Completion)
@idempotent
@bp.response(200, GroupBuyDetailOut)
def complete(session: Session, given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """End the hand-over; `unclaimed` says what became of goods that nobody fetched."""
    return _done(session, group_buy_id, buying.complete, unclaimed=given["unclaimed"])


def _done(
    session: Session, group_buy_id: int, act: Callable[..., None], **said: Any
) -> dict[str, Any]:
    group_buy = organised(session, group_buy_id, lock=True)
    act(session, group_buy, **said, actor=auth.signed_in_actor(), now=db.now(session))
    return whole(session, group_buy_id)


def _counted(given: dict[str, Any]) -> dict[int, int]:
    return {one["article"]: one["units"] for one in given["articles"]}

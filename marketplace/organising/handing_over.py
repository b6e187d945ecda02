"""The hand-over list: goods are ticked off, and the cash that comes with them."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from marketplace import auth, db, errors
from marketplace.auth import member_required
from marketplace.forms import Form
from marketplace.organising.blueprint import bp, organised
from marketplace.organising.schemas import HandOver
from marketplace.returning import came_from
from models.buying import GroupBuy, GroupBuyCommitment, Stage
from models.collaborations import Commitment, State
from models.errors import Conflict
from models.words import N_
from services import buying, chargebacks, payments
from services.buying import cash_back, roll
from services.buying.delivering import NotAtThisStage
from services.buying.held_back import held_back, whole
from services.payments.own_debts import may_receive


@bp.get("/group-buys/<slug>/desk/hand-over")
@member_required
def handing_over(slug: str) -> str:
    return _page(slug)


@bp.post("/group-buys/<slug>/desk/hand-over/<int:commitment_id>")
@member_required
def hand_over(slug: str, commitment_id: int) -> ResponseReturnValue:
    """Tick off an order, and with it what was paid for it in cash; a second tick is told so."""
    form = Form.sent(HandOver)

    def act(session: Session, group_buy: GroupBuy, order: GroupBuyCommitment) -> None:
        actor, now = auth.signed_in_actor(), db.now(session)
        buying.hand_over(session, group_buy, order, actor=actor, now=now)
        if form.fields.get("with_cash"):
            payments.confirm_received(session, order.id, actor=actor, now=now)

    return _acted(slug, commitment_id, act, N_("%(name)s has received the goods."))


@bp.post("/group-buys/<slug>/desk/hand-over/<int:commitment_id>/removal")
@member_required
def undo_hand_over(slug: str, commitment_id: int) -> ResponseReturnValue:
    """Take a tick back that was a mistake; what was said of the money stays said."""

    def act(session: Session, group_buy: GroupBuy, order: GroupBuyCommitment) -> None:
        actor, now = auth.signed_in_actor(), db.now(session)
        buying.undo_hand_over(session, group_buy, order, actor=actor, now=now)

    return _acted(slug, commitment_id, act, N_("The goods of %(name)s wait to be fetched again."))


@bp.post("/group-buys/<slug>/desk/cash/<int:commitment_id>")
@member_required
def confirm_cash(slug: str, commitment_id: int) -> ResponseReturnValue:
    """Say that cash or a transfer came, apart from the goods."""

    def act(session: Session, _group_buy: GroupBuy, order: GroupBuyCommitment) -> None:
        actor = auth.signed_in_actor()
        payments.confirm_received(session, order.id, actor=actor, now=db.now(session))

    return _acted(slug, commitment_id, act, N_("The payment is confirmed."))


@bp.post("/group-buys/<slug>/desk/cash/<int:commitment_id>/denial")
@member_required
def deny_cash(slug: str, commitment_id: int) -> ResponseReturnValue:
    """Say that what somebody says was paid did not arrive."""

    def act(session: Session, _group_buy: GroupBuy, order: GroupBuyCommitment) -> None:
        actor = auth.signed_in_actor()
        payments.deny_paid(session, order.id, actor=actor, now=db.now(session))

    said = N_("Noted. We tell %(name)s, and ask them to talk to you.")
    return _acted(slug, commitment_id, act, said)


@bp.post("/group-buys/<slug>/desk/cash-back/<int:refund_id>")
@member_required
def hand_back(slug: str, refund_id: int) -> ResponseReturnValue:
    """Say that cash was handed back."""
    try:
        with db.transaction() as session:
            group_buy = organised(session, slug, lock=True)
            cash_back.find(session, group_buy, refund_id)
            payments.hand_back(
                session, refund_id, actor=auth.signed_in_actor(), now=db.now(session)
            )
    except Conflict as refusal:
        return _page(slug, errors.words(refusal)), 409
    flash(gettext("Noted: the money is back with its owner."))
    return redirect(came_from(), 303)


def _acted(
    slug: str,
    commitment_id: int,
    act: Callable[[Session, GroupBuy, GroupBuyCommitment], None],
    said: str,
) -> ResponseReturnValue:
    """Do something with one order, and lead back to it; a conflict is said above the list."""
    try:
        with db.transaction() as session:
            group_buy = organised(session, slug, lock=True)
            order = buying.commitment_in(
                session, group_buy, commitment_id, actor=auth.signed_in_actor()
            )
            name = order.participant.name
            act(session, group_buy, order)
    except Conflict as refusal:
        return _page(slug, errors.words(refusal)), 409
    flash(gettext(said, name=name))
    return redirect(f"{url_for('organising.handing_over', slug=slug)}#order-{commitment_id}", 303)


def _page(slug: str, refusal: str = "") -> str:
    session = db.session()
    group_buy = organised(session, slug)
    if group_buy.delivered_at is None:
        raise NotAtThisStage
    people = roll.people(session, group_buy, with_lines=True, limit=roll.MOST_PEOPLE).rows
    taking_part = [one for one in people if one.commitment.state in Commitment.TAKING_PART]
    held = held_back(session, group_buy)
    unfetched = [one for one in taking_part if one.commitment.handed_over_at is None]
    kept, actor = whole(held), auth.signed_in_actor()
    return render_template(
        "organising/hand_over.html",
        group_buy=group_buy,
        refusal=refusal,
        waiting=[one for one in unfetched if one.commitment.id not in kept],
        kept=[one for one in unfetched if one.commitment.id in kept],
        fetched=[one for one in taking_part if one.commitment.handed_over_at is not None],
        cash_back=cash_back.open_ones(session, group_buy),
        held_back=held,
        questioned=chargebacks.standing_against(session, group_buy),
        own={
            one.commitment.id
            for one in taking_part
            if not may_receive(group_buy, one.commitment, actor)
        },
        may_tick=group_buy.state == State.RUNNING and group_buy.stage == Stage.HANDING_OVER,
    )

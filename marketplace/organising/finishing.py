"""The end: goods nobody fetched, what is still owed, completion and the closed accounts."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.forms import Form
from marketplace.organising.blueprint import bp, organised
from marketplace.organising.schemas import Completion
from models.buying import Stage
from models.collaborations import State
from models.errors import Conflict
from services import buying, chargebacks, payouts
from services.buying import handing_over, roll, settling
from services.buying.delivering import NotAtThisStage


@bp.get("/group-buys/<slug>/desk/completion")
@member_required
def completion(slug: str) -> str:
    return _page(slug, Form(Completion))


@bp.post("/group-buys/<slug>/desk/completion")
@member_required
def complete(slug: str) -> ResponseReturnValue:
    organised(db.session(), slug)
    form = Form.sent(Completion)
    with form.refusals(), form.transaction() as session:
        buying.complete(
            session,
            organised(session, slug, lock=True),
            unclaimed=form.fields["unclaimed"],
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    if form.is_accepted:
        flash(gettext("It is completed. When all is paid, close the accounts."))
        return redirect(url_for("organising.completion", slug=slug), 303)
    return _page(slug, form), form.status


@bp.get("/group-buys/<slug>/desk/completion/<int:commitment_id>/waiver")
@member_required
def ask_waive(slug: str, commitment_id: int) -> str:
    session = db.session()
    group_buy = organised(session, slug)
    commitment = buying.commitment_in(
        session, group_buy, commitment_id, actor=auth.signed_in_actor()
    )
    if group_buy.state != State.COMPLETED or group_buy.settled_at is not None:
        raise NotAtThisStage
    settling.guard_waiving(group_buy, commitment, auth.signed_in_actor())
    return render_template("organising/waive.html", group_buy=group_buy, commitment=commitment)


@bp.post("/group-buys/<slug>/desk/completion/<int:commitment_id>/waiver")
@member_required
def waive(slug: str, commitment_id: int) -> ResponseReturnValue:
    """Let someone off what they still owe."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        commitment = buying.commitment_in(session, group_buy, commitment_id, actor=actor)
        settling.waive(session, group_buy, commitment, actor=actor, now=db.now(session))
    flash(gettext("They owe nothing any more."))
    return redirect(url_for("organising.completion", slug=slug), 303)


@bp.post("/group-buys/<slug>/desk/settlement")
@member_required
def settle(slug: str) -> ResponseReturnValue:
    form = Form(Completion)
    try:
        with db.transaction() as session:
            buying.settle(
                session,
                organised(session, slug, lock=True),
                actor=auth.signed_in_actor(),
                now=db.now(session),
            )
    except Conflict as refusal:
        status = form.refuse(refusal)
        return _page(slug, form), status
    flash(gettext("The accounts are closed. Everyone who took part can read them."))
    return redirect(url_for("organising.completion", slug=slug), 303)


def _page(slug: str, form: Form) -> str:
    session = db.session()
    group_buy = organised(session, slug)
    is_handing_over = group_buy.stage == Stage.HANDING_OVER
    if not (is_handing_over or group_buy.state == State.COMPLETED):
        raise NotAtThisStage
    people = roll.people(session, group_buy, limit=roll.MOST_PEOPLE).rows
    # They wait for the payer's word: nothing of it is let off.
    said = {
        one.commitment.id
        for one in people
        if one.payment is not None and one.payment.confirmed_by_payee_at is not None
    }
    owing = settling.owing(session, group_buy)
    unclaimed = handing_over.unfetched(session, group_buy)
    actor = auth.signed_in_actor()
    account = payouts.account_of(session, settling.payee_id(group_buy))
    return render_template(
        "organising/completion.html",
        group_buy=group_buy,
        form=form,
        unclaimed=unclaimed,
        fetched_until_at=max(
            (one.pickup_point.until_at for one in unclaimed if one.pickup_point), default=None
        ),
        now=db.now(session),
        owing=[one for one in owing if one.id not in said],
        may_waive={one.id for one in owing if settling.may_waive(group_buy, one, actor)},
        confirmed=[one for one in owing if one.id in said],
        accounts=buying.accounts(session, group_buy),
        payee=group_buy.seller or group_buy.organiser,
        has_payout_account=account is not None and account.can_receive,
        is_paid_here=settling.payee_id(group_buy) == actor.participant.id,
        chargebacks=chargebacks.of_deal(session, group_buy),
    )

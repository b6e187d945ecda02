"""Leaving: take an order back, as far as the declared policy lets one."""

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.buying.blueprint import back, bp, locked, seen
from marketplace.buying.schemas import Reason
from marketplace.buying.wording import WITHDRAWAL
from marketplace.forms import Form
from models.collaborations import CommitmentState
from services import buying


@bp.get("/group-buys/<slug>/commitments/<int:commitment_id>/withdrawal")
@member_required
def ask_leave(slug: str, commitment_id: int) -> ResponseReturnValue:
    return _leave_page(slug, commitment_id, Form(Reason))


@bp.post("/group-buys/<slug>/commitments/<int:commitment_id>/withdrawal")
@member_required
def leave(slug: str, commitment_id: int) -> ResponseReturnValue:
    """Leave, as far as the declared policy lets one; nobody asks why, but one can say it."""
    form, actor = Form.sent(Reason), auth.signed_in_actor()
    with form.refusals(), form.transaction() as session:
        group_buy = locked(session, slug)
        commitment = buying.commitment(session, group_buy, commitment_id, actor=actor)
        if commitment.state != CommitmentState.WITHDRAWN:
            reason, now = form.fields["reason"], db.now(session)
            buying.withdraw(session, group_buy, commitment, actor=actor, reason=reason, now=now)
    if form.is_accepted:
        flash(gettext("You have left. Nothing will be charged."))
        return redirect(back(slug), 303)
    return _leave_page(slug, commitment_id, form), form.status


def _leave_page(slug: str, commitment_id: int, form: Form) -> str:
    session, actor = db.session(), auth.signed_in_actor()
    group_buy = seen(session, slug)
    commitment = buying.commitment(session, group_buy, commitment_id, actor=actor)
    buying.guard_buyer(group_buy, actor, commitment.participant)
    return render_template(
        "buying/join_leave.html",
        group_buy=group_buy,
        commitment=commitment,
        form=form,
        withdrawal=WITHDRAWAL[group_buy.withdrawal_policy],
        may_leave=group_buy.may_be_left(db.now(session)),
    )

"""Withdrawing from a contract, in two steps (Directive 2023/2673), and settling it at the desk."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.forms import Form
from marketplace.organising.blueprint import organised
from marketplace.revocations.schemas import Declaration
from models.revocations import NotRevocable
from services import revocations

bp = Blueprint("revocations", __name__)


@bp.get("/commitments/<int:commitment_id>/contract-withdrawal")
@member_required
def show(commitment_id: int) -> ResponseReturnValue:
    """The form, or the receipt of what was declared already."""
    contract = _contract(commitment_id)
    if contract.revocation is not None:
        names = {one.article_id: one.article.name for one in contract.commitment.lines}
        return render_template("revocations/receipt.html", contract=contract, names=names)
    if not contract.is_open(db.now(db.session())):
        raise NotRevocable
    member = auth.signed_in_actor().member
    shown = {
        "name": contract.commitment.participant.name,
        "contact": member.email,
        "articles": [str(one.id) for one in contract.articles],
    }
    return _page(contract, Form(Declaration, shown=shown))


@bp.post("/commitments/<int:commitment_id>/contract-withdrawal")
@member_required
def declare(commitment_id: int) -> ResponseReturnValue:
    """Show what is declared, to be confirmed; then keep it, and let the receipt go out."""
    contract = _contract(commitment_id)
    form = Form.sent(Declaration)
    if form.is_valid and not form.fields["articles"]:
        form.add_error("articles", gettext("Please choose what you withdraw from."))
    said = form.fields
    if form.is_valid and not said["is_confirmed"]:
        chosen = [one for one in contract.articles if one.id in said["articles"]]
        return render_template(
            "revocations/confirm.html", contract=contract, said=said, chosen=chosen
        )
    with form.refusals(), form.transaction() as session:
        revocations.declare(
            session,
            commitment_id,
            name=said["name"],
            contact=said["contact"],
            article_ids=said["articles"],
            reason=said["reason"],
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    if form.is_accepted:
        flash(
            gettext("You have withdrawn from the contract. A receipt is on its way to you by mail.")
        )
        return redirect(url_for(".show", commitment_id=commitment_id), 303)
    return _page(contract, form), form.status


@bp.get("/group-buys/<slug>/desk/contract-withdrawals")
@member_required
def at_desk(slug: str) -> str:
    session = db.session()
    group_buy = organised(session, slug)
    return render_template(
        "revocations/desk.html",
        group_buy=group_buy,
        open_ones=revocations.open_ones(session, group_buy),
    )


@bp.post("/group-buys/<slug>/desk/contract-withdrawals/<int:revocation_id>/refund")
@member_required
def refund(slug: str, revocation_id: int) -> ResponseReturnValue:
    with db.transaction() as session:
        revocations.refund(
            session,
            organised(session, slug, lock=True),
            revocation_id,
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    flash(gettext("It goes back by the way it was paid; nothing of it is owed any more."))
    return redirect(url_for(".at_desk", slug=slug), 303)


def _contract(commitment_id: int) -> revocations.Contract:
    found = revocations.contract_of(db.session(), commitment_id, actor=auth.signed_in_actor())
    g.time_zone = found.group_buy.time_zone
    return found


def _page(contract: revocations.Contract, form: Form) -> str:
    return render_template("revocations/form.html", contract=contract, form=form)

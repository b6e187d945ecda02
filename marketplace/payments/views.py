"""Paying, for people."""

import re

from flask import (
    Blueprint,
    abort,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.forms import Form
from marketplace.payments import acts, codes, hosted
from marketplace.payments.gateway import or_try_later
from marketplace.payments.schemas import Nothing, Shortfall
from marketplace.payments.wording import consent, way
from marketplace.returning import came_from
from models.errors import Refused
from models.money import Money
from services import buying, chargebacks, payments
from services.buying import shortfalls

bp = Blueprint("payments", __name__)

PAGE_KEY = re.compile(r"cs_[A-Za-z0-9_]{1,250}")


@bp.get("/payments/<int:commitment_id>")
@member_required
def show(commitment_id: int) -> ResponseReturnValue:
    return page(commitment_id)


def page(commitment_id: int, form: Form | None = None) -> str:
    standing = standing_of(db.session(), commitment_id)
    return render_template(
        "payments/show.html",
        standing=standing,
        payment=standing.payment,
        deal=standing.deal,
        amount=Money(standing.amount_minor, standing.payment.currency),
        sum_of_payment=Money(standing.payment.amount_minor, standing.payment.currency),
        stays_paid=Money(standing.stays_paid_minor, standing.payment.currency),
        refunds=[
            (Money(one.amount_minor, standing.payment.currency), one) for one in standing.refunds
        ],
        chargebacks=chargebacks.of_payment(db.session(), standing.payment.id),
        consent=consent(standing),
        way=way(standing.payment),
        form=form,
        **codes.words(db.session(), standing),
    )


def standing_of(session: Session, commitment_id: int) -> payments.Standing:
    """How a payment stands; what is said of it from here on is said in the time of its deal."""
    standing = payments.standing(
        session, commitment_id, actor=auth.signed_in_actor(), now=db.now(session)
    )
    g.time_zone = standing.deal.time_zone
    return standing


@bp.get("/payments/<int:commitment_id>/transfer.svg")
@member_required
def transfer_code(commitment_id: int) -> ResponseReturnValue:
    """The QR code of a transfer, for its payer alone."""
    current = db.session()
    return codes.picture(current, standing_of(current, commitment_id))


@bp.post("/payments/<int:commitment_id>/checkout")
@member_required
def check_out(commitment_id: int) -> ResponseReturnValue:
    """Lead on to the hosted page, where a card is given or what is owed is paid."""
    try:
        return redirect(hosted.page_for(commitment_id, auth.signed_in_actor()), 303)
    except Refused as refusal:
        return refused(commitment_id, refusal)


@bp.post("/payments/<int:commitment_id>/saved-card")
@member_required
def use_saved_card(commitment_id: int) -> ResponseReturnValue:
    actor = auth.signed_in_actor()
    try:
        with db.transaction() as session:
            words = consent(standing_of(session, commitment_id))
            payments.use_saved_card(
                session, commitment_id, consent=words, actor=actor, now=db.now(session)
            )
    except Refused as refusal:
        return refused(commitment_id, refusal)
    flash(gettext("Your card is ready. Nothing is charged before it is decided."))
    return redirect(url_for(".show", commitment_id=commitment_id), 303)


@bp.get("/payments/return")
@member_required
def come_back() -> ResponseReturnValue:
    """Back from the hosted page: what was done there is read from the gateway, not from here."""
    checkout_key = request.args.get("session_id", "")
    # Reading who asks has begun a transaction.
    db.end_reading()
    with or_try_later():
        commitment_id = acts.read_page(checkout_key) if PAGE_KEY.fullmatch(checkout_key) else None
    if commitment_id is None:
        abort(404)
    return redirect(url_for(".show", commitment_id=commitment_id), 303)


@bp.post("/payments/<int:commitment_id>/by-hand")
@member_required
def pay_by_hand(commitment_id: int) -> ResponseReturnValue:
    with db.transaction() as session:
        payments.pay_by_hand(
            session, commitment_id, actor=auth.signed_in_actor(), now=db.now(session)
        )
    flash(gettext("You pay when you fetch your goods."))
    return redirect(came_from(), 303)


@bp.post("/payments/<int:commitment_id>/paid")
@member_required
def confirm_paid(commitment_id: int) -> ResponseReturnValue:
    with db.transaction() as session:
        payments.confirm_paid(
            session, commitment_id, actor=auth.signed_in_actor(), now=db.now(session)
        )
    flash(gettext("Thank you. It counts as paid once the organiser has said so too."))
    return redirect(came_from(), 303)


@bp.post("/payments/<int:commitment_id>/received")
@member_required
def confirm_received(commitment_id: int) -> ResponseReturnValue:
    with db.transaction() as session:
        payments.confirm_received(
            session, commitment_id, actor=auth.signed_in_actor(), now=db.now(session)
        )
    flash(gettext("Noted. It counts as paid once both sides have said so."))
    return redirect(came_from(), 303)


@bp.post("/payments/<int:commitment_id>/confirmation/withdrawal")
@member_required
def take_back(commitment_id: int) -> ResponseReturnValue:
    with db.transaction() as session:
        payments.take_back(
            session, commitment_id, actor=auth.signed_in_actor(), now=db.now(session)
        )
    flash(gettext("Taken back. It counts as not paid."))
    return redirect(came_from(), 303)


@bp.post("/refunds/<int:refund_id>/hand-over")
@member_required
def hand_back(refund_id: int) -> ResponseReturnValue:
    with db.transaction() as session:
        payments.hand_back(session, refund_id, actor=auth.signed_in_actor(), now=db.now(session))
    flash(gettext("Noted: the money was handed back."))
    return redirect(came_from(), 303)


@bp.get("/group-buys/<slug>/shortfall")
@member_required
def shortfall(slug: str) -> ResponseReturnValue:
    """Some did not pay: those who were asked say whether it goes on."""
    return shortfall_page(slug, Form(Shortfall))


@bp.post("/group-buys/<slug>/shortfall")
@member_required
def decide_shortfall(slug: str) -> ResponseReturnValue:
    actor, form = auth.signed_in_actor(), Form.sent(Shortfall)
    with form.refusals(), form.transaction() as session:
        group_buy = buying.find(session, slug, actor=actor, lock=True)
        shortfalls.decide(
            session,
            group_buy,
            goes_on=form.fields["goes_on"],
            actor=actor,
            now=db.now(session),
        )
    if form.is_accepted:
        flash(gettext("It is decided, and everyone is told."))
        return redirect(url_for("buying.show", slug=slug), 303)
    return shortfall_page(slug, form), form.status


def shortfall_page(slug: str, form: Form) -> str:
    actor = auth.signed_in_actor()
    found = shortfalls.shortfall_of(db.session(), slug, actor=actor)
    g.time_zone = found.deal.time_zone
    return render_template("payments/shortfall.html", shortfall=found, deal=found.deal, form=form)


def refused(commitment_id: int, refusal: Refused) -> ResponseReturnValue:
    form = Form(Nothing)
    status = form.refuse(refusal)
    return page(commitment_id, form), status

"""Money, for those who operate: is all of it where the books say, and what needs a hand."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db, filters
from marketplace.auth import operator_required
from marketplace.chargebacks.wording import STATES
from marketplace.forms import Form
from marketplace.operations import reconciling
from marketplace.operations.blueprint import bp
from marketplace.operations.schemas import FeesForm, Finding
from marketplace.organising.typed import hundredths
from models.rules import PayoutTerms
from models.words import N_
from services import chargebacks, payouts, reconciliation
from services.gateways.answers import GatewayError
from services.operations import money

# What a subject is about, by what its name begins with.
KINDS: Mapping[str, str] = {
    "intent": N_("A charge"),
    "refund": N_("A refund"),
    "remittance": N_("Money sent on to the seller"),
    "reversal": N_("Money taken back from the seller"),
    "chargeback": N_("A chargeback"),
    "payout": N_("A payout to your own bank"),
    "other": N_("Something that was not done here"),
}


# New terms are to be known 15 whole days before they hold (Regulation (EU) 2019/1150, article 3).
NOTICE = timedelta(days=16)


@bp.get("/operator/money")
@operator_required
def show_money() -> ResponseReturnValue:
    return page(_fees(), Form(Finding))


def page(fees: Form, finding: Form, difference_id: int | None = None) -> str:
    session = db.session()
    return render_template(
        "operations/money.html",
        fees=fees,
        finding=finding,
        noting_id=difference_id,
        last=reconciliation.last(session),
        differences=reconciliation.open_differences(session),
        kinds=KINDS,
        chargebacks=chargebacks.pending(session, after=request.args.get("after")),
        states=STATES,
        debts=money.debts(session),
        waiting=money.waiting(session, now=db.now(session)),
        schedules=payouts.schedules(session),
    )


def _fees() -> Form:
    """What holds now, to be changed in time for everyone to know."""
    session = db.session()
    now = db.now(session)
    terms = payouts.terms_at(session, now)
    shown = {
        "fee": hundredths(terms.fee_basis_points),
        "reserve": hundredths(terms.reserve_basis_points),
        "reserve_days": str(terms.reserve_days),
        "from_day": (now + NOTICE).astimezone(filters.zone()).date().isoformat(),
    }
    return Form(FeesForm, shown=shown)


@bp.post("/operator/reconciliations")
@operator_required
def reconcile() -> ResponseReturnValue:
    db.end_reading()
    try:
        reconciling.compare()
    except GatewayError:
        flash(gettext("The payment provider does not answer now. Try again in a few minutes."))
    else:
        flash(gettext("Compared with the payment provider."))
    return redirect(url_for("operations.show_money"), 303)


@bp.post("/operator/differences/<int:difference_id>/note")
@operator_required
def note_difference(difference_id: int) -> ResponseReturnValue:
    """Keep what was found out about a difference."""
    form = Form.sent(Finding)
    with form.refusals(), form.transaction() as session:
        reconciliation.note(
            session,
            difference_id,
            form.fields["words"],
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    if form.is_accepted:
        flash(gettext("Noted. It stays here until both sides agree."))
        return redirect(url_for("operations.show_money", _anchor="differences"), 303)
    return page(_fees(), form, difference_id), form.status


def _beginning(day: date, now: datetime) -> datetime:
    """When a day begins here; of today, what is left of it."""
    zone = ZoneInfo(str(filters.zone()))
    begins = datetime(day.year, day.month, day.day, tzinfo=zone)
    return now if day == now.astimezone(zone).date() else begins


@bp.post("/operator/fees")
@operator_required
def set_fees() -> ResponseReturnValue:
    """Keep this of card payments from a day on; deals that are open keep what they declared."""
    form = Form.sent(FeesForm)
    with form.refusals(), form.transaction() as session:
        now = db.now(session)
        payouts.set_terms(
            session,
            PayoutTerms(form.fields["fee"], form.fields["reserve"], form.fields["reserve_days"]),
            from_at=_beginning(form.fields["from_day"], now),
            actor=auth.signed_in_actor(),
            now=now,
        )
    if form.is_accepted:
        day = filters.date_(form.fields["from_day"])
        flash(gettext("It holds for group buys that open from %(day)s on.", day=day))
        return redirect(url_for("operations.show_money", _anchor="fees"), 303)
    return page(form, Form(Finding)), form.status

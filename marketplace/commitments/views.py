"""My commitments, for people: what it can cost, what is due, when; also as a table and calendar."""

import csv
import io
from collections.abc import Sequence

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from marketplace import auth, db, filters
from marketplace.auth import member_required
from marketplace.buying.schemas import CommitmentFilters
from marketplace.commitments import calendars
from marketplace.forms import Form
from models.errors import NotFound
from models.money import Money
from services import commitments, revocations
from services.commitments import Promise, Which
from services.notices.texts import REASONS
from services.pricelists.writing import guarded

bp = Blueprint("commitments", __name__)

COLUMNS = (
    "title",
    "address",
    "participant",
    "state",
    "reason",
    "closes_at",
    "pickup_from_at",
    "pickup_until_at",
    "pickup_place",
    "worst_case",
    "due",
    "payment",
    "pay_by_at",
    "currency",
)


@bp.get("/commitments")
@member_required
def index() -> ResponseReturnValue:
    form = Form(CommitmentFilters, request.args)
    which = form.fields.get("which", Which.UNDER_WAY)
    session, actor = db.session(), auth.signed_in_actor()
    page = commitments.of_actor(session, actor, which=which, after=form.fields.get("after"))
    rendered = render_template(
        "commitments/index.html",
        page=page,
        which=which,
        counts=commitments.counts(session, actor),
        totals=commitments.totals(session, actor),
        calendar_url=url_for(".subscription", key=calendars.key_of(actor.member), _external=True),
        reasons=REASONS,
        contracts=revocations.contracts_of(session, [one.commitment for one in page.rows]),
        now=db.now(session),
    )
    return rendered, 200 if form.is_valid else 422


@bp.get("/commitments.csv")
@member_required
def table() -> Response:
    """Everything as a table; moments in UTC, amounts with a point."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for promise in commitments.all_of_actor(db.session(), auth.signed_in_actor()):
        rows.writerow([guarded(value) for value in _row(promise)])
    # Spreadsheets take it for UTF-8 only with this mark.
    response = Response("\ufeff" + written.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="commitments.csv"'
    return response


@bp.get("/commitments.ics")
@member_required
def calendar() -> Response:
    """Closes and pick-ups of everything under way, to be taken along."""
    session, actor = db.session(), auth.signed_in_actor()
    promises = commitments.all_of_actor(session, actor, which=Which.UNDER_WAY)
    return _calendar(promises, "attachment")


@bp.get("/calendars/<key>.ics")
def subscription(key: str) -> Response:
    """The same for programs that ask again by themselves; the key is the only way in."""
    session = db.session()
    actor = calendars.actor_by(session, key)
    if actor is None:
        raise NotFound
    promises = commitments.all_of_actor(session, actor, which=Which.UNDER_WAY)
    # A program that asks by itself says no language.
    with force_locale(actor.member.locale):
        return _calendar(promises, "inline")


def _calendar(promises: Sequence[Promise], disposition: str) -> Response:
    content = calendars.written(promises, name=gettext("My commitments"))
    response = Response(content, mimetype="text/calendar")
    response.headers["Content-Disposition"] = f'{disposition}; filename="commitments.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _row(promise: Promise) -> list[str]:
    commitment, deal = promise.commitment, promise.collaboration
    point = promise.pickup_point
    return [
        deal.title,
        url_for("buying.show", slug=deal.slug, _external=True),
        commitment.participant.name,
        str(commitment.state),
        commitment.out_reason,
        deal.closes_at.isoformat(),
        point.from_at.isoformat() if point else "",
        point.until_at.isoformat() if point else "",
        f"{point.name}, {point.address}" if point else "",
        _amount(commitment.worst_case_minor, deal.currency),
        _amount(commitment.due_minor, deal.currency),
        str(promise.payment.state) if promise.payment else "",
        promise.pay_by_at.isoformat() if promise.pay_by_at else "",
        deal.currency,
    ]


def _amount(minor: int, currency: str) -> str:
    return filters.money_json(Money(minor, currency))["amount"]

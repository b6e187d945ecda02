"""My commitments, for people: what it can cost, what is due, when; also as a table and calendar."""

from collections.abc import Sequence
from decimal import Decimal

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from marketplace import auth, db, filters
from marketplace.auth import member_required
from marketplace.buying.schemas import CommitmentFilters
from marketplace.commitments import calendars
from marketplace.forms import Form
from marketplace.tables import download, heading, moment, spelling
from models.errors import NotFound
from models.money import Money
from services import commitments, revocations
from services.buying import sheets
from services.commitments import Promise, Which
from services.notices.reasons import REASONS

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
        calendar_url=url_for(
            ".subscription", key=calendars.key_of(auth.signed_in_member()), _external=True
        ),
        reasons=REASONS,
        contracts=revocations.contracts_of(session, [one.commitment for one in page.rows]),
        now=db.now(session),
    )
    return rendered, 200 if form.is_valid else 422


@bp.get("/commitments.csv")
@member_required
def table() -> Response:
    """Everything as a table; moments in the time of each deal."""
    promises = commitments.all_of_actor(db.session(), auth.signed_in_actor())
    rows = (_row(promise) for promise in promises)
    text = sheets.written(COLUMNS, rows, exponent=0, spelling=spelling())
    return download(text, "commitments.csv")


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


def _row(promise: Promise) -> list[sheets.Cell]:
    commitment, deal = promise.commitment, promise.collaboration
    point = promise.pickup_point
    return [
        deal.title,
        url_for("buying.show", slug=deal.slug, _external=True),
        commitment.participant.name,
        commitment.state,
        heading(commitment.out_reason),
        moment(deal.closes_at, deal.time_zone),
        moment(point.from_at, deal.time_zone) if point else None,
        moment(point.until_at, deal.time_zone) if point else None,
        f"{point.name}, {point.address}" if point else "",
        _amount(commitment.worst_case_minor, deal.currency),
        _amount(commitment.due_minor, deal.currency),
        promise.payment.state if promise.payment else None,
        moment(promise.pay_by_at, deal.time_zone) if promise.pay_by_at else None,
        deal.currency,
    ]


def _amount(minor: int, currency: str) -> Decimal:
    """Deals have currencies of their own, each with its places after the point."""
    return Money(minor, currency).to_decimal(filters.exponent(currency))

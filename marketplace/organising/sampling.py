"""A statement to try the matching with, where no real money moves."""

from flask import abort, current_app
from werkzeug import Response

from marketplace import db, filters
from marketplace.auth import member_required
from marketplace.config import Settings
from marketplace.organising.blueprint import bp, organised
from marketplace.tables import download
from models.money import Money
from services import transfers
from services.buying import sheets


@bp.get("/group-buys/<slug>/desk/transfers/sample.csv")
@member_required
def sample_statement(slug: str) -> Response:
    """A statement to try it with, in the sandbox: one transfer for each who owes, and others."""
    settings: Settings = current_app.config["SETTINGS"]
    session = db.session()
    group_buy = organised(session, slug)
    if not settings.is_sandbox:
        abort(404)
    day = db.now(session).date().isoformat()
    currency = group_buy.currency
    rows = [(day, "Rent", "December", Money(-70_000, currency), currency)]
    for place, one in enumerate(transfers.awaited(session, group_buy)):
        # In turn: right, without a reference, a euro too little, five euros too much.
        differs = (0, 0, -100, 500)[place % 4]
        said = "Thank you" if place % 4 == 1 else transfers.written(one.reference)
        rows.append((day, one.name, said, Money(one.amount_minor + differs, currency), currency))
    rows.append((day, "Somebody else", "Birthday", Money(2_500, currency), currency))
    header = ("Date", "Name", "Purpose", "Amount", "Currency")
    text = sheets.written(header, rows, exponent=filters.exponent(currency))
    return download(text, "statement.csv")

"""Exports: who takes part, what they get and what they paid, as tables."""

from flask import Response

from marketplace import db, filters
from marketplace.auth import member_required
from marketplace.organising.blueprint import bp, organised
from marketplace.organising.ordering import download
from models.errors import NotFound
from services import buying
from services.buying import handing_over, roll, sheets

KINDS = ("commitments", "lines", "payments")


@bp.get("/group-buys/<slug>/desk/<kind>.csv")
@member_required
def export(slug: str, kind: str) -> Response:
    if kind not in KINDS:
        raise NotFound
    session = db.session()
    group_buy = organised(session, slug)
    places = filters.exponent(group_buy.currency)
    currency = group_buy.currency
    if kind == "lines":
        articles = {one.id: one for one in buying.articles(session, group_buy)}
        crates = handing_over.crates(session, group_buy)
        text = sheets.lines_csv(crates, articles, currency=currency, exponent=places)
    else:
        people = roll.people(session, group_buy, limit=roll.MOST_PEOPLE).rows
        write = sheets.commitments_csv if kind == "commitments" else sheets.payments_csv
        text = write(people, currency=currency, exponent=places)
    return download(text, f"{kind}-{slug}.csv")

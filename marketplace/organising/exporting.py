"""Exports: who takes part, what they get and what they paid, as tables."""

from flask import Response

from marketplace import db, filters
from marketplace.auth import member_required
from marketplace.organising.blueprint import bp, organised
from marketplace.tables import download, spelling
from models.errors import NotFound
from services import buying
from services.buying import handing_over, roll, sheets, vat

KINDS = ("commitments", "lines", "payments")


@bp.get("/group-buys/<slug>/desk/<kind>.csv")
@member_required
def export(slug: str, kind: str) -> Response:
    if kind not in KINDS:
        raise NotFound
    session = db.session()
    group_buy = organised(session, slug)
    places, currency = filters.exponent(group_buy.currency), group_buy.currency
    if kind == "commitments":
        people = roll.people(session, group_buy, limit=roll.MOST_PEOPLE).rows
        text = sheets.commitments_csv(
            people, currency=currency, exponent=places, spelling=spelling()
        )
        return download(text, f"{kind}-{slug}.csv")
    articles = {one.id: one for one in buying.articles(session, group_buy)}
    crates = handing_over.crates(session, group_buy)
    if kind == "lines":
        text = sheets.lines_csv(group_buy, crates, articles, exponent=places, spelling=spelling())
    else:
        taxed = {one.id: vat.of_order(group_buy, one, articles) for one in crates}
        people = roll.people(session, group_buy, limit=roll.MOST_PEOPLE).rows
        text = sheets.payments_csv(
            people, taxed, currency=currency, exponent=places, spelling=spelling()
        )
    return download(text, f"{kind}-{slug}.csv")

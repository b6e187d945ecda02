"""What documents can be asked for, and the name and address that they are to bear."""

from typing import Any

from marketplace.api import PageQuery
from marketplace.fields import Choice, Count, Id, Words
from marketplace.schemas import Schema
from services.invoices import Side


def _year() -> Count:
    return Count(
        least=2000,
        most=9999,
        load_default=None,
        metadata={"description": "The year in which it was issued."},
    )


def _deal() -> Id:
    return Id(load_default=None, metadata={"description": "The group buy it belongs to."})


class Filters(Schema):
    """What a page of documents is asked for by."""

    year = _year()
    group_buy = _deal()
    after = Words(most=400, load_default="")


class InvoiceQuery(PageQuery):
    side = Choice(
        Side,
        load_default=Side.RECEIVED,
        metadata={"description": "What one received, or what one issued as the seller."},
    )
    year = _year()
    group_buy = _deal()


class TableQuery(Schema):
    year = _year()
    group_buy = _deal()


class BillTo(Schema):
    name = Words(most=200, load_default="")
    address = Words(most=500, lines=True, load_default="")


def asked(filters: dict[str, Any]) -> dict[str, Any]:
    """The filters by the names that the services know them by."""
    return {"year": filters.get("year"), "group_buy_id": filters.get("group_buy")}

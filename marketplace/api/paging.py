"""Lists in pages: `?after=…&limit=…` in, `items` and the address of the next page out."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from flask import request, url_for
from marshmallow import fields

from marketplace.fields import Count, Words
from marketplace.schemas import Schema
from services.paging import LARGEST_CURSOR, Page, cursor, position

LARGEST_PAGE = 100


class PageQuery(Schema):
    """Which part of a list is wanted; a list with filters adds its own fields to these."""

    after = Words(
        most=LARGEST_CURSOR,
        metadata={"description": "The cursor from the `next` address of the page before."},
    )
    limit = Count(
        least=1,
        most=LARGEST_PAGE,
        load_default=24,
        metadata={"description": "How many items a page has at most."},
    )


@cache
def page_of(schema: type[Schema]) -> type[Schema]:
    """The schema of a page of `schema`'s items."""
    name = f"{schema.__name__.removesuffix('Out')}PageOut"
    items = fields.List(fields.Nested(schema), required=True)
    following = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The address of the next page, null on the last."},
    )
    return type(name, (Schema,), {"items": items, "next": following})


def answer_page(page: Page[Any]) -> dict[str, Any]:
    """The page as `page_of` dumps it; the address of the next keeps the filters of this one."""
    if page.after is None:
        return {"items": page.rows, "next": None}
    asked: dict[str, Any] = {**request.args.to_dict(flat=False), **(request.view_args or {})}
    following = url_for(str(request.endpoint), **{**asked, "after": page.after})
    return {"items": page.rows, "next": following}


def older_than(query: dict[str, Any]) -> int | None:
    """The id below which a list of the newest goes on; refuses with CursorNotValid."""
    since = position(query.get("after"), int)
    return None if since is None else int(since[0])


def newest_first(rows: Sequence[Any], before: int | None) -> Page[Any]:
    """A page of a list of the newest, as services give it: with the id that its last row has."""
    return Page(rows, None if before is None else cursor(before))

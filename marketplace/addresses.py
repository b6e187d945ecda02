"""Addresses: a number in one is the number of a row, so it is no larger than a row's can be."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter

from services.paging import LARGEST_ID


class RowConverter(IntegerConverter):
    """`<int:…>`: what no row can be called is found nowhere, and the database is not asked."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max", LARGEST_ID)
        super().__init__(*args, **options)


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = RowConverter

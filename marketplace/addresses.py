"""Addresses: how their numbers are read, and when they are put together."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Rule

from services.paging import LARGEST_ID


class RowConverter(IntegerConverter):
    """`<int:…>`: what no row can be called is found nowhere, and the database is not asked."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max", LARGEST_ID)
        super().__init__(*args, **options)


class Address(Rule):
    """One rule of the map; the function that puts its addresses together is made at first use.

    Werkzeug writes and compiles two such functions for each rule, which takes most of the start,
    and few processes ever build all of some hundred addresses.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not compiled:
                compiled.append(super(Address, self)._compile_builder(append_unknown))
            return compiled[0](rule, **values)

        return build


def init_app(app: Flask) -> None:
    app.url_rule_class = Address
    app.url_map.converters["int"] = RowConverter

"""The guard against drift: the SDK's own types decide which parameters exist."""

import sys
import typing
from functools import cache
from types import UnionType
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin

from stripe import RequestOptions

from stripesim.errors import Failure

T = TypeVar("T")


class AnyObject(Generic[T]):
    """Stands for the SDK's free-form object, a name its modules import only for type checkers."""


NAMES = {"StripeContext": str, "UntypedStripeObject": AnyObject, "Mapping": typing.Mapping}
OPTIONS = frozenset(RequestOptions.__annotations__)

LONGEST_METADATA = {"keys": 50, "key": 40, "value": 500}


def check(accepts: Any, plays: frozenset[str], raw: dict[str, Any]) -> dict[str, Any]:
    """Give the typed parameters, or refuse the first that is unknown, missing or malformed.

    `plays` holds the dotted paths that the simulator acts upon. A parameter that Stripe knows and
    the simulator does not play is refused too: it would otherwise be dropped in silence.
    """
    given = structure(accepts, raw, "")
    for path in leaves(accepts, given, ""):
        if path not in plays:
            raise Failure(
                f"The simulator does not play this parameter: {path}",
                code="parameter_not_simulated",
                param=path,
            )
    return given


def is_structure(hint: Any) -> bool:
    # The SDK may take its TypedDict from typing_extensions, which typing does not recognise.
    return hasattr(hint, "__required_keys__")


@cache
def fields(accepts: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(accepts, vars(sys.modules[accepts.__module__]), NAMES)
    return {name: hint for name, hint in hints.items() if name not in OPTIONS}


def structure(accepts: Any, raw: Any, at: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise Failure(f"Invalid object: {at}", code="parameter_invalid_object", param=at)
    known = fields(accepts)
    given = {}
    for name, value in raw.items():
        path = f"{at}[{name}]" if at else name
        if name not in known:
            raise Failure(
                f"Received unknown parameter: {path}", code="parameter_unknown", param=path
            )
        given[name] = convert(known[name], value, path)
    for name in sorted(accepts.__required_keys__ - OPTIONS - raw.keys()):
        path = f"{at}[{name}]" if at else name
        raise Failure(f"Missing required param: {path}.", code="parameter_missing", param=path)
    return given


def convert(hint: Any, raw: Any, at: str) -> Any:
    origin = get_origin(hint)
    if origin in (typing.Union, UnionType):
        return first_fit(get_args(hint), raw, at)
    if origin is Literal:
        if raw in get_args(hint):
            return raw
        choices = ", ".join(str(choice) for choice in get_args(hint))
        raise Failure(f"Invalid {at}: must be one of {choices}", param=at)
    if origin is list:
        return listed(get_args(hint)[0], raw, at)
    if origin is dict or origin is AnyObject:
        return metadata(raw, at)
    if is_structure(hint):
        return structure(hint, raw, at)
    return scalar(hint, raw, at)


def first_fit(hints: tuple[Any, ...], raw: Any, at: str) -> Any:
    # The SDK writes an open choice as Literal | str. Taking the str would accept any typing error,
    # so a closed list wins wherever there is one besides the empty string that unsets a value.
    closed = [hint for hint in hints if get_origin(hint) is Literal and get_args(hint) != ("",)]
    if closed:
        hints = tuple(hint for hint in hints if hint is not str)
    failures = []
    for hint in hints:
        try:
            return convert(hint, raw, at)
        except Failure as failure:
            failures.append(failure)
    raise next((f for f in failures if f.facts.get("code")), failures[-1])


def listed(hint: Any, raw: Any, at: str) -> list[Any]:
    if not isinstance(raw, dict) or not all(key.isdigit() for key in raw):
        raise Failure(f"Invalid array: {at}", code="parameter_invalid_array", param=at)
    ordered = sorted(raw, key=int)
    return [convert(hint, raw[key], f"{at}[{key}]") for key in ordered]


def metadata(raw: Any, at: str) -> dict[str, str]:
    if raw == "":
        return {}
    if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
        raise Failure(f"Invalid {at}: a flat object of strings.", param=at)
    longest = LONGEST_METADATA
    if (
        len(raw) > longest["keys"]
        or any(len(key) > longest["key"] for key in raw)
        or any(len(value) > longest["value"] for value in raw.values())
    ):
        raise Failure(f"Invalid {at}: 50 keys of 40 and values of 500 characters.", param=at)
    return dict(raw)


def scalar(hint: Any, raw: Any, at: str) -> Any:
    if not isinstance(raw, str):
        raise Failure(f"Invalid string: {at}", code="parameter_invalid_string", param=at)
    if hint is int:
        if not (raw.removeprefix("-").isascii() and raw.removeprefix("-").isdigit()):
            raise Failure(f"Invalid integer: {raw}", code="parameter_invalid_integer", param=at)
        return int(raw)
    if hint is bool:
        if raw not in ("true", "false"):
            raise Failure(f"Invalid boolean: {raw}", param=at)
        return raw == "true"
    return raw


def leaves(accepts: Any, given: dict[str, Any], at: str) -> typing.Iterator[str]:
    for name, value in given.items():
        path = f"{at}.{name}" if at else name
        nested = nested_type(fields(accepts)[name])
        if nested is None or not isinstance(value, (dict, list)):
            yield path
            continue
        for part in value if isinstance(value, list) else [value]:
            yield from leaves(nested, part, path)


def nested_type(hint: Any) -> Any:
    if is_structure(hint):
        return hint
    return next((found for part in get_args(hint) if (found := nested_type(part))), None)

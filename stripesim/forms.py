"""Form bodies as Stripe reads them: `a[b][0]=c` is an object, a list, a string."""

from typing import Any
from urllib.parse import parse_qsl

from stripesim.errors import Failure

DEEPEST = 8
MOST_FIELDS = 1000


def decode(text: str) -> dict[str, Any]:
    """Read a form into nested dicts; a list is a dict with the keys "0", "1", and so on."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as too_many:
        raise Failure("Too many parameters.") from too_many
    tree: dict[str, Any] = {}
    for name, value in pairs:
        plant(tree, steps(name), value, name)
    return tree


def steps(name: str) -> list[str]:
    head, *rest = name.split("[")
    path = [head, *(part.removesuffix("]") for part in rest)]
    if not head or len(path) > DEEPEST or any(not part.endswith("]") for part in rest):
        raise Failure(f"Invalid parameter name: {name}", param=name)
    return path


def plant(tree: dict[str, Any], path: list[str], value: str, name: str) -> None:
    for step in path[:-1]:
        branch = tree.setdefault(step or str(len(tree)), {})
        if not isinstance(branch, dict):
            raise Failure(f"Invalid {name}: both a value and an object.", param=name)
        tree = branch
    leaf = path[-1] or str(len(tree))
    if isinstance(tree.get(leaf), dict):
        raise Failure(f"Invalid {name}: both a value and an object.", param=name)
    tree[leaf] = value

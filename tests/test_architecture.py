"""The shape of the code is law: who may know what, and what is never left lying about."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.cli import AppGroup
from jinja2 import nodes

from marketplace import jobs
from services import paths, reactions
from services.events import Happened
from services.reactions.registry import REACTIONS

CHECKOUT = Path(__file__).parents[1]
LAYERS = ("marketplace", "services", "models")
ALL = ("launcher", *LAYERS, "stripesim", "benchmarks")
INNER = ("services", "models")

LONGEST_FUNCTION = 70
LONGEST_MODULE = 250

# The doors to the schema itself, which no service stands behind.
SCHEMA_DOORS = {
    "marketplace/db.py",
    "marketplace/operations/catalogue.py",
    "marketplace/operations/schema_commands.py",
    "marketplace/schema.py",
}
QUERIES = {"select", "insert", "update", "delete", "text", "union", "exists", "func"}
ASKING = {"execute", "scalar", "scalars", "query", "exec_driver_sql"}
ENDING = {"commit", "rollback"}
CLOCKS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("time.time", "time.monotonic", "time.perf_counter", "time.sleep"),
    *("func.now", "func.clock_timestamp", "func.current_timestamp", "func.current_date"),
    *("func.localtimestamp", "func.statement_timestamp", "func.transaction_timestamp"),
}
SQL_CLOCK = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp)\(\)"
    r"|\b(current_timestamp|current_date|localtimestamp)\b",
    re.IGNORECASE,
)
VAGUE = {
    "utils",
    "util",
    "helpers",
    "helper",
    "managers",
    "manager",
    "common",
    "misc",
    "base_utils",
}
REFUSALS = {"Refused", "Invalid", "NotAllowed", "NotFound", "Conflict"}


@cache
def modules(*layers: str) -> tuple[tuple[str, ast.Module], ...]:
    """Each module of these layers, with its path from the checkout."""
    return tuple(
        (str(path.relative_to(CHECKOUT)), ast.parse(path.read_text(encoding="utf-8")))
        for layer in layers
        for path in sorted((CHECKOUT / layer).rglob("*.py"))
    )


def found(layers: tuple[str, ...], look: Callable[[ast.AST], str | None]) -> list[str]:
    """Where `look` names something, as `path:line what`."""
    return [
        f"{path}:{node.lineno} {what}"  # type: ignore[attr-defined]
        for path, tree in modules(*layers)
        for node in ast.walk(tree)
        if (what := look(node)) is not None
    ]


def outside(places: set[str], hits: list[str]) -> list[str]:
    return [hit for hit in hits if hit.partition(":")[0] not in places]


def called(node: ast.AST) -> str:
    """The last two words of what is called: `session.execute`, `datetime.now`."""
    return ".".join(ast.unparse(node.func).split(".")[-2:]) if isinstance(node, ast.Call) else ""


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [one.name for one in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{one.name}" for one in node.names]
    return []


def functions(*layers: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path, tree in modules(*layers):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def texts(*layers: str) -> Iterator[str]:
    """Every piece of text that the code of these layers holds."""
    for _, tree in modules(*layers):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


# Layers.


def test_the_doors_hold_no_query() -> None:
    def asks(node: ast.AST) -> str | None:
        built = [
            name
            for name in imported(node)
            if name.startswith("sqlalchemy") and name.rpartition(".")[2] in QUERIES
        ]
        if built:
            return f"imports {built}"
        return called(node) if called(node).rpartition(".")[2] in ASKING else None

    assert outside(SCHEMA_DOORS, found(("marketplace",), asks)) == []


def test_only_the_door_of_the_database_ends_a_transaction() -> None:
    def ends(node: ast.AST) -> str | None:
        return called(node) if called(node).rpartition(".")[2] in ENDING else None

    assert outside(SCHEMA_DOORS, found(LAYERS, ends)) == []


def test_services_and_models_know_nothing_of_the_web() -> None:
    web = {"flask", "werkzeug", "marshmallow", "jinja2", "marketplace", "launcher", "stripesim"}

    def knows(node: ast.AST) -> str | None:
        names = [name for name in imported(node) if name.partition(".")[0] in web]
        return f"imports {names}" if names else None

    assert found(INNER, knows) == []


def test_models_know_no_service() -> None:
    def knows(node: ast.AST) -> str | None:
        names = [name for name in imported(node) if name.startswith("services")]
        return f"imports {names}" if names else None

    assert found(("models",), knows) == []


def test_services_and_models_ask_no_clock() -> None:
    def asks(node: ast.AST) -> str | None:
        return called(node) if called(node) in CLOCKS else None

    assert found(INNER, asks) == []


def test_no_sql_of_services_and_models_asks_the_clock() -> None:
    def asks(node: ast.AST) -> str | None:
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            return None
        says = SQL_CLOCK.search(node.value)
        return says[0] if says else None

    assert found(INNER, asks) == []


def test_only_one_module_of_the_services_knows_addresses_of_pages() -> None:
    def knows(node: ast.AST) -> str | None:
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            return None
        return node.value if re.match(r"/[a-z]+(-[a-z]+)*(/|$)", node.value) else None

    assert outside({"services/paths.py"}, found(INNER, knows)) == []


def test_acts_take_the_session_first_and_the_moment_by_name() -> None:
    wrong = []
    for verb in public_verbs():
        taken = inspect.signature(verb).parameters
        if "session" in taken and next(iter(taken)) != "session":
            wrong.append(f"{verb.__module__}.{verb.__name__}: the session is not first")
        if {"session", "now"} <= set(taken) and taken[
            "now"
        ].kind is not inspect.Parameter.KEYWORD_ONLY:
            wrong.append(f"{verb.__module__}.{verb.__name__}: now is no keyword")

    assert wrong == []


def public_verbs() -> Iterator[Any]:
    """What the packages and modules directly below `services` offer to the doors."""
    for one in pkgutil.iter_modules([str(CHECKOUT / "services")]):
        module = importlib.import_module(f"services.{one.name}")
        for name in getattr(module, "__all__", vars(module)):
            verb = getattr(module, name)
            if inspect.isfunction(verb) and not name.startswith("_"):
                yield verb


def test_every_address_that_services_know_is_answered(whole_app: Flask) -> None:
    routes = whole_app.url_map.bind("localhost")
    known = [
        one(*("1" for _ in inspect.signature(one).parameters)) if callable(one) else one
        for name, one in vars(paths).items()
        if not name.startswith("__")
    ]

    assert all(routes.test(one.partition("#")[0], "GET") for one in known), known


# Sizes and names.


def test_functions_fit_a_screen() -> None:
    assert [
        f"{path}:{one.lineno} {one.name}"
        for path, one in functions(*ALL)
        if (one.end_lineno or 0) - one.lineno >= LONGEST_FUNCTION
    ] == []


def test_modules_are_short() -> None:
    assert [
        path
        for path, _ in modules(*ALL)
        if (CHECKOUT / path).read_text(encoding="utf-8").count("\n") > LONGEST_MODULE
    ] == []


def test_every_module_says_what_it_holds() -> None:
    assert [
        path for path, tree in modules(*ALL) if tree.body and ast.get_docstring(tree) is None
    ] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [
        path for path, _ in modules(*ALL) if VAGUE & set(Path(path).with_suffix("").parts)
    ] == []


# What is made is used.


def test_every_task_that_is_put_off_is_there() -> None:
    jobs.discover()

    assert deferred() - set(jobs.TASKS) == set()


def test_every_task_is_put_off_or_recurs() -> None:
    jobs.discover()

    assert set(jobs.TASKS) - set(jobs.PERIODIC) - deferred() == set()


def deferred() -> set[str]:
    """The names of tasks that the services put off, wherever they are written."""
    return {text for text in texts("services", "marketplace/payments") if text in jobs.TASKS} | {
        str(one.value)
        for _, tree in modules("services")
        for node in ast.walk(tree)
        if called(node).rpartition(".")[2] in ("defer", "defer_many")
        for one in node.args[:2]  # type: ignore[attr-defined]
        if isinstance(one, ast.Constant)
    }


def test_every_event_is_recorded_somewhere() -> None:
    bases = {
        id(base)
        for _, tree in modules("services")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    }
    named = {
        ast.unparse(node).rpartition(".")[2]
        for _, tree in modules("services")
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in bases
    }

    assert {one.__name__ for one in events()} - named == set()


def test_every_reaction_waits_for_an_event_that_happens(whole_app: Flask) -> None:
    assert reactions is not None
    assert whole_app is not None
    assert set(REACTIONS) - {one.__name__ for one in events()} == set()


def events(base: type[Happened] = Happened) -> set[type[Happened]]:
    """The events that can happen: those that no other event is made from."""
    below = base.__subclasses__()
    return {base} if not below else {one for each in below for one in events(each)}


def test_every_blueprint_is_registered(whole_app: Flask) -> None:
    made = {id(one): name for name, one in objects_of(Blueprint)}

    assert {
        name
        for key, name in made.items()
        if key not in {id(one) for one in whole_app.blueprints.values()}
    } == set()


def test_every_command_is_registered(whole_app: Flask) -> None:
    known = {id(one) for one in whole_app.cli.commands.values()}

    assert {name for name, one in objects_of(AppGroup) if id(one) not in known} == set()


def objects_of(kind: type) -> Iterator[tuple[str, object]]:
    """What the modules of `marketplace` hold of this kind, by name."""
    for path, _ in modules("marketplace"):
        if "seed" in path:
            continue
        module = importlib.import_module(
            path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        )
        for name, one in vars(module).items():
            if isinstance(one, kind):
                yield f"{path} {name}", one


def test_every_template_is_used(whole_app: Flask) -> None:
    written = {name(path): path.read_text(encoding="utf-8") for path in templates()}
    said = {
        page: {one.value for one in whole_app.jinja_env.parse(text).find_all(nodes.Const)}
        for page, text in written.items()
    }
    used: set[str] = set()
    more = {*texts("marketplace"), *parts_of_a_group_buy(), *mails()} & set(written)
    # What only an unused one asks for is unused too.
    while more:
        used |= more
        more = set(written) & {one for page in more for one in said[page]} - used

    assert sorted(set(written) - used) == []


def parts_of_a_group_buy() -> Iterator[str]:
    """The templates that `marketplace/buying/bodies.py` finds by the name of a part."""
    for _, tree in modules("marketplace"):
        for node in ast.walk(tree):
            if called(node) == "body.part":
                yield f"buying/{ast.literal_eval(node.args[0])}.html"  # type: ignore[attr-defined]


def mails() -> Iterator[str]:
    """The templates that `marketplace/mailer.py` finds by what the services call a letter."""
    for _, tree in modules("services"):
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "template":
                for one in ast.walk(node.value):
                    if isinstance(one, ast.Constant):
                        yield f"emails/{one.value}.jinja"


def name(path: Path) -> str:
    return str(path.relative_to(CHECKOUT / "templates"))


def templates() -> list[Path]:
    return sorted(one for one in (CHECKOUT / "templates").rglob("*") if one.is_file())


@pytest.mark.parametrize(
    "found_in", [r"<style\b", r"\sstyle=", r"<script(?![^>]*\ssrc=)", r"\son\w+="]
)
def test_no_template_styles_or_scripts_in_its_lines(found_in: str) -> None:
    pages = [one for one in templates() if one.suffix == ".html"]

    assert [name(one) for one in pages if re.search(found_in, one.read_text("utf-8"))] == []


def test_tables_are_stacked_on_a_phone() -> None:
    """Four columns and more do not fit beside each other; stacked, a cell says what it is."""
    tables = [
        (name(path), *table)
        for path in templates()
        for table in re.findall(
            r'<table class="([^"]*)">(.*?)</table>', path.read_text(encoding="utf-8"), re.DOTALL
        )
    ]
    wide = [table for table in tables if table[2].count('scope="col"') > 3]
    assert [path for path, shape, _ in wide if "table--cards" not in shape] == []
    stacked = {
        path: re.findall(r"<td(?![^>]*(?:data-label|colspan))[^>]*>", rows.partition("<tfoot")[0])
        for path, shape, rows in tables
        if "table--cards" in shape
    }
    assert {path: cells for path, cells in stacked.items() if cells} == {}


# What people read.


def test_every_refusal_speaks_words_that_are_marked() -> None:
    families = refusals()

    def speaks(node: ast.AST) -> str | None:
        if isinstance(node, ast.ClassDef) and node.name in families:
            said = [
                one.value
                for one in node.body
                if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "message"
            ]
        elif isinstance(node, ast.Call) and called(node).rpartition(".")[2] in families:
            fields = [one.value for one in node.keywords if one.arg == "fields"]
            said = [
                *node.args[:1],
                *(word for one in fields if isinstance(one, ast.Dict) for word in one.values),
            ]
        else:
            return None
        return next((ast.unparse(one) for one in said if is_bare(one)), None)

    assert found(LAYERS, speaks) == []


def test_every_refusal_with_a_code_is_named_in_a_test() -> None:
    """By its class or its code; that of a family stands for those that have none of their own."""
    written = (path.read_text() for path in (CHECKOUT / "tests").rglob("*.py"))
    said = {word for text in written for word in re.findall(r"[\w-]+", text)}
    families = refusals()

    def is_silent(node: ast.AST) -> str | None:
        if not isinstance(node, ast.ClassDef) or node.name not in families:
            return None
        codes = {
            one.value.value
            for one in node.body
            if isinstance(one, ast.Assign)
            and ast.unparse(one.targets[0]) == "code"
            and isinstance(one.value, ast.Constant)
        }
        return node.name if codes and not said & {node.name, *codes} else None

    assert found(LAYERS, is_silent) == []


def is_bare(word: ast.expr) -> bool:
    """Text that no marker stands around."""
    return isinstance(word, ast.JoinedStr) or (
        isinstance(word, ast.Constant) and isinstance(word.value, str) and word.value != ""
    )


def refusals() -> set[str]:
    """The four families and all that descend from them, by name."""
    known = set(REFUSALS)
    classes = [
        node
        for _, tree in modules(*INNER)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    while True:
        more = {
            one.name
            for one in classes
            if one.name not in known
            and any(ast.unparse(base).rpartition(".")[2] in known for base in one.bases)
        }
        if not more:
            return known
        known |= more


def test_what_the_docs_have_one_copy_is_what_stands_there() -> None:
    samples = re.findall(
        r"```python\n# (\S+)\n(.*?)```", (CHECKOUT / "docs/api.md").read_text("utf-8"), re.DOTALL
    )

    assert samples
    for path, sample in samples:
        written = (CHECKOUT / path).read_text("utf-8")
        for part in sample.strip().split("\n\n\n"):
            assert part in written, part

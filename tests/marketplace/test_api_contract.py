"""The API keeps what its own document promises, whatever is sent to it.

It is asked about a street in which there is something of everything, and most of the time by the
names of what is there.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import product
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from marketplace import db
from tests import make_street
from tests.bodies_api import BODIES, FILES, FIRST, QUERIES
from tests.make_api import bearer
from tests.make_street import Street
from tests.undoing import undone

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
]
MODES = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]
EXAMPLES = {"stranger": 1, "organiser": 4}
# The clock goes on from each to the next, and closes whatever was open before.
STATES = (
    "completed", "handing_over", "delivered", "ordered", "to_order", "supplier_asked", "paused",
    "open", "in_review", "draft",
)  # fmt: skip
FEW_STATES = ("handing_over", "open", "draft")
# Those who ask: what one of them may not, another one may.
ASKERS = (
    "organiser", "committed", "member", "agent", "supplier", "moderator", "operator", "stranger",
)  # fmt: skip


def streets_of(session: Session, app: Flask, states: Sequence[str], now: datetime) -> list[Street]:
    """Group buys of the same people: those that go on, one that is open, and a draft."""
    made = [make_street.street(session, app, states[0], now=now)]
    for state in states[1:]:
        made.append(make_street.beside(made[-1], state))
    return made


@pytest.mark.timeout(900)
def test_whoever_asks_rightly_is_answered(app: Flask, session: Session, now: datetime) -> None:
    streets = streets_of(session, app, STATES, now)
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    headers = headers_of(session, streets[0], now)
    answered, wrong = set(), []
    endpoints = dict(operations(app, described))

    for endpoint, operation in endpoints.items():
        state, first = FIRST.get(endpoint, ("", lambda _: None))
        for place, asks in product(likely(streets, state), ASKERS):
            with db.at(streets[-1].now), undone(session):
                if place.state == state:
                    first(place)
                case = right_case(operation, endpoint, place)
                try:
                    answer = case.call_and_validate(checks=CHECKS, headers=headers[asks])
                except FailureGroup as broken:
                    said = "; ".join(str(one) for one in broken.exceptions)
                    wrong.append(f"{endpoint} in {place.state} as {asks}: {said}")
                    break
            if answer.status_code < 300:
                answered.add(endpoint)
                break

    assert wrong == [], "\n".join(wrong)
    # What it is sent, and what has to be so before, belongs in `tests.bodies_api`.
    assert sorted(set(endpoints) - answered) == []


def likely(streets: Sequence[Street], state: str) -> list[Street]:
    """The places in the order in which an operation is likely to be answered there."""
    most = (state, "open", "draft", "handing_over")
    return sorted(
        streets,
        key=lambda one: most.index(one.state) if one.state in most else len(most),
    )


@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", MODES, ids=["fitting", "unfitting"])
@pytest.mark.parametrize("asks", EXAMPLES)
def test_every_operation_gives_only_documented_answers(
    app: Flask,
    session: Session,
    now: datetime,
    asks: str,
    mode: schemathesis.GenerationMode,
) -> None:
    streets = streets_of(session, app, FEW_STATES, now)
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    headers = headers_of(session, streets[0], now)[asks]
    walked = set()

    for endpoint, operation in operations(app, described):
        try:
            walk(session, operation, endpoint, streets, mode, headers, EXAMPLES[asks])
            walked.add(endpoint)
        except Unsatisfiable:
            # An operation that takes nothing cannot be asked in an unfitting way.
            assert mode is schemathesis.GenerationMode.NEGATIVE

    asked = {endpoint for endpoint, operation in operations(app, described)}
    if mode is schemathesis.GenerationMode.POSITIVE:
        assert walked == asked
    else:
        assert {endpoint for endpoint in asked if endpoint in BODIES} <= walked


def walk(
    session: Session,
    operation: schemathesis.APIOperation,
    endpoint: str,
    streets: list[Street],
    mode: schemathesis.GenerationMode,
    headers: dict[str, str],
    examples: int,
) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=mode),
        place=st.sampled_from([*streets, *streets, None]),
    )
    def send(case: schemathesis.Case, place: Street | None) -> None:
        if place is not None:
            case.path_parameters.update(names(operation, endpoint, place))
        with db.at(streets[-1].now), undone(session):
            case.call_and_validate(checks=CHECKS, headers=headers)

    send()


def operations(app: Flask, described: Any) -> list[tuple[str, schemathesis.APIOperation]]:
    """Each operation of the document with the endpoint that answers it."""
    rules: dict[tuple[str, str], Rule] = {}
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<id:", "{").replace(">", "}").replace("<", "{")
        for method in rule.methods or ():
            rules[path, method.lower()] = rule
    found = []
    for result in described.get_all_operations():
        operation = result.ok()
        found.append((rules[operation.path, operation.method.lower()].endpoint, operation))
    return found


def names(operation: schemathesis.APIOperation, endpoint: str, place: Street) -> Mapping[str, str]:
    """What is there, by the names of the address's parameters."""
    wanted = {parameter.name for parameter in operation.path_parameters}
    return {name: str(value) for name, value in place.values(endpoint, wanted).items()}


def right_case(
    operation: schemathesis.APIOperation, endpoint: str, place: Street
) -> schemathesis.Case:
    """A request as the document describes it, about what is there."""
    sent: dict[str, Any] = {}
    if endpoint in FILES:
        body, kind = FILES[endpoint]
        sent = {"body": body, "media_type": kind}
    elif operation.body:
        body = BODIES[endpoint](place) if endpoint in BODIES else {}
        sent = {"body": body, "media_type": "application/json"}
    key = {"Idempotency-Key": f"{endpoint}-{place.state}"}
    wanted = {parameter.name for parameter in operation.headers}
    return operation.Case(
        path_parameters=dict(names(operation, endpoint, place)),
        headers={name: value for name, value in key.items() if name in wanted},
        query=QUERIES.get(endpoint, {}),
        **sent,
    )


def headers_of(session: Session, made: Street, now: datetime) -> dict[str, dict[str, str]]:
    """The header of each one's program."""
    return {
        role: {} if role == "stranger" else bearer(session, made.act(role), now=now)
        for role in ASKERS
    }

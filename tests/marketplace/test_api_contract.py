"""The API keeps what its own document promises, whatever is sent to it."""

from datetime import datetime

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from sqlalchemy.orm import Session

from models.actors import Actor
from tests.make_api import bearer

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
]
MODES = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]


@pytest.mark.parametrize("mode", MODES, ids=["fitting", "unfitting"])
@pytest.mark.parametrize("asks", ["stranger", "member"])
def test_every_operation_gives_only_documented_answers(
    app: Flask,
    session: Session,
    alice: Actor,
    now: datetime,
    asks: str,
    mode: schemathesis.GenerationMode,
) -> None:
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    headers = bearer(session, alice, now=now) if asks == "member" else {}
    walked = 0

    for operation in described.get_all_operations():
        try:
            walk(operation.ok(), mode, headers)
            walked += 1
        except Unsatisfiable:
            # An operation that takes nothing cannot be asked in an unfitting way.
            assert mode is schemathesis.GenerationMode.NEGATIVE

    assert walked >= 3


def walk(
    operation: schemathesis.APIOperation,
    mode: schemathesis.GenerationMode,
    headers: dict[str, str],
) -> None:
    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS, headers=headers)

    send()

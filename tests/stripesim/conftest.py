"""One fresh simulator for each test."""

import pytest

from tests.stripesim.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()

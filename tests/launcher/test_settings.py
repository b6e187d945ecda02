"""What a first run decides by itself, and what it refuses."""

from pathlib import Path

import pytest

from launcher import settings


def test_a_first_run_is_a_demo_that_only_this_machine_reaches(tmp_path: Path) -> None:
    env = settings.children(tmp_path, {"PATH": "/bin"}, port=8123)

    assert env["ALLMENDE_MODE"] == "demo"
    assert env["HOST"] == "127.0.0.1"
    assert env["PUBLIC_URL"] == "http://localhost:8123"
    assert env["MAIL_URL"] == "file:var/mail"
    assert env["PATH"].endswith(":/bin")


def test_what_the_operator_says_is_kept(tmp_path: Path) -> None:
    given = {
        "ALLMENDE_MODE": "production",
        "SECRET_KEY": "k" * 50,
        "STRIPE_SECRET_KEY": "sk_test_1",
    }

    env = settings.children(tmp_path, given, port=8123)

    assert env.items() >= given.items()
    assert "HOST" not in env
    assert "MAIL_URL" not in env
    assert not settings.wants_simulator(env)
    assert list(tmp_path.iterdir()) == []


def test_without_a_key_gateway_and_simulator_point_at_each_other(tmp_path: Path) -> None:
    env = settings.children(tmp_path, {}, port=8123)

    assert settings.wants_simulator(env)
    first, second = settings.simulator(tmp_path, env), settings.simulator(tmp_path, env)

    assert first["STRIPE_API_BASE"] == f"http://localhost:{first['STRIPESIM_PORT']}"
    assert ":8123/" in first["STRIPESIM_WEBHOOK_URL"]
    assert first["STRIPE_SECRET_KEY"].startswith("sk_test_")
    assert first["STRIPESIM_API_KEY"] == first["STRIPE_SECRET_KEY"]
    assert first["STRIPESIM_WEBHOOK_SECRET"] == first["STRIPE_WEBHOOK_SECRET"]
    assert first["STRIPE_WEBHOOK_SECRET"] == second["STRIPE_WEBHOOK_SECRET"]


@pytest.mark.parametrize("port", ["0", "65536", "-1", "abc", "80 80", "٨٠٨٠"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(settings.BadSetting, match="PORT must be a number"):
        settings.port_of({"PORT": port})


def test_the_usual_port_needs_no_setting() -> None:
    assert settings.port_of({}) == settings.port_of({"PORT": ""}) == 8000

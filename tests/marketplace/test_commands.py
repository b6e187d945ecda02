"""Commands for those who host, and what they refuse."""

import subprocess
import sys
from dataclasses import replace

import pytest
from babel.messages.catalog import Catalog
from sqlalchemy import create_engine, text

from marketplace import create_app, db, schema
from marketplace.config import Settings, UnsafeSettings, refuse_unsafe, unsafe
from marketplace.operations import translations_commands
from marketplace.operations.catalogue import catalogue
from marketplace.operations.starters import starter
from models.operations import LegalKind
from services import operations
from tests import make_running
from tests.conftest import driver_url

SAFE = Settings(
    allmende_mode="production",
    database_url="postgresql://allmende@db/allmende",
    secret_key="0f8b5c1e7d3a9264f0b1c2d3e4f5061728394a5b6c7d8e9f0a1b2c3d",
    public_url="https://allmende.example.org",
    trusted_hosts="allmende.example.org",
    trusted_proxies=1,
    mail_url="smtps://mail.example.org",
    mail_from="Allmende <post@allmende.example.org>",
    stripe_secret_key="sk_test_of_our_own",
    stripe_webhook_secret="whsec_of_our_own",
)
UNSAFE = {
    "secret-key": {"secret_key": "short"},
    "mode": {"allmende_mode": "demo"},
    "https": {"public_url": "http://allmende.example.org"},
    "trusted-hosts": {"trusted_hosts": ""},
    "trusted-proxies": {"trusted_proxies": 0},
    "mail": {"mail_url": "file:var/mail"},
    "mail-from": {"mail_from": "Allmende <noreply@localhost>"},
    "database": {"database_url": Settings.database_url},
    "live-key": {"stripe_secret_key": "sk_live_x"},
    "stripe-key": {"stripe_secret_key": Settings.stripe_secret_key},
    "webhook-secret": {"stripe_webhook_secret": Settings.stripe_webhook_secret},
    "metrics-token": {"metrics_token": "short"},
}


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=list(arguments))


def test_safe_settings_have_nothing_against_them():
    assert unsafe(SAFE) == []


@pytest.mark.parametrize("code", UNSAFE)
def test_each_unsafe_setting_is_found(code):
    found = unsafe(replace(SAFE, **UNSAFE[code]))

    assert [finding.code for finding in found] == [code]


@pytest.mark.parametrize("code", sorted(set(UNSAFE) - {"mode", "trusted-proxies", "live-key"}))
def test_production_does_not_start_with_unsafe_settings(code):
    with pytest.raises(UnsafeSettings, match=code):
        create_app(replace(SAFE, **UNSAFE[code]))


@pytest.mark.parametrize("key", ["sk_live_x", "rk_live_x"])
def test_no_demo_starts_with_a_live_key(key):
    with pytest.raises(UnsafeSettings, match="is a live key"):
        create_app(replace(SAFE, allmende_mode="demo", stripe_secret_key=key))


@pytest.mark.parametrize("key", ["sk_live_x", "rk_live_x"])
def test_production_takes_a_live_key_and_says_what_that_means(key):
    settings = replace(SAFE, stripe_secret_key=key)
    [advice] = unsafe(settings)
    assert (advice.code, advice.is_error) == ("live-key", False)
    refuse_unsafe(settings)
    with pytest.raises(UnsafeSettings, match="webhook-secret"):
        refuse_unsafe(replace(settings, stripe_webhook_secret=Settings.stripe_webhook_secret))


def test_a_key_that_is_set_to_nothing_is_missing_too():
    found = unsafe(replace(SAFE, stripe_secret_key=""))

    assert [finding.code for finding in found] == ["stripe-key"]


def test_who_pays_by_the_simulator_needs_no_key_of_stripe():
    settings = replace(
        SAFE,
        stripe_secret_key=Settings.stripe_secret_key,
        stripe_api_base="http://localhost:8001",
    )

    assert unsafe(settings) == []


def test_production_starts_with_safe_settings():
    app = create_app(SAFE)

    assert app.config["SESSION_COOKIE_SECURE"]
    assert app.config["SESSION_COOKIE_NAME"].startswith("__Host-")
    app.extensions["engine"].dispose()


def test_the_check_of_a_demo_passes_but_not_for_the_public(app):
    here, public = run(app, "check"), run(app, "check", "--deploy")

    assert (here.exit_code, public.exit_code) == (0, 1)
    assert "ALLMENDE_MODE" in public.output


def test_the_check_says_if_the_database_is_gone(settings):
    app = create_app(replace(settings, database_url="postgresql://nobody@127.0.0.1:1/nothing"))

    result = run(app, "check")

    assert result.exit_code == 1
    assert "does not answer" in result.output
    app.extensions["engine"].dispose()


def test_the_books_are_verified_by_command(real_app):
    assert run(real_app, "ledger", "verify").output == "The books are sound.\n"
    with real_app.app_context():
        assert operations.last_check(db.session()).is_sound


def test_wrong_books_end_the_command_with_1(real_app):
    with real_app.app_context(), db.transaction() as session:
        session.execute(text("ALTER TABLE entries DISABLE TRIGGER USER"))
        session.execute(text("ALTER TABLE transfers DISABLE TRIGGER USER"))
        session.execute(
            text("INSERT INTO transfers (key, reason, made_at) VALUES ('k', 'odd', now())")
        )

    result = run(real_app, "ledger", "verify")

    assert result.exit_code == 1
    assert "transfer without entries" in result.output


def test_the_trial_balance_names_each_purpose_and_comes_to_zero(app, session, alice, bob, now):
    make_running.pay_cash(
        session, make_running.closed(session, alice, [(bob, 5)], now=now), alice, bob, now=now
    )

    result = run(app, "ledger", "trial-balance")

    assert result.exit_code == 0
    assert [line.split() for line in result.output.splitlines()] == [
        ["EUR", "own", "0.00"],
        ["EUR", "pot", "200.00"],
        ["EUR", "cash", "-200.00"],
        ["EUR", "total", "0.00"],
    ]


def test_a_trial_balance_that_is_not_zero_ends_the_command_with_1(real_app):
    with real_app.app_context(), db.transaction() as session:
        session.execute(text("ALTER TABLE entries DISABLE TRIGGER USER"))
        session.execute(text("ALTER TABLE transfers DISABLE TRIGGER USER"))
        session.execute(
            text(
                "WITH a AS (INSERT INTO accounts (purpose, currency, balance_minor, held_minor,"
                " opened_at) VALUES ('pot', 'EUR', 0, 0, now()) RETURNING id), t AS (INSERT INTO"
                " transfers (key, reason, made_at) VALUES ('k', 'odd', now()) RETURNING id)"
                " INSERT INTO entries (transfer_id, account_id, amount_minor, currency)"
                " SELECT t.id, a.id, 1234, 'EUR' FROM a, t"
            )
        )

    result = run(real_app, "ledger", "trial-balance")

    assert result.exit_code == 1
    assert result.output.splitlines()[-1].split() == ["EUR", "total", "12.34"]


def test_an_operator_is_made_by_command(app, session, bob):
    made = run(app, "members", "make-operator", bob.member.email)
    unknown = run(app, "members", "make-operator", "nobody@example.org")

    assert (made.exit_code, unknown.exit_code) == (0, 1)
    assert bob.member.is_operator
    assert "no member" in unknown.output


def test_starters_are_published_once(app, session):
    first, second = run(app, "legal", "begin"), run(app, "legal", "begin")

    assert first.output.startswith("12 ")
    assert second.output.startswith("0 ")
    assert operations.missing(session) == []


@pytest.mark.parametrize("locale", ["en", "de", "nl"])
@pytest.mark.parametrize("kind", LegalKind)
def test_there_is_a_starter_in_each_language(kind, locale):
    assert starter(kind, locale).startswith("## ")


def test_bounces_are_told_by_command(app, session):
    assert run(app, "mail", "bounced", "a@example.org").output.startswith("0 mails")


@pytest.fixture
def empty(server, template):
    name = f"{template}_empty"
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = create_engine(driver_url(server.url.set(database=name).render_as_string(False)))
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE notices ADD COLUMN colour text",
        "ALTER TABLE notices ALTER COLUMN path DROP NOT NULL",
        "ALTER TABLE mails DROP CONSTRAINT ck_mails_tries_are_positive",
        "DROP INDEX ix_notices_unread",
        "DROP TRIGGER entries_balance ON entries",
        "ALTER TABLE entries DISABLE TRIGGER entries_are_posted",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TYPE procrastinate_job_status ADD VALUE 'lost'",
    ],
)
def test_every_difference_of_two_schemas_is_seen(empty, change):
    schema.build(empty)
    empty.commit()
    before = catalogue(empty)
    empty.execute(text(change))
    empty.commit()

    assert catalogue(empty) != before


def test_what_is_said_is_collected_from_code_and_templates(app):
    with app.app_context():
        template = translations_commands.collected()
    said = {message.id if isinstance(message.id, str) else message.id[0] for message in template}

    assert "You get %(amount)s back for %(title)s." in said
    assert "Mark all as read" in said
    assert "You are not allowed to do this." in said
    # Of the API: a resource, an operation, more about one, and what can be sent along.
    assert "Money that goes back." in said
    assert "Join, with obligation to pay if it happens." in said
    assert "For members in person: no program of one organisation is let in." in said
    assert "How the name begins." in said


@pytest.mark.parametrize(
    ("string", "finding"),
    [
        ("", "not translated"),
        ("Hallo", "other placeholders"),
        ("Hallo %(nam)s", "other placeholders"),
        ("Hallo %(name)s", None),
    ],
)
def test_a_catalogue_with_a_fault_is_found_out(string, finding):
    template, german = Catalog(), Catalog(locale="de")
    template.add("Hello %(name)s")
    german.add("Hello %(name)s", string)

    faults = list(translations_commands.faults(template, german))

    assert [fault.partition(":")[0] for fault in faults] == ([finding] if finding else [])


def test_an_uncertain_or_half_plural_translation_is_a_fault():
    template, german = Catalog(), Catalog(locale="de")
    template.add("Hello")
    template.add(("%(num)s can", "%(num)s cans"))
    german.add("Hello", "Hallo", flags=["fuzzy"])
    german.add(("%(num)s can", "%(num)s cans"), ("eine Kanne", ""))

    faults = [fault.partition(":")[0] for fault in translations_commands.faults(template, german)]

    assert sorted(faults) == ["not translated", "uncertain"]


def test_commands_need_no_database_that_answers():
    result = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "marketplace", "translations", "--help"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr


def test_a_database_of_another_version_is_refused_in_words(real_app):
    with real_app.extensions["engine"].begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num varchar(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))

    answer = run(real_app, "migrate")

    assert answer.exit_code == 1
    assert "This database was made by another version" in answer.output
    assert "make demo" in answer.output

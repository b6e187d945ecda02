"""Every setting: read from the environment, with its default and its meaning."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from click import ClickException

from services.gateways.answers import LIVE_KEYS

MODES = ("demo", "production")
LOCALES = {"en": "English", "de": "Deutsch", "nl": "Nederlands"}


@dataclass(frozen=True)
class Settings:
    """What an instance is told by its environment. Names are those of the variables."""

    # postgresql://…; the supervisor sets it to the embedded server where it is missing.
    database_url: str = "postgresql:///allmende"
    # Signs cookies. At least 50 characters in production.
    secret_key: str = ""
    # `demo` shows sign-ins, mail and the style guide; `production` refuses all three.
    allmende_mode: str = "demo"
    # Where people reach this instance: used in mails, links and webhooks.
    public_url: str = "http://localhost:8000"
    # Comma-separated host names that are answered; empty means any, which production refuses.
    trusted_hosts: str = ""
    # How many proxies stand in front and set X-Forwarded-*.
    trusted_proxies: int = 0
    default_locale: str = "en"
    instance_name: str = "Allmende"
    # What a new group buy is reckoned in unless its organiser chooses another.
    default_currency: str = "EUR"
    # file:DIRECTORY, or smtp://user:password@host:port, smtps://…
    mail_url: str = "file:var/mail"
    mail_from: str = "Allmende <noreply@localhost>"
    # How long a mail server may keep us waiting before we try again later.
    mail_timeout_seconds: int = 20
    stripe_secret_key: str = "sk_test_sandbox"  # noqa: S105 - public on purpose
    stripe_webhook_secret: str = "whsec_sandbox"  # noqa: S105 - public on purpose
    # Set to the simulator's address where there are no keys; empty means Stripe itself.
    stripe_api_base: str = ""
    # What one API token or address may ask, counted by each web process for itself.
    api_rate_limit: str = "300 per minute"
    db_pool_size: int = 10
    # Memory that hashing one password takes (Argon2id, three passes); RFC 9106 recommends 64 MiB.
    password_memory_kib: int = 65_536
    log_level: str = "INFO"
    # Lets a monitoring program read /metrics from elsewhere; without it only this machine may.
    metrics_token: str = ""

    @property
    def is_demo(self) -> bool:
        return self.allmende_mode == "demo"

    @property
    def is_production(self) -> bool:
        return self.allmende_mode == "production"

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def has_live_key(self) -> bool:
        return self.stripe_secret_key.startswith(LIVE_KEYS)

    @property
    def has_own_key(self) -> bool:
        """Whether the payment key is one that somebody was given by Stripe."""
        return self.stripe_secret_key not in ("", Settings.stripe_secret_key)

    @property
    def is_sandbox(self) -> bool:
        """Whether no real money can move: the simulator, or Stripe's test mode."""
        return not self.has_live_key


def from_environment(environ: Mapping[str, str] = os.environ, **overrides: Any) -> Settings:
    """The settings of this process; `overrides` win (tests and commands use them)."""
    found: dict[str, Any] = {}
    for one in fields(Settings):
        value = environ.get(one.name.upper())
        if value is not None:
            found[one.name] = int(value) if one.type in (int, "int") else value
    return Settings(**{**found, **overrides})


@dataclass(frozen=True)
class Finding:
    """Something unsafe in the settings of a production instance; what is no error is advice."""

    code: str
    text: str
    is_error: bool = field(default=True)

    def __str__(self) -> str:
        return f"{'error' if self.is_error else 'advice'}: {self.code}: {self.text}"


class UnsafeSettings(ClickException):
    """An instance that must not start. Commands print it; servers stop with it."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(["These settings are not safe:", *map(str, findings)]))


_LIVE_KEY = Finding(
    "live-key",
    "STRIPE_SECRET_KEY is a live key: real money moves. Read docs/payouts.md, and try everything "
    "with a test key (sk_test_) first.",
    is_error=False,
)


def refuse_unsafe(settings: Settings) -> None:
    """Do not start in production with settings that put members or money at risk.

    A mode that is misspelt is neither demo nor production, so nothing would be refused. In the
    demo a live key is refused: whoever finds the sign-ins on show would move real money.
    """
    if settings.allmende_mode not in MODES:
        unknown = "ALLMENDE_MODE is neither `demo` nor `production`."
        raise UnsafeSettings([Finding("mode", unknown)])
    if settings.is_demo and settings.has_live_key:
        raise UnsafeSettings([Finding("live-key", "STRIPE_SECRET_KEY is a live key, in a demo.")])
    errors = [finding for finding in unsafe(settings) if finding.is_error]
    if settings.is_production and errors:
        raise UnsafeSettings(errors)


def unsafe(settings: Settings) -> list[Finding]:
    """What `flask check --deploy` has against these settings (after Django's checks)."""
    findings = []
    key = settings.secret_key
    if len(key) < 50 or len(set(key)) < 5:
        findings.append(
            Finding("secret-key", "SECRET_KEY needs 50 characters or more, drawn at random.")
        )
    if not settings.is_production:
        findings.append(
            Finding("mode", "ALLMENDE_MODE is not `production`: demo sign-ins and mail are shown.")
        )
    if not settings.is_https:
        findings.append(Finding("https", "PUBLIC_URL does not begin with https://."))
    if not settings.trusted_hosts:
        findings.append(Finding("trusted-hosts", "TRUSTED_HOSTS is empty: any host is answered."))
    if settings.mail_url.startswith("file:"):
        findings.append(Finding("mail", "MAIL_URL is a folder: no mail reaches anybody."))
    if settings.mail_from.rstrip(">").endswith("@localhost"):
        findings.append(Finding("mail-from", "MAIL_FROM is no address that can be answered."))
    if settings.database_url == Settings.database_url:
        findings.append(Finding("database", "DATABASE_URL is not set."))
    if settings.metrics_token and len(settings.metrics_token) < 20:
        findings.append(Finding("metrics-token", "METRICS_TOKEN needs 20 characters or more."))
    if not settings.trusted_proxies:
        findings.append(
            Finding(
                "trusted-proxies",
                "TRUSTED_PROXIES is 0: behind a proxy, all visitors look like one.",
                is_error=False,
            )
        )
    if settings.has_live_key:
        findings.append(_LIVE_KEY)
    elif not settings.stripe_api_base and not settings.has_own_key:
        findings.append(
            Finding("stripe-key", "STRIPE_SECRET_KEY is missing: Stripe would answer no payment.")
        )
    if settings.stripe_webhook_secret == Settings.stripe_webhook_secret:
        findings.append(Finding("webhook-secret", "STRIPE_WEBHOOK_SECRET is the sandbox's own."))
    return findings

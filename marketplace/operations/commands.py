"""Commands for those who host: books, settings, worker, roles, mails, legal texts."""

import sys
from collections import Counter
from decimal import Decimal

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from marketplace import db, jobs
from marketplace.config import unsafe
from marketplace.operations import starters
from models.errors import Refused
from services import ledger, mailing, operations

ledger_group = AppGroup("ledger", help="The books.")
members_group = AppGroup("members", help="The people.")
mail_group = AppGroup("mail", help="The mails.")
legal_group = AppGroup("legal", help="Imprint, privacy, terms, accessibility.")


@ledger_group.command("verify")
def verify_ledger() -> None:
    """Check the books, keep the result, and exit 1 if something is wrong."""
    with db.transaction() as session:
        check = operations.check_books(session, now=db.now(session))
    for finding in check.findings:
        click.echo(finding)
    if not check.is_sound:
        sys.exit(1)
    click.echo("The books are sound.")


@ledger_group.command("trial-balance")
def show_trial_balance() -> None:
    """Print what is booked, by currency and purpose; exit 1 unless each currency comes to zero.

    Two databases that hold the same print the same.
    """
    rows = ledger.trial_balance(db.session())
    totals = Counter[tuple[str, int]]()
    for row in rows:
        totals[row.currency, row.exponent] += row.sum_minor
        click.echo(_balance(row.currency, row.purpose, row.sum_minor, row.exponent))
    for (currency, exponent), total in totals.items():
        click.echo(_balance(currency, "total", total, exponent))
    if any(totals.values()):
        sys.exit(1)


def _balance(currency: str, purpose: str, sum_minor: int, exponent: int) -> str:
    return f"{currency:<16} {purpose:<8} {Decimal(sum_minor).scaleb(-exponent):>20f}"


@click.command("check")
@click.option("--deploy", is_flag=True, help="Check the settings of a production instance.")
@with_appcontext
def check(deploy: bool) -> None:
    """Check database and settings; exit 1 if something is wrong."""
    settings = current_app.config["SETTINGS"]
    findings = unsafe(settings) if deploy else []
    for finding in findings:
        click.echo(str(finding))
    reachable = db.is_reachable(current_app.extensions["engine"])
    if not reachable:
        click.echo("error: database: The database does not answer.")
    if not reachable or any(finding.is_error for finding in findings):
        sys.exit(1)
    click.echo("All is well.")


@click.command("worker")
@click.option("--until-empty", is_flag=True, help="Stop when no job is due.")
@with_appcontext
def worker(until_empty: bool) -> None:
    """Do the background work, until told to stop."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    jobs.work(app, app.config["SETTINGS"].database_url, until_empty=until_empty)


@members_group.command("make-operator")
@click.argument("email")
def make_operator(email: str) -> None:
    """Let a member run and moderate this instance."""
    try:
        with db.transaction() as session:
            member = operations.make_operator(session, email)
    except Refused as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"{member.display_name} operates this instance now.")


@mail_group.command("bounced")
@click.argument("address")
@click.option("--why", default="", help="What the other server said.")
def bounced(address: str, why: str) -> None:
    """Say that mail to ADDRESS came back; notices are no longer mailed there."""
    with db.transaction() as session:
        count = mailing.mark_bounced(session, address, why)
    click.echo(f"{count} mails to {address} came back.")


@legal_group.command("begin")
def begin_legal() -> None:
    """Publish the starter texts where there is none yet. Change them before you go public."""
    with db.transaction() as session:
        published = starters.publish_missing(session, now=db.now(session))
    click.echo(f"{published} texts were published. Read and change each of them.")


COMMANDS = (ledger_group, check, worker, members_group, mail_group, legal_group)

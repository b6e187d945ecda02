"""The demo world, by command."""

import sys

import click
from flask import current_app
from flask.cli import AppGroup

from marketplace import db
from marketplace.demo.people import PEOPLE, SIGN_INS
from services import members, passwords

group = AppGroup("demo", help="The demo world.")


@group.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing if somebody has joined already.")
def load(if_empty: bool) -> None:
    """Fill an empty database with the demo world."""
    settings = current_app.config["SETTINGS"]
    if not settings.is_demo:
        click.echo("This is no demo instance: the demo world is not loaded.")
        sys.exit(0 if if_empty else 1)
    session = db.session()
    if members.has_any(session):
        if if_empty:
            return
        raise click.ClickException("Somebody has joined already; the demo needs an empty database.")
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    now = db.now(session)
    db.let_go()
    click.echo("Loading the demo world: three towns, a dozen group buys …")
    # Their passwords are drawn at random and known to nobody: hashing them need not be slow.
    passwords.use_memory(1024)
    # With it comes the simulator, which no other command and no server needs.
    from marketplace.demo import story

    story.load(app, settings, now=now, step=_say_how_far)
    click.echo("The demo world stands.")


def _say_how_far(done: int, of: int) -> None:
    """A line for each tenth: it takes minutes on a small machine."""
    tenth = done * 10 // of
    if tenth and tenth > (done - 1) * 10 // of:
        click.echo(f"  {tenth * 10} %")


@group.command("sign-ins")
def sign_ins() -> None:
    """Say as whom a visitor can sign in, with one click on the sign-in page."""
    by_key = {person.key: person for person in PEOPLE}
    for key, what in SIGN_INS:
        click.echo(f"  {what:<24} {by_key[key].name} ({by_key[key].email})")

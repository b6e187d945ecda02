"""Commands about the schema: bring it up to date, derive a migration, compare two ways to it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL

from marketplace import db, schema
from marketplace.operations.catalogue import catalogue
from services import geography, places, reference

MIGRATIONS = Path(__file__).parents[2] / "migrations"
PLACES = "places.csv.gz"
# Two processes that start at once must not migrate at once.
LOCK = 7_260_521

schema_group = AppGroup("schema", help="The schema of the database.")


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's settings, made here so that there is no second file of them."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    made.attributes["connection"] = connection
    return made


def migrate_to_head(connection: Connection) -> None:
    """Run every migration that this database has not seen."""
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
    connection.commit()
    try:
        command.upgrade(configuration(connection), "head")
        connection.commit()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
        connection.commit()


def is_at_head(connection: Connection) -> bool:
    """Whether the database has seen every migration that this code knows."""
    return set(MigrationContext.configure(connection).get_current_heads()) == _heads()


@cache
def _heads() -> set[str]:
    """The newest migrations of this release; they do not change while a process runs."""
    return set(ScriptDirectory.from_config(configuration()).get_heads())


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Bring the database up to this release, with the currencies and places it carries."""
    try:
        with current_app.extensions["engine"].connect() as connection:
            migrate_to_head(connection)
    except CommandError as error:
        raise click.ClickException(
            f"This database was made by another version, which this one cannot go on from: {error} "
            "A demo world is made anew by `make demo`."
        ) from error
    with db.transaction() as session:
        reference.load_currencies(session)
        if not geography.are_loaded(session):
            geography.load(session, places.read_seed(files("marketplace") / "seed" / PLACES))
    click.echo("The database is up to date.")


@schema_group.command("revise")
@click.argument("message")
def revise(message: str) -> None:
    """Derive a migration from the difference between models and database."""
    with current_app.extensions["engine"].connect() as connection:
        command.revision(configuration(connection), message=message, autogenerate=True)


@schema_group.command("check")
def check() -> None:
    """Compare what the migrations build with what the models say; exit 1 on a difference."""
    with _scratch("built") as connection:
        schema.build(connection)
        connection.commit()
        built = catalogue(connection)
    with _scratch("migrated") as connection:
        migrate_to_head(connection)
        migrated = catalogue(connection)
    differences = [f"models alone: {line}" for line in sorted(built - migrated)]
    differences += [f"migrations alone: {line}" for line in sorted(migrated - built)]
    for line in differences:
        click.echo(line)
    if differences:
        sys.exit(1)
    click.echo(f"Models and migrations agree in {len(built)} points.")


@contextmanager
def _scratch(name: str) -> Iterator[Connection]:
    """An empty database on the same server, which is gone afterwards."""
    url: URL = current_app.extensions["engine"].url
    scratch = f"{url.database}_{name}_{os.getpid()}"
    _on_server(url, f'CREATE DATABASE "{scratch}"')
    engine = create_engine(url.set(database=scratch))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
        _on_server(url, f'DROP DATABASE IF EXISTS "{scratch}" WITH (FORCE)')


def _on_server(url: URL, statement: str) -> None:
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(statement)
    server.dispose()


COMMANDS = (migrate, schema_group)

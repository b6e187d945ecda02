"""Commands for places: `flask places load`."""

from importlib.resources import files

import click
from flask.cli import AppGroup

from marketplace import db
from services import geography, places

group = AppGroup("places", help="The table of towns and villages.")

SEED = files("marketplace") / "seed" / "places.csv.gz"


@group.command("load")
def load() -> None:
    """Bring the table of places up to what this release carries; safe to repeat."""
    with db.transaction() as session:
        count = geography.load(session, places.read_seed(SEED))
    click.echo(f"{count} places")

"""Commands of group buying: anyone who has a proof can replay it."""

import json
import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from services import clearing
from services.clearing.proofs import ProofInvalid

buying_group = AppGroup("buying", help="Group buys.")


@buying_group.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def replay(file: Path) -> None:
    """Clear the proof in FILE again; exit 1 if something else comes out, 2 if it is no proof."""
    try:
        verdict = clearing.replay(json.loads(file.read_text(encoding="utf-8")))
    except (ProofInvalid, ValueError, RecursionError) as refusal:
        click.echo(f"This is no proof: {refusal}")
        sys.exit(2)
    for difference in verdict.differences:
        click.echo(
            f"{difference.where}: it claims {difference.claimed!r}, we find {difference.found!r}"
        )
    if not verdict.agrees:
        sys.exit(1)
    click.echo("The proof agrees: the same comes out again.")


COMMANDS = (buying_group,)

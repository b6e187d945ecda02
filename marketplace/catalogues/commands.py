"""Commands for catalogues: `flask catalogues import FILE --catalogue ID [--confirm]`."""

from pathlib import Path

import click
from flask.cli import AppGroup

from marketplace import db
from marketplace.catalogues.tasks import read
from models.catalogues import Catalogue, VersionState
from models.errors import Refused
from services import catalogues
from services.catalogues import MOST_BYTES, Upload, VatRates

group = AppGroup("catalogues", help="The catalogues of suppliers.")


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--catalogue", "catalogue_id", type=int, required=True, help="Its id.")
@click.option("--confirm", is_flag=True, help="Keep the list if every line could be read.")
@click.option("--reduced", type=int, help="VAT of code 1 in basis points.")
@click.option("--standard", type=int, help="VAT of code 2 in basis points.")
def import_(
    file: Path, catalogue_id: int, confirm: bool, reduced: int | None, standard: int | None
) -> None:
    """Read the price list FILE into a catalogue, in the name of its owner.

    Prints a line for each problem. Ends with 0 if every line was read, with 1 if lines were left
    out (the list waits to be looked at, even with --confirm), with 2 if nothing could be read.
    """
    try:
        number = _upload(file, catalogue_id, reduced, standard)
    except Refused as refusal:
        raise click.ClickException(refusal.message % refusal.facts) from None
    click.get_current_context().exit(_report(catalogue_id, number, confirm=confirm))


def _upload(file: Path, catalogue_id: int, reduced: int | None, standard: int | None) -> int:
    """Take the file in and read it here and now; the number of the list."""
    with db.transaction() as session:
        actor = catalogues.keeper(session, catalogue_id)
        catalogue = catalogues.find(session, catalogue_id, actor=actor, lock=True)
        proposed = catalogues.proposed_vat_rates(session, catalogue)
        rates = VatRates(
            proposed.reduced_basis_points if reduced is None else reduced,
            proposed.standard_basis_points if standard is None else standard,
        )
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
        version = catalogues.upload(
            session, catalogue, Upload(content, rates, file.name), actor=actor, now=db.now(session)
        )
    read(version.id)
    return version.number


def _report(catalogue_id: int, number: int, *, confirm: bool) -> int:
    """Print what became of the list, keep it if that was asked for and can be; the exit code."""
    with db.transaction() as session:
        actor = catalogues.keeper(session, catalogue_id)
        catalogue: Catalogue = catalogues.find(session, catalogue_id, actor=actor, lock=True)
        version = catalogues.version(session, catalogue, number, lock=True)
        for problem in version.problems:
            sentence = catalogues.sentence(problem) % problem["facts"]
            where = f"line {problem['line']}: " if problem["line"] else ""
            column = f"{problem['column']}: " if problem["column"] else ""
            click.echo(f"{where}{column}{sentence} ({problem['severity']})", err=True)
        if version.state == VersionState.FAULTY:
            catalogues.throw_away(session, catalogue, version, actor=actor, now=db.now(session))
            click.echo("Nothing was kept.")
            return 2
        click.echo(f"List {number}: {version.articles_count} articles.")
        if version.left_out_count:
            click.echo(f"{version.left_out_count} lines were left out; the list waits.")
            return 1
        if confirm:
            catalogues.keep(session, catalogue, version, actor=actor, now=db.now(session))
            click.echo("It is the current list now.")
        else:
            click.echo("It waits to be looked at.")
        return 0

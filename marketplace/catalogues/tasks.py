"""Background work of catalogues: reading a list, and forgetting what nobody decided on."""

from marketplace import db
from marketplace.jobs import task
from services import catalogues


@task("catalogues.read")
def read(version_id: int) -> None:
    """Read an uploaded list. How far it is, is kept in short transactions of their own."""
    unread = catalogues.unread(db.session(), version_id)
    # Nothing is held while the file is parsed, which takes seconds for a long one.
    db.let_go()
    if unread is None:
        return

    def tell(done: int, total: int) -> None:
        with db.transaction() as session:
            catalogues.tell_progress(session, version_id, done, total)

    listed = catalogues.parse(unread, on_progress=tell)
    with db.transaction() as session:
        catalogues.keep_reading(session, version_id, listed, now=db.now(session))


@task("catalogues.sweep", every="43 3 * * *")
def sweep() -> None:
    with db.transaction() as session:
        catalogues.sweep(session, now=db.now(session))

"""Background work of members."""

from marketplace import db
from marketplace.jobs import task
from services import members


@task("members.mail_reset")
def mail_reset(email: str) -> None:
    with db.transaction() as session:
        members.mail_reset(session, email, now=db.now(session))


@task("members.sweep", every="17 * * * *")
def sweep() -> None:
    with db.transaction() as session:
        members.sweep(session, now=db.now(session))

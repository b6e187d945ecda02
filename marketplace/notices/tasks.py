"""What follows from events, and the mails that were written: done by workers, safe to repeat."""

from typing import Any

from flask import current_app
from jinja2 import TemplateError

from marketplace import db, mailer
from marketplace.config import Settings
from marketplace.jobs import task
from services import mailing, reactions
from services.reactions import audience


@task("react")
def react(event_id: int) -> None:
    """Run all reactions to an event, all of them or none."""
    with db.transaction() as session:
        reactions.run(session, event_id, now=db.now(session))


@task("notices.tell_more")
def tell_more(event_id: int, telling: dict[str, Any], states: list[str], after: int) -> None:
    """Tell the next batch of the people whom an event concerns."""
    with db.transaction() as session:
        audience.tell_more(session, event_id, telling, states, after, now=db.now(session))


@task("mail.send")
def send_mail(mail_id: int) -> None:
    """Send a mail between two transactions: one takes it, one says how it went."""
    settings: Settings = current_app.config["SETTINGS"]
    with db.transaction() as session:
        now = db.now(session)
        mail = mailing.take(session, mail_id, now=now)
    if mail is None:
        return
    try:
        message = mailer.render(mail, settings, now=now)
    except (TemplateError, KeyError, TypeError, ValueError) as error:
        failure = f"{type(error).__name__}: {error}"
        with db.transaction() as session:
            mailing.give_up(session, mail_id, failure)
        return
    try:
        mailer.deliver(message, mail_id, settings)
    except mailer.NoSuchAddress as refusal:
        with db.transaction() as session:
            mailing.refuse(session, mail_id, str(refusal))
    except mailer.Undeliverable as refusal:
        with db.transaction() as session:
            mailing.give_up(session, mail_id, str(refusal))
    except mailer.NotDelivered as failure:
        with db.transaction() as session:
            mailing.put_off(session, mail_id, str(failure), now=db.now(session))
    else:
        with db.transaction() as session:
            mailing.mark_sent(session, mail_id, now=db.now(session))

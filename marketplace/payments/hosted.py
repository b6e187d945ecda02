"""The hosted page: where a payer is led to for a card, by a button or by a program."""

from flask import current_app, g, url_for

from marketplace import context, db
from marketplace.config import Settings
from marketplace.payments import acts
from marketplace.payments.gateway import or_try_later
from marketplace.payments.wording import consent
from models.actors import Actor
from services import payments


@or_try_later()
def page_for(commitment_id: int, actor: Actor) -> str:
    """The address of the hosted page on which `actor` goes on; asked twice, it is the same.

    Called outside of any transaction: the calls of the gateway stand between its own. Refuses
    with PaymentNotDue and NotFound, and answers 503 while the gateway is out of reach.
    """
    with db.transaction() as session:
        standing = payments.standing(session, commitment_id, actor=actor, now=db.now(session))
    # What is agreed to says its moments in the time of the deal.
    g.time_zone = standing.deal.time_zone
    settings: Settings = current_app.config["SETTINGS"]
    base = settings.public_url.rstrip("/")
    where = acts.Addresses(
        success_url=base + url_for("payments.come_back") + "?session_id={CHECKOUT_SESSION_ID}",
        cancel_url=base + url_for("payments.show", commitment_id=commitment_id),
        locale=context.choose_locale(),
    )
    words = consent(standing) if standing.commitment.is_alive else ""
    return acts.open_page(commitment_id, words, where, actor)

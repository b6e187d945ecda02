"""Invitations into an organisation, for whoever holds the link."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.participants.blueprint import bp
from marketplace.participants.organisations import MEANS, ROLES
from services import participants


@bp.get("/invitations/<token>")
def invitation(token: str) -> str:
    session = db.session()
    return render_template(
        "participants/invitation.html",
        invitation=participants.find_invitation(session, token, now=db.now(session)),
        roles=ROLES,
        means=MEANS,
        token=token,
    )


@bp.post("/invitations/<token>/acceptance")
@member_required
def accept(token: str) -> ResponseReturnValue:
    with db.transaction() as session:
        organisation = participants.accept(
            session, token, actor=auth.signed_in_actor(), now=db.now(session)
        )
    flash(gettext("You belong to %(name)s now.", name=organisation.name))
    return redirect(url_for("participants.belonging", slug=organisation.slug), 303)


@bp.post("/invitations/<token>/refusal")
def decline(token: str) -> ResponseReturnValue:
    with db.transaction() as session:
        participants.decline(session, token, actor=auth.actor(), now=db.now(session))
    flash(gettext("You have declined the invitation."))
    return redirect("/", 303)

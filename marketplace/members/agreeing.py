"""The terms of use after they changed: asked at the next sign-in, with a way on either way."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from marketplace import auth, context, db, returning
from marketplace.auth import member_required
from marketplace.fields import Words
from marketplace.forms import Form
from marketplace.members.blueprint import bp
from marketplace.schemas import Schema
from models.members import Member
from models.operations import LegalKind, LegalText
from services import members, operations


class Agreeing(Schema):
    next = Words(most=1_000, load_default="")


@bp.get("/terms/consent")
@member_required
def ask_consent() -> ResponseReturnValue:
    member, wanted = auth.signed_in_member(), returning.local_path(request.args.get("next"))
    terms = terms_of_use(db.session())
    if terms is None or not members.is_asked(member, terms):
        return redirect(wanted, 303)
    return render_template("members/terms.html", terms=terms, wanted=wanted)


@bp.post("/terms/consent")
@member_required
def consent() -> ResponseReturnValue:
    form = Form.sent(Agreeing)
    with db.transaction() as session:
        member = auth.signed_in_member()
        members.agree(member, terms_of_use(session), now=db.now(session))
    flash(gettext("Thank you. You agreed to the terms of use."))
    return redirect(returning.local_path(form.values.get("next")), 303)


def terms_of_use(session: Session) -> LegalText | None:
    """The terms of use that hold now, in the reader's language if they are there in it."""
    return operations.published(session, LegalKind.TERMS, context.choose_locale())


def onward(member: Member, wanted: str) -> str:
    """Where a sign-in leads: on, or first to terms of use that are newer than those accepted."""
    if members.is_asked(member, terms_of_use(db.session())):
        return url_for("members.ask_consent", next=wanted)
    return wanted

"""Joining: sign up, confirm the address; the same answer whether it is known or not."""

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db, returning
from marketplace.context import choose_locale
from marketplace.forms import Form
from marketplace.members.agreeing import terms_of_use
from marketplace.members.blueprint import bp
from marketplace.members.schemas import SignUp
from models.members import PasswordTooWeak
from services import members, passwords


@bp.get("/sign-up")
def sign_up() -> ResponseReturnValue:
    if auth.actor() is not None:
        return redirect(url_for("members.settings"), 303)
    if "next" in request.args:
        # The way back leads through the mailbox; the browser remembers it meanwhile.
        cookie["next"] = returning.local_path(request.args["next"])
    return _page(Form(SignUp))


@bp.post("/sign-up")
def join() -> ResponseReturnValue:
    form = Form.sent(SignUp)
    if not form.is_valid:
        _judge_password(form)
        return _page(form), 422
    with form.refusals():
        with form.transaction() as session:
            members.count_sign_up(
                session,
                email=form.fields["email"],
                address=request.remote_addr or "",
                now=db.now(session),
            )
        with form.transaction() as session:
            members.sign_up(
                session,
                **{name: form.fields[name] for name in ("name", "email", "password")},
                locale=choose_locale(),
                terms=terms_of_use(session),
                now=db.now(session),
            )
    if form.is_accepted:
        return redirect(url_for("members.signed_up"), 303)
    return _page(form), form.status


@bp.get("/sign-up/mailbox")
def signed_up() -> str:
    return render_template("members/signed_up.html")


@bp.get("/confirm/<token>")
def confirmation(token: str) -> str:
    """A page with a button: programs that open every link in a mail must not confirm."""
    session = db.session()
    link = members.find_confirmation(session, token, now=db.now(session))
    return render_template("members/confirm.html", token=token, email=link.email)


@bp.post("/confirm/<token>")
def confirm(token: str) -> ResponseReturnValue:
    reader = auth.actor()
    keep = auth.signed_in_session_id() if reader is not None else None
    with db.transaction() as session:
        member = members.confirm(session, token, keep_session=keep, now=db.now(session))
    if reader is not None and reader.member.id == member.id:
        flash(gettext("Thank you, your e-mail address is confirmed."))
        return redirect(
            returning.local_path(cookie.pop("next", None), url_for("members.settings")), 303
        )
    flash(gettext("Thank you, your e-mail address is confirmed. You can sign in now."))
    return redirect(url_for("members.sign_in"), 303)


def _judge_password(form: Form) -> None:
    """Say what is wrong with the password along with the rest, and not once that is mended."""
    if "password" not in form.fields:
        return
    personal = [form.fields[name] for name in ("name", "email") if name in form.fields]
    try:
        passwords.refuse_weak(form.fields["password"], personal=personal)
    except PasswordTooWeak as refusal:
        form.refuse(refusal)


def _page(form: Form) -> str:
    form.values.pop("password", None)
    return render_template("members/sign_up.html", form=form)

"""Signing in and out."""

from contextlib import suppress

from flask import flash, redirect, render_template, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db, known_browsers, returning
from marketplace.forms import Form
from marketplace.members.agreeing import onward
from marketplace.members.blueprint import bp
from marketplace.members.demo_sign_ins import are_offered, demo_sign_ins
from marketplace.members.schemas import DemoSignIn, SignIn
from models.errors import NotFound
from models.members import Member
from services import members, sessions


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    wanted = returning.local_path(request.args.get("next") or cookie.get("next"))
    if auth.actor() is not None:
        return redirect(wanted, 303)
    return _page(Form(SignIn, shown={"next": wanted}))


@bp.post("/sign-in")
def start_session() -> ResponseReturnValue:
    form = Form.sent(SignIn)
    with form.refusals():
        with form.transaction() as session:
            email, address = form.fields["email"], request.remote_addr or ""
            tries = members.SignIn(email, address, known_browsers.recognised(email))
            members.count_sign_in(session, tries, now=db.now(session))
        with form.transaction() as session:
            member, token = members.sign_in(
                session,
                email=email,
                password=form.fields["password"],
                user_agent=request.user_agent.string,
                now=db.now(session),
            )
            members.forgive_sign_in(session, tries)
    if form.is_accepted:
        return _signed_in(token, member, form.fields["next"])
    return _page(form), form.status


@bp.post("/sign-in/demo")
def start_demo_session() -> ResponseReturnValue:
    if not are_offered():
        raise NotFound
    form = Form.sent(DemoSignIn)
    if not form.is_valid:
        raise NotFound
    with db.transaction() as session:
        member, token = members.sign_in_to_demo(
            session,
            form.fields["email"],
            user_agent=request.user_agent.string,
            now=db.now(session),
        )
    return _signed_in(token, member, form.fields["next"])


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    reader = auth.actor()
    if reader is not None:
        # Pressed twice, it is over already.
        with suppress(NotFound), db.transaction() as session:
            sessions.end(session, reader.member, auth.signed_in_session_id())
    auth.end_session()
    flash(gettext("You are signed out."))
    return redirect("/", 303)


def _signed_in(token: str, member: Member, wanted: str) -> ResponseReturnValue:
    wanted = returning.local_path(wanted or cookie.get("next"))
    auth.start_session(token, member)
    return redirect(onward(member, wanted), 303)


def _page(form: Form) -> str:
    form.values.pop("password", None)
    form.values["next"] = returning.local_path(form.values.get("next"))
    return render_template(
        "members/sign_in.html", form=form, demo_sign_ins=demo_sign_ins(db.session())
    )

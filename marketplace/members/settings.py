"""A member's settings: address, password, signed-in browsers, keys for programs."""

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db, returning
from marketplace.auth import member_required
from marketplace.forms import Form
from marketplace.members.blueprint import bp
from marketplace.members.browsers import browser_name
from marketplace.members.schemas import ChangeEmail, ChangePassword, MakeToken
from models.members import Scope
from models.words import N_
from services import members, sessions

SCOPES = {
    Scope.READ: N_("Read what you can read"),
    Scope.PROFILE: N_("Change your profile"),
    Scope.BUYING: N_("Join, change and withdraw commitments"),
    Scope.ORGANISING: N_("Open and run group buys"),
    Scope.CATALOGUES: N_("Bring in and change catalogues"),
    Scope.CIRCLES: N_("Join, found and run circles"),
    Scope.MESSAGES: N_("Write questions, answers and messages"),
    Scope.MODERATION: N_("Work in the moderators' queue"),
}


@bp.get("/settings")
@member_required
def settings() -> str:
    return render_template("members/settings.html")


@bp.get("/settings/email")
@member_required
def email() -> str:
    return _email_page(Form(ChangeEmail))


@bp.post("/settings/email")
@member_required
def change_email() -> ResponseReturnValue:
    form, member = Form.sent(ChangeEmail), auth.signed_in_member()
    with form.refusals():
        with form.transaction() as session:
            members.count_password(session, member, now=db.now(session))
        with form.transaction() as session:
            now = db.now(session)
            members.ask_for_email(session, member, **form.fields, now=now)
            # Only a mail that is really written counts.
            members.count_mail(
                session, to=form.fields["email"], address=request.remote_addr or "", now=now
            )
            members.forgive_password(session, member)
    if form.is_accepted:
        flash(gettext("We have sent a link to the new address. It counts once you open it."))
        return redirect(url_for("members.email"), 303)
    return _email_page(form), form.status


@bp.post("/settings/email/confirmation")
@member_required
def send_confirmation() -> ResponseReturnValue:
    member = auth.signed_in_member()
    with db.transaction() as session:
        members.count_mail(
            session, to=member.email, address=request.remote_addr or "", now=db.now(session)
        )
    with db.transaction() as session:
        members.send_confirmation(session, member, now=db.now(session))
    onward = url_for("members.email")
    if "next" in request.form:
        # They go on here, and the link leads back to what they were about to do.
        onward = cookie["next"] = returning.local_path(request.form["next"])
    flash(gettext("We have sent the link again. Please look into your mailbox."))
    return redirect(onward, 303)


@bp.get("/settings/password")
@member_required
def password() -> str:
    return render_template("members/password.html", form=Form(ChangePassword))


@bp.post("/settings/password")
@member_required
def change_password() -> ResponseReturnValue:
    form, member = Form.sent(ChangePassword), auth.signed_in_member()
    with form.refusals():
        with form.transaction() as session:
            members.count_password(session, member, now=db.now(session))
        with form.transaction() as session:
            members.change_password(
                session,
                member,
                **form.fields,
                keep_session=auth.signed_in_session_id(),
                now=db.now(session),
            )
            members.forgive_password(session, member)
    if form.is_accepted:
        flash(gettext("Your password is changed. Other browsers and all programs are signed out."))
        return redirect(url_for("members.settings"), 303)
    form.values.clear()
    return render_template("members/password.html", form=form), form.status


@bp.get("/settings/sessions")
@member_required
def signed_in_browsers() -> str:
    found = sessions.all_of(db.session(), auth.signed_in_actor().member)
    return render_template(
        "members/sessions.html",
        sessions=[(one, browser_name(one.user_agent)) for one in found],
        this_id=auth.signed_in_session_id(),
    )


@bp.post("/settings/sessions/<int:session_id>/end")
@member_required
def end_session(session_id: int) -> ResponseReturnValue:
    is_this = session_id == auth.signed_in_session_id()
    with db.transaction() as session:
        sessions.end(session, auth.signed_in_actor().member, session_id)
    if is_this:
        auth.end_session()
        return redirect("/", 303)
    flash(gettext("That browser is signed out."))
    return redirect(url_for("members.signed_in_browsers"), 303)


@bp.post("/settings/sessions/end")
@member_required
def end_other_sessions() -> ResponseReturnValue:
    with db.transaction() as session:
        sessions.end_all(session, auth.signed_in_actor().member, but=auth.signed_in_session_id())
    flash(gettext("All other browsers are signed out."))
    return redirect(url_for("members.signed_in_browsers"), 303)


@bp.get("/settings/tokens")
@member_required
def tokens() -> str:
    return _tokens_page(Form(MakeToken))


@bp.post("/settings/tokens")
@member_required
def make_token() -> ResponseReturnValue:
    form, asking = Form.sent(MakeToken), auth.signed_in_actor()
    with form.refusals():
        with form.transaction() as session:
            members.count_password(session, asking.member, now=db.now(session))
        with form.transaction() as session:
            token, text = members.make_token(
                session, actor=asking, **form.fields, now=db.now(session)
            )
            members.forgive_password(session, asking.member)
    if not form.is_accepted:
        return _tokens_page(form), form.status
    # The token is on this page and nowhere else, so no browser or proxy keeps the page.
    shown: Response = make_response(
        render_template("members/token.html", token=token, text=text, scopes=SCOPES), 201
    )
    shown.headers["Cache-Control"] = "no-store"
    return shown


@bp.post("/settings/tokens/<int:token_id>/revocation")
@member_required
def revoke_token(token_id: int) -> ResponseReturnValue:
    with db.transaction() as session:
        members.revoke_token(session, auth.signed_in_actor().member, token_id, now=db.now(session))
    flash(gettext("The key opens nothing any more."))
    return redirect(url_for("members.tokens"), 303)


def _email_page(form: Form) -> str:
    form.values.pop("current_password", None)
    return render_template("members/email.html", form=form)


def _tokens_page(form: Form) -> str:
    form.values.pop("current_password", None)
    asking = auth.signed_in_actor()
    offered = [
        (scope.value, gettext(words), "")
        for scope, words in SCOPES.items()
        if scope != Scope.MODERATION or asking.member.is_moderator
    ]
    return render_template(
        "members/tokens.html",
        form=form,
        tokens=members.tokens_of(db.session(), asking.member),
        scopes=SCOPES,
        offered=offered,
    )

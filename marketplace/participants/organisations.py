"""Organisations: open one, say who belongs to it, act in its name."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db, returning
from marketplace.auth import member_required
from marketplace.forms import Form
from marketplace.participants.blueprint import bp
from marketplace.participants.schemas import ActAs, ChangeRole, Invite, OpenOrganisation
from models.errors import NotFound
from models.participants import MembershipRole
from models.words import N_
from services import participants, sessions

ROLES = {
    MembershipRole.OWNER: N_("Owner"),
    MembershipRole.MANAGER: N_("Manager"),
    MembershipRole.AGENT: N_("Agent"),
}
MEANS = {
    MembershipRole.OWNER: N_("Decides who belongs to it, and does what managers do."),
    MembershipRole.MANAGER: N_("Runs group buys and changes the page, and does what agents do."),
    MembershipRole.AGENT: N_("Joins group buys in the name of the organisation."),
}


@bp.get("/organisations/new")
@member_required
def new_organisation() -> str:
    return render_template("participants/new_organisation.html", form=Form(OpenOrganisation))


@bp.post("/organisations/new")
@member_required
def open_organisation() -> ResponseReturnValue:
    form = Form.sent(OpenOrganisation)
    with form.refusals(), form.transaction() as session:
        organisation = participants.open_organisation(
            session,
            form.fields["name"],
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
        sessions.choose(auth.signed_in_session(), organisation.id)
    if form.is_accepted:
        flash(gettext("Your organisation is open. You act in its name now."))
        return redirect(url_for("participants.profile", slug=organisation.slug), 303)
    return render_template("participants/new_organisation.html", form=form), form.status


@bp.get("/organisations/<slug>/members")
@member_required
def belonging(slug: str) -> str:
    return _page(slug, Form(Invite))


@bp.post("/organisations/<slug>/invitations")
@member_required
def invite(slug: str) -> ResponseReturnValue:
    form, actor = Form.sent(Invite), auth.signed_in_actor()
    with form.refusals():
        with form.transaction() as session:
            organisation = participants.find_organisation(session, slug, actor=actor)
            email = form.fields["email"]
            participants.count_invitation(
                session, organisation, email, actor=actor, now=db.now(session)
            )
        with form.transaction() as session:
            organisation = participants.find_organisation(session, slug, actor=actor, lock=True)
            participants.invite(
                session, organisation, **form.fields, actor=actor, now=db.now(session)
            )
    if form.is_accepted:
        flash(gettext("The invitation is on its way."))
        return redirect(url_for("participants.belonging", slug=slug), 303)
    return _page(slug, form), form.status


@bp.post("/organisations/<slug>/invitations/<int:invitation_id>/withdrawal")
@member_required
def withdraw_invitation(slug: str, invitation_id: int) -> ResponseReturnValue:
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        organisation = participants.find_organisation(session, slug, actor=actor, lock=True)
        participants.withdraw(
            session, organisation, invitation_id, actor=actor, now=db.now(session)
        )
    flash(gettext("The invitation opens nothing any more."))
    return redirect(url_for("participants.belonging", slug=slug), 303)


@bp.post("/organisations/<slug>/members/<int:membership_id>/role")
@member_required
def change_role(slug: str, membership_id: int) -> ResponseReturnValue:
    form = Form.sent(ChangeRole)
    if not form.is_valid:
        # Said above the list, not beside the invitation below it, whose role is another.
        refused = Form(Invite)
        refused.errors = {"": [word for some in form.errors.values() for word in some]}
        return _page(slug, refused), 422
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        organisation = participants.find_organisation(session, slug, actor=actor, lock=True)
        participants.change_role(
            session,
            organisation,
            membership_id,
            form.fields["role"],
            actor=actor,
            now=db.now(session),
        )
    flash(gettext("The role is changed."))
    return redirect(url_for("participants.belonging", slug=slug), 303)


@bp.post("/organisations/<slug>/members/<int:membership_id>/removal")
@member_required
def remove(slug: str, membership_id: int) -> ResponseReturnValue:
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        organisation = participants.find_organisation(session, slug, actor=actor, lock=True)
        participants.remove(session, organisation, membership_id, actor=actor, now=db.now(session))
    flash(gettext("They do not belong to the organisation any more."))
    return redirect(url_for("participants.belonging", slug=slug), 303)


@bp.post("/organisations/<slug>/departure")
@member_required
def leave(slug: str) -> ResponseReturnValue:
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        organisation = participants.find_organisation(session, slug, actor=actor, lock=True)
        participants.leave(session, organisation, actor=actor, now=db.now(session))
    flash(gettext("You have left %(name)s.", name=organisation.name))
    return redirect(url_for("participants.show", slug=slug), 303)


@bp.post("/acting-as")
@member_required
def act_as() -> ResponseReturnValue:
    form = Form.sent(ActAs)
    if not form.is_valid:
        raise NotFound
    with db.transaction():
        sessions.act_as(
            auth.signed_in_session(), form.fields["participant"], auth.signed_in_actor()
        )
    return redirect(returning.came_from(), 303)


def _page(slug: str, form: Form) -> str:
    session = db.session()
    actor = auth.signed_in_actor()
    organisation = participants.find_organisation(session, slug, actor=actor)
    owns = actor.owns(organisation.id)
    return render_template(
        "participants/belonging.html",
        organisation=organisation,
        memberships=participants.memberships_of(session, organisation),
        invitations=participants.invitations_of(session, organisation, now=db.now(session))
        if owns
        else [],
        owns=owns,
        roles=ROLES,
        role_choices=[
            (role.value, gettext(words), gettext(MEANS[role])) for role, words in ROLES.items()
        ],
        form=form,
    )

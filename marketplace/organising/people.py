"""Who runs it too, and for whom it is."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.forms import Form
from marketplace.look_ups import count_look_up
from marketplace.organising.blueprint import bp, organised
from marketplace.organising.desk import people_page
from marketplace.organising.schemas import CoOrganiserAddress, Who
from services.buying import inviting

# Whoever asks for many addresses is looking for who is here, not for friends.


@bp.post("/group-buys/<slug>/co-organisers")
@member_required
def add_co_organiser(slug: str) -> ResponseReturnValue:
    form = Form.sent(CoOrganiserAddress)
    organised(db.session(), slug)
    with form.refusals():
        form.guard_filled_in()
        count_look_up()
        with db.transaction() as session:
            member = inviting.ask_co_organiser(
                session,
                organised(session, slug, lock=True),
                form.fields["email"],
                actor=auth.signed_in_actor(),
                now=db.now(session),
            )
            name = member.participant.name
    if form.is_accepted:
        flash(gettext("%(name)s is asked. You are told what they answer.", name=name))
        return redirect(url_for("organising.people", slug=slug), 303)
    return people_page(slug, form, Form(Who)), form.status


@bp.post("/group-buys/<slug>/co-organisers/<int:member_id>/removal")
@member_required
def remove_co_organiser(slug: str, member_id: int) -> ResponseReturnValue:
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        was_asked = inviting.remove_co_organiser(session, group_buy, member_id, actor=actor)
    if was_asked:
        flash(gettext("The question is taken back."))
    else:
        flash(gettext("They run this no longer."))
    if member_id == actor.member.id:
        return redirect(url_for("organising.index"), 303)
    return redirect(url_for("organising.people", slug=slug), 303)


@bp.post("/group-buys/<slug>/named-guests")
@member_required
def name_guest(slug: str) -> ResponseReturnValue:
    form = Form.sent(Who)
    organised(db.session(), slug)
    with form.refusals():
        form.guard_filled_in()
        count_look_up()
        with db.transaction() as session:
            group_buy = organised(session, slug, lock=True)
            found = inviting.name_guest(
                session,
                group_buy,
                form.fields["who"],
                actor=auth.signed_in_actor(),
                now=db.now(session),
            )
    if form.is_accepted:
        flash(gettext("%(name)s is on the list.", name=found.name))
        return redirect(url_for("organising.people", slug=slug), 303)
    return people_page(slug, Form(CoOrganiserAddress), form), form.status


@bp.post("/group-buys/<slug>/named-guests/<int:participant_id>/removal")
@member_required
def unname_guest(slug: str, participant_id: int) -> ResponseReturnValue:
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        inviting.unname_guest(session, group_buy, participant_id)
    flash(gettext("They are not on the list any more."))
    return redirect(url_for("organising.people", slug=slug), 303)

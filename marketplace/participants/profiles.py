"""Changing a page: a member's own, or that of an organisation they may speak for."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.config import LOCALES
from marketplace.forms import Form
from marketplace.participants.blueprint import bp
from marketplace.participants.given import profile_from, stated
from marketplace.participants.languages import spoken
from marketplace.participants.schemas import DescribePicture, EditProfile
from marketplace.uploads import picture_of_form
from models.participants import MayNotEdit, Participant
from services import geography, participants
from services.participants.profiles import TRADER_DETAILS
from services.pictures import MOST_MEGABYTES


@bp.get("/settings/profile")
@member_required
def own_profile() -> str:
    return _page(auth.signed_in_member().participant)


@bp.post("/settings/profile")
@member_required
def edit_own_profile() -> ResponseReturnValue:
    return _edit(auth.signed_in_actor().member.participant.slug)


@bp.get("/organisations/<slug>/profile")
@member_required
def profile(slug: str) -> str:
    return _page(_editable(slug))


@bp.post("/organisations/<slug>/profile")
@member_required
def edit_profile(slug: str) -> ResponseReturnValue:
    return _edit(slug)


@bp.post("/people/<slug>/picture")
@member_required
def change_picture(slug: str) -> ResponseReturnValue:
    form = Form.sent(DescribePicture)
    with form.refusals(but=MayNotEdit):
        form.guard_filled_in()
        content = picture_of_form()
        with db.transaction() as session:
            participants.change_picture(
                session,
                participants.find(session, slug, lock=True),
                content,
                alt=form.fields["alt"],
                actor=auth.signed_in_actor(),
                now=db.now(session),
            )
    if form.is_accepted:
        flash(gettext("Your new picture is shown."))
        return redirect(_address(slug), 303)
    return _page(_editable(slug), picture_form=form), form.status


@bp.post("/people/<slug>/picture/removal")
@member_required
def remove_picture(slug: str) -> ResponseReturnValue:
    with db.transaction() as session:
        participants.remove_picture(
            session,
            participants.find(session, slug, lock=True),
            actor=auth.signed_in_actor(),
        )
    flash(gettext("The picture is removed."))
    return redirect(_address(slug), 303)


def _edit(slug: str) -> ResponseReturnValue:
    form = Form.sent(EditProfile)
    with form.refusals(but=MayNotEdit), form.transaction() as session:
        participants.edit(
            session,
            participants.find(session, slug, lock=True),
            profile_from(form.fields),
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    if form.is_accepted:
        flash(gettext("Your profile is saved."))
        return redirect(url_for("participants.show", slug=slug), 303)
    found = geography.offered(db.session(), form.values.get("place", "")[:120])
    is_asked = len(found) > 1 or "place" in form.errors
    return _page(_editable(slug), form=form, choices=found if is_asked else []), form.status


def _editable(slug: str) -> Participant:
    """The participant, for those who may change their page; refuses with MayNotEdit."""
    participant = participants.find(db.session(), slug)
    if not auth.signed_in_actor().may_manage(participant.id):
        raise MayNotEdit
    return participant


def _page(
    participant: Participant,
    *,
    form: Form | None = None,
    picture_form: Form | None = None,
    choices: list[geography.Found] | None = None,
) -> str:
    form = form or Form(EditProfile, shown=stated(participant))
    return render_template(
        "participants/profile.html",
        participant=participant,
        form=form,
        picture_form=picture_form or Form(DescribePicture, shown=_described(participant)),
        choices=[(str(one.id), one.label, "") for one in choices or []],
        locales=list(LOCALES.items()),
        spoken=[(code, name, "") for code, name in spoken()],
        trader_is_open=bool(form.values.get("is_trader"))
        or bool(set(TRADER_DETAILS) & set(form.errors)),
        most_megabytes=MOST_MEGABYTES,
        address=_address(participant.slug),
    )


def _address(slug: str) -> str:
    if slug == auth.signed_in_actor().member.participant.slug:
        return url_for("participants.own_profile")
    return url_for("participants.profile", slug=slug)


def _described(participant: Participant) -> dict[str, str]:
    return {"alt": participant.picture.alt if participant.picture else ""}

"""Profiles, for programs."""

from typing import Any

from marketplace import auth, db
from marketplace.api import Blueprint, scope_required
from marketplace.api.files import A_PICTURE
from marketplace.participants.answers import ProfileOut, shown_profile
from marketplace.participants.given import profile_from
from marketplace.participants.schemas import DescribePicture, EditProfile
from marketplace.uploads import picture_of_body
from models.members import Scope
from models.participants import MayNotEdit
from services import participants

profiles = Blueprint(
    "profiles_api", __name__, about="What a member, or an organisation they manage, says of itself."
)


@profiles.get("/me/profile")
@scope_required(Scope.READ, in_person=True)
@profiles.etag
@profiles.response(200, ProfileOut)
def own_profile() -> dict[str, Any]:
    """Show what the member says of themself, as it is sent to change it."""
    return shown_profile(auth.signed_in_member().participant)


@profiles.put("/me/profile")
@scope_required(Scope.PROFILE, in_person=True)
@profiles.arguments(EditProfile)
@profiles.response(200, ProfileOut)
def edit_own_profile(sent: dict[str, Any]) -> dict[str, Any]:
    """Replace what the member says of themself."""
    return _edited(auth.signed_in_actor().member.participant_id, sent)


@profiles.put("/participants/<id:participant_id>/picture")
@scope_required(Scope.PROFILE)
@profiles.doc(requestBody=A_PICTURE)
@profiles.arguments(DescribePicture, location="query")
@profiles.response(204)
def change_picture(said: dict[str, Any], participant_id: int) -> None:
    """Show a picture of the member or an organisation; `alt` says what is on it."""
    content = picture_of_body()
    with db.transaction() as session:
        participants.change_picture(
            session,
            participants.find(session, participant_id, lock=True),
            content,
            alt=said["alt"],
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )


@profiles.delete("/participants/<id:participant_id>/picture")
@scope_required(Scope.PROFILE)
@profiles.response(204)
def remove_picture(participant_id: int) -> None:
    """Show the drawn picture again."""
    with db.transaction() as session:
        found = participants.find(session, participant_id, lock=True)
        participants.remove_picture(session, found, actor=auth.signed_in_actor())


@profiles.get("/organisations/<id:organisation_id>/profile")
@scope_required(Scope.READ)
@profiles.etag
@profiles.response(200, ProfileOut)
def profile(organisation_id: int) -> dict[str, Any]:
    """Show what an organisation says of itself, to those who may change it."""
    found = participants.find(db.session(), organisation_id)
    if not auth.signed_in_actor().may_manage(found.id):
        raise MayNotEdit
    return shown_profile(found)


@profiles.put("/organisations/<id:organisation_id>/profile")
@scope_required(Scope.PROFILE)
@profiles.arguments(EditProfile)
@profiles.response(200, ProfileOut)
def edit_profile(sent: dict[str, Any], organisation_id: int) -> dict[str, Any]:
    """Replace what an organisation says of itself."""
    return _edited(organisation_id, sent)


def _edited(participant_id: int, sent: dict[str, Any]) -> dict[str, Any]:
    actor, said = auth.signed_in_actor(), profile_from(sent)
    with db.transaction() as session:
        found = participants.find(session, participant_id, lock=True)
        participants.edit(session, found, said, actor=actor, now=db.now(session))
        return shown_profile(found)


ENDPOINTS = (profiles,)

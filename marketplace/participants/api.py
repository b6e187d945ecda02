"""Who belongs to an organisation and is invited into it, for programs."""

from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.api import Blueprint, idempotent, scope_required
from marketplace.discovery.schemas import ParticipantOut
from marketplace.participants.answers import (
    BelongingOut,
    InvitationOut,
    MembershipOut,
    shown_membership,
)
from marketplace.participants.schemas import (
    ChangeRole,
    Invite,
    OpenOrganisation,
)
from marketplace.schemas import Nothing
from models.members import Scope
from models.participants import Invitation, Membership, NotAnOwner, Participant
from services import participants

organisations = Blueprint(
    "organisations_api",
    __name__,
    path="/organisations",
    about="Who belongs to an organisation; owners decide it.",
)
invitations = Blueprint(
    "invitations_api",
    __name__,
    path="/invitations/<token>",
    about="Invitations into an organisation, for whoever was mailed the token in its link.",
)
ONE = "/<id:organisation_id>"
ONE_MEMBER = f"{ONE}/members/<id:membership_id>"


@organisations.get("")
@scope_required(Scope.READ)
@organisations.etag
@organisations.response(200, BelongingOut(many=True))
def index() -> list[dict[str, Any]]:
    """List the organisations that the member belongs to."""
    actor = auth.signed_in_actor()
    return [{"organisation": one, "role": actor.memberships[one.id]} for one in actor.organisations]


@organisations.post("")
@scope_required(Scope.PROFILE, in_person=True)
@organisations.arguments(OpenOrganisation)
@idempotent
@organisations.response(201, ParticipantOut)
def open_organisation(session: Session, given: dict[str, Any]) -> Participant:
    """Open an organisation; the member is its owner."""
    made = participants.open_organisation(
        session, given["name"], actor=auth.signed_in_actor(), now=db.now(session)
    )
    session.flush()
    return made


@organisations.get(f"{ONE}/members")
@scope_required(Scope.READ)
@organisations.etag
@organisations.response(200, MembershipOut(many=True))
def belonging(organisation_id: int) -> list[dict[str, Any]]:
    """List who belongs to an organisation, for those who do."""
    session, actor = db.session(), auth.signed_in_actor()
    organisation = participants.find_organisation(session, organisation_id, actor=actor)
    return [shown_membership(one) for one in participants.memberships_of(session, organisation)]


@organisations.put(f"{ONE_MEMBER}/role")
@scope_required(Scope.PROFILE)
@organisations.arguments(ChangeRole)
@organisations.response(200, MembershipOut)
def change_role(given: dict[str, Any], organisation_id: int, membership_id: int) -> dict[str, Any]:
    """Give somebody another role."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        organisation = _locked(session, organisation_id)
        now = db.now(session)
        participants.change_role(
            session, organisation, membership_id, given["role"], actor=actor, now=now
        )
        return shown_membership(session.get_one(Membership, membership_id))


@organisations.delete(ONE_MEMBER)
@scope_required(Scope.PROFILE)
@organisations.response(204)
def remove(organisation_id: int, membership_id: int) -> None:
    """Take somebody out."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        organisation = _locked(session, organisation_id)
        participants.remove(session, organisation, membership_id, actor=actor, now=db.now(session))


@organisations.post(f"{ONE}/departure")
@scope_required(Scope.PROFILE)
@organisations.arguments(Nothing)
@idempotent
@organisations.response(204)
def leave(session: Session, _given: dict[str, Any], organisation_id: int) -> None:
    """Leave an organisation; tokens that act in its name open nothing any more."""
    organisation = _locked(session, organisation_id)
    actor = auth.signed_in_actor()
    participants.leave(session, organisation, actor=actor, now=db.now(session))


@organisations.get(f"{ONE}/invitations")
@scope_required(Scope.READ)
@organisations.etag
@organisations.response(200, InvitationOut(many=True))
def invited(organisation_id: int) -> list[Invitation]:
    """List the invitations that can still be accepted, for owners."""
    session, actor = db.session(), auth.signed_in_actor()
    organisation = participants.find_organisation(session, organisation_id, actor=actor)
    if not actor.owns(organisation.id):
        raise NotAnOwner
    return list(participants.invitations_of(session, organisation, now=db.now(session)))


@organisations.post(f"{ONE}/invitations")
@scope_required(Scope.PROFILE)
@organisations.arguments(Invite)
@idempotent
@organisations.response(201, InvitationOut)
def invite(session: Session, given: dict[str, Any], organisation_id: int) -> Invitation:
    """Mail somebody a link by which they may join, for two weeks."""
    organisation, now = _locked(session, organisation_id), db.now(session)
    actor = auth.signed_in_actor()
    # Counted with the act: what is refused mails nobody, and a repeat is answered uncounted.
    participants.count_invitation(session, organisation, given["email"], actor=actor, now=now)
    return participants.invite(session, organisation, **given, actor=actor, now=now)


@organisations.post(f"{ONE}/invitations/<id:invitation_id>/withdrawal")
@scope_required(Scope.PROFILE)
@organisations.arguments(Nothing)
@idempotent
@organisations.response(204)
def withdraw_invitation(
    session: Session, _given: dict[str, Any], organisation_id: int, invitation_id: int
) -> None:
    """Let an invitation open nothing any more."""
    organisation = _locked(session, organisation_id)
    actor = auth.signed_in_actor()
    participants.withdraw(session, organisation, invitation_id, actor=actor, now=db.now(session))


@invitations.post("/acceptance")
@scope_required(Scope.PROFILE, in_person=True)
@invitations.arguments(Nothing)
@idempotent
@invitations.response(200, ParticipantOut)
def accept(session: Session, _given: dict[str, Any], token: str) -> Participant:
    """Join the organisation that an invitation is for."""
    return participants.accept(session, token, actor=auth.signed_in_actor(), now=db.now(session))


@invitations.post("/refusal")
@scope_required(Scope.PROFILE, in_person=True)
@invitations.arguments(Nothing)
@idempotent
@invitations.response(204)
def decline(session: Session, _given: dict[str, Any], token: str) -> None:
    """Decline an invitation."""
    participants.decline(session, token, actor=auth.signed_in_actor(), now=db.now(session))


def _locked(session: Session, organisation_id: int) -> Participant:
    return participants.find_organisation(
        session, organisation_id, actor=auth.signed_in_actor(), lock=True
    )


ENDPOINTS = (organisations, invitations)

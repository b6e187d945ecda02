"""Invitations: an owner asks someone in by e-mail; whoever opens the link decides."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.errors import NotFound
from models.participants import (
    AlreadyMember,
    Invitation,
    InvitationNotValid,
    Membership,
    MembershipRole,
    Participant,
)
from services import events, mailing, paths, secrets, throttles
from services.participants.happened import InvitationEnded, InvitedToOrganisation
from services.participants.organisations import begin, require_owner
from services.participants.profiles import find
from services.throttles import Limit, Try

GOOD_FOR = timedelta(days=14)
# An organisation grows by the day; this only keeps it from mailing strangers.
INVITATIONS = Limit("invitations", 50, timedelta(days=1))
# Anybody can found one organisation after the other.
BY_MEMBER = Limit("invitations-by", 50, timedelta(days=1))
TO_ADDRESS = Limit("invitations-to", 5, timedelta(days=1))


def count_invitation(
    session: Session, organisation: Participant, email: str, *, actor: Actor, now: datetime
) -> None:
    """Before an invitation; refuses with TooManyTries."""
    throttles.take(
        session,
        Try(INVITATIONS, str(organisation.id)),
        Try(BY_MEMBER, str(actor.member.id)),
        Try(TO_ADDRESS, email.lower()),
        now=now,
    )


def invite(
    session: Session,
    organisation: Participant,
    email: str,
    role: MembershipRole,
    *,
    actor: Actor,
    now: datetime,
) -> Invitation:
    """Mail someone a link by which they may join in `role`, for 14 days.

    An earlier open invitation of the same address is withdrawn by it. Refuses with NotAnOwner,
    and says nothing on whether the address is known. The organisation is locked by the caller.
    """
    require_owner(session, organisation, actor)
    for earlier in invitations_of(session, organisation, now=now):
        if earlier.email.lower() == email.lower():
            earlier.withdrawn_at = now
    token = secrets.draw()
    invitation = Invitation(
        organisation_id=organisation.id,
        email=email,
        role=role,
        token_hash=secrets.hashed(token),
        invited_by_id=actor.member.id,
        made_at=now,
        expires_at=now + GOOD_FOR,
    )
    session.add(invitation)
    session.flush()
    events.record(
        session,
        InvitedToOrganisation(
            by=actor.member.id,
            participant_id=organisation.id,
            invitation_id=invitation.id,
            role=role,
        ),
        now=now,
    )
    mailing.write(
        session,
        key=f"invitation:{invitation.id}",
        member=None,
        to=email,
        locale=actor.member.locale,
        template="participants/invitation",
        facts={
            "inviter": actor.member.display_name,
            "organisation": organisation.name,
            "path": paths.invitation(token),
        },
        now=now,
    )
    return invitation


def invitations_of(
    session: Session, organisation: Participant, *, now: datetime
) -> Sequence[Invitation]:
    """The invitations that can still be accepted, the oldest first."""
    return session.scalars(
        select(Invitation)
        .where(
            Invitation.organisation_id == organisation.id,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.expires_at > now,
        )
        .order_by(Invitation.id)
    ).all()


def withdraw(
    session: Session, organisation: Participant, invitation_id: int, *, actor: Actor, now: datetime
) -> None:
    """Let an invitation open nothing any more. Refuses with NotAnOwner and NotFound."""
    require_owner(session, organisation, actor)
    invitation = session.get(Invitation, invitation_id, populate_existing=True)
    if (
        invitation is None
        or invitation.organisation_id != organisation.id
        or not invitation.is_good(now)
    ):
        raise NotFound
    _end(session, invitation, actor, now)


def find_invitation(
    session: Session, token: str, *, lock: bool = False, now: datetime
) -> Invitation:
    """The invitation behind the link; refuses with InvitationNotValid.

    Locking takes the organisation first, as everything does that changes who belongs to it.
    """
    query = select(Invitation).filter_by(token_hash=secrets.hashed(token))
    invitation = session.scalar(query)
    if invitation is not None and lock:
        find(session, invitation.organisation.slug, lock=True)
        session.refresh(invitation, ["accepted_at", "withdrawn_at"])
    if invitation is None or not invitation.is_good(now):
        raise InvitationNotValid
    return invitation


def accept(session: Session, token: str, *, actor: Actor, now: datetime) -> Participant:
    """Join the organisation that the link invites to.

    Refuses with InvitationNotValid and AlreadyMember (the invitation then stays good).
    """
    invitation = find_invitation(session, token, lock=True, now=now)
    belongs = session.scalar(
        select(Membership.id).filter_by(
            organisation_id=invitation.organisation_id, member_id=actor.member.id
        )
    )
    if belongs is not None:
        raise AlreadyMember
    invitation.accepted_at = now
    begin(session, invitation.organisation, actor.member, invitation.role, by=actor, now=now)
    return invitation.organisation


def decline(session: Session, token: str, *, actor: Actor | None, now: datetime) -> Participant:
    """Say no; whoever holds the link may, signed in or not. Refuses with InvitationNotValid."""
    invitation = find_invitation(session, token, lock=True, now=now)
    _end(session, invitation, actor, now)
    return invitation.organisation


def _end(session: Session, invitation: Invitation, actor: Actor | None, now: datetime) -> None:
    invitation.withdrawn_at = now
    events.record(
        session,
        InvitationEnded(
            by=actor.member.id if actor else None,
            participant_id=invitation.organisation_id,
            invitation_id=invitation.id,
        ),
        now=now,
    )

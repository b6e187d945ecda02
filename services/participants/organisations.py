"""Organisations: who belongs to one, as what; there is always an owner."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from models.actors import Actor, AnyMember
from models.errors import NotFound
from models.members import ApiToken, MemberSession
from models.participants import (
    Invitation,
    LastOwner,
    MayNotActFor,
    Membership,
    MembershipRole,
    NotAnOwner,
    Participant,
    ParticipantKind,
)
from services import events
from services.participants.happened import (
    InvitationEnded,
    MembershipBegan,
    MembershipEnded,
    MembershipRoleChanged,
    OrganisationOpened,
)
from services.participants.naming import make
from services.participants.profiles import find


def open_organisation(session: Session, name: str, *, actor: Actor, now: datetime) -> Participant:
    """A new organisation whose owner is the acting member; refuses with NotConfirmed."""
    actor.member.require_confirmed()
    organisation = make(
        session, name, kind=ParticipantKind.ORGANISATION, lang=actor.member.locale, now=now
    )
    events.record(
        session, OrganisationOpened(by=actor.member.id, participant_id=organisation.id), now=now
    )
    begin(session, organisation, actor.member, MembershipRole.OWNER, by=actor, now=now)
    return organisation


def find_organisation(
    session: Session, slug: str | int, *, actor: Actor, lock: bool = False
) -> Participant:
    """The organisation, for those who belong to it; MayNotActFor for others, NotFound."""
    organisation = find(session, slug, lock=lock)
    if not organisation.is_organisation:
        raise NotFound
    if _role_of(session, organisation, actor) is None:
        raise MayNotActFor
    return organisation


def memberships_of(session: Session, organisation: Participant) -> Sequence[Membership]:
    """Who belongs to the organisation, in the order they came, with their members."""
    return session.scalars(
        select(Membership)
        .where(Membership.organisation_id == organisation.id)
        .options(joinedload(Membership.member, innerjoin=True))
        .order_by(Membership.id)
    ).all()


def change_role(
    session: Session,
    organisation: Participant,
    membership_id: int,
    role: MembershipRole,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Give a member another role. Refuses with NotAnOwner, LastOwner and NotFound.

    The invitations of who is no owner any more are withdrawn: else one could let themselves back
    in. The caller has found the organisation with its lock.
    """
    require_owner(session, organisation, actor)
    membership = _find(session, organisation, membership_id)
    if role != MembershipRole.OWNER:
        _keep_an_owner(session, membership)
        _withdraw_invitations_of(session, organisation, membership.member_id, actor, now)
    membership.role = role
    events.record(
        session,
        MembershipRoleChanged(
            by=actor.member.id,
            participant_id=organisation.id,
            member_id=membership.member_id,
            role=role,
        ),
        now=now,
    )


def remove(
    session: Session, organisation: Participant, membership_id: int, *, actor: Actor, now: datetime
) -> None:
    """Take a member out. Refuses with NotAnOwner, LastOwner and NotFound.

    Their invitations are withdrawn; lock as above.
    """
    require_owner(session, organisation, actor)
    _end(session, organisation, _find(session, organisation, membership_id), actor, now)


def leave(session: Session, organisation: Participant, *, actor: Actor, now: datetime) -> None:
    """Go. Refuses with LastOwner and MayNotActFor; lock as above."""
    membership = session.scalar(
        select(Membership)
        .filter_by(organisation_id=organisation.id, member_id=actor.member.id)
        .execution_options(populate_existing=True)
    )
    if membership is None or not _reaches(actor, organisation):
        raise MayNotActFor
    _end(session, organisation, membership, actor, now)


def begin(
    session: Session,
    organisation: Participant,
    member: AnyMember,
    role: MembershipRole,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Let `member` belong to the organisation; the callers say who may."""
    session.add(
        Membership(organisation_id=organisation.id, member_id=member.id, role=role, since_at=now)
    )
    events.record(
        session,
        MembershipBegan(
            by=by.member.id, participant_id=organisation.id, member_id=member.id, role=role
        ),
        now=now,
    )


def require_owner(session: Session, organisation: Participant, actor: Actor) -> None:
    """Refuse with NotAnOwner who is none now, whatever they were when the request began."""
    if _role_of(session, organisation, actor) != MembershipRole.OWNER:
        raise NotAnOwner


def _role_of(session: Session, organisation: Participant, actor: Actor) -> MembershipRole | None:
    if not _reaches(actor, organisation):
        return None
    return session.scalar(
        select(Membership.role).where(
            Membership.organisation_id == organisation.id, Membership.member_id == actor.member.id
        )
    )


def _reaches(actor: Actor, organisation: Participant) -> bool:
    """A program of one organisation has no part in what else its member belongs to."""
    return not actor.is_bound or actor.participant.id == organisation.id


def _find(session: Session, organisation: Participant, membership_id: int) -> Membership:
    membership = session.get(Membership, membership_id, populate_existing=True)
    if membership is None or membership.organisation_id != organisation.id:
        raise NotFound
    return membership


def _keep_an_owner(session: Session, leaving: Membership) -> None:
    if leaving.role != MembershipRole.OWNER:
        return
    others = session.scalar(
        select(func.count()).where(
            Membership.organisation_id == leaving.organisation_id,
            Membership.role == MembershipRole.OWNER,
            Membership.id != leaving.id,
        )
    )
    if not others:
        raise LastOwner


def _end(
    session: Session, organisation: Participant, membership: Membership, actor: Actor, now: datetime
) -> None:
    _keep_an_owner(session, membership)
    member_id = membership.member_id
    session.delete(membership)
    _withdraw_invitations_of(session, organisation, member_id, actor, now)
    # What acted in the organisation's name must not go on as the member themself.
    session.execute(
        update(ApiToken)
        .where(
            ApiToken.member_id == member_id,
            ApiToken.acting_as_id == organisation.id,
            ApiToken.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
    session.execute(
        update(MemberSession)
        .where(MemberSession.member_id == member_id, MemberSession.acting_as_id == organisation.id)
        .values(acting_as_id=None)
    )
    events.record(
        session,
        MembershipEnded(by=actor.member.id, participant_id=organisation.id, member_id=member_id),
        now=now,
    )


def _withdraw_invitations_of(
    session: Session, organisation: Participant, member_id: int, actor: Actor, now: datetime
) -> None:
    """Let no invitation that the member wrote open the organisation any more."""
    withdrawn = session.scalars(
        update(Invitation)
        .where(
            Invitation.organisation_id == organisation.id,
            Invitation.invited_by_id == member_id,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(withdrawn_at=now)
        .returning(Invitation.id)
    ).all()
    events.record_many(
        session,
        [
            InvitationEnded(
                by=actor.member.id, participant_id=organisation.id, invitation_id=invitation_id
            )
            for invitation_id in sorted(withdrawn)
        ],
        now=now,
    )

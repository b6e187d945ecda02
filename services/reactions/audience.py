"""Audiences: whom an event concerns, down to the people who read it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import any_, select
from sqlalchemy.orm import Session

from models.buying import GroupBuy, Payee
from models.collaborations import (
    Collaboration,
    Commitment,
    CommitmentState,
    CoOrganiser,
    CoOrganiserState,
)
from models.events import Event
from models.members import Member, Role
from models.notices import NoticeKind
from models.participants import Membership, MembershipRole, Participant, ParticipantKind
from services import notices, queue
from services.notices import Telling

# So many commitments are told in one transaction; the rest follow in jobs of their own.
BATCH = 100
# Everyone who did not leave, whatever became of them.
NOT_LEFT = (*Commitment.ALIVE, *Commitment.TAKING_PART, CommitmentState.OUT)


def tell_committed(
    session: Session,
    event: Event,
    telling: Telling,
    *,
    states: Sequence[CommitmentState],
    now: datetime,
    after: int = 0,
) -> None:
    """Tell the people behind all commitments in one of `states`, batch after batch.

    Not who brought it about: they know. That it tipped by their order they do not.
    """
    batch = session.execute(
        select(Commitment.id, Commitment.participant_id)
        .where(
            Commitment.collaboration_id == event.collaboration_id,
            Commitment.state.in_(states),
            Commitment.id > after,
        )
        .order_by(Commitment.id)
        .limit(BATCH)
    ).all()
    people = voices(session, {row.participant_id for row in batch})
    if telling.kind != NoticeKind.TIPPING:
        people = [one for one in people if one.id != event.member_id]
    notices.tell_all(session, event, people, telling, now=now)
    if len(batch) == BATCH:
        queue.defer(
            session,
            "notices.tell_more",
            event_id=event.id,
            telling=telling.plain,
            states=[str(state) for state in states],
            after=batch[-1].id,
        )


def tell_more(
    session: Session,
    event_id: int,
    telling: dict[str, object],
    states: Sequence[str],
    after: int,
    *,
    now: datetime,
) -> None:
    """Go on where a batch ended."""
    event = session.get(Event, event_id)
    if event is not None:
        again = Telling.of_plain(telling)
        wanted = [CommitmentState(state) for state in states]
        tell_committed(session, event, again, states=wanted, now=now, after=after)


def tell_organisers(session: Session, event: Event, telling: Telling, *, now: datetime) -> None:
    """Tell those who run the deal, but not the one among them who brought it about."""
    deal = session.get(Collaboration, event.collaboration_id)
    if deal is not None:
        others = [one for one in organisers(session, deal) if one.id != event.member_id]
        notices.tell_all(session, event, others, telling, now=now)


def tell_seller(session: Session, event: Event, telling: Telling, *, now: datetime) -> None:
    """Tell those who run the supplier that sells, but not the one who brought it about."""
    deal = session.get(GroupBuy, event.collaboration_id)
    if deal is not None and deal.payee == Payee.SUPPLIER and deal.supplier_id is not None:
        others = [one for one in voices(session, {deal.supplier_id}) if one.id != event.member_id]
        notices.tell_all(session, event, others, telling, now=now)


def organisers(session: Session, deal: Collaboration) -> Sequence[Member]:
    """The organiser's people and the co-organisers, each once."""
    co_organisers = session.scalars(
        select(Member)
        .join(CoOrganiser, CoOrganiser.member_id == Member.id)
        .where(
            CoOrganiser.collaboration_id == deal.id, CoOrganiser.state == CoOrganiserState.ACCEPTED
        )
        .order_by(Member.id)
    )
    return _once([*voices(session, {deal.organiser_id}), *co_organisers])


def with_role(session: Session, role: Role) -> Sequence[Member]:
    """Those who moderate, or those who operate the instance."""
    return session.scalars(
        select(Member).where(any_(Member.roles) == role.value).order_by(Member.id)
    ).all()


def voices(session: Session, participant_ids: Iterable[int]) -> Sequence[Member]:
    """The people who read for these participants.

    A person reads for themself, the owners and managers for an organisation, and for a guest
    without an address those who keep the guest.
    """
    ids = set(participant_ids)
    if not ids:
        return []
    keepers = session.scalars(
        select(Participant.kept_by_id).where(
            Participant.id.in_(ids), Participant.kind == ParticipantKind.GUEST
        )
    )
    ids |= {keeper for keeper in keepers if keeper is not None}
    themselves = select(Member.id).where(Member.participant_id.in_(ids))
    for_organisations = select(Membership.member_id).where(
        Membership.organisation_id.in_(ids),
        Membership.role.in_([MembershipRole.OWNER, MembershipRole.MANAGER]),
    )
    return session.scalars(
        select(Member).where(Member.id.in_(themselves.union(for_organisations))).order_by(Member.id)
    ).all()


def _once(members: Iterable[Member]) -> Sequence[Member]:
    return list({member.id: member for member in members}.values())

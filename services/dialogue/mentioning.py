"""Mentioning: "@karin" names a participant by the address of their page, and they are told."""

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, exists, insert, or_, select, true
from sqlalchemy.orm import Session

from models.circles import Circle, CircleMembership, CircleVisibility, MembershipState
from models.collaborations import Collaboration, Commitment, NamedGuest, State, Visibility
from models.dialogue import Mention, Message
from models.participants import Participant, ParticipantKind

# An address before or behind it is no mention: "mail@karin.example".
MENTIONED = re.compile(r"(?<![\w@/.-])@([a-z0-9]+(?:-[a-z0-9]+)*)(?![\w@-])")
# Whoever names more shouts.
MOST_MENTIONED = 10


def note(session: Session, message: Message) -> Sequence[int]:
    """Keep whom the words of a message name, so far as these may read it.

    The ids of those whom it did not name before; of whom it names no more nothing is kept.
    """
    mentions = select(Mention.participant_id).where(Mention.message_id == message.id)
    before = set(session.scalars(mentions))
    slugs = list(dict.fromkeys(MENTIONED.findall(message.body)))[:MOST_MENTIONED]
    session.execute(delete(Mention).where(Mention.message_id == message.id))
    if not slugs:
        return []
    found = session.scalars(
        select(Participant.id).where(
            Participant.slug.in_(slugs),
            Participant.kind != ParticipantKind.GUEST,
            Participant.erased_at.is_(None),
            _may_read(session, message),
        )
    ).all()
    if found:
        rows = [{"message_id": message.id, "participant_id": one} for one in sorted(found)]
        session.execute(insert(Mention), rows)
    return [one for one in found if one not in before]


def _may_read(session: Session, message: Message) -> ColumnElement[bool]:
    """Which participants read this thread: all, or those who belong to it."""
    if message.circle_id is not None:
        circle = session.get_one(Circle, message.circle_id)
        if circle.visibility == CircleVisibility.PUBLIC:
            return true()
        return exists().where(
            CircleMembership.circle_id == circle.id,
            CircleMembership.participant_id == Participant.id,
            CircleMembership.state == MembershipState.ACTIVE,
        )
    deal = session.get_one(Collaboration, message.collaboration_id)
    is_open = deal.state != State.DRAFT and deal.visibility == Visibility.PUBLIC
    committed = exists().where(
        Commitment.collaboration_id == deal.id, Commitment.participant_id == Participant.id
    )
    if is_open and not message.is_announcement:
        return true()
    named = exists().where(
        NamedGuest.collaboration_id == deal.id, NamedGuest.participant_id == Participant.id
    )
    among = [committed, Participant.id == deal.organiser_id]
    return or_(*among) if message.is_announcement else or_(*among, named)

"""Mentioning: "@karin" names a participant by the address of their page, and they are told."""

import re
from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from models.dialogue import Mention, Message
from models.participants import Participant, ParticipantKind
from services.dialogue.readers import participants_reading

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
            participants_reading(session, message),
        )
    ).all()
    if found:
        rows = [{"message_id": message.id, "participant_id": one} for one in sorted(found)]
        session.execute(insert(Mention), rows)
    return [one for one in found if one not in before]

"""Making a participant: a name, the address of their page, and how they are sorted."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.participants import Participant, ParticipantKind
from services import slugs
from services.places import name_key

LONGEST_SLUG = 48


def make(
    session: Session,
    name: str,
    *,
    kind: ParticipantKind,
    lang: str,
    kept_by_id: int | None = None,
    now: datetime,
) -> Participant:
    """A new participant with an address that nobody else has."""
    participant = Participant(
        kind=kind,
        slug=slugs.free(session, Participant.slug, name, most=LONGEST_SLUG, otherwise="someone"),
        name=name,
        name_key=sort_key(name),
        lang=lang,
        languages=[lang],
        kept_by_id=kept_by_id,
        joined_at=now,
    )
    session.add(participant)
    session.flush()
    return participant


def sort_key(name: str) -> str:
    """How a name is sorted; one without any letter is sorted as it stands."""
    return name_key(name) or name.casefold()

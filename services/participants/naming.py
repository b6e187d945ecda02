"""Making a participant: a name, the address of their page, and how they are sorted."""

from datetime import datetime

from slugify import slugify
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.participants import Participant, ParticipantKind
from services import secrets
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
        slug=_free_slug(session, name),
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


def _free_slug(session: Session, name: str) -> str:
    base = slugify(name, max_length=LONGEST_SLUG) or "someone"
    # Two people of one name may join at the same moment; the second waits for the first.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"slug:{base}", 0))))
    slug = base
    while session.scalar(select(Participant.id).filter_by(slug=slug)) is not None:
        slug = f"{base}-{secrets.draw_key()[:4]}"
    return slug

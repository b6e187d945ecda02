"""People, organisations and currencies, as everyone may look them up."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.errors import NotFound
from models.ledger import Currency
from models.participants import Participant, ParticipantKind
from services.paging import Page, paged, position
from services.places import name_key


def participants(
    session: Session, *, words: str = "", after: str | None = None, limit: int = 24
) -> Page[Participant]:
    """Participants by name, those whose name begins with `words`. Refuses with CursorNotValid."""
    start = position(after, str, int)
    query = select(Participant).where(*_public()).limit(limit + 1)
    if words:
        query = query.where(_begins(Participant.name_key, words))
    if start is not None:
        query = query.where(tuple_(Participant.name_key, Participant.id) > start)
    rows = session.scalars(query.order_by(Participant.name_key, Participant.id)).all()
    return paged(rows, limit, lambda row: (row.name_key, row.id))


def find_participant(session: Session, participant_id: int) -> Participant:
    """Refuses with NotFound who was erased, and guests, who are known to their keeper only."""
    found = session.scalar(select(Participant).where(Participant.id == participant_id, *_public()))
    if found is None:
        raise NotFound
    return found


def currencies(session: Session) -> Sequence[Currency]:
    return session.scalars(select(Currency).order_by(Currency.code)).all()


def _public() -> tuple[ColumnElement[bool], ...]:
    return (Participant.erased_at.is_(None), Participant.kind != ParticipantKind.GUEST)


def _begins(column: InstrumentedAttribute[str], words: str) -> ColumnElement[bool]:
    # A key has letters, digits and blanks alone, so nothing in it is a sign of the pattern.
    return column.like(f"{name_key(words)}%")

"""Legal texts: what an instance must publish, by language, every version kept readable."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.errors import NotFound
from models.operations import LegalKind, LegalText, NotAnOperator
from services.locking import reserve


def published(session: Session, kind: LegalKind, locale: str) -> LegalText | None:
    """The text that holds now: in `locale`, else the newest in any language, else none."""
    in_reach = (
        select(LegalText)
        .filter_by(kind=kind)
        .order_by((LegalText.locale == locale).desc(), LegalText.published_at.desc())
        .order_by(LegalText.number.desc())
    )
    return session.scalar(in_reach.limit(1))


def versions(session: Session, kind: LegalKind, locale: str) -> Sequence[LegalText]:
    """All versions in one language, newest first."""
    return session.scalars(
        select(LegalText).filter_by(kind=kind, locale=locale).order_by(LegalText.number.desc())
    ).all()


def version(session: Session, kind: LegalKind, locale: str, number: int) -> LegalText:
    found = session.scalar(select(LegalText).filter_by(kind=kind, locale=locale, number=number))
    if found is None:
        raise NotFound
    return found


def publish(
    session: Session,
    kind: LegalKind,
    locale: str,
    *,
    body: str,
    actor: Actor | None,
    now: datetime,
) -> LegalText:
    """Put a new version (Markdown) in force; older ones stay. None as `actor` is a command.

    Refuses with NotAnOperator. A text that is the same as the one in force makes no version.
    """
    if actor is not None and not actor.member.is_operator:
        raise NotAnOperator
    # Two who publish at once get two numbers, one after the other.
    reserve(session, f"legal:{kind}:{locale}")
    before = next(iter(versions(session, kind, locale)), None)
    if before is not None and before.body == body:
        return before
    made = LegalText(
        kind=kind,
        locale=locale,
        number=before.number + 1 if before else 1,
        body=body,
        published_at=now,
        published_by_id=actor.member.id if actor else None,
    )
    session.add(made)
    session.flush()
    return made


def missing(session: Session) -> Sequence[LegalKind]:
    """What the instance has not published in any language; it may not run in public so."""
    there = set(session.scalars(select(LegalText.kind).distinct()))
    return [kind for kind in LegalKind if kind not in there]

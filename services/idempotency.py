"""Repeats: a request sent twice with one key is carried out once and answered twice."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.actors import Actor
from models.base import Json
from models.errors import Conflict, Invalid
from models.members import IdempotencyRecord
from models.words import N_

LONGEST_KEY = 255
# Written as rows, not as objects: every act that many send at once passes here.
_records = IdempotencyRecord.metadata.tables[IdempotencyRecord.__tablename__]


class IdempotencyMismatch(Invalid):
    code = "idempotency-mismatch"
    message = N_("This key was used for another request. Please send a new key.")


class StillRunning(Conflict):
    code = "idempotency-still-running"
    message = N_("The first request with this key is not answered yet. Please ask again.")


@dataclass(frozen=True)
class Answer:
    """What a request was answered with: kept beside what it did, in one transaction."""

    status: int
    content: Json


@dataclass(frozen=True)
class Claim:
    """The right to carry a request out, or the answer it was given when that was done before."""

    record_id: int
    answer: Answer | None = None


@dataclass(frozen=True)
class Sent:
    """A request that may come again: whose, where to, under which key, and what it asks."""

    member_id: int
    route: str
    key: str
    sha256: bytes

    @classmethod
    def by(cls, actor: Actor, route: str, key: str, request: bytes) -> "Sent":
        """`request` is what was asked, in one canonical form; for whom is part of it."""
        asked = hashlib.sha256(b"%d\n%s" % (actor.participant.id, request)).digest()
        return cls(actor.member.id, route, key, asked)


def claim(
    session: Session, route: str, key: str, request: bytes, *, actor: Actor, now: datetime
) -> Claim:
    """Claim `key` for the member's request on `route`, as the first act of a transaction.

    `request` is what was asked, in one canonical form: the same key with another request, or for
    another participant, is refused with IdempotencyMismatch. While the same key is under way
    elsewhere this waits for that transaction; if it is rolled back, this one goes ahead.
    """
    sent = Sent.by(actor, route, key, request)
    record_id = session.scalar(
        insert(_records)
        .values(
            member_id=sent.member_id,
            route=route,
            key=key,
            request_hash=sent.sha256,
            made_at=now,
        )
        .on_conflict_do_nothing(index_elements=["member_id", "route", "key"])
        .returning(_records.c.id)
    )
    if record_id is not None:
        return Claim(record_id)
    earlier = _earlier(session, sent)
    if earlier is None:
        # Forgotten, or rolled back, between the two statements.
        raise StillRunning
    return earlier


def answered(session: Session, sent: Sent) -> Answer | None:
    """What the request was answered with when it came before; None if it comes first.

    For an act that keeps its answer in the statement that carries it out. Refuses with
    IdempotencyMismatch as `claim` does.
    """
    earlier = _earlier(session, sent)
    return None if earlier is None else earlier.answer


def _earlier(session: Session, sent: Sent) -> Claim | None:
    found = session.execute(
        select(
            IdempotencyRecord.id,
            IdempotencyRecord.request_hash,
            IdempotencyRecord.status,
            IdempotencyRecord.answer,
        ).filter_by(member_id=sent.member_id, route=sent.route, key=sent.key)
    ).one_or_none()
    if found is None or found.status is None:
        return None
    if found.request_hash != sent.sha256:
        raise IdempotencyMismatch
    return Claim(found.id, Answer(found.status, found.answer or {}))


def keep(session: Session, claimed: Claim, answer: Answer) -> None:
    """Keep the answer with the act; a refusal is not kept, because nothing was done."""
    session.execute(
        update(_records)
        .where(_records.c.id == claimed.record_id)
        .values(status=answer.status, answer=answer.content)
    )

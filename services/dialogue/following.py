"""Following: a member hears of all that is said in a thread, or of nothing of it."""

from collections.abc import Collection
from datetime import datetime

from procrastinate.types import JSONValue
from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.actors import Actor
from models.dialogue import Following, Message, ThreadFollower
from models.events import Event
from models.members import Member
from services import notices, queue
from services.dialogue.readers import members_reading
from services.dialogue.subjects import Subject
from services.notices import Telling

BATCH = 200


def following_of(session: Session, subject: Subject) -> Following | None:
    """How whoever comes to the thread hears of it; None: of what is said to them."""
    if subject.actor is None:
        return None
    return session.scalar(
        select(ThreadFollower.following).where(
            subject.here(ThreadFollower), ThreadFollower.member_id == subject.actor.member.id
        )
    )


def follow(
    session: Session, subject: Subject, wanted: Following | None, *, actor: Actor, now: datetime
) -> None:
    """Hear of all that is said, of nothing, or, with None, of what is said to one."""
    if wanted is None:
        session.execute(
            delete(ThreadFollower).where(
                subject.here(ThreadFollower), ThreadFollower.member_id == actor.member.id
            )
        )
        return
    _put(session, subject, actor, wanted, now, replaces=True)


def follow_by_writing(session: Session, subject: Subject, actor: Actor, now: datetime) -> None:
    """Whoever says something hears what comes of it, unless they muted the thread."""
    _put(session, subject, actor, Following.FOLLOWED, now, replaces=False)


def hearing_among(
    session: Session, event: Event, message: Message, member_ids: Collection[int]
) -> set[int]:
    """Who of these is told of a message: those who may read it, and have not muted its thread."""
    if not member_ids:
        return set()
    muted = exists().where(
        _thread_of(event),
        ThreadFollower.member_id == Member.id,
        ThreadFollower.following == Following.MUTED,
    )
    return set(
        session.scalars(
            select(Member.id).where(
                Member.id.in_(member_ids), ~muted, members_reading(session, message)
            )
        )
    )


def tell_followers(
    session: Session,
    event: Event,
    message: Message,
    telling: Telling,
    *,
    told: Collection[int],
    now: datetime,
    after: int = 0,
) -> None:
    """Tell those who follow, batch after batch, but not those who were `told` otherwise.

    Nor those who may not read it any more: who left, or was taken out, still stands here.
    """
    batch = session.scalars(
        select(Member)
        .join(ThreadFollower, ThreadFollower.member_id == Member.id)
        .where(
            _thread_of(event),
            ThreadFollower.following == Following.FOLLOWED,
            Member.id > after,
            members_reading(session, message),
        )
        .order_by(Member.id)
        .limit(BATCH)
    ).all()
    others = [one for one in batch if one.id not in told]
    notices.tell_all(session, event, others, telling, now=now)
    if len(batch) == BATCH:
        queue.defer(
            session,
            "dialogue.tell_more",
            event_id=event.id,
            telling=telling.plain,
            told=list[JSONValue](sorted(told)),
            after=batch[-1].id,
        )


def tell_more(
    session: Session,
    event_id: int,
    telling: dict[str, object],
    told: Collection[int],
    after: int,
    *,
    now: datetime,
) -> None:
    """Go on where a batch ended."""
    event = session.get(Event, event_id)
    message = session.get(Message, event.facts["message_id"]) if event is not None else None
    if event is not None and message is not None and not message.is_hidden:
        again = Telling.of_plain(telling)
        tell_followers(session, event, message, again, told=set(told), now=now, after=after)


def _thread_of(event: Event) -> ColumnElement[bool]:
    if event.circle_id is not None:
        return ThreadFollower.circle_id == event.circle_id
    return ThreadFollower.collaboration_id == event.collaboration_id


def _put(
    session: Session,
    subject: Subject,
    actor: Actor,
    wanted: Following,
    now: datetime,
    *,
    replaces: bool,
) -> None:
    [name] = subject.columns
    column = getattr(ThreadFollower, name)
    row = {**subject.columns, "member_id": actor.member.id, "following": wanted, "since_at": now}
    put = insert(ThreadFollower).values(row)
    where = {"index_elements": [name, "member_id"], "index_where": column.is_not(None)}
    if replaces:
        new = {"following": wanted, "since_at": now}
        session.execute(put.on_conflict_do_update(**where, set_=new))
    else:
        session.execute(put.on_conflict_do_nothing(**where))

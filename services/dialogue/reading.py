"""Reading: the thread of a deal as somebody may see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from models.actors import Actor
from models.collaborations import Collaboration, Commitment
from models.dialogue import Message
from models.errors import NotFound
from services.knowing import may_know

_LATER = aliased(Message)
_IS_ANSWERED = exists().where(_LATER.answers_id == Message.id, _LATER.hidden_at.is_(None))


@dataclass(frozen=True)
class Thread:
    """A page of a thread: questions newest first, each with its answers in order."""

    questions: Sequence[Message]
    answers: dict[int, list[Message]]
    # Where the older questions begin, if there are any.
    before: int | None


def find_deal(
    session: Session, slug: str | int, *, actor: Actor | None, link_key: str = ""
) -> Collaboration:
    """The collaboration at `slug`, of any kind; refuses with NotFound what must not be known."""
    query = select(Collaboration)
    # Programs know it by its id.
    query = query.filter_by(id=slug) if isinstance(slug, int) else query.filter_by(slug=slug)
    deal = session.scalar(query)
    if deal is None or not may_know(session, deal, actor, link_key):
        raise NotFound
    return deal


def has_committed(session: Session, deal: Collaboration, actor: Actor | None) -> bool:
    """Whether one of those for whom `actor` may act takes part and has not left."""
    return actor is not None and bool(
        session.scalar(
            select(
                exists().where(
                    Commitment.collaboration_id == deal.id,
                    Commitment.participant_id.in_([one.id for one in actor.participants]),
                    Commitment.state.not_in(Commitment.LEFT),
                )
            )
        )
    )


def find(session: Session, message_id: int) -> Message:
    message = session.get(Message, message_id)
    if message is None:
        raise NotFound
    return message


def may_read(session: Session, message: Message, deal: Collaboration, actor: Actor | None) -> bool:
    """Whether a message is for `actor`; the caller has asked whether they may know of the deal."""
    if message.hidden_at is not None:
        return False
    return not message.for_committed or _takes_part(session, deal, actor)


def thread(
    session: Session,
    deal: Collaboration,
    *,
    actor: Actor | None,
    takes_part: bool | None = None,
    before: int | None = None,
    limit: int = 20,
) -> Thread:
    """The deal's questions and answers, as `actor` may read them, without what is hidden.

    Words to all who committed are shown to those and to the organisers. The caller has asked
    whether `actor` may know of the deal, and may know already whether they take part.
    """
    query = select(Message).where(Message.collaboration_id == deal.id, Message.answers_id.is_(None))
    if takes_part is None:
        takes_part = _takes_part(session, deal, actor)
    if not (takes_part or deal.is_organised_by(actor)):
        query = query.where(Message.for_committed.is_(False))
    if before is not None:
        query = query.where(Message.id < before)
    # A hidden question stays as an empty place if others have answered it.
    query = query.where(or_(Message.hidden_at.is_(None), _IS_ANSWERED))
    found = session.scalars(query.order_by(Message.id.desc()).limit(limit + 1)).all()
    questions = found[:limit]
    answers: dict[int, list[Message]] = {}
    if not questions:
        return Thread(questions, answers, None)
    for one in session.scalars(
        select(Message)
        .where(
            Message.answers_id.in_([question.id for question in questions]),
            Message.hidden_at.is_(None),
        )
        .order_by(Message.id)
    ):
        answers.setdefault(one.answers_id or 0, []).append(one)
    return Thread(questions, answers, questions[-1].id if len(found) > limit else None)


def _takes_part(session: Session, deal: Collaboration, actor: Actor | None) -> bool:
    return deal.is_organised_by(actor) or has_committed(session, deal, actor)

"""Subjects: what a thread is about, as somebody comes to it: one collaboration, or one circle."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, with_polymorphic

from models.actors import Actor
from models.buying import GroupBuy
from models.circles import Circle, CircleArchived, NotASteward, NotInCircle
from models.collaborations import Collaboration, Commitment, NotTheOrganiser
from models.dialogue import Mark, Message
from models.errors import NotAllowed, NotFound, Refused
from services import circles
from services.circles import Visit
from services.knowing import may_know


@dataclass(frozen=True)
class Subject:
    """What is spoken about, and what `actor` may do there. They may know of it: that was asked."""

    about: Collaboration | Circle
    actor: Actor | None
    mark: Mark = Mark.NONE
    # Whether they run it, and so write to all who take part.
    is_run: bool = False
    # Whether they read what is for those alone who take part.
    takes_part: bool = False
    # Why they may not write here; None if they may.
    refusal: Refused | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """What tells a row of this thread from those of all others."""
        name = "circle_id" if isinstance(self.about, Circle) else "collaboration_id"
        return {name: self.about.id}

    @property
    def deal(self) -> Collaboration | None:
        return None if isinstance(self.about, Circle) else self.about

    @property
    def circle(self) -> Circle | None:
        return self.about if isinstance(self.about, Circle) else None

    @property
    def title(self) -> str:
        return self.about.name if isinstance(self.about, Circle) else self.about.title

    @property
    def not_run(self) -> NotAllowed:
        """Why somebody else does not write to all."""
        return NotASteward() if isinstance(self.about, Circle) else NotTheOrganiser()

    @property
    def may_write(self) -> bool:
        return self.actor is not None and self.refusal is None

    def here(self, model: Any) -> ColumnElement[bool]:
        """For statements: the rows of this thread."""
        [(name, value)] = self.columns.items()
        found: ColumnElement[bool] = getattr(model, name) == value
        return found


def find_deal(
    session: Session, slug: str | int, *, actor: Actor | None, link_key: str = ""
) -> Subject:
    """The thread of the collaboration at `slug`, of any kind; programs know it by its id.

    Refuses with NotFound what must not be known.
    """
    # With what its kind adds, which is asked for anyway.
    whole = with_polymorphic(Collaboration, "*")
    known_by = whole.id == slug if isinstance(slug, int) else whole.slug == slug
    deal = session.scalar(select(whole).where(known_by))
    if deal is None or not may_know(session, deal, actor, link_key):
        raise NotFound
    return of_deal(session, deal, actor)


def find_circle(
    session: Session, slug: str | int, *, actor: Actor | None, link_key: str = ""
) -> Subject:
    """The thread of the circle at `slug`; refuses with NotFound, and with NotInCircle outsiders."""
    visit = circles.find(session, slug, actor=actor, link_key=link_key)
    visit.require_reader()
    return of_circle(visit)


def of_deal(
    session: Session, deal: Collaboration, actor: Actor | None, *, takes_part: bool | None = None
) -> Subject:
    """The thread of a deal that `actor` may know of; the caller may know if they take part."""
    runs = deal.is_organised_by(actor)
    if takes_part is None:
        takes_part = has_committed(session, deal, actor)
    mark = Mark.ORGANISER if runs else Mark.NONE
    supplier_id = deal.supplier_id if isinstance(deal, GroupBuy) else None
    if not runs and actor is not None and actor.participant.id == supplier_id:
        mark = Mark.SUPPLIER
    return Subject(deal, actor, mark, is_run=runs, takes_part=takes_part or runs)


def of_circle(visit: Visit) -> Subject:
    """The thread of a circle for somebody who may read it."""
    standing = visit.standing
    refusal: Refused | None = None
    if not visit.circle.is_open:
        refusal = CircleArchived()
    elif not standing.acts_as_member:
        refusal = NotInCircle()
    runs = standing.is_steward
    return Subject(
        visit.circle,
        standing.actor,
        Mark.STEWARD if standing.acts_as_steward else Mark.NONE,
        is_run=runs,
        takes_part=standing.is_member,
        refusal=refusal,
    )


def held(session: Session, subject: Subject) -> Subject:
    """The same thread as it stays until the transaction ends: its circle may have ended meanwhile,
    or somebody may have been taken out of it."""
    if subject.circle is None:
        return subject
    circle = circles.held(session, subject.circle.id)
    return of_circle(Visit(circle, circles.standing_in(session, circle, subject.actor)))


def of_message(
    session: Session, message: Message, *, actor: Actor | None, link_key: str = ""
) -> Subject:
    """The thread that a message stands in; refuses as if there were no such message."""
    try:
        if message.circle_id is not None:
            found = find_circle(session, message.circle_id, actor=actor, link_key=link_key)
        else:
            assert message.collaboration_id is not None
            found = find_deal(session, message.collaboration_id, actor=actor, link_key=link_key)
    except (NotFound, NotInCircle):
        raise NotFound from None
    return found


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

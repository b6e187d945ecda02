"""Finding circles: of a private one nobody learns but those in it, and whom they invite."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.circles import (
    Circle,
    CircleArchived,
    CircleMembership,
    CircleRole,
    CircleState,
    MembershipState,
    NotASteward,
    NotInCircle,
    Standing,
)
from models.errors import NotFound
from models.words import N_

NOT_THERE = N_("There is no such circle, or it is not open to you.")


@dataclass(frozen=True)
class Visit:
    """A circle as somebody comes to it: how they stand with it, and whose link brought them."""

    circle: Circle
    standing: Standing
    # None if they came without a link, or with one that opens nothing any more.
    inviter: CircleMembership | None = None

    @property
    def is_inside(self) -> bool:
        """Whether they may read the thread, the members and what is done together."""
        return self.circle.is_read_by(self.standing)

    def require_reader(self) -> None:
        """Refuse with NotInCircle who knows of the circle, and may not read what is inside."""
        if not self.is_inside:
            raise NotInCircle

    def require_steward(self) -> None:
        if not self.circle.is_run_by(self.standing):
            raise NotASteward

    def require_open(self) -> None:
        if not self.circle.is_open:
            raise CircleArchived


def find(
    session: Session,
    slug: str | int,
    *,
    actor: Actor | None,
    link_key: str = "",
    lock: bool = False,
) -> Visit:
    """The circle at `slug`, if `actor` may know of it; programs know it by its id.

    Refuses with NotFound, in the same words, what does not exist and what must not be known.
    Nobody waits for the lock of what they may not know of.
    """
    query = select(Circle).where(
        Circle.id == slug if isinstance(slug, int) else Circle.slug == slug
    )
    circle = session.scalar(query)
    if circle is None:
        raise NotFound(NOT_THERE)
    standing = standing_in(session, circle, actor)
    inviter = _inviter(session, circle, link_key)
    if inviter is None and not circle.is_known_to(standing):
        raise NotFound(NOT_THERE)
    if not lock:
        return Visit(circle, standing, inviter)
    locked(session, circle.id)
    # How they stand may have changed while the lock was waited for.
    standing = standing_in(session, circle, actor)
    return Visit(circle, standing, _inviter(session, circle, link_key))


def by_link(session: Session, link_key: str) -> Circle:
    """The circle that a link of invitation opens; refuses with NotFound."""
    circle = session.scalar(
        select(Circle)
        .join(CircleMembership, CircleMembership.circle_id == Circle.id)
        .where(CircleMembership.link_key == link_key)
    )
    if circle is None or _inviter(session, circle, link_key) is None:
        raise NotFound(N_("This link opens nothing any more. Ask whoever gave it to you."))
    return circle


def run(session: Session, slug: str | int, *, actor: Actor, lock: bool = False) -> Visit:
    """The circle at `slug` for its stewards; refuses with NotFound and NotASteward."""
    visit = find(session, slug, actor=actor, lock=lock)
    visit.require_steward()
    return visit


def locked(session: Session, circle_id: int) -> Circle:
    """The circle for one act alone; for jobs, which may know of everything."""
    return session.scalars(
        select(Circle)
        .where(Circle.id == circle_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def held(session: Session, circle_id: int) -> Circle:
    """The circle as it stays until the transaction ends; others may hold it so at the same time."""
    return session.scalars(
        select(Circle)
        .where(Circle.id == circle_id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).one()


def standing_in(session: Session, circle: Circle, actor: Actor | None) -> Standing:
    """How `actor` stands with the circle, by all for whom they act."""
    if actor is None:
        return Standing(None)
    found = session.scalars(
        select(CircleMembership)
        .where(
            CircleMembership.circle_id == circle.id,
            CircleMembership.participant_id.in_([one.id for one in actor.participants]),
        )
        .execution_options(populate_existing=True)
    ).all()
    return Standing(actor, found)


def belonging_of(
    session: Session, actor: Actor, *, limit: int = 50
) -> Sequence[tuple[Circle, CircleMembership]]:
    """The circles of whom `actor` acts as: in which they are, ask to be, or are asked to.

    The newest first; those that have ended come last.
    """
    rows = session.execute(
        select(Circle, CircleMembership)
        .join(CircleMembership, CircleMembership.circle_id == Circle.id)
        .where(
            CircleMembership.participant_id == actor.participant.id,
            CircleMembership.state.in_(
                [MembershipState.ACTIVE, MembershipState.ASKED, MembershipState.INVITED]
            ),
        )
        .order_by(Circle.state, CircleMembership.since_at.desc(), CircleMembership.id.desc())
        .limit(limit)
    )
    return [(circle, membership) for circle, membership in rows]


def open_to(session: Session, participant_id: int, *, limit: int = 100) -> Sequence[Circle]:
    """The open circles that a participant belongs to, by name."""
    return session.scalars(
        select(Circle)
        .join(CircleMembership, CircleMembership.circle_id == Circle.id)
        .where(
            CircleMembership.participant_id == participant_id,
            CircleMembership.state == MembershipState.ACTIVE,
            Circle.state == CircleState.OPEN,
        )
        .order_by(Circle.name, Circle.id)
        .limit(limit)
    ).all()


def known_by_id(session: Session, circle_id: int | None, actor: Actor | None) -> Circle | None:
    """The circle that something is done in, if `actor` may know of it."""
    circle = session.get(Circle, circle_id) if circle_id is not None else None
    if circle is None or circle.is_known_to(Standing(None)):
        return circle
    return circle if circle.is_known_to(standing_in(session, circle, actor)) else None


def membership(session: Session, circle: Circle, membership_id: int) -> CircleMembership:
    """A membership of this circle, as it stands now; refuses with NotFound."""
    found = session.get(CircleMembership, membership_id, populate_existing=True)
    if found is None or found.circle_id != circle.id:
        raise NotFound
    return found


def keep(session: Session, circle: Circle) -> None:
    """Write what changed, and read what the database has counted of it."""
    circle.touch()
    session.flush()
    session.refresh(circle, ["members_count", "stewards_count"])


def _inviter(session: Session, circle: Circle, link_key: str) -> CircleMembership | None:
    """Whose link this is, if they may still bring others in."""
    if not link_key or not circle.is_open:
        return None
    found = session.scalar(select(CircleMembership).filter_by(link_key=link_key))
    if found is None or found.circle_id != circle.id or not found.is_active:
        return None
    return found if circle.members_invite or found.role == CircleRole.STEWARD else None

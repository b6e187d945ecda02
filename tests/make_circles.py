"""Circles to test with: found one, and bring people into it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.actors import Actor
from models.circles import Circle, CircleKind, CircleMembership, CircleRole
from services import circles
from services.circles import Description, Visit, roles


def circle(session: Session, actor: Actor, *, now: datetime, **said: Any) -> Circle:
    """A circle that `actor` runs: public and free to join, if nothing else is said."""
    given = {"name": "Oil friends", "kind": CircleKind.BUYING, **said}
    return circles.found(session, Description(**given), actor=actor, now=now)


def visit(
    session: Session, made: Circle, actor: Actor | None, link_key: str = "", *, lock: bool = True
) -> Visit:
    return circles.find(session, made.slug, actor=actor, link_key=link_key, lock=lock)


def join(
    session: Session, made: Circle, actor: Actor, *, now: datetime, link_key: str = "", **said: Any
) -> CircleMembership:
    given = {"rules_number": made.rules_number, **said}
    return circles.join(
        session, visit(session, made, actor, link_key), actor=actor, now=now, **given
    )


def member(
    session: Session,
    made: Circle,
    actor: Actor,
    *,
    by: Actor,
    role: CircleRole = CircleRole.MEMBER,
    now: datetime,
) -> CircleMembership:
    """Someone who came in by the link of `by`, and was given a role by them."""
    key = circles.link_of(session, visit(session, made, by))
    came = join(session, made, actor, link_key=key, now=now)
    if role != CircleRole.MEMBER:
        roles.appoint(session, visit(session, made, by), came.id, role, actor=by, now=now)
    return came

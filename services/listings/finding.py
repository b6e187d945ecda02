"""Finding a listing: those of a circle are known to its members alone."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.circles import CircleMembership, MembershipState
from models.errors import NotFound
from models.listings import Listing, NotYourListing
from models.words import N_
from services.paging import Page, paged, position

NOT_THERE = N_("There is no such listing, or not any more.")


def find(session: Session, slug: str | int, *, actor: Actor | None, lock: bool = False) -> Listing:
    """The listing at `slug`, if `actor` may know of it; programs know it by its id.

    Everyone may know of what is open and for all, members of a circle of what is for it, and its
    owner and moderators of each. Refuses with NotFound, in the same words, all else.
    """
    known_by = Listing.id == slug if isinstance(slug, int) else Listing.slug == slug
    query = select(Listing).where(known_by)
    found = session.scalar(query.where(may_be_known_by(actor)))
    if found is None:
        raise NotFound(NOT_THERE)
    if lock:
        found = session.scalars(
            query.with_for_update(key_share=True, of=Listing).execution_options(
                populate_existing=True
            )
        ).one()
    return found


def own(session: Session, slug: str | int, *, actor: Actor, lock: bool = False) -> Listing:
    """The listing at `slug` for whoever may change it; refuses with NotYourListing."""
    found = find(session, slug, actor=actor, lock=lock)
    if not actor.may_manage(found.participant_id):
        raise NotYourListing
    return found


def of_participant(
    session: Session, participant_id: int, *, after: str | None = None, limit: int = 24
) -> Page[Listing]:
    """All listings of a participant, the newest first: for themself. Refuses CursorNotValid."""
    since = position(after, int)
    query = select(Listing).where(Listing.participant_id == participant_id)
    if since is not None:
        query = query.where(Listing.id < since[0])
    rows = session.scalars(query.order_by(Listing.id.desc()).limit(limit + 1)).all()
    return paged(rows, limit, lambda one: (one.id,))


def may_be_known_by(actor: Actor | None) -> ColumnElement[bool]:
    """For statements: which listings `actor` may know of."""
    is_open = Listing.state == "open"
    if actor is None:
        return is_open & Listing.circle_id.is_(None)
    own = Listing.participant_id.in_([one.id for one in actor.participants])
    if actor.is_moderator:
        return is_open | own
    return own | (is_open & is_for(actor))


def is_for(actor: Actor | None) -> ColumnElement[bool]:
    """For statements: what is for everyone, and what is for a circle that `actor` is in."""
    for_all = Listing.circle_id.is_(None)
    if actor is None:
        return for_all
    return or_(for_all, Listing.circle_id.in_(circles_of([one.id for one in actor.participants])))


def circles_of(participant_ids: Sequence[int]) -> ColumnElement[int]:
    found: ColumnElement[int] = (
        select(CircleMembership.circle_id)
        .where(
            CircleMembership.participant_id.in_(participant_ids),
            CircleMembership.state == MembershipState.ACTIVE,
        )
        .scalar_subquery()
    )
    return found

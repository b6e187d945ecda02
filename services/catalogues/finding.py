"""Finding catalogues, their lists and articles: by whoever may act for the owner, nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased, lazyload

from models.actors import Actor
from models.catalogues import (
    Catalogue,
    CatalogueArticle,
    CatalogueVersion,
    MayNotEditCatalogue,
    VersionState,
)
from models.errors import NotFound
from models.members import Member
from models.participants import Membership, MembershipRole
from services import sessions
from services.paging import Page, paged, position
from services.searching import words_of

# PostgreSQL's integer; it would refuse to look for more.
LARGEST_NUMBER = 2**31 - 1
WAITING = (VersionState.READING, VersionState.PREVIEW)
KEPT = (VersionState.CURRENT, VersionState.REPLACED)


@dataclass(frozen=True)
class Kept:
    """A catalogue with its current list and the one that is not decided, where there is one."""

    catalogue: Catalogue
    current: CatalogueVersion | None
    undecided: CatalogueVersion | None


def of_owner(
    session: Session, *, actor: Actor, after: str | None = None, limit: int = 24
) -> Page[Kept]:
    """The catalogues of whom `actor` acts as, the newest first, in one statement."""
    current, undecided = aliased(CatalogueVersion), aliased(CatalogueVersion)
    query = (
        select(Catalogue, current, undecided)
        .outerjoin(current, (current.catalogue_id == Catalogue.id) & (current.state == KEPT[0]))
        # There is one at most: an upload waits for the one before it, and forgets faulty ones.
        .outerjoin(
            undecided, (undecided.catalogue_id == Catalogue.id) & undecided.state.not_in(KEPT)
        )
        # Their catalogue is in the row already; joined once more it would drop the rows
        # that have no list.
        .options(lazyload(current.catalogue), lazyload(undecided.catalogue))
        .where(Catalogue.owner_id == actor.participant.id)
        .order_by(Catalogue.id.desc())
        .limit(limit + 1)
    )
    start = position(after, int)
    if start is not None:
        query = query.where(Catalogue.id < start[0])
    rows = [Kept(*row) for row in session.execute(query)]
    return paged(rows, limit, lambda kept: (kept.catalogue.id,))


def find(
    session: Session, catalogue_id: int, *, actor: Actor | None, lock: bool = False
) -> Catalogue:
    """The catalogue, if `actor` may see it; else NotFound, as if it were not there."""
    query = select(Catalogue).filter_by(id=catalogue_id)
    if lock:
        query = query.with_for_update(key_share=True, of=Catalogue).execution_options(
            populate_existing=True
        )
    catalogue = session.scalar(query)
    if catalogue is None or not catalogue.can_be_seen_by(actor):
        raise NotFound
    return catalogue


def require_editor(catalogue: Catalogue, actor: Actor) -> None:
    if not catalogue.can_be_edited_by(actor):
        raise MayNotEditCatalogue


def current(session: Session, catalogue: Catalogue) -> CatalogueVersion | None:
    """The list that deals are made from, or None while there is none."""
    return _newest(session, catalogue, CatalogueVersion.state == VersionState.CURRENT)


def waiting(session: Session, catalogue: Catalogue) -> CatalogueVersion | None:
    """The list that is being read or waits for a decision."""
    return _newest(session, catalogue, CatalogueVersion.state.in_(WAITING))


def undecided(session: Session, catalogue: Catalogue) -> CatalogueVersion | None:
    """The list that waits, or that could not be read and is not forgotten yet."""
    return _newest(session, catalogue, CatalogueVersion.state.not_in(KEPT))


def latest(session: Session, catalogue: Catalogue) -> CatalogueVersion | None:
    """The list that was uploaded last, whatever became of it."""
    return _newest(session, catalogue)


def before(session: Session, version: CatalogueVersion) -> CatalogueVersion | None:
    """The list that `version` replaces or replaced."""
    return _newest(
        session,
        version.catalogue,
        CatalogueVersion.state.in_(KEPT),
        CatalogueVersion.number < version.number,
    )


def version(
    session: Session, catalogue: Catalogue, number: int, *, lock: bool = False
) -> CatalogueVersion:
    """The catalogue's list of this number; refuses with NotFound."""
    if number > LARGEST_NUMBER:
        raise NotFound
    query = select(CatalogueVersion).filter_by(catalogue_id=catalogue.id, number=number)
    if lock:
        query = query.with_for_update(key_share=True, of=CatalogueVersion).execution_options(
            populate_existing=True
        )
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


def versions(
    session: Session, catalogue: Catalogue, *, after: str | None = None, limit: int = 24
) -> Page[CatalogueVersion]:
    """All lists of a catalogue, the newest first."""
    query = (
        select(CatalogueVersion)
        .filter_by(catalogue_id=catalogue.id)
        .order_by(CatalogueVersion.number.desc())
        .limit(limit + 1)
    )
    start = position(after, int)
    if start is not None:
        query = query.where(CatalogueVersion.number < start[0])
    return paged(session.scalars(query).all(), limit, lambda row: (row.number,))


def articles(
    session: Session,
    version: CatalogueVersion,
    *,
    words: str = "",
    category: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[CatalogueArticle]:
    """Articles of one list in its order: those with all of `words`, in `category` (None: any).

    Looks at no more than six words.
    """
    query = (
        select(CatalogueArticle)
        .where(*matching(version, words, category))
        .order_by(CatalogueArticle.position)
        .limit(limit + 1)
    )
    start = position(after, int)
    if start is not None:
        query = query.where(CatalogueArticle.position > start[0])
    return paged(session.scalars(query).all(), limit, lambda row: (row.position,))


def matching(
    version: CatalogueVersion, words: str = "", category: str | None = None
) -> list[ColumnElement[bool]]:
    """The conditions for articles of `version` with all of `words` in their texts."""
    conditions: list[ColumnElement[bool]] = [CatalogueArticle.version_id == version.id]
    if category is not None:
        conditions.append(CatalogueArticle.category == category)
    searched = func.concat_ws(
        " ",
        CatalogueArticle.order_number,
        CatalogueArticle.name,
        CatalogueArticle.second_line,
        CatalogueArticle.maker,
        CatalogueArticle.ean,
    )
    conditions += [searched.icontains(word, autoescape=True) for word in words_of(words)]
    return conditions


def article(
    session: Session, version: CatalogueVersion, article_id: int
) -> CatalogueArticle | None:
    return session.scalar(select(CatalogueArticle).filter_by(id=article_id, version_id=version.id))


def categories(session: Session, version: CatalogueVersion) -> Sequence[tuple[str, int]]:
    """The categories of a list with how many articles each has, by name."""
    rows = session.execute(
        select(CatalogueArticle.category, func.count())
        .filter_by(version_id=version.id)
        .group_by(CatalogueArticle.category)
        .order_by(CatalogueArticle.category)
    )
    return [(name, count) for name, count in rows]


def _newest(
    session: Session, catalogue: Catalogue, *conditions: ColumnElement[bool]
) -> CatalogueVersion | None:
    return session.scalar(
        select(CatalogueVersion)
        .where(CatalogueVersion.catalogue_id == catalogue.id, *conditions)
        .order_by(CatalogueVersion.number.desc())
        .limit(1)
    )


def keeper(session: Session, catalogue_id: int) -> Actor:
    """Whoever a command acts as: the owner, or the longest-standing owner of the organisation.

    Refuses with NotFound.
    """
    owner_id = session.scalar(select(Catalogue.owner_id).filter_by(id=catalogue_id))
    member = session.scalar(
        select(Member)
        .outerjoin(
            Membership,
            (Membership.member_id == Member.id)
            & (Membership.organisation_id == owner_id)
            & (Membership.role == MembershipRole.OWNER),
        )
        .where((Member.participant_id == owner_id) | Membership.id.is_not(None))
        .order_by(Membership.since_at, Member.id)
        .limit(1)
    )
    if owner_id is None or member is None:
        raise NotFound
    return sessions.actor_of(session, member, owner_id)

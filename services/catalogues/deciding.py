"""A list that was looked at is kept or thrown away; what nobody decides on is forgotten."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.catalogues import Catalogue, CatalogueVersion, VersionState
from models.lifecycle import NotInThisState
from services import events
from services.catalogues import finding, happened

UNDECIDED_KEPT = timedelta(days=7)


def keep(
    session: Session,
    catalogue: Catalogue,
    version: CatalogueVersion,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Make a previewed list the current one. The caller has found the catalogue with its lock.

    Refuses with MayNotEditCatalogue, and with NotInThisState a list that is still being read, is
    faulty or was kept already (another tab was quicker).
    """
    finding.require_editor(catalogue, actor)
    if not version.can_move(VersionState.CURRENT):
        raise NotInThisState
    succeed(session, catalogue, version, now=now)
    events.record(
        session,
        happened.PriceListKept(
            by=actor.member.id,
            participant_id=catalogue.owner_id,
            catalogue_id=catalogue.id,
            number=version.number,
            articles=version.articles_count,
        ),
        now=now,
    )


def succeed(
    session: Session, catalogue: Catalogue, version: CatalogueVersion, *, now: datetime
) -> None:
    """Let `version` take the place of the current list, of which there is one at most."""
    before = finding.current(session, catalogue)
    if before is not None:
        before.replace()
        # The database allows one current list at any moment, so the old one goes first.
        session.flush()
    version.keep(now)
    session.flush()


def throw_away(
    session: Session,
    catalogue: Catalogue,
    version: CatalogueVersion,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Forget a list that was not kept, with all that was read of it.

    Refuses with MayNotEditCatalogue, and with NotInThisState a list that deals may refer to.
    """
    finding.require_editor(catalogue, actor)
    if version.is_kept:
        raise NotInThisState
    _forget(session, [version.id])
    events.record(
        session,
        happened.PriceListThrownAway(
            by=actor.member.id,
            participant_id=catalogue.owner_id,
            catalogue_id=catalogue.id,
            number=version.number,
        ),
        now=now,
    )


def sweep(session: Session, *, now: datetime) -> int:
    """Forget what was not decided on for seven days; how many lists. Safe to repeat."""
    old = session.scalars(
        select(CatalogueVersion.id)
        .where(
            CatalogueVersion.state.not_in(finding.KEPT),
            CatalogueVersion.uploaded_at < now - UNDECIDED_KEPT,
        )
        .with_for_update(skip_locked=True, of=CatalogueVersion)
    ).all()
    _forget(session, list(old))
    return len(old)


def _forget(session: Session, version_ids: list[int]) -> None:
    # The articles go with their list, by the foreign key.
    session.execute(delete(CatalogueVersion).where(CatalogueVersion.id.in_(version_ids)))

"""A file comes in, is read by a job and can be looked at; deals see nothing of it before."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models.actors import Actor
from models.catalogues import Catalogue, CatalogueVersion, ListWaiting, VersionState
from models.errors import Invalid
from models.words import N_
from services import events, pricelists, queue
from services.catalogues import finding, happened
from services.catalogues.vat import VAT_RATES, VatRates
from services.pricelists import FILE_TOO_LARGE, MOST_BYTES
from services.pricelists.gathering import Progress, silent

LONGEST_FILE_NAME = 200


class FileTooLarge(Invalid):
    code = "file-too-large"
    message = FILE_TOO_LARGE


class FileEmpty(Invalid):
    code = "file-empty"
    message = N_("Please choose the file of a price list. This one is empty.")


@dataclass(frozen=True)
class Upload:
    """A file as it was sent, and the VAT rates for lists that name codes instead of rates."""

    content: bytes
    vat_rates: VatRates
    file_name: str = ""


@dataclass(frozen=True)
class Unread:
    """What the reading job needs of a list, so that it holds no transaction while it parses."""

    version_id: int
    upload: Upload
    currency: str


def proposed_vat_rates(session: Session, catalogue: Catalogue) -> VatRates:
    """The rates of the list before, else those of the catalogue's country."""
    last = finding.latest(session, catalogue)
    if last is not None and last.vat_standard_basis_points:
        return VatRates(last.vat_reduced_basis_points, last.vat_standard_basis_points)
    return VAT_RATES[catalogue.country]


def upload(
    session: Session, catalogue: Catalogue, sent: Upload, *, actor: Actor, now: datetime
) -> CatalogueVersion:
    """Take a file in and have a job read it. The caller has found the catalogue with its lock.

    Refuses with MayNotEditCatalogue, FileEmpty, FileTooLarge (16 MB), and with ListWaiting while
    another list is not decided. A faulty list before this one is forgotten.
    """
    finding.require_editor(catalogue, actor)
    if not sent.content:
        raise FileEmpty(fields={"file": FileEmpty.message})
    if len(sent.content) > MOST_BYTES:
        raise FileTooLarge(fields={"file": FileTooLarge.message}, megabytes=MOST_BYTES // 1024**2)
    version = begin(session, catalogue, actor=actor, now=now)
    version.file_name = sent.file_name[-LONGEST_FILE_NAME:]
    version.upload = sent.content
    version.vat_reduced_basis_points = sent.vat_rates.reduced_basis_points
    version.vat_standard_basis_points = sent.vat_rates.standard_basis_points
    session.flush()
    queue.defer(session, "catalogues.read", version_id=version.id)
    events.record(
        session,
        happened.PriceListUploaded(
            by=actor.member.id,
            participant_id=catalogue.owner_id,
            catalogue_id=catalogue.id,
            number=version.number,
        ),
        now=now,
    )
    return version


def begin(
    session: Session, catalogue: Catalogue, *, actor: Actor, now: datetime
) -> CatalogueVersion:
    """A list without articles yet. The caller holds the catalogue's lock.

    Refuses with ListWaiting while another list is not decided.
    """
    if finding.waiting(session, catalogue) is not None:
        raise ListWaiting
    session.execute(
        delete(CatalogueVersion).where(
            CatalogueVersion.catalogue_id == catalogue.id,
            CatalogueVersion.state == VersionState.FAULTY,
        )
    )
    catalogue.last_number += 1
    version = CatalogueVersion(
        catalogue=catalogue,
        number=catalogue.last_number,
        state=VersionState.READING,
        uploaded_by_id=actor.member.id,
        uploaded_at=now,
    )
    session.add(version)
    session.flush()
    return version


def unread(session: Session, version_id: int) -> Unread | None:
    """The list if it still waits to be read; a job that comes twice finds nothing to do."""
    row = session.execute(
        select(CatalogueVersion, CatalogueVersion.upload)
        .where(CatalogueVersion.id == version_id)
        .where(CatalogueVersion.state == VersionState.READING)
        .where(CatalogueVersion.upload.is_not(None))
    ).one_or_none()
    if row is None:
        return None
    version, content = row[0], row[1] or b""
    rates = VatRates(version.vat_reduced_basis_points, version.vat_standard_basis_points)
    return Unread(version.id, Upload(content, rates, version.file_name), version.catalogue.currency)


def parse(list_: Unread, *, on_progress: Progress = silent) -> pricelists.PriceList:
    """Read the file, without the database; `on_progress` hears (lines done, lines in all)."""
    return pricelists.parse(
        list_.upload.content,
        vat_rates=list_.upload.vat_rates.by_code,
        filename=list_.upload.file_name or None,
        currency=list_.currency,
        on_progress=on_progress,
    )


def tell_progress(session: Session, version_id: int, done: int, total: int) -> None:
    """Say how far the reading is, for those who wait for it."""
    session.execute(
        update(CatalogueVersion)
        .where(CatalogueVersion.id == version_id)
        .where(CatalogueVersion.state == VersionState.READING)
        .values(read_count=done, total_count=total)
    )

"""Pictures: what members upload is decoded, shrunk and written anew, so nothing else gets in.

No byte of the file is kept: no place, no time and no maker's name from its metadata (EXIF).
"""

from datetime import datetime, timedelta
from io import BytesIO
from threading import Lock

from PIL import Image, ImageOps
from sqlalchemy import Exists, delete, exists, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, undefer

from models.actors import Actor
from models.buying import Article
from models.collaborations import Collaboration
from models.disputes import Case, CasePicture, CaseState
from models.errors import NotFound
from models.members import TooManyTries
from models.participants import NotAPicture, Participant, Picture, PictureTooLarge
from models.words import N_
from services import secrets, throttles
from services.throttles import Limit, Try

MOST_MEGABYTES = 12
# A camera's JPEG is decoded at a fraction of its size; the others fill memory with every pixel.
MOST_MEGAPIXELS_OF_JPEG = 40
MOST_MEGAPIXELS = 16
# A picture of one pixel's width has a row for each, and every row takes memory.
LONGEST_SIDE = 20_000
# Wide enough for a cover on a sharp screen.
LONGEST_EDGE = 1600
UNUSED_KEPT = timedelta(days=1)
FORMATS = ("JPEG", "PNG", "WEBP")
# Pixels that can be shrunk before they are made RGB; a palette would lose its colours between.
_SHRUNK_AS_THEY_ARE = ("RGB", "RGBA", "L", "LA", "CMYK")
# Enough to give every article of a long list its picture by hand.
UPLOADS = Limit("pictures", 60, timedelta(hours=1))
# A picture of a few kilobytes can take hundreds of megabytes while it is read. A process reads one
# at a time, so that many who upload at once wait for each other and do not add up.
_reading = Lock()


class UploadedTooOften(TooManyTries):
    code = "uploaded-too-often"
    message = N_(
        "You uploaded %(limit)s pictures within an hour. You can upload more from %(until)s on."
    )


def count_upload(session: Session, *, actor: Actor, now: datetime) -> None:
    """Before a picture is read, and kept whatever it is; refuses with UploadedTooOften."""
    upload = Try(UPLOADS, str(actor.member.id))
    throttles.take_in_act(session, upload, refusal=UploadedTooOften, now=now)


def keep(
    session: Session, content: bytes, *, alt: str = "", actor: Actor, now: datetime
) -> Picture:
    """Keep an uploaded picture as WebP of at most 1600 pixels a side, under a random key.

    Refuses with NotAPicture what is not JPEG, PNG or WebP, or is cut off; with PictureTooLarge
    more than 12 MB, or more than 40 megapixels in JPEG and 16 in the others, before it is decoded.
    """
    encoded, width, height = encode(content)
    picture = Picture(
        key=secrets.draw_key(),
        content=encoded,
        content_type="image/webp",
        width=width,
        height=height,
        alt=alt,
        uploaded_by_id=actor.participant.id,
        uploaded_at=now,
    )
    session.add(picture)
    session.flush()
    return picture


def find(session: Session, key: str) -> Picture:
    """The picture with its content; refuses with NotFound."""
    picture = session.scalar(select(Picture).filter_by(key=key).options(undefer(Picture.content)))
    if picture is None:
        raise NotFound
    return picture


def portrait(session: Session, slug: str, picture_id: int) -> Picture:
    """The picture a participant shows of themself; refuses with NotFound any other."""
    picture = session.scalar(
        select(Picture)
        .join(Participant, Participant.picture_id == Picture.id)
        .where(Participant.slug == slug, Picture.id == picture_id)
    )
    if picture is None:
        raise NotFound
    return picture


def drop(session: Session, picture_id: int) -> None:
    """Forget a picture that nothing shows any more; at once, unless it was reported."""
    picture = session.get(Picture, picture_id, with_for_update=True)
    if picture is not None and not session.scalar(select(_is_evidence(picture_id))):
        session.delete(picture)


def forget_unused(session: Session, *, now: datetime) -> None:
    """Forget what nothing shows since a day at least: an article that went, a draft thrown away.

    What was reported stays until its case is decided. Nobody can begin to show a picture, or report
    it, once it is locked; what somebody is about to is passed over until the next night.
    """
    shown = (
        exists().where(Article.picture_id == Picture.id),
        exists().where(Collaboration.picture_id == Picture.id),
        exists().where(Participant.picture_id == Picture.id),
        _is_evidence(Picture.id),
    )
    unused = not_(or_(*shown))
    locked = session.scalars(
        select(Picture.id)
        .where(Picture.uploaded_at <= now - UNUSED_KEPT, unused)
        .with_for_update(skip_locked=True)
    ).all()
    # Asked again: what was shown or reported before the lock is only seen by another statement.
    session.execute(
        delete(Picture)
        .where(Picture.id.in_(locked), unused)
        .execution_options(synchronize_session=False)
    )


def _is_evidence(picture_id: int | InstrumentedAttribute[int]) -> Exists:
    """Whether an open case names the picture."""
    return exists().where(
        CasePicture.picture_id == picture_id,
        CasePicture.case_id == Case.id,
        Case.state != CaseState.DECIDED,
    )


def encode(content: bytes) -> tuple[bytes, int, int]:
    """The picture written anew, with its width and height in pixels; refuses as `keep` does."""
    too_large = PictureTooLarge(megabytes=MOST_MEGABYTES, megapixels=_most_megapixels(content))
    if len(content) > MOST_MEGABYTES * 1_000_000:
        raise too_large
    try:
        with _reading:
            return _read(content)
    except (PictureTooLarge, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_large from None
    except Exception:
        # A broken or hostile file makes a decoder fail in any of many ways; all mean the same.
        raise NotAPicture(fields={"picture": NotAPicture.message}) from None


def _read(content: bytes) -> tuple[bytes, int, int]:
    # Verifying spoils the picture for reading, so it is opened twice.
    with Image.open(BytesIO(content), formats=FORMATS) as unread:
        most_pixels = _most_megapixels(content) * 1_000_000
        if unread.width * unread.height > most_pixels or max(unread.size) > LONGEST_SIDE:
            raise PictureTooLarge
        unread.verify()
    with Image.open(BytesIO(content), formats=FORMATS) as opened:
        return _written_anew(opened)


def _most_megapixels(content: bytes) -> int:
    return MOST_MEGAPIXELS_OF_JPEG if content.startswith(b"\xff\xd8\xff") else MOST_MEGAPIXELS


def _written_anew(opened: Image.Image) -> tuple[bytes, int, int]:
    # A JPEG can be decoded at a fraction of its size, which saves most of the memory.
    opened.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
    mode = "RGBA" if opened.has_transparency_data else "RGB"
    # As large as it came the picture is there once only: it is shrunk, and turned, in its place.
    plain = opened
    if opened.mode not in _SHRUNK_AS_THEY_ARE or "transparency" in opened.info:
        plain = opened.convert(mode)
    plain.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    ImageOps.exif_transpose(plain, in_place=True)
    fresh = Image.new(mode, plain.size)
    fresh.paste(plain if plain.mode == mode else plain.convert(mode))
    written = BytesIO()
    fresh.save(written, "WEBP", quality=82, method=4)
    return written.getvalue(), fresh.width, fresh.height

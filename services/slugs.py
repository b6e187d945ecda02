"""Slugs: the part of an address that says what it leads to, and that only one thing has."""

from slugify import slugify
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services import secrets
from services.locking import reserve

# What stands where a slug does in our own addresses: "/circles/new".
RESERVED = frozenset({"new", "mine"})


def free(
    session: Session,
    taken: InstrumentedAttribute[str],
    text: str,
    *,
    most: int,
    otherwise: str,
) -> str:
    """A slug of at most `most` characters and five, made from `text`, that is not in `taken`.

    `otherwise` stands for a text without any letter. Two things of one name may be begun at the
    same moment; the second waits until the first is there.
    """
    base = slugify(text, max_length=most, word_boundary=True) or otherwise
    reserve(session, f"slug:{base}")
    slug = base
    while slug in RESERVED or session.scalar(select(taken).where(taken == slug)) is not None:
        slug = f"{base}-{secrets.draw_key()[:4]}"
    return slug

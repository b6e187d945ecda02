"""Starter texts: an honest beginning for imprint, privacy, terms and accessibility."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from marketplace.config import LOCALES
from models.operations import LegalKind
from services import operations

TEXTS = Path(__file__).parent / "starters"


def starter(kind: LegalKind, locale: str) -> str:
    """The starter text (Markdown) of one kind in one language."""
    return (TEXTS / f"{kind}.{locale}.md").read_text(encoding="utf-8")


def publish_missing(session: Session, *, now: datetime) -> int:
    """Publish each starter whose kind and language have no text yet; how many those were."""
    count = 0
    for kind in LegalKind:
        for locale in LOCALES:
            if not operations.versions(session, kind, locale):
                body = starter(kind, locale)
                operations.publish(session, kind, locale, body=body, actor=None, now=now)
                count += 1
    return count

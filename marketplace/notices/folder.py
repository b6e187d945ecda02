"""The folder of mails that the demo shows instead of sending them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

NEWEST = 50


@dataclass(frozen=True)
class Letter:
    """One mail as its reader would get it."""

    name: str
    subject: str
    to: str
    sent_at: datetime | None
    text: str
    headers: tuple[tuple[str, str], ...]


def newest(folder: Path) -> list[Letter]:
    """The newest letters, the last one first."""
    names = sorted((path.name for path in folder.glob("*.eml")), reverse=True)[:NEWEST]
    return list(_read(folder, names))


def find(folder: Path, name: str) -> Letter | None:
    """The letter of that name; nothing outside the folder is a letter."""
    known = {path.name for path in folder.glob("*.eml")}
    return next(_read(folder, [name]), None) if name in known else None


def _read(folder: Path, names: list[str]) -> Iterator[Letter]:
    for name in names:
        message = message_from_bytes((folder / name).read_bytes(), policy=default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        yield Letter(
            name=name.removesuffix(".eml"),
            subject=str(message["Subject"]),
            to=str(message["To"]),
            sent_at=message["Date"].datetime if message["Date"] else None,
            text=body.get_content() if body else "",
            headers=tuple((header, str(value)) for header, value in message.items()),
        )

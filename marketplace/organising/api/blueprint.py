"""What those who organise do by program, spread over the modules of this package."""

from typing import Any

from flask import request
from sqlalchemy.orm import Session
from werkzeug.exceptions import UnsupportedMediaType

from marketplace import auth
from marketplace.api import Blueprint
from models.buying import GroupBuy
from services import buying

bp = Blueprint(
    "organising_api",
    __name__,
    path="/group-buys",
    about="Running a group buy: its draft, its people, its goods and its money.",
)
ONE = "/<id:group_buy_id>"


def organised(session: Session, group_buy_id: int, *, lock: bool = False) -> GroupBuy:
    """The group buy for those who run it; refuses with NotTheOrganiser and NotFound."""
    return buying.organised(session, group_buy_id, actor=auth.signed_in_actor(), lock=lock)


def file_of(media_types: tuple[str, ...], most_bytes: int) -> bytes:
    """The body as it was sent, and one byte of what is too much; refuses other kinds with 415."""
    if request.mimetype not in media_types:
        raise UnsupportedMediaType
    return request.stream.read(most_bytes + 1)


def a_file(description: str, *media_types: str) -> dict[str, Any]:
    """How the document tells of a body that is a file."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        "required": True,
        "description": description,
        "content": dict.fromkeys(media_types, binary),
    }

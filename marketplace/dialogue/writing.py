"""Writing into a thread: a comment, an answer or a word to all, as what was sent says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from marketplace import context
from models.dialogue import Message
from services import dialogue
from services.dialogue import Subject


def write(session: Session, subject: Subject, said: Mapping[str, Any], *, now: datetime) -> Message:
    """Write what the schema `Post` has read; it is in the writer's language if they name none."""
    words = {"body": said["body"], "lang": said["lang"] or context.choose_locale()}
    if said["is_announcement"]:
        return dialogue.announce(session, subject, **words, now=now)
    if said["answers"] is not None:
        return dialogue.answer(session, subject, said["answers"], **words, now=now)
    return dialogue.comment(session, subject, **words, now=now)

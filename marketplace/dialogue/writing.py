"""Writing into a thread: a question, an answer or a word to all, as what was sent says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from marketplace import context
from models.actors import Actor
from models.collaborations import Collaboration
from models.dialogue import Message
from services import dialogue


def write(
    session: Session,
    deal: Collaboration,
    said: Mapping[str, Any],
    *,
    actor: Actor,
    link_key: str = "",
    now: datetime,
) -> Message:
    """Write what the schema `Post` has read; it is in the writer's language if they name none."""
    body, lang = said["body"], said["lang"] or context.choose_locale()
    if said["to_committed"]:
        return dialogue.announce(session, deal, body=body, lang=lang, actor=actor, now=now)
    if said["answers"] is not None:
        return dialogue.answer(
            session,
            deal,
            said["answers"],
            body=body,
            lang=lang,
            actor=actor,
            link_key=link_key,
            now=now,
        )
    return dialogue.ask(
        session, deal, body=body, lang=lang, actor=actor, link_key=link_key, now=now
    )

"""Dialogue: what is said beside a deal and in a circle, and who is told of it."""

from services.dialogue.following import follow, following_of
from services.dialogue.reading import (
    Thread,
    answers_to,
    find,
    may_read,
    names_in,
    stands,
    thread,
    versions,
)
from services.dialogue.subjects import (
    Subject,
    find_circle,
    find_deal,
    has_committed,
    of_circle,
    of_deal,
    of_message,
)
from services.dialogue.writing import (
    MOST_IN_AN_HOUR,
    announce,
    answer,
    comment,
    edit,
    hide,
    hide_in_circle,
    is_own,
    take_back,
)

__all__ = [
    "MOST_IN_AN_HOUR",
    "Subject",
    "Thread",
    "announce",
    "answer",
    "answers_to",
    "comment",
    "edit",
    "find",
    "find_circle",
    "find_deal",
    "follow",
    "following_of",
    "has_committed",
    "hide",
    "hide_in_circle",
    "is_own",
    "may_read",
    "names_in",
    "of_circle",
    "of_deal",
    "of_message",
    "stands",
    "take_back",
    "thread",
    "versions",
]

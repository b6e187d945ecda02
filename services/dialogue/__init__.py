"""Dialogue: asking and answering beside a deal, and the organiser's word to all who joined."""

from services.dialogue.reading import Thread, find, find_deal, has_committed, may_read, thread
from services.dialogue.writing import (
    MOST_IN_AN_HOUR,
    AnnouncementMade,
    MessageHidden,
    QuestionAnswered,
    QuestionAsked,
    announce,
    answer,
    ask,
    hide,
    take_back,
)

__all__ = [
    "MOST_IN_AN_HOUR",
    "AnnouncementMade",
    "MessageHidden",
    "QuestionAnswered",
    "QuestionAsked",
    "Thread",
    "announce",
    "answer",
    "ask",
    "find",
    "find_deal",
    "has_committed",
    "hide",
    "may_read",
    "take_back",
    "thread",
]

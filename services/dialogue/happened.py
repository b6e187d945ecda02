"""What happens in threads, in the past tense."""

from dataclasses import dataclass

from services.events import Happened


@dataclass(frozen=True, kw_only=True)
class MessageEvent(Happened):
    message_id: int


class CommentMade(MessageEvent):
    """Someone said or asked something."""


class CommentAnswered(MessageEvent):
    """Someone answered a comment."""


class AnnouncementMade(MessageEvent):
    """Those who run it wrote to all who take part."""


@dataclass(frozen=True, kw_only=True)
class MessageEdited(MessageEvent):
    """A message says something else now; what it said before can be read.

    `named` are the participants whom it mentions and did not mention before.
    """

    named: list[int]


class MessageHidden(MessageEvent):
    """A message was taken back, or hidden by a steward or a moderator."""

"""A thread as its page shows it: where it stands, where one writes into it, and in which words."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext

from models.dialogue import Mark, Message
from models.words import N_
from services.dialogue import Subject

MARKS = {
    Mark.ORGANISER: N_("Organiser"),
    Mark.SUPPLIER: N_("Seller"),
    Mark.STEWARD: N_("Steward"),
}


@dataclass(frozen=True)
class Talk:
    """The addresses and words of one thread; `key` is that of the link one came by."""

    subject: Subject
    key: str = ""

    @property
    def is_circle(self) -> bool:
        return self.subject.circle is not None

    @property
    def title(self) -> str:
        if self.is_circle:
            return str(gettext("The thread of %(title)s", title=self.subject.title))
        return str(gettext("Questions about %(title)s", title=self.subject.title))

    @property
    def home_url(self) -> str:
        """The page of what it is about."""
        return self._url("circles.show" if self.is_circle else "buying.show")

    @property
    def write_url(self) -> str:
        """Where a form is sent, which carries the key itself."""
        endpoint = "dialogue.write_in_circle" if self.is_circle else "dialogue.write"
        return url_for(endpoint, slug=self.subject.about.slug)

    @property
    def follow_url(self) -> str:
        endpoint = "dialogue.follow_circle" if self.is_circle else "dialogue.follow"
        return url_for(endpoint, slug=self.subject.about.slug)

    def url(self, before: int | None = None) -> str:
        return self._url("dialogue.circle_thread" if self.is_circle else "dialogue.thread", before)

    def message_url(self, message: Message, since: int | None = None) -> str:
        """The page of a comment with all its answers, from one of them on."""
        comment = message.answers_id or message.id
        return url_for("dialogue.message", message_id=comment, since=since, key=self.key or None)

    def address(self, endpoint: str, message: Message) -> str:
        return url_for(endpoint, message_id=message.id, key=self.key or None)

    def mark(self, message: Message) -> str:
        """As what its author spoke, if as more than one of many."""
        return str(gettext(MARKS[message.mark])) if message.mark in MARKS else ""

    def _url(self, endpoint: str, before: int | None = None) -> str:
        slug = self.subject.about.slug
        return url_for(endpoint, slug=slug, before=before, key=self.key or None)

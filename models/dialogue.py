"""Dialogue: what is said beside a collaboration or in a circle, by whom, and who follows it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Model, Numbered
from models.circles import Circle
from models.collaborations import Collaboration
from models.errors import Conflict, Invalid, NotAllowed
from models.members import TooManyTries
from models.participants import Participant
from models.words import N_

LONGEST_BODY = 5000
# Exactly one of what a thread can be about.
ABOUT_ONE = "num_nonnulls(collaboration_id, circle_id) = 1"


class TooManyMessages(TooManyTries):
    code = "too-many-messages"
    message = N_("That was a lot at once. Please wait an hour before you write again.")


class NothingToAnswer(Invalid):
    code = "nothing-to-answer"
    message = N_("Only a comment can be answered, and only where it was made.")


class NotYoursToHide(NotAllowed):
    code = "not-yours-to-hide"
    message = N_("You can take back your own message. Others are hidden by moderators.")


class NotYoursToEdit(NotAllowed):
    code = "not-yours-to-edit"
    message = N_("Only who wrote a message changes it.")


class HiddenAlready(Conflict):
    code = "hidden-already"
    message = N_("This message was taken back or hidden.")


class Mark(StrEnum):
    """As what somebody speaks who is more than one of many there."""

    NONE = "none"
    ORGANISER = "organiser"
    SUPPLIER = "supplier"
    STEWARD = "steward"


class Following(StrEnum):
    """How somebody hears of a thread: of all that is said, of nothing, or as it concerns them."""

    FOLLOWED = "followed"
    MUTED = "muted"


class Message(Numbered, Model):
    """A comment, an answer to one, or the word of those who run it to all who take part."""

    __tablename__ = "messages"
    __table_args__: Any = (
        Index(
            "ix_messages_of_collaboration",
            "collaboration_id",
            "id",
            postgresql_where=text("answers_id IS NULL AND collaboration_id IS NOT NULL"),
        ),
        Index(
            "ix_messages_of_circle",
            "circle_id",
            "id",
            postgresql_where=text("answers_id IS NULL AND circle_id IS NOT NULL"),
        ),
        Index(
            "ix_messages_of_week",
            "circle_id",
            "made_at",
            postgresql_where=text("circle_id IS NOT NULL"),
        ),
        Index(None, "answers_id", "id", postgresql_where=text("answers_id IS NOT NULL")),
        Index(None, "made_by_id", "made_at"),
        CheckConstraint(ABOUT_ONE, name="is_about_one_thing"),
        CheckConstraint("length(body) BETWEEN 1 AND 5000", name="body_has_a_length"),
        CheckConstraint("answers_id IS NULL OR NOT is_announcement", name="answers_are_for_all"),
    )

    collaboration_id: Mapped[int | None] = mapped_column(ForeignKey("collaborations.id"))
    circle_id: Mapped[int | None] = mapped_column(ForeignKey("circles.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    body: Mapped[str]
    # The language of its author.
    lang: Mapped[str] = mapped_column(default="en")
    mark: Mapped[Mark] = columns.choice(Mark, name="message_mark", default=Mark.NONE)
    # To all who take part, and to nobody else.
    is_announcement: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]

    author: Mapped[Participant] = relationship(lazy="joined", innerjoin=True)
    collaboration: Mapped[Collaboration | None] = relationship()
    circle: Mapped[Circle | None] = relationship()

    @property
    def is_answerable(self) -> bool:
        """Whether this stands by itself, for all who read the thread, and has not been hidden."""
        return self.answers_id is None and not self.is_announcement and not self.is_hidden

    @property
    def is_hidden(self) -> bool:
        return self.hidden_at is not None

    def hide(self, now: datetime) -> None:
        """Keep the row, show no word of it. Hidden once, it stays so."""
        if self.hidden_at is None:
            self.hidden_at = now


class MessageVersion(Model):
    """What a message said before it was changed; whoever reads it can read this too."""

    __tablename__ = "message_versions"
    __table_args__ = (PrimaryKeyConstraint("message_id", "number"),)

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    # From 1 up: the first words were number 1.
    number: Mapped[int]
    body: Mapped[str]
    # When it was replaced.
    until_at: Mapped[datetime]


class Mention(Model):
    """A participant whom a message names by the address of their page ("@karin")."""

    __tablename__ = "mentions"
    __table_args__ = (
        PrimaryKeyConstraint("message_id", "participant_id"),
        Index(None, "participant_id"),
    )

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))


class ThreadFollower(Numbered, Model):
    """How a member hears of a thread; without a row, of what is said to them."""

    __tablename__ = "thread_followers"
    __table_args__ = (
        Index(
            "uq_thread_followers_collaboration",
            "collaboration_id",
            "member_id",
            unique=True,
            postgresql_where=text("collaboration_id IS NOT NULL"),
        ),
        Index(
            "uq_thread_followers_circle",
            "circle_id",
            "member_id",
            unique=True,
            postgresql_where=text("circle_id IS NOT NULL"),
        ),
        Index(None, "member_id"),
        CheckConstraint(ABOUT_ONE, name="is_about_one_thing"),
    )

    collaboration_id: Mapped[int | None] = mapped_column(ForeignKey("collaborations.id"))
    circle_id: Mapped[int | None] = mapped_column(ForeignKey("circles.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    following: Mapped[Following] = columns.choice(Following)
    since_at: Mapped[datetime]

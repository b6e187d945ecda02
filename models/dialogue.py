"""Dialogue: questions and answers beside a collaboration, readable by all who may see it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Model, Numbered
from models.collaborations import Collaboration
from models.errors import Invalid, NotAllowed
from models.members import TooManyTries
from models.participants import Participant
from models.words import N_

LONGEST_BODY = 5000


class TooManyMessages(TooManyTries):
    code = "too-many-messages"
    message = N_("That was a lot at once. Please wait an hour before you write again.")


class NothingToAnswer(Invalid):
    code = "nothing-to-answer"
    message = N_("Only a question can be answered, and only beside the group buy it was asked at.")


class NotYoursToHide(NotAllowed):
    code = "not-yours-to-hide"
    message = N_("You can take back your own message. Others are hidden by moderators.")


class Message(Numbered, Model):
    """A question, an answer, or the organiser's word to all; in the language of its author."""

    __tablename__ = "messages"
    __table_args__ = (
        Index(None, "collaboration_id", "id"),
        Index(None, "answers_id", "id"),
        Index(None, "made_by_id", "made_at"),
        CheckConstraint("length(body) BETWEEN 1 AND 5000", name="body_has_a_length"),
    )

    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    body: Mapped[str]
    lang: Mapped[str] = mapped_column(default="en")
    is_by_organiser: Mapped[bool] = mapped_column(default=False)
    # A word to all who committed, and to nobody else.
    for_committed: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    hidden_at: Mapped[datetime | None]

    author: Mapped[Participant] = relationship(lazy="joined", innerjoin=True)
    collaboration: Mapped[Collaboration] = relationship()

    @property
    def is_question(self) -> bool:
        """Whether this stands by itself and asks something."""
        return self.answers_id is None and not self.for_committed

    def hide(self, now: datetime) -> None:
        """Keep the row, show no word of it. Hidden once, it stays so."""
        if self.hidden_at is None:
            self.hidden_at = now

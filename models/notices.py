"""Notices: what a member is told, on the page and by mail, once for each event."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models import columns
from models.base import Json, Model, Numbered
from models.lifecycle import Lifecycle

# After each try that failed for now, so long until the next one; after the last, no more.
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)
# A worker that took a mail and said nothing since then is taken to be dead.
SENDING_TIME = timedelta(minutes=5)


class NoticeKind(StrEnum):
    """What notices are about; members choose per kind how they hear of it."""

    JOINED = "joined"
    TIPPING = "tipping"
    DECIDED = "decided"
    PAYMENT = "payment"
    DELIVERY = "delivery"
    MESSAGE = "message"
    SERIES = "series"
    CIRCLE = "circle"
    DIGEST = "digest"
    ORGANISING = "organising"
    MODERATION = "moderation"
    ACCOUNT = "account"


class MailState(StrEnum):
    """A mail waits, is sent, is given up after its last try, or its address takes none."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"


class Notice(Numbered, Model):
    """One thing a member should know, in the words of their language when they read it."""

    __tablename__ = "notices"
    __table_args__ = (
        # Reactions may run twice; a member is told once.
        UniqueConstraint("member_id", "event_id", "message"),
        Index(None, "member_id", "id"),
        Index("ix_notices_unread", "member_id", postgresql_where=text("read_at IS NULL")),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    kind: Mapped[NoticeKind] = columns.choice(NoticeKind)
    # Names the text; `facts` fills it when it is shown, in the reader's language.
    message: Mapped[str]
    facts: Mapped[Json] = mapped_column(default=dict)
    path: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Preference(Model):
    """How a member wants to hear of one kind of notice; without a row, both ways."""

    __tablename__ = "preferences"
    __table_args__ = (PrimaryKeyConstraint("member_id", "kind"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    kind: Mapped[NoticeKind] = columns.choice(NoticeKind)
    on_page: Mapped[bool] = mapped_column(default=True)
    by_mail: Mapped[bool] = mapped_column(default=True)


class Mail(Lifecycle, Numbered, Model):
    """A mail to be sent, written in the transaction that caused it, sent by a job."""

    MOVES: ClassVar[Mapping[Any, frozenset[Any]]] = {
        MailState.WAITING: frozenset({MailState.SENT, MailState.FAILED, MailState.BOUNCED}),
        MailState.SENT: frozenset({MailState.BOUNCED}),
        MailState.FAILED: frozenset({MailState.WAITING}),
        MailState.BOUNCED: frozenset({MailState.WAITING}),
    }

    __tablename__ = "mails"
    __table_args__ = (
        Index(None, "state", "id"),
        Index(None, "member_id", "id"),
        Index("ix_mails_address", text("lower(to_address)")),
        Index("ix_mails_bounced", "to_address", postgresql_where=text("state = 'bounced'")),
        CheckConstraint("tries >= 0", name="tries_are_positive"),
        CheckConstraint(
            # One that bounced came back later, or was refused at the door and never sent.
            "state = 'bounced' OR (state = 'sent') = (sent_at IS NOT NULL)",
            name="sent_has_a_time",
        ),
    )

    key: Mapped[str] = mapped_column(unique=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    to_address: Mapped[str]
    locale: Mapped[str]
    # Names the template; rendered when it is sent, in the reader's language.
    template: Mapped[str]
    facts: Mapped[Json] = mapped_column(default=dict)
    state: Mapped[MailState] = columns.choice(MailState, default=MailState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    # Until then one worker alone is sending this.
    taken_until_at: Mapped[datetime | None]

    def is_taken(self, now: datetime) -> bool:
        return self.taken_until_at is not None and now < self.taken_until_at

    def take(self, now: datetime) -> None:
        """Begin a try. The caller holds this row's lock."""
        self.tries += 1
        self.taken_until_at = now + SENDING_TIME

    def mark_sent(self, now: datetime) -> None:
        self._move(MailState.SENT)
        self.sent_at = now
        self.taken_until_at = None
        self.failure = ""

    def put_off(self, failure: str, now: datetime) -> datetime | None:
        """Keep why it failed; when to try again, or None if that was the last try."""
        self.failure = failure
        self.taken_until_at = None
        if self.tries > len(BACK_OFF):
            self._move(MailState.FAILED)
            return None
        return now + BACK_OFF[self.tries - 1]

    def give_up(self, failure: str) -> None:
        """Keep why it can never be sent."""
        self._move(MailState.FAILED)
        self.failure = failure
        self.taken_until_at = None

    def begin_again(self) -> None:
        """Wait once more for all tries, because the operator says so."""
        self._move(MailState.WAITING)
        self.tries = 0
        self.sent_at = None

    def mark_bounced(self, failure: str) -> None:
        """Keep that its address takes no mail."""
        self._move(MailState.BOUNCED)
        self.failure = failure
        self.taken_until_at = None

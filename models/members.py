"""Members: people who sign in. What they own, owe and say belongs to their participant."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Json, Model, Numbered
from models.errors import Conflict, Invalid, NotAllowed
from models.participants import Participant
from models.words import N_

SESSION_IDLE = timedelta(days=14)
SESSION_ABSOLUTE = timedelta(days=90)


class WrongCredentials(NotAllowed):
    """One answer for an unknown address and a wrong password (OWASP ASVS 6.3.8)."""

    code = "wrong-credentials"
    message = N_("This e-mail address and password do not belong together.")


class TooManyTries(Conflict):
    code = "too-many-tries"
    message = N_("That was tried too often. Please wait until %(until)s and try again.")


class OnlyInPerson(NotAllowed):
    code = "only-in-person"
    message = N_(
        "This program was let in for one organisation alone. What you asked for is the member's "
        "own: use a program that acts for the member."
    )


class LinkNotValid(Invalid):
    code = "link-not-valid"
    message = N_("This link has been used or is too old. Please ask for a new one.")


class PasswordTooWeak(Invalid):
    code = "password-too-weak"
    message = N_("This password is too easy to guess. Please choose a longer or less common one.")


class WrongPassword(Invalid):
    """The password that was asked for again, before a way to sign in is changed."""

    code = "wrong-password"
    message = N_("This is not your current password.")


class NotConfirmed(NotAllowed):
    """Looking around needs no confirmed address; what binds, and what others read, does."""

    code = "not-confirmed"
    message = N_(
        "Please confirm your e-mail address first: open the link in the mail we sent you. "
        "Your settings can send it again."
    )


class Scope(StrEnum):
    """What a program with a member's token may do; reading what is public needs none."""

    READ = "read"
    PROFILE = "profile"
    BUYING = "buying"
    ORGANISING = "organising"
    CATALOGUES = "catalogues"
    CIRCLES = "circles"
    MESSAGES = "messages"
    MODERATION = "moderation"


class Role(StrEnum):
    """What a member may do for the instance, beside what everyone may."""

    MODERATOR = "moderator"
    OPERATOR = "operator"


class Purpose(StrEnum):
    """What a link in a mail is good for."""

    CONFIRM_EMAIL = "confirm_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a purpose
    CHANGE_EMAIL = "change_email"


class MemberRules:
    """What a member may do here; for rows and for what was read of them."""

    if TYPE_CHECKING:
        roles: Any
        confirmed_at: Any
        participant: Any

    @property
    def display_name(self) -> str:
        name: str = self.participant.name
        return name

    @property
    def is_confirmed(self) -> bool:
        """Whether the address is known to be theirs."""
        return self.confirmed_at is not None

    def require_confirmed(self) -> None:
        """Refuse with NotConfirmed who has not shown yet that the address is theirs."""
        if not self.is_confirmed:
            raise NotConfirmed

    @property
    def is_moderator(self) -> bool:
        return Role.MODERATOR in self.roles

    @property
    def is_operator(self) -> bool:
        return Role.OPERATOR in self.roles


class Member(MemberRules, Numbered, Model):
    """A person with a way to sign in; acts as themself or for an organisation."""

    __tablename__ = "members"

    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), unique=True)
    email: Mapped[str]
    # The address in lower case: two spellings of one address are one member.
    email_key: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    locale: Mapped[str] = mapped_column(default="en")
    theme: Mapped[str] = mapped_column(default="auto")
    large_print: Mapped[bool] = mapped_column(default=False)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    joined_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    # The version of the terms of use that they accepted: `models.operations.LegalText`.
    terms_locale: Mapped[str | None]
    terms_number: Mapped[int | None]
    terms_accepted_at: Mapped[datetime | None]

    participant: Mapped[Participant] = relationship(lazy="joined", innerjoin=True)

    def confirm(self, now: datetime) -> None:
        """The address is theirs: they opened a link that was mailed to it."""
        if self.confirmed_at is None:
            self.confirmed_at = now


class MemberSession(Numbered, Model):
    """One signed-in browser. The token itself is known to that browser alone."""

    __tablename__ = "member_sessions"
    __table_args__ = (Index(None, "member_id"), Index(None, "expires_at"))

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    acting_as_id: Mapped[int | None] = mapped_column(ForeignKey("participants.id"))
    user_agent: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    member: Mapped[Member] = relationship(lazy="joined", innerjoin=True)


class MailToken(Numbered, Model):
    """A link that was mailed: good for one purpose, once, until it expires."""

    __tablename__ = "mail_tokens"
    __table_args__ = (Index(None, "member_id", "purpose"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    purpose: Mapped[Purpose] = columns.choice(Purpose, name="mail_purpose")
    email: Mapped[str | None]
    # The password chosen with this sign-up: it counts once the link is opened, so that
    # signing up with someone's address neither locks them out nor lets anyone in.
    password_hash: Mapped[str | None]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    def is_good(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at


class ApiToken(Numbered, Model):
    """A key for a member's own programs, with the scopes that member gave it."""

    __tablename__ = "api_tokens"
    __table_args__ = (Index(None, "member_id"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    acting_as_id: Mapped[int | None] = mapped_column(ForeignKey("participants.id"))
    name: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    member: Mapped[Member] = relationship(lazy="joined", innerjoin=True)


class Throttle(Model):
    """How often something was tried within a window: shared by all processes."""

    __tablename__ = "throttles"
    __table_args__ = (Index(None, "window_ends_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    tries: Mapped[int]
    window_ends_at: Mapped[datetime]


class IdempotencyRecord(Numbered, Model):
    """The answer that was given to a request, kept so that a repeat gets the same one."""

    __tablename__ = "idempotency_records"
    __table_args__ = (
        UniqueConstraint("member_id", "route", "key"),
        Index(None, "made_at"),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    route: Mapped[str]
    key: Mapped[str]
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None]
    answer: Mapped[Json | None]
    made_at: Mapped[datetime]

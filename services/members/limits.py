"""How often members may try what others could try against them: each count is kept at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.actors import AnyMember
from services import throttles
from services.members.lookup import email_key
from services.throttles import Limit, Try, network

_HOUR = timedelta(hours=1)
_QUARTER = timedelta(minutes=15)

# From one network few tries are at one account, so that nobody keeps its owner out from elsewhere;
# from all together no more than ASVS lets anybody guess (4.0.3, 2.2.1). A browser where the owner
# has signed in before is counted by itself, so that all together cannot keep them out of it.
SIGN_IN = Limit("sign-in", 10, _QUARTER)
SIGN_IN_TO = Limit("sign-in-to", 100, _HOUR)
SIGN_IN_KNOWN = Limit("sign-in-known", 10, _QUARTER)
# A household or an office shares one network address, so that may try more often.
SIGN_IN_FROM = Limit("sign-in-from", 100, _QUARTER)
SIGN_UP_FROM = Limit("sign-up-from", 60, _HOUR)
MAIL_TO = Limit("mail-to", 5, _HOUR)
MAIL_FROM = Limit("mail-from", 60, _HOUR)
PASSWORD = Limit("password", 10, _QUARTER)


@dataclass(frozen=True)
class SignIn:
    """A sign-in with `email` from the IP `address`.

    `browser` names one where the member with this address has signed in before.
    """

    email: str
    address: str
    browser: str | None = None

    @property
    def tries(self) -> tuple[Try, ...]:
        account, whence = email_key(self.email), network(self.address)
        if self.browser is not None:
            everywhere = Try(SIGN_IN_KNOWN, self.browser)
        else:
            everywhere = Try(SIGN_IN_TO, account)
        return Try(SIGN_IN, f"{account} {whence}"), everywhere, Try(SIGN_IN_FROM, whence)


def count_sign_in(session: Session, asked: SignIn, *, now: datetime) -> None:
    """Before it is tried; refuses with TooManyTries."""
    throttles.take(session, *asked.tries, now=now)


def forgive_sign_in(session: Session, asked: SignIn) -> None:
    """After it succeeded, in its own transaction."""
    throttles.give_back(session, *asked.tries)


def count_sign_up(session: Session, *, email: str, address: str, now: datetime) -> None:
    """Before a sign-up, which writes a mail; refuses with TooManyTries."""
    throttles.take(
        session,
        Try(SIGN_UP_FROM, network(address)),
        Try(MAIL_TO, email_key(email)),
        now=now,
    )


def count_reset(session: Session, *, address: str, now: datetime) -> None:
    """Before a reset is asked for, of whatever address; refuses with TooManyTries.

    The mail itself counts when it is written. If each question counted, anybody could keep an
    address without an account from ever signing up, and nobody would be told.
    """
    throttles.take(session, Try(MAIL_FROM, network(address)), now=now)


def count_reset_mail(session: Session, *, to: str, now: datetime) -> None:
    """Before a link is mailed that was asked for; refuses with TooManyTries."""
    throttles.take(session, Try(MAIL_TO, email_key(to)), now=now)


def count_mail(session: Session, *, to: str, address: str, now: datetime) -> None:
    """Before a mail that anybody can cause for any address; refuses with TooManyTries."""
    throttles.take(session, Try(MAIL_FROM, network(address)), Try(MAIL_TO, email_key(to)), now=now)


def count_password(session: Session, member: AnyMember, *, now: datetime) -> None:
    """Before a signed-in member's password is asked again; refuses with TooManyTries."""
    throttles.take(session, Try(PASSWORD, str(member.id)), now=now)


def forgive_password(session: Session, member: AnyMember) -> None:
    """After the password was right, in the transaction of what it was asked for."""
    throttles.give_back(session, Try(PASSWORD, str(member.id)))

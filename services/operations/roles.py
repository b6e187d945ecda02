"""Roles: who hosts the instance; given by command, to those who can already reach the machine."""

from sqlalchemy.orm import Session

from models.errors import NotFound
from models.members import Member, Role
from models.words import N_
from services.members import lookup


def make_operator(session: Session, email: str) -> Member:
    """Let a member with a confirmed address see and run the instance, and moderate.

    Refuses with NotFound.
    """
    member = lookup.by_email(session, email)
    if member is None or not member.is_confirmed:
        raise NotFound(N_("There is no member with this confirmed e-mail address."))
    member.roles = sorted({*member.roles, Role.OPERATOR.value, Role.MODERATOR.value})
    return member

"""Members: how people join, prove who they are, and change how they do; one act each.

No answer tells whether an address is known: only the mailbox learns it.
"""

from services.members.addresses import ask_for_email, confirm, find_confirmation
from services.members.agreeing import agree, is_asked
from services.members.joining import send_confirmation, sign_up
from services.members.limits import (
    SignIn,
    count_mail,
    count_password,
    count_reset,
    count_sign_in,
    count_sign_up,
    forgive_password,
    forgive_sign_in,
)
from services.members.lookup import by_email, has_any
from services.members.resetting import ask_for_reset, change_password, find_reset, mail_reset, reset
from services.members.signing_in import check_password, demo_members, sign_in, sign_in_to_demo
from services.members.sweeping import sweep
from services.members.tokens import make_token, revoke_token, tokens_of

__all__ = [
    "SignIn",
    "agree",
    "ask_for_email",
    "ask_for_reset",
    "by_email",
    "change_password",
    "check_password",
    "confirm",
    "count_mail",
    "count_password",
    "count_reset",
    "count_sign_in",
    "count_sign_up",
    "demo_members",
    "find_confirmation",
    "find_reset",
    "forgive_password",
    "forgive_sign_in",
    "has_any",
    "is_asked",
    "mail_reset",
    "make_token",
    "reset",
    "revoke_token",
    "send_confirmation",
    "sign_in",
    "sign_in_to_demo",
    "sign_up",
    "sweep",
    "tokens_of",
]

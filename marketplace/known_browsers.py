"""Known browsers: whoever signed in here before is not kept out by guesses from elsewhere.

All guesses at one account count together, and whoever sends enough of them keeps its owner out
for a while. A browser in which the owner has signed in carries a mark, and its tries count by
themselves (OWASP: slow down online guessing attacks with device cookies).
"""

import hmac
import secrets

from flask import current_app
from flask import session as cookie

from models.members import Member

NAME = "known"


def remember(member: Member) -> None:
    """Mark this browser as one where the member has signed in: the last who did, no other."""
    if member.is_confirmed:
        browser = secrets.token_hex(8)
        cookie[NAME] = f"{browser}.{_signed(browser, member.email)}"


def recognised(email: str) -> str | None:
    """The name of this browser, if the member with this address was the last to sign in here."""
    browser, _, signature = str(cookie.get(NAME, "")).partition(".")
    is_theirs = hmac.compare_digest(signature, _signed(browser, email))
    return browser if browser and is_theirs else None


def _signed(browser: str, email: str) -> str:
    """Bound to the address without saying it: the cookie can be read by whoever sits there next."""
    secret = str(current_app.secret_key).encode()
    said = f"{NAME}\n{browser}\n{email.strip().lower()}".encode()
    return hmac.digest(secret, said, "sha256").hex()[:32]

"""The demo's sign-ins: shown, and good for anything, in the demo mode alone."""

from collections.abc import Sequence

from flask import current_app
from sqlalchemy.orm import Session

from models.members import Member
from services import members


def are_offered() -> bool:
    """Whether this instance is a demo; a production instance never is one."""
    settings = current_app.config["SETTINGS"]
    return bool(settings.is_demo and not settings.is_production)


def demo_sign_ins(session: Session) -> Sequence[Member]:
    """Whom a visitor may sign in as with one click: nobody outside the demo mode."""
    return members.demo_members(session) if are_offered() else ()

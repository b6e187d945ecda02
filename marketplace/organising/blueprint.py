"""The pages of those who organise, spread over the modules of this package."""

from flask import Blueprint, g
from sqlalchemy.orm import Session

from marketplace import auth
from models.buying import GroupBuy
from services import buying
from services.buying.drafting import guard_draft

bp = Blueprint("organising", __name__)


def organised(session: Session, slug: str, *, lock: bool = False) -> GroupBuy:
    """The group buy for those who run it; times on its pages are those of its place.

    Refuses with NotTheOrganiser, and with NotFound what others must not know of.
    """
    found = buying.organised(session, slug, actor=auth.signed_in_actor(), lock=lock)
    g.time_zone = found.time_zone
    return found


def drafted(session: Session, slug: str) -> GroupBuy:
    """The draft whose steps are shown; refuses with NotADraft what was opened."""
    found = organised(session, slug)
    guard_draft(found)
    return found

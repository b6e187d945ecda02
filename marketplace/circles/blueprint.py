"""Circles, for people: the blueprint, and the circle as whoever asks comes to it."""

from flask import Blueprint, g
from sqlalchemy.orm import Session

from marketplace import auth
from marketplace.link_keys import link_key
from services import circles
from services.circles import Visit

bp = Blueprint("circles", __name__)


def seen(session: Session, slug: str, *, lock: bool = False) -> Visit:
    """The circle for whoever may know of it; refuses with NotFound."""
    visit = circles.find(session, slug, actor=auth.actor(), link_key=link_key(), lock=lock)
    g.time_zone = visit.circle.time_zone
    return visit


def read(session: Session, slug: str, *, lock: bool = False) -> Visit:
    """The circle for whoever may read what is inside; refuses with NotFound and NotInCircle."""
    visit = seen(session, slug, lock=lock)
    visit.require_reader()
    return visit


def run(session: Session, slug: str, *, lock: bool = False) -> Visit:
    """The circle for its stewards; refuses with NotFound and NotASteward."""
    visit = seen(session, slug, lock=lock)
    visit.require_steward()
    return visit

"""Participants, for people: the blueprint with all of its pages."""

from marketplace.participants import invitations, organisations, pages, profiles
from marketplace.participants.blueprint import bp

__all__ = ["bp", "invitations", "organisations", "pages", "profiles"]

"""Members, for people: the blueprint with all of its pages."""

from marketplace.members import agreeing, joining, resetting, settings, signing_in
from marketplace.members.blueprint import bp

__all__ = ["agreeing", "bp", "joining", "resetting", "settings", "signing_in"]

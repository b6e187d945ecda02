"""Matching: whose offer answers whose need, found before it is public, and why in a sentence."""

from services.matching.dismissing import dismiss, dismissed_count
from services.matching.finding import Match, Wanted, matches, wanted_by

__all__ = ["Match", "Wanted", "dismiss", "dismissed_count", "matches", "wanted_by"]

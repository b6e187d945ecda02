"""Pictures drawn by the product itself: covers, portraits, and the geometry of its charts."""

from marketplace.drawing.covers import avatar_svg, cover_svg
from marketplace.drawing.geometry import Ladder, Progress, Step, funnel, ladder, progress

__all__ = [
    "TEMPLATE_GLOBALS",
    "Ladder",
    "Progress",
    "Step",
    "avatar_svg",
    "cover_svg",
    "funnel",
    "ladder",
    "progress",
]

# Macros see no view context, so the shapes they draw are functions of the environment.
TEMPLATE_GLOBALS = {
    "funnel_shape": funnel,
    "ladder_shape": ladder,
    "progress_shape": progress,
}

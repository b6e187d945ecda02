"""Pictures drawn by the product itself: covers, portraits, and the geometry of its charts."""

from marketplace.drawing.covers import avatar_svg, cover_svg
from marketplace.drawing.geometry import Curve, Ladder, Progress, Step, curve, ladder, progress

__all__ = [
    "TEMPLATE_GLOBALS",
    "Curve",
    "Ladder",
    "Progress",
    "Step",
    "avatar_svg",
    "cover_svg",
    "curve",
    "ladder",
    "progress",
]

# Macros see no view context, so the shapes they draw are functions of the environment.
TEMPLATE_GLOBALS = {
    "curve_shape": curve,
    "ladder_shape": ladder,
    "progress_shape": progress,
}

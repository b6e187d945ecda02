# ruff: noqa: E501 - paths of drawings
"""Covers and portraits drawn from a key, for whoever has not uploaded a picture."""

import re
from collections.abc import Sequence
from html import escape

from marketplace.drawing.motifs import PANTRY, Motif, motif_of
from marketplace.drawing.palette import CREAM, palette
from marketplace.drawing.pens import Pen, circle, joined, line, oval, placed, rect, shape, tag
from marketplace.drawing.scenes import HEIGHT, SCENES, WIDTH

AVATAR_TINTS = (
    ("#14593A", "#DDF0E3"),
    ("#0B5560", "#D8EEF1"),
    ("#1B4B8A", "#DEE9F8"),
    ("#6F4A00", "#FBEBC3"),
    ("#6A2A6B", "#F3E1F3"),
    ("#8A3413", "#F9E3D8"),
    ("#37475A", "#E3E8EE"),
    ("#3D3A8C", "#E6E5FA"),
)

NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

SKINS = ("#F2D3B8", "#E3B58F", "#C98F64", "#9A6540", "#6E452B")
HAIRS = ("#2B211C", "#5B3A24", "#8A5A2B", "#C9A25A", "#B9B4AC", "#7A2E1E")

# Where things stand: (share of the width, scale), the ones behind first.
ARRANGEMENTS = (
    ((0.28, 0.95), (0.72, 0.95), (0.5, 1.15)),
    ((0.24, 1.2), (0.55, 0.95), (0.8, 1.05)),
    ((0.2, 0.9), (0.42, 1.0), (0.66, 1.25)),
    ((0.35, 1.3), (0.7, 1.1)),
    ((0.14, 0.85), (0.38, 0.95), (0.62, 0.95), (0.86, 0.85)),
    ((0.5, 1.4),),
)


def cover_svg(kind: str, key: str, title: str) -> str:
    """A picture of 480 by 240 in the palette of `kind`; the words of `title` choose its subject.

    It carries no styles and no scripts, and its middle tones stand on light pages and on dark.
    """
    pen = Pen(f"{kind}:{key}")
    colours = palette(kind)
    motif = motif_of(title, pen)
    scene = pen.pick(SCENES)(pen, colours, pen.pick(colours.grounds))
    if kind == "circle":
        people = _people(pen, (colours.deep, colours.strong, *colours.accents), scene.floor)
        return _picture(scene.picture + people, WIDTH, HEIGHT, title)
    companion = Motif(pen.pick(PANTRY), pen.pick(colours.accents))
    things = []
    for place, (share, scale) in enumerate(pen.pick(ARRANGEMENTS)):
        # The subject is repeated; one companion keeps a row of the same thing from looking stamped.
        chosen = companion if place == 0 and pen.chance(0.4) else motif
        drawn = chosen.draw(pen, colours, chosen.colour)
        x = share * WIDTH + pen.between(-8, 8)
        things.append(tag("g", oval(x, scene.floor, 66 * scale, 5.0, "#1B2620"), opacity="0.18"))
        things.append(placed(drawn, x, scene.floor, scale))
    return _picture(scene.picture + joined(things), WIDTH, HEIGHT, title)


def avatar_svg(key: str, initials: str) -> str:
    """A round portrait of 80 by 80: initials on a tint, with a pattern that only this key has."""
    pen = Pen(f"avatar:{key}")
    ink, tint = pen.pick(AVATAR_TINTS)
    pattern = pen.pick((_rings, _rows, _leaves))(pen, ink)
    letters = tag(
        "text",
        _words(initials[:2]),
        x="40",
        y="51",
        fill=CREAM,
        font_size="30",
        font_weight="700",
        font_family="Seravek, Ubuntu, Calibri, 'DejaVu Sans', sans-serif",
        text_anchor="middle",
    )
    disc = tag("circle", cx="40", cy="40", r="25", fill=ink)
    return _picture(rect(0, 0, 80, 80, tint) + pattern + disc + letters, 80, 80, initials)


def _people(pen: Pen, clothes: Sequence[str], floor: float) -> str:
    """Five to eight people beside each other, the smaller ones in front."""
    count = pen.pick((5, 6, 7, 8))
    behind: list[str] = []
    before: list[str] = []
    for place in range(count):
        x = WIDTH * (place + 0.5) / count + pen.between(-6, 6)
        is_small = pen.chance(0.25)
        scale = pen.between(0.75, 0.85) if is_small else pen.between(1.05, 1.3)
        drawn = _person(pen, clothes[(place + int(pen.unit() * 2)) % len(clothes)])
        (before if is_small else behind).append(placed(drawn, x, floor + 8, scale))
    return joined(behind) + joined(before)


def _person(pen: Pen, clothes: str) -> str:
    skin, hair = pen.pick(SKINS), pen.pick(HAIRS)
    body = shape("M-26 0C-26 -48 -18 -62 0 -62C18 -62 26 -48 26 0z", clothes)
    head = circle(0, -80, 19, skin)
    cut = pen.pick((
        "M-19 -80C-21 -104 21 -104 19 -80C12 -92 -10 -92 -19 -80z",
        "M-20 -66C-26 -108 26 -108 20 -66C14 -92 -10 -92 -20 -66z",
        "M-17 -88C-12 -102 12 -102 17 -88C8 -94 -8 -94 -17 -88z",
    ))  # fmt: skip
    return body + head + shape(cut, hair)


def _rings(pen: Pen, ink: str) -> str:
    turn = pen.between(4, 12)
    return joined(
        tag("circle", cx="40", cy="40", r=30 + n * 6.0, fill="none", stroke=ink, stroke_width="2",
            stroke_dasharray=f"{turn + n * 3:.0f} {3 + n}")
        for n in range(4)
    )  # fmt: skip


def _rows(pen: Pen, ink: str) -> str:
    step = pen.pick((8, 10, 12))
    lean = pen.pick((-40, 0, 40))
    return line(joined(f"M{x} 0l{lean} 80" for x in range(-40, 124, step)), ink, 2.0)


def _leaves(pen: Pen, ink: str) -> str:
    return line(
        joined(
            f"M{x} {y}q6 -8 12 0q-6 8 -12 0"
            for y in range(int(pen.between(2, 10)), 84, 14)
            for x in range(int(pen.between(-6, 4)), 84, 16)
        ),
        ink,
        2.0,
    )


def _picture(content: str, width: int, height: int, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img"><title>{_words(title)}</title>{content}</svg>'
    )


def _words(text: str) -> str:
    """Fit for XML, which has no way at all to write most control characters (XML 1.0, 2.2)."""
    return escape(NOT_XML.sub("", text))

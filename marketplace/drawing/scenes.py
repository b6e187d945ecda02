# ruff: noqa: E501 - paths of drawings
"""Places in which a motif stands: each paints a background and says where things stand on it."""

from collections.abc import Callable
from typing import NamedTuple

from marketplace.drawing.palette import CREAM, LEAF, LEAF_DARK, SEA, STRAW, WOOD, WOOD_DARK, Palette
from marketplace.drawing.pens import Pen, circle, joined, line, number, rect, shape

WIDTH, HEIGHT = 480, 240


class Scene(NamedTuple):
    """A painted background and the height of the line on which things stand."""

    picture: str
    floor: float


def table(pen: Pen, colours: Palette, ground: str) -> Scene:
    """A cloth with stripes or checks over a table."""
    cloth = pen.pick((colours.deep, colours.strong, pen.pick(colours.accents)))
    step = pen.pick((24, 32, 40))
    stripes = joined(rect(float(x), 190, step / 2, 50, cloth) for x in range(0, WIDTH, step))
    across = joined(rect(0, y, WIDTH, 6, cloth) for y in (204, 222)) if pen.chance(0.5) else ""
    wall = dotted(pen, CREAM) if pen.chance(0.6) else sprigs(pen, colours.strong)
    return Scene(ground_of(ground) + wall + rect(0, 190, WIDTH, 50, CREAM) + stripes + across, 200)


def shelf(pen: Pen, colours: Palette, ground: str) -> Scene:
    """A board on a tiled wall."""
    size = pen.pick((40, 48, 60))
    tiles = line(
        joined(f"M{x} 0v200" for x in range(size, WIDTH, size))
        + joined(f"M0 {y}h{WIDTH}" for y in range(size, 200, size)),
        CREAM,
        2.0,
    )
    board = rect(0, 200, WIDTH, 14, WOOD) + rect(0, 214, WIDTH, 26, WOOD_DARK)
    brackets = joined(shape(f"M{x} 214h16l-16 22z", WOOD) for x in (60, 404))
    return Scene(ground_of(ground) + tiles + board + brackets, 202)


def field(pen: Pen, colours: Palette, ground: str) -> Scene:
    """Hills with furrows under a low sun."""
    sun = circle(pen.between(60, 420), pen.between(44, 76), pen.between(22, 34), STRAW)
    crest = pen.between(104, 130)
    back = shape(
        f"M0 {number(crest)}Q120 {number(crest - 44)} 260 {number(crest)}T480 {number(crest - 14)}V240H0z",
        colours.strong,
    )
    front = shape("M0 176Q150 128 300 166T480 158V240H0z", LEAF)
    middle = pen.between(120, 360)
    rows = line(
        joined(
            f"M{number(middle + n * 12)} 158L{number(middle + n * 58)} 240" for n in range(-7, 8)
        ),
        LEAF_DARK,
        3.0,
    )
    trees = joined(
        rect(x - 2, crest - 18, 4, 20, WOOD_DARK) + circle(x, crest - 26, 13, colours.deep)
        for x in (pen.between(20, 110), pen.between(340, 460))
    )
    return Scene(ground_of(ground) + sun + trees + back + front + rows, 214)


def harbour(pen: Pen, colours: Palette, ground: str) -> Scene:
    """Gabled houses along a quay, water in front."""
    houses, x = [], -10.0
    while x < WIDTH:
        width, height = pen.between(38, 62), pen.between(52, 98)
        tint = pen.pick((*colours.accents, colours.strong, colours.deep, CREAM))
        roof = pen.between(14, 26)
        top = 160 - height
        houses.append(rect(x, top, width, height, tint))
        houses.append(
            shape(
                f"M{number(x)} {number(top)}l{number(width / 2)} {number(-roof)}l{number(width / 2)} {number(roof)}z",
                WOOD_DARK,
            )
        )
        pane = STRAW if tint != STRAW else CREAM
        houses += [
            rect(x + width * share - 4, top + down, 8, 11, pane)
            for share in (0.3, 0.7)
            for down in (12.0, 34.0)
        ]
        x += width + 1.5
    water = rect(0, 160, WIDTH, 80, SEA)
    waves = line(
        joined(
            f"M{number(pen.between(0, 440))} {y}q8 -6 16 0t16 0"
            for y in (172, 184, 226, 233, 178, 229)
        ),
        CREAM,
        2.2,
    )
    return Scene(
        ground_of(ground)
        + joined(houses)
        + water
        + waves
        + rect(0, 198, WIDTH, 42, WOOD)
        + line("M0 212H480M0 226H480", WOOD_DARK, 2.0),
        206,
    )


def market(pen: Pen, colours: Palette, ground: str) -> Scene:
    """A stall with an awning."""
    tint = pen.pick((colours.deep, *colours.accents))
    width = pen.pick((40, 48, 60))
    awning = joined(
        shape(
            f"M{x} 0h{width}v34a{width / 2:.0f} {width / 3:.0f} 0 0 1 -{width} 0z",
            tint if place % 2 else CREAM,
        )
        for place, x in enumerate(range(0, WIDTH, width))
    )
    posts = rect(22, 30, 8, 170, WOOD_DARK) + rect(450, 30, 8, 170, WOOD_DARK)
    counter = rect(0, 196, WIDTH, 44, WOOD) + line("M0 210H480", WOOD_DARK, 3.0)
    return Scene(ground_of(ground) + posts + awning + counter, 200)


def window(pen: Pen, colours: Palette, ground: str) -> Scene:
    """A sill with hills behind the panes."""
    left = pen.pick((60.0, 150.0, 230.0))
    pane = (
        rect(left, 22, 190, 146, "#CFE3E6")
        + shape(f"M{number(left)} 132q60 -46 110 -14t80 -8v58h-190z", colours.strong)
        + circle(left + pen.between(40, 150), 62, 17, STRAW)
        + line(
            f"M{number(left)} 22h190v146h-190zM{number(left + 95)} 22v146M{number(left)} 84h190",
            CREAM,
            8.0,
        )
    )
    sill = rect(0, 192, WIDTH, 48, CREAM) + rect(0, 192, WIDTH, 8, WOOD)
    return Scene(ground_of(ground) + sprigs(pen, CREAM) + pane + sill, 204)


def ground_of(tint: str) -> str:
    return rect(0, 0, WIDTH, HEIGHT, tint)


def dotted(pen: Pen, tint: str) -> str:
    step = pen.pick((28, 36))
    return joined(
        circle(float(x + (y // step % 2) * step / 2), float(y), 2.6, tint)
        for y in range(16, 190, step)
        for x in range(10, WIDTH, step)
    )


def sprigs(pen: Pen, tint: str) -> str:
    step = pen.pick((60, 80))
    return line(
        joined(
            f"M{x} {y}v-16m0 6q-7 0 -8 -8m8 8q7 0 8 -8"
            for y in range(36, 200, 48)
            for x in range(20 + (y // 48 % 2) * step // 2, WIDTH, step)
        ),
        tint,
        2.4,
    )


SCENES: tuple[Callable[[Pen, Palette, str], Scene], ...] = (
    table,
    shelf,
    field,
    harbour,
    market,
    window,
)

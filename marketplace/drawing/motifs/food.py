# ruff: noqa: E501 - paths of drawings
"""Food, each drawn standing on the origin, about 120 wide and 130 high."""

from marketplace.drawing.palette import (
    BRICK,
    CREAM,
    INK,
    LEAF,
    LEAF_DARK,
    STRAW,
    WOOD,
    WOOD_DARK,
    Palette,
)
from marketplace.drawing.pens import Pen, circle, joined, line, number, oval, rect, shape


def crate(pen: Pen, colours: Palette, colour: str) -> str:
    fruit = []
    for row, count in ((0, 4), (1, 5)):
        for place in range(count):
            x = (place - (count - 1) / 2) * 25 + pen.between(-2, 2)
            y = -72 + row * 15
            fruit.append(circle(x, y, 15.5, colour))
            fruit.append(line(f"M{number(x - 6)} {number(y - 5)}q3 -5 8 -5", CREAM, 2.0))
            fruit.append(line(f"M{number(x)} {number(y - 15)}q1 -5 5 -6", LEAF_DARK, 2.5))
    boards = [rect(-66, y, 132, 19, WOOD, 2) for y in (-62, -40, -18)]
    posts = [rect(x, -66, 12, 66, WOOD_DARK, 2) for x in (-66, 54)]
    return joined(
        [*fruit, *boards, *posts, rect(-16, -54, 32, 26, CREAM, 3), leaf(0, -41, colours.deep)]
    )


def leaf(x: float, y: float, fill: str) -> str:
    at = f"M{number(x)} {number(y + 8)}"
    return shape(f"{at}c-9 -4 -9 -12 0 -17c9 5 9 13 0 17z", fill)


def jar(pen: Pen, colours: Palette, colour: str) -> str:
    level = pen.between(-82, -70)
    return joined(
        [
            rect(-36, -92, 72, 92, CREAM, 14),
            shape(f"M-32 {number(level)}h64v64q0 10 -10 10h-44q-10 0 -10 -10z", colour),
            rect(-32, -108, 64, 20, colours.deep, 5),
            line("M-24 -98h48", CREAM, 2.0),
            rect(-23, -60, 46, 34, CREAM, 4),
            leaf(0, -43, colours.strong),
            line("M-28 -78v44", CREAM, 3.0),
        ]
    )


def bottle(pen: Pen, colours: Palette, colour: str) -> str:
    label = pen.pick((CREAM, STRAW, colours.grounds[0]))
    return joined(
        [
            shape(
                "M-10 -132h20v36q0 9 9 17q9 9 9 22v47q0 10 -10 10h-36q-10 0 -10 -10v-47q0 -13 9 -22q9 -8 9 -17z",
                colour,
            ),
            rect(-12, -142, 24, 14, WOOD_DARK, 3),
            rect(-28, -56, 56, 36, label),
            line("M-16 -44h32M-16 -33h22", INK, 2.5),
            line("M-20 -66q2 -8 8 -13", CREAM, 3.0),
        ]
    )


def loaf(pen: Pen, colours: Palette, colour: str) -> str:
    cuts = joined(
        line(f"M{x} {-58 + abs(x) // 6}q10 -7 6 -20", CREAM, 4.0) for x in (-40, -16, 8, 32)
    )
    flour = joined(
        circle(pen.between(-50, 50), pen.between(-40, -12), 1.6, CREAM) for _ in range(12)
    )
    body = shape("M-68 -6q-10 -66 68 -72q78 6 68 72q-4 6 -14 6h-108q-10 0 -14 -6z", colour)
    return joined([body, cuts, flour, oval(0, -1, 70, 4, WOOD_DARK)])


def cheese(pen: Pen, colours: Palette, colour: str) -> str:
    holes = joined(
        circle(pen.between(-46, 30), pen.between(-40, -14), pen.between(4, 8), BRICK)
        for _ in range(5)
    )
    return joined(
        [
            shape("M-64 -52l92 -34q36 10 38 34v52h-130z", colour),
            shape("M-64 -52l92 -34q36 10 38 34z", "#F2D27A"),
            holes,
            line("M-64 -52h130", CREAM, 2.5),
        ]
    )


def eggs(pen: Pen, colours: Palette, colour: str) -> str:
    shells = ("#EBD2B0", "#D9AE82", CREAM)
    laid = joined(oval(x, -46, 14, 19, pen.pick(shells)) for x in (-48, -16, 16, 48))
    back = joined(oval(x, -58, 14, 19, pen.pick(shells)) for x in (-32, 0, 32))
    box = shape(
        "M-70 -44q8 10 16 0q8 12 16 10q8 -12 16 -10q8 12 16 10q10 2 18 -10q8 12 22 10q8 -2 36 -10l-10 44h-120z",
        colours.strong,
    )
    return joined([back, laid, box, line("M-62 -16h124", colours.deep, 3.0)])


def coffee(pen: Pen, colours: Palette, colour: str) -> str:
    steam = joined(line(f"M{x} -56q-7 -9 0 -18q7 -9 0 -18", CREAM, 3.5) for x in (36, 52))
    return joined(
        [
            shape("M-62 -108h58v108h-58z", colour),
            shape("M-62 -108l8 -14h42l8 14z", WOOD_DARK),
            rect(-54, -78, 42, 44, CREAM, 4),
            oval(-33, -56, 10, 14, "#5B3A21", 25.0),
            line("M-38 -66q8 8 2 20", CREAM, 2.0),
            steam,
            shape("M14 -46h56q0 46 -28 46q-28 0 -28 -46z", colours.deep),
            line("M70 -38q16 0 12 14q-4 12 -18 10", colours.deep, 5.0),
            line("M22 -36h40", CREAM, 2.0),
        ]
    )


def sack(pen: Pen, colours: Palette, colour: str) -> str:
    grains = joined(
        oval(pen.between(-34, 34), pen.between(-92, -84), 5, 3, colour, pen.between(-60, 60))
        for _ in range(18)
    )
    return joined(
        [
            oval(0, -86, 44, 14, WOOD_DARK),
            grains,
            shape(
                "M-48 -86q-22 44 -12 78q2 8 14 8h92q12 0 14 -8q10 -34 -12 -78q-48 18 -96 0z",
                "#D9C29A",
            ),
            line("M-48 -86q48 18 96 0", CREAM, 5.0),
            line(
                "M0 -20v-34m0 8q-14 -2 -14 -14q14 2 14 14m0 0q14 -2 14 -14q-14 2 -14 14m0 18q-14 -2 -14 -14q14 2 14 14m0 0q14 -2 14 -14q-14 2 -14 14",
                colours.deep,
                3.0,
            ),
        ]
    )


def bunch(pen: Pen, colours: Palette, colour: str) -> str:
    roots = []
    for place in range(5):
        x = (place - 2) * 19
        tip = pen.between(-8, 0)
        roots.append(
            shape(f"M{x - 11} -62q11 -12 22 0q-2 36 -11 {number(62 + tip)}q-9 -26 -11 -62z", colour)
        )
        roots.append(line(f"M{x - 5} -44h7M{x - 3} -30h7", CREAM, 2.0))
        for lean in (-14, 0, 14):
            height = pen.between(34, 56)
            roots.append(
                line(
                    f"M{x} -66q{lean / 3:.0f} {-height / 2:.0f} {lean} {-height:.0f}",
                    pen.pick((LEAF, LEAF_DARK)),
                    4.5,
                )
            )
    return joined([*roots, line("M-50 -63q50 9 100 0", WOOD, 6.0)])


def pumpkin(pen: Pen, colours: Palette, colour: str) -> str:
    ribs = joined(
        oval(x, -42, 24 - abs(x) / 6, 42 - abs(x) / 8, colour if step % 2 else BRICK)
        for step, x in enumerate((-46, 46, -24, 24, 0))
    )
    curl = pen.between(14, 30)
    return joined(
        [
            ribs,
            shape("M-7 -80q0 -16 -10 -22l14 -6q10 10 11 28z", LEAF_DARK),
            line(f"M8 -88q{curl:.0f} -14 {curl:.0f} 4q-6 10 -12 2", LEAF, 3.0),
        ]
    )


def greens(pen: Pen, colours: Palette, colour: str) -> str:
    leaves = []
    for lean in (-46, 46, -26, 26, 0):
        tip = pen.between(-108, -92) + abs(lean) / 2
        leaves.append(
            shape(
                f"M0 -4Q{lean * 2.2:.0f} -30 {lean} {tip:.0f}Q{lean * 0.1:.0f} -50 0 -4z",
                colour if lean % 4 else LEAF_DARK,
            )
        )
        leaves.append(
            line(f"M0 -10Q{lean * 0.9:.0f} -40 {lean * 0.92:.0f} {tip + 16:.0f}", CREAM, 2.2)
        )
    return joined([*leaves, oval(0, -5, 18, 6, CREAM)])


def fish(pen: Pen, colours: Palette, colour: str) -> str:
    drawn = []
    for place, y in enumerate((-24, -62)):
        way = 6 if place else -6
        drawn.append(
            shape(
                f"M{-62 + way} {y}q50 -36 98 0l26 -16q-8 16 0 32l-26 -16q-48 36 -98 0z",
                colour if place else colours.strong,
            )
        )
        drawn.append(circle(-44.0 + way, float(y - 4), 3.4, CREAM))
        drawn += [line(f"M{x + way} {y - 10}q7 10 0 20", CREAM, 2.2) for x in (-26, -10, 6)]
    return joined([rect(-74, -8, 148, 10, WOOD, 4), *drawn])

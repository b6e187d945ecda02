# ruff: noqa: E501 - paths of drawings
"""Things of house and garden, drawn as food is: standing on the origin, about 120 by 130."""

from marketplace.drawing.palette import (
    BRICK,
    CREAM,
    INK,
    LEAF,
    LEAF_DARK,
    PLUM,
    POPPY,
    STRAW,
    WOOD,
    WOOD_DARK,
    Palette,
)
from marketplace.drawing.pens import Pen, circle, joined, line, number, rect, shape


def flowers(pen: Pen, colours: Palette, colour: str) -> str:
    blooms = []
    for lean in (-34, -12, 14, 36):
        top = pen.between(-128, -96)
        head = pen.pick((colour, STRAW, POPPY, PLUM, CREAM))
        blooms.append(line(f"M0 -46Q{lean / 2:.0f} -70 {lean} {top:.0f}", LEAF_DARK, 3.5))
        blooms += [
            circle(lean + dx * 8.0, top + dy * 8.0, 7.5, head)
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))
        ]
        blooms.append(circle(float(lean), top, 5.0, WOOD_DARK))
    pot = shape("M-36 -52h72l-9 52h-54z", BRICK)
    return joined([*blooms, pot, rect(-40, -58, 80, 13, "#C56B41", 3)])


def logs(pen: Pen, colours: Palette, colour: str) -> str:
    drawn = []
    for row, count in enumerate((4, 3, 2)):
        for place in range(count):
            x, y = (place - (count - 1) / 2) * 36, -18.0 - row * 31
            drawn += [
                circle(x, y, 18.0, WOOD_DARK),
                circle(x, y, 14.0, "#E2C08F"),
                circle(x, y, 8.5, WOOD),
                circle(x, y, 4.5, "#E2C08F"),
            ]
            drawn.append(
                line(f"M{number(x)} {number(y)}l{number(pen.between(-10, 10))} -9", WOOD_DARK, 1.8)
            )
    return joined(drawn)


def books(pen: Pen, colours: Palette, colour: str) -> str:
    drawn, x = [], -62.0
    for tint in (colours.deep, STRAW, colour, CREAM, colours.strong, BRICK):
        width, height = pen.between(16, 24), pen.between(74, 112)
        drawn.append(rect(x, -height, width, height, tint, 2))
        drawn.append(line(f"M{number(x + 4)} {number(18 - height)}h{number(width - 8)}", INK, 2.2))
        x += width + 0.8
    return joined(drawn)


def yarn(pen: Pen, colours: Palette, colour: str) -> str:
    balls = []
    for x, y, size, tint in (
        (-34, -34, 34, colour),
        (36, -30, 30, colours.strong),
        (2, -78, 26, STRAW),
    ):
        balls.append(circle(float(x), float(y), float(size), tint))
        balls += [
            line(
                f"M{x - size * 0.8:.0f} {y + off}q{size * 0.8:.0f} {-size * 0.9:.0f} {size * 1.6:.0f} {-off}",
                CREAM,
                2.4,
            )
            for off in (-8, 2, 12)
        ]
    return joined(
        [
            *balls,
            line("M20 -4q30 8 54 -2", colours.strong, 4.0),
            line("M-8 -120l38 62M44 -116l-52 54", WOOD_DARK, 4.0),
        ]
    )


def panels(pen: Pen, colours: Palette, colour: str) -> str:
    cells = "M-52 -34h104M-44 -62h88M-34 -86l-14 86M0 -86v86M34 -86l14 86"
    return joined(
        [
            circle(48, -112, 18, STRAW),
            shape("M-42 -88h84l20 74h-124z", "#2F4E7A"),
            line(cells, "#AFC7E2", 2.5),
            line("M-30 -12l-10 12M30 -12l10 12", INK, 5.0),
        ]
    )


def bicycle(pen: Pen, colours: Palette, colour: str) -> str:
    wheels = joined(
        circle(x, -32, 31, INK)
        + circle(x, -32, 26, CREAM)
        + line(f"M{x:.0f} -58v52M{x - 26:.0f} -32h52", INK, 1.5)
        for x in (-46.0, 46.0)
    )
    frame = line(
        "M-46 -32l22 -46h54l16 46M-24 -78l26 46h-48M2 -32l28 -46M30 -78l-4 -18h16M-28 -86h-14M-24 -78l-4 -8",
        colour,
        5.5,
    )
    return joined([wheels, frame, rect(24, -92, 34, 22, WOOD, 3)])


def boat(pen: Pen, colours: Palette, colour: str) -> str:
    return joined(
        [
            line("M0 -24v-104", WOOD_DARK, 5.0),
            shape("M5 -126q56 40 58 92h-58z", CREAM),
            shape("M-5 -112q-42 32 -46 78h46z", colour),
            shape("M-70 -28h140q-8 28 -32 28h-78q-24 0 -30 -28z", colours.deep),
            line("M-60 -18h120", CREAM, 3.0),
        ]
    )


def tree(pen: Pen, colours: Palette, colour: str) -> str:
    crown = [(-28, -70, 32), (28, -70, 32), (0, -98, 36), (0, -66, 34)]
    fruit = joined(
        circle(pen.between(-44, 44), pen.between(-118, -56), 5.5, colour) for _ in range(9)
    )
    leaves = joined(
        circle(float(x), float(y), float(size), LEAF if step % 2 else LEAF_DARK)
        for step, (x, y, size) in enumerate(crown)
    )
    return joined([shape("M-9 0q5 -30 2 -56h14q-3 26 2 56z", WOOD_DARK), leaves, fruit])


def soap(pen: Pen, colours: Palette, colour: str) -> str:
    bars = joined(
        rect(-52.0 + shift, y, 96, 30, tint, 9) + line(f"M{-34 + shift} {y + 15}h50", CREAM, 2.5)
        for shift, y, tint in ((0, -30, colour), (10, -61, STRAW), (-2, -92, colours.strong))
    )
    bubbles = joined(
        circle(pen.between(-60, 60), pen.between(-134, -100), pen.between(4, 9), CREAM)
        for _ in range(7)
    )
    return joined([bars, bubbles])

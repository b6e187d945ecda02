# ruff: noqa: E501 - paths of drawings
"""Things people buy together, each drawn standing on the origin, about 120 wide and 130 high."""

from collections.abc import Callable
from typing import NamedTuple

from marketplace.drawing.palette import (
    BRICK,
    CREAM,
    INK,
    LEAF,
    LEAF_DARK,
    PLUM,
    POPPY,
    SEA,
    STRAW,
    WOOD,
    WOOD_DARK,
    Palette,
)
from marketplace.drawing.pens import Pen, circle, joined, line, number, oval, rect, shape

Draw = Callable[[Pen, Palette, str], str]


class Motif(NamedTuple):
    """What is drawn and the one colour that tells an apple from an orange."""

    draw: Draw
    colour: str


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


# The longest word found decides, so that "Apfelsaft" is a bottle and not a crate of apples.
WORDS: dict[str, Motif] = {}


def _words(draw: Draw, colour: str, words: str) -> None:
    WORDS.update(dict.fromkeys(words.split(), Motif(draw, colour)))


_words(
    crate,
    POPPY,
    "apple apfel äpfel appel appels tomat tomate tomaten strawberr erdbeer aardbei cherry kirsche",
)
_words(
    crate,
    "#DD8A2E",
    "orange orangen sinaasappel mandarin clementine aprikose apricot peach pfirsich citrus",
)
_words(crate, STRAW, "lemon zitrone citroen pear birne peer banana banane")
_words(crate, "#C79A5E", "potato kartoffel aardappel")
_words(crate, PLUM, "plum pflaume pruim grape traube druif beet blueberr heidelbeer")
_words(crate, LEAF, "fruit obst vegetable gemüse groente harvest ernte")
_words(jar, STRAW, "honey honig honing mustard senf mosterd beeswax")
_words(jar, POPPY, "jam marmelade konfitüre preserve chutney ketchup tomatensauce pesto")
_words(jar, "#8C6237", "spread aufstrich pindakaas peanut tahin nuss pickle spice gewürz kruiden")
_words(bottle, LEAF_DARK, "olive olivenöl olijfolie oil öl olie wine wein wijn")
_words(
    bottle,
    "#C98A2B",
    "juice saft sap appelsap apfelsaft cider beer bier vinegar essig azijn lemonade limonade",
)
_words(bottle, "#E9E6DA", "milk milch melk hafer oat yoghurt joghurt water")
_words(loaf, "#B87A3A", "bread brot brood bakery bäcker bakker cake kuchen roll brötchen sourdough")
_words(cheese, STRAW, "cheese käse kaas butter boter gouda")
_words(eggs, CREAM, "egg eggs eier eieren hen huhn kip")
_words(
    coffee, "#9C5B34", "coffee kaffee koffie espresso cocoa kakao tea tee thee chocolate schokolade"
)
_words(
    sack,
    "#C79A5E",
    "flour mehl meel grain getreide graan rice reis rijst lentil linsen linzen nut nuts nüsse noten walnoten pasta nudel muesli müsli bean bohne bonen seed dry staples bulk trocken",
)
_words(bunch, "#DD7A2A", "carrot karotte möhre wortel root wurzel radish")
_words(bunch, CREAM, "leek lauch prei asparagus spargel asperge onion zwiebel garlic knoblauch")
_words(pumpkin, "#DD7A2A", "pumpkin kürbis pompoen squash")
_words(
    greens,
    LEAF,
    "salad salat sla cabbage kohl kool spinach spinat herb kräuter chard vegetables box gemüsekiste groentepakket",
)
_words(fish, SEA, "fish fisch vis herring hering mussel muschel krabben shrimp")
_words(flowers, PLUM, "flower blume bloem plant pflanze garden garten tuin balcony bulb tulip")
_words(logs, WOOD, "wood holz hout firewood brennholz brandhout pellet heating timber")
_words(books, POPPY, "book buch bücher boek school paper papier library")
_words(yarn, BRICK, "wool wolle wol yarn textile shirt clothes kleidung sock socken blanket")
_words(
    panels,
    SEA,
    "solar panel energy energie strom power photovoltaik balkonkraftwerk heat insulation",
)
_words(bicycle, POPPY, "bike bicycle fahrrad rad fiets cargo lastenrad repair")
_words(boat, BRICK, "boat boot harbour hafen haven sail trip ferry charter")
_words(tree, POPPY, "tree baum bäume boom orchard streuobst hedge hecke")
_words(
    soap,
    "#9DB7A4",
    "soap seife zeep cleaning reinig wasch detergent shampoo toilet household haushalt",
)

PANTRY = tuple(dict.fromkeys(motif.draw for motif in WORDS.values()))


def motif_of(title: str, pen: Pen) -> Motif:
    """The motif that the words of `title` ask for, or one that the key chooses."""
    words = title.casefold()
    found = [word for word in WORDS if word in words]
    if found:
        return WORDS[max(found, key=lambda word: (len(word), word))]
    return pen.pick(tuple(WORDS.values()))

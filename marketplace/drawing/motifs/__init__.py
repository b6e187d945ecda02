# ruff: noqa: E501 - lists of words
"""Things people buy together: which words in a title ask for which drawing."""

from collections.abc import Callable
from typing import NamedTuple

from marketplace.drawing.motifs.food import (
    bottle,
    bunch,
    cheese,
    coffee,
    crate,
    eggs,
    fish,
    greens,
    jar,
    loaf,
    pumpkin,
    sack,
)
from marketplace.drawing.motifs.things import (
    bicycle,
    boat,
    books,
    flowers,
    logs,
    panels,
    soap,
    tree,
    yarn,
)
from marketplace.drawing.palette import (
    BRICK,
    CREAM,
    LEAF,
    LEAF_DARK,
    PLUM,
    POPPY,
    SEA,
    STRAW,
    WOOD,
    Palette,
)
from marketplace.drawing.pens import Pen

Draw = Callable[[Pen, Palette, str], str]


class Motif(NamedTuple):
    """What is drawn and the one colour that tells an apple from an orange."""

    draw: Draw
    colour: str


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

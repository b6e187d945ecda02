"""The colours of drawn pictures: middle tones that stand on light paper and on dark."""

from dataclasses import dataclass

INK = "#1B2620"
CREAM = "#FBF4E2"
WOOD = "#B98A55"
WOOD_DARK = "#8C6237"
LEAF = "#3F7D4C"
LEAF_DARK = "#24573A"
STRAW = "#E3B23C"
BRICK = "#B5512B"
POPPY = "#C23B2E"
PLUM = "#7A3B7C"
SEA = "#4C8A97"


@dataclass(frozen=True)
class Palette:
    """What one kind of collaboration is painted with."""

    deep: str
    strong: str
    grounds: tuple[str, ...]
    accents: tuple[str, ...]


GREEN = Palette(
    "#14593A",
    "#3E8A5F",
    ("#CFE0C3", "#EBDDB5", "#E8CFB5", "#C4DBD6", "#DCD9C0", "#E9C9BC"),
    (STRAW, BRICK, "#D98E3F", POPPY, SEA),
)

PALETTES = {
    "group-buy": GREEN,
    "charter": Palette(
        "#0B5560", "#3C8C97", ("#BFDCDD", "#D5E3D0", "#E7DCC0"), (STRAW, BRICK, CREAM)
    ),
    "demand-pool": Palette(
        "#1B4B8A", "#5683BF", ("#C6D6EA", "#DDE3E4", "#EADFC6"), (STRAW, BRICK, SEA)
    ),
    "trade": Palette("#6F4A00", "#B9862B", ("#EFDBA4", "#E4D5BA", "#D8DCC2"), (LEAF, BRICK, SEA)),
    "campaign": Palette(
        "#6A2A6B", "#A262A3", ("#E2CBE1", "#EBD9C9", "#D5D6E4"), (STRAW, BRICK, SEA)
    ),
    "challenge": Palette(
        "#8A3413", "#C56B41", ("#EFCFBD", "#EBDDB5", "#DCD9C8"), (STRAW, LEAF, SEA)
    ),
    "production-run": Palette(
        "#8A3413", "#C56B41", ("#E9D2C0", "#E3DDC4", "#D2DAD2"), (STRAW, LEAF, SEA)
    ),
    "loan": Palette("#37475A", "#6F8499", ("#CBD4DC", "#DEDCD0", "#D5DDD2"), (STRAW, LEAF, BRICK)),
    "project": Palette(
        "#3D3A8C", "#7774BD", ("#CFCEEA", "#DEDACB", "#CFDBDD"), (STRAW, LEAF, BRICK)
    ),
    "circle": Palette(
        "#3D3A8C", "#7774BD", ("#D6D2E8", "#E3DCCB", "#CEDDD6"), (STRAW, LEAF, BRICK)
    ),
}


def palette(kind: str) -> Palette:
    """The palette of a kind; an unknown kind is painted in the brand's green."""
    return PALETTES.get(kind.replace("_", "-"), GREEN)

"""Texts of a measured world: what people buy together, in three languages, where they live."""

from dataclasses import dataclass

# Name, latitude, longitude.
TOWNS = (
    ("Bremerhaven", 53.55, 8.58),
    ("Bremen", 53.08, 8.80),
    ("Oldenburg", 53.14, 8.21),
    ("Groningen", 53.22, 6.57),
    ("Utrecht", 52.09, 5.12),
    ("Leipzig", 51.34, 12.37),
    ("Freiburg im Breisgau", 48.00, 7.85),
    ("Zürich", 47.37, 8.54),
    ("Wien", 48.21, 16.37),
    ("Maastricht", 50.85, 5.69),
    ("Göttingen", 51.53, 9.93),
    ("Cork", 51.90, -8.47),
)
FIRST_NAMES = ("Anna", "Mehmet", "Sanne", "Jörg", "Aoife", "Fatima", "Pieter", "Ludmila", "Ben")
LAST_NAMES = ("Krüger", "de Vries", "Yılmaz", "O'Brien", "Nowak", "van Dijk", "Schäfer", "Haddad")


@dataclass(frozen=True)
class Goods:
    """Something worth buying together; the price is that of one unit, in minor units."""

    name: str
    unit: str
    category: str
    price_minor: int


@dataclass(frozen=True)
class Tongue:
    """How deals are written in one language; texts take the goods and the town."""

    lang: str
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    goods: tuple[Goods, ...]


TONGUES = (
    Tongue(
        "en",
        "{goods} for {town}",
        "A whole pallet of {goods}, shared in {town}: from a grower we have visited twice.",
        (
            "We order **{goods}** once a year and share the freight. Last time the price fell "
            "twice before the close, and everything was handed over within two hours.",
            "Please bring your own boxes. There is a ramp, and someone to help you carry.",
            "- picked by hand\n- no plastic\n- kept dry until you fetch it",
            "Questions are welcome below: whatever is asked twice is added here.",
        ),
        (
            Goods("Olive oil", "5 l can", "food", 4_200),
            Goods("Oranges", "10 kg box", "food", 2_490),
            Goods("School books", "set", "books", 6_300),
            Goods("Solar panels", "panel", "energy", 8_900),
            Goods("Seed potatoes", "5 kg bag", "garden", 1_150),
        ),
    ),
    Tongue(
        "de",
        "{goods} für {town}",
        "Gemeinsam bestellt in {town}: {goods}, frisch geliefert und am Samstag geteilt.",
        (
            "Wir bestellen **{goods}** direkt beim Hof. Je mehr mitmachen, desto günstiger wird "
            "es für alle; kommt zu wenig zusammen, zahlt niemand etwas.",
            "Bitte bring Kisten mit. Abgeholt wird im Innenhof, auch mit dem Lastenrad.",
            "- aus biologischem Anbau\n- ohne Umverpackung\n- bis zur Ausgabe kühl gelagert",
            "Fragen beantworten wir gleich hier unten auf der Seite.",
        ),
        (
            Goods("Olivenöl", "5-l-Kanister", "food", 3_990),
            Goods("Kartoffeln", "25-kg-Sack", "food", 2_200),
            Goods("Waschmittel", "10-l-Eimer", "household", 2_780),
            Goods("Balkonkraftwerke", "Stück", "energy", 31_900),
            Goods("Lastenräder", "Stück", "tools", 189_000),
        ),
    ),
    Tongue(
        "nl",
        "{goods} voor {town}",
        "Samen bestellen in {town}: {goods} van een boer die wij kennen.",
        (
            "Wij bestellen **{goods}** rechtstreeks bij de boer. Hoe meer mensen meedoen, hoe "
            "lager de prijs voor iedereen; zijn het er te weinig, dan betaalt niemand.",
            "Neem zelf kratten mee. Ophalen kan op zaterdag, ook met de bakfiets.",
            "- van het land\n- zonder plastic\n- koel bewaard tot je het haalt",
            "Vragen kun je hieronder stellen; wij antwoorden dezelfde dag.",
        ),
        (
            Goods("Olijfolie", "blik van 5 l", "food", 4_050),
            Goods("Kaas", "hele kaas", "food", 9_800),
            Goods("Regentonnen", "ton", "garden", 5_400),
            Goods("Kinderfietsen", "fiets", "children", 14_900),
            Goods("Wasmiddel", "emmer van 10 l", "household", 2_650),
        ),
    ),
)
# What is searched for, in turn: hits in every language, a compound, and a typing error.
QUESTIONS = ("olive oil", "Olivenöl", "kaas", "Kartoffeln Bremen", "Solar panls")

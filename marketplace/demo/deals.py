# ruff: noqa: E501
"""The group buys of the demo world: what is bought, by whom, and how far it has come.

Days count from today; a negative day lies in the past. The story runs the services through
them with a moving clock, so every history is one that really happened.
"""

from typing import Any

from marketplace.demo.deal import Deal
from models.collaborations import Category, Visibility
from models.rules import Rationing, Sharing
from services.buying import NewArticle


def one(name: str, unit: str, *tiers: tuple[int, int], **more: Any) -> NewArticle:
    return NewArticle(name=name, unit=unit, tiers=tiers, **more)


DEALS = (
    Deal(
        "olivenoel", "alma", "bhv", "Olivenöl aus Kreta, 5-Liter-Kanister",
        "Kaltgepresst von der Familie Papadakis, direkt ab Hof.",
        "Wir bestellen jedes Jahr im November. Das Öl kommt auf einer Palette an den Handelshafen, "
        "wir holen es mit dem Lastenrad und verteilen es in Brunos Garage.\n\n"
        "- Ernte Oktober, Säure unter 0,4 %\n- Kanister aus Weißblech, ungeöffnet zwei Jahre haltbar\n"
        "- Wer mag, bekommt ein Fläschchen zum Probieren vorab",
        Category.FOOD,
        (one("Natives Olivenöl extra", "5-l-Kanister", (1, 5490), (12, 4990), (24, 4590), (40, 4290),
             minimum_units=12, maximum_units=48, case_size=4, vat_basis_points=700, base_unit="l",
             base_units_thousandths=5000, origin="Griechenland, Kreta", quality="kaltgepresst",
             food_information="Zutaten: natives Olivenöl extra, erste Güteklasse, direkt aus Oliven und "
             "ausschließlich mit mechanischen Verfahren gewonnen.\nAllergene: keine.\nJe 100 ml: 3.389 kJ / "
             "824 kcal, Fett 91,6 g, davon gesättigte Fettsäuren 13,2 g, Kohlenhydrate 0 g, davon Zucker 0 g, "
             "Eiweiß 0 g, Salz 0 g.\nKühl und dunkel lagern."),),
        -5, 6, ("Brunos Garage", "Goethestraße 31, 27576 Bremerhaven"),
        (("bruno", (2,), 1, 0), ("cem", (4,), 2, 0), ("dörte", (2,), 0, 0), ("frauke", (1,), 1, 0),
         ("gerd", (2,), 0, 0), ("hanna", (1,), 0, 0), ("mina", (1,), 0, 4990), ("lutz", (1,), 1, 0)),
        more={"supplier_name": "Familie Papadakis, Sitia", "extends_to_on": 13},
        by_card=("hanna", "mina"),
        question=("nele", "Kann man auch einen halben Kanister teilen?",
                  "Gern: schreib mir, mit wem du teilst, dann bestellt eine von euch."),
    ),
    Deal(
        "balkon", "balkonstrom", "bhv", "Balkonkraftwerk 800 W mit Halterung",
        "Zwei Module, Wechselrichter, Kabel: gemeinsam deutlich günstiger.",
        "Wir sind die Genossenschaft Balkonstrom Nord und öffnen unsere Herbstbestellung für alle. "
        "Je mehr mitmachen, desto besser der Preis vom Hersteller; er gilt für alle.",
        Category.ENERGY,
        (one("Balkonkraftwerk 800 W", "Set", (1, 49900), (10, 44900), (25, 39900), minimum_units=10,
             maximum_units=60, vat_basis_points=0),),
        -12, 9, ("Lager Balkonstrom", "Columbusstraße 2, 27568 Bremerhaven"),
        (("emil", (1,), 0, 0), ("gerd", (2,), 0, 0), ("cem", (1,), 0, 0), ("mina", (1,), 0, 0),
         ("lutz", (1,), 0, 0), ("frauke", (2,), 0, 0), ("karin", (1,), 0, 44900)),
        more={"payee": "supplier", "supplier": "balkonstrom"},
        by_card=("emil", "gerd", "frauke"),
    ),
    Deal(
        "honig", "alma", "bhv", "Deichhonig im Glas, Ernte Juli",
        "Honig von Karins zwölf Völkern, 500 g im Pfandglas.",
        "Karin schleudert, wir verteilen. Pfand kommt dazu und gibt es beim Zurückbringen wieder.",
        Category.FOOD,
        (one("Sommertracht", "500-g-Glas", (1, 790), (30, 690), minimum_units=20, maximum_units=120,
             case_size=6, vat_basis_points=700, deposit_minor=50, base_unit="kg",
             base_units_thousandths=500, origin="Bremerhaven",
             food_information="Deutscher Blütenhonig.\nAllergene: keine.\nNicht für Kinder unter zwölf "
             "Monaten.\nTrocken und dunkel lagern, nicht über 20 °C."),
         one("Rapshonig cremig", "500-g-Glas", (1, 690), (30, 590), minimum_units=12,
             maximum_units=60, case_size=6, vat_basis_points=700, deposit_minor=50, base_unit="kg",
             base_units_thousandths=500, origin="Bremerhaven",
             food_information="Deutscher Rapsblütenhonig.\nAllergene: keine.\nNicht für Kinder unter zwölf "
             "Monaten.\nTrocken und dunkel lagern, nicht über 20 °C.")),
        -40, -30, ("Kiosk am Siegplatz", "Hafenstraße 140, 27576 Bremerhaven"),
        (("bruno", (4, 2), 2, 0), ("dörte", (6, 4), 2, 0), ("ilse", (2, 0), 0, 0),
         ("hanna", (3, 2), 1, 0), ("gerd", (4, 4), 0, 0), ("cem", (6, 2), 4, 0), ("frauke", (6, 3), 2, 0)),
        until="settled", more={"supplier": "deichimkerei"},
    ),
    Deal(
        "kartoffeln", "dörte", "bhv", "Einkellerungskartoffeln vom Hof Cordes",
        "Linda und Belana im 12,5-kg-Sack, frisch gerodet.",
        "Hof Cordes bringt uns die Säcke bis vor die Tür, wenn wir mindestens 20 zusammenbekommen.",
        Category.FOOD,
        (one("Linda, festkochend", "12,5-kg-Sack", (1, 1690), (20, 1390), minimum_units=8,
             vat_basis_points=700, base_unit="kg", base_units_thousandths=12500, origin="Langen"),
         one("Belana, festkochend", "12,5-kg-Sack", (1, 1590), (20, 1290), minimum_units=8,
             vat_basis_points=700, base_unit="kg", base_units_thousandths=12500, origin="Langen")),
        -20, -9, ("Kleingarten Am Blink", "Am Blink 4, 27580 Bremerhaven"),
        (("alma", (2, 2), 0, 0), ("bruno", (3, 1), 0, 0), ("cem", (4, 4), 0, 0), ("gerd", (2, 3), 0, 0),
         ("hanna", (1, 1), 0, 0), ("frauke", (2, 2), 0, 0)),
        until="handing_over", short=2, by_card=("hanna",),
    ),
    Deal(
        "kaffee", "emil", "bhv", "Kaffee aus der Hafenrösterei",
        "Frisch geröstet, ganze Bohne, im 1-kg-Beutel.",
        "Bezahlt wird per Überweisung oder bar beim Abholen. Ich hole die Beutel mit dem Rad.",
        Category.FOOD,
        (one("Hausmischung, ganze Bohne", "1-kg-Beutel", (1, 2190), (10, 1890), minimum_units=8,
             vat_basis_points=700, base_unit="kg", base_units_thousandths=1000,
             origin="Honduras, Äthiopien",
             food_information="Zutaten: Röstkaffee, ganze Bohne.\nAllergene: keine.\nTrocken und luftdicht lagern."),),
        -15, -2, ("Hinterhof", "Hafenstraße 61, 27576 Bremerhaven"),
        (("nele", (2,), 0, 0), ("bruno", (3,), 0, 0), ("dörte", (1,), 0, 0), ("gerd", (2,), 0, 0),
         ("ilse", (1,), 0, 0), ("hanna", (2,), 0, 0)),
        until="decided", transfers_to=("Emil Janssen", "DE89370400440532013000"),
    ),
    Deal(
        "kaese", "nele", "bhv", "Bergkäse und junger Kuhkäse vom Deichhof",
        "Ganze Stücke, gewogen beim Packen: jede zahlt, was ihr Stück wiegt.",
        "Der Deichhof schneidet die Laibe in Stücke. Keines wiegt genau, was auf der Liste steht, "
        "darum wiegen wir beim Packen nach. Mehr als das vereinbarte Höchstgewicht zahlt niemand.",
        Category.FOOD,
        (one("Bergkäse, 10 Monate", "Stück", (1, 1672), (12, 1436), minimum_units=6,
             vat_basis_points=700, base_unit="kg", base_units_thousandths=800,
             overweight_basis_points=1000, origin="Wurster Nordseeküste", quality="Rohmilch",
             food_information="Hartkäse aus Rohmilch, mindestens 50 % Fett i. Tr.\nZutaten: ROHMILCH, Salz, "
             "Lab, Milchsäurebakterien.\nAllergene: Milch.\nBei 2 bis 8 °C lagern."),
         one("Junger Kuhkäse", "Stück", (1, 645), minimum_units=4, vat_basis_points=700,
             base_unit="kg", base_units_thousandths=500, overweight_basis_points=800,
             origin="Wurster Nordseeküste",
             food_information="Schnittkäse, 48 % Fett i. Tr.\nZutaten: MILCH, Salz, Lab, "
             "Milchsäurebakterien.\nAllergene: Milch.\nBei 2 bis 8 °C lagern.")),
        -19, -8, ("Kiosk am Siegplatz", "Hafenstraße 140, 27576 Bremerhaven"),
        (("alma", (2, 1), 0, 0), ("dörte", (3, 2), 0, 0), ("frauke", (2, 0), 0, 0),
         ("hanna", (1, 1), 0, 0), ("gerd", (4, 2), 0, 0), ("emil", (1, 0), 0, 0)),
        until="handing_over", by_card=("hanna", "emil"),
    ),
    Deal(
        "brennholz", "gerd", "bhv", "Buche ofenfertig, Schüttraummeter",
        "Eine Fuhre aus Bederkesa, wenn fünf Meter zusammenkommen.",
        "Trocken gelagert, 25 cm. Der Laster kommt nur voll.",
        Category.ENERGY,
        (one("Buche, 25 cm", "Schüttraummeter", (1, 12900), (8, 11500), minimum_units=8,
             vat_basis_points=700),),
        -30, -16, ("Parkplatz Weserstadion", "Am Stadion, 27580 Bremerhaven"),
        (("bruno", (2,), 0, 0), ("lutz", (1,), 0, 0)),
        until="decided",
    ),
    Deal(
        "coop", "speisekammer", "bhv", "Speisekammer: Trockenwaren im Dezember",
        "Die große Bestellung unserer Foodcoop, diesmal offen für alle in Lehe.",
        "Aus der Liste von Naturkost Weser-Ems. Gebinde werden durch eure Toleranz voll. "
        "Die Fracht teilen wir nach Warenwert, höchstens 2,50 € für jeden.",
        Category.FOOD, (), -3, 11, ("Speisekammer", "Rickmersstraße 58, 27576 Bremerhaven"),
        picks=(
            ("alma", {"Haferflocken Großblatt": (3, 1), "Passata": (4, 2), "Kichererbsen": (2, 1)}),
            ("cem", {"Basmatireis": (4, 2), "Rote Linsen": (3, 1), "Olivenöl nativ extra": (2, 1)}),
            ("dörte", {"Haferflocken Großblatt": (2, 0), "Spaghetti Semola": (8, 2), "Passata": (2, 0)}),
            ("gerd", {"Dinkelmehl 630": (5, 2), "Roggenvollkornmehl": (6, 2)}),
            ("hanna", {"Mandeln": (2, 0), "Olivenöl nativ extra": (3, 0), "Belugalinsen": (2, 1)}),
            ("mina", {"Basmatireis": (2, 0), "Kichererbsen": (3, 1), "Tahin": (2, 1)}),
        ),
        co_organiser="bruno",
        more={"catalogue": True, "supplier": "naturkost", "smallest_order_minor": 20_000,
                  "freight_rule": Sharing.BY_VALUE, "freight_minor": 2400, "freight_ceiling_minor": 250},
    ),
    Deal(
        "buecher", "nele", "bhv", "Lastenradanhänger für die Straße", "Noch ein Entwurf.",
        "Wir teilen uns einen Anhänger. Ich frage gerade Preise an.", Category.TOOLS,
        (one("Anhänger Weber Monoporter", "Stück", (1, 64900), (3, 59900), minimum_units=1),),
        0, 20, ("Siegplatz", "27576 Bremerhaven"), until="draft",
    ),
    Deal(
        "koffie", "brandstof", "ams", "Winterbranding van De Kade, hele bonen",
        "Eén branding, één prijs: hoe meer kilo's, hoe lager.",
        "We branden op donderdag 3 december. De bonen komen van de coöperatie Sopacdi. "
        "Vanaf 40 kilo draait de grote trommel, en dat scheelt.",
        Category.FOOD,
        (one("Winterbranding, hele bonen", "1 kg", (1, 2650), (20, 2350), (40, 2090), (80, 1890),
             minimum_units=20, maximum_units=120, vat_basis_points=900, base_unit="kg",
             base_units_thousandths=1000, origin="Congo", quality="fairtrade",
             food_information="Ingrediënten: gebrande koffiebonen.\nAllergenen: geen.\nDroog en luchtdicht bewaren."),),
        -8, 5, ("Koffiebranderij De Kade", "NDSM-plein 7, 1033 WB Amsterdam"),
        (("anouk", (4,), 0, 0), ("bas", (3,), 1, 0), ("dirk", (2,), 0, 2350), ("esra", (2,), 0, 0),
         ("gijs", (5,), 0, 0), ("hassan", (6,), 2, 0), ("joost", (4,), 0, 0), ("kim", (3,), 0, 0),
         ("ineke", (2,), 1, 0), ("chantal", (5,), 0, 0)),
        more={"payee": "supplier", "supplier": "brandstof"}, by_card=("anouk", "joost", "kim"),
        question=("esra", "Kunnen jullie een deel ook malen?",
                  "Ja, zet het in je opmerking: grof, filter of espresso."),
    ),
    Deal(
        "groente", "noordkoop", "ams", "Groentepakket van de Beemster, wekelijks",
        "Een krat van acht soorten, geoogst op woensdag.",
        "De boer rijdt als er twaalf kratten zijn. Statiegeld op het krat krijg je terug.",
        Category.FOOD,
        (one("Groentekrat", "krat", (1, 1850), (12, 1650), (24, 1490), minimum_units=12,
             maximum_units=24, vat_basis_points=900, deposit_minor=400, origin="Beemster"),),
        -4, 3, ("Buurthuis De Meeuw", "Motorwal 300, 1021 PK Amsterdam"),
        (("chantal", (3,), 0, 0), ("bas", (4,), 0, 0), ("dirk", (3,), 0, 0), ("hassan", (5,), 0, 0),
         ("kim", (2,), 0, 0), ("joost", (4,), 0, 0), ("gijs", (3,), 0, 0)),
        more={"waiting": ("ineke", 3)}, by_card=("hassan",),
    ),
    Deal(
        "wijn", "floor", "ams", "Rode wijn uit de Languedoc, doos van zes",
        "Voor de leden van onze leesclub, via de link.", "Eén pallet past precies in het busje van Bas.",
        Category.FOOD,
        (one("Les Terrasses 2024", "doos van 6", (1, 5400), (10, 4800), minimum_units=5,
             maximum_units=20, vat_basis_points=2100, base_unit="l", base_units_thousandths=4500),),
        -2, 12, ("Bij Floor thuis", "Sumatrakade 11, 1019 Amsterdam"),
        (("bas", (1,), 0, 0), ("dirk", (1,), 0, 0)), more={"visibility": Visibility.LINK},
    ),
    Deal(
        "fiets", "gijs", "ams", "Winterbanden voor de fiets",
        "Spikes, per paar, gemonteerd bij mij in de kelder.",
        "De importeur vraagt twintig paar. Haal je ze niet op tijd? Dan bewaar ik ze.",
        Category.OTHER,
        (one("Spikebanden 28 inch", "paar", (1, 6900), (20, 5500), minimum_units=20,
             vat_basis_points=2100),),
        -25, -6, ("Kelder van Gijs", "Javastraat 20, 1094 Amsterdam"),
        (("anouk", (2,), 0, 0), ("bas", (1,), 0, 0), ("kim", (2,), 0, 0)),
        until="cancelled",
        cancelled_because="De importeur heeft de prijs verhoogd; wij zoeken een andere.",
    ),
    Deal(
        "firewood", "metsamesi", "tll", "Dry birch firewood, 40 l nets",
        "Kiln dried, delivered to the courtyard on one lorry.",
        "We load a full lorry for Kalamaja. Each step of the ladder is a fuller lorry; the price "
        "is the same for everyone, whoever joined first.",
        Category.ENERGY,
        (one("Birch, kiln dried", "40 l net", (1, 690), (60, 590), (120, 520), (240, 460),
             minimum_units=60, maximum_units=320, case_size=20, vat_basis_points=2400),),
        -9, 4, ("Courtyard gate", "Kungla 12, Tallinn"),
        (("aino", (30,), 10, 0), ("carmen", (24,), 6, 0), ("daniel", (10,), 0, 0), ("elina", (20,), 10, 0),
         ("felix", (12,), 0, 590), ("grete", (16,), 4, 0)),
        more={"payee": "supplier", "supplier": "metsamesi", "rationing": Rationing.PRO_RATA},
        by_card=("daniel", "grete"),
    ),
    Deal(
        "rye", "kalamaja", "tll", "Organic rye flour from Saaremaa, 10 kg bags",
        "Stone milled, for those of us who bake.",
        "Carmen bakes with it every Friday. The mill sends a pallet when we take twenty bags.",
        Category.FOOD,
        (one("Whole rye flour", "10 kg bag", (1, 1490), (10, 1290), (20, 1090), minimum_units=10,
             maximum_units=60, vat_basis_points=2400, base_unit="kg", base_units_thousandths=10_000,
             origin="Saaremaa", quality="organic",
             food_information="Ingredients: whole grain RYE.\nAllergens: rye (gluten).\nPer 100 g: 1411 kJ / 335 kcal, "
             "fat 1.7 g, of which saturates 0.2 g, carbohydrate 61 g, of which sugars 1 g, protein 8.8 g, salt 0 g."
             "\nKeep cool and dry."),),
        -22, -2, ("Courtyard cellar", "Kungla 12, Tallinn"),
        (("aino", (2,), 0, 0), ("carmen", (8,), 2, 0), ("daniel", (1,), 0, 0), ("elina", (3,), 0, 0),
         ("felix", (2,), 0, 0), ("grete", (2,), 0, 0), ("boris", (2,), 0, 0)),
        until="decided", by_card=("daniel", "elina", "felix"), declined=("felix",),
    ),
    Deal(
        "led", "boris", "tll", "LED tubes for stairwells", "Replace the old ones once and for all.",
        "Warm white, five years of warranty. I fit them for free in our three houses.",
        Category.HOUSEHOLD,
        (one("LED tube 120 cm", "piece", (1, 1190), (50, 890), (100, 790), minimum_units=50,
             vat_basis_points=2400),),
        -1, 16, ("Workshop", "Kopli 35, Tallinn"),
        (("aino", (12,), 0, 0), ("henrik", (20,), 0, 0)), by_card=("henrik",),
        reported=("elina", "The picture shows another make than the one he fitted in our stairwell."),
    ),
)  # fmt: skip

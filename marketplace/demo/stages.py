# ruff: noqa: E501
"""Group buys of the demo world that each stand at a stage of their own, for those who organise."""

from marketplace.demo.deal import Deal, one
from models.collaborations import Category

STAGES = (
    Deal(
        "saatgut", "dörte", "bhv", "Saatgut fürs Frühjahr, samenfest",
        "Tomaten, Bohnen, Ringelblumen: vom Verein, in Tütchen gefüllt.",
        "Der Verein gibt ab hundert Tütchen Rabatt. Ich fülle sie mit den Kindern ab und verteile sie im Februar.",
        Category.GARDEN,
        (one("Tomate Harzfeuer", "Tütchen", (1, 290), (30, 220), minimum_units=10, vat_basis_points=700),
         one("Buschbohne Marona", "Tütchen", (1, 260), minimum_units=10, vat_basis_points=700),
         one("Ringelblume", "Tütchen", (1, 190), minimum_units=5, vat_basis_points=700)),
        2, 23, ("Gartenlaube 14", "Kolonie Am Kehl, 27576 Bremerhaven"), until="scheduled",
    ),
    Deal(
        "kerzen", "bruno", "bhv", "Kerzen aus Bienenwachs, gegossen in Wulsdorf",
        "Ein Karton mit zwölf Stumpenkerzen, zusammen mit der Imkerei.",
        "Die Imkerei gießt im Dezember noch einmal, wenn genug mitmachen. Verkauft wird von ihr selbst.",
        Category.HOUSEHOLD,
        (one("Stumpenkerze, 12 Stück", "Karton", (1, 5400), (10, 4800), minimum_units=6,
             vat_basis_points=1900),),
        1, 15, ("Brunos Garage", "Goethestraße 31, 27576 Bremerhaven"),
        until="in_review", more={"payee": "supplier", "supplier": "deichimkerei", "circle": "goethe"},
    ),
    Deal(
        "wool", "aino", "tll", "Undyed wool yarn from Muhu",
        "Two-ply, from sheep that graze by the sea.",
        "The spinning mill takes an order from twenty skeins on. We dye it together in the courtyard.",
        Category.CLOTHING,
        (one("Two-ply yarn, undyed", "100 g skein", (1, 890), (20, 760), (60, 690), minimum_units=20,
             vat_basis_points=2400),),
        -5, 9, ("Courtyard cellar", "Kungla 12, Tallinn"),
        (("carmen", (4,), 1, 0), ("elina", (6,), 2, 0), ("grete", (3,), 0, 0)),
        paused_because="The mill is finding out whether it has enough grey wool left.",
    ),
    Deal(
        "apfelsaft", "frauke", "bhv", "Apfelsaft von der Mosterei, fünf Liter",
        "Streuobst aus dem Alten Land, im Karton mit Hahn.",
        "Die Mosterei bringt am Samstag die Kartons. Wir stellen sie in die Speisekammer.",
        Category.FOOD,
        (one("Apfelsaft naturtrüb", "5-l-Karton", (1, 990), (20, 850), minimum_units=12, vat_basis_points=1900,
             base_unit="l", base_units_thousandths=5000, origin="Altes Land", quality="Streuobst",
             food_information="100 % Apfelsaft, naturtrüb. Je 100 ml: 46 kcal, 11 g Kohlenhydrate, davon 10 g Zucker."),),
        -16, -2, ("Speisekammer", "Rickmersstraße 58, 27576 Bremerhaven"),
        (("alma", (3,), 1, 0), ("bruno", (2,), 0, 0), ("cem", (6,), 2, 0), ("hanna", (2,), 0, 0), ("nele", (1,), 0, 0)),
        until="ordered", by_card=("hanna", "cem"), questioned=("cem",),
        announcement="Die Mosterei kommt am Samstag um zehn. Wer tragen kann, ist willkommen.",
        guest=("Waltraud Ahrens", "Klingeln bei Ahrens, zweiter Stock", (2,)),
    ),
    Deal(
        "tulpen", "ineke", "ams", "Biologische tulpenbollen, gemengd",
        "Vijftig bollen per zak, van een kweker in de Noordoostpolder.",
        "De kweker levert vanaf vijftien zakken. Ik pak ze in de schuur van de volkstuin.",
        Category.GARDEN,
        (one("Tulpenbollen, gemengd", "zak van 50", (1, 1450), (15, 1190), minimum_units=15, vat_basis_points=900),),
        -20, -4, ("Volkstuin 88", "Middenweg 550, 1097 Amsterdam"),
        (("anouk", (4,), 1, 0), ("chantal", (3,), 0, 0), ("esra", (2,), 0, 0), ("gijs", (5,), 1, 0), ("kim", (3,), 0, 0)),
        until="delivered", short=1,
    ),
    Deal(
        "regal", "gerd", "bhv", "Einmachgläser mit Bügel, Karton zu sechs",
        "Ein Liter, mit Gummi, für Kompott und Kimchi.",
        "Sechs Gläser im Karton. Wer keinen Platz hat, teilt sich einen mit der Nachbarin.",
        Category.HOUSEHOLD,
        (one("Bügelglas 1 l, 6 Stück", "Karton", (1, 1890), (10, 1590), minimum_units=8, vat_basis_points=1900),),
        -32, -14, ("Werkstatt", "Potsdamer Straße 12, 27576 Bremerhaven"),
        (("alma", (2,), 0, 0), ("dörte", (4,), 0, 0), ("ilse", (1,), 0, 0), ("lutz", (3,), 0, 0)),
        until="completed",
    ),
)  # fmt: skip

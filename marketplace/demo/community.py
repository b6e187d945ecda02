# ruff: noqa: E501
"""The circles of the demo world: who founded them, who came, what they say to each other."""

from dataclasses import dataclass

from models.circles import Admission, CircleKind, CircleRole, CircleVisibility

Talk = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Community:
    """One circle. `came` are (who, by whose link or ""); `talk` is (who, comment, answers)."""

    key: str
    founder: str
    town: str
    name: str
    kind: CircleKind
    summary: str
    description: str
    founded_on: int
    rules: str
    came: tuple[tuple[str, str], ...]
    talk: tuple[Talk, ...]
    visibility: CircleVisibility = CircleVisibility.PUBLIC
    admission: Admission = Admission.FREE
    question: str = ""
    roles: tuple[tuple[str, CircleRole], ...] = ()
    # Who waits to be let in, with their answer.
    asks: tuple[tuple[str, str], ...] = ()
    # What whoever runs it wrote to all.
    word: str = ""


COMMUNITIES = (
    Community(
        "goethe",
        "alma",
        "bhv",
        "Goethestraße hilft",
        CircleKind.NEIGHBOURHOOD,
        "Wir kaufen zusammen ein, leihen uns Werkzeug und wissen, wer nebenan wohnt.",
        "Angefangen hat es mit einem Kanister Olivenöl. Inzwischen bestellen wir fast jeden Monat "
        "etwas, und wer einen Bohrer braucht, fragt erst hier.\n\n- Treffpunkt: Brunos Garage, "
        "erster Samstag im Monat\n- Wer neu ist, stellt sich im Gespräch kurz vor",
        -45,
        "1. Wir duzen uns und bleiben freundlich, auch wenn etwas schiefgeht.\n2. Wer etwas leiht, "
        "bringt es sauber zurück.\n3. Werbung gehört nicht hierher.",
        (
            ("bruno", "alma"),
            ("cem", "alma"),
            ("dörte", "bruno"),
            ("gerd", "bruno"),
            ("ilse", ""),
            ("hanna", "cem"),
            ("lutz", ""),
            ("mina", "hanna"),
            ("speisekammer", "alma"),
        ),
        (
            (
                "bruno",
                "Die Garage ist aufgeräumt, die Palette passt jetzt hinein. Wer kommt am "
                "Samstag zum Verteilen? @ilse-brandt, bringst du Kuchen mit?",
                (("ilse", "Apfel vom Blech, wie immer."), ("gerd", "Ich bringe die Sackkarre.")),
            ),
            (
                "mina",
                "Hallo, ich bin Mina aus Nummer 17 und gebe Nachhilfe in Mathe. Schön, dass es euch gibt.",
                (("alma", "Willkommen, Mina. Am Samstag lernst du die halbe Straße kennen."),),
            ),
            (
                "dörte",
                "Hat jemand eine lange Leiter? Unsere Dachrinne läuft über.",
                (("bruno", "Drei Meter achtzig, hängt in der Garage links."),),
            ),
        ),
        roles=(("bruno", CircleRole.STEWARD), ("cem", CircleRole.TREASURER)),
        word="Am ersten Samstag im Monat ist wieder Garagentreff, ab drei Uhr. Bitte Becher mitbringen.",
    ),
    Community(
        "imkerei",
        "deichimkerei",
        "bhv",
        "Freunde der Deichimkerei",
        CircleKind.CUSTOMERS,
        "Unsere Kundschaft redet mit: welcher Honig, welches Glas, wann geschleudert wird.",
        "Hier fragen wir euch, bevor wir etwas ändern. Wer Honig von uns isst, gehört dazu.",
        -16,
        "Sagt, was euch nicht schmeckt. Nur so lernen wir etwas.",
        (("karin", "deichimkerei"), ("frauke", "deichimkerei"), ("cem", "frauke")),
        (
            (
                "deichimkerei",
                "Sollen wir die Pfandgläser gegen leichtere tauschen? Sie wären 80 g "
                "leichter, aber nicht mehr so standfest.",
                (
                    ("frauke", "Lieber die schweren. Die leichten sind mir zweimal umgefallen."),
                    ("cem", "Für die Küche wäre mir ein Eimer am liebsten."),
                ),
            ),
        ),
        visibility=CircleVisibility.LISTED,
        admission=Admission.REQUEST,
        question="Was kaufst du bei uns, und was fehlt dir?",
        asks=(("nele", "Den cremigen Rapshonig. Mir fehlt einer mit Nüssen."),),
    ),
    Community(
        "pijp",
        "chantal",
        "ams",
        "Kookgroep De Pijp",
        CircleKind.BUYING,
        "Samen koken en groot inkopen: van rijst tot olijfolie.",
        "Elke donderdag koken we in het buurthuis. Wat we nodig hebben, kopen we samen in, en wat "
        "overblijft gaat naar de buren.",
        -18,
        "Wie mee-eet, wast mee af. Afmelden kan tot woensdagavond.",
        (
            ("anouk", "chantal"),
            ("esra", "chantal"),
            ("hassan", "anouk"),
            ("kim", ""),
            ("bas", "esra"),
            ("lotte", ""),
            ("noordkoop", "anouk"),
        ),
        (
            (
                "esra",
                "Ik maak donderdag mantı voor twintig mensen. Wie helpt vouwen?",
                (
                    ("kim", "Ik kom om vier uur, met een scherp mes."),
                    ("hassan", "Wij zijn met z’n tweeën."),
                ),
            ),
            ("hassan", "Er is nog vijf kilo linzen over van vorige week. Wie wil ze?", ()),
        ),
        roles=(("anouk", CircleRole.TREASURER),),
    ),
    Community(
        "brandt",
        "ilse",
        "bhv",
        "Strickrunde bei Ilse",
        CircleKind.TEAM,
        "Decken für das Kinderheim, bis Weihnachten.",
        "Wir sind zu viert und stricken zwölf Decken. Wolle bestellen wir zusammen.",
        -10,
        "Wer eine Masche fallen lässt, erzählt es keinem.",
        (("hanna", "ilse"), ("frauke", "ilse")),
        (
            (
                "hanna",
                "Meine zweite Decke ist fertig, in Grün.",
                (("ilse", "Dann sind es sieben."),),
            ),
        ),
        visibility=CircleVisibility.PRIVATE,
        admission=Admission.INVITATION,
    ),
)

# ruff: noqa: E501
"""Who lives in the demo world: neighbours, freelancers, co-ops and companies of three towns."""

from dataclasses import dataclass

from slugify import slugify

from services.members.signing_in import DEMO_DOMAIN

NEIGHBOURS = "@neighbours.allmende.example"


@dataclass(frozen=True)
class Town:
    """A town with its coordinates, the language most write in, and its time zone."""

    name: str
    latitude: float
    longitude: float
    lang: str
    time_zone: str


TOWNS = {
    "bhv": Town("Bremerhaven", 53.55, 8.58, "de", "Europe/Berlin"),
    "ams": Town("Amsterdam", 52.37, 4.89, "nl", "Europe/Amsterdam"),
    "tll": Town("Tallinn", 59.44, 24.75, "en", "Europe/Tallinn"),
}


@dataclass(frozen=True)
class Person:
    """A member; `role` is empty, or what they do for the instance."""

    key: str
    name: str
    town: str
    languages: tuple[str, ...]
    skills: tuple[str, ...]
    about: str
    role: str = ""

    @property
    def email(self) -> str:
        """Those who stand on the sign-in page have an address that the sign-in recognises."""
        offered = {key for key, _ in SIGN_INS}
        return f"{slugify(self.key)}{DEMO_DOMAIN if self.key in offered else NEIGHBOURS}"


@dataclass(frozen=True)
class Organisation:
    """An organisation and who runs it, the owner first."""

    key: str
    name: str
    town: str
    is_trader: bool
    people: tuple[str, ...]
    about: str
    street: str = ""
    vat_number: str = ""


PEOPLE = (
    Person("alma", "Alma Petersen", "bhv", ("de", "en"), ("Backen", "Nähen"),
           "Ich wohne seit zwanzig Jahren in Lehe und organisiere gern, was die Straße braucht."),
    Person("bruno", "Bruno Wilke", "bhv", ("de",), ("Fahrräder reparieren",),
           "Rentner, früher Schlosser auf der Werft. Habe eine Garage mit Platz."),
    Person("cem", "Cem Aydın", "bhv", ("de", "tr"), ("Kochen", "Übersetzen"),
           "Koch. Kaufe lieber einen Sack als zehn Tüten."),
    Person("dörte", "Dörte Hansen-Kruse", "bhv", ("de",), ("Garten",),
           "Kleingarten, drei Kinder, immer Hunger."),
    Person("emil", "Emil Janssen", "bhv", ("de", "en"), ("Webseiten", "Fotografie"),
           "Freiberufler: Webseiten und Fotos für kleine Betriebe."),
    Person("frauke", "Frauke Behrens", "bhv", ("de",), ("Buchhaltung", "Steuererklärung"),
           "Steuerfachangestellte, backe Sauerteigbrot."),
    Person("gerd", "Gerd Oltmanns", "bhv", ("de", "nds"), ("Tischlern",),
           "Platt snacken und Holz sägen."),
    Person("hanna", "Hanna Lührs", "bhv", ("de", "en"), ("Yoga",), "Yogalehrerin am Deich."),
    Person("ilse", "Ilse Brandt", "bhv", ("de",), ("Stricken", "Vorlesen"),
           "81 Jahre. Ich mag große Schrift und kurze Wege."),
    Person("jonas", "Jonas Meyer", "bhv", ("de", "en"), ("Solartechnik",),
           "Elektriker. Balkonkraftwerke sind mein Steckenpferd."),
    Person("karin", "Karin Stolle", "bhv", ("de",), ("Imkern",), "Zwölf Völker in Wulsdorf."),
    Person("lutz", "Lutz Freese", "bhv", ("de",), ("Lastenrad",), "Fahre gern was durch die Stadt."),
    Person("mina", "Mina Rahimi", "bhv", ("de", "fa", "en"), ("Mathe-Nachhilfe",),
           "Studiere Logistik an der Hochschule."),
    Person("nele", "Nele Tiedemann", "bhv", ("de",), ("Singen",), "Neu in der Stadt und neugierig."),
    Person("anouk", "Anouk de Vries", "ams", ("nl", "en", "fr"), ("Grafisch ontwerp",),
           "Grafisch ontwerper op Noord. Ik regel de groenteavond van onze straat."),
    Person("bas", "Bas Jansen", "ams", ("nl", "en"), ("Timmeren",), "Timmerman met een busje."),
    Person("chantal", "Chantal Mulder", "ams", ("nl",), ("Koken",), "Kok in een buurthuis."),
    Person("dirk", "Dirk van Dam", "ams", ("nl", "en"), ("Fotografie",), "Fotograaf, vader van twee."),
    Person("esra", "Esra Kaya", "ams", ("nl", "tr"), ("Naaien",), "Naaiatelier aan huis."),
    Person("floor", "Floor Bakker", "ams", ("nl", "en"), ("Belastingaangifte",),
           "Boekhouder voor zzp'ers; koopt koffie per kilo."),
    Person("gijs", "Gijs Hendriks", "ams", ("nl",), ("Fietsen repareren",), "Fiets kapot? Bel aan."),
    Person("hassan", "Hassan El Amrani", "ams", ("nl", "ar", "fr"), ("Vertalen",),
           "Docent Frans, kookt voor velen."),
    Person("ineke", "Ineke Smit", "ams", ("nl",), ("Tuinieren",), "Volkstuin in de Watergraafsmeer."),
    Person("joost", "Joost Visser", "ams", ("nl", "en"), ("Webontwikkeling",), "Freelance ontwikkelaar."),
    Person("kim", "Kim Nguyen", "ams", ("nl", "en", "vi"), ("Yoga",), "Woont op een boot."),
    Person("lotte", "Lotte Peters", "ams", ("nl", "en"), ("Schrijven",),
           "Schrijft voor de buurtkrant en houdt de boekenruil bij.", "moderator"),
    Person("aino", "Aino Tamm", "tll", ("et", "en", "fi"), ("Illustration",),
           "Illustrator in Kalamaja; runs the courtyard's bulk orders."),
    Person("boris", "Boris Ivanov", "tll", ("ru", "et", "en"), ("Electrical work",),
           "Electrician. Solar panels on every shed."),
    Person("carmen", "Carmen Saar", "tll", ("et", "en"), ("Baking",), "Rye bread, every Friday."),
    Person("daniel", "Daniel Kask", "tll", ("et", "en"), ("Software",), "Remote developer, two cats."),
    Person("elina", "Elina Rebane", "tll", ("et", "en", "ru"), ("Translation",),
           "Translates between Estonian, Russian and English."),
    Person("felix", "Felix Mägi", "tll", ("et", "en", "de"), ("Photography",), "Ski trips and cameras."),
    Person("grete", "Grete Lepik", "tll", ("et", "en"), ("Accounting", "Tax return"),
           "Accountant for small companies."),
    Person("henrik", "Henrik Õun", "tll", ("et", "en"), ("Carpentry",),
           "Builds saunas. Looks after this instance.", "operator"),
)  # fmt: skip

ORGANISATIONS = (
    Organisation("speisekammer", "Speisekammer Lehe", "bhv", False, ("alma", "frauke"),
                 "Foodcoop mit 60 Haushalten. Wir bestellen alle zwei Wochen gemeinsam."),
    Organisation("naturkost", "Naturkost Weser-Ems GmbH", "bhv", True, ("emil",),
                 "Großhandel für Bio-Lebensmittel, Anbauverband zuerst.", "Am Handelshafen 12"),
    Organisation("deichimkerei", "Deichimkerei Stolle", "bhv", True, ("karin",),
                 "Honig von der Wesermündung, geschleudert im Juli.", "Weserstraße 88", "DE314159265"),
    Organisation("balkonstrom", "Balkonstrom Nord eG", "bhv", True, ("jonas",),
                 "Genossenschaft für kleine Solaranlagen.", "Columbusstraße 2"),
    Organisation("noordkoop", "Noorderkoop", "ams", False, ("anouk", "chantal"),
                 "Voedselcoöperatie in Amsterdam-Noord."),
    Organisation("brandstof", "Koffiebranderij De Kade", "ams", True, ("floor",),
                 "Wij branden op donderdag en bezorgen met de bakfiets.", "NDSM-plein 7"),
    Organisation("kalamaja", "Kalamaja Courtyard", "tll", False, ("aino", "carmen"),
                 "Forty flats around one courtyard, one cellar, many shared orders."),
    Organisation("metsamesi", "Metsa Puit OÜ", "tll", True, ("boris",),
                 "Firewood and sauna timber from family forests.", "Kopli 35"),
)  # fmt: skip

# Who stands on the sign-in page, and as what.
SIGN_INS = (
    ("nele", "consumer"),
    ("emil", "freelancer"),
    ("jonas", "company"),
    ("lotte", "moderator"),
    ("henrik", "operator"),
    ("frauke", "member of the food co-op"),
    ("karin", "beekeeper who sells"),
)

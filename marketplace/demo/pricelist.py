# ruff: noqa: E501
"""The wholesaler's price list of the demo world, in the trade's own format (BNN 3)."""

# Name, second line, maker, origin, category, units in a case, unit, cents net, VAT code, base.
ARTICLES = (
    ("Haferflocken Großblatt", "Kleinblatt auf Anfrage", "spi", "D", "Getreide", 6, "1kg", 189, 1, "Kg;1"),
    ("Dinkelmehl 630", "fein gemahlen", "spi", "D", "Getreide", 8, "1kg", 159, 1, "Kg;1"),
    ("Roggenvollkornmehl", "aus der Heide", "spi", "D", "Getreide", 8, "1kg", 139, 1, "Kg;1"),
    ("Weizengrieß", "hart", "spi", "D", "Getreide", 6, "500g", 129, 1, "Kg;2"),
    ("Hirse", "geschält", "dav", "A", "Getreide", 6, "500g", 219, 1, "Kg;2"),
    ("Quinoa weiß", "gewaschen", "dav", "PE", "Getreide", 6, "500g", 349, 1, "Kg;2"),
    ("Basmatireis", "duftend, Demeter", "dav", "IN", "Getreide", 6, "1kg", 399, 1, "Kg;1"),
    ("Rundkornreis", "für Risotto", "dav", "IT", "Getreide", 6, "1kg", 329, 1, "Kg;1"),
    ("Spaghetti Semola", "Bronze gezogen", "fel", "IT", "Nudeln", 12, "500g", 149, 1, "Kg;2"),
    ("Penne Vollkorn", "Hartweizen", "fel", "IT", "Nudeln", 12, "500g", 159, 1, "Kg;2"),
    ("Fusilli Dinkel", "aus Umbrien", "fel", "IT", "Nudeln", 12, "500g", 229, 1, "Kg;2"),
    ("Rote Linsen", "geschält", "dav", "TR", "Hülsenfrüchte", 6, "500g", 199, 1, "Kg;2"),
    ("Tellerlinsen", "aus der Schwäbischen Alb", "alb", "D", "Hülsenfrüchte", 6, "500g", 289, 1, "Kg;2"),
    ("Belugalinsen", "klein und fest", "dav", "CA", "Hülsenfrüchte", 6, "500g", 279, 1, "Kg;2"),
    ("Kichererbsen", "Kaliber 9", "dav", "IT", "Hülsenfrüchte", 6, "500g", 199, 1, "Kg;2"),
    ("Schwarze Bohnen", "", "dav", "CN", "Hülsenfrüchte", 6, "500g", 219, 1, "Kg;2"),
    ("Weiße Bohnen", "", "dav", "D", "Hülsenfrüchte", 6, "500g", 239, 1, "Kg;2"),
    ("Walnusskerne", "halbe, Licht", "nus", "FR", "Nüsse", 4, "500g", 899, 1, "Kg;2"),
    ("Haselnüsse", "ganz", "nus", "TR", "Nüsse", 4, "500g", 749, 1, "Kg;2"),
    ("Mandeln", "braun", "nus", "ES", "Nüsse", 4, "500g", 829, 1, "Kg;2"),
    ("Cashewbruch", "zum Kochen", "nus", "VN", "Nüsse", 4, "500g", 649, 1, "Kg;2"),
    ("Sonnenblumenkerne", "", "nus", "BG", "Saaten", 6, "500g", 189, 1, "Kg;2"),
    ("Kürbiskerne", "steirisch", "nus", "A", "Saaten", 6, "250g", 329, 1, "Kg;4"),
    ("Leinsamen", "braun", "nus", "D", "Saaten", 6, "500g", 169, 1, "Kg;2"),
    ("Sesam", "ungeschält", "nus", "UG", "Saaten", 6, "250g", 159, 1, "Kg;4"),
    ("Rosinen", "Sultaninen", "dav", "TR", "Trockenfrüchte", 6, "500g", 249, 1, "Kg;2"),
    ("Aprikosen", "ungeschwefelt", "dav", "TR", "Trockenfrüchte", 6, "500g", 549, 1, "Kg;2"),
    ("Datteln Deglet Nour", "ohne Stein", "dav", "TN", "Trockenfrüchte", 6, "500g", 399, 1, "Kg;2"),
    ("Feigen", "", "dav", "TR", "Trockenfrüchte", 6, "500g", 529, 1, "Kg;2"),
    ("Passata", "aus reifen Tomaten", "lsm", "IT", "Tomaten", 6, "690g", 189, 1, "Kg;1,45"),
    ("Tomaten gehackt", "Dose", "lsm", "IT", "Tomaten", 12, "400g", 119, 1, "Kg;2,5"),
    ("Tomatenmark", "doppelt", "lsm", "IT", "Tomaten", 12, "200g", 139, 1, "Kg;5"),
    ("Olivenöl nativ extra", "Apulien", "lsm", "IT", "Öle", 6, "1l", 1190, 1, "l;1"),
    ("Sonnenblumenöl", "desodoriert", "bys", "D", "Öle", 6, "1l", 389, 1, "l;1"),
    ("Rapsöl kaltgepresst", "", "bys", "D", "Öle", 6, "750ml", 449, 1, "l;1,333"),
    ("Apfelessig naturtrüb", "", "bys", "D", "Öle", 6, "1l", 249, 1, "l;1"),
    ("Rübenzucker", "fein", "nat", "D", "Backen", 10, "1kg", 239, 1, "Kg;1"),
    ("Backpulver", "mit Weinstein", "nat", "D", "Backen", 20, "4x17g", 119, 1, "Kg;14,7"),
    ("Trockenhefe", "", "nat", "D", "Backen", 20, "9g", 59, 1, "Kg;111"),
    ("Kakao", "stark entölt", "nat", "DO", "Backen", 6, "250g", 449, 1, "Kg;4"),
    ("Zartbitterkuvertüre", "60 %", "nat", "DO", "Backen", 6, "200g", 349, 1, "Kg;5"),
    ("Espresso Bohnen", "dunkel", "lam", "HN", "Getränke", 6, "1kg", 1790, 1, "Kg;1"),
    ("Schwarztee Assam", "lose", "leb", "IN", "Getränke", 6, "250g", 599, 1, "Kg;4"),
    ("Apfelsaft naturtrüb", "Mehrweg", "vos", "D", "Getränke", 6, "1l", 179, 2, "l;1"),
    ("Hafer Drink", "ohne Zucker", "nat", "D", "Getränke", 8, "1l", 129, 2, "l;1"),
    ("Erdbeeraufstrich", "75 % Frucht", "all", "D", "Aufstriche", 6, "225g", 329, 1, "Kg;4,44"),
    ("Tahin", "weiß", "rap", "GR", "Aufstriche", 6, "250g", 399, 1, "Kg;4"),
    ("Erdnussmus", "cremig", "rap", "BR", "Aufstriche", 6, "500g", 549, 1, "Kg;2"),
    ("Senf mittelscharf", "", "bys", "D", "Aufstriche", 6, "200ml", 179, 1, "l;5"),
    ("Meersalz fein", "Atlantik", "erd", "PT", "Gewürze", 12, "500g", 139, 1, "Kg;2"),
    ("Pfeffer schwarz", "ganz", "leb", "LK", "Gewürze", 6, "50g", 289, 1, "Kg;20"),
    ("Paprika edelsüß", "", "leb", "ES", "Gewürze", 6, "50g", 249, 1, "Kg;20"),
    ("Spülmittel", "Nachfüllkanister", "son", "D", "Haushalt", 1, "5l", 1490, 2, "l;0,2"),
    ("Waschpulver", "Baukasten", "son", "D", "Haushalt", 4, "2,4kg", 899, 2, "Kg;0,417"),
    ("Toilettenpapier", "Recycling, 8 Rollen", "saf", "D", "Haushalt", 8, "8St", 369, 2, ""),
)  # fmt: skip
FIELDS = 70


def price_list() -> bytes:
    """The list as its file: code page 850, semicolons, decimal commas."""
    lines = ["BNN;3;0;Naturkost Weser-Ems;T;Winter;EUR;20261101;20270131;20261025;900;1"]
    for number, article in enumerate(ARTICLES, start=4001):
        lines.append(_line(number, *article))
    return "\r\n".join([*lines, ";;99", ""]).encode("cp850")


def _line(
    number: int,
    name: str,
    second: str,
    maker: str,
    origin: str,
    category: str,
    case: int,
    unit: str,
    net_cents: int,
    vat_code: int,
    base: str,
) -> str:
    fields = [""] * FIELDS
    fields[0], fields[1] = str(number), "A"
    fields[6], fields[7], fields[10], fields[12] = name, second, maker, origin
    fields[14], fields[16] = "DE-ÖKO-001", category
    fields[21], fields[22], fields[23] = f"{case} x {unit}", str(case), unit
    fields[33], fields[37] = str(vat_code), f"{net_cents // 100},{net_cents % 100:02d}"
    fields[65], _, fields[66] = base.partition(";")
    return ";".join(fields)

"""The titles of Foodsoft's article file in the languages it is written in."""

from collections.abc import Mapping

from services.pricelists.tables import compared

_TITLES: Mapping[str, tuple[str, ...]] = {
    "available": ("avail.", "available", "verf.", "verfügbar", "besch.", "beschikbaar", "status"),
    "order_number": (
        "Order number",
        "Bestellnummer",
        "Artikelnummer",
        "Art. nummer",
        "Bestelnummer",
    ),
    "name": ("Name", "Naam", "Productnaam"),
    "order_unit": ("Supplier order unit", "Bestelleinheit", "Lieferanten-Bestelleinheit"),
    "unit": ("Unit", "Einheit", "Eenheid"),
    "ratios": ("Ratios to supplier order unit", "Verhältnisse zur Bestelleinheit"),
    "case_size": ("Unit quantity", "Gebindegröße", "Gebindegroesse", "Colligrootte", "Gebinde"),
    "minimum": ("Minimum order quantity", "Mindestbestellmenge", "Minimale bestelhoeveelheid"),
    "billing_unit": ("Billing unit", "Abrechnungseinheit", "Verrechnungseinheit"),
    "granularity": ("Group order granularity", "Granularität der Gruppenbestellung"),
    "group_unit": ("Group order unit", "Gruppenbestelleinheit"),
    "net_price": (
        "Price (net)",
        "Net price",
        "Preis (netto)",
        "Preis(netto)",
        "Nettopreis",
        "Prijs (netto)",
        "Nettoprijs",
        "Prijs ex btw",
        "Prijs excl. btw",
    ),
    "price_unit": ("Price unit", "Preiseinheit", "Prijseenheid"),
    "vat": ("VAT", "Tax", "MwSt", "MwSt.", "USt", "BTW", "BTW (%)"),
    "deposit": ("Deposit", "Pfand", "Statiegeld"),
    "note": ("Note", "Notiz", "Notitie"),
    "category": ("Category", "Kategorie", "Categorie", "Categorienaam"),
    "origin": ("Origin", "Herkunft", "Herkomst"),
    "maker": ("Manufacturer", "Hersteller", "Produzent", "Producent", "Fabrikant"),
}

NAMES: Mapping[str, str] = {
    compared(title): name for name, titles in _TITLES.items() for title in titles
}
REQUIRED: Mapping[str, str] = {
    "order_number": "Order number",
    "name": "Name",
    "net_price": "Price (net)",
    "vat": "VAT",
}
TEXTS = frozenset({"note", "category", "origin", "maker"})

"""The languages people here may say they speak, each by its own name."""

from babel import Locale

# Europe's, and those most spoken beside them in the countries whose places we know.
SPOKEN = (
    "ar", "bg", "bs", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "hr", "hu", "it",
    "ku", "lt", "lv", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "so", "sq", "sr", "sv", "tr",
    "uk", "vi", "zh",
)  # fmt: skip


def language_name(code: str) -> str:
    """ "Deutsch" for "de": readers find their own language by its own name."""
    return Locale.parse(code).get_display_name(code) or code


def spoken() -> list[tuple[str, str]]:
    """Codes and names, sorted by name."""
    return sorted(((code, language_name(code)) for code in SPOKEN), key=lambda one: one[1].lower())

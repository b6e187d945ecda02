"""IBANs: whether an account number can be right, before anybody sends money to it."""

import re

from services.transfers.references import remainder

# ISO 13616: how many characters an IBAN has, by country; the countries of SEPA.
LENGTHS = {
    "AD": 24, "AL": 28, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
    "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21,
    "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27,
    "MD": 24, "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24,
    "RS": 22, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "VA": 22,
}  # fmt: skip

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)


def packed(text: str) -> str:
    """An account number without the spaces that people put into it, in capitals."""
    return re.sub(r"[\s-]", "", text).upper()


def is_iban(text: str) -> bool:
    """Whether a packed IBAN has its country's length and right check digits (mod 97 = 1)."""
    return (
        _IBAN.fullmatch(text) is not None
        and LENGTHS.get(text[:2]) == len(text)
        and remainder(text[4:] + text[:4]) == 1
    )


def is_bic(text: str) -> bool:
    """Whether a packed BIC is written as ISO 9362 says."""
    return _BIC.fullmatch(text) is not None

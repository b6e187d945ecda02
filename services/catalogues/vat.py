"""VAT rates for lists that name codes instead of rates; who uploads a list may change them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class VatRates:
    """Basis points: the reduced rate (code 1 of BNN) and the standard rate (code 2)."""

    reduced_basis_points: int
    standard_basis_points: int

    @property
    def by_code(self) -> dict[int, int]:
        """The rates under BNN's codes."""
        return {1: self.reduced_basis_points, 2: self.standard_basis_points}


# By country (ISO 3166), as of November 2026: the rate that most food has, and the standard
# rate. Estonia taxes food at the standard rate; its reduced one is for books and medicines.
VAT_RATES: Mapping[str, VatRates] = {
    "AT": VatRates(1000, 2000),
    "BE": VatRates(600, 2100),
    "DE": VatRates(700, 1900),
    "EE": VatRates(900, 2400),
    "FR": VatRates(550, 2000),
    "NL": VatRates(900, 2100),
}
DEFAULT_COUNTRY = "DE"

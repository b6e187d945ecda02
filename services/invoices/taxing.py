"""Taxing: how much tax the lines of a document hold, so that all documents add up. Pure.

The tax of all documents of an order is, at each rate, that of what is owed at this rate: rounded
once, however many documents it took.
"""

from collections.abc import Mapping, Sequence

from models.money import BASIS_POINTS, vat_of
from services.invoices.stating import Stated


def taxes(
    rows: Sequence[Stated], now: Sequence[Stated], before_minor: Mapping[int, int]
) -> list[int]:
    """The tax in each of `rows`, the lines of a new document, in minor units.

    `now` is all that is owed with them, `before_minor` the tax that documents state already, by
    rate.
    """
    found = [0] * len(rows)
    for rate in {row.vat_basis_points for row in rows} - {None}:
        assert rate is not None
        gross_minor = sum(row.gross_minor for row in now if row.vat_basis_points == rate)
        tax_minor = vat_of(gross_minor, rate) - before_minor.get(rate, 0)
        places = [place for place, row in enumerate(rows) if row.vat_basis_points == rate]
        parts = apportioned(tax_minor, [rows[place].gross_minor for place in places], rate)
        for place, part in zip(places, parts, strict=True):
            found[place] = part
    return found


def apportioned(tax_minor: int, grosses_minor: Sequence[int], basis_points: int) -> list[int]:
    """Divide the tax of one rate over lines by largest remainder; the parts add up to it.

    Charges and what is taken off them may stand beside each other. What takes back is the mirror
    of what charged.
    """
    if sum(grosses_minor) < 0:
        mirrored = [-minor for minor in grosses_minor]
        return [-part for part in apportioned(-tax_minor, mirrored, basis_points)]
    whole = BASIS_POINTS + basis_points
    parts = [minor * basis_points // whole for minor in grosses_minor]
    each, left = divmod(tax_minor - sum(parts), len(parts))
    by_remainder = sorted(
        range(len(parts)), key=lambda place: -(grosses_minor[place] * basis_points % whole)
    )
    for rank, place in enumerate(by_remainder):
        parts[place] += each + (rank < left)
    return parts

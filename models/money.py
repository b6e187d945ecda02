"""Money: whole minor units of one currency; parts of a sum always add up to the sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import total_ordering

BASIS_POINTS = 10_000
LARGEST_MINOR = 2**63 - 1


class CurrencyMismatch(TypeError):
    """Two currencies met where only one makes sense: a mistake of ours, not of a member."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the minor unit of a currency: cents, minutes, whatever its row says."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        _refuse_unless_whole(self.minor)
        if not isinstance(self.currency, str) or not 1 <= len(self.currency) <= 16:
            raise TypeError(f"A currency is a code of 1 to 16 characters, not {self.currency!r}.")

    @classmethod
    def from_decimal(cls, amount: Decimal | str, currency: str, exponent: int) -> "Money":
        """Read `amount` in major units; more digits than the currency has are refused.

        Raises ValueError for what is no finite number, is finer than `exponent` allows or passes
        64 bits. Text is read as a decimal; a float is a TypeError.
        """
        if not isinstance(amount, (Decimal, str)):
            raise TypeError(f"An amount is a Decimal or text, not {type(amount).__name__}.")
        try:
            exact = Decimal(amount)
        except InvalidOperation:
            raise ValueError(f"{amount!r} is no amount.") from None
        if not exact.is_finite():
            raise ValueError(f"{amount!r} is no amount.")
        return cls(_scaled(exact, exponent), currency)

    def to_decimal(self, exponent: int) -> Decimal:
        """Return the amount in major units, with exactly `exponent` digits after the point."""
        # Built from its digits, because arithmetic would round to the decimal context.
        digits = tuple(int(digit) for digit in str(abs(self.minor)))
        return Decimal((int(self.minor < 0), digits, -exponent))

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Divide by `weights` so that the parts add up: `split_minor` in this currency."""
        return [Money(part, self.currency) for part in split_minor(self.minor, weights)]

    def __add__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.minor - self._same(other), self.currency)

    def __mul__(self, count: int) -> "Money":
        _refuse_unless_whole(count)
        return Money(self.minor * count, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.minor < self._same(other)

    def __bool__(self) -> bool:
        # Zero is an amount like any other; `if price:` would take it for a missing one.
        raise TypeError("Money is neither true nor false; compare its `minor`.")

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not mix.")
        return other.minor


def split_minor(total: int, weights: Sequence[int]) -> list[int]:
    """Divide `total` minor units by `weights` with the largest remainder; the parts add up.

    One part per weight, in their order. Every part is its exact share rounded up or down; units
    left after rounding down go to the largest remainders, and among equal remainders to the
    earlier weight, so callers give weights in their fixed order. A negative total is the mirror
    of the positive one: a refund takes back exactly what was charged. Raises ValueError unless
    the weights are at least 0 and one of them is more.
    """
    _refuse_unless_whole(total)
    for weight in weights:
        _refuse_unless_whole(weight)
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("Weights are at least 0, and one of them is more.")
    parts = [abs(total) * weight // whole for weight in weights]
    left = abs(total) - sum(parts)
    if left:
        remainders = [abs(total) * weight % whole for weight in weights]
        # The sort is stable, so equal remainders keep the order of the weights.
        largest = sorted(range(len(parts)), key=lambda index: -remainders[index])[:left]
        for index in largest:
            parts[index] += 1
    return parts if total >= 0 else [-part for part in parts]


def vat_of(gross_minor: int, basis_points: int) -> int:
    """Return the tax contained in a gross amount, halves rounded away from zero.

    `basis_points` is the rate on the net amount: 1900 for 19 %. A refund mirrors its charge.
    """
    _refuse_unless_whole(gross_minor)
    _refuse_unless_whole(basis_points)
    if basis_points < 0:
        raise ValueError("A tax rate is at least 0.")
    divisor = BASIS_POINTS + basis_points
    tax = (2 * abs(gross_minor) * basis_points + divisor) // (2 * divisor)
    return tax if gross_minor >= 0 else -tax


def vat_per_line(grosses_minor: Sequence[int], basis_points: int) -> list[int]:
    """Return the tax in each line of one rate, adding up to the tax in their sum.

    Rounding each line alone would drift from the tax on the total; the largest remainder keeps
    both equal. All lines must be charges, or all refunds: mixed signs are a ValueError.
    """
    if any(gross < 0 for gross in grosses_minor) and any(gross > 0 for gross in grosses_minor):
        raise ValueError("Charges and refunds are taxed apart.")
    total = vat_of(sum(grosses_minor), basis_points)
    if not any(grosses_minor):
        return [0] * len(grosses_minor)
    return split_minor(total, [abs(gross) for gross in grosses_minor])


def _scaled(exact: Decimal, exponent: int) -> int:
    sign, digits, power = exact.as_tuple()
    if not any(digits):
        return 0
    # Looked at before it is written out: "1e999999999" would fill the memory.
    if exact.adjusted() + exponent > 18:
        raise ValueError("The amount is too large.")
    shift = int(power) + exponent
    coefficient = int("".join(map(str, digits)))
    if shift < 0:
        coefficient, finer = _cut(coefficient, -shift)
        if finer:
            raise ValueError(f"The amount has more than {exponent} digits after the point.")
    else:
        coefficient *= 10**shift
    if coefficient > LARGEST_MINOR:
        raise ValueError("The amount is too large.")
    return -coefficient if sign else coefficient


def _cut(coefficient: int, places: int) -> tuple[int, bool]:
    if places > len(str(coefficient)):
        return 0, True
    whole, rest = divmod(coefficient, 10**places)
    return whole, rest != 0


def _refuse_unless_whole(number: object) -> None:
    if type(number) is not int:
        raise TypeError(f"Money counts in whole numbers, not {type(number).__name__}.")

"""The worked example of the page that explains group buys; its sums are reckoned, not typed."""

from dataclasses import dataclass

from models.money import Money

CURRENCY = "EUR"


@dataclass(frozen=True)
class Step:
    """From this many units on, everyone pays this price."""

    units: int
    price: Money


@dataclass(frozen=True)
class Example:
    """Cans of olive oil for a street, at a moment when the second step is reached."""

    tiers: tuple[Step, ...] = (
        Step(1, Money(4_000, CURRENCY)),
        Step(20, Money(3_600, CURRENCY)),
        Step(40, Money(3_300, CURRENCY)),
    )
    least: int = 10
    demand: int = 26
    yours: int = 2
    currency: str = CURRENCY

    @property
    def freight(self) -> Money:
        return Money(300, self.currency)

    @property
    def deposit(self) -> Money:
        return Money(100, self.currency) * self.yours

    @property
    def ladder(self) -> list[tuple[int, int]]:
        return [(step.units, step.price.minor) for step in self.tiers]

    @property
    def missing(self) -> int:
        """How many units are missing to the next step."""
        return next(step.units for step in self.tiers if step.units > self.demand) - self.demand

    @property
    def worst(self) -> Money:
        return self.tiers[0].price * self.yours

    @property
    def worst_in_all(self) -> Money:
        return self.worst + self.freight + self.deposit

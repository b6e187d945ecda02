"""Which currencies a card is charged in here, and how Stripe counts them."""

from services.gateways.answers import CurrencyNotChargeable

# Stripe counts these in another minor unit than ISO 4217 does (docs.stripe.com/currencies).
# Sending our minor units would charge a hundred times too much or too little, so none is sent.
COUNTED_DIFFERENTLY = frozenset({"ISK", "MGA", "UGX"})

# Three decimals, of which Stripe wants the last to be zero: who owes 1.005 could never pay it.
TENS_ONLY = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})

CODE_LENGTH = 3


def is_chargeable(currency: str) -> bool:
    """Whether cards can be charged in `currency` at all: no community's own unit is."""
    is_iso = len(currency) == CODE_LENGTH and currency.isascii() and currency.isalpha()
    return is_iso and currency.upper() not in COUNTED_DIFFERENTLY | TENS_ONLY


def stripe_code(currency: str, amount_minor: int) -> str:
    """Give Stripe's name of `currency`.

    Refuses, by CurrencyNotChargeable, community currencies, those Stripe counts in other units
    or more coarsely than we do, and an amount that is not positive.
    """
    if not is_chargeable(currency):
        raise CurrencyNotChargeable(f"Cards are not charged in {currency}.")
    if amount_minor < 1:
        raise CurrencyNotChargeable("A charge needs a positive amount.")
    return currency.lower()

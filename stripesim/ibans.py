"""The test IBANs: bank accounts Stripe publishes, and what becomes of money sent to them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Iban:
    """A bank account, and why payouts to it fail, if they do."""

    number: str
    label: str
    failure: str | None = None

    @property
    def country(self) -> str:
        return self.number[:2]

    @property
    def last4(self) -> str:
        return self.number[-4:]


WORKS = Iban("DE89370400440532013000", "Payouts arrive")
FAILS = Iban("DE62370400440532013001", "Payouts fail", failure="account_closed")
IBANS = (
    WORKS,
    FAILS,
    Iban("AT611904300234573201", "Payouts arrive"),
    Iban("EE382200221020145685", "Payouts arrive"),
    Iban("NL39RABO0300065264", "Payouts arrive"),
)

BY_NUMBER = {iban.number: iban for iban in IBANS}


def numbered(text: str) -> Iban | None:
    """The test IBAN that was typed. Anybody's real one is not taken, and never stored."""
    return BY_NUMBER.get("".join(text.split()).upper())

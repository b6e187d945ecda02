"""The words of chargebacks: why a bank asks, how it stands, and the facts it is told."""

from collections.abc import Mapping

from flask import render_template

from models.chargebacks import ChargebackState
from models.words import N_
from services.chargebacks import LONGEST_ANSWER, Questioned

# After Stripe's page on dispute categories; another word of the bank is "general".
REASONS: Mapping[str, str] = {
    "fraudulent": N_("The cardholder says that they did not order."),
    "product_not_received": N_("The cardholder says that nothing came."),
    "product_unacceptable": N_("The cardholder says that the goods are not as described."),
    "duplicate": N_("The cardholder says that it was charged twice."),
    "credit_not_processed": N_("The cardholder says that money was to go back and did not."),
    "subscription_canceled": N_("The cardholder says that they had cancelled."),
    "unrecognized": N_("The cardholder does not recognise the charge."),
    "general": N_("The cardholder gave no reason that we know."),
}

STATES: Mapping[ChargebackState, tuple[str, str, str]] = {
    ChargebackState.INQUIRY: (
        N_("The bank asks"),
        "warn",
        N_("The money is still here. If nobody answers, the bank may take it back."),
    ),
    ChargebackState.INQUIRY_ANSWERED: (
        N_("The bank decides"),
        "info",
        N_("The bank has your answer. It has not taken the money."),
    ),
    ChargebackState.OPEN: (
        N_("Taken back"),
        "warn",
        N_("The bank has taken the money back until it decides."),
    ),
    ChargebackState.UNDER_REVIEW: (
        N_("The bank decides"),
        "info",
        N_("The bank has your answer. Deciding takes it weeks, sometimes months."),
    ),
    ChargebackState.WON: (
        N_("Won"),
        "good",
        N_("The bank decided that the charge was right. The money is back."),
    ),
    ChargebackState.LOST: (
        N_("Lost"),
        "bad",
        N_("The bank decided for the cardholder. They keep the money, and owe nothing more here."),
    ),
    ChargebackState.CLOSED: (
        N_("Closed"),
        "plain",
        N_("The bank asked and took nothing back."),
    ),
}


def reason(word: str) -> str:
    return REASONS.get(word, REASONS["general"])


def for_bank(found: Questioned, words: str) -> str:
    """What the bank is told: what somebody wrote, whole, and after it what the house knows."""
    left = LONGEST_ANSWER - len(words) - 2
    return f"{words}\n\n{facts_for_bank(found)[:left]}"


def facts_for_bank(found: Questioned) -> str:
    """What the house itself knows of the order, as the bank is told it, in the reader's words."""
    return render_template("chargebacks/facts.jinja", **vars(found)).strip()

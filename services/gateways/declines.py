"""Which declines are final for a card: asking the bank again after those is forbidden.

Hard means that the issuer will never approve this card, or that the card networks count every
further attempt against us (Visa's rules on excessive reattempts, category 1; Stripe's page on
decline codes). All else is soft: another day may be better.
"""

HARD_DECLINES = frozenset(
    {
        "card_not_supported",
        "currency_not_supported",
        "do_not_try_again",
        "expired_card",
        "fraudulent",
        "incorrect_number",
        "invalid_account",
        "invalid_number",
        "lost_card",
        "merchant_blacklist",
        "not_permitted",
        "pickup_card",
        "previously_declined_do_not_retry",
        "restricted_card",
        "revocation_of_all_authorizations",
        "revocation_of_authorization",
        "service_not_allowed",
        "stolen_card",
        "stop_payment_order",
        "test_mode_live_card",
        "transaction_not_allowed",
    }
)

DO_NOT_TRY_AGAIN = "do_not_try_again"


def is_hard(code: str, decline_code: str | None, advice: str | None = None) -> bool:
    """Say whether the same card may never be asked for this again.

    `code` is Stripe's error, `decline_code` the bank's reason, `advice` Stripe's counsel, if any.
    """
    return advice == DO_NOT_TRY_AGAIN or not HARD_DECLINES.isdisjoint({code, decline_code})

"""Why nothing happens, or why an order gets nothing, in the words of a notice."""

from models.words import N_

# By the word of the clearing.
REASONS: dict[str, str] = {
    "no_article_kept": N_("no article reached its threshold."),
    "smallest_order_not_reached": N_("the smallest order value was not reached."),
    "price_too_low": N_("the price did not fall to what you wanted to pay."),
    "rationed_out": N_("others were first, and there was not enough for all."),
    "article_dropped": N_("what you ordered did not reach its threshold."),
    "deal_failed": N_("it did not happen at all."),
    "not_paid": N_("too little was paid."),
    "not_delivered": N_("it was not delivered."),
    "paused_too_long": N_("it was paused, and did not go on within a month of its close."),
    "no_card": N_("you did not give a card before the close."),
    "terms_not_accepted": N_("you did not agree to the new terms until the close."),
}

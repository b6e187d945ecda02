"""The text of every notice, by name; filled and translated when it is read."""

import re

from models.words import N_
from services.notices.community_texts import COMMUNITY

TEXTS: dict[str, str] = {
    # To those who sell.
    "consent-asked": N_(
        "%(organiser)s names you as the seller of %(title)s. Please look whether you agree."
    ),
    "consent-asked-no-longer": N_(
        "%(organiser)s does not ask you any more whether you sell %(title)s."
    ),
    # To those who committed.
    "invited": N_("%(organiser)s invites you to join: %(title)s."),
    "joined": N_("You have joined %(title)s. It will cost you %(worst_case)s at most."),
    "waiting": N_("You are on the waiting list of %(title)s. We will tell you if a place is free."),
    "order-changed": N_(
        "You changed your order in %(title)s. It costs you %(worst_case)s at most."
    ),
    "left": N_("You have left %(title)s. Nothing will be charged."),
    "place-given": N_("A place is free: your order in %(title)s counts from now on."),
    "tipped": N_("Enough have joined %(title)s. If it stays so, it will happen."),
    "untipped": N_(
        "%(title)s: there are not enough any more, as somebody left or the terms have changed. "
        "Perhaps ask around."
    ),
    "extended": N_("%(title)s stays open until %(closes_at)s, because not enough have joined yet."),
    "terms-changed": N_(
        "The terms of %(title)s have changed. See what is new: where it is worse for your order, "
        "the order counts only if you agree until %(closes_at)s."
    ),
    "terms-agreed": N_(
        "You agreed to the new terms of %(title)s. Your order costs you %(worst_case)s at most."
    ),
    "failed": N_("%(title)s did not happen. You owe nothing, and what was paid goes back."),
    "failed-because": N_(
        "%(title)s did not happen: %(reason)s You owe nothing, and what was paid goes back."
    ),
    "cancelled": N_("%(title)s was cancelled. What was held or paid goes back."),
    "cancelled-because": N_("%(title)s was cancelled: %(reason)s What was held or paid goes back."),
    "paused": N_("%(title)s is paused. Nobody can join or change an order for now."),
    "paused-because": N_("%(title)s is paused: %(reason)s"),
    "resumed": N_("%(title)s goes on."),
    "resumed-because": N_("%(title)s goes on: %(reason)s"),
    "in": N_("You are in: %(title)s happens, and your part costs %(due)s."),
    "out": N_("%(title)s happens, but without your order. Nothing will be charged."),
    "out-because": N_("%(title)s happens, but without your order: %(reason)s"),
    "payment-needed": N_("Please pay %(due)s for %(title)s."),
    "payment-declined": N_(
        "Your card was declined for %(title)s. Please try again or use another."
    ),
    "payment-declined-finally": N_(
        "Your card was declined for %(title)s and will not be tried again. Please use another one."
    ),
    "paid-by-hand": N_("Please pay for %(title)s when you fetch your goods."),
    "transfer-wanted": N_(
        "Please transfer %(amount)s for %(title)s by %(until)s: to %(holder)s, IBAN %(iban)s, "
        "reference %(reference)s."
    ),
    "transfer-changed": N_(
        "The account for %(title)s has changed. Please transfer %(amount)s by %(until)s: to "
        "%(holder)s, IBAN %(iban)s, reference %(reference)s."
    ),
    "paid-denied": N_(
        "Those who organise %(title)s say that your payment of %(amount)s did not arrive. Please "
        "talk to them and show your receipt; then you can say once more that you have paid."
    ),
    "paid-denied-finally": N_(
        "Those who organise %(title)s say again that your payment of %(amount)s did not arrive. "
        "If you did pay, report it to the moderators: they look at your receipt."
    ),
    "due-waived": N_("Those who organise %(title)s let you off %(amount)s."),
    "payment-needs-action": N_("Your bank asks you to confirm the payment for %(title)s."),
    "payment-received": N_("We received your payment of %(amount)s for %(title)s. Thank you."),
    "payment-dropped": N_("Your payment for %(title)s did not arrive, so your place was given up."),
    "refunded": N_("You get %(amount)s back for %(title)s."),
    "invoice-issued": N_("Your invoice for %(title)s is here: %(number)s, %(amount)s."),
    "receipt-issued": N_("Your receipt for %(title)s is here: %(number)s, %(amount)s."),
    "credit-note-issued": N_(
        "You owe less for %(title)s: the credit note %(number)s takes %(amount)s back."
    ),
    "ordered": N_("The goods of %(title)s have been ordered."),
    "delivered": N_("The goods of %(title)s have arrived and are being packed."),
    "delivered-short": N_("You get fewer units of %(title)s than you ordered, as less came."),
    "delivered-short-refund": N_(
        "You get fewer units of %(title)s than you ordered, as less came. You pay %(refund)s less."
    ),
    "delivered-weighed": N_(
        "Your goods of %(title)s are weighed. You pay %(refund)s less than the most it could cost."
    ),
    "hand-over-begun": N_("Your goods of %(title)s can be fetched. See when and where."),
    "hand-over-begun-at": N_(
        "Your goods of %(title)s can be fetched: %(place)s, from %(from_at)s."
    ),
    "pickup-changed": N_("The pick-up of %(title)s has changed: %(place)s, from %(from_at)s."),
    "pickup-added": N_("%(title)s can be fetched here, too: %(place)s, from %(from_at)s."),
    "contract-revoked": N_(
        "We received your withdrawal from the contract on %(title)s on %(declared_at)s. You "
        "withdrew from: %(articles)s. Name: %(name)s. Contact: %(contact)s. What you paid goes "
        "back by %(until)s at the latest, in the way you paid. Keep this message as your receipt."
    ),
    "handed-over": N_("You have received your goods of %(title)s."),
    "hand-over-undone": N_(
        "It was noted by mistake that you have received your goods of %(title)s. They wait to be "
        "fetched."
    ),
    "completed": N_("%(title)s is completed. Thank you for taking part."),
    "completed-because": N_(
        "%(title)s is completed. Not everything was fetched, and this became of it: %(reason)s "
        "Thank you for taking part."
    ),
    "settled": N_("The accounts of %(title)s are closed. You can read them."),
    # To those who follow a series.
    "round-open": N_("%(title)s is open again, until %(closes_at)s."),
    "round-opens": N_("%(title)s opens again on %(opens_at)s."),
    # To those who organise.
    "round-drafted": N_(
        "The next round of %(title)s is ready as a draft, to open on %(opens_at)s. "
        "Look at it and open it."
    ),
    "round-in-review": N_(
        "The next round of %(title)s is made and opens as soon as its seller agrees to the terms."
    ),
    "round-opened": N_(
        "The next round of %(title)s is open. Changes in the supplier's list: %(changes)s."
    ),
    "series-held-up": N_(
        "The next round of %(title)s could not be opened. See why, and let it go on."
    ),
    "scheduled": N_("%(title)s is published and opens on %(opens_at)s."),
    "opened": N_("%(title)s is open now."),
    "co-organiser-asked": N_("%(organiser)s asks you to run %(title)s with them."),
    "co-organiser-added": N_("%(name)s runs %(title)s with you now."),
    "co-organiser-declined": N_("%(name)s does not want to run %(title)s with you."),
    "consent-declined": N_("%(supplier)s does not sell %(title)s by these terms: %(reason)s"),
    "someone-joined": N_("%(name)s has joined %(title)s."),
    "someone-left": N_("%(name)s has left %(title)s."),
    "decided": N_("%(title)s is decided and happens. See what you can do next."),
    "supplier-asked": N_("Some did not pay for %(title)s. Please decide whether it goes on."),
    "running": N_("%(title)s: collecting is over. You can order from the supplier now."),
    "someone-revoked": N_(
        "%(name)s (%(contact)s) withdrew on %(declared_at)s from the contract on %(title)s: "
        "%(articles)s. Take the goods back, and give the money back by %(until)s."
    ),
    "someone-dropped": N_("%(name)s did not pay for %(title)s and lost the place."),
    "bank-account-named": N_(
        "Transfers for %(title)s go to the account that ends in %(ending)s from now on. If none of "
        "you has said so, tell those who operate this place at once."
    ),
    # To those who are paid.
    "payout-account-ready": N_("Your account for payouts is ready: what you are owed goes there."),
    "payout-details-needed": N_(
        "Our payment provider needs more details from you before you can be paid."
    ),
    "payout-details-needed-until": N_(
        "Our payment provider needs more details from you by %(until)s, or it stops paying you."
    ),
    "payout-failed": N_(
        "Your bank did not take a payout of %(amount)s. Please check your bank details; then it is "
        "tried again."
    ),
    "payout-planned": N_(
        "The accounts of %(title)s are closed. %(amount)s of its card payments are sent to your "
        "account for payouts."
    ),
    "payout-planned-with-reserve": N_(
        "The accounts of %(title)s are closed. %(amount)s of its card payments are sent to your "
        "account for payouts; %(reserve)s of that come later, as the terms say."
    ),
    "payout-waits-for-account": N_(
        "The accounts of %(title)s are closed. %(amount)s of its card payments wait for you: set "
        "up your account for payouts."
    ),
    "payout-owed-back": N_(
        "A buyer of %(title)s got money back, and your account for payouts did not hold the "
        "%(amount)s that you were sent for it. It is taken off what you are sent next."
    ),
    # To those who sell, and to those who operate.
    "chargeback-opened": N_(
        "A buyer's bank questions the payment of %(amount)s for %(title)s. See what it wants to "
        "know."
    ),
    "chargeback-opened-until": N_(
        "A buyer's bank questions the payment of %(amount)s for %(title)s. Answer by %(until)s, or "
        "the money is lost."
    ),
    "chargeback-inquiry": N_(
        "A buyer's bank asks about the payment of %(amount)s for %(title)s. Tell it what it wants "
        "to know, before it takes the money back."
    ),
    "chargeback-answer-refused": N_(
        "Your answer about %(amount)s for %(title)s could not be sent to the bank. Please answer "
        "once more, in other words."
    ),
    "chargeback-won": N_(
        "The bank has decided about %(amount)s for %(title)s: the payment was right and stands."
    ),
    "chargeback-lost": N_(
        "The bank has decided about %(amount)s for %(title)s: the buyer keeps the money."
    ),
    # To those who operate.
    "remittance-refused": N_(
        "%(amount)s could not be sent on to the seller in %(title)s. Please look into it."
    ),
    "taking-back-refused": N_(
        "%(amount)s could not be taken back from the seller in %(title)s: their account does not "
        "hold it. It is set off against what they are sent next."
    ),
    "refund-failed": N_("%(amount)s could not be paid back for %(title)s. Please look into it."),
    **COMMUNITY,
}

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def placeholders(message: str) -> set[str]:
    """The names of the facts that the text called `message` needs."""
    return set(_PLACEHOLDER.findall(TEXTS[message]))

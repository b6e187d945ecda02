"""Returning: once the accounts are closed, who was paid gives back what a buyer gets back."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.buying import GroupBuy, GroupBuyCommitment
from models.ledger import AccountPurpose
from models.payments import Payment
from services import ledger, payouts
from services.buying.settling import payee_id


def give_up(
    session: Session,
    group_buy: GroupBuy,
    commitment: GroupBuyCommitment,
    payment: Payment | None,
    amount_minor: int,
    *,
    key: str,
    reason: str,
    now: datetime,
) -> None:
    """Bring back into the pot what was paid out of it for an order when the accounts were closed.

    Of the amount, the organiser gives back what they got as their share, the instance its fee on
    the rest, and the seller what is left; at the gateway it is taken from those it was sent to.
    Once for `key`. The caller holds the locks of the deal and of the payment, and then lowers what
    the order owes.
    """
    currency = group_buy.currency
    seller_id, organiser_id = payee_id(group_buy), group_buy.organiser_id
    share_minor = _share_in(commitment, amount_minor) if seller_id != organiser_id else 0
    fee_minor = 0
    if payment is not None and payment.intent_key:
        fee_minor = payouts.take_back(
            session,
            payment.id,
            amount_minor,
            share_minor=share_minor,
            key=key,
            reason=reason,
            now=now,
        )
    pot = ledger.deal_account(session, group_buy.id, AccountPurpose.POT, currency, now=now)
    own = ledger.own_accounts(
        session, [seller_id, organiser_id, commitment.participant_id], currency, now=now
    )
    parts = [
        ("seller", own[seller_id], amount_minor - share_minor - fee_minor),
        ("organiser", own[organiser_id], share_minor),
    ]
    if fee_minor:
        fees = ledger.deal_account(session, group_buy.id, AccountPurpose.FEES, currency, now=now)
        parts.append(("instance", fees.id, fee_minor))
    # All at once, in one order, before anything is moved between them.
    ledger.lock(session, [pot.id, *own.values(), *(account_id for _, account_id, _ in parts)])
    for who, account_id, minor in parts:
        if minor:
            ledger.transfer(
                session,
                {account_id: -minor, pot.id: minor},
                key=f"{key}:{who}",
                reason=f"returned_by_{who}",
                collaboration_id=group_buy.id,
                now=now,
            )


def _share_in(commitment: GroupBuyCommitment, amount_minor: int) -> int:
    """How much of what goes back was the organiser's share: none while the rest covers it."""
    share_minor, due_minor = commitment.share_minor, commitment.due_minor
    return min(share_minor, due_minor) - min(share_minor, due_minor - amount_minor)

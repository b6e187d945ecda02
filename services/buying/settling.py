"""Settling: whoever sold is paid, and the accounts of the group buy come to zero."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment, Payee, Stage
from models.collaborations import Commitment, State
from models.errors import Conflict, NotAllowed
from models.ledger import AccountPurpose
from models.payments import Payment, PaymentState
from models.words import N_
from services import events, ledger, payments, payouts
from services.buying import happened
from services.buying.books import kept_share
from services.buying.delivering import NotAtThisStage
from services.payments.happened import DueWaived
from services.payments.own_debts import owes


class MoneyOutstanding(Conflict):
    code = "money-outstanding"
    message = N_("%(count)s orders are not paid yet. They have to be settled first.")


class NothingToWaive(Conflict):
    code = "nothing-to-waive"
    message = N_("Nothing is owed here that could be let off.")


class OwnDebt(NotAllowed):
    code = "own-debt"
    message = N_(
        "You owe this yourself, or your guest does. Only those who are paid can let it off."
    )


def settle(session: Session, group_buy: GroupBuy, *, actor: Actor, now: datetime) -> None:
    """Close the accounts: what the pot holds is the seller's, save the organiser's share of it.

    The money itself is with whoever took it: cash with the organiser; card payments are sent on
    from the gateway, less the instance's fee. The caller holds the lock. Refuses with
    NotAtThisStage and, while anyone owes, with MoneyOutstanding.
    """
    if group_buy.state != State.COMPLETED or group_buy.settled_at is not None:
        raise NotAtThisStage
    then_paid = (payee_id(group_buy), group_buy.organiser_id)
    payments.count_silence(session, group_buy.id, then_paid=then_paid, now=now)
    unpaid = session.scalar(_owing(select(func.count()).select_from(GroupBuyCommitment), group_buy))
    if unpaid:
        raise MoneyOutstanding(count=unpaid)
    _pay_out(session, group_buy, now)
    group_buy.stage, group_buy.settled_at = Stage.SETTLED, now
    group_buy.touch()
    events.record(
        session,
        happened.GroupBuySettled(by=actor.member.id, collaboration_id=group_buy.id),
        now=now,
    )


def _pay_out(session: Session, group_buy: GroupBuy, now: datetime) -> None:
    """Empty the pot: where the supplier is paid, the organiser's share is the organiser's.

    The freight belongs to whoever is paid: they paid for the way.
    """
    currency = group_buy.currency
    pot = ledger.deal_account(session, group_buy.id, AccountPurpose.POT, currency, now=now)
    session.refresh(pot)
    seller_id = payee_id(group_buy)
    share_minor = 0
    if seller_id != group_buy.organiser_id:
        share_minor = min(session.scalar(kept_share(group_buy)) or 0, pot.balance_minor)
    parts = payouts.plan(session, group_buy, seller_id=seller_id, shares_minor=share_minor, now=now)
    fee_minor = sum(part.fee_minor for part in parts)
    seller = ledger.own_account(session, seller_id, currency, now=now)
    organiser = ledger.own_account(session, group_buy.organiser_id, currency, now=now)
    paid = [
        ("settled", seller.id, pot.balance_minor - share_minor - fee_minor),
        ("organiser_share", organiser.id, share_minor),
    ]
    if fee_minor:
        fees = ledger.deal_account(session, group_buy.id, AccountPurpose.FEES, currency, now=now)
        paid.append(("fee", fees.id, fee_minor))
    # In the order of the accounts paid: deals that pay the same two never wait for each other.
    for reason, account_id, amount_minor in sorted(paid, key=lambda part: part[1]):
        if amount_minor:
            ledger.transfer(
                session,
                {pot.id: -amount_minor, account_id: amount_minor},
                key=f"collaboration:{group_buy.id}:{reason}",
                reason=reason,
                collaboration_id=group_buy.id,
                now=now,
            )


def waive(
    session: Session,
    group_buy: GroupBuy,
    commitment: GroupBuyCommitment,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Let someone off what they still owe, so that the accounts can be closed.

    For goods that were never fetched or never paid; the seller gets that much less. The caller
    holds the lock. Refuses with NotAtThisStage before completion, with OwnDebt what `may_waive`
    denies, with NothingToWaive what is not owed, paid or said to be received. What only the payer
    says was paid can still be answered.
    """
    if group_buy.state != State.COMPLETED or group_buy.settled_at is not None:
        raise NotAtThisStage
    guard_waiving(group_buy, commitment, actor)
    payment = payments.of_commitment(session, commitment.id, lock=True)
    is_paid = payment is None or payment.is_received
    amount = commitment.due_minor
    if is_paid or not amount or commitment.state not in Commitment.TAKING_PART:
        raise NothingToWaive
    payments.lower_due(
        session,
        commitment,
        amount,
        step="waived",
        reason="waived",
        now=now,
    )
    payments.release(session, commitment.id, now=now)
    events.record(
        session,
        DueWaived(
            by=actor.member.id,
            participant_id=commitment.participant_id,
            collaboration_id=group_buy.id,
            commitment_id=commitment.id,
            amount_minor=amount,
            currency=group_buy.currency,
        ),
        now=now,
    )


def may_waive(group_buy: GroupBuy, commitment: Commitment, actor: Actor) -> bool:
    """Whether the debt is somebody else's, or `actor` runs whoever is paid and gets less."""
    is_paid = actor.in_person.may_manage(payee_id(group_buy))
    return is_paid or not owes(commitment.participant, actor)


def guard_waiving(group_buy: GroupBuy, commitment: Commitment, actor: Actor) -> None:
    """Refuse with OwnDebt what `may_waive` denies."""
    if not may_waive(group_buy, commitment, actor):
        raise OwnDebt


def owing(session: Session, group_buy: GroupBuy) -> Sequence[GroupBuyCommitment]:
    """Whose orders are not paid yet, by name."""
    found = session.scalars(_owing(select(GroupBuyCommitment), group_buy)).all()
    return sorted(found, key=lambda one: (one.participant.name_key, one.id))


def payee_id(group_buy: GroupBuy) -> int:
    """Who is paid by the declared terms; a supplier who is not here is paid by the organiser."""
    if group_buy.payee == Payee.SUPPLIER and group_buy.supplier_id is not None:
        return group_buy.supplier_id
    return group_buy.organiser_id


def _owing(query: Select[Any], group_buy: GroupBuy) -> Select[Any]:
    return query.join(Payment, Payment.commitment_id == GroupBuyCommitment.id).where(
        GroupBuyCommitment.collaboration_id == group_buy.id,
        GroupBuyCommitment.state.in_(Commitment.TAKING_PART),
        GroupBuyCommitment.due_minor > 0,
        Payment.state != PaymentState.PAID,
    )

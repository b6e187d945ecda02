"""Settling a revocation: what was paid goes back by the way it came, and nothing more is owed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.actors import Actor
from models.buying import Article, GroupBuy, GroupBuyCommitment, Line
from models.collaborations import Commitment, State
from models.errors import Conflict, NotFound
from models.payments import Payment, PaymentState
from models.revocations import NothingToRefund, Revocation
from models.words import N_
from services import events, payments
from services.buying import returning, vat
from services.buying.delivering import NotAtThisStage
from services.revocations.happened import RevocationSettled


class MoneyUnclear(Conflict):
    code = "money-unclear"
    message = N_("They say that they have paid. Say first whether you have the money.")


class PayerSilent(Conflict):
    code = "payer-silent"
    message = N_(
        "You have said that you have the money, and they have not said so yet. It counts from "
        "%(at)s at the latest; then it can go back."
    )


@dataclass(frozen=True)
class Open:
    """A revocation that is not settled yet, with what it gives back, in minor units."""

    revocation: Revocation
    commitment: GroupBuyCommitment
    articles: Sequence[Article]
    amount_minor: int
    is_due: bool


def open_ones(session: Session, group_buy: GroupBuy) -> Sequence[Open]:
    """The revocations of a group buy that are not settled yet, the oldest first."""
    rows = session.execute(
        select(Revocation, GroupBuyCommitment)
        .join(GroupBuyCommitment, GroupBuyCommitment.id == Revocation.commitment_id)
        .where(
            GroupBuyCommitment.collaboration_id == group_buy.id, Revocation.refunded_at.is_(None)
        )
        .options(joinedload(GroupBuyCommitment.lines).joinedload(Line.article))
        .order_by(Revocation.id)
    ).unique()
    return [
        Open(
            revocation,
            commitment,
            [
                line.article
                for line in commitment.lines
                if line.article_id in revocation.article_ids
            ],
            amount_of(group_buy, commitment, revocation),
            is_due(group_buy),
        )
        for revocation, commitment in rows
    ]


def is_due(group_buy: GroupBuy) -> bool:
    """Whether the money can go back: from the end of the collecting on.

    Directive 2011/83 Art. 13(1): within 14 days of the declaration, whether the goods came or
    not. Only goods that were handed over may be waited for (Art. 13(3)). The collecting, which
    reckons anew what everyone owes, is over within 12 days of the decision.
    """
    return group_buy.state in (State.RUNNING, State.COMPLETED, State.CANCELLED, State.FAILED)


def amount_of(group_buy: GroupBuy, commitment: GroupBuyCommitment, revocation: Revocation) -> int:
    """What goes back, in minor units: goods and deposit; of a whole order all, with delivery.

    Directive 2011/83 Art. 13(1): all payments received, with the costs of delivery.
    """
    taken = [line for line in commitment.lines if line.has_goods]
    revoked = [line for line in taken if line.article_id in revocation.article_ids]
    if len(revoked) == len(taken):
        return commitment.due_minor
    is_weighed = group_buy.weighed_at is not None
    amount = 0
    for line in revoked:
        units = line.decided_units if line.delivered_units is None else line.delivered_units
        amount += vat.goods_minor(commitment, line, line.article, is_weighed=is_weighed)
        amount += (units or 0) * line.article.deposit_minor
    return min(amount, commitment.due_minor)


def refund(
    session: Session, group_buy: GroupBuy, revocation_id: int, *, actor: Actor, now: datetime
) -> None:
    """Give back what a revoked contract cost, once, by the way it was paid.

    What is not paid yet is no longer owed. Once the accounts are closed, the seller gives back
    what they were paid for it, and the organiser their share of it. The caller holds the lock of
    the group buy. Refuses with NotFound, with NotAtThisStage during the collecting, with
    NothingToRefund a second time, and with MoneyUnclear or PayerSilent while only the payer, or
    only the payee, says that it was paid.
    """
    revocation = session.get(Revocation, revocation_id, populate_existing=True)
    commitment = (
        session.get(GroupBuyCommitment, revocation.commitment_id, populate_existing=True)
        if revocation is not None
        else None
    )
    if revocation is None or commitment is None or commitment.collaboration_id != group_buy.id:
        raise NotFound
    if revocation.refunded_at is not None:
        raise NothingToRefund
    if not is_due(group_buy):
        raise NotAtThisStage
    payment = payments.of_commitment(session, commitment.id, lock=True)
    if payment is not None and payment.state == PaymentState.CONFIRMED_BY_ONE:
        raise _unclear(payment)
    amount_minor = amount_of(group_buy, commitment, revocation)
    if group_buy.settled_at is not None:
        returning.give_up(
            session,
            group_buy,
            commitment,
            payment,
            amount_minor,
            key=f"revocation:{revocation.id}",
            reason="revoked",
            now=now,
        )
    payments.lower_due(
        session,
        commitment,
        amount_minor,
        step="revoked",
        reason="revoked",
        now=now,
    )
    takes_part = commitment.state in Commitment.TAKING_PART
    if takes_part and not commitment.due_minor and not _is_paid(payment):
        payments.release(session, commitment.id, now=now)
    for line in commitment.lines:
        if line.article_id in revocation.article_ids:
            line.revoked_at = now
    if not commitment.due_minor:
        commitment.freight_minor = commitment.share_minor = 0
    revocation.refund_minor, revocation.refunded_at = amount_minor, now
    commitment.changed_at = now
    group_buy.touch()
    events.record(
        session,
        RevocationSettled(
            by=actor.member.id,
            participant_id=commitment.participant_id,
            collaboration_id=group_buy.id,
            commitment_id=commitment.id,
            amount_minor=amount_minor,
        ),
        now=now,
    )


def _unclear(payment: Payment) -> Conflict:
    if payment.confirmed_by_payee_at is None:
        return MoneyUnclear()
    return PayerSilent(at=payment.confirmed_by_payee_at + payments.SILENCE)


def _is_paid(payment: Payment | None) -> bool:
    return payment is None or payment.state == PaymentState.PAID

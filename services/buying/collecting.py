"""Collecting: after the close the money comes in; whoever does not pay in time loses the place.

The price never rises and nobody pays more than was decided: what others no longer take is taken
out of the order or out of the organiser's share, never added to somebody's bill.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.buying import GroupBuy, GroupBuyCommitment, ShortfallRule, Stage
from models.collaborations import CommitmentState, State
from models.payments import Payment
from services import clearing, events, payments, queue
from services.buying import closing, facts, finding, outcomes
from services.buying.standing import terms_of_all
from services.clearing.outcomes import Out, Outcome

DECISION_LIMIT = timedelta(days=3)
WHOLE = 10_000
CONCERNED = (CommitmentState.IN, CommitmentState.OUT, CommitmentState.DROPPED)


def finish_collecting(session: Session, group_buy_id: int, *, now: datetime) -> None:
    """End the collecting once everyone has paid or the window is over; otherwise do nothing.

    Takes the lock itself and may be called at any time, any often. A charge whose answer is
    still out is waited for. Who has not paid is dropped, and it is cleared again with those who
    have; the declared rule says what follows if too few are left.
    """
    group_buy = finding.locked(session, group_buy_id)
    if group_buy.state != State.COLLECTING or group_buy.collect_until_at is None:
        return
    is_over = now >= group_buy.collect_until_at
    if group_buy.stage == Stage.SUPPLIER_ASKED:
        if is_over:
            call_off(session, group_buy, now)
        return
    taking_part = finding.commitments(session, group_buy, [CommitmentState.IN])
    standing = _payments_of(session, taking_part)
    if any(payment.state in Payment.UNDER_WAY for payment in standing.values()):
        if is_over:
            # Nobody loses a place because our own jobs were late.
            payments.request_charges(session, group_buy.id, now=now)
        return
    unpaid = [one for one in taking_part if standing[one.id].state in Payment.UNPAID]
    if not unpaid:
        _run(session, group_buy, now)
    elif is_over:
        for commitment in unpaid:
            _drop(session, commitment, standing[commitment.id], now)
        _clear_again(session, group_buy, now)


def due_to_finish(session: Session, *, now: datetime) -> Sequence[int]:
    """The ids of group buys whose collecting may be over: what the sweep looks for."""
    collecting = session.execute(
        select(GroupBuy.id, GroupBuy.stage, GroupBuy.collect_until_at)
        .where(GroupBuy.state == State.COLLECTING)
        .order_by(GroupBuy.collect_until_at)
        .limit(500)
    )
    return [
        group_buy_id
        for group_buy_id, stage, until_at in collecting
        if (until_at is not None and until_at <= now)
        or (stage != Stage.SUPPLIER_ASKED and payments.is_collected(session, group_buy_id))
    ]


def unpaid_pages(session: Session, group_buy_id: int, *, now: datetime) -> Sequence[str]:
    """The hosted pages still open once the window is over: to be ended before places are lost."""
    return session.scalars(
        select(Payment.checkout_key)
        .join(GroupBuyCommitment, GroupBuyCommitment.id == Payment.commitment_id)
        .join(GroupBuy, GroupBuy.id == GroupBuyCommitment.collaboration_id)
        .where(
            GroupBuy.state == State.COLLECTING,
            GroupBuy.collect_until_at <= now,
            GroupBuyCommitment.collaboration_id == group_buy_id,
            GroupBuyCommitment.state == CommitmentState.IN,
            Payment.state.in_(Payment.UNPAID),
            Payment.checkout_key != "",
        )
    ).all()


def _payments_of(session: Session, commitments: Sequence[GroupBuyCommitment]) -> dict[int, Payment]:
    found = session.scalars(
        select(Payment)
        .where(Payment.commitment_id.in_([commitment.id for commitment in commitments]))
        .order_by(Payment.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {payment.commitment_id: payment for payment in found}


def _drop(
    session: Session, commitment: GroupBuyCommitment, payment: Payment, now: datetime
) -> None:
    payment.fail()
    payments.let_go(session, payment)
    commitment.drop(Out.NOT_PAID.value)
    commitment.changed_at = now
    payments.give_back(session, commitment.id, reason=Out.NOT_PAID.value, now=now)
    events.record(
        session,
        facts.CommitmentDropped(
            participant_id=commitment.participant_id,
            collaboration_id=commitment.collaboration_id,
            commitment_id=commitment.id,
            reason=Out.NOT_PAID.value,
        ),
        now=now,
    )


def _clear_again(session: Session, group_buy: GroupBuy, now: datetime) -> None:
    """Decide with those who paid: by the whole thresholds, else by the declared rule."""
    whole = reclear(session, group_buy, floor_basis_points=WHOLE)
    lowered = reclear(session, group_buy, floor_basis_points=group_buy.floor_basis_points)
    holds = whole.succeeded and _kept(whole) == _kept(lowered)
    if holds or group_buy.shortfall_rule == ShortfallRule.RELEASE:
        go_on_with(session, group_buy, whole, now)
    elif group_buy.shortfall_rule == ShortfallRule.CONFIRM_ABOVE_FLOOR or not lowered.succeeded:
        go_on_with(session, group_buy, lowered, now)
    else:
        group_buy.stage = Stage.SUPPLIER_ASKED
        group_buy.collect_until_at = now + DECISION_LIMIT
        group_buy.touch()
        queue.defer(
            session,
            "buying.finish_collecting",
            at=group_buy.collect_until_at,
            group_buy_id=group_buy.id,
        )
        events.record(session, facts.SupplierAsked(collaboration_id=group_buy.id), now=now)


def reclear(session: Session, group_buy: GroupBuy, *, floor_basis_points: int) -> Outcome:
    """What is left with those who have paid, if so much of each threshold has to be reached."""
    articles = finding.articles(session, group_buy)
    concerned = finding.commitments(session, group_buy, CONCERNED)
    terms = terms_of_all(group_buy, articles)
    return clearing.reclear(
        replace(terms, floor_basis_points=floor_basis_points),
        outcomes.lines_of(concerned),
        outcomes.outcome_of(group_buy, articles, concerned),
        {str(one.id) for one in concerned if one.state == CommitmentState.IN},
        refill=False,
    )


def _kept(outcome: Outcome) -> set[str]:
    return {article.key for article in outcome.articles if article.tier is not None}


def go_on_with(session: Session, group_buy: GroupBuy, outcome: Outcome, now: datetime) -> None:
    """Write down the new outcome and go on with it, or fail if nothing is left."""
    articles = finding.articles(session, group_buy)
    concerned = finding.commitments(session, group_buy, CONCERNED)
    outcomes.keep_proof(
        session,
        group_buy,
        outcome,
        articles,
        outcomes.lines_of(concerned),
        why="collected",
        now=now,
    )
    if not outcome.succeeded:
        _fail(session, group_buy, outcome.failure.value if outcome.failure else "", now)
        return
    remaining = [one for one in concerned if one.state == CommitmentState.IN]
    shares = {one.id: (one.freight_minor, one.share_minor) for one in remaining}
    outcomes.write_outcome(session, articles, concerned, outcome)
    dues = outcomes.reckon_dues(group_buy, remaining, outcome)
    closing.leave_out(
        session,
        group_buy,
        {one: _why_out(outcome, one) for one in remaining if one.id not in dues},
        now=now,
    )
    for commitment in remaining:
        if commitment.id not in dues:
            continue
        due_minor = dues[commitment.id] - _risen_share(commitment, shares[commitment.id])
        payments.lower_due(
            session,
            commitment,
            commitment.due_minor - due_minor,
            key=f"commitment:{commitment.id}:collected",
            reason="cleared_again",
            now=now,
        )
        commitment.changed_at = now
    _run(session, group_buy, now)


def _why_out(outcome: Outcome, commitment: GroupBuyCommitment) -> str:
    reasons = [
        line.reason.value
        for line in outcome.by_commitment()[str(commitment.id)]
        if line.reason is not None
    ]
    return reasons[0]


def _risen_share(commitment: GroupBuyCommitment, before: tuple[int, int]) -> int:
    """Undo what fewer heads would add to one's freight and share; the rest is the organiser's."""
    risen = 0
    freight_minor, share_minor = before
    if commitment.freight_minor > freight_minor:
        risen += commitment.freight_minor - freight_minor
        commitment.freight_minor = freight_minor
    if commitment.share_minor > share_minor:
        risen += commitment.share_minor - share_minor
        commitment.share_minor = share_minor
    return risen


def _run(session: Session, group_buy: GroupBuy, now: datetime) -> None:
    group_buy.run()
    group_buy.stage = ""
    events.record(session, facts.GroupBuyRunning(collaboration_id=group_buy.id), now=now)


def call_off(session: Session, group_buy: GroupBuy, now: datetime) -> None:
    """Let it fail because too little was paid; everything is given back."""
    _fail(session, group_buy, Out.NOT_PAID.value, now)


def _fail(session: Session, group_buy: GroupBuy, reason: str, now: datetime) -> None:
    taking_part = finding.commitments(session, group_buy, [CommitmentState.IN])
    closing.release_all(session, group_buy, taking_part, reason=Out.DEAL_FAILED.value, now=now)
    group_buy.fail()
    group_buy.stage = ""
    events.record(
        session, facts.GroupBuyFailed(collaboration_id=group_buy.id, reason=reason), now=now
    )

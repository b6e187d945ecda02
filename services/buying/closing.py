"""Closing: one act under the deal's lock that decides for everyone, once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.buying import (
    Article,
    GroupBuy,
    GroupBuyCommitment,
    PaymentMethod,
)
from models.collaborations import NO_CARD, TERMS_NOT_ACCEPTED, Commitment, CommitmentState, State
from models.ledger import AccountPurpose
from services import clearing, events, ledger, payments, queue, transfers
from services.buying import finding, happened
from services.buying.outcomes import keep_proof, lines_of, reckon_dues, write_outcome
from services.buying.standing import terms_of_all
from services.clearing.outcomes import Out, Outcome
from services.payments.keys import booking_key


def close(session: Session, group_buy_id: int, *, now: datetime) -> None:
    """Decide a group buy whose time has come; again, it does nothing.

    Takes the lock itself. Before the close it does nothing; if the condition is not met it
    begins the declared extension, once, or fails and releases everything.
    """
    group_buy = finding.locked(session, group_buy_id)
    if group_buy.state != State.OPEN or now < group_buy.closes_at or group_buy.is_paused:
        return
    alive = finding.commitments(
        session, group_buy, [CommitmentState.ACTIVE, CommitmentState.WAITING]
    )
    apart = _no_part(session, group_buy, alive)
    alive = [one for one in alive if one not in apart]
    articles = finding.articles(session, group_buy)
    terms = terms_of_all(group_buy, articles)
    lines = lines_of(alive)
    outcome = clearing.clear(terms, lines)
    if not outcome.succeeded and group_buy.extends_to_at and not group_buy.extended_at:
        group_buy.extend(now)
        queue.defer(session, "buying.close", at=group_buy.closes_at, group_buy_id=group_buy.id)
        events.record(
            session,
            happened.GroupBuyExtended(
                collaboration_id=group_buy.id, closes_at=group_buy.closes_at.isoformat()
            ),
            now=now,
        )
        return
    group_buy.decide(now)
    # Who falls out and who comes in is known in steps, but all locks are taken in one order.
    payments.lock_money(session, group_buy, [*alive, *apart], now=now)
    leave_out(session, group_buy, apart, now=now)
    keep_proof(session, group_buy, outcome, articles, lines, now=now)
    if outcome.succeeded:
        _confirm(session, group_buy, articles, alive, outcome, now)
    else:
        assert outcome.failure is not None
        release_all(session, group_buy, alive, reason=Out.DEAL_FAILED.value, now=now)
        group_buy.fail()
        events.record(
            session,
            happened.GroupBuyFailed(collaboration_id=group_buy.id, reason=outcome.failure.value),
            now=now,
        )


def due_to_close(session: Session, *, now: datetime) -> Sequence[int]:
    """The ids of open group buys whose close has passed: what the sweep looks for."""
    return session.scalars(
        select(GroupBuy.id)
        .where(GroupBuy.state == State.OPEN, ~GroupBuy.is_paused, GroupBuy.closes_at <= now)
        .order_by(GroupBuy.closes_at)
        .limit(100)
    ).all()


def _no_part(
    session: Session, group_buy: GroupBuy, alive: Sequence[GroupBuyCommitment]
) -> dict[GroupBuyCommitment, str]:
    """Who decides nothing, and why.

    Nobody without a card brings down a price that others then cannot pay for alone.
    """
    without_card = payments.without_card(session, group_buy.id)
    reasons = {one: NO_CARD for one in alive if one.id in without_card}
    return reasons | {one: TERMS_NOT_ACCEPTED for one in alive if not group_buy.has_consent_of(one)}


def _confirm(
    session: Session,
    group_buy: GroupBuy,
    articles: Sequence[Article],
    alive: Sequence[GroupBuyCommitment],
    outcome: Outcome,
    now: datetime,
) -> None:
    write_outcome(session, articles, alive, outcome)
    dues = reckon_dues(group_buy, articles, alive, outcome)
    taken = [one for one in alive if one.id in dues]
    why = _reasons_out(outcome)
    leave_out(
        session,
        group_buy,
        {one: why[str(one.id)] for one in alive if one.id not in dues},
        now=now,
    )
    for commitment in taken:
        commitment.take_in(dues[commitment.id])
        commitment.changed_at = now
    _book_dues(session, group_buy, taken, now)
    events.record_many(
        session, [settled(group_buy, one, is_in=True, reason="") for one in taken], now=now
    )
    by_card = any(one.payment_method == PaymentMethod.CARD for one in taken)
    events.record(session, happened.GroupBuyDecided(collaboration_id=group_buy.id), now=now)
    if by_card and group_buy.collecting_days:
        group_buy.collect()
        group_buy.collect_until_at = now + timedelta(days=group_buy.collecting_days)
        payments.request_charges(session, group_buy.id, now=now)
        queue.defer(
            session,
            "buying.finish_collecting",
            at=group_buy.collect_until_at,
            group_buy_id=group_buy.id,
        )
    else:
        # A window of no days means: order at once, charge when the goods have come.
        group_buy.run()
        events.record(session, happened.GroupBuyRunning(collaboration_id=group_buy.id), now=now)
        transfers.ask(session, group_buy, now=now)


def _book_dues(
    session: Session, group_buy: GroupBuy, taken: Sequence[GroupBuyCommitment], now: datetime
) -> None:
    """Write what everyone owes into the books, and end the holds by it; who owes nothing, too."""
    ledger.void_many(session, [one.hold_key for one in taken if not one.due_minor])
    pot = ledger.deal_account(
        session, group_buy.id, AccountPurpose.POT, group_buy.currency, now=now
    )
    own = ledger.own_accounts(
        session, [one.participant_id for one in taken], group_buy.currency, now=now
    )
    ledger.transfer_many(
        session,
        [
            ledger.Movement(
                key=booking_key(one.id, "due"),
                payer_id=own[one.participant_id],
                payee_id=pot.id,
                amount_minor=one.due_minor,
                ends_hold=one.hold_key,
            )
            for one in taken
            if one.due_minor
        ],
        reason="due",
        collaboration_id=group_buy.id,
        currency=group_buy.currency,
        now=now,
    )


def release_all(
    session: Session,
    group_buy: GroupBuy,
    commitments: Sequence[GroupBuyCommitment],
    *,
    reason: str,
    now: datetime,
) -> None:
    """Leave every commitment out, give back what is held and what was paid."""
    leave_out(session, group_buy, dict.fromkeys(commitments, reason), now=now)


def leave_out(
    session: Session,
    group_buy: GroupBuy,
    reasons: Mapping[GroupBuyCommitment, str],
    *,
    now: datetime,
) -> None:
    """Leave these commitments out, each for its reason; nothing of theirs is kept."""
    if not reasons:
        return
    payments.lock_money(session, group_buy, reasons, now=now)
    were_in: dict[Commitment, str] = {
        one: why for one, why in reasons.items() if one.state == CommitmentState.IN
    }
    for commitment, reason in reasons.items():
        commitment.leave_out(reason)
        commitment.changed_at = now
    ledger.void_many(session, [one.hold_key for one in reasons])
    payments.give_back_many(session, group_buy, were_in, now=now)
    payments.release_many(session, [one.id for one in reasons], now=now)
    events.record_many(
        session,
        [
            settled(group_buy, commitment, is_in=False, reason=reason)
            for commitment, reason in reasons.items()
        ],
        now=now,
    )


def _reasons_out(outcome: Outcome) -> dict[str, str]:
    """Per commitment, why the first of its lines got nothing."""
    return {
        commitment: next((line.reason.value for line in lines if line.reason), Out.RATIONED_OUT)
        for commitment, lines in outcome.by_commitment().items()
    }


def settled(
    group_buy: GroupBuy, commitment: GroupBuyCommitment, *, is_in: bool, reason: str
) -> happened.CommitmentSettled:
    """What a decision means for one commitment, as an event to record."""
    return happened.CommitmentSettled(
        participant_id=commitment.participant_id,
        collaboration_id=group_buy.id,
        commitment_id=commitment.id,
        is_in=is_in,
        due_minor=commitment.due_minor,
        currency=group_buy.currency,
        reason=reason,
    )

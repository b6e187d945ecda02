"""Collecting: after the close the money comes in; whoever does not pay in time loses the place."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from models.buying import GroupBuy, GroupBuyCommitment, ShortfallRule, Stage
from models.collaborations import Collaboration, Commitment, CommitmentState, State
from models.payments import Payment
from services import events, payments, queue, transfers
from services.buying import clearing_again, closing, finding, happened
from services.clearing.outcomes import Out

DECISION_LIMIT = timedelta(days=3)
# How long those are waited for who are charged for units that others gave up.
REFILL_LIMIT = timedelta(days=2)
WHOLE = 10_000


def finish_collecting(session: Session, group_buy_id: int, *, now: datetime) -> None:
    """End the collecting once everyone has paid or the window is over; otherwise do nothing.

    Takes the lock itself and may be called at any time, any often. A charge whose answer is
    still out is waited for. Who has not paid is dropped. What that frees is offered to those who
    were rationed out, and if they have to be charged, the window is extended for them, once.
    Then it is cleared with those who have paid; the declared rule says what follows if too few
    are left.
    """
    group_buy = finding.locked(session, group_buy_id)
    if group_buy.state != State.COLLECTING or group_buy.collect_until_at is None:
        return
    is_over = now >= group_buy.collect_until_at
    if group_buy.stage == Stage.SUPPLIER_ASKED:
        if is_over:
            call_off(session, group_buy, now)
        return
    # All are locked at once, in the order of their ids: those of who is out may be among them.
    concerned = finding.commitments(session, group_buy, clearing_again.CONCERNED)
    locked = payments.locked_payments(session, [one.id for one in concerned])
    standing = {payment.commitment_id: payment for payment in locked}
    taking_part = [one for one in concerned if one.state == CommitmentState.IN]
    if any(standing[one.id].state in Payment.UNDER_WAY for one in taking_part):
        if is_over:
            # Nobody loses a place because our own jobs were late.
            payments.request_charges(session, group_buy.id, now=now)
        return
    unpaid = [one for one in taking_part if standing[one.id].state in Payment.UNPAID]
    is_refilled = group_buy.stage == Stage.PLACES_OFFERED
    if not unpaid and not is_refilled:
        _run(session, group_buy, now)
    elif not unpaid or is_over:
        left_out = [one.id for one in concerned if one.state == CommitmentState.OUT]
        able = set[int]() if is_refilled else payments.able_to_stand_again(session, left_out)
        payments.lock_money(session, group_buy, concerned, now=now)
        _drop(session, group_buy, unpaid, standing, now)
        if is_refilled or not _offer_freed_units(session, group_buy, able, standing, now):
            _decide_shortfall(session, group_buy, now)


def due_to_finish(session: Session, *, now: datetime) -> Sequence[int]:
    """The ids of group buys whose collecting may be over: what the sweep looks for."""
    is_collected = ~exists(payments.open_ones(GroupBuy.id).correlate(Collaboration, GroupBuy))
    return session.scalars(
        select(GroupBuy.id)
        .where(
            GroupBuy.state == State.COLLECTING,
            or_(
                GroupBuy.collect_until_at <= now,
                and_(GroupBuy.stage != Stage.SUPPLIER_ASKED, is_collected),
            ),
        )
        .order_by(GroupBuy.collect_until_at)
        .limit(500)
    ).all()


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


def _drop(
    session: Session,
    group_buy: GroupBuy,
    unpaid: Sequence[GroupBuyCommitment],
    standing: Mapping[int, Payment],
    now: datetime,
) -> None:
    for commitment in unpaid:
        payment = standing[commitment.id]
        payment.fail()
        payments.let_go(session, payment)
        commitment.drop(Out.NOT_PAID.value)
        commitment.changed_at = now
    group_buy.commitments_count -= len(unpaid)
    reasons: dict[Commitment, str] = dict.fromkeys(unpaid, Out.NOT_PAID.value)
    payments.give_back_many(session, group_buy, reasons, now=now)
    events.record_many(
        session,
        [
            happened.CommitmentDropped(
                participant_id=commitment.participant_id,
                collaboration_id=group_buy.id,
                commitment_id=commitment.id,
                reason=Out.NOT_PAID.value,
            )
            for commitment in unpaid
        ],
        now=now,
    )


def _offer_freed_units(
    session: Session,
    group_buy: GroupBuy,
    able: Collection[int],
    standing: Mapping[int, Payment],
    now: datetime,
) -> bool:
    """Give freed units to those who were rationed out, in order of place; once per deal.

    Who pays at pick-up owes more from now on. Who pays by card and was out is charged within
    REFILL_LIMIT, for which this says True; what a card has paid already stays as it is.
    """
    releases = group_buy.shortfall_rule == ShortfallRule.RELEASE
    again = clearing_again.reclear(
        session,
        group_buy,
        floor_basis_points=WHOLE if releases else group_buy.floor_basis_points,
        refill=True,
        no_more_than=_most_units(session, group_buy, able, standing),
    )
    if not again.outcome.succeeded or not again.gaining:
        return False
    clearing_again.write(session, group_buy, again, now=now)
    session.flush()
    if payments.is_collected(session, group_buy.id):
        return False
    group_buy.stage = Stage.PLACES_OFFERED
    _wait_until(session, group_buy, now + REFILL_LIMIT)
    payments.request_charges(session, group_buy.id, now=now)
    return True


def _most_units(
    session: Session, group_buy: GroupBuy, able: Collection[int], standing: Mapping[int, Payment]
) -> dict[tuple[str, str], int]:
    """How many units those can get at most who cannot pay for more, by commitment and article.

    `able` are the commitments that were left out and can still be paid.
    """
    concerned = finding.commitments(session, group_buy, [CommitmentState.IN, CommitmentState.OUT])
    return {
        (str(commitment.id), str(line.article_id)): line.decided_units or 0
        for commitment in concerned
        if not (
            commitment.id in able
            if commitment.state == CommitmentState.OUT
            else standing[commitment.id].state in Payment.FROM_HAND_TO_HAND
        )
        for line in commitment.lines
    }


def _decide_shortfall(session: Session, group_buy: GroupBuy, now: datetime) -> None:
    """Decide with those who paid: by the whole thresholds, else by the declared rule."""
    whole = clearing_again.reclear(session, group_buy, floor_basis_points=WHOLE)
    lowered = clearing_again.reclear(
        session, group_buy, floor_basis_points=group_buy.floor_basis_points
    )
    holds = whole.outcome.succeeded and whole.kept == lowered.kept
    if holds or group_buy.shortfall_rule == ShortfallRule.RELEASE:
        go_on_with(session, group_buy, whole, now)
    elif (
        group_buy.shortfall_rule == ShortfallRule.CONFIRM_ABOVE_FLOOR
        or not lowered.outcome.succeeded
    ):
        go_on_with(session, group_buy, lowered, now)
    else:
        group_buy.stage = Stage.SUPPLIER_ASKED
        _wait_until(session, group_buy, now + DECISION_LIMIT)
        events.record(session, happened.SupplierAsked(collaboration_id=group_buy.id), now=now)


def _wait_until(session: Session, group_buy: GroupBuy, until_at: datetime) -> None:
    group_buy.collect_until_at = until_at
    group_buy.touch()
    queue.defer(session, "buying.finish_collecting", at=until_at, group_buy_id=group_buy.id)


def go_on_with(
    session: Session, group_buy: GroupBuy, again: clearing_again.Again, now: datetime
) -> None:
    """Write down the new outcome and go on with it, or fail if nothing is left."""
    if again.outcome.succeeded:
        clearing_again.write(session, group_buy, again, now=now)
        _run(session, group_buy, now)
    else:
        clearing_again.keep(session, group_buy, again, now=now)
        failure = again.outcome.failure
        _fail(session, group_buy, failure.value if failure else "", now)


def _run(session: Session, group_buy: GroupBuy, now: datetime) -> None:
    group_buy.run()
    group_buy.stage = ""
    events.record(session, happened.GroupBuyRunning(collaboration_id=group_buy.id), now=now)
    transfers.ask(session, group_buy, now=now)


def call_off(session: Session, group_buy: GroupBuy, now: datetime) -> None:
    """Let it fail because too little was paid; everything is given back."""
    _fail(session, group_buy, Out.NOT_PAID.value, now)


def _fail(session: Session, group_buy: GroupBuy, reason: str, now: datetime) -> None:
    taking_part = finding.commitments(session, group_buy, [CommitmentState.IN])
    closing.release_all(session, group_buy, taking_part, reason=Out.DEAL_FAILED.value, now=now)
    group_buy.fail()
    group_buy.stage = ""
    events.record(
        session, happened.GroupBuyFailed(collaboration_id=group_buy.id, reason=reason), now=now
    )

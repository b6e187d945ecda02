"""The delivery: the order goes out, what came is counted and shared, the rest is given back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Article, GroupBuy, GroupBuyCommitment, Line, Stage
from models.collaborations import Commitment, State
from models.errors import Conflict, Invalid
from models.words import N_
from services import clearing, events, payments
from services.buying import finding, happened
from services.buying.outcomes import keep_proof, lines_of, outcome_of
from services.buying.standing import terms_of_all
from services.clearing.outcomes import Out, Outcome


class NotAtThisStage(Conflict):
    code = "not-at-this-stage"
    message = N_("This step is not due now. Please look at the page again.")


class NotCounted(Invalid):
    code = "not-counted"
    message = N_("Please say for each ordered article how many units came.")


@dataclass(frozen=True)
class LessUnits:
    """What the count means for one line: fewer units than were decided, and their price back."""

    commitment: GroupBuyCommitment
    article: Article
    was_units: int
    units: int
    refund_minor: int


@dataclass(frozen=True)
class Delivery:
    """What a count means before it binds: who gets less, and what came beyond the order.

    `refunds_minor` is by commitment id. Whoever gets nothing at all is in `left_out`, and
    their refund is everything they owed, freight and share too.
    """

    less: Sequence[LessUnits]
    refunds_minor: Mapping[int, int]
    left_out: frozenset[int]
    surplus: Sequence[tuple[Article, int]]


def mark_ordered(session: Session, group_buy: GroupBuy, *, actor: Actor, now: datetime) -> None:
    """Say that the order went to the supplier. The caller holds the lock."""
    guard_stage(group_buy, "")
    group_buy.stage, group_buy.ordered_at = Stage.ORDERED, now
    group_buy.touch()
    events.record(
        session,
        happened.GroupBuyOrdered(by=actor.member.id, collaboration_id=group_buy.id),
        now=now,
    )


def ordered_articles(session: Session, group_buy: GroupBuy) -> Sequence[Article]:
    """What goes to the supplier: the articles of which anything was decided."""
    return [one for one in finding.articles(session, group_buy) if one.decided_units]


def preview(session: Session, group_buy: GroupBuy, delivered: Mapping[int, int]) -> Delivery:
    """What `deliver` would do with this count; refuses as it does, and changes nothing."""
    return _reckon(session, group_buy, delivered).delivery


def deliver(
    session: Session,
    group_buy: GroupBuy,
    delivered: Mapping[int, int],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Share out what came; who gets fewer units than were decided gets their price back.

    `delivered` is units by article id, for each article that was ordered. The declared rule
    shares the units, the price stays, and what came beyond the order is given to nobody. Who
    gets no unit of anything is out and owes nothing. Goods by weight stay due at their ceiling
    until their weights are final.
    The caller holds the lock. Refuses with NotAtThisStage and NotCounted.
    """
    reckoned = _reckon(session, group_buy, delivered)
    keep_proof(
        session,
        group_buy,
        reckoned.outcome,
        reckoned.articles,
        lines_of(reckoned.taking_part),
        step=reckoned.step,
        now=now,
    )
    for article in reckoned.articles:
        article.delivered_units = delivered.get(article.id, 0)
    session.flush()
    rows = [
        {"id": line.id, "delivered_units": reckoned.units[commitment.id, line.article_id]}
        for commitment in reckoned.taking_part
        for line in commitment.lines
    ]
    if rows:
        session.execute(update(Line), rows)
    for commitment in reckoned.taking_part:
        for line in commitment.lines:
            session.expire(line, ["delivered_units"])
    group_buy.stage, group_buy.delivered_at = Stage.DELIVERED, now
    group_buy.touch()
    _give_back(session, group_buy, reckoned, now)
    events.record(
        session,
        happened.GroupBuyDelivered(by=actor.member.id, collaboration_id=group_buy.id),
        now=now,
    )
    must_be_weighed = any(one.is_by_weight and one.delivered_units for one in reckoned.articles)
    if not group_buy.collecting_days and not must_be_weighed:
        payments.request_charges(session, group_buy.id, now=now)


def guard_stage(group_buy: GroupBuy, *stages: str) -> None:
    """Refuse with NotAtThisStage unless the group buy runs and is at one of `stages`."""
    if group_buy.state != State.RUNNING or group_buy.stage not in stages:
        raise NotAtThisStage


@dataclass(frozen=True)
class _Reckoned:
    articles: Sequence[Article]
    taking_part: Sequence[GroupBuyCommitment]
    step: clearing.Delivered
    outcome: Outcome
    units: Mapping[tuple[int, int], int]
    delivery: Delivery


def _reckon(session: Session, group_buy: GroupBuy, delivered: Mapping[int, int]) -> _Reckoned:
    guard_stage(group_buy, Stage.ORDERED)
    articles = finding.articles(session, group_buy)
    ordered = {article.id: article for article in articles if article.decided_units}
    if set(delivered) != set(ordered) or min(delivered.values(), default=0) < 0:
        raise NotCounted
    taking_part = finding.commitments(session, group_buy, Commitment.TAKING_PART)
    decided = outcome_of(group_buy, articles, taking_part)
    kept = {article.key for article in decided.articles if article.tier is not None}
    step = clearing.Delivered(decided, {key: delivered.get(int(key), 0) for key in kept})
    came = clearing.redistribute(terms_of_all(group_buy, articles), decided, step.delivered)
    units = {(int(line.commitment), int(line.article)): line.units for line in came.outcome.lines}
    by_id = {commitment.id: commitment for commitment in taking_part}
    # What was withdrawn from and given back already: nothing is owed for it, however few came.
    settled = {
        (one.id, line.article_id) for one in taking_part for line in one.lines if line.revoked_at
    }
    less, refunds = [], dict[int, int]()
    for refund in came.refunds:
        commitment, article_id = by_id[int(refund.commitment)], int(refund.article)
        if (commitment.id, article_id) in settled:
            continue
        article, now_units = ordered[article_id], units[commitment.id, article_id]
        was_units, price = now_units + refund.units, article.decided_price_minor or 0
        amount = refund.deposit_minor + (
            article.goods_at_most(was_units, price) - article.goods_at_most(now_units, price)
        )
        refunds[commitment.id] = refunds.get(commitment.id, 0) + amount
        less.append(LessUnits(commitment, article, was_units, now_units, amount))
    left_out = {commitment.id for commitment in taking_part if _waits_in_vain(commitment, units)}
    for commitment_id in left_out:
        # Freight and share are for goods; who gets none of them pays for no part of the way.
        refunds[commitment_id] = by_id[commitment_id].due_minor
    surplus = [
        (ordered[int(key)], more) for key, more in sorted(came.surplus_units.items()) if more
    ]
    # What a bank has given back to its cardholder already is owed no more.
    refunds = {
        commitment_id: min(amount, by_id[commitment_id].due_minor)
        for commitment_id, amount in refunds.items()
    }
    delivery = Delivery(less, refunds, frozenset(left_out), surplus)
    return _Reckoned(articles, taking_part, step, came.outcome, units, delivery)


def _waits_in_vain(commitment: GroupBuyCommitment, units: Mapping[tuple[int, int], int]) -> bool:
    """Whether nothing came of all that is still to go to somebody."""
    awaited = [one for one in commitment.lines if one.decided_units and not one.revoked_at]
    return bool(awaited) and not any(units[commitment.id, one.article_id] for one in awaited)


def _give_back(session: Session, group_buy: GroupBuy, reckoned: _Reckoned, now: datetime) -> None:
    delivery = reckoned.delivery
    left_out = [one for one in reckoned.taking_part if one.id in delivery.left_out]
    amounts: dict[Commitment, int] = {
        one: delivery.refunds_minor[one.id]
        for one in reckoned.taking_part
        if delivery.refunds_minor.get(one.id)
    }
    # Those who get nothing may owe nothing either, so all locks are taken in one order first.
    concerned = [one for one in reckoned.taking_part if one in amounts or one in left_out]
    payments.lock_money(session, group_buy, concerned, now=now)
    payments.lower_dues(session, group_buy, amounts, step="short", reason="short_delivery", now=now)
    for commitment in left_out:
        commitment.leave_out(Out.NOT_DELIVERED.value)
        commitment.freight_minor = commitment.share_minor = 0
        commitment.changed_at = now
    payments.release_many(session, delivery.left_out, now=now)
    events.record_many(
        session,
        [
            happened.DeliveryShort(
                participant_id=commitment.participant_id,
                collaboration_id=group_buy.id,
                commitment_id=commitment.id,
                refund_minor=amounts.get(commitment, 0),
                currency=group_buy.currency,
            )
            for commitment in concerned
        ],
        now=now,
    )

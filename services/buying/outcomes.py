"""Outcomes: what a clearing decided, written down, read back, and kept as a proof."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.buying import (
    Article,
    Clearing,
    GroupBuy,
    GroupBuyCommitment,
    Line,
)
from services import clearing, secrets
from services.buying.standing import terms_of_all
from services.clearing.costs import heads_of
from services.clearing.decisions import in_order
from services.clearing.outcomes import ArticleOutcome, Dropped, LineOutcome, Out, Outcome
from services.clearing.proofs import CLOSED
from services.clearing.terms import Layer
from services.clearing.terms import Line as ClearingLine

_DECIDED = ("decided_units", "price_minor", "vat_basis_points", "granted", "out_reason")


def lines_of(commitments: Sequence[GroupBuyCommitment]) -> list[ClearingLine]:
    """The lines as the clearing rule sees them; commitments by their id."""
    return [
        ClearingLine(
            commitment=str(commitment.id),
            article=str(line.article_id),
            layers=tuple(Layer(*layer) for layer in line.layers),
            highest_price_minor=line.highest_price_minor,
        )
        for commitment in commitments
        for line in commitment.lines
    ]


def keep_proof(
    session: Session,
    group_buy: GroupBuy,
    outcome: Outcome,
    articles: Sequence[Article],
    lines: Sequence[ClearingLine],
    *,
    step: clearing.Step = CLOSED,
    now: datetime,
) -> Clearing:
    """Keep what was decided from what at which step, without names, so that anyone can replay it.

    Its keys are drawn for this proof alone: nobody can tell from it, the list of people and what
    each one got who offered which price.
    """
    proof = clearing.proof(
        terms_of_all(group_buy, articles), lines, outcome, step=step, draw_key=secrets.draw_key
    )
    number = session.scalar(
        select(func.coalesce(func.max(Clearing.number), 0) + 1).filter_by(
            collaboration_id=group_buy.id
        )
    )
    kept = Clearing(
        collaboration_id=group_buy.id,
        number=number,
        why=step.name.value,
        proof=proof,
        sha256=hashlib.sha256(
            json.dumps(proof, sort_keys=True, separators=(",", ":")).encode()
        ).hexdigest(),
        cleared_at=now,
    )
    session.add(kept)
    return kept


def write_outcome(
    session: Session,
    articles: Sequence[Article],
    commitments: Sequence[GroupBuyCommitment],
    outcome: Outcome,
) -> None:
    """Write down what the outcome says of each article and each line."""
    by_key = {article.key: article for article in outcome.articles}
    for article in articles:
        decided = by_key[str(article.id)]
        kept = decided.tier is not None
        article.decided_units = decided.units if kept else 0
        article.decided_price_minor = decided.price_minor if kept else None
    results = {(line.commitment, line.article): line for line in outcome.lines}
    rates = {article.id: article.vat_basis_points for article in articles}
    rows = []
    for commitment in commitments:
        for line in commitment.lines:
            result = results[str(commitment.id), str(line.article_id)]
            rows.append(
                {
                    "id": line.id,
                    "decided_units": result.units,
                    "price_minor": result.price_minor if result.units else None,
                    "vat_basis_points": (
                        rates[line.article_id]
                        if line.vat_basis_points is None
                        else line.vat_basis_points
                    ),
                    "granted": [
                        [layer.place, layer.units, layer.tolerance] for layer in result.layers
                    ],
                    "out_reason": result.reason.value if result.reason else "",
                }
            )
    session.flush()
    if rows:
        session.execute(update(Line), rows)
    for commitment in commitments:
        for line in commitment.lines:
            session.expire(line, _DECIDED)


def outcome_of(
    group_buy: GroupBuy,
    articles: Sequence[Article],
    commitments: Sequence[GroupBuyCommitment],
) -> Outcome:
    """What was decided, read back from articles and lines: the opposite of `write_outcome`."""
    terms = terms_of_all(group_buy, articles)
    by_id = {article.id: article for article in articles}
    results = {
        (str(commitment.id), str(line.article_id)): LineOutcome(
            commitment=str(commitment.id),
            article=str(line.article_id),
            own_units=sum(units for _, units, _ in line.granted),
            tolerance_units=sum(tolerance for _, _, tolerance in line.granted),
            price_minor=line.price_minor or 0,
            deposit_minor=(line.decided_units or 0) * by_id[line.article_id].deposit_minor,
            reason=Out(line.out_reason) if line.out_reason else None,
            layers=tuple(Layer(*layer) for layer in line.granted),
        )
        for commitment in commitments
        for line in commitment.lines
    }
    ordered, _ = in_order(terms, lines_of(commitments))
    kept = [article for article in articles if article.decided_price_minor is not None]
    prices = {article.id: [tier.price_minor for tier in article.tiers] for article in articles}
    by_key = terms.by_key()
    return Outcome(
        succeeded=True,
        failure=None,
        net_minor=sum(
            by_key[str(article.id)].net_of((article.decided_units or 0) * prices[article.id][0])
            for article in kept
        ),
        articles=tuple(
            ArticleOutcome(
                key=str(article.id),
                tier=(
                    prices[article.id].index(article.decided_price_minor)
                    if article.decided_price_minor is not None
                    else None
                ),
                units=article.decided_units or 0,
                price_minor=article.decided_price_minor,
                reason=None
                if article.decided_price_minor is not None
                else Dropped.THRESHOLD_NOT_REACHED,
            )
            for article in articles
        ),
        lines=tuple(results[line.commitment, line.article] for line in ordered),
    )


def reckon_dues(
    group_buy: GroupBuy,
    articles: Sequence[Article],
    commitments: Sequence[GroupBuyCommitment],
    outcome: Outcome,
) -> dict[int, int]:
    """What each commitment that is in owes, in minor units: goods, deposit, freight and share.

    Goods by weight are due at their ceiling until they are weighed; what is shared by value is
    shared by their nominal price, which no weight changes. Also writes each one's freight and
    share. A commitment that is out is missing.
    """
    heads = heads_of(outcome)
    freight = clearing.share_costs(
        group_buy.freight_rule,
        group_buy.freight_minor,
        group_buy.freight_ceiling_minor,
        heads,
    ).shares_minor
    share = clearing.share_costs(
        group_buy.share_rule, group_buy.share_minor, group_buy.share_ceiling_minor, heads
    ).shares_minor
    by_key = {str(article.id): article for article in articles}
    goods: dict[str, int] = {}
    for line in outcome.lines:
        if line.units:
            at_most = by_key[line.article].goods_at_most(line.units, line.price_minor)
            goods[line.commitment] = goods.get(line.commitment, 0) + at_most + line.deposit_minor
    dues = {}
    for commitment in commitments:
        key = str(commitment.id)
        if key not in goods:
            continue
        commitment.freight_minor = freight.get(key, 0)
        commitment.share_minor = share.get(key, 0)
        shipping = (
            group_buy.shipping_ceiling_minor
            if commitment.pickup_point_id is None and group_buy.ships
            else 0
        )
        dues[commitment.id] = (
            goods[key] + commitment.freight_minor + commitment.share_minor + shipping
        )
    return dues

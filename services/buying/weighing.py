"""Weighing: what goods by weight really weigh; once that is final, everyone owes just that.

Until then they owe the ceiling. Weights may be written down in any order and corrected any
often; they are made final once, before the hand-over, and then what was owed too much goes back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Article, GroupBuy, GroupBuyCommitment, Line, Stage
from models.collaborations import Commitment
from models.errors import Conflict, Invalid, NotFound
from models.weights import MOST_GRAMS
from models.words import N_
from services import events, payments
from services.buying import finding, happened
from services.buying.delivering import guard_stage


class WeightsFinal(Conflict):
    code = "weights-final"
    message = N_("The weights are final. They cannot be changed any more.")


class WeightsMissing(Conflict):
    code = "weights-missing"
    message = N_(
        "%(count)s portions are not weighed yet. Enter their grams, or say that they count as "
        "they were ordered."
    )


class NotYetWeighed(Conflict):
    code = "not-yet-weighed"
    message = N_("Some goods are sold by weight. Weigh them and make the weights final first.")


@dataclass(frozen=True)
class Portion:
    """What one commitment wants or gets of one article by weight."""

    commitment: GroupBuyCommitment
    article: Article
    line: Line

    @property
    def units(self) -> int:
        known = (self.line.delivered_units, self.line.decided_units, self.line.units)
        return next(units for units in known if units is not None)

    @property
    def nominal_grams(self) -> int:
        return self.units * self.article.nominal_grams

    @property
    def heaviest_grams(self) -> int:
        return self.article.heaviest_grams(self.units)

    @property
    def is_gift(self) -> bool:
        """Whether it is heavier than is charged for."""
        return (self.line.weighed_grams or 0) > self.heaviest_grams

    @property
    def at_most_minor(self) -> int:
        """What is owed for it until the weights are final."""
        return self.article.goods_at_most(self.units, self._price_minor)

    @property
    def weighed_minor(self) -> int:
        """What it costs by its weight; one that was not weighed counts as it was ordered."""
        return self.article.goods_weighed(self.units, self.line.weighed_grams, self._price_minor)

    @property
    def back_minor(self) -> int:
        return self.at_most_minor - self.weighed_minor

    @property
    def _price_minor(self) -> int:
        if self.line.decided_units is None:
            return min(self.line.highest_price_minor, self.article.tiers[0].price_minor)
        return self.line.price_minor or 0


def portions(
    articles: Iterable[Article], crates: Sequence[GroupBuyCommitment]
) -> Mapping[int, Sequence[Portion]]:
    """What has to be weighed, by article id in the order of the list; within it as `crates`."""
    found: dict[int, list[Portion]] = {one.id: [] for one in articles if one.is_by_weight}
    by_id = {one.id: one for one in articles}
    for commitment in crates:
        for line in commitment.lines:
            if line.article_id in found and line.delivered_units:
                found[line.article_id].append(Portion(commitment, by_id[line.article_id], line))
    return {article_id: some for article_id, some in found.items() if some}


def weigh(session: Session, group_buy: GroupBuy, grams: Mapping[int, int | None]) -> None:
    """Write down what portions weigh, in grams by line id; None takes a weight back.

    The caller holds the lock. Refuses with NotAtThisStage, with WeightsFinal once they are,
    with NotFound what is not sold by weight or goes to nobody, and with Invalid, naming
    `grams-{id}`, what is no weight.
    """
    _guard(group_buy)
    wrong = {
        f"grams-{line_id}": N_("Please enter whole grams, 1 or more.")
        for line_id, weight in grams.items()
        if weight is not None and not 1 <= weight <= MOST_GRAMS
    }
    if wrong:
        raise Invalid(fields=wrong)
    lines = session.scalars(
        _by_weight(group_buy).where(Line.id.in_(grams)).execution_options(populate_existing=True)
    ).all()
    if len(lines) != len(grams):
        raise NotFound
    for line in lines:
        line.weighed_grams = grams[line.id]
    session.flush()


def is_missing(session: Session, group_buy: GroupBuy) -> bool:
    """Whether goods by weight came whose weights are not final yet."""
    return group_buy.weighed_at is None and bool(
        session.scalar(select(exists(_by_weight(group_buy))))
    )


def make_final(
    session: Session,
    group_buy: GroupBuy,
    *,
    rest_as_ordered: bool = False,
    actor: Actor,
    now: datetime,
) -> None:
    """Let everyone owe what their goods weigh; what they owed or paid beyond it goes back.

    A portion without a weight counts as it was ordered, if those who organise say so by
    `rest_as_ordered`; else it refuses with WeightsMissing. The caller holds the lock. Refuses
    with NotAtThisStage, and with WeightsFinal a second time.
    """
    _guard(group_buy)
    taking_part = finding.commitments(session, group_buy, Commitment.TAKING_PART)
    found = [
        one
        for some in portions(finding.articles(session, group_buy), taking_part).values()
        for one in some
        # What was withdrawn from and given back already costs nothing, whatever it weighs.
        if one.line.revoked_at is None
    ]
    missing = sum(one.line.weighed_grams is None for one in found)
    if missing and not rest_as_ordered:
        raise WeightsMissing(count=missing)
    back: dict[Commitment, int] = {}
    for one in found:
        back[one.commitment] = back.get(one.commitment, 0) + one.back_minor
    group_buy.weighed_at = now
    group_buy.touch()
    # What a bank has given back to its cardholder already is owed no more.
    capped = {one: min(amount, one.due_minor) for one, amount in back.items()}
    lowered = {one: amount for one, amount in capped.items() if amount}
    payments.lower_dues(session, group_buy, lowered, step="weighed", reason="weighed", now=now)
    for commitment in lowered:
        commitment.changed_at = now
    _tell(session, group_buy, lowered, actor, now)
    if not group_buy.collecting_days:
        # They pay after the delivery; what that costs is known only now.
        payments.request_charges(session, group_buy.id, now=now)


def _guard(group_buy: GroupBuy) -> None:
    if group_buy.weighed_at is not None:
        raise WeightsFinal
    guard_stage(group_buy, Stage.DELIVERED)


def _by_weight(group_buy: GroupBuy) -> Select[Line]:
    return (
        select(Line)
        .join(Article, Article.id == Line.article_id)
        .join(GroupBuyCommitment, GroupBuyCommitment.id == Line.commitment_id)
        .where(
            GroupBuyCommitment.collaboration_id == group_buy.id,
            GroupBuyCommitment.state.in_(Commitment.TAKING_PART),
            Article.overweight_basis_points.is_not(None),
            Line.delivered_units > 0,
        )
    )


def _tell(
    session: Session,
    group_buy: GroupBuy,
    lowered: Mapping[Commitment, int],
    actor: Actor,
    now: datetime,
) -> None:
    events.record_many(
        session,
        [
            happened.PortionsWeighed(
                by=actor.member.id,
                participant_id=commitment.participant_id,
                collaboration_id=group_buy.id,
                commitment_id=commitment.id,
                refund_minor=amount,
                currency=group_buy.currency,
            )
            for commitment, amount in lowered.items()
        ],
        now=now,
    )
    events.record(
        session,
        happened.GroupBuyWeighed(by=actor.member.id, collaboration_id=group_buy.id),
        now=now,
    )

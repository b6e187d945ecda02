"""Amending: the terms of an open group buy change, and nobody is moved to worse ones in silence.

A commitment stays on the version it agreed to. If the new one leaves its order nowhere worse
off, that holds for it at once; else the order does not count until its member agrees, and
whoever has not agreed by the close is left out and owes nothing. Meanwhile the units stay set
aside, and leaving is free.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Article, GroupBuy, GroupBuyCommitment
from models.collaborations import Commitment, State, Terms
from models.errors import Conflict, Invalid, NotFound
from models.rules import Rationing
from models.words import N_
from services import events, ledger, queue
from services.buying import consenting, finding, happened, opening, waiting
from services.buying.describing import (
    NewArticle,
    guard_article,
    guard_description,
    guard_fetching,
)
from services.buying.differences import differences, is_worse_for
from services.buying.drafting import say_article
from services.buying.orders import Order, Wanted, count_lines, worst_case
from services.buying.standing import forget_standing, restand, tell_tipping
from services.gateways.currencies import is_chargeable

# So long before the close at least, what is worse for those who agreed until now can be agreed to.
TIME_TO_AGREE = timedelta(hours=24)
# Everything else is fixed at the opening: who sells and is paid, the currency, how units are
# rationed, the days of collecting and the extension.
AMENDABLE = frozenset(
    {
        "closes_at", "smallest_order_minor", "withdrawal_policy", "shortfall_rule",
        "floor_basis_points", "by_card", "at_pickup", "ships", "shipping_ceiling_minor",
        "freight_rule", "freight_minor", "freight_ceiling_minor", "share_rule", "share_minor",
        "share_ceiling_minor",
    }
)  # fmt: skip


class CannotAmend(Conflict):
    code = "cannot-amend"
    message = N_("Terms can be changed only while a group buy is open and not paused.")


class NothingChanged(Invalid):
    code = "nothing-changed"
    message = N_("This is what the terms say already.")


class TooLateToAmend(Conflict):
    code = "too-late-to-amend"
    message = N_("This is worse for people who joined: leave them a day to agree to it.")


@dataclass(frozen=True)
class Amendment:
    """What should be said anew: columns of AMENDABLE, and whole articles by their id."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    articles: Mapping[int, NewArticle] = field(default_factory=dict)


def amend(
    session: Session, group_buy: GroupBuy, amendment: Amendment, *, actor: Actor, now: datetime
) -> Terms:
    """Let new terms hold, as a new version; everyone who joined is told.

    The caller holds the lock and has asked whether `actor` organises it. Refuses with CannotAmend,
    NothingChanged, AgreedWithSupplier, TooLateToAmend, with TiersInvalid, and with Invalid (naming
    the field) what contradicts itself or takes away what somebody has ordered or chosen.
    """
    if not may_amend(group_buy, now=now):
        raise CannotAmend
    assert amendment.changes.keys() <= AMENDABLE, "These terms are fixed at the opening."
    articles = finding.articles(session, group_buy)
    before = opening.content_of(session, group_buy, articles)
    alive = finding.commitments(session, group_buy, Commitment.ALIVE)
    agreed = [one for one in alive if group_buy.has_consent_of(one)]
    _say(session, group_buy, articles, amendment, now)
    content = opening.content_of(session, group_buy, articles)
    found = differences(before, content)
    if not found:
        raise NothingChanged
    consenting.guard_agreed(group_buy, found, actor)
    made = opening.keep_terms(session, group_buy, content, actor=actor, now=now)
    bettered = _move(session, alive, made)
    if any(one not in bettered for one in agreed) and group_buy.closes_at - now < TIME_TO_AGREE:
        raise TooLateToAmend
    touched = {one.article_id for one in found} | {
        line.article_id for commitment in alive for line in commitment.lines
    }
    concerned = [one for one in articles if one.id in touched or group_buy.articles_count == 1]
    tipping = _recount(session, group_buy, concerned, alive)
    _lower_holds(session, group_buy, articles, bettered, now)
    if "closes_at" in amendment.changes:
        queue.defer(session, "buying.close", at=group_buy.closes_at, group_buy_id=group_buy.id)
    events.record(
        session,
        happened.TermsChanged(
            by=actor.member.id,
            collaboration_id=group_buy.id,
            number=made.number,
            closes_at=group_buy.closes_at.isoformat(),
        ),
        now=now,
    )
    if tipping:
        tell_tipping(session, group_buy, actor, now)
    waiting.give_places(session, group_buy, now=now)
    return made


def may_amend(group_buy: GroupBuy, *, now: datetime) -> bool:
    """Whether its terms can be changed at all: while it is open or scheduled, and not paused."""
    return group_buy.state == State.OPEN and not group_buy.is_paused and now < group_buy.closes_at


def _say(
    session: Session,
    group_buy: GroupBuy,
    articles: Sequence[Article],
    amendment: Amendment,
    now: datetime,
) -> None:
    """Write the new terms down; what is taken away from somebody is refused."""
    problems = {}
    for name in ("by_card", "at_pickup", "ships"):
        if getattr(group_buy, name) and not amendment.changes.get(name, True):
            problems[name] = N_("This was offered, so it stays: people may have chosen it.")
    if amendment.changes.get("by_card") and not is_chargeable(group_buy.currency):
        problems["by_card"] = N_("Cards are not charged in this currency.")
    if problems:
        raise Invalid(fields=problems)
    for name, value in amendment.changes.items():
        setattr(group_buy, name, value)
    guard_description(group_buy, now)
    guard_fetching(group_buy, finding.pickup_points(session, group_buy))
    by_id = {article.id: article for article in articles}
    for article_id, given in amendment.articles.items():
        if article_id not in by_id:
            raise NotFound
        article = by_id[article_id]
        guard_article(given)
        _guard_largest(group_buy, article, given)
        given = replace(
            given,
            picture_id=given.picture_id or article.picture_id,
            catalogue_article_id=article.catalogue_article_id,
            same_as_id=article.same_as_id,
        )
        # What stands of it was reckoned by the old price and tax, and goes by those.
        forget_standing(group_buy, article)
        say_article(session, article, given)
        article.is_capped = (
            group_buy.rationing == Rationing.FIRST_COME and given.maximum_units is not None
        )
    session.flush()


def _guard_largest(group_buy: GroupBuy, article: Article, given: NewArticle) -> None:
    if group_buy.rationing != Rationing.FIRST_COME or given.maximum_units is None:
        return
    if given.maximum_units // given.case_size * given.case_size < article.active_units:
        raise Invalid(
            fields={"maximum_units": N_("More than that is ordered already: %(units)s.")},
            units=article.active_units,
        )


def _move(
    session: Session, alive: Sequence[GroupBuyCommitment], made: Terms
) -> list[GroupBuyCommitment]:
    """Let the new version hold for every order that is nowhere worse off by it; which those are."""
    agreed = session.execute(
        select(Terms.number, Terms.content).where(
            Terms.collaboration_id == made.collaboration_id,
            Terms.number.in_({one.terms_number for one in alive}),
        )
    )
    found = {number: differences(content, made.content) for number, content in agreed}
    bettered = []
    for commitment in alive:
        ordered = {line.article_id for line in commitment.lines}
        if not is_worse_for(found[commitment.terms_number], ordered):
            commitment.terms_number = made.number
            bettered.append(commitment)
    return bettered


def _recount(
    session: Session,
    group_buy: GroupBuy,
    articles: Sequence[Article],
    alive: Sequence[GroupBuyCommitment],
) -> bool:
    """Reckon what stands of these articles from the orders; True if it tipped or un-tipped."""
    by_id = {article.id: article for article in articles}
    for article in articles:
        forget_standing(group_buy, article)
        article.count_anew()
    for commitment in alive:
        count_lines(group_buy, by_id, commitment, sign=1)
    return restand(session, group_buy, articles)


def _lower_holds(
    session: Session,
    group_buy: GroupBuy,
    articles: Sequence[Article],
    bettered: Collection[GroupBuyCommitment],
    now: datetime,
) -> None:
    """Hold no more than the new terms can cost those for whom they hold already."""
    by_id = {article.id: article for article in articles}
    lowered = {}
    for one in bettered:
        wanted = [
            Wanted(line.article_id, line.units, line.tolerance, line.highest_price_minor)
            for line in one.lines
        ]
        order = Order(wanted=wanted, pickup_point_id=one.pickup_point_id)
        worst_minor = worst_case(group_buy, by_id, wanted, order)
        assert worst_minor <= one.worst_case_minor, "A worst case never rises without consent."
        if worst_minor < one.worst_case_minor:
            lowered[one] = worst_minor
    ledger.void_many(session, [one.hold_key for one in lowered])
    own = ledger.own_accounts(
        session, [one.participant_id for one in lowered], group_buy.currency, now=now
    )
    for one, worst_minor in lowered.items():
        one.version += 1
        one.worst_case_minor = worst_minor
    ledger.hold_many(
        session,
        {one.hold_key: (own[one.participant_id], one.worst_case_minor) for one in lowered},
        now=now,
    )

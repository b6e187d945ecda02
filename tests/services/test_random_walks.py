"""Random walks over the acts of a group buy: after every step the books and the sums agree."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models.buying import GroupBuyCommitment, Line, Stage, WithdrawalPolicy
from models.collaborations import Commitment, CommitmentState, State
from models.errors import Refused
from models.ledger import Account, AccountPurpose
from models.rules import Rationing
from services import buying, clearing, ledger
from services.buying import agreeing, amending, handing_over, weighing
from services.buying.amending import Amendment
from services.buying.describing import said_of
from services.buying.outcomes import lines_of
from services.buying.standing import terms_of_all
from tests import make
from tests.make_buying import cheese, commitment_of, group_buy, olive_oil

PEOPLE = 5
START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class Walk(RuleBasedStateMachine):
    """One deal of two articles, five people, and a clock that only goes forward."""

    session: Session

    @initialize(
        rationing=st.sampled_from(Rationing),
        policy=st.sampled_from(WithdrawalPolicy),
        case_size=st.integers(1, 4),
        smallest_order_minor=st.sampled_from([0, 0, 20_000]),
    )
    def open(self, rationing, policy, case_size, smallest_order_minor):
        self.now = START
        self.savepoint = self.session.begin_nested()
        self.alice = make.actor(self.session, "Alice", now=self.now)
        self.people = [make.actor(self.session, f"P{n}", now=self.now) for n in range(PEOPLE)]
        self.deal = group_buy(
            self.session,
            self.alice,
            now=self.now,
            articles=[
                olive_oil(case_size=case_size, maximum_units=12),
                cheese(tiers=[(1, 300), (6, 250), (9, 199)]),
            ],
            rationing=rationing,
            withdrawal_policy=policy,
            smallest_order_minor=smallest_order_minor,
        )

    def teardown(self):
        if hasattr(self, "savepoint"):
            self.savepoint.rollback()
            self.session.expire_all()

    def attempt(self, act, *arguments, **named):
        """Run one act whole or not at all; a refusal is an answer, anything else a failure."""
        try:
            with self.session.begin_nested():
                act(self.session, *arguments, **named, now=self.now)
        except Refused:
            self.session.expire_all()

    def locked(self):
        return buying.locked(self.session, self.deal.id)

    @rule(
        who=st.integers(0, PEOPLE - 1),
        units=st.lists(st.integers(0, 7), min_size=2, max_size=2),
        tolerance=st.integers(0, 4),
        highest=st.sampled_from([None, 4000, 3999, 3600, 300]),
        may_wait=st.booleans(),
    )
    def order(self, who, units, tolerance, highest, may_wait):
        actor = self.people[who]
        articles = buying.articles(self.session, self.deal)
        [point] = buying.pickup_points(self.session, self.deal)
        wanted = buying.Order(
            wanted=[
                buying.Wanted(article.id, count, tolerance if count else 0, highest)
                for article, count in zip(articles, units, strict=True)
            ],
            payment_method="at_pickup",
            pickup_point_id=point.id,
            may_wait=may_wait,
        )
        mine = commitment_of(self.session, self.deal, actor.participant.id)
        if mine is None:
            self.attempt(buying.join, self.locked(), wanted, actor=actor)
        else:
            self.attempt(buying.change, self.locked(), mine, wanted, actor=actor)

    @rule(who=st.integers(0, PEOPLE - 1))
    def leave(self, who):
        actor = self.people[who]
        mine = commitment_of(self.session, self.deal, actor.participant.id)
        if mine is not None:
            self.attempt(buying.withdraw, self.locked(), mine, actor=actor)

    @rule(
        which=st.integers(0, 1),
        price=st.sampled_from([280, 300, 350, 3800, 4000, 4300]),
        step=st.sampled_from([(5, 100), (9, 199), (20, 3600)]),
        size=st.tuples(st.integers(1, 8), st.integers(6, 14), st.integers(1, 4)),
        deposit=st.sampled_from([0, 0, 50]),
        ceiling=st.sampled_from([0, 400, 900]),
    )
    def amend(self, which, price, step, size, deposit, ceiling):
        article = buying.articles(self.session, self.deal)[which]
        minimum_units, maximum_units, case_size = size
        said = replace(
            said_of(article),
            tiers=[(1, price), *([step] if step[1] < price else [])],
            minimum_units=minimum_units,
            maximum_units=maximum_units,
            case_size=case_size,
            deposit_minor=deposit,
        )
        changes = {"freight_ceiling_minor": ceiling}
        before = self.worst_cases()
        given = Amendment(changes, {article.id: said})
        self.attempt(amending.amend, self.locked(), given, actor=self.alice)
        assert all(worst <= before[one] for one, worst in self.worst_cases().items())

    @rule(who=st.integers(0, PEOPLE - 1))
    def agree(self, who):
        actor = self.people[who]
        mine = commitment_of(self.session, self.deal, actor.participant.id)
        if mine is not None:
            wanted = agreeing.order_under_new_terms(self.session, self.deal, mine)
            self.attempt(buying.change, self.locked(), mine, wanted, actor=actor)

    def worst_cases(self):
        rows = self.session.execute(
            select(Commitment.id, Commitment.worst_case_minor).filter_by(
                collaboration_id=self.deal.id
            )
        )
        return dict(rows.all())

    @rule(hours=st.integers(1, 72))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @rule()
    def close(self):
        buying.close(self.session, self.deal.id, now=self.now)

    @rule()
    def pause_or_resume(self):
        deal = self.locked()
        if deal.is_paused:
            self.attempt(buying.resume, deal, actor=self.alice)
        else:
            self.attempt(buying.pause, deal, reason="a word", actor=self.alice)

    @precondition(lambda self: self.deal.state == State.RUNNING)
    @rule(share=st.integers(0, 10))
    def go_on(self, share):
        """Take the next step after the decision, whatever it is; goods may come short."""
        deal = self.locked()
        if deal.stage == "":
            self.attempt(buying.mark_ordered, deal, actor=self.alice)
        elif deal.stage == Stage.ORDERED:
            came = {
                article.id: (article.decided_units or 0) * share // 10
                for article in buying.ordered_articles(self.session, deal)
            }
            self.attempt(buying.deliver, deal, came, actor=self.alice)
        elif deal.stage == Stage.DELIVERED:
            if weighing.is_missing(self.session, deal):
                even = share % 2 == 0
                self.attempt(buying.make_final, deal, rest_as_ordered=even, actor=self.alice)
            self.attempt(buying.begin_hand_over, deal, actor=self.alice)
        else:
            self.attempt(buying.complete, deal, unclaimed="kept for next week", actor=self.alice)

    @precondition(lambda self: self.deal.stage == Stage.DELIVERED)
    @rule(grams=st.lists(st.none() | st.integers(1, 5000), min_size=PEOPLE, max_size=PEOPLE))
    def weigh(self, grams):
        deal = self.locked()
        articles = buying.articles(self.session, deal)
        crates = handing_over.crates(self.session, deal)
        for some in weighing.portions(articles, crates).values():
            said = {one.line.id: weight for one, weight in zip(some, grams, strict=False)}
            self.attempt(lambda session, now, said=said: buying.weigh(session, deal, said))

    @rule()
    def call_off(self):
        if self.now.hour % 12 == 0:
            self.attempt(buying.cancel, self.locked(), reason="no truck", actor=self.alice)

    @invariant()
    def the_books_are_sound(self):
        if not hasattr(self, "deal"):
            return
        self.session.flush()
        self.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        self.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        assert ledger.verify(self.session) == []
        # What is held is the worst case of those who are undecided, and of nobody else.
        for person in self.people:
            account = self.session.scalar(
                select(Account)
                .filter_by(owner_id=person.participant.id, purpose=AccountPurpose.OWN)
                .execution_options(populate_existing=True)
            )
            mine = commitment_of(self.session, self.deal, person.participant.id)
            alive = mine is not None and mine.state in (
                CommitmentState.ACTIVE,
                CommitmentState.WAITING,
            )
            held = account.held_minor if account else 0
            assert held == (mine.worst_case_minor if alive else 0)
            owed = -account.balance_minor if account else 0
            assert owed == (mine.due_minor if mine is not None and not alive else 0)

    @invariant()
    def the_running_sums_are_those_of_the_lines(self):
        if not hasattr(self, "deal") or self.deal.state != State.OPEN:
            return
        rows = self.session.execute(
            select(
                Line.article_id,
                Line.units,
                Line.tolerance,
                Line.highest_price_minor,
                Commitment.terms_number,
                Commitment.state,
            )
            .join(GroupBuyCommitment, GroupBuyCommitment.id == Line.commitment_id)
            .where(
                Commitment.collaboration_id == self.deal.id,
                Commitment.state.in_(Commitment.ALIVE),
            )
        ).all()
        articles = buying.articles(self.session, self.deal)
        standing = [buying.standing_of(article) for article in articles]
        kept = [one for one in standing if one.tier is not None]
        assert self.deal.standing_articles == len(kept)
        assert self.deal.standing_value_minor == sum(one.net_minor for one in kept)
        for article in articles:
            mine = [row for row in rows if row.article_id == article.id]
            placed = [row for row in mine if row.state == CommitmentState.ACTIVE]
            assert article.active_units == sum(row.units for row in placed)
            for at, tier in enumerate(article.tiers):
                reached = [
                    row
                    for row in mine
                    if row.highest_price_minor >= tier.price_minor
                    and row.terms_number == self.deal.terms_number
                ]
                assert article.demand_units[at] == sum(row.units for row in reached)
                assert article.tolerance_units[at] == sum(row.tolerance for row in reached)

    @invariant()
    def it_stands_as_it_would_be_cleared_now(self):
        if not hasattr(self, "deal") or self.deal.state != State.OPEN:
            return
        alive = buying.commitments(self.session, self.deal, Commitment.ALIVE)
        counted = [one for one in alive if self.deal.has_consent_of(one)]
        articles = buying.articles(self.session, self.deal)
        outcome = clearing.clear(terms_of_all(self.deal, articles), lines_of(counted))
        assert self.deal.is_tipped == outcome.succeeded
        if outcome.succeeded:
            kept = {one.key: one.units for one in outcome.articles if one.units}
            stands = {str(one.id): one.standing_units for one in articles if one.standing_units}
            assert stands == kept

    @invariant()
    def progress_is_that_of_the_nearest_threshold(self):
        if not hasattr(self, "deal") or self.deal.state != State.OPEN or self.deal.is_tipped:
            return
        if self.deal.smallest_order_minor:
            return
        nearest = max(
            demand * 10_000 // max(tier.from_units, one.minimum_units, one.case_size)
            for one in buying.articles(self.session, self.deal)
            for tier, demand in zip(one.tiers, one.demand_units, strict=True)
        )
        assert self.deal.progress_basis_points == min(9_999, nearest)

    @invariant()
    def nobody_pays_more_than_their_worst_case(self):
        if not hasattr(self, "deal"):
            return
        for commitment in self.session.scalars(
            select(GroupBuyCommitment)
            .filter_by(collaboration_id=self.deal.id)
            .execution_options(populate_existing=True)
        ):
            assert commitment.due_minor <= commitment.worst_case_minor


@pytest.mark.timeout(300)
def test_no_walk_breaks_the_books(session):
    Walk.session = session
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=int(os.environ.get("WALKS", "40")),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

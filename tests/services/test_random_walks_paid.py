"""Random walks with money in them: failing cards, cash, guests, goods that come short.

After every step the books agree; and however a walk went, it is carried on to its end, where the
bank, the books and the members have to say the same.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
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
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from marketplace import db
from marketplace.payments import acts
from models.buying import GroupBuyCommitment, PaymentMethod, ShortfallRule, Stage
from models.collaborations import Commitment, State
from models.errors import Refused
from models.invoices import Invoice
from models.ledger import Account, AccountPurpose, Hold, HoldState
from models.payments import Payment, PaymentState, Refund, RefundState
from services import buying, ledger, payments
from services.buying import guests, handing_over, settling, shortfalls, steering, weighing
from services.gateways.answers import GatewayUnreachable
from tests import make
from tests.make_buying import cheese, commitment_of, group_buy, olive_oil
from tests.make_payments import Bank
from tests.undoing import undone

PEOPLE = 4
START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
CARDS = (
    "pm_card_visa", "pm_card_visa", "pm_card_chargeCustomerFail",
    "pm_card_authenticationRequired",
)  # fmt: skip
WHERE = acts.Addresses(
    "http://localhost/payments/return?session_id={CHECKOUT_SESSION_ID}", "http://localhost/", "en"
)
OVER = (State.FAILED, State.CANCELLED)


class PaidWalk(RuleBasedStateMachine):
    """One deal of oil and of cheese by weight, four people with cards of their own, one guest."""

    session: Session
    app: Flask
    kind_of_bank: type[Bank] = Bank

    @initialize(
        cards=st.lists(st.sampled_from(CARDS), min_size=PEOPLE, max_size=PEOPLE),
        shortfall_rule=st.sampled_from(ShortfallRule),
        collecting_days=st.sampled_from([0, 2, 7]),
        freight=st.sampled_from([{}, {"freight_rule": "per_head", "freight_minor": 1000,
                                      "freight_ceiling_minor": 600}]),
    )  # fmt: skip
    def open(
        self,
        cards: list[str],
        shortfall_rule: ShortfallRule,
        collecting_days: int,
        freight: dict[str, Any],
    ) -> None:
        self.undoing = ExitStack()
        self.undoing.enter_context(undone(self.session))
        self.undoing.enter_context(self.app.app_context())
        self.now = START
        self.bank = self.kind_of_bank(self.app, self.now)
        self.alice = make.actor(self.session, "Alice", now=self.now)
        self.people = [make.actor(self.session, f"P{n}", now=self.now) for n in range(PEOPLE)]
        self.deal = group_buy(
            self.session,
            self.alice,
            now=self.now,
            closes_at=self.now + timedelta(days=9),
            articles=[olive_oil(minimum_units=3, maximum_units=20), cheese(minimum_units=2)],
            shortfall_rule=shortfall_rule,
            collecting_days=collecting_days,
            **freight,
            **self.more_terms(),
        )
        for person, card in zip(self.people, cards, strict=True):
            self.bank.save_card(self.session, person, card)
        self.guest = guests.add(self.session, self.deal, "Guest", actor=self.alice, now=self.now)

    def more_terms(self) -> dict[str, Any]:
        return {}

    def teardown(self) -> None:
        if hasattr(self, "undoing"):
            with self.undoing:
                self.carry_on_to_the_end()

    # The members' acts.

    @rule(
        who=st.integers(0, PEOPLE),
        units=st.tuples(st.integers(0, 5), st.integers(0, 3)),
        by_card=st.booleans(),
    )
    def order(self, who: int, units: tuple[int, int], by_card: bool) -> None:
        is_guest = who == PEOPLE
        buyer = self.guest if is_guest else self.people[who].participant
        mine = commitment_of(self.session, self.deal, buyer.id)
        wanted = self.wanted(units, by_card and not is_guest)
        if is_guest:
            if mine is None:
                self.attempt(guests.order, self.locked(), self.guest, wanted, actor=self.alice)
            else:
                self.attempt(guests.change, self.locked(), mine, wanted, actor=self.alice)
        elif mine is None:
            self.attempt(self.join, wanted, actor=self.people[who])
        else:
            self.attempt(buying.change, self.locked(), mine, wanted, actor=self.people[who])

    def join(self, session: Session, wanted: buying.Order, *, actor: Any, now: datetime) -> None:
        made = buying.join(session, self.locked(), wanted, actor=actor, now=now)
        if wanted.payment_method == PaymentMethod.CARD:
            payments.use_saved_card(session, made, consent="At most.", actor=actor, now=now)

    def wanted(self, units: tuple[int, int], by_card: bool) -> buying.Order:
        articles = buying.articles(self.session, self.deal)
        [point] = buying.pickup_points(self.session, self.deal)
        return buying.Order(
            wanted=[
                buying.Wanted(article.id, count)
                for article, count in zip(articles, units, strict=True)
            ],
            payment_method=PaymentMethod.CARD if by_card else PaymentMethod.AT_PICKUP,
            pickup_point_id=point.id,
        )

    @rule(who=st.integers(0, PEOPLE - 1))
    def leave(self, who: int) -> None:
        mine = commitment_of(self.session, self.deal, self.people[who].participant.id)
        if mine is not None:
            self.attempt(buying.withdraw, self.locked(), mine, actor=self.people[who])

    @precondition(lambda self: self.deal.state in (State.COLLECTING, State.RUNNING))
    @rule(who=st.integers(0, PEOPLE - 1))
    def repair(self, who: int) -> None:
        """Pay what a card did not bring on the hosted page, with one that works."""
        for one in self.payments():
            if one.participant_id == self.people[who].participant.id:
                try:
                    with db.at(self.now):
                        url = acts.open_page(one.commitment_id, "Yes.", WHERE, self.people[who])
                        self.bank.use(url)
                        self.session.refresh(one)
                        acts.read_page(one.checkout_key)
                except (Refused, GatewayUnreachable):
                    self.session.expire_all()

    @precondition(lambda self: self.deal.state in (State.RUNNING, State.COMPLETED))
    @rule(
        who=st.integers(0, PEOPLE),
        says=st.sampled_from(
            [payments.confirm_paid, payments.confirm_received, payments.take_back,
             payments.pay_by_hand]
        ),
        as_organiser=st.booleans(),
    )  # fmt: skip
    def speak_of_cash(self, who: int, says: Any, as_organiser: bool) -> None:
        buyer = self.guest if who == PEOPLE else self.people[who].participant
        by = self.alice if as_organiser or who == PEOPLE else self.people[who]
        for one in self.payments():
            if one.participant_id == buyer.id:
                self.attempt(says, one.commitment_id, actor=by)

    # Time, and those who organise.

    @rule(hours=st.integers(6, 96))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.bank.run(self.session, self.now)

    @precondition(lambda self: self.deal.stage == Stage.SUPPLIER_ASKED)
    @rule(goes_on=st.booleans())
    def decide(self, goes_on: bool) -> None:
        self.attempt(shortfalls.decide, self.locked(), goes_on=goes_on, actor=self.alice)

    @precondition(lambda self: self.deal.state == State.RUNNING)
    @rule(tenths=st.integers(4, 10), grams=st.integers(500, 1000))
    def go_on(self, tenths: int, grams: int) -> None:
        """The next step after the decision; goods may come short, and weigh what they weigh."""
        deal = self.locked()
        if deal.stage == "":
            self.attempt(buying.mark_ordered, deal, actor=self.alice)
        elif deal.stage == Stage.ORDERED:
            came = {
                article.id: (article.decided_units or 0) * tenths // 10
                for article in buying.ordered_articles(self.session, deal)
            }
            self.attempt(buying.deliver, deal, came, actor=self.alice)
        elif deal.stage == Stage.DELIVERED:
            if weighing.is_missing(self.session, deal):
                articles = buying.articles(self.session, deal)
                crates = handing_over.crates(self.session, deal)
                for some in weighing.portions(articles, crates).values():
                    said = {one.line.id: grams for one in some[:1]}
                    self.attempt(lambda session, now, said=said: buying.weigh(session, deal, said))
                self.attempt(buying.make_final, deal, rest_as_ordered=True, actor=self.alice)
            self.attempt(buying.begin_hand_over, deal, actor=self.alice)
        else:
            self.attempt(buying.complete, deal, unclaimed="kept", actor=self.alice)

    @precondition(lambda self: self.deal.stage == Stage.HANDING_OVER)
    @rule(which=st.integers(0, PEOPLE))
    def hand_over(self, which: int) -> None:
        crates = handing_over.crates(self.session, self.deal)
        for one in crates[which : which + 1]:
            self.attempt(buying.hand_over, self.locked(), one, actor=self.alice)

    @rule()
    def give_cash_back(self) -> None:
        for refund in [*self.refunds(), *self.refunds(RefundState.FAILED)]:
            self.attempt(payments.hand_back, refund.id, actor=self.alice)

    @precondition(lambda self: self.deal.state == State.COMPLETED)
    @rule(which=st.integers(0, PEOPLE))
    def waive(self, which: int) -> None:
        for one in settling.owing(self.session, self.deal)[which : which + 1]:
            self.attempt(settling.waive, self.locked(), one, actor=self.alice)

    @precondition(lambda self: self.deal.state == State.COMPLETED)
    @rule()
    def settle(self) -> None:
        self.attempt(buying.settle, self.locked(), actor=self.alice)

    @precondition(lambda self: self.now > START + timedelta(days=6))
    @rule(really=st.integers(0, 5))
    def call_off(self, really: int) -> None:
        if not really:
            self.attempt(steering.cancel, self.locked(), reason="no truck", actor=self.alice)

    # What holds.

    @invariant()
    def the_books_are_sound(self) -> None:
        if not hasattr(self, "deal"):
            return
        self.session.flush()
        self.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        self.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        assert ledger.verify(self.session) == []

    @invariant()
    def nobody_is_charged_more_than_they_agreed_to(self) -> None:
        if not hasattr(self, "deal"):
            return
        for one in self.commitments():
            assert one.due_minor <= one.worst_case_minor
        for one in self.payments():
            assert one.refunded_minor <= one.amount_minor

    def carry_on_to_the_end(self) -> None:
        """Whatever was left open happens: the clock goes on, and everyone does what is theirs."""
        for _ in range(8):
            self.wait(days=8)
            deal = self.locked()
            if deal.stage == Stage.SUPPLIER_ASKED:
                self.decide(goes_on=True)
            if deal.state == State.RUNNING:
                self.go_on(tenths=8, grams=790)
        assert self.deal.state in (*OVER, State.COMPLETED), self.deal.state
        for one in self.payments():
            if one.state in Payment.FROM_HAND_TO_HAND and self.deal.state == State.COMPLETED:
                self.attempt(payments.confirm_received, one.commitment_id, actor=self.alice)
        if self.deal.state == State.COMPLETED:
            self.now += timedelta(days=8)
            for late in settling.owing(self.session, self.deal):
                self.attempt(settling.waive, self.locked(), late, actor=self.alice)
            self.attempt(buying.settle, self.locked(), actor=self.alice)
            assert self.deal.stage == Stage.SETTLED
        self.give_cash_back()
        self.bank.run(self.session, self.now + timedelta(hours=1))
        self.the_books_are_sound()
        self.all_is_settled()

    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.bank.run(self.session, self.now)

    def all_is_settled(self) -> None:
        """Nothing is held or owed, the pot is empty, and the bank has taken what was due."""
        self.session.expire_all()
        pending = select(func.count()).select_from(Hold).filter_by(state=HoldState.PENDING)
        assert self.session.scalar(pending) == 0
        pot = self.session.scalar(
            select(Account.balance_minor).filter_by(
                collaboration_id=self.deal.id, purpose=AccountPurpose.POT
            )
        )
        assert not pot
        dues = {
            one.id: one.due_minor if one.state in Commitment.TAKING_PART else 0
            for one in self.commitments()
        }
        for one in self.payments():
            back = sum(
                refund.amount_minor
                for refund in self.refunds(RefundState.SUCCEEDED)
                if refund.payment_id == one.id
            )
            assert self.refunds() == []
            if one.state == PaymentState.PAID:
                assert one.refunded_minor == back
                assert one.amount_minor == dues[one.commitment_id] + back
            else:
                assert dues[one.commitment_id] == 0
            if one.is_by_card and one.intent_key:
                charge = self.bank.read(one)
                assert charge.taken_minor - charge.refunded_minor == dues[one.commitment_id]
                assert not charge.held_minor
        said = select(Invoice.commitment_id, func.sum(Invoice.total_minor))
        documents = dict(self.session.execute(said.group_by(Invoice.commitment_id)).all())
        assert all(documents.get(one, 0) == due for one, due in dues.items())
        for person in self.people:
            own = self.session.scalar(
                select(Account).filter_by(
                    owner_id=person.participant.id, purpose=AccountPurpose.OWN
                )
            )
            assert own is None or (own.balance_minor, own.held_minor) == (0, 0)

    def attempt(self, act: Any, *arguments: Any, **named: Any) -> None:
        """Run one act whole or not at all; a refusal is an answer, anything else a failure."""
        try:
            with self.session.begin_nested():
                act(self.session, *arguments, **named, now=self.now)
        except Refused:
            self.session.expire_all()

    def locked(self) -> Any:
        return buying.locked(self.session, self.deal.id)

    def commitments(self) -> Iterator[GroupBuyCommitment]:
        yield from self.session.scalars(
            select(GroupBuyCommitment)
            .filter_by(collaboration_id=self.deal.id)
            .execution_options(populate_existing=True)
        ).all()

    def payments(self) -> list[Payment]:
        return list(
            self.session.scalars(
                select(Payment)
                .join(Commitment, Commitment.id == Payment.commitment_id)
                .where(Commitment.collaboration_id == self.deal.id)
                .order_by(Payment.id)
                .execution_options(populate_existing=True)
            )
        )

    def refunds(self, state: RefundState = RefundState.WANTED) -> list[Refund]:
        mine = [one.id for one in self.payments()]
        return list(
            self.session.scalars(
                select(Refund)
                .where(Refund.payment_id.in_(mine), Refund.state == state)
                .execution_options(populate_existing=True)
            )
        )


@pytest.mark.timeout(600)
def test_however_it_goes_money_and_books_agree(session: Session, app: Flask) -> None:
    PaidWalk.session, PaidWalk.app = session, app
    try:
        run_state_machine_as_test(
            PaidWalk,
            settings=settings(
                max_examples=int(os.environ.get("PAID_WALKS", "10")),
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        app.extensions.pop("gateway", None)

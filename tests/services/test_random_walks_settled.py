"""Random walks after the accounts are closed: money sent on, taken back, questioned by banks.

The walks with money go on: whoever sells may set up an account or not, buyers withdraw, and banks
take charges back. In the end all that moved at the gateway is held against the books, to the cent.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace import db, jobs
from marketplace.operations import reconciling
from marketplace.payments import acts
from models.buying import Payee, ShortfallRule
from models.chargebacks import Chargeback, ChargebackState
from models.collaborations import State
from models.ledger import Account, AccountPurpose
from models.payments import Payment, PaymentState, Refund, RefundState
from models.payouts import Remittance, RemittanceState
from models.rules import PayoutTerms, Sharing
from services import chargebacks, payments, payouts, reconciliation, revocations
from tests import make
from tests.make_payouts import introduce, open_account
from tests.services.test_random_walks_paid import OVER, PEOPLE, PaidWalk

RECURRING = ("payments.sweep", "payouts.sweep", "payouts.look_after", "chargebacks.sweep")
# Some banks ask, or take the money back, by themselves; one pays nothing.
CARDS = (
    "pm_card_visa", "pm_card_visa", "pm_card_createDispute", "pm_card_createDisputeInquiry",
    "pm_card_chargeCustomerFail", "pm_card_refundFail",
)  # fmt: skip
WORDS = ("They fetched it. winning_evidence", "We are not sure. losing_evidence", "")


class SettledWalk(PaidWalk):
    """A paid walk that goes on: who sells may be a trader, with a fee and a reserve."""

    @initialize(
        units=st.lists(
            st.tuples(st.integers(1, 5), st.integers(0, 3)), min_size=PEOPLE, max_size=PEOPLE
        ),
        by_card=st.lists(
            st.sampled_from([True, True, True, False]), min_size=PEOPLE, max_size=PEOPLE
        ),
        terms=st.sampled_from([PayoutTerms(), PayoutTerms(250, 0, 0), PayoutTerms(333, 1_000, 9)]),
        is_trader=st.booleans(),
        is_organised_for_another=st.booleans(),
        collecting_days=st.sampled_from([0, 2]),
        steps=st.integers(0, 6),
        cards=st.lists(st.sampled_from(CARDS), min_size=PEOPLE, max_size=PEOPLE),
    )
    def open(
        self,
        *,
        cards: list[str],
        units: list[tuple[int, int]],
        by_card: list[bool],
        terms: PayoutTerms,
        is_trader: bool,
        is_organised_for_another: bool,
        collecting_days: int,
        steps: int,
    ) -> None:
        """A deal that happens, most of it paid by card, so many steps beyond its decision."""
        self.is_organised_for_another = is_organised_for_another
        super().open(
            cards=cards,
            shortfall_rule=ShortfallRule.CONFIRM_ABOVE_FLOOR,
            collecting_days=collecting_days,
            freight={},
        )
        # As if it had been opened so.
        self.paid[-1].participant.is_trader = self.deal.sold_by_trader = is_trader
        self.deal.payout_terms = terms
        for who in range(PEOPLE):
            self.order(who=who, units=units[who], by_card=by_card[who])
        self.now = self.deal.closes_at
        self.bank.run(self.session, self.now)
        for _ in range(steps):
            self.session.expire_all()
            if self.deal.state == State.RUNNING:
                self.go_on(tenths=9, grams=790)
        for one in self.payments():
            if one.state in Payment.FROM_HAND_TO_HAND and self.deal.state == State.COMPLETED:
                self.attempt(payments.confirm_received, one.commitment_id, actor=self.alice)
                payer = next(who for who in self.people if who.participant.id == one.participant_id)
                self.attempt(payments.confirm_paid, one.commitment_id, actor=payer)

    def more_terms(self) -> dict[str, Any]:
        """Who is paid: Alice alone, or Alice her share and the seller the rest."""
        self.paid = [self.alice]
        if not self.is_organised_for_another:
            return {}
        self.paid.append(make.actor(self.session, "Seller", now=self.now))
        return {
            "payee": Payee.SUPPLIER,
            "supplier_id": self.paid[-1].participant.id,
            "share_rule": Sharing.PER_HEAD,
            "share_minor": 2_345,
            "share_ceiling_minor": 2_345,
        }

    @rule(who=st.integers(0, 1), is_finished=st.booleans())
    def set_up_an_account(self, who: int, is_finished: bool) -> None:
        for one in self.paid[who : who + 1]:
            known = payouts.account_of(self.session, one.participant.id)
            if known is None:
                person = "fine" if is_finished else ""
                open_account(self.session, self.bank, one, person=person, at=self.now)
            elif not known.is_submitted and is_finished:
                introduce(self.bank, known.account_key)

    @rule(who=st.integers(0, PEOPLE - 1))
    def question(self, who: int) -> None:
        """A bank takes a charge back, whatever became of it here."""
        for one in self.payments():
            is_theirs = one.participant_id == self.people[who].participant.id
            if is_theirs and one.state == PaymentState.PAID and one.intent_key:
                charge = self.bank.read(one)
                taken = self.bank.gateway.list_chargebacks(one.intent_key)
                if charge.refunded_minor < charge.taken_minor and not taken:
                    self.bank.control("/disputes", charge=charge.charge_id)

    @rule(words=st.sampled_from(WORDS))
    def answer_a_bank(self, words: str) -> None:
        for one in self.chargebacks():
            self.attempt(chargebacks.answer, one.id, words, actor=self.alice)

    @precondition(lambda self: self.deal.state in (State.RUNNING, State.COMPLETED))
    @rule(who=st.integers(0, PEOPLE - 1), which=st.sampled_from(["first", "all"]))
    def withdraw_from_contract(self, who: int, which: str) -> None:
        for order in self.commitments():
            if order.participant_id == self.people[who].participant.id:
                articles = [line.article_id for line in order.lines if line.has_goods]
                self.attempt(
                    revocations.declare,
                    order.id,
                    name="P",
                    contact="p@example.org",
                    article_ids=articles if which == "all" else articles[:1],
                    actor=self.people[who],
                )

    @rule()
    def give_back(self) -> None:
        for one in revocations.open_ones(self.session, self.deal):
            self.attempt(revocations.refund, self.locked(), one.revocation.id, actor=self.alice)

    @rule(hours=st.integers(1, 200))
    def hear(self, hours: int) -> None:
        """Time passes, the gateway's news is asked for, and what recurs runs."""
        self.now += timedelta(hours=hours)
        self.bank.moment = self.now
        with db.at(self.now):
            for recurs in (acts.fetch_missed, *(jobs.TASKS[task] for task in RECURRING)):
                self.recur(recurs)
        self.bank.run(self.session, self.now)
        self.session.expire_all()

    def recur(self, act: Callable[[], object]) -> None:
        """Do what recurs; where the gateway may be silent it is done again the next time."""
        act()

    @invariant()
    def no_charge_is_sent_on_beyond_what_it_brought(self) -> None:
        if not hasattr(self, "deal"):
            return
        for one in self.payments():
            sent = self.session.scalar(
                select(
                    func.coalesce(func.sum(Remittance.amount_minor + Remittance.fee_minor), 0)
                ).filter_by(payment_id=one.id, refund_id=None)
            )
            assert (sent or 0) <= one.amount_minor

    def wait(self, days: int) -> None:
        # News that nobody asks for within a month is not told any more.
        self.hear(hours=24 * days)

    def carry_on_to_the_end(self) -> None:
        # An answer to what is questioned comes in time, or never.
        for _ in range(3):
            self.hear(hours=16 * 24)
        super().carry_on_to_the_end()

    def all_is_settled(self) -> None:
        for who in (0, 1):
            self.set_up_an_account(who=who, is_finished=True)
        for _ in range(7):
            self.give_back()
            self.give_cash_back()
            self.hear(hours=8 * 24)
        self.session.expire_all()
        assert self.chargebacks() == []
        lost = [one for one in self.chargebacks(ChargebackState.LOST) if one.withdrawn_minor]
        for person in self.people:
            own = self.own_balance(person.participant.id)
            theirs = [one for one in lost if one.payment.participant_id == person.participant.id]
            given_twice = sum(
                one.withdrawn_minor - one.borne_minor - self.superseded(one) for one in theirs
            )
            assert own == -given_twice
        if self.deal.state in (State.COMPLETED, *OVER):
            waiting = select(func.count()).where(
                Remittance.state.in_([RemittanceState.WAITING, RemittanceState.SENT])
            )
            assert self.session.scalar(waiting) == 0
            ids = [one.participant.id for one in self.paid]
            owed = sum(payouts.owed_back(self.session, one).get("EUR", 0) for one in ids)
            cash = self.balance(AccountPurpose.CASH) + self.balance(AccountPurpose.BANK)
            assert sum(self.own_balance(one) for one in ids) + cash == -owed
            # Nothing stays at the gateway but the fee; what lacks is owed, or was given twice.
            fee = self.balance(AccountPurpose.FEES)
            assert self.balance(AccountPurpose.GATEWAY) + fee == owed + sum(
                one.withdrawn_minor - one.borne_minor - self.superseded(one) for one in lost
            )
        self.bank.moment = self.now + timedelta(hours=3)
        with db.at(self.bank.moment):
            reconciling.compare()
        assert [one.subject for one in reconciliation.open_differences(self.session)] == []
        last = reconciliation.last(self.session)
        assert last is not None
        assert all(one["at_gateway"] == one["in_books"] for one in last.sums.values())
        self.the_books_are_sound()

    def chargebacks(self, state: ChargebackState | None = None) -> list[Chargeback]:
        """Those that no bank has decided, or those in a state."""
        states = Chargeback.PENDING if state is None else (state,)
        return list(
            self.session.scalars(
                select(Chargeback)
                .where(Chargeback.state.in_(states))
                .execution_options(populate_existing=True)
            )
        )

    def superseded(self, one: Chargeback) -> int:
        back = select(func.coalesce(func.sum(Refund.amount_minor), 0)).filter_by(
            intent_key=one.intent_key, state=RefundState.SUPERSEDED
        )
        return self.session.scalar(back) or 0

    def own_balance(self, participant_id: int) -> int:
        found = select(Account.balance_minor).filter_by(
            owner_id=participant_id, purpose=AccountPurpose.OWN
        )
        return self.session.scalar(found) or 0

    def balance(self, purpose: AccountPurpose) -> int:
        found = select(Account.balance_minor).filter_by(
            collaboration_id=self.deal.id, purpose=purpose
        )
        return self.session.scalar(found) or 0


@pytest.mark.timeout(600)
def test_however_it_goes_what_moved_at_the_gateway_is_what_the_books_say(
    session: Session, app: Flask
) -> None:
    SettledWalk.session, SettledWalk.app = session, app
    try:
        run_state_machine_as_test(
            SettledWalk,
            settings=settings(
                max_examples=int(os.environ.get("SETTLED_WALKS", "8")),
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        app.extensions.pop("gateway", None)

"""Random walks over the services, longer and from other beginnings than those of every day.

In these the gateway falls silent, too, and the job that asked it is lost: what was done is heard
of later, or asked for anew.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from marketplace import db, jobs
from services.gateways.answers import GatewayUnreachable
from tests.chaos.conftest import Tally
from tests.chaos.instance import RECURRING
from tests.make_payments import TOKEN, Bank
from tests.services.test_random_walks_paid import PaidWalk
from tests.services.test_random_walks_settled import SettledWalk

# Many deals of the plain walks do not happen, so it takes more of them until an answer is lost.
WALKS = int(os.environ.get("CHAOS_WALKS", "25"))
SETTLED_WALKS = int(os.environ.get("CHAOS_SETTLED_WALKS", "15"))
STEPS = 25
SILENT = ("/v1/payment_intents", "/v1/payment_intents/*/cancel", "/v1/refunds", "/v1/checkout/*")


class SilentBank(Bank):
    """A bank that does not always answer; a job that asked it in vain is lost, and swept for."""

    lost_jobs = 0

    def run(self, session: Session, at: datetime) -> None:
        self.moment = at
        with self.app.app_context():
            for task in RECURRING:
                with suppress(GatewayUnreachable), db.at(at):
                    jobs.TASKS[task]()
            while not self._is_done(at):
                SilentBank.lost_jobs += 1

    def _is_done(self, at: datetime) -> bool:
        try:
            jobs.run_due(at=at)
        except GatewayUnreachable:
            return False
        return True

    def speak_again(self) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        self.simulator.test_client().delete("/_sim/faults", headers=headers)


class InterruptedWalk(PaidWalk):
    """A paid walk on which answers are lost."""

    kind_of_bank = SilentBank

    @rule(
        path=st.sampled_from(SILENT),
        fault=st.sampled_from(["connection_lost", "unavailable"]),
        count=st.integers(1, 3),
    )
    def fall_silent(self, path: str, fault: str, count: int) -> None:
        for _ in range(count):
            self.bank.fault(fault, path)

    def carry_on_to_the_end(self) -> None:
        """Whatever comes next is not answered either; then the bank speaks again."""
        for path in SILENT:
            self.bank.fault("connection_lost", path)
        for _ in range(3):
            self.now += timedelta(days=4)
            self.bank.run(self.session, self.now)
        self.bank.speak_again()
        super().carry_on_to_the_end()


class InterruptedSettledWalk(SettledWalk):
    """A walk on which money is sent on, taken back and questioned, and answers are lost."""

    kind_of_bank = SilentBank

    @rule(
        path=st.sampled_from([*SILENT, "/v1/transfers", "/v1/transfers/*", "/v1/disputes/*"]),
        fault=st.sampled_from(["connection_lost", "unavailable"]),
        count=st.integers(1, 3),
    )
    def fall_silent(self, path: str, fault: str, count: int) -> None:
        for _ in range(count):
            self.bank.fault(fault, path)

    def recur(self, act: Callable[[], object]) -> None:
        with suppress(GatewayUnreachable):
            act()

    def all_is_settled(self) -> None:
        self.bank.speak_again()
        super().all_is_settled()


@pytest.mark.chaos
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("kind", "walks", "tried"),
    [
        (InterruptedWalk, WALKS, "random walks whose gateway falls silent"),
        (
            InterruptedSettledWalk,
            SETTLED_WALKS,
            "random walks of payouts and chargebacks, the same",
        ),
    ],
)
def test_walks_with_a_silent_gateway_end_well(
    session: Session, app: Flask, tally: Tally, kind: type[PaidWalk], walks: int, tried: str
) -> None:
    kind.session, kind.app = session, app
    SilentBank.lost_jobs = 0
    walked = 0
    # Some walks never come to the gateway: until it was silent on one, nothing was tried.
    while not SilentBank.lost_jobs and walked < 4 * walks:
        try:
            run_state_machine_as_test(
                kind,
                settings=settings(
                    max_examples=walks,
                    stateful_step_count=STEPS,
                    deadline=None,
                    derandomize=False,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            app.extensions.pop("gateway", None)
        walked += walks
    tally.count(tried, walked, [])
    assert SilentBank.lost_jobs > 0

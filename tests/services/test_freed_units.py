"""Ten cans, more wanted: what one does not pay for goes to those who were rationed out."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import (
    Clearing,
    GroupBuy,
    GroupBuyCommitment,
    PaymentMethod,
    ShortfallRule,
    Stage,
)
from models.collaborations import CommitmentState, State
from models.events import Event
from models.ledger import Transfer
from models.payments import PaymentState
from models.rules import Rationing, Sharing
from services import buying, clearing, ledger
from services.buying import collecting
from services.payments import wallets
from services.payments.keys import booking_key, is_booking
from tests import make, make_buying
from tests.make_payments import Bank, attempts, balances, own_balance, payment, refunds

BROKE = "pm_card_chargeCustomerFail"


@pytest.fixture
def bank(app: Flask, now: datetime) -> Iterator[Bank]:
    with app.app_context():
        yield Bank(app, now)
    del app.extensions["gateway"]


@pytest.fixture
def erin(session: Session, now: datetime) -> Actor:
    return make.actor(session, "Erin", now=now)


def ten_cans(session: Session, alice: Actor, now: datetime, **terms: object) -> GroupBuy:
    least = terms.pop("minimum_units", 5)
    oil = make_buying.olive_oil(minimum_units=least, maximum_units=10, tiers=[(1, 4000)])
    return make_buying.group_buy(session, alice, now=now, articles=[oil], **terms)


def commitment(session: Session, commitment_id: int) -> GroupBuyCommitment:
    return session.get_one(GroupBuyCommitment, commitment_id, populate_existing=True)


def units(session: Session, commitment_id: int) -> int | None:
    [line] = commitment(session, commitment_id).lines
    return line.decided_units


def over(deal: GroupBuy) -> datetime:
    assert deal.collect_until_at is not None
    return deal.collect_until_at


def end_window(session: Session, bank: Bank, deal: GroupBuy) -> None:
    """Close, charge, and let the first window pass."""
    bank.run(session, deal.closes_at)
    bank.run(session, over(deal))


def proved(session: Session, deal: GroupBuy) -> list[str]:
    kept = session.scalars(
        select(Clearing).filter_by(collaboration_id=deal.id).order_by(Clearing.number)
    ).all()
    for one in kept:
        assert clearing.replay(one.proof).differences == ()
    return [one.why for one in kept]


def booked(session: Session, commitment_id: int) -> list[str]:
    """The keys under which a commitment's dues stand in the books."""
    query = select(Transfer.key).where(is_booking(commitment_id)).order_by(Transfer.id)
    return [key.removeprefix(booking_key(commitment_id, "")) for key in session.scalars(query)]


def test_who_was_out_and_pays_at_pickup_is_in_at_once(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    erin: Actor,
    now: datetime,
):
    deal = ten_cans(session, alice, now)
    bank.join(session, deal, bob, 6, now=now)
    bank.join(session, deal, charlie, 4, card=BROKE, now=now)
    waits = make_buying.join(session, deal, erin, 3, may_wait=True, now=now)
    bank.run(session, deal.closes_at)
    assert commitment(session, waits).state == CommitmentState.OUT
    assert payment(session, waits).state == PaymentState.RELEASED

    bank.run(session, over(deal))

    assert (deal.state, deal.stage) == (State.RUNNING, "")
    taken = commitment(session, waits)
    assert (taken.state, taken.out_reason, taken.due_minor) == (CommitmentState.IN, "", 12_000)
    assert units(session, waits) == 3
    assert payment(session, waits).state == PaymentState.AT_PICKUP
    assert booked(session, waits) == ["due:2"]
    assert balances(session, deal) == {"pot": 36_000, "gateway": -24_000}
    assert own_balance(session, erin) == -12_000
    assert proved(session, deal) == ["close", "collected", "collected"]
    told = session.scalars(
        select(Event).filter_by(kind="CommitmentSettled", commitment_id=waits).order_by(Event.id)
    ).all()
    assert [(one.facts["is_in"], one.facts["due_minor"]) for one in told] == [
        (False, 0),
        (True, 12_000),
    ]


def test_who_got_a_part_and_pays_at_pickup_gets_the_rest_and_owes_it(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    erin: Actor,
    now: datetime,
):
    deal = ten_cans(session, alice, now)
    bank.join(session, deal, bob, 5, now=now)
    bank.join(session, deal, charlie, 3, card=BROKE, now=now)
    waits = make_buying.join(session, deal, erin, 4, may_wait=True, now=now)
    bank.run(session, deal.closes_at)
    assert (units(session, waits), commitment(session, waits).due_minor) == (2, 8_000)

    bank.run(session, over(deal))

    assert (units(session, waits), commitment(session, waits).due_minor) == (4, 16_000)
    assert booked(session, waits) == ["due", "due:2"]
    assert balances(session, deal) == {"pot": 36_000, "gateway": -20_000}


def test_freed_units_go_in_order_of_place(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    dana: Actor,
    erin: Actor,
    now: datetime,
):
    deal = ten_cans(session, alice, now)
    bank.join(session, deal, bob, 6, now=now)
    bank.join(session, deal, charlie, 4, card=BROKE, now=now)
    first = make_buying.join(session, deal, dana, 3, may_wait=True, now=now)
    second = make_buying.join(session, deal, erin, 3, may_wait=True, now=now)

    end_window(session, bank, deal)

    assert (units(session, first), units(session, second)) == (3, 1)


def test_who_was_out_and_pays_by_card_is_charged_within_two_days(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    erin: Actor,
    now: datetime,
):
    deal = ten_cans(session, alice, now)
    stays = bank.join(session, deal, bob, 6, now=now)
    bank.join(session, deal, charlie, 4, card=BROKE, now=now)
    waits = bank.join(session, deal, erin, 4, may_wait=True, now=now)
    bank.run(session, deal.closes_at)
    until = over(deal)

    collecting.finish_collecting(session, deal.id, now=until)

    assert (deal.state, deal.stage) == (State.COLLECTING, Stage.PLACES_OFFERED)
    assert over(deal) == until + timedelta(days=2)
    assert payment(session, waits).state == PaymentState.READY

    bank.run(session, until + timedelta(minutes=1))

    assert (deal.state, deal.stage) == (State.RUNNING, "")
    assert payment(session, waits).state == PaymentState.PAID
    assert [one.amount_minor for one in attempts(session, waits)] == [16_000]
    assert refunds(session, stays) == []
    assert balances(session, deal) == {"pot": 40_000, "gateway": -40_000}
    assert proved(session, deal) == ["close", "collected", "collected"]


def test_who_was_offered_units_and_cannot_pay_loses_the_place_and_nobody_is_asked_again(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    erin: Actor,
    now: datetime,
):
    deal = ten_cans(session, alice, now)
    bank.join(session, deal, bob, 6, now=now)
    bank.join(session, deal, charlie, 4, card=BROKE, now=now)
    offered = bank.join(session, deal, erin, 4, card=BROKE, may_wait=True, now=now)
    end_window(session, bank, deal)
    assert deal.stage == Stage.PLACES_OFFERED
    assert payment(session, offered).state == PaymentState.DECLINED

    bank.run(session, over(deal))

    assert deal.state == State.RUNNING
    lost = commitment(session, offered)
    assert (lost.state, lost.out_reason) == (CommitmentState.DROPPED, "not_paid")
    assert booked(session, offered) == ["due:2", "given-back"]
    assert own_balance(session, erin) == 0
    assert balances(session, deal) == {"pot": 24_000, "gateway": -24_000}
    assert proved(session, deal) == ["close", "collected", "collected"]


def test_whose_card_is_gone_stays_out_and_the_next_in_line_is_asked(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    dana: Actor,
    erin: Actor,
    now: datetime,
):
    deal = ten_cans(session, alice, now)
    bank.join(session, deal, bob, 6, now=now)
    bank.join(session, deal, charlie, 4, card=BROKE, now=now)
    gone = bank.join(session, deal, dana, 4, may_wait=True, now=now)
    next_one = make_buying.join(session, deal, erin, 4, may_wait=True, now=now)
    bank.run(session, deal.closes_at)
    card = payment(session, gone).payment_method_key
    wallets.forget_card(session, dana.participant.id, card)

    bank.run(session, over(deal))

    still = commitment(session, gone)
    assert (still.state, still.out_reason) == (CommitmentState.OUT, "rationed_out")
    assert payment(session, gone).state == PaymentState.RELEASED
    assert units(session, next_one) == 4
    assert deal.state == State.RUNNING


def test_a_card_that_has_paid_is_not_charged_again_and_keeps_its_units(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    erin: Actor,
    now: datetime,
):
    deal = ten_cans(session, alice, now, rationing=Rationing.PRO_RATA)
    paid = bank.join(session, deal, bob, 10, now=now)
    bank.join(session, deal, charlie, 5, card=BROKE, now=now)
    fetches = make_buying.join(session, deal, erin, 5, now=now)
    bank.run(session, deal.closes_at)
    before = units(session, paid), commitment(session, paid).due_minor

    bank.run(session, over(deal))

    assert before == (5, 20_000)
    assert (units(session, paid), commitment(session, paid).due_minor) == before
    assert units(session, fetches) == 5
    assert len(attempts(session, paid)) == 1
    assert deal.state == State.RUNNING


def test_refilled_it_reaches_its_threshold_again_and_happens(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    erin: Actor,
    now: datetime,
):
    deal = ten_cans(session, alice, now, minimum_units=10, shortfall_rule=ShortfallRule.RELEASE)
    bank.join(session, deal, bob, 6, now=now)
    bank.join(session, deal, charlie, 4, card=BROKE, now=now)
    waits = make_buying.join(session, deal, erin, 4, may_wait=True, now=now)

    end_window(session, bank, deal)

    assert deal.state == State.RUNNING
    assert units(session, waits) == 4


def test_nobody_is_offered_units_of_what_will_not_happen(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    erin: Actor,
    now: datetime,
):
    deal = ten_cans(session, alice, now, minimum_units=10, shortfall_rule=ShortfallRule.RELEASE)
    bank.join(session, deal, bob, 6, now=now)
    bank.join(session, deal, charlie, 4, card=BROKE, now=now)
    waits = bank.join(session, deal, erin, 3, may_wait=True, now=now)

    end_window(session, bank, deal)

    assert deal.state == State.FAILED
    assert attempts(session, waits) == []
    assert commitment(session, waits).out_reason == "rationed_out"
    assert balances(session, deal) == {"pot": 0, "gateway": 0}


def test_below_the_threshold_the_supplier_is_asked_after_the_refill(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    erin: Actor,
    now: datetime,
):
    deal = ten_cans(
        session, alice, now, minimum_units=10, shortfall_rule=ShortfallRule.ASK_SUPPLIER
    )
    bank.join(session, deal, bob, 6, now=now)
    bank.join(session, deal, charlie, 4, card=BROKE, now=now)
    waits = bank.join(session, deal, erin, 3, may_wait=True, now=now)

    end_window(session, bank, deal)

    assert payment(session, waits).state == PaymentState.PAID
    assert (deal.state, deal.stage) == (State.COLLECTING, Stage.SUPPLIER_ASKED)

    bank.run(session, over(deal))

    assert deal.state == State.FAILED
    assert own_balance(session, erin) == own_balance(session, bob) == 0
    assert balances(session, deal) == {"pot": 0, "gateway": 0}


def test_freight_of_those_who_paid_neither_rises_nor_comes_back_twice(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    erin: Actor,
    now: datetime,
):
    deal = ten_cans(
        session,
        alice,
        now,
        freight_rule=Sharing.PER_HEAD,
        freight_minor=1_200,
        freight_ceiling_minor=1_200,
    )
    stays = bank.join(session, deal, bob, 6, now=now)
    bank.join(session, deal, charlie, 4, card=BROKE, now=now)
    first = make_buying.join(session, deal, erin, 1, may_wait=True, now=now)
    second = make_buying.join(session, deal, alice, 1, may_wait=True, now=now)
    bank.run(session, deal.closes_at)
    assert commitment(session, stays).due_minor == 24_000 + 600

    bank.run(session, over(deal))

    assert [commitment(session, one).due_minor for one in (stays, first, second)] == [
        24_400,
        4_400,
        4_400,
    ]
    assert [one.amount_minor for one in refunds(session, stays)] == [200]
    assert balances(session, deal)["pot"] == 24_400 + 2 * 4_400


@pytest.mark.parametrize("seed", range(8))
def test_whoever_pays_the_books_balance_and_nobody_pays_beyond_the_worst_case(
    session: Session, bank: Bank, alice: Actor, now: datetime, seed: int
):
    chance = random.Random(seed)
    deal = ten_cans(
        session,
        alice,
        now,
        rationing=Rationing.PRO_RATA if seed % 2 else Rationing.FIRST_COME,
        shortfall_rule=chance.choice(list(ShortfallRule)),
        freight_rule=chance.choice(list(Sharing)),
        freight_minor=997,
        freight_ceiling_minor=400,
    )
    joined = []
    for number in range(7):
        who = make.actor(session, f"Member{number}", now=now)
        wanted = chance.randint(1, 4)
        if chance.random() < 0.6:
            card = chance.choice([BROKE, "pm_card_visa"])
            joined.append(bank.join(session, deal, who, wanted, card=card, may_wait=True, now=now))
        else:
            joined.append(make_buying.join(session, deal, who, wanted, may_wait=True, now=now))

    bank.run(session, deal.closes_at)
    for _ in range(3):
        if deal.state == State.COLLECTING:
            bank.run(session, over(deal))
            assert ledger.verify(session) == []

    assert deal.state in (State.RUNNING, State.FAILED)
    proved(session, deal)
    promises = [commitment(session, one) for one in joined]
    assert all(one.due_minor <= one.worst_case_minor for one in promises)
    assert balances(session, deal).get("pot", 0) == sum(one.due_minor for one in promises)
    if deal.state == State.RUNNING:
        [article] = buying.articles(session, deal)
        taking = [one for one in promises if one.state == CommitmentState.IN]
        assert article.decided_units == sum(units(session, one.id) or 0 for one in taking)
        for one in taking:
            by_card = one.payment_method == PaymentMethod.CARD
            paid = payment(session, one.id)
            assert paid.state == (PaymentState.PAID if by_card else PaymentState.AT_PICKUP)
            if by_card:
                assert paid.amount_minor - paid.refunded_minor == one.due_minor

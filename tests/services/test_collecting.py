"""After the close Alice's olive oil collects its money; some do not pay."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from marketplace import db
from marketplace.payments import acts
from models.actors import Actor
from models.buying import Clearing, GroupBuy, ShortfallRule, Stage
from models.collaborations import Commitment, CommitmentState, NotTheOrganiser, State
from models.events import Event
from models.payments import PaymentState
from models.rules import Sharing
from services import buying, clearing, payments
from services.buying import collecting, shortfalls
from services.buying.delivering import NotAtThisStage
from tests import make, make_buying
from tests.counting import counted
from tests.make_payments import Bank, balances, own_balance, payment, refunds

BROKE = "pm_card_chargeCustomerFail"


@pytest.fixture
def bank(app: Flask, now: datetime) -> Iterator[Bank]:
    with app.app_context():
        yield Bank(app, now)
    del app.extensions["gateway"]


def deal_with(session: Session, alice: Actor, now: datetime, **terms: object) -> GroupBuy:
    """Olive oil from 10 cans on; 80 % of that has to be paid for."""
    oil = make_buying.olive_oil(minimum_units=10, tiers=[(1, 4000), (20, 3600)])
    return make_buying.group_buy(session, alice, now=now, articles=[oil], **terms)


def commitment(session: Session, commitment_id: int) -> Commitment:
    return session.get_one(Commitment, commitment_id, populate_existing=True)


def kinds(session: Session, deal: GroupBuy) -> list[str]:
    return list(
        session.scalars(select(Event.kind).filter_by(collaboration_id=deal.id).order_by(Event.id))
    )


def proved(session: Session, deal: GroupBuy) -> list[str]:
    """The steps that left a proof; each of them replays."""
    kept = session.scalars(
        select(Clearing).filter_by(collaboration_id=deal.id).order_by(Clearing.number)
    ).all()
    for one in kept:
        assert clearing.replay(one.proof).differences == ()
    return [one.why for one in kept]


def over(deal: GroupBuy) -> datetime:
    assert deal.collect_until_at is not None
    return deal.collect_until_at


def test_it_runs_as_soon_as_everyone_has_paid(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
):
    deal = deal_with(session, alice, now)
    bank.join(session, deal, bob, 6, now=now)
    bank.join(session, deal, charlie, 4, now=now)

    bank.run(session, deal.closes_at)

    assert deal.state == State.RUNNING
    assert kinds(session, deal).count("GroupBuyRunning") == 1


def test_who_pays_at_pickup_is_not_waited_for(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
):
    deal = deal_with(session, alice, now)
    bank.join(session, deal, bob, 6, now=now)
    make_buying.join(session, deal, charlie, 4, now=now)

    bank.run(session, deal.closes_at)

    assert deal.state == State.RUNNING


def test_while_someone_can_still_pay_it_waits(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
):
    deal = deal_with(session, alice, now)
    bank.join(session, deal, bob, 10, now=now)
    bank.join(session, deal, charlie, 2, card=BROKE, now=now)
    bank.run(session, deal.closes_at)

    bank.run(session, over(deal) - timedelta(seconds=1))
    collecting.finish_collecting(session, deal.id, now=over(deal) - timedelta(seconds=1))

    assert deal.state == State.COLLECTING


def test_who_has_not_paid_loses_the_place_and_the_rest_goes_on(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
):
    deal = deal_with(session, alice, now)
    stays = bank.join(session, deal, bob, 10, now=now)
    goes = bank.join(session, deal, charlie, 2, card=BROKE, now=now)
    bank.run(session, deal.closes_at)

    bank.run(session, over(deal))

    assert deal.state == State.RUNNING
    assert commitment(session, stays).state == CommitmentState.IN
    dropped = commitment(session, goes)
    assert (dropped.state, dropped.out_reason) == (CommitmentState.DROPPED, "not_paid")
    assert deal.commitments_count == 1
    assert payment(session, goes).state == PaymentState.FAILED
    assert own_balance(session, charlie) == own_balance(session, bob) == 0
    assert balances(session, deal) == {"pot": 40_000, "gateway": -40_000}
    assert "CommitmentDropped" in kinds(session, deal)
    assert proved(session, deal) == ["close", "collected"]


def test_the_price_does_not_rise_for_those_who_stay(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
):
    deal = deal_with(session, alice, now)
    stays = bank.join(session, deal, bob, 16, now=now)
    bank.join(session, deal, charlie, 4, card=BROKE, now=now)
    bank.run(session, deal.closes_at)

    bank.run(session, over(deal))

    assert deal.state == State.RUNNING
    assert commitment(session, stays).due_minor == 16 * 3600
    assert refunds(session, stays) == []


@pytest.mark.parametrize("rule", list(ShortfallRule))
def test_below_the_threshold_and_above_the_floor_the_declared_rule_holds(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    now: datetime,
    rule: ShortfallRule,
):
    deal = deal_with(session, alice, now, shortfall_rule=rule)
    stays = bank.join(session, deal, bob, 8, now=now)
    bank.join(session, deal, charlie, 2, card=BROKE, now=now)
    bank.run(session, deal.closes_at)

    bank.run(session, over(deal))

    if rule == ShortfallRule.CONFIRM_ABOVE_FLOOR:
        assert deal.state == State.RUNNING
        assert balances(session, deal) == {"pot": 32_000, "gateway": -32_000}
    elif rule == ShortfallRule.ASK_SUPPLIER:
        assert (deal.state, deal.stage) == (State.COLLECTING, Stage.SUPPLIER_ASKED)
        assert "SupplierAsked" in kinds(session, deal)
    else:
        assert deal.state == State.FAILED
        assert [one.amount_minor for one in refunds(session, stays)] == [32_000]
        assert balances(session, deal) == {"pot": 0, "gateway": 0}
    assert own_balance(session, bob) == own_balance(session, charlie) == 0


@pytest.mark.parametrize("rule", list(ShortfallRule))
def test_below_the_floor_everything_is_given_back(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    now: datetime,
    rule: ShortfallRule,
):
    deal = deal_with(session, alice, now, shortfall_rule=rule)
    stays = bank.join(session, deal, bob, 7, now=now)
    bank.join(session, deal, charlie, 3, card=BROKE, now=now)
    bank.run(session, deal.closes_at)

    bank.run(session, over(deal))

    assert deal.state == State.FAILED
    left = commitment(session, stays)
    assert (left.state, left.out_reason) == (CommitmentState.OUT, "deal_failed")
    assert bank.read(payment(session, stays)).refunded_minor == 28_000
    assert own_balance(session, bob) == own_balance(session, charlie) == 0
    assert balances(session, deal) == {"pot": 0, "gateway": 0}


@pytest.fixture
def asked(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> GroupBuy:
    """Two of ten cans were not paid for; the supplier was asked."""
    deal = deal_with(session, alice, now, shortfall_rule=ShortfallRule.ASK_SUPPLIER)
    bank.join(session, deal, bob, 8, now=now)
    bank.join(session, deal, charlie, 2, card=BROKE, now=now)
    bank.run(session, deal.closes_at)
    bank.run(session, over(deal))
    return deal


def test_those_who_were_asked_may_go_on(
    session: Session, bank: Bank, asked: GroupBuy, alice: Actor, bob: Actor, now: datetime
):
    shortfalls.decide(session, asked, goes_on=True, actor=alice, now=over(asked))

    assert (asked.state, asked.stage) == (State.RUNNING, "")
    assert balances(session, asked) == {"pot": 32_000, "gateway": -32_000}
    bank.run(session, over(asked))
    assert asked.state == State.RUNNING


def test_those_who_were_asked_may_let_it_be(
    session: Session, bank: Bank, asked: GroupBuy, alice: Actor, bob: Actor, now: datetime
):
    shortfalls.decide(session, asked, goes_on=False, actor=alice, now=over(asked))
    bank.run(session, over(asked))

    assert asked.state == State.FAILED
    assert balances(session, asked) == {"pot": 0, "gateway": 0}


def test_without_an_answer_within_three_days_it_fails(
    session: Session, bank: Bank, asked: GroupBuy, bob: Actor
):
    until = over(asked)
    bank.run(session, until - timedelta(seconds=1))
    assert asked.state == State.COLLECTING

    bank.run(session, until)

    assert asked.state == State.FAILED
    assert own_balance(session, bob) == 0


def test_only_the_supplier_and_those_who_organise_decide(
    session: Session, asked: GroupBuy, bob: Actor, dana: Actor, now: datetime
):
    for stranger in (bob, dana):
        with pytest.raises(NotTheOrganiser):
            shortfalls.decide(session, asked, goes_on=True, actor=stranger, now=now)
    farm = make.organisation(session, "Farm", owner=dana, now=now)
    asked.supplier_id = farm.participant.id

    shortfalls.decide(session, asked, goes_on=True, actor=farm, now=now)

    assert asked.state == State.RUNNING


def test_what_nobody_was_asked_cannot_be_decided(
    session: Session, bank: Bank, alice: Actor, now: datetime
):
    deal = deal_with(session, alice, now)

    with pytest.raises(NotAtThisStage):
        shortfalls.decide(session, deal, goes_on=True, actor=alice, now=now)


def test_cases_that_are_no_longer_full_shrink_and_the_difference_returns_to_the_cent(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
):
    oil = make_buying.olive_oil(minimum_units=6, case_size=6, tiers=[(1, 3333)], maximum_units=60)
    deal = make_buying.group_buy(session, alice, now=now, articles=[oil])
    stays = bank.join(session, deal, bob, 8, now=now)
    bank.join(session, deal, charlie, 4, card=BROKE, now=now)
    bank.run(session, deal.closes_at)
    assert commitment(session, stays).due_minor == 8 * 3333

    bank.run(session, over(deal))

    assert commitment(session, stays).due_minor == 6 * 3333
    assert [one.amount_minor for one in refunds(session, stays)] == [2 * 3333]
    assert bank.read(payment(session, stays)).refunded_minor == 2 * 3333
    assert own_balance(session, bob) == 0
    assert balances(session, deal) == {"pot": 6 * 3333, "gateway": -6 * 3333}


def test_nobody_pays_more_freight_because_others_did_not_pay(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
):
    deal = deal_with(
        session,
        alice,
        now,
        freight_rule=Sharing.PER_HEAD,
        freight_minor=1_001,
        freight_ceiling_minor=1_001,
    )
    stays = bank.join(session, deal, bob, 10, now=now)
    bank.join(session, deal, charlie, 2, card=BROKE, now=now)
    bank.run(session, deal.closes_at)
    before = commitment(session, stays).due_minor

    bank.run(session, over(deal))

    assert commitment(session, stays).due_minor == before == 40_501
    assert refunds(session, stays) == []


def test_nobody_loses_a_place_because_our_jobs_were_late(
    session: Session, bank: Bank, alice: Actor, bob: Actor, now: datetime
):
    deal = deal_with(session, alice, now)
    stays = bank.join(session, deal, bob, 10, now=now)
    buying.close(session, deal.id, now=deal.closes_at)
    session.execute(text("DELETE FROM procrastinate_jobs"))
    late = over(deal) + timedelta(hours=1)

    collecting.finish_collecting(session, deal.id, now=late)
    bank.run(session, late)

    assert deal.state == State.RUNNING
    assert payment(session, stays).state == PaymentState.PAID


def test_a_page_paid_in_the_last_second_counts(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
):
    deal = deal_with(session, alice, now)
    bank.join(session, deal, bob, 10, now=now)
    late = bank.join(session, deal, charlie, 2, card=BROKE, now=now)
    bank.run(session, deal.closes_at)
    at = over(deal) - timedelta(seconds=5)
    bank.run(session, at)
    with db.at(at):
        bank.use(acts.open_page(late, "", acts.Addresses("http://l/", "http://l/", "en"), charlie))

    bank.run(session, over(deal))

    assert payment(session, late).state == PaymentState.PAID
    assert balances(session, deal) == {"pot": 48_000, "gateway": -48_000}


def test_the_sweep_finds_what_is_over(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
):
    deal = deal_with(session, alice, now)
    bank.join(session, deal, bob, 10, now=now)
    bank.join(session, deal, charlie, 2, card=BROKE, now=now)
    bank.run(session, deal.closes_at)

    end = over(deal)
    with counted(session) as statements:
        assert collecting.due_to_finish(session, now=end - timedelta(seconds=1)) == []
    assert len(statements) == 1
    assert collecting.due_to_finish(session, now=end) == [deal.id]
    assert not payments.is_collected(session, deal.id)

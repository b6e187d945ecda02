"""The close: decided once, for all or for none, by what the clearing rule says."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from marketplace import db, jobs
from marketplace.buying import tasks
from models.buying import Clearing, GroupBuy, GroupBuyCommitment, Stage
from models.collaborations import CommitmentState, State
from models.errors import Invalid
from models.events import Event
from models.ledger import AccountPurpose
from models.notices import Notice
from models.rules import Rationing
from services import buying, clearing, ledger, queue
from services.buying import opening
from services.notices.reasons import REASONS
from tests import make
from tests.make_buying import group_buy, join, olive_oil
from tests.moving import moves


@pytest.fixture
def deal(session, alice, now):
    return group_buy(session, alice, now=now)


def state_of(session, deal, actor):
    return session.scalars(
        select(GroupBuyCommitment)
        .filter_by(collaboration_id=deal.id, participant_id=actor.participant.id)
        .execution_options(populate_existing=True)
    ).one()


def test_before_the_close_nothing_is_decided(session, deal, bob, now):
    join(session, deal, bob, 5, now=now)

    buying.close(session, deal.id, now=deal.closes_at - timedelta(seconds=1))

    assert deal.state == State.OPEN


def test_enough_units_confirm_it_at_the_price_all_reached(session, deal, bob, charlie, now):
    join(session, deal, bob, 12, now=now)
    join(session, deal, charlie, 8, now=now)

    buying.close(session, deal.id, now=deal.closes_at)

    assert deal.state == State.RUNNING
    assert state_of(session, deal, bob).due_minor == 12 * 3600
    assert state_of(session, deal, charlie).due_minor == 8 * 3600
    pot = ledger.deal_account(session, deal.id, AccountPurpose.POT, "EUR", now=now)
    session.refresh(pot)
    assert pot.balance_minor == 20 * 3600
    own = ledger.own_account(session, bob.participant.id, "EUR", now=now)
    session.refresh(own)
    assert (own.balance_minor, own.held_minor) == (-12 * 3600, 0)


def test_too_few_units_release_everyone(session, deal, bob, now):
    join(session, deal, bob, 4, now=now)

    buying.close(session, deal.id, now=deal.closes_at)

    mine = state_of(session, deal, bob)
    assert deal.state == State.FAILED
    assert (mine.state, mine.out_reason) == (CommitmentState.OUT, "deal_failed")
    own = ledger.own_account(session, bob.participant.id, "EUR", now=now)
    session.refresh(own)
    assert (own.balance_minor, own.held_minor) == (0, 0)
    assert "GroupBuyFailed" in session.scalars(select(Event.kind)).all()


def test_closing_again_changes_nothing(session, deal, bob, now):
    join(session, deal, bob, 5, now=now)
    buying.close(session, deal.id, now=deal.closes_at)
    before = session.scalars(select(Event.id).order_by(Event.id)).all()

    buying.close(session, deal.id, now=deal.closes_at + timedelta(hours=1))

    assert session.scalars(select(Event.id).order_by(Event.id)).all() == before


def test_it_is_extended_once_and_then_fails(session, alice, bob, now):
    closes_at = now + timedelta(days=7)
    deal = group_buy(session, alice, extends_to_at=closes_at + timedelta(days=3), now=now)
    join(session, deal, bob, 4, now=now)

    buying.close(session, deal.id, now=closes_at)
    assert (deal.state, deal.closes_at) == (State.OPEN, closes_at + timedelta(days=3))

    buying.close(session, deal.id, now=deal.closes_at)
    assert deal.state == State.FAILED


def test_what_succeeds_with_those_who_wait_is_not_extended(session, alice, bob, charlie, now):
    closes_at = now + timedelta(days=2)
    tight = olive_oil(minimum_units=8, maximum_units=10, tiers=[(1, 4000), (8, 3600)])
    deal = group_buy(
        session,
        alice,
        articles=[tight],
        closes_at=closes_at,
        extends_to_at=closes_at + timedelta(days=2),
        now=now,
    )
    join(session, deal, bob, 6, highest_price_minor=3600, now=now)
    join(session, deal, charlie, 5, may_wait=True, now=now)

    buying.close(session, deal.id, now=closes_at)

    assert (deal.state, deal.extended_at) == (State.RUNNING, None)


def test_nothing_is_fetched_before_an_extension_has_ended(session, alice, now):
    closes_at = now + timedelta(days=7)
    draft = group_buy(session, alice, published=False, now=now)
    draft.extends_to_at = closes_at + timedelta(days=3, seconds=1)

    with pytest.raises(opening.NotComplete) as refusal:
        buying.publish(session, draft, actor=alice, now=now)
    with pytest.raises(Invalid) as early:
        group_buy(session, alice, extends_to_at=draft.extends_to_at, now=now)

    assert set(refusal.value.fields) == {"extends_to_at"}
    assert set(early.value.fields) == {"from_at"}


def test_a_paused_deal_is_decided_when_it_goes_on(session, deal, alice, bob, now):
    join(session, deal, bob, 5, now=now)
    buying.pause(session, deal, reason="a question", actor=alice, now=now)
    buying.close(session, deal.id, now=deal.closes_at)
    assert deal.state == State.OPEN

    buying.resume(session, deal, actor=alice, now=deal.closes_at)
    buying.close(session, deal.id, now=deal.closes_at)

    assert deal.state == State.RUNNING


def test_a_pause_ends_a_month_after_the_close(app, session, deal, alice, bob, now):
    join(session, deal, bob, 5, now=now)
    buying.pause(session, deal, reason="a question", actor=alice, now=now)
    end = deal.closes_at + timedelta(days=30)

    sweep(app, end - timedelta(minutes=1))
    assert deal.state == State.OPEN
    sweep(app, end)

    assert deal.state == State.CANCELLED
    assert state_of(session, deal, bob).state == CommitmentState.OUT
    assert buying.why_cancelled(session, deal) == "paused_too_long"
    [told] = session.scalars(
        select(Notice).filter_by(member_id=bob.member.id, message="cancelled-because")
    )
    assert told.facts["reason"] == {"text": REASONS["paused_too_long"]}


def sweep(app, at):
    with app.app_context(), db.at(at):
        tasks.sweep()
        jobs.run_due(at=at)


def test_the_sweep_asks_for_all_that_are_due_in_one_statement(
    app, session, deal, alice, now, monkeypatch
):
    more = group_buy(session, alice, now=now)
    session.execute(text("DELETE FROM procrastinate_jobs"))
    # Deferred one by one, five hundred deals that are due would be as many statements each minute.
    monkeypatch.setattr(queue, "defer", None)

    with app.app_context(), db.at(deal.closes_at):
        tasks.sweep()

    asked = session.execute(text("SELECT task_name, args FROM procrastinate_jobs")).all()
    assert sorted((one.task_name, one.args["group_buy_id"]) for one in asked) == [
        ("buying.close", deal.id),
        ("buying.close", more.id),
    ]


def test_who_waited_is_in_when_others_left_before_the_close(session, alice, bob, charlie, now):
    deal = group_buy(session, alice, articles=[olive_oil(maximum_units=5)], now=now)
    join(session, deal, bob, 5, now=now)
    join(session, deal, charlie, 5, may_wait=True, now=now)

    buying.close(session, deal.id, now=deal.closes_at)

    assert state_of(session, deal, bob).state == CommitmentState.IN
    late = state_of(session, deal, charlie)
    assert (late.state, late.out_reason) == (CommitmentState.OUT, "rationed_out")


def test_pro_rata_shares_what_there_is(session, alice, bob, charlie, now):
    deal = group_buy(
        session,
        alice,
        articles=[olive_oil(maximum_units=9)],
        rationing=Rationing.PRO_RATA,
        now=now,
    )
    join(session, deal, bob, 6, now=now)
    join(session, deal, charlie, 12, now=now)

    buying.close(session, deal.id, now=deal.closes_at)

    assert state_of(session, deal, bob).due_minor == 3 * 4000
    assert state_of(session, deal, charlie).due_minor == 6 * 4000


def test_the_proof_agrees_and_names_nobody(session, deal, bob, now):
    join(session, deal, bob, 5, highest_price_minor=3999, now=now)
    make.participant(session, "Someone", now=now)

    buying.close(session, deal.id, now=deal.closes_at)

    kept = session.scalars(select(Clearing).filter_by(collaboration_id=deal.id)).one()
    assert clearing.replay(kept.proof).agrees
    assert "Bob" not in str(kept.proof)
    assert "3999" not in str(kept.proof)


def test_it_goes_on_when_it_was_closed_before_anybody_said_that_it_opened(session, alice, bob, now):
    deal = group_buy(session, alice, opens_at=now + timedelta(hours=1), now=now)
    join(session, deal, bob, 5, now=now + timedelta(hours=2))

    buying.close(session, deal.id, now=deal.closes_at)
    buying.begin(session, deal.id, now=deal.closes_at)

    assert (deal.state, deal.stage) == (State.RUNNING, "")
    buying.mark_ordered(session, deal, actor=alice, now=deal.closes_at)


def test_no_stage_outlives_a_cancellation(session, alice, now):
    deal = group_buy(session, alice, opens_at=now + timedelta(hours=1), now=now)
    assert deal.stage == Stage.SCHEDULED

    buying.cancel(session, deal, reason="no truck", actor=alice, now=now)

    assert deal.stage == ""


def test_calling_it_off_releases_everyone(session, deal, alice, bob, now):
    join(session, deal, bob, 5, now=now)

    buying.cancel(session, deal, reason="The mill burned down.", actor=alice, now=now)

    assert deal.state == State.CANCELLED
    assert state_of(session, deal, bob).state == CommitmentState.OUT
    own = ledger.own_account(session, bob.participant.id, "EUR", now=now)
    session.refresh(own)
    assert own.held_minor == 0


def test_a_deal_that_was_decided_can_be_called_off_too(session, deal, alice, bob, now):
    join(session, deal, bob, 5, now=now)
    buying.close(session, deal.id, now=deal.closes_at)

    buying.cancel(session, deal, reason="No truck.", actor=alice, now=deal.closes_at)

    own = ledger.own_account(session, bob.participant.id, "EUR", now=now)
    session.refresh(own)
    assert (own.balance_minor, own.held_minor) == (0, 0)


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_group_buys_move_only_along_their_table(before, after):
    # A draft is deleted, not cancelled.
    allowed = {
        (State.DRAFT, State.OPEN),
        (State.OPEN, State.DECIDING),
        (State.OPEN, State.CANCELLED),
        (State.DECIDING, State.COLLECTING),
        (State.DECIDING, State.RUNNING),
        (State.DECIDING, State.FAILED),
        (State.COLLECTING, State.RUNNING),
        (State.COLLECTING, State.FAILED),
        (State.COLLECTING, State.CANCELLED),
        (State.RUNNING, State.COMPLETED),
        (State.RUNNING, State.CANCELLED),
    }
    assert moves(GroupBuy(state=before), after) == ((before, after) in allowed)


@pytest.mark.parametrize("before", CommitmentState)
@pytest.mark.parametrize("after", CommitmentState)
def test_commitments_move_only_along_their_table(before, after):
    # Nobody loses a place once given; a place that others gave up comes to who was out.
    allowed = {
        (CommitmentState.ACTIVE, CommitmentState.WITHDRAWN),
        (CommitmentState.ACTIVE, CommitmentState.IN),
        (CommitmentState.ACTIVE, CommitmentState.OUT),
        (CommitmentState.WAITING, CommitmentState.ACTIVE),
        (CommitmentState.WAITING, CommitmentState.WITHDRAWN),
        (CommitmentState.WAITING, CommitmentState.IN),
        (CommitmentState.WAITING, CommitmentState.OUT),
        (CommitmentState.IN, CommitmentState.OUT),
        (CommitmentState.IN, CommitmentState.DROPPED),
        (CommitmentState.IN, CommitmentState.FULFILLED),
        (CommitmentState.OUT, CommitmentState.IN),
        (CommitmentState.FULFILLED, CommitmentState.IN),
    }
    assert moves(GroupBuyCommitment(state=before), after) == ((before, after) in allowed)

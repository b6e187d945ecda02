"""Alice organises olive oil for Bob and Charlie: what comes is shared, the rest goes back."""

import copy
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Clearing, GroupBuy, Stage
from models.collaborations import CommitmentState
from models.payments import PaymentState, Refund
from models.rules import Rationing, Sharing
from services import buying, clearing, payments
from services.buying import delivering, handing_over
from tests import make_buying, make_running


@pytest.fixture
def olive_oil(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> GroupBuy:
    """Bob ordered 4 cans and, after him, Charlie 3; the order went out."""
    group_buy = make_running.closed(session, alice, [(bob, 4), (charlie, 3)], now=now)
    make_running.ordered(session, group_buy, alice)
    return group_buy


def units_of(session: Session, group_buy: GroupBuy, who: Actor) -> int | None:
    [line] = make_running.commitment(session, group_buy, who).lines
    return line.delivered_units


def test_a_full_delivery_changes_nothing(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor
) -> None:
    make_running.delivered(session, olive_oil, alice)

    assert olive_oil.stage == Stage.DELIVERED
    assert units_of(session, olive_oil, bob) == 4
    assert make_running.commitment(session, olive_oil, bob).due_minor == 16000


def test_first_come_is_served_first_when_less_came(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, charlie: Actor
) -> None:
    make_running.delivered(session, olive_oil, alice, 5)

    assert units_of(session, olive_oil, bob) == 4
    assert units_of(session, olive_oil, charlie) == 1
    assert make_running.commitment(session, olive_oil, charlie).due_minor == 4000


def test_pro_rata_shares_what_came(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    group_buy = make_running.closed(
        session, alice, [(bob, 4), (charlie, 4)], now=now, rationing=Rationing.PRO_RATA
    )

    make_running.delivered(session, group_buy, alice, 5)

    assert units_of(session, group_buy, bob) == 3
    assert units_of(session, group_buy, charlie) == 2


def test_the_refund_is_right_to_the_cent_with_deposit(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    juice = make_buying.olive_oil(tiers=[(1, 333)], deposit_minor=15, minimum_units=1)
    group_buy = make_running.closed(
        session, alice, [(bob, 3), (charlie, 3)], now=now, articles=[juice], collecting_days=0
    )
    make_running.pay_cash(session, group_buy, alice, charlie, now=group_buy.closes_at)

    make_running.delivered(session, group_buy, alice, 4)

    owed = make_running.commitment(session, group_buy, charlie)
    refund = session.scalars(select(Refund)).one()
    assert owed.due_minor == 333 + 15
    assert refund.amount_minor == 2 * (333 + 15)
    assert refund.payment_id == make_running.payment(session, group_buy, charlie).id


def test_who_gets_nothing_at_all_owes_nothing_not_even_freight(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    group_buy = make_running.closed(
        session,
        alice,
        [(bob, 4), (charlie, 3)],
        now=now,
        freight_rule=Sharing.PER_HEAD,
        freight_minor=1000,
        freight_ceiling_minor=600,
    )

    make_running.delivered(session, group_buy, alice, 4)

    left_out = make_running.commitment(session, group_buy, charlie)
    assert (left_out.state, left_out.out_reason) == (CommitmentState.OUT, "not_delivered")
    assert left_out.due_minor == 0
    assert make_running.payment(session, group_buy, charlie).state == PaymentState.RELEASED
    assert make_running.commitment(session, group_buy, bob).due_minor == 4 * 4000 + 500


def test_nothing_delivered_leaves_the_pot_empty(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, charlie: Actor
) -> None:
    make_running.delivered(session, olive_oil, alice, 0)

    accounts = buying.accounts(session, olive_oil)
    assert make_running.commitment(session, olive_oil, bob).state == CommitmentState.OUT
    assert make_running.commitment(session, olive_oil, charlie).state == CommitmentState.OUT
    assert (accounts.due_minor, accounts.pot_minor) == (0, 0)


def test_the_count_leaves_a_proof_that_replays(
    session: Session, olive_oil: GroupBuy, alice: Actor
) -> None:
    make_running.delivered(session, olive_oil, alice, 5)

    kept = session.scalars(
        select(Clearing).filter_by(collaboration_id=olive_oil.id).order_by(Clearing.number)
    ).all()
    assert [one.why for one in kept] == ["close", "delivered"]
    assert [each["units"] for each in kept[1].proof["given"]["delivered"]] == [5]
    assert kept[1].proof["given"]["earlier"]["articles"] == kept[0].proof["outcome"]["articles"]
    assert clearing.replay(kept[1].proof).agrees
    bent = copy.deepcopy(kept[1].proof)
    bent["given"]["delivered"][0]["units"] += 1
    assert not clearing.replay(bent).agrees


def test_a_surplus_is_given_to_nobody(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor
) -> None:
    [article] = buying.ordered_articles(session, olive_oil)

    meant = delivering.preview(session, olive_oil, {article.id: 10})
    make_running.delivered(session, olive_oil, alice, 10)

    assert meant.surplus == [(article, 3)]
    assert meant.less == []
    assert units_of(session, olive_oil, bob) == 4


def test_the_preview_says_what_the_act_does_and_changes_nothing(
    session: Session, olive_oil: GroupBuy, alice: Actor, charlie: Actor
) -> None:
    [article] = buying.ordered_articles(session, olive_oil)

    meant = delivering.preview(session, olive_oil, {article.id: 5})

    [less] = meant.less
    assert less.commitment.participant_id == charlie.participant.id
    assert (less.was_units, less.units, less.refund_minor) == (3, 1, 8000)
    assert olive_oil.stage == Stage.ORDERED
    assert less.commitment.due_minor == 12000


def test_a_delivery_is_counted_once(
    session: Session, olive_oil: GroupBuy, alice: Actor, charlie: Actor
) -> None:
    make_running.delivered(session, olive_oil, alice, 5)

    with pytest.raises(delivering.NotAtThisStage):
        make_running.delivered(session, olive_oil, alice, 5)

    assert make_running.commitment(session, olive_oil, charlie).due_minor == 4000


@pytest.mark.parametrize("units", [{}, {-1: 3}])
def test_every_ordered_article_is_counted(
    session: Session, olive_oil: GroupBuy, alice: Actor, units: dict[int, int], now: datetime
) -> None:
    with pytest.raises(delivering.NotCounted):
        buying.deliver(session, olive_oil, units, actor=alice, now=now)


def test_a_negative_count_is_refused(
    session: Session, olive_oil: GroupBuy, alice: Actor, now: datetime
) -> None:
    [article] = buying.ordered_articles(session, olive_oil)

    with pytest.raises(delivering.NotCounted):
        buying.deliver(session, olive_oil, {article.id: -1}, actor=alice, now=now)


def test_an_order_goes_out_once(session: Session, olive_oil: GroupBuy, alice: Actor) -> None:
    with pytest.raises(delivering.NotAtThisStage):
        make_running.ordered(session, olive_oil, alice)


def test_a_crate_is_packed_when_all_that_belongs_into_it_is(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    make_running.delivered(session, olive_oil, alice)
    crate = make_running.commitment(session, olive_oil, bob)

    handing_over.mark_line_packed(session, olive_oil, crate.lines[0].id, now=now)
    assert crate.packed_at == now

    handing_over.mark_line_packed(session, olive_oil, crate.lines[0].id, is_packed=False, now=now)
    assert crate.packed_at is None


def test_ticking_a_crate_twice_keeps_the_first_tick(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    make_running.delivered(session, olive_oil, alice)
    crate = make_running.commitment(session, olive_oil, bob)

    buying.mark_packed(session, olive_oil, crate, now=now)
    buying.mark_packed(session, olive_oil, crate, now=now + timedelta(hours=1))

    assert crate.packed_at == now


def test_goods_are_handed_over_once(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    make_running.handing_over(session, olive_oil, alice)
    order = make_running.commitment(session, olive_oil, bob)
    buying.hand_over(session, olive_oil, order, actor=alice, now=now)

    with pytest.raises(handing_over.AlreadyHandedOver) as refusal:
        buying.hand_over(session, olive_oil, order, actor=alice, now=now)

    assert refusal.value.facts == {"name": "Bob", "at": now}
    assert order.state == CommitmentState.FULFILLED


def test_a_tick_that_was_a_mistake_is_taken_back(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    make_running.handing_over(session, olive_oil, alice)
    order = make_running.commitment(session, olive_oil, bob)
    due_minor = order.due_minor
    with pytest.raises(handing_over.NotTickedOff):
        buying.undo_hand_over(session, olive_oil, order, actor=alice, now=now)
    buying.hand_over(session, olive_oil, order, actor=alice, now=now)
    payments.confirm_received(session, order.id, actor=alice, now=now)

    buying.undo_hand_over(session, olive_oil, order, actor=alice, now=now)

    assert (order.state, order.handed_over_at) == (CommitmentState.IN, None)
    assert order.due_minor == due_minor
    paid = make_running.payment(session, olive_oil, bob)
    assert paid.state == PaymentState.CONFIRMED_BY_ONE
    with pytest.raises(handing_over.NotYetHandedOver):
        buying.complete(session, olive_oil, actor=alice, now=now)
    buying.hand_over(session, olive_oil, order, actor=alice, now=now)


def test_no_tick_is_taken_back_once_it_is_completed(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    make_running.handing_over(session, olive_oil, alice)
    order = make_running.commitment(session, olive_oil, bob)
    buying.hand_over(session, olive_oil, order, actor=alice, now=now)
    buying.complete(session, olive_oil, unclaimed="Kept.", actor=alice, now=now)

    with pytest.raises(delivering.NotAtThisStage):
        buying.undo_hand_over(session, olive_oil, order, actor=alice, now=now)


def test_it_is_not_complete_while_orders_wait(
    session: Session, olive_oil: GroupBuy, alice: Actor, now: datetime
) -> None:
    make_running.handing_over(session, olive_oil, alice)

    with pytest.raises(handing_over.NotYetHandedOver) as refusal:
        buying.complete(session, olive_oil, actor=alice, now=now)

    assert refusal.value.facts == {"count": 2}


def test_unclaimed_goods_stay_owed(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    make_running.handing_over(session, olive_oil, alice)

    buying.complete(session, olive_oil, unclaimed="Given to the food bank.", actor=alice, now=now)

    assert make_running.commitment(session, olive_oil, bob).due_minor == 16000
    found = payments.of_commitment(session, make_running.commitment(session, olive_oil, bob).id)
    assert found is not None
    assert found.state == PaymentState.AT_PICKUP


def test_the_deposit_is_due_once_for_each_unit(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    juice = make_buying.olive_oil(tiers=[(1, 333)], deposit_minor=15, minimum_units=1)

    group_buy = make_running.closed(session, alice, [(bob, 3)], now=now, articles=[juice])

    order = make_running.commitment(session, group_buy, bob)
    assert order.due_minor == order.worst_case_minor == 3 * (333 + 15)

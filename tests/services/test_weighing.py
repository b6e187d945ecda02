"""Alice organises cheese for Bob and Charlie: what it weighs sets the price, up to a ceiling."""

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Article, GroupBuy, Line
from models.errors import Invalid, NotFound
from models.events import Event
from models.payments import PaymentState, Refund
from models.rules import Sharing
from services import buying, clearing, ledger
from services.buying import handing_over, weighing
from tests import make_buying, make_running
from tests.make_buying import cheese

# A wheel of about 800 g costs 14.36, and 15.80 at most.
ONE_AT_MOST = 1580
TWO_AT_MOST = 3159


@pytest.fixture
def deal(session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime) -> GroupBuy:
    """Bob gets two wheels and Charlie one; they have come."""
    group_buy = make_running.closed(
        session, alice, [(bob, 2), (charlie, 1)], now=now, articles=[cheese()]
    )
    make_running.delivered(session, group_buy, alice)
    return group_buy


def line_of(session: Session, group_buy: GroupBuy, who: Actor) -> Line:
    [line] = make_running.commitment(session, group_buy, who).lines
    return line


def due_of(session: Session, group_buy: GroupBuy, who: Actor) -> int:
    return make_running.commitment(session, group_buy, who).due_minor


def finish(session: Session, group_buy: GroupBuy, alice: Actor, **choice: bool) -> None:
    at = group_buy.delivered_at
    assert at is not None
    buying.make_final(session, group_buy, actor=alice, now=at, **choice)


def test_the_worst_case_is_the_heaviest_weight_at_the_dearest_price(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    group_buy = make_buying.group_buy(
        session, alice, now=now, articles=[cheese(tiers=[(1, 1436), (2, 1200)], deposit_minor=50)]
    )

    make_buying.join(session, group_buy, bob, 1, tolerance=1, now=now)

    order = make_running.commitment(session, group_buy, bob)
    assert order.worst_case_minor == TWO_AT_MOST + 100


def test_until_it_is_weighed_the_ceiling_is_due(
    session: Session, deal: GroupBuy, bob: Actor, charlie: Actor
) -> None:
    assert due_of(session, deal, bob) == TWO_AT_MOST
    assert due_of(session, deal, charlie) == ONE_AT_MOST


def test_what_is_weighed_is_due_once_it_is_final(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor, charlie: Actor
) -> None:
    grams = {line_of(session, deal, bob).id: 1550, line_of(session, deal, charlie).id: 742}
    buying.weigh(session, deal, grams)
    assert due_of(session, deal, charlie) == ONE_AT_MOST

    finish(session, deal, alice)

    assert due_of(session, deal, bob) == 2782
    assert due_of(session, deal, charlie) == 1332


def test_a_weight_can_be_corrected_and_taken_back_until_it_is_final(
    session: Session, deal: GroupBuy, alice: Actor, charlie: Actor, bob: Actor
) -> None:
    line, other = line_of(session, deal, charlie), line_of(session, deal, bob)
    for grams in (472, None, 742, 742):
        buying.weigh(session, deal, {line.id: grams, other.id: 1600})

    finish(session, deal, alice)

    assert due_of(session, deal, charlie) == 1332
    with pytest.raises(weighing.WeightsFinal):
        buying.weigh(session, deal, {line.id: 700})
    with pytest.raises(weighing.WeightsFinal):
        finish(session, deal, alice)
    assert due_of(session, deal, charlie) == 1332


def test_what_is_heavier_than_agreed_is_a_gift(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor, charlie: Actor
) -> None:
    buying.weigh(session, deal, {line_of(session, deal, charlie).id: 1200})
    [some] = weighing.portions(
        buying.articles(session, deal), handing_over.crates(session, deal)
    ).values()
    assert [one.is_gift for one in some] == [False, True]

    finish(session, deal, alice, rest_as_ordered=True)

    assert due_of(session, deal, charlie) == ONE_AT_MOST


def test_nothing_is_final_while_a_weight_is_missing(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor, charlie: Actor
) -> None:
    buying.weigh(session, deal, {line_of(session, deal, charlie).id: 742})

    with pytest.raises(weighing.WeightsMissing) as refusal:
        finish(session, deal, alice)

    assert refusal.value.facts == {"count": 1}
    assert due_of(session, deal, charlie) == ONE_AT_MOST
    finish(session, deal, alice, rest_as_ordered=True)
    assert due_of(session, deal, bob) == 2 * 1436


def test_the_hand_over_waits_for_the_weights(
    session: Session, deal: GroupBuy, alice: Actor, now: datetime
) -> None:
    with pytest.raises(weighing.NotYetWeighed):
        buying.begin_hand_over(session, deal, actor=alice, now=now)

    finish(session, deal, alice, rest_as_ordered=True)
    buying.begin_hand_over(session, deal, actor=alice, now=now)


def test_what_is_not_sold_by_weight_waits_for_nothing(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    group_buy = make_running.closed(session, alice, [(bob, 5)], now=now)

    make_running.delivered(session, group_buy, alice)

    [line] = make_running.commitment(session, group_buy, bob).lines
    assert not weighing.is_missing(session, group_buy)
    with pytest.raises(NotFound):
        buying.weigh(session, group_buy, {line.id: 500})


def test_a_line_of_another_deal_is_not_found(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    other = make_running.closed(session, alice, [(bob, 1)], now=now, articles=[cheese()])
    make_running.delivered(session, other, alice)

    with pytest.raises(NotFound):
        buying.weigh(session, deal, {line_of(session, other, bob).id: 700})


@pytest.mark.parametrize("grams", [0, -5, 10**9 + 1])
def test_what_is_no_weight_is_refused(
    session: Session, deal: GroupBuy, bob: Actor, grams: int
) -> None:
    line = line_of(session, deal, bob)

    with pytest.raises(Invalid) as refusal:
        buying.weigh(session, deal, {line.id: grams})

    assert set(refusal.value.fields) == {f"grams-{line.id}"}


def test_a_short_delivery_gives_back_what_was_due_for_it(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    group_buy = make_running.closed(
        session, alice, [(bob, 1), (charlie, 2)], now=now, articles=[cheese(deposit_minor=50)]
    )

    make_running.delivered(session, group_buy, alice, 2)

    assert due_of(session, group_buy, charlie) == ONE_AT_MOST + 50
    assert clearing.replay(buying.clearings(session, group_buy)[-1].proof).agrees


def test_who_has_paid_gets_the_difference_back(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    group_buy = make_running.closed(
        session, alice, [(bob, 1), (charlie, 1)], now=now, articles=[cheese()]
    )
    make_running.pay_cash(session, group_buy, alice, bob, now=group_buy.closes_at)
    make_running.delivered(session, group_buy, alice)
    buying.weigh(session, group_buy, {line_of(session, group_buy, bob).id: 742})

    finish(session, group_buy, alice, rest_as_ordered=True)

    refund = session.scalars(select(Refund)).one()
    assert (refund.amount_minor, refund.reason) == (ONE_AT_MOST - 1332, "weighed")
    told = session.scalars(select(Event.facts).filter_by(kind="PortionsWeighed")).all()
    assert sorted(one["refund_minor"] for one in told) == [144, 248]


def test_cards_are_charged_after_the_weighing_where_they_pay_after_the_delivery(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    group_buy = make_running.closed(
        session, alice, [(bob, 1)], now=now, articles=[cheese()], collecting_days=0
    )
    asked = text(
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'payments.charge_batch'"
    )

    make_running.delivered(session, group_buy, alice)
    before = session.scalar(asked)
    finish(session, group_buy, alice, rest_as_ordered=True)

    assert (before, session.scalar(asked)) == (0, 1)


def test_freight_by_value_follows_the_price_and_not_the_weight(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    group_buy = make_running.closed(
        session,
        alice,
        [(bob, 2), (charlie, 1)],
        now=now,
        articles=[cheese()],
        freight_rule=Sharing.BY_VALUE,
        freight_minor=900,
        freight_ceiling_minor=900,
    )
    make_running.delivered(session, group_buy, alice)
    buying.weigh(session, group_buy, {line_of(session, group_buy, charlie).id: 100})

    finish(session, group_buy, alice, rest_as_ordered=True)

    assert due_of(session, group_buy, bob) == 2 * 1436 + 600
    assert due_of(session, group_buy, charlie) == 180 + 300


@pytest.mark.parametrize(
    "said",
    [
        {"base_unit": "l"},
        {"base_units_thousandths": None},
        {"overweight_basis_points": 5001},
    ],
)
def test_half_a_weight_is_refused(
    session: Session, alice: Actor, now: datetime, said: dict[str, object]
) -> None:
    with pytest.raises(Invalid):
        make_buying.group_buy(session, alice, now=now, articles=[cheese(**said)])


@pytest.mark.parametrize(
    "said",
    ["base_unit = ''", "base_units_thousandths = NULL", "overweight_basis_points = -1"],
)
def test_the_database_keeps_no_half_weight(session: Session, deal: GroupBuy, said: str) -> None:
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(f"UPDATE articles SET {said}"))
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("UPDATE lines SET weighed_grams = 0"))


def test_a_copy_of_the_deal_is_by_weight_too(
    session: Session, deal: GroupBuy, alice: Actor, now: datetime
) -> None:
    copied = buying.copy(session, deal, actor=alice, now=now)

    [article] = session.scalars(select(Article).filter_by(group_buy_id=copied.id))
    assert (article.nominal_grams, article.overweight_basis_points) == (800, 1000)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    paid=st.lists(st.booleans(), min_size=3, max_size=3),
    units=st.lists(st.integers(1, 5), min_size=3, max_size=3),
    came=st.integers(1, 15),
    price=st.integers(1, 5000),
    nominal=st.integers(1, 3000),
    over=st.integers(0, 5000),
    weighings=st.lists(
        st.tuples(st.integers(0, 2), st.none() | st.integers(1, 20_000)), max_size=12
    ),
)
def test_what_is_due_and_what_went_back_is_what_was_charged(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, dana: Actor, now: datetime,
    paid: list[bool], units: list[int], came: int, price: int, nominal: int, over: int,
    weighings: list[tuple[int, int | None]],
) -> None:  # fmt: skip
    savepoint = session.begin_nested()
    people = [bob, charlie, dana]
    article = cheese(
        tiers=[(1, price)], base_units_thousandths=nominal, overweight_basis_points=over
    )
    group_buy = make_running.closed(
        session, alice, list(zip(people, units, strict=True)), now=now, articles=[article]
    )
    charged = [due_of(session, group_buy, who) for who in people]
    for who, pays in zip(people, paid, strict=True):
        if pays:
            make_running.pay_cash(session, group_buy, alice, who, now=group_buy.closes_at)
    make_running.delivered(session, group_buy, alice, min(came, sum(units)))
    for at, grams in weighings:
        line = line_of(session, group_buy, people[at])
        if line.delivered_units:
            buying.weigh(session, group_buy, {line.id: grams})
            buying.weigh(session, group_buy, {line.id: grams})
            assert ledger.verify(session) == []

    finish(session, group_buy, alice, rest_as_ordered=True)
    with pytest.raises(weighing.WeightsFinal):
        finish(session, group_buy, alice, rest_as_ordered=True)

    assert ledger.verify(session) == []
    for who, was, has_paid in zip(people, charged, paid, strict=True):
        order = make_running.commitment(session, group_buy, who)
        payment = make_running.payment(session, group_buy, who)
        back = session.scalar(
            select(func.coalesce(func.sum(Refund.amount_minor), 0)).filter_by(payment_id=payment.id)
        )
        assert order.due_minor <= was <= order.worst_case_minor
        if has_paid:
            assert payment.state == PaymentState.PAID
            assert order.due_minor + back == was
            assert payment.refunded_minor == back
        else:
            assert back == 0
    savepoint.rollback()
    session.expire_all()

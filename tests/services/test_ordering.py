"""Alice organises an olive oil group buy: at least 5 cans, at most 50, cheaper from 20 on."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.buying import (
    NobodyTakesOver,
    NotEnoughUnits,
    NothingOrdered,
    PaymentMethod,
    PriceTooLow,
    WithdrawalNotPossible,
    WithdrawalPolicy,
)
from models.collaborations import AlreadyCommitted, CommitmentState, NotOpen
from models.errors import Invalid
from models.events import Event
from models.participants import MayNotActFor
from services import buying, ledger
from services.buying import baskets
from services.buying.describing import TiersInvalid
from services.buying.orders import (
    AddressNeeded,
    NoSuchArticle,
    PaymentMethodNotOffered,
    PickupNeeded,
    Wanted,
)
from services.buying.previewing import BuyerMoved, OrderMoved
from services.buying.self_dealing import SelfDealing
from tests import make
from tests.counting import counted
from tests.make_buying import commitment_of, group_buy, join, olive_oil, order


@pytest.fixture
def deal(session, alice, now):
    return group_buy(session, alice, now=now)


def events_of(session, deal):
    kinds = select(Event.kind).filter_by(collaboration_id=deal.id).order_by(Event.id)
    return list(session.scalars(kinds))


def test_joining_takes_the_units_and_holds_the_worst_case(session, deal, bob, now):
    commitment_id = join(session, deal, bob, 3, tolerance=1, now=now)

    commitment = commitment_of(session, deal, bob.participant.id)
    account = ledger.own_account(session, bob.participant.id, "EUR", now=now)
    [article] = buying.articles(session, deal)
    assert commitment.id == commitment_id
    assert commitment.worst_case_minor == 4 * 4000
    assert account.held_minor == 4 * 4000
    assert (article.active_units, article.demand_units[0]) == (3, 3)
    assert commitment.lines[0].layers == [[1, 3, 1]]


def test_progress_never_falls_because_somebody_joined(session, alice, bob, charlie, now):
    """By the smallest order nothing is reached while no article is; whatever is gathered."""
    both = [olive_oil(minimum_units=4), olive_oil(name="Rice", minimum_units=4)]
    deal = group_buy(session, alice, now=now, articles=both, smallest_order_minor=10**6)
    seen = [0]
    for actor, units in ((bob, 3), (charlie, 4)):
        join(session, deal, actor, units, now=now)
        seen.append(deal.progress_basis_points)

    assert seen[1] == 0
    assert 0 < seen[2] < 10_000


def test_progress_is_by_whichever_price_is_reached_first(session, alice, bob, now):
    oil = olive_oil(tiers=[(1, 5000), (10, 4000)], minimum_units=10)
    deal = group_buy(session, alice, now=now, articles=[oil])

    join(session, deal, bob, 9, highest_price_minor=4000, now=now)

    assert (deal.progress_basis_points, deal.missing_units) == (9000, 1)


def test_it_tips_when_enough_have_joined(session, deal, bob, charlie, now):
    join(session, deal, bob, 3, now=now)
    assert not deal.is_tipped
    assert deal.progress_basis_points == 6000

    join(session, deal, charlie, 2, now=now)

    assert deal.is_tipped
    assert (deal.price_now_minor, deal.price_next_minor, deal.missing_units) == (4000, 3600, 15)
    assert events_of(session, deal).count("GroupBuyTipped") == 1


def test_a_participant_commits_once(session, deal, bob, now):
    join(session, deal, bob, 1, now=now)

    with pytest.raises(AlreadyCommitted):
        join(session, deal, bob, 1, now=now)

    [article] = buying.articles(session, deal)
    assert article.active_units == 1


def test_more_than_there_is_is_refused_with_what_is_left(session, deal, bob, charlie, now):
    join(session, deal, bob, 48, now=now)

    with pytest.raises(NotEnoughUnits) as refusal:
        join(session, deal, charlie, 3, now=now)

    assert refusal.value.facts["units_left"] == 2


def test_who_waits_gets_the_units_that_others_give_up(session, deal, bob, charlie, now):
    join(session, deal, bob, 48, now=now)
    join(session, deal, charlie, 3, may_wait=True, now=now)
    waiting = commitment_of(session, deal, charlie.participant.id)
    assert waiting.state == CommitmentState.WAITING

    mine = commitment_of(session, deal, bob.participant.id)
    buying.withdraw(session, deal, mine, actor=bob, now=now)

    waiting = commitment_of(session, deal, charlie.participant.id)
    assert waiting.state == CommitmentState.ACTIVE
    assert "WaitingPlaceGiven" in events_of(session, deal)


def test_all_who_are_let_in_are_told_at_once_in_their_order(session, deal, bob, charlie, dana, now):
    join(session, deal, bob, 48, now=now)
    for actor in (charlie, dana):
        join(session, deal, actor, 3, may_wait=True, now=now)
    mine = commitment_of(session, deal, bob.participant.id)

    with counted(session) as statements:
        buying.withdraw(session, deal, mine, actor=bob, now=now)

    told = session.scalars(
        select(Event.participant_id).filter_by(kind="WaitingPlaceGiven").order_by(Event.id)
    )
    assert list(told) == [charlie.participant.id, dana.participant.id]
    assert sum(one.startswith("INSERT INTO events") for one in statements) == 2


def test_a_price_below_the_cheapest_tier_is_refused(session, deal, bob, now):
    with pytest.raises(PriceTooLow):
        join(session, deal, bob, 1, highest_price_minor=3599, now=now)


@pytest.mark.parametrize("moment", [timedelta(days=7), timedelta(days=8)])
def test_nobody_joins_from_the_close_on(session, deal, bob, now, moment):
    with pytest.raises(NotOpen):
        join(session, deal, bob, 1, now=now + moment)


def test_nothing_is_no_order(session, deal, bob, now):
    with pytest.raises(NothingOrdered):
        join(session, deal, bob, 0, now=now)


def test_an_article_of_another_deal_is_refused(session, deal, alice, bob, now):
    other = group_buy(session, alice, now=now)
    [foreign] = buying.articles(session, other)
    mine = order(session, deal)

    with pytest.raises(NoSuchArticle):
        buying.join(
            session,
            deal,
            buying.Order(
                wanted=[buying.Wanted(foreign.id, 1)],
                payment_method=mine.payment_method,
                pickup_point_id=mine.pickup_point_id,
            ),
            actor=bob,
            now=now,
        )


def test_what_full_cases_never_reach_is_refused(session, alice, now):
    """Six cans make a case, so of at most 11 only 6 can be had, and nothing happens below 7."""
    with pytest.raises(Invalid) as refusal:
        group_buy(
            session,
            alice,
            articles=[olive_oil(minimum_units=7, maximum_units=11, case_size=6)],
            now=now,
        )

    assert set(refusal.value.fields) == {"maximum_units"}


def test_joining_looks_at_no_other_article_than_those_it_wants(session, alice, bob, now):
    """The nearest of the others stays the nearest, so it is not looked for under the lock."""
    oils = [olive_oil(name=f"Oil {number}", minimum_units=9) for number in range(3)]
    deal = group_buy(session, alice, articles=oils, now=now)
    first, second, _ = buying.articles(session, deal)
    point = buying.pickup_points(session, deal)[0]

    def join_with(actor, article, units):
        wanted = buying.Order(
            [buying.Wanted(article.id, units)],
            payment_method=PaymentMethod.AT_PICKUP,
            pickup_point_id=point.id,
        )
        buying.find(session, deal.slug, actor=actor, lock=True)
        buying.join(session, deal, wanted, actor=actor, now=now)

    join_with(bob, first, 4)
    with counted(session) as statements:
        join_with(alice, second, 2)

    assert deal.progress_basis_points == 4 * 10_000 // 9
    assert not [one for one in statements if "max(" in one]


def test_a_pickup_point_of_another_deal_is_refused(session, deal, alice, bob, now):
    other = group_buy(session, alice, now=now)
    [article] = buying.articles(session, deal)
    [foreign] = buying.pickup_points(session, other)

    with pytest.raises(PickupNeeded):
        buying.join(
            session,
            deal,
            buying.Order(
                wanted=[buying.Wanted(article.id, 1)],
                payment_method=order(session, deal).payment_method,
                pickup_point_id=foreign.id,
            ),
            actor=bob,
            now=now,
        )


def test_nobody_joins_for_a_stranger(session, deal, bob, charlie, now):
    with pytest.raises(MayNotActFor):
        buying.join(
            session,
            deal,
            order(session, deal),
            actor=bob,
            participant=charlie.participant,
            now=now,
        )


def test_the_organiser_throws_nobody_out(session, deal, alice, bob, now):
    join(session, deal, bob, 5, now=now)
    bobs = commitment_of(session, deal, bob.participant.id)

    with pytest.raises(MayNotActFor):
        buying.withdraw(session, deal, bobs, actor=alice, now=now)


def test_the_supplier_does_not_tip_their_own_deal(session, alice, bob, now):
    mill = make.organisation(session, "Mill", owner=bob, now=now)
    deal = group_buy(session, alice, supplier_id=mill.participant.id, now=now)

    with pytest.raises(SelfDealing):
        join(session, deal, mill, 5, now=now)


def test_a_larger_order_goes_to_the_end_of_the_queue(session, deal, bob, charlie, now):
    join(session, deal, bob, 3, now=now)
    join(session, deal, charlie, 3, now=now)
    mine = commitment_of(session, deal, bob.participant.id)

    buying.change(session, deal, mine, order(session, deal, 5), actor=bob, now=now)

    assert mine.lines[0].layers == [[1, 3, 0], [3, 2, 0]]
    account = ledger.own_account(session, bob.participant.id, "EUR", now=now)
    session.refresh(account)
    assert account.held_minor == 5 * 4000


def test_a_smaller_order_gives_up_the_newest_units_first(session, deal, bob, now):
    join(session, deal, bob, 3, now=now)
    mine = commitment_of(session, deal, bob.participant.id)
    buying.change(session, deal, mine, order(session, deal, 5), actor=bob, now=now)

    buying.change(session, deal, mine, order(session, deal, 4), actor=bob, now=now)

    assert mine.lines[0].layers == [[1, 3, 0], [2, 1, 0]]
    [article] = buying.articles(session, deal)
    assert (article.active_units, article.demand_units[1]) == (4, 4)


def test_leaving_gives_everything_back(session, deal, bob, now):
    join(session, deal, bob, 5, now=now)
    mine = commitment_of(session, deal, bob.participant.id)

    buying.withdraw(session, deal, mine, actor=bob, now=now)

    account = ledger.own_account(session, bob.participant.id, "EUR", now=now)
    session.refresh(account)
    assert (account.balance_minor, account.held_minor) == (0, 0)
    assert not deal.is_tipped
    assert deal.commitments_count == 0
    assert events_of(session, deal)[-1] == "GroupBuyUntipped"


def test_who_left_can_join_again(session, deal, bob, now):
    join(session, deal, bob, 5, now=now)
    mine = commitment_of(session, deal, bob.participant.id)
    buying.withdraw(session, deal, mine, actor=bob, now=now)

    join(session, deal, bob, 2, now=now)

    assert commitment_of(session, deal, bob.participant.id).lines[0].units == 2


@pytest.mark.parametrize(
    ("policy", "before_the_close", "refused"),
    [
        (WithdrawalPolicy.FREE, timedelta(minutes=1), False),
        (WithdrawalPolicy.FREE_UNTIL_LAST_DAY, timedelta(hours=25), False),
        (WithdrawalPolicy.FREE_UNTIL_LAST_DAY, timedelta(hours=24), True),
        (WithdrawalPolicy.NOT_IF_IT_UNTIPS, timedelta(days=6), True),
    ],
)
def test_the_declared_policy_decides_who_may_leave(
    session, alice, bob, now, policy, before_the_close, refused
):
    deal = group_buy(session, alice, withdrawal_policy=policy, now=now)
    join(session, deal, bob, 5, now=now)
    mine = commitment_of(session, deal, bob.participant.id)
    then = deal.closes_at - before_the_close

    if refused:
        with pytest.raises(WithdrawalNotPossible):
            buying.withdraw(session, deal, mine, actor=bob, now=then)
        session.rollback()
    else:
        buying.withdraw(session, deal, mine, actor=bob, now=then)
        assert mine.state == CommitmentState.WITHDRAWN


@pytest.mark.parametrize(
    ("policy", "before_the_close"),
    [
        (WithdrawalPolicy.FREE_UNTIL_LAST_DAY, timedelta(hours=24)),
        (WithdrawalPolicy.NOT_IF_IT_UNTIPS, timedelta(days=6)),
    ],
)
@pytest.mark.parametrize("less", [{"units": 4}, {"tolerance": 0}, {"highest_price_minor": 3600}])
def test_an_order_shrinks_by_less_units_less_tolerance_or_a_lower_price(
    session, alice, bob, now, policy, before_the_close, less
):
    deal = group_buy(
        session,
        alice,
        articles=[olive_oil(case_size=3)],
        withdrawal_policy=policy,
        now=now,
    )
    join(session, deal, bob, 5, tolerance=1, now=now)
    mine = commitment_of(session, deal, bob.participant.id)
    wanted = order(session, deal, **{"units": 5, "tolerance": 1, **less})

    with pytest.raises(WithdrawalNotPossible):
        buying.change(session, deal, mine, wanted, actor=bob, now=deal.closes_at - before_the_close)
    session.rollback()


def test_a_lower_price_that_reaches_the_same_steps_is_no_smaller_order(session, alice, bob, now):
    deal = group_buy(
        session, alice, withdrawal_policy=WithdrawalPolicy.FREE_UNTIL_LAST_DAY, now=now
    )
    join(session, deal, bob, 5, highest_price_minor=3900, now=now)
    mine = commitment_of(session, deal, bob.participant.id)
    wanted = order(session, deal, 5, highest_price_minor=3800)

    buying.change(session, deal, mine, wanted, actor=bob, now=deal.closes_at - timedelta(hours=1))

    assert mine.lines[0].highest_price_minor == 3800


def test_whoever_waits_counts_as_they_will_at_the_close(session, alice, bob, charlie, now):
    """Only with Charlie's units, of which not all fit, does the lower step hold."""
    deal = make_tight(session, alice, now=now)
    join(session, deal, bob, 6, highest_price_minor=3600, now=now)
    assert not deal.is_tipped

    join(session, deal, charlie, 5, may_wait=True, now=now)

    assert deal.is_tipped
    assert "GroupBuyTipped" in events_of(session, deal)
    [article] = buying.articles(session, deal)
    assert (article.active_units, article.standing_units) == (6, 10)
    waiting = commitment_of(session, deal, charlie.participant.id)
    buying.withdraw(session, deal, waiting, actor=charlie, now=now)
    assert not deal.is_tipped


@pytest.mark.parametrize(
    ("waiting_units", "less", "refused"),
    [
        (0, None, True),
        (4, None, True),
        (5, None, False),
        (5, {"units": 2}, True),
        (3, {"units": 2}, False),
        (0, {"units": 5}, False),
        (0, {"units": 5, "tolerance": 0}, False),
    ],
)
def test_once_it_is_sure_whoever_goes_is_replaced_or_stays(
    session, alice, bob, charlie, dana, now, waiting_units, less, refused
):
    deal = make_tight(
        session, alice, withdrawal_policy=WithdrawalPolicy.ONLY_WITH_REPLACEMENT, now=now
    )
    join(session, deal, bob, 5, tolerance=1, now=now)
    join(session, deal, charlie, 5, now=now)
    assert deal.is_tipped
    if waiting_units:
        join(session, deal, dana, waiting_units, may_wait=True, now=now)
    mine = commitment_of(session, deal, bob.participant.id)

    def go():
        if less is None:
            buying.withdraw(session, deal, mine, actor=bob, now=now)
        else:
            wanted = order(session, deal, **{"tolerance": 1, **less})
            buying.change(session, deal, mine, wanted, actor=bob, now=now)

    if refused:
        with pytest.raises(NobodyTakesOver):
            go()
        session.rollback()
        return
    go()
    [article] = buying.articles(session, deal)
    assert (article.active_units, deal.is_tipped) == (10, True)


def test_before_it_is_sure_nobody_has_to_be_replaced(session, alice, bob, now):
    deal = make_tight(
        session, alice, withdrawal_policy=WithdrawalPolicy.ONLY_WITH_REPLACEMENT, now=now
    )
    join(session, deal, bob, 6, now=now)
    mine = commitment_of(session, deal, bob.participant.id)

    buying.withdraw(session, deal, mine, actor=bob, now=now)

    assert mine.state == CommitmentState.WITHDRAWN


def make_tight(session, organiser, **terms):
    """At least 8 and at most 10, and the lower price from 8 on."""
    oil = olive_oil(minimum_units=8, maximum_units=10, tiers=[(1, 4000), (8, 3600)])
    return group_buy(session, organiser, articles=[oil], **terms)


@pytest.mark.parametrize("policy", WithdrawalPolicy)
def test_a_pause_keeps_nobody(session, alice, bob, now, policy):
    deal = group_buy(session, alice, withdrawal_policy=policy, now=now)
    join(session, deal, bob, 5, now=now)
    buying.pause(session, deal, reason="a question", actor=alice, now=now)
    mine = commitment_of(session, deal, bob.participant.id)

    buying.withdraw(session, deal, mine, actor=bob, now=deal.closes_at + timedelta(days=3))

    assert mine.state == CommitmentState.WITHDRAWN


def test_what_is_kept_of_each_tier_is_what_the_lines_say(session, alice, bob, charlie, now):
    deal = group_buy(session, alice, articles=[olive_oil(maximum_units=None)], now=now)
    join(session, deal, bob, 12, highest_price_minor=3700, tolerance=2, now=now)
    join(session, deal, charlie, 10, now=now)

    [article] = buying.articles(session, deal)

    assert (article.demand_units, article.tolerance_units) == ([10, 22], [0, 2])
    assert (deal.price_now_minor, deal.missing_units) == (3600, None)


def test_nobody_pays_in_a_way_that_is_not_offered(session, alice, bob, now):
    deal = group_buy(session, alice, by_card=False, now=now)
    by_card = order(session, deal, method=PaymentMethod.CARD)

    with pytest.raises(PaymentMethodNotOffered):
        buying.join(session, deal, by_card, actor=bob, now=now)


def test_what_is_sent_needs_an_address(session, alice, bob, now):
    deal = group_buy(session, alice, ships=True, now=now)
    sent = replace(order(session, deal), pickup_point_id=None)

    with pytest.raises(AddressNeeded):
        buying.join(session, deal, sent, actor=bob, now=now)
    assert buying.join(
        session, deal, replace(sent, shipping_address="Hafenstraße 1"), actor=bob, now=now
    )


def test_a_basket_holds_so_many_articles_and_no_more(session, alice, bob, now, monkeypatch):
    monkeypatch.setattr(baskets, "MOST_LINES", 2)
    deal = group_buy(session, alice, articles=[olive_oil(name=name) for name in "ABC"], now=now)
    a, b, c = (Wanted(article.id, 1) for article in buying.articles(session, deal))
    baskets.gather(session, deal, {a.article_id: a, b.article_id: b}, actor=bob, now=now)

    with pytest.raises(baskets.TooManyArticles):
        baskets.gather(session, deal, {c.article_id: c}, actor=bob, now=now)


@pytest.mark.parametrize(
    "tiers",
    [
        [],
        [(2, 4000)],
        [(1, 4000), (20, 4000)],
        [(1, 4000), (20, 3600), (20, 3500)],
        [(1, -1)],
        [(units, 4000 - units) for units in range(1, 8)],
    ],
)
def test_prices_begin_at_one_unit_and_fall(session, alice, now, tiers):
    with pytest.raises(TiersInvalid):
        group_buy(session, alice, articles=[olive_oil(tiers=tiers)], now=now)


def test_nobody_is_bound_for_whom_the_order_was_not_shown() -> None:
    buying.guard_the_buyer(1, 1)
    buying.guard_the_buyer(None, 1)

    with pytest.raises(BuyerMoved):
        buying.guard_the_buyer(2, 1)


def test_an_order_is_changed_only_as_it_was_shown(session, deal, bob, now):
    join(session, deal, bob, 3, now=now)
    commitment = commitment_of(session, deal, bob.participant.id)
    for shown_version in (None, 1):
        buying.guard_the_order(commitment, bob.participant.id, shown_version)

    with pytest.raises(OrderMoved):
        buying.guard_the_order(commitment, None, 2)
    with pytest.raises(BuyerMoved):
        buying.guard_the_order(commitment, bob.participant.id + 1, 1)

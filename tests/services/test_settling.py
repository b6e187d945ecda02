"""Alice's olive oil is fetched; the accounts are closed when everyone has paid."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, Payee, Stage
from models.collaborations import CommitmentState
from models.ledger import Account, AccountPurpose
from models.rules import Sharing
from services import buying, commitments, ledger, payments
from services.buying import desk, guests, settling
from services.buying.delivering import NotAtThisStage
from services.buying.reading import AccountsAreTheirs
from services.commitments import Which
from tests import make, make_buying, make_running
from tests.counting import counted


@pytest.fixture
def fetched(session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime) -> GroupBuy:
    """Bob's 4 and Charlie's 3 cans are fetched, and nobody has paid."""
    group_buy = make_running.closed(session, alice, [(bob, 4), (charlie, 3)], now=now)
    make_running.handing_over(session, group_buy, alice)
    for who in (bob, charlie):
        order = make_running.commitment(session, group_buy, who)
        buying.hand_over(session, group_buy, order, actor=alice, now=now)
    buying.complete(session, group_buy, actor=alice, now=now)
    return group_buy


def balance_of(session: Session, who: Actor) -> int:
    return session.scalars(
        select(Account.balance_minor).filter_by(
            owner_id=who.participant.id, purpose=AccountPurpose.OWN
        )
    ).one()


def test_it_is_not_settled_while_money_is_outstanding(
    session: Session, fetched: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    make_running.pay_cash(session, fetched, alice, bob, now=now)

    with pytest.raises(settling.MoneyOutstanding) as refusal:
        buying.settle(session, fetched, actor=alice, now=now)

    assert refusal.value.facts == {"count": 1}


def test_what_nobody_fetched_is_over_when_it_is_completed_and_paid(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    """Neither came; Bob has paid, Charlie still owes."""
    group_buy = make_running.closed(session, alice, [(bob, 4), (charlie, 3)], now=now)
    make_running.handing_over(session, group_buy, alice)
    make_running.pay_cash(session, group_buy, alice, bob, now=now)
    assert commitments.counts(session, bob)[Which.UNDER_WAY] == 1

    buying.complete(session, group_buy, unclaimed="To the food bank.", actor=alice, now=now)

    assert commitments.counts(session, bob)[Which.OVER] == 1
    assert commitments.counts(session, charlie)[Which.UNDER_WAY] == 1
    assert commitments.of_actor(session, bob, which=Which.UNDER_WAY).rows == []
    assert len(commitments.of_actor(session, charlie, which=Which.UNDER_WAY).rows) == 1


def test_what_one_side_alone_confirmed_is_outstanding(
    session: Session, fetched: GroupBuy, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    make_running.pay_cash(session, fetched, alice, bob, now=now)
    order = make_running.commitment(session, fetched, charlie)
    payments.confirm_received(session, order.id, actor=alice, now=now)

    with pytest.raises(settling.MoneyOutstanding):
        buying.settle(session, fetched, actor=alice, now=now)


def test_the_pot_ends_at_zero_and_the_seller_has_the_sum(
    session: Session, fetched: GroupBuy, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    make_running.pay_cash(session, fetched, alice, bob, now=now)
    make_running.pay_cash(session, fetched, alice, charlie, now=now)

    buying.settle(session, fetched, actor=alice, now=now)

    accounts = buying.accounts(session, fetched)
    assert fetched.stage == Stage.SETTLED
    assert (accounts.pot_minor, accounts.outstanding_minor) == (0, 0)
    assert (accounts.paid_in_cash_minor, accounts.paid_out_minor) == (28000, 28000)
    assert balance_of(session, alice) == 28000
    assert balance_of(session, bob) == 0


def test_what_one_is_to_have_back_pays_nobody_elses_debt(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    """Bob has paid 4 cans and Charlie not yet 3; then only 5 of the 7 came."""
    group_buy = make_running.closed(
        session, alice, [(bob, 4), (charlie, 3)], now=now, rationing="pro_rata"
    )
    make_running.pay_cash(session, group_buy, alice, bob, now=now)
    make_running.delivered(session, group_buy, alice, 5)
    bobs = make_running.commitment(session, group_buy, bob)
    charlies = make_running.commitment(session, group_buy, charlie)
    assert (bobs.due_minor, charlies.due_minor) == (12_000, 8_000)

    accounts, figures = buying.accounts(session, group_buy), desk.figures(session, group_buy)

    assert accounts.outstanding_minor == figures.outstanding_minor == 8_000
    assert (accounts.held_minor, accounts.to_pay_back_minor) == (16_000, 4_000)
    make_running.pay_cash(session, group_buy, alice, charlie, now=now)
    accounts = buying.accounts(session, group_buy)
    assert (accounts.outstanding_minor, accounts.held_minor) == (0, 24_000)


def test_the_accounts_name_what_sending_costs(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    """Bob's and Charlie's cans are sent, and Charlie is let off."""
    group_buy = make_buying.group_buy(
        session, alice, now=now, ships=True, shipping_ceiling_minor=900
    )
    for who, units in ((bob, 4), (charlie, 3)):
        order = make_buying.order(session, group_buy, units)
        sent = replace(order, pickup_point_id=None, shipping_address="Am Deich 3")
        buying.join(session, group_buy, sent, actor=who, now=now)
    buying.close(session, group_buy.id, now=group_buy.closes_at)
    accounts = buying.accounts(session, group_buy)
    assert (accounts.due_minor, accounts.shipping_minor) == (28_000 + 2 * 900, 2 * 900)
    make_running.handing_over(session, group_buy, alice)
    buying.complete(session, group_buy, unclaimed="Sent late.", actor=alice, now=now)
    charlies = make_running.commitment(session, group_buy, charlie)

    settling.waive(session, group_buy, charlies, actor=alice, now=now)

    accounts = buying.accounts(session, group_buy)
    assert (accounts.due_minor, accounts.shipping_minor) == (16_000 + 900, 900)


@pytest.mark.parametrize(
    ("zone", "hour", "days"),
    [
        ("Europe/Berlin", 23, [(4, 23, 1), (5, 23, 1)]),
        ("America/New_York", 3, [(4, 5, 1), (5, 5, 1)]),
        ("UTC", 3, [(5, 0, 1), (6, 0, 1)]),
    ],
)
def test_what_was_booked_is_told_by_the_days_of_the_group_buy(
    session: Session,
    fetched: GroupBuy,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    zone: str,
    hour: int,
    days: list[tuple[int, int, int]],
) -> None:
    """Two payments a day apart, at half past `hour` by UTC, in winter."""
    fetched.time_zone = zone
    for day, who in ((4, bob), (5, charlie)) if hour == 23 else ((5, bob), (6, charlie)):
        at = datetime(2026, 12, day, hour, 30, tzinfo=UTC)
        make_running.pay_cash(session, fetched, alice, who, now=at)

    paid = [one for one in buying.accounts(session, fetched).bookings if one.reason == "payment"]

    at_utc = [(one.made_at.astimezone(UTC), one.count) for one in paid]
    assert [(at.day, at.hour, count) for at, count in at_utc] == days


def test_a_pot_that_is_not_empty_though_it_was_settled_is_found(
    session: Session, fetched: GroupBuy
) -> None:
    pot = session.scalars(
        select(Account).filter_by(collaboration_id=fetched.id, purpose=AccountPurpose.POT)
    ).one()
    with session.begin_nested() as savepoint:
        session.execute(text("UPDATE group_buys SET settled_at = now()"))
        findings = ledger.verify(session)
        savepoint.rollback()

    pot_and_what_it_holds = (fetched.id, pot.id, "EUR", 28000, 0)
    assert findings == [f"pot of a settled group buy is not empty: {pot_and_what_it_holds}"]
    assert ledger.verify(session) == []


def test_accounts_are_closed_once(
    session: Session, fetched: GroupBuy, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    for who in (bob, charlie):
        make_running.pay_cash(session, fetched, alice, who, now=now)
    buying.settle(session, fetched, actor=alice, now=now)

    with pytest.raises(NotAtThisStage):
        buying.settle(session, fetched, actor=alice, now=now)


def test_the_supplier_is_paid_where_the_terms_say_so(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    group_buy = make_running.closed(
        session,
        alice,
        [(bob, 5)],
        now=now,
        payee=Payee.SUPPLIER,
        supplier_id=charlie.participant.id,
    )
    make_running.handing_over(session, group_buy, alice)
    order = make_running.commitment(session, group_buy, bob)
    buying.hand_over(session, group_buy, order, actor=alice, now=now)
    buying.complete(session, group_buy, actor=alice, now=now)
    make_running.pay_cash(session, group_buy, alice, bob, now=now)

    buying.settle(session, group_buy, actor=alice, now=now)

    assert balance_of(session, charlie) == 20000


def test_the_share_is_the_organisers_even_where_the_supplier_is_paid(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, dana: Actor, now: datetime
) -> None:
    group_buy = make_running.closed(
        session,
        alice,
        [(bob, 5), (dana, 2)],
        now=now,
        payee=Payee.SUPPLIER,
        supplier_id=charlie.participant.id,
        freight_rule=Sharing.PER_HEAD,
        freight_minor=300,
        freight_ceiling_minor=300,
        share_rule=Sharing.PER_HEAD,
        share_minor=1_001,
        share_ceiling_minor=1_001,
    )
    make_running.handing_over(session, group_buy, alice)
    for who in (bob, dana):
        order = make_running.commitment(session, group_buy, who)
        buying.hand_over(session, group_buy, order, actor=alice, now=now)
    buying.complete(session, group_buy, actor=alice, now=now)
    make_running.pay_cash(session, group_buy, alice, bob, now=now)
    danas = make_running.commitment(session, group_buy, dana)
    settling.waive(session, group_buy, danas, actor=alice, now=now)
    bobs = make_running.commitment(session, group_buy, bob)

    buying.settle(session, group_buy, actor=alice, now=now)

    accounts = buying.accounts(session, group_buy)
    assert balance_of(session, alice) == bobs.share_minor == accounts.share_minor > 0
    assert balance_of(session, charlie) == 20_000 + bobs.freight_minor == accounts.paid_out_minor
    assert bobs.due_minor == 20_000 + bobs.freight_minor + bobs.share_minor
    assert accounts.pot_minor == 0


def test_who_is_let_off_holds_nothing_up(
    session: Session, fetched: GroupBuy, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    make_running.pay_cash(session, fetched, alice, bob, now=now)
    order = make_running.commitment(session, fetched, charlie)

    settling.waive(session, fetched, order, actor=alice, now=now)
    buying.settle(session, fetched, actor=alice, now=now)

    assert order.due_minor == 0
    assert order.state == CommitmentState.FULFILLED
    assert balance_of(session, charlie) == 0
    assert buying.accounts(session, fetched).paid_out_minor == 16000


def owed_to_charlie(session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime):
    """Alice organises for Charlie, who sells; she, her guest and Bob owe him for their cans."""
    group_buy = make_buying.group_buy(
        session, alice, now=now, payee=Payee.SUPPLIER, supplier_id=charlie.participant.id
    )
    erna = guests.add(session, group_buy, "Oma Erna", actor=alice, now=now)
    for buyer in (alice.participant, erna, bob.participant):
        actor = bob if buyer == bob.participant else alice
        wanted = make_buying.order(session, group_buy, 3)
        buying.join(session, group_buy, wanted, actor=actor, participant=buyer, now=now)
    buying.close(session, group_buy.id, now=group_buy.closes_at)
    make_running.handing_over(session, group_buy, alice)
    buying.complete(session, group_buy, unclaimed="Kept.", actor=alice, now=now)
    orders = {one.participant_id: one for one in settling.owing(session, group_buy)}
    return group_buy, [orders[one.id] for one in (alice.participant, erna, bob.participant)]


def test_nobody_lets_themself_or_their_guest_off_what_is_owed_to_the_seller(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    group_buy, [alices, ernas, bobs] = owed_to_charlie(session, alice, bob, charlie, now)
    shop = make.organisation(session, "Kornhaus", owner=alice, now=now)

    for actor in (alice, shop, shop.bound()):
        for own in (alices, ernas):
            with pytest.raises(settling.OwnDebt):
                settling.waive(session, group_buy, own, actor=actor, now=now)
    settling.waive(session, group_buy, bobs, actor=alice, now=now)

    assert [one.due_minor for one in (alices, ernas, bobs)] == [12_000, 12_000, 0]


def test_who_is_paid_lets_themself_off(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    """Alice is paid herself; Bob, who runs it with her, is not."""
    group_buy = make_running.closed(session, alice, [(alice, 4), (bob, 3)], now=now)
    make_buying.add_co_organiser(session, group_buy, bob.member.email, actor=alice, now=now)
    make_running.handing_over(session, group_buy, alice)
    buying.complete(session, group_buy, unclaimed="Kept.", actor=alice, now=now)

    with pytest.raises(settling.OwnDebt):
        bobs = make_running.commitment(session, group_buy, bob)
        settling.waive(session, group_buy, bobs, actor=bob, now=now)
    alices = make_running.commitment(session, group_buy, alice)
    settling.waive(session, group_buy, alices, actor=alice, now=now)

    assert (alices.due_minor, bobs.due_minor) == (0, 12_000)


def test_what_is_paid_is_not_let_off(
    session: Session, fetched: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    make_running.pay_cash(session, fetched, alice, bob, now=now)
    order = make_running.commitment(session, fetched, bob)

    with pytest.raises(settling.NothingToWaive):
        settling.waive(session, fetched, order, actor=alice, now=now)


def test_what_was_received_is_not_let_off_and_settled_after_a_week(
    session: Session, fetched: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    order = make_running.commitment(session, fetched, bob)
    payments.confirm_received(session, order.id, actor=alice, now=now)
    for late in settling.owing(session, fetched):
        if late is not order:
            settling.waive(session, fetched, late, actor=alice, now=now)

    with pytest.raises(settling.NothingToWaive):
        settling.waive(session, fetched, order, actor=alice, now=now)
    with pytest.raises(settling.MoneyOutstanding):
        buying.settle(session, fetched, actor=alice, now=now)
    buying.settle(session, fetched, actor=alice, now=now + timedelta(days=7))

    assert fetched.stage == Stage.SETTLED


def test_what_did_not_arrive_is_let_off_and_the_accounts_closed(
    session: Session, fetched: GroupBuy, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    make_running.pay_cash(session, fetched, alice, charlie, now=now)
    order = make_running.commitment(session, fetched, bob)
    payments.confirm_paid(session, order.id, actor=bob, now=now)

    payments.deny_paid(session, order.id, actor=alice, now=now)
    settling.waive(session, fetched, order, actor=alice, now=now)
    buying.settle(session, fetched, actor=alice, now=now)

    assert fetched.stage == Stage.SETTLED


def test_the_accounts_are_open_to_those_who_take_part_alone(
    session: Session, fetched: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    for theirs in (alice, bob):
        buying.guard_accounts(session, fetched, theirs)
    for other in (make.actor(session, "Emil", now=now), None):
        with pytest.raises(AccountsAreTheirs):
            buying.guard_accounts(session, fetched, other)


def test_who_owes_is_named_by_name(
    session: Session, fetched: GroupBuy, bob: Actor, charlie: Actor
) -> None:
    owing = settling.owing(session, fetched)

    assert [one.participant_id for one in owing] == [bob.participant.id, charlie.participant.id]


def test_calling_off_asks_no_more_often_for_many_than_for_a_few(
    session: Session, alice: Actor, now: datetime
) -> None:
    counts = []
    for size in (4, 12):
        people = [make.actor(session, f"Neighbour{size}-{one}", now=now) for one in range(size)]
        deal = make_running.closed(session, alice, [(one, 2) for one in people], now=now)
        for who in people[::2]:
            make_running.pay_cash(session, deal, alice, who, now=now)
        session.expire_all()
        found = buying.find(session, deal.slug, actor=alice, lock=True)
        with counted(session) as statements:
            buying.cancel(session, found, reason="No harvest.", actor=alice, now=now)
            session.flush()
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 45

"""Bob buys oil and soap of Alice, who is a trader: he withdraws from the contract, once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import CommitmentState, State
from models.errors import Invalid, NotFound
from models.events import Event
from models.ledger import Transfer
from models.notices import Mail
from models.payments import PaymentState, RefundState
from models.revocations import (
    NothingToRefund,
    NotRevocable,
    Revocability,
    Revocation,
    RevokedAlready,
    last_moment,
)
from services import buying, payments, reactions, revocations
from services.buying import desk, handing_over, weighing
from services.buying.delivering import NotAtThisStage
from services.revocations.settling import MoneyUnclear, PayerSilent
from tests import make_buying, make_running
from tests.make_buying import olive_oil
from tests.make_payments import balances, own_balance, refunds

OIL, SOAP, FREIGHT = 4 * (4000 + 25), 2 * 333, 500


@pytest.fixture
def deal(session: Session, alice: Actor, bob: Actor, now: datetime) -> GroupBuy:
    """Four cans with deposit and two soaps, freight shared by heads, to be paid when fetched."""
    alice.participant.is_trader = True
    made = make_buying.group_buy(
        session,
        alice,
        now=now,
        articles=[
            olive_oil(minimum_units=1, deposit_minor=25),
            olive_oil(name="Soap", tiers=[(1, 333)], minimum_units=1, maximum_units=None),
        ],
        freight_rule="per_head",
        freight_minor=FREIGHT,
        freight_ceiling_minor=FREIGHT,
    )
    oil, soap = buying.articles(session, made)
    usual = make_buying.order(session, made, 1)
    order = buying.Order(
        [buying.Wanted(oil.id, 4), buying.Wanted(soap.id, 2)],
        usual.payment_method,
        usual.pickup_point_id,
    )
    buying.join(session, made, order, actor=bob, now=now)
    buying.close(session, made.id, now=made.closes_at)
    return made


@pytest.fixture
def fetched(session: Session, deal: GroupBuy, alice: Actor, bob: Actor) -> GroupBuy:
    """Bob has paid and fetched everything."""
    make_running.handing_over(session, deal, alice)
    make_running.pay_cash(session, deal, alice, bob, now=taken_at(deal))
    one = make_running.commitment(session, deal, bob)
    buying.hand_over(session, deal, one, actor=alice, now=taken_at(deal))
    return deal


def taken_at(deal: GroupBuy) -> datetime:
    return deal.closes_at + timedelta(days=3)


def order_of(session: Session, deal: GroupBuy, who: Actor) -> int:
    return make_running.commitment(session, deal, who).id


def declare(
    session: Session,
    deal: GroupBuy,
    who: Actor,
    *,
    at: datetime,
    articles: tuple[str, ...] = ("Olive oil", "Soap"),
) -> Revocation:
    found = [one.id for one in buying.articles(session, deal) if one.name in articles]
    return revocations.declare(
        session,
        order_of(session, deal, who),
        name="Bob",
        contact="bob@example.org",
        article_ids=found,
        actor=who,
        now=at,
    )


def needs(session: Session, deal: GroupBuy, at: datetime) -> list[desk.Need]:
    return [one.need for one in desk.tasks(session, deal, now=at)]


def give_back(
    session: Session, deal: GroupBuy, made: Revocation, alice: Actor, at: datetime
) -> None:
    buying.find(session, deal.slug, actor=alice, lock=True)
    revocations.refund(session, deal, made.id, actor=alice, now=at)


def test_the_period_ends_with_the_fourteenth_day_after_the_goods_were_taken() -> None:
    taken = datetime(2026, 11, 27, 22, 30, tzinfo=UTC)

    assert last_moment(taken, "Europe/Berlin") == datetime(2026, 12, 11, 23, 0, tzinfo=UTC)
    assert last_moment(taken, "Europe/Helsinki") == datetime(2026, 12, 12, 22, 0, tzinfo=UTC)


def test_it_is_offered_from_the_decision_until_the_period_is_over(
    session: Session, fetched: GroupBuy, bob: Actor
) -> None:
    contract = revocations.contract_of(session, order_of(session, fetched, bob), actor=bob)
    assert contract.until_at is not None

    assert contract.is_open(fetched.closes_at)
    assert contract.is_open(contract.until_at - timedelta(seconds=1))
    assert not contract.is_open(contract.until_at)
    with pytest.raises(NotRevocable):
        declare(session, fetched, bob, at=contract.until_at)


@pytest.mark.parametrize("who", ["seller", "buyer"])
def test_it_holds_between_a_trader_and_a_consumer_alone(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor, who: str
) -> None:
    if who == "seller":
        alice.participant.is_trader = deal.sold_by_trader = False
    bob.participant.is_trader = who == "buyer"
    session.flush()

    with pytest.raises(NotRevocable):
        declare(session, deal, bob, at=deal.closes_at)


def test_a_seller_who_says_they_are_no_trader_any_more_is_still_bound(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor
) -> None:
    alice.participant.is_trader = False
    session.flush()

    assert declare(session, deal, bob, at=deal.closes_at)


def test_who_becomes_a_trader_meanwhile_is_one(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor
) -> None:
    """Else one could open as a neighbour, and sell as a trader the day after."""
    deal.sold_by_trader = False
    session.flush()

    assert declare(session, deal, bob, at=deal.closes_at)


@pytest.mark.parametrize("why", [Revocability.PERISHABLE, Revocability.TO_SPECIFICATION])
def test_what_the_law_excepts_stays_bought(
    session: Session, deal: GroupBuy, bob: Actor, why: Revocability
) -> None:
    oil, soap = buying.articles(session, deal)
    oil.revocability = why
    session.flush()

    with pytest.raises(NotRevocable):
        declare(session, deal, bob, at=deal.closes_at)
    assert declare(session, deal, bob, at=deal.closes_at, articles=("Soap",)).article_ids == [
        soap.id
    ]


def test_strangers_and_empty_declarations_are_refused(
    session: Session, deal: GroupBuy, bob: Actor, charlie: Actor
) -> None:
    with pytest.raises(NotFound):
        revocations.contract_of(session, order_of(session, deal, bob), actor=charlie)
    with pytest.raises(Invalid):
        declare(session, deal, bob, at=deal.closes_at, articles=())


def test_everything_goes_back_to_the_cent_and_once(
    session: Session, fetched: GroupBuy, alice: Actor, bob: Actor
) -> None:
    at = taken_at(fetched) + timedelta(days=2)
    made = declare(session, fetched, bob, at=at)
    [task, *_] = desk.tasks(session, fetched, now=at)
    assert (task.need, task.count) == (desk.Need.REVOCATIONS, 1)
    assert task.until_at == at + timedelta(days=14)

    give_back(session, fetched, made, alice, at)
    with pytest.raises(NothingToRefund):
        give_back(session, fetched, made, alice, at)
    with pytest.raises(RevokedAlready):
        declare(session, fetched, bob, at=at)

    [refund] = refunds(session, order_of(session, fetched, bob))
    assert made.refund_minor == refund.amount_minor == OIL + SOAP + FREIGHT
    payments.hand_back(session, refund.id, actor=alice, now=at)
    [refund] = refunds(session, order_of(session, fetched, bob))
    assert refund.state == RefundState.SUCCEEDED
    assert balances(session, fetched) == {"pot": 0, "cash": 0}
    assert own_balance(session, bob) == 0
    accounts = buying.accounts(session, fetched)
    assert (accounts.freight_minor, [one.gross_minor for one in accounts.vat]) == (0, [0])
    undone = session.scalars(select(Transfer.reason).where(Transfer.reverses_id.is_not(None)))
    assert sorted(undone) == ["refund", "revoked"]
    assert desk.Need.REVOCATIONS not in {one.need for one in desk.tasks(session, fetched, now=at)}


def test_of_a_part_goods_and_deposit_go_back(
    session: Session, fetched: GroupBuy, alice: Actor, bob: Actor
) -> None:
    at = taken_at(fetched)
    made = declare(session, fetched, bob, at=at, articles=("Olive oil",))

    give_back(session, fetched, made, alice, at)

    [refund] = refunds(session, order_of(session, fetched, bob))
    assert refund.amount_minor == OIL
    assert make_running.commitment(session, fetched, bob).due_minor == SOAP + FREIGHT
    accounts = buying.accounts(session, fetched)
    assert (accounts.freight_minor, [one.gross_minor for one in accounts.vat]) == (FREIGHT, [SOAP])


def test_once_the_accounts_are_closed_the_seller_gives_it_back(
    session: Session, fetched: GroupBuy, alice: Actor, bob: Actor
) -> None:
    at = taken_at(fetched) + timedelta(days=5)
    handing_over.complete(session, fetched, actor=alice, now=at)
    buying.settle(session, fetched, actor=alice, now=at)
    assert own_balance(session, alice) == OIL + SOAP + FREIGHT
    made = declare(session, fetched, bob, at=at)

    give_back(session, fetched, made, alice, at)

    assert own_balance(session, alice) == 0
    assert own_balance(session, bob) == OIL + SOAP + FREIGHT
    assert balances(session, fetched) == {"pot": 0, "cash": -(OIL + SOAP + FREIGHT)}


def test_what_the_seller_brought_back_is_stated_once(
    session: Session, fetched: GroupBuy, alice: Actor, bob: Actor
) -> None:
    at = taken_at(fetched) + timedelta(days=5)
    handing_over.complete(session, fetched, actor=alice, now=at)
    buying.settle(session, fetched, actor=alice, now=at)
    made = declare(session, fetched, bob, at=at, articles=("Olive oil",))

    give_back(session, fetched, made, alice, at)

    accounts = buying.accounts(session, fetched)
    booked = {one.reason: one.amount_minor for one in accounts.bookings}
    assert (booked["revoked"], booked["returned_by_seller"]) == (OIL, OIL)
    assert (accounts.due_minor, accounts.outstanding_minor) == (SOAP + FREIGHT, 0)
    assert accounts.paid_out_minor == SOAP + FREIGHT
    assert (accounts.paid_in_cash_minor, accounts.held_minor) == (OIL + SOAP + FREIGHT, OIL)
    assert accounts.to_pay_back_minor == OIL
    [refund] = refunds(session, order_of(session, fetched, bob))
    payments.hand_back(session, refund.id, actor=alice, now=at)
    accounts = buying.accounts(session, fetched)
    assert (accounts.held_minor, accounts.to_pay_back_minor, accounts.pot_minor) == (0, 0, 0)
    assert accounts.paid_in_cash_minor == accounts.paid_out_minor == SOAP + FREIGHT


def test_the_organiser_brings_their_share_back_and_the_supplier_the_rest(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    charlie.participant.is_trader = True
    deal = make_running.closed(
        session,
        alice,
        [(bob, 5)],
        now=now,
        payee="supplier",
        supplier_id=charlie.participant.id,
        share_rule="per_head",
        share_minor=1_001,
        share_ceiling_minor=1_001,
    )
    make_running.handing_over(session, deal, alice)
    at = taken_at(deal)
    make_running.pay_cash(session, deal, alice, bob, now=at)
    order = make_running.commitment(session, deal, bob)
    buying.hand_over(session, deal, order, actor=alice, now=at)
    buying.complete(session, deal, actor=alice, now=at)
    buying.settle(session, deal, actor=alice, now=at)
    assert (own_balance(session, charlie), own_balance(session, alice)) == (20_000, 1_001)
    made = declare(session, deal, bob, at=at)

    give_back(session, deal, made, alice, at)

    assert (own_balance(session, charlie), own_balance(session, alice)) == (0, 0)
    accounts = buying.accounts(session, deal)
    assert (accounts.paid_out_minor, accounts.share_minor, accounts.pot_minor) == (0, 0, 0)
    assert accounts.held_minor == accounts.to_pay_back_minor == 21_001


def test_what_is_not_paid_is_no_longer_owed(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor
) -> None:
    made = declare(session, deal, bob, at=deal.closes_at)

    give_back(session, deal, made, alice, deal.closes_at)

    commitment = make_running.commitment(session, deal, bob)
    assert (commitment.due_minor, commitment.state) == (0, CommitmentState.IN)
    assert make_running.payment(session, deal, bob).state == PaymentState.RELEASED
    assert refunds(session, commitment.id) == []


def test_money_that_is_still_collected_goes_back_afterwards(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor
) -> None:
    made = declare(session, deal, bob, at=deal.closes_at)
    deal.state = State.COLLECTING

    assert [one.is_due for one in revocations.open_ones(session, deal)] == [False]
    with pytest.raises(NotAtThisStage):
        give_back(session, deal, made, alice, deal.closes_at)


@pytest.mark.parametrize("came", [2, 0])
def test_what_was_given_back_before_the_delivery_is_not_given_back_again(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor, came: int
) -> None:
    make_running.pay_cash(session, deal, alice, bob, now=deal.closes_at)
    made = declare(session, deal, bob, at=deal.closes_at)
    give_back(session, deal, made, alice, deal.closes_at)
    order = make_running.commitment(session, deal, bob)
    assert [one.amount_minor for one in refunds(session, order.id)] == [OIL + SOAP + FREIGHT]

    make_running.delivered(session, deal, alice, came)

    assert (order.due_minor, order.state) == (0, CommitmentState.IN)
    assert len(refunds(session, order.id)) == 1
    assert balances(session, deal)["pot"] == 0
    buying.begin_hand_over(session, deal, actor=alice, now=taken_at(deal))
    buying.complete(session, deal, actor=alice, now=taken_at(deal))
    buying.settle(session, deal, actor=alice, now=taken_at(deal))


def test_whoever_gets_nothing_else_pays_no_freight(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor
) -> None:
    made = declare(session, deal, bob, at=deal.closes_at, articles=("Olive oil",))
    give_back(session, deal, made, alice, deal.closes_at)
    order = make_running.commitment(session, deal, bob)
    assert order.due_minor == SOAP + FREIGHT
    make_running.ordered(session, deal, alice)
    oil, soap = buying.articles(session, deal)

    buying.deliver(session, deal, {oil.id: 1, soap.id: 0}, actor=alice, now=taken_at(deal))

    assert (order.due_minor, order.state) == (0, CommitmentState.OUT)
    assert balances(session, deal)["pot"] == 0


def test_goods_by_weight_that_were_given_back_are_not_weighed(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    alice.participant.is_trader = True
    deal = make_running.closed(
        session, alice, [(bob, 1), (charlie, 1)], now=now, articles=[make_buying.cheese()]
    )
    made = declare(session, deal, bob, at=deal.closes_at, articles=("Mountain cheese",))
    give_back(session, deal, made, alice, deal.closes_at)
    make_running.delivered(session, deal, alice)
    [line] = make_running.commitment(session, deal, charlie).lines
    weighing.weigh(session, deal, {line.id: 800})

    weighing.make_final(session, deal, actor=alice, now=taken_at(deal))

    assert make_running.commitment(session, deal, bob).due_minor == 0
    assert balances(session, deal)["pot"] == 1436


def test_money_that_only_one_side_speaks_of_is_cleared_up_first(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor
) -> None:
    made = declare(session, deal, bob, at=deal.closes_at)
    make_running.handing_over(session, deal, alice)
    order = order_of(session, deal, bob)
    payments.confirm_paid(session, order, actor=bob, now=taken_at(deal))

    with pytest.raises(MoneyUnclear):
        give_back(session, deal, made, alice, taken_at(deal))
    payments.take_back(session, order, actor=bob, now=taken_at(deal))
    payments.confirm_received(session, order, actor=alice, now=taken_at(deal))
    with pytest.raises(PayerSilent) as refusal:
        give_back(session, deal, made, alice, taken_at(deal))
    assert refusal.value.facts == {"at": taken_at(deal) + timedelta(days=7)}
    payments.take_back(session, order, actor=alice, now=taken_at(deal))
    payments.confirm_paid(session, order, actor=bob, now=taken_at(deal))
    payments.confirm_received(session, order, actor=alice, now=taken_at(deal))
    give_back(session, deal, made, alice, taken_at(deal))

    [refund] = refunds(session, order)
    assert refund.amount_minor == OIL + SOAP + FREIGHT


def test_the_receipt_says_what_and_when_and_cannot_be_switched_off(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    declare(session, deal, bob, at=deal.closes_at)
    event = session.scalars(select(Event).filter_by(kind="ContractRevoked")).one()

    for _ in range(2):
        reactions.run(session, event.id, now=now)

    mails = session.scalars(select(Mail).where(Mail.key.startswith(f"notice:{event.id}:"))).all()
    by_name = {one.facts["message"]: one for one in mails}
    assert len(mails) == 2
    receipt = by_name["contract-revoked"]
    assert receipt.to_address == bob.member.email
    assert receipt.facts["kind"] == "account"
    told = receipt.facts["told"]
    assert told["declared_at"] == {"moment": deal.closes_at.isoformat()}
    assert (told["articles"], told["name"]) == ("Olive oil, Soap", "Bob")
    assert by_name["someone-revoked"].to_address == alice.member.email


def test_a_crate_is_packed_without_what_was_withdrawn_from(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor
) -> None:
    make_running.delivered(session, deal, alice)
    at = taken_at(deal)
    declare(session, deal, bob, at=at, articles=("Soap",))
    crate = make_running.commitment(session, deal, bob)
    oil, soap = sorted(crate.lines, key=lambda line: line.article.name)
    assert desk.Need.PACK in needs(session, deal, at)

    with pytest.raises(handing_over.GoodsHeldBack):
        handing_over.mark_line_packed(session, deal, soap.id, now=at)
    handing_over.mark_packed(session, deal, crate, now=at)

    assert (oil.packed_at, soap.packed_at, crate.packed_at) == (at, None, at)
    assert desk.Need.PACK not in needs(session, deal, at)


def test_a_crate_is_packed_once_what_was_missing_is_withdrawn_from(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor
) -> None:
    make_running.delivered(session, deal, alice)
    at = taken_at(deal)
    crate = make_running.commitment(session, deal, bob)
    oil, _ = sorted(crate.lines, key=lambda line: line.article.name)
    handing_over.mark_line_packed(session, deal, oil.id, now=at)
    assert crate.packed_at is None

    declare(session, deal, bob, at=at, articles=("Soap",))

    assert crate.packed_at == at


def test_an_order_withdrawn_from_as_a_whole_keeps_nobody_waiting(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor
) -> None:
    make_running.delivered(session, deal, alice)
    at = taken_at(deal)
    declare(session, deal, bob, at=at)
    crate = make_running.commitment(session, deal, bob)
    with pytest.raises(handing_over.GoodsHeldBack):
        handing_over.mark_packed(session, deal, crate, now=at)
    assert desk.Need.PACK not in needs(session, deal, at)
    buying.begin_hand_over(session, deal, actor=alice, now=at)
    assert desk.Need.COMPLETE in needs(session, deal, at)
    assert handing_over.unfetched(session, deal) == []

    buying.complete(session, deal, actor=alice, now=at)

    assert crate.state == CommitmentState.IN


def test_what_was_packed_before_it_was_withdrawn_from_is_unpacked_by_hand(
    session: Session, deal: GroupBuy, alice: Actor, bob: Actor
) -> None:
    make_running.delivered(session, deal, alice)
    at = taken_at(deal)
    crate = make_running.commitment(session, deal, bob)
    handing_over.mark_packed(session, deal, crate, now=at)

    declare(session, deal, bob, at=at)
    assert crate.packed_at == at

    handing_over.mark_packed(session, deal, crate, is_packed=False, now=at)
    assert [line.packed_at for line in crate.lines] == [None, None]
    assert crate.packed_at is None

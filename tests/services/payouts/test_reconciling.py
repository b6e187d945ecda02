"""What the gateway says it moved is held against the books, and whatever differs is shown."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace import db
from marketplace.operations import reconciling
from models.actors import Actor
from models.buying import GroupBuy
from models.errors import NotFound
from models.ledger import Account, AccountPurpose, Transfer
from models.reconciliation import BalanceLine, Difference
from models.rules import PayoutTerms
from services import chargebacks, ledger, payouts, reconciliation
from services.gateways import answers
from services.reconciliation.judging import judge
from tests import make_payouts, make_running
from tests.counting import counted
from tests.make_payments import Bank, payment
from tests.make_payouts import open_account, settle

LATER = timedelta(hours=3)


def compare(session: Session, bank: Bank, at: datetime) -> list[Difference]:
    bank.moment = at
    with db.at(at):
        reconciling.compare()
    session.expire_all()
    return list(reconciliation.open_differences(session))


def sums(session: Session) -> tuple[int, int]:
    last = reconciliation.last(session)
    assert last is not None
    euros = last.sums["EUR"]
    return euros["at_gateway"], euros["in_books"]


@pytest.fixture
def settled(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> tuple[GroupBuy, datetime]:
    """Everything once: a fee, a reserve, money sent on, a chargeback that was lost."""
    payouts.set_terms(session, PayoutTerms(300, 1_000, 30), actor=None, now=now)
    deal = make_payouts.paid_by_card(session, bank, alice, [(bob, 4), (charlie, 3)], now=now)
    open_account(session, bank, alice, at=now)
    at = settle(session, bank, deal, alice)
    bobs = payment(session, make_running.commitment(session, deal, bob).id)
    bank.control("/disputes", charge=bank.read(bobs).charge_id)
    client = bank.app.test_client()
    for body, headers in bank.webhooks():
        client.post("/payments/webhook", data=body, headers=headers)
    bank.run(session, at)
    [asked] = chargebacks.of_deal(session, deal)
    chargebacks.answer(session, asked.chargeback.id, "", actor=alice, now=at)
    bank.run(session, at)
    return deal, at


def test_all_that_happened_agrees_to_the_cent(
    session: Session, bank: Bank, settled: tuple[GroupBuy, datetime]
) -> None:
    _, at = settled
    assert compare(session, bank, at + LATER) == []

    there, here = sums(session)
    assert there == here
    assert session.scalar(select(func.count()).where(~BalanceLine.is_matched)) == 0
    costs = session.scalars(
        select(-Account.balance_minor).filter_by(purpose=AccountPurpose.COSTS)
    ).one()
    fees = session.scalar(select(func.sum(BalanceLine.fee_minor)))
    assert costs == fees
    assert costs > 0
    assert ledger.verify(session) == []

    assert compare(session, bank, at + 2 * LATER) == []
    assert sums(session) == (there, here)


def test_what_was_done_elsewhere_is_shown_until_it_agrees(
    session: Session, bank: Bank, settled: tuple[GroupBuy, datetime], alice: Actor, charlie: Actor
) -> None:
    """Somebody refunds a charge in the gateway's own dashboard: no message of ours knows of it."""
    deal, at = settled
    theirs = payment(session, make_running.commitment(session, deal, charlie).id)
    bank.moment = at
    bank.gateway.refund(theirs.intent_key, 100, key="by-hand")

    [found] = compare(session, bank, at + LATER)
    assert (found.at_gateway_minor, found.in_books_minor) == (-100, 0)
    assert found.subject.startswith("other:re_")
    there, here = sums(session)
    assert there - here == -100

    reconciliation.note(session, found.id, "I gave Charlie a euro.", actor=alice, now=at)
    [found] = compare(session, bank, at + 2 * LATER)
    assert found.note == "I gave Charlie a euro."
    with pytest.raises(NotFound):
        reconciliation.note(session, found.id + 1, "No such one.", actor=alice, now=at)


def test_a_booking_that_the_gateway_knows_nothing_of_is_shown(
    session: Session, bank: Bank, settled: tuple[GroupBuy, datetime], bob: Actor
) -> None:
    deal, at = settled
    gateway = ledger.deal_account(session, deal.id, AccountPurpose.GATEWAY, "EUR", now=at)
    own = ledger.own_account(session, bob.participant.id, "EUR", now=at)
    invented = ledger.transfer(
        session,
        {gateway.id: -500, own.id: 500},
        key="intent:pi_invented:received",
        reason="payment",
        collaboration_id=deal.id,
        now=at,
    )

    [found] = compare(session, bank, at + LATER)
    assert (found.subject, found.at_gateway_minor, found.in_books_minor) == (
        "intent:pi_invented",
        0,
        500,
    )

    ledger.reverse(
        session, invented, key="intent:pi_invented:failed", reason="refund_failed", now=at
    )
    assert compare(session, bank, at + 2 * LATER) == []


def test_what_is_hours_old_is_judged_and_nothing_newer(
    session: Session, bank: Bank, settled: tuple[GroupBuy, datetime], charlie: Actor
) -> None:
    deal, at = settled
    theirs = payment(session, make_running.commitment(session, deal, charlie).id)
    bank.moment = at + LATER
    customer = bank.gateway.read_intent(theirs.intent_key)
    assert customer.card is not None
    assert customer.customer_id is not None
    bank.gateway.charge_off_session(
        customer.customer_id, customer.card.id, 700, "EUR", key="elsewhere"
    )

    assert compare(session, bank, at + LATER) == []
    [found] = compare(session, bank, at + 2 * LATER)
    assert found.at_gateway_minor == 700


def test_comparing_costs_the_same_however_much_is_compared_already(
    session: Session,
    bank: Bank,
    settled: tuple[GroupBuy, datetime],
    alice: Actor,
    bob: Actor,
    charlie: Actor,
) -> None:
    _, at = settled
    compare(session, bank, at + LATER)
    with counted(session) as first:
        compare(session, bank, at + 2 * LATER)
    lines = session.scalar(select(func.count(BalanceLine.id)))

    bank.moment = at
    other = make_payouts.paid_by_card(session, bank, alice, [(bob, 4), (charlie, 3)], now=at)
    at = settle(session, bank, other, alice)
    assert compare(session, bank, at + LATER) == []
    with counted(session) as second:
        compare(session, bank, at + 2 * LATER)

    assert (session.scalar(select(func.count(BalanceLine.id))) or 0) > (lines or 0)
    assert len(first) == len(second)


def test_what_the_gateway_charges_apart_is_a_cost(
    session: Session, bank: Bank, settled: tuple[GroupBuy, datetime]
) -> None:
    _, at = settled
    charged = answers.BalanceLine(
        id="txn_of_a_month",
        kind=answers.BalanceKind.FEE,
        amount_minor=-250,
        fee_minor=0,
        net_minor=-250,
        currency="EUR",
        source_id=None,
        intent_id=None,
        source_metadata={},
        created_at=at,
        available_at=at,
    )
    reconciliation.keep_lines(session, [charged])

    assert compare(session, bank, at + LATER) == []
    booked = session.scalars(
        select(Transfer.reason).filter_by(key="cost:txn_of_a_month:done")
    ).all()
    assert booked == ["gateway_costs"]


def test_a_difference_that_comes_back_is_a_new_one(
    session: Session, bank: Bank, settled: tuple[GroupBuy, datetime], alice: Actor
) -> None:
    _, at = settled
    stray = Difference(
        subject="intent:pi_gone", kind="intent", currency="EUR", at_gateway_minor=1,
        in_books_minor=0, seen_at=at, resolved_at=at, note="It was a test.", noted_at=at,
    )  # fmt: skip
    session.add(stray)
    session.flush()

    judge(session, ["intent:pi_gone"], now=at)
    assert reconciliation.open_differences(session) == []
    line = BalanceLine(
        line_key="txn_back", kind="charge", subject="intent:pi_gone", currency="EUR",
        amount_minor=7, fee_minor=0, is_matched=False, happened_at=at,
    )  # fmt: skip
    session.add(line)
    session.flush()
    judge(session, ["intent:pi_gone"], now=at + LATER)

    session.expire_all()
    [found] = reconciliation.open_differences(session)
    assert (found.at_gateway_minor, found.note, found.seen_at) == (7, "", at + LATER)

"""Alice sold seven cans by card; the accounts are closed, and she is sent what they brought."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from marketplace import db, jobs
from marketplace.payouts import acts
from models.actors import Actor
from models.buying import GroupBuy
from models.payouts import RemittanceState, TakingBackState
from models.rules import PayoutTerms
from services import ledger, payouts, revocations
from tests import make_payouts, make_running
from tests.make_payments import Bank, balances, own_balance, payment
from tests.make_payouts import open_account, remittances, settle, takings_back


def sweep(session: Session, bank: Bank, at: datetime) -> None:
    """What runs each minute runs once, and what it asks for."""
    with db.at(at):
        jobs.TASKS["payouts.sweep"]()
    bank.run(session, at)


def price(deal: GroupBuy, session: Session) -> int:
    return sum(one.amount_minor + one.fee_minor for one in remittances(session, deal))


def test_each_charge_is_sent_on_once(
    session: Session, bank: Bank, sold: GroupBuy, alice: Actor, now: datetime
) -> None:
    account = open_account(session, bank, alice, at=now)
    at = settle(session, bank, sold, alice)

    sent = remittances(session, sold)
    assert [one.state for one in sent] == [RemittanceState.DONE] * 2
    held = bank.gateway.read_balance(account.account_key)
    total = sum(one.amount_minor for one in sent)
    assert held.available_minor.get("EUR", 0) + held.pending_minor.get("EUR", 0) == total
    assert balances(session, sold)["gateway"] == 0
    assert own_balance(session, alice) == 0

    for one in sent:
        with db.at(at):
            acts.remit(one.id)
    again = bank.gateway.read_balance(account.account_key)
    assert again == held
    assert ledger.verify(session) == []


def test_without_an_account_all_of_it_waits_until_there_is_one(
    session: Session, bank: Bank, sold: GroupBuy, alice: Actor
) -> None:
    at = settle(session, bank, sold, alice)

    waiting = payouts.withheld_of(session, alice.participant.id, now=at)
    assert [(str(one.reason), one.count) for one in waiting] == [("no_account", 2)]
    assert own_balance(session, alice) == waiting[0].amount_minor

    open_account(session, bank, alice, person="", at=at)
    session.expire_all()
    waiting = payouts.withheld_of(session, alice.participant.id, now=at)
    assert [str(one.reason) for one in waiting] == ["details_needed"]

    open_account(session, bank, alice, at=at)
    bank.run(session, at)
    assert payouts.withheld_of(session, alice.participant.id, now=at) == []
    assert own_balance(session, alice) == 0


def test_the_fee_is_the_instances_and_the_reserve_comes_later(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    payouts.set_terms(session, PayoutTerms(300, 1_000, 30), actor=None, now=now)
    sold = make_payouts.paid_by_card(session, bank, alice, [(bob, 4), (charlie, 3)], now=now)
    open_account(session, bank, alice, at=now)
    at = settle(session, bank, sold, alice)

    parts = remittances(session, sold)
    gross = price(sold, session)
    fee = sum(one.fee_minor for one in parts)
    reserve = sum(one.amount_minor for one in parts if one.is_reserve)
    assert 0 <= gross * 3 // 100 - fee < 2
    assert reserve == (gross - fee) // 10
    assert balances(session, sold)["fees"] == fee
    assert own_balance(session, alice) == reserve

    sweep(session, bank, at + timedelta(days=29))
    assert own_balance(session, alice) == reserve
    sweep(session, bank, at + timedelta(days=30, minutes=10))
    assert own_balance(session, alice) == 0
    assert balances(session, sold)["gateway"] == -fee
    assert ledger.verify(session) == []


def test_what_a_buyer_withdraws_from_is_taken_back_with_its_part_of_the_fee(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    payouts.set_terms(session, PayoutTerms(300, 0, 0), actor=None, now=now)
    alice.participant.is_trader = True
    sold = make_payouts.paid_by_card(session, bank, alice, [(bob, 4), (charlie, 3)], now=now)
    account = open_account(session, bank, alice, at=now)
    at = settle(session, bank, sold, alice)
    bobs = make_running.commitment(session, sold, bob)
    paid = payment(session, bobs.id).amount_minor
    payment_id = payment(session, bobs.id).id
    [mine] = [one for one in remittances(session, sold) if one.payment_id == payment_id]

    _revoke(session, sold, bob, alice, at)
    bank.run(session, at)

    [back] = takings_back(session)
    assert back.state == TakingBackState.DONE
    assert back.amount_minor == mine.amount_minor
    assert mine.fee_returned_minor == mine.fee_minor == paid * 3 // 100
    assert own_balance(session, bob) == 0
    assert own_balance(session, alice) == 0
    assert payment(session, bobs.id).refunded_minor == paid
    left = bank.gateway.list_transfers(f"payment:{mine.payment_id}")
    assert [one.reversed_minor for one in left] == [mine.amount_minor]
    assert account.account_key == left[0].account_id
    assert ledger.verify(session) == []


def test_what_has_left_for_the_bank_is_set_off_against_what_comes_next(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    alice.participant.is_trader = True
    sold = make_payouts.paid_by_card(session, bank, alice, [(bob, 4), (charlie, 3)], now=now)
    account = open_account(session, bank, alice, at=now)
    at = settle(session, bank, sold, alice) + timedelta(days=3)
    bank.moment = at
    assert bank.gateway.read_balance(account.account_key).available_minor.get("EUR", 0) == 0

    _revoke(session, sold, bob, alice, at)
    bank.run(session, at)

    [back] = takings_back(session)
    assert (back.state, back.refusal) == (TakingBackState.WANTED, "balance_insufficient")
    debt = back.amount_minor
    assert payouts.owed_back(session, alice.participant.id) == {"EUR": debt}
    assert own_balance(session, alice) == -debt

    # A smaller deal takes a part of it off, a second one the rest.
    for units, left in ((2, debt // 2), (4, 0)):
        deal = make_payouts.paid_by_card(
            session, bank, alice, [(bob, units), (charlie, 3)], now=at, title=f"{units} cans"
        )
        at = settle(session, bank, deal, alice)
        assert payouts.owed_back(session, alice.participant.id).get("EUR", 0) <= left
    assert own_balance(session, alice) == 0
    [back] = takings_back(session)
    assert (back.state, back.set_off_minor) == (TakingBackState.DONE, debt)
    assert ledger.verify(session) == []


def _revoke(session: Session, deal: GroupBuy, buyer: Actor, seller: Actor, at: datetime) -> None:
    order = make_running.commitment(session, deal, buyer)
    revoked = revocations.declare(
        session,
        order.id,
        name="Bob",
        contact="bob@example.org",
        reason="",
        article_ids=[line.article_id for line in order.lines],
        actor=buyer,
        now=at,
    )
    revocations.refund(session, deal, revoked.id, actor=seller, now=at)

"""Bob's bank takes his charge back: it is answered, decided, and nobody gets the money twice."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.chargebacks import Chargeback, ChargebackNotOpen, ChargebackState, OwnCharge
from models.errors import NotFound
from models.payments import BankHasIt, PaymentNotDue, RefundState
from models.payouts import TakingBackState
from models.rules import PayoutTerms
from services import buying, chargebacks, ledger, payments, payouts
from tests import make_buying, make_payouts, make_running
from tests.make_payments import Bank, balances, own_balance, payment, refunds
from tests.make_payouts import open_account, remittances, settle, takings_back

FRAUD = "pm_card_createDispute"
INQUIRY = "pm_card_createDisputeInquiry"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def opened(session: Session) -> Chargeback:
    return session.scalars(select(Chargeback).execution_options(populate_existing=True)).one()


def hear(session: Session, bank: Bank, at: datetime) -> None:
    """Let the bank tell what happened until `at`, and look into it."""
    bank.moment = at
    with_messages(bank)
    bank.run(session, at)
    session.expire_all()


def with_messages(bank: Bank) -> None:
    client = bank.app.test_client()
    for body, headers in bank.webhooks():
        assert client.post("/payments/webhook", data=body, headers=headers).status_code == 200


@pytest.fixture
def questioned(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> tuple[GroupBuy, int]:
    """Bob's card is one whose bank takes the charge back as soon as it is charged."""
    deal = make_buying.group_buy(session, alice, now=now, closes_at=now + timedelta(days=14))
    commitment_id = bank.join(session, deal, bob, 4, card=FRAUD, now=now)
    bank.join(session, deal, charlie, 3, now=now)
    bank.run(session, deal.closes_at)
    return deal, commitment_id


def test_the_payer_owes_what_their_bank_took(
    session: Session,
    bank: Bank,
    questioned: tuple[GroupBuy, int],
    alice: Actor,
    bob: Actor,
    charlie: Actor,
) -> None:
    deal, commitment_id = questioned
    hear(session, bank, deal.closes_at + HOUR)

    one = opened(session)
    paid = payment(session, commitment_id).amount_minor
    assert (one.state, one.amount_minor, one.withdrawn_minor) == (ChargebackState.OPEN, paid, paid)
    assert own_balance(session, bob) == -paid
    assert ledger.verify(session) == []
    for who in (bob, charlie):
        with pytest.raises(NotFound):
            chargebacks.find(session, one.id, actor=who)
    assert chargebacks.find(session, one.id, actor=alice).group_buy is deal


@pytest.mark.parametrize("is_settled", [False, True])
def test_what_is_won_comes_back(
    session: Session,
    bank: Bank,
    questioned: tuple[GroupBuy, int],
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    is_settled: bool,
    now: datetime,
) -> None:
    deal, _ = questioned
    hear(session, bank, deal.closes_at + HOUR)
    open_account(session, bank, alice, at=deal.closes_at)
    at = make_payouts.complete(session, deal, alice, [bob, charlie])
    if is_settled:
        at = settle(session, bank, deal, alice)
        waiting = payouts.withheld_of(session, alice.participant.id, now=at)
        assert [(str(one.reason), one.count) for one in waiting] == [("chargeback", 1)]

    words = "They fetched it on Friday. winning_evidence"
    chargebacks.answer(session, opened(session).id, words, actor=alice, now=at)
    with pytest.raises(ChargebackNotOpen):
        chargebacks.answer(session, opened(session).id, "And more.", actor=alice, now=at)
    hear(session, bank, at)
    assert opened(session).state == ChargebackState.UNDER_REVIEW
    at += DAY
    hear(session, bank, at)

    assert (opened(session).state, opened(session).withdrawn_minor) == (ChargebackState.WON, 0)
    assert own_balance(session, bob) == 0
    if not is_settled:
        at = settle(session, bank, deal, alice)
    assert payouts.withheld_of(session, alice.participant.id, now=at) == []
    assert own_balance(session, alice) == 0
    assert balances(session, deal)["gateway"] == 0
    assert ledger.verify(session) == []


@pytest.mark.parametrize("is_settled", [False, True])
def test_what_is_lost_is_borne_by_who_sold(
    session: Session,
    bank: Bank,
    questioned: tuple[GroupBuy, int],
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    is_settled: bool,
) -> None:
    deal, commitment_id = questioned
    open_account(session, bank, alice, at=deal.closes_at)
    at = make_payouts.complete(session, deal, alice, [bob, charlie])
    if is_settled:
        # Nothing was heard of it before the money was to be sent: the charge itself says so.
        at = settle(session, bank, deal, alice)
    paid = payment(session, commitment_id).amount_minor

    hear(session, bank, at)
    chargebacks.answer(session, opened(session).id, "", actor=alice, now=at)
    hear(session, bank, at)

    one = opened(session)
    assert (one.state, one.borne_minor) == (ChargebackState.LOST, paid)
    assert (own_balance(session, bob), payment(session, commitment_id).refunded_minor) == (0, paid)
    assert refunds(session, commitment_id) == []
    if not is_settled:
        settle(session, bank, deal, alice)
    assert own_balance(session, alice) == 0
    assert balances(session, deal)["gateway"] == 0
    assert balances(session, deal)["pot"] == 0
    assert len([one for one in remittances(session, deal) if one.transfer_key]) == 1
    assert ledger.verify(session) == []


def test_what_was_sent_on_before_is_taken_back(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    payouts.set_terms(session, PayoutTerms(250, 0, 0), actor=None, now=now)
    deal = make_payouts.paid_by_card(session, bank, alice, [(bob, 4), (charlie, 3)], now=now)
    open_account(session, bank, alice, at=now)
    at = settle(session, bank, deal, alice) + timedelta(hours=1)
    commitment = make_running.commitment(session, deal, bob)
    bobs = payment(session, commitment.id)
    bank.control("/disputes", charge=bank.read(bobs).charge_id)
    hear(session, bank, at)
    chargebacks.answer(session, opened(session).id, "", actor=alice, now=at)
    hear(session, bank, at)
    bank.run(session, at + timedelta(hours=7))

    [back] = takings_back(session)
    assert back.state == TakingBackState.DONE
    assert back.amount_minor == bobs.amount_minor - bobs.amount_minor * 250 // 10_000
    assert own_balance(session, alice) == 0
    assert own_balance(session, bob) == 0
    charlies = next(one for one in remittances(session, deal) if one.payment_id != bobs.id)
    assert balances(session, deal)["fees"] == charlies.fee_minor
    assert balances(session, deal)["gateway"] == -charlies.fee_minor
    assert ledger.verify(session) == []


def test_what_was_to_go_back_already_goes_back_once(
    session: Session, bank: Bank, questioned: tuple[GroupBuy, int], alice: Actor, bob: Actor
) -> None:
    """The deal is called off while Bob's bank has the money: the bank gives it back, or we do."""
    deal, commitment_id = questioned
    hear(session, bank, deal.closes_at + HOUR)
    at = deal.closes_at + 2 * HOUR
    session.refresh(deal)
    buying.cancel(session, deal, reason="The harvest froze.", actor=alice, now=at)
    bank.run(session, at)
    [refund] = refunds(session, commitment_id)
    assert refund.state == RefundState.WANTED

    chargebacks.answer(session, opened(session).id, "", actor=alice, now=at)
    hear(session, bank, at)

    [refund] = refunds(session, commitment_id)
    assert (refund.state, opened(session).borne_minor) == (RefundState.SUPERSEDED, 0)
    assert own_balance(session, bob) == 0
    assert balances(session, deal)["gateway"] == 0
    assert ledger.verify(session) == []


def test_what_was_to_go_back_does_so_once_it_is_won(
    session: Session, bank: Bank, questioned: tuple[GroupBuy, int], alice: Actor, bob: Actor
) -> None:
    deal, commitment_id = questioned
    hear(session, bank, deal.closes_at + HOUR)
    at = deal.closes_at + 2 * HOUR
    session.refresh(deal)
    buying.cancel(session, deal, reason="The harvest froze.", actor=alice, now=at)
    bank.run(session, at)

    chargebacks.answer(session, opened(session).id, "winning_evidence", actor=alice, now=at)
    hear(session, bank, at)
    hear(session, bank, at + DAY)

    [refund] = refunds(session, commitment_id)
    assert refund.state == RefundState.SUCCEEDED
    assert own_balance(session, bob) == 0
    assert balances(session, deal)["gateway"] == 0
    assert ledger.verify(session) == []


@pytest.fixture
def asked(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> GroupBuy:
    """Bob's bank asks about his charge, and has taken nothing."""
    deal = make_buying.group_buy(session, alice, now=now, closes_at=now + timedelta(days=14))
    bank.join(session, deal, bob, 4, card=INQUIRY, now=now)
    bank.join(session, deal, charlie, 3, now=now)
    bank.run(session, deal.closes_at)
    hear(session, bank, deal.closes_at + HOUR)
    return deal


def test_an_inquiry_moves_no_money_and_ends_by_an_answer(
    session: Session, bank: Bank, asked: GroupBuy, alice: Actor, bob: Actor, charlie: Actor
) -> None:
    one = opened(session)
    assert (one.state, one.withdrawn_minor) == (ChargebackState.INQUIRY, 0)
    assert own_balance(session, bob) == 0
    at = asked.closes_at + 2 * HOUR
    with pytest.raises(ChargebackNotOpen):
        chargebacks.answer(session, one.id, "", actor=alice, now=at)

    chargebacks.answer(session, one.id, "He did. winning_evidence", actor=alice, now=at)
    hear(session, bank, at)
    assert opened(session).state == ChargebackState.INQUIRY_ANSWERED
    hear(session, bank, at + 60 * DAY)

    assert opened(session).state == ChargebackState.CLOSED
    open_account(session, bank, alice, at=at)
    make_payouts.complete(session, asked, alice, [bob, charlie])
    bank.moment = at + 60 * DAY
    settle(session, bank, asked, alice)
    assert own_balance(session, alice) == 0
    assert ledger.verify(session) == []


def test_an_inquiry_that_becomes_a_chargeback_is_answered_anew(
    session: Session, bank: Bank, asked: GroupBuy, alice: Actor, bob: Actor
) -> None:
    """Nobody answered in time: the bank takes the money, and can be told once more."""
    at = asked.closes_at + 15 * DAY
    hear(session, bank, at)
    one = opened(session)
    assert (one.state, one.withdrawn_minor) == (ChargebackState.OPEN, one.amount_minor)
    assert own_balance(session, bob) == -one.amount_minor

    chargebacks.answer(session, one.id, "He did. winning_evidence", actor=alice, now=at)
    hear(session, bank, at)
    hear(session, bank, at + DAY)
    assert opened(session).state == ChargebackState.WON
    assert own_balance(session, bob) == 0


def test_while_a_bank_only_asks_money_can_go_back_and_that_ends_it(
    session: Session, bank: Bank, asked: GroupBuy, alice: Actor, bob: Actor
) -> None:
    at = asked.closes_at + 2 * HOUR
    session.refresh(asked)
    buying.cancel(session, asked, reason="The harvest froze.", actor=alice, now=at)
    bank.run(session, at)
    bobs = make_running.commitment(session, asked, bob)
    [refund] = refunds(session, bobs.id)
    assert refund.state == RefundState.SUCCEEDED

    hear(session, bank, at + DAY)
    assert opened(session).state == ChargebackState.CLOSED
    assert own_balance(session, bob) == 0


def test_an_answer_that_the_gateway_does_not_take_can_be_given_anew(
    session: Session, bank: Bank, questioned: tuple[GroupBuy, int], alice: Actor
) -> None:
    deal, _ = questioned
    at = deal.closes_at + HOUR
    hear(session, bank, at)
    one = opened(session)
    chargebacks.answer(session, one.id, "He fetched it.", actor=alice, now=at)

    chargebacks.record_refusal(session, one.id, now=at)

    one = opened(session)
    assert (one.answered_at, one.answer) == (None, "")
    assert one.can_be_answered(at)


@pytest.mark.parametrize("before", ChargebackState)
@pytest.mark.parametrize("then", ChargebackState)
def test_news_of_a_bank_moves_on_and_never_back(
    before: ChargebackState, then: ChargebackState, now: datetime
) -> None:
    told = Chargeback(state=before, answered_at=now, answer="He did.", is_accepted=False)
    order = list(ChargebackState)
    is_over = before in (ChargebackState.WON, ChargebackState.LOST, ChargebackState.CLOSED)
    is_later = order.index(then) > order.index(before)
    closes = then == ChargebackState.CLOSED
    expected = not is_over and is_later and not (closes and before in Chargeback.TAKEN)

    assert told.move_on(then, now) is expected
    assert told.state == (then if expected else before)
    assert (told.closed_at is not None) is (expected and not told.is_pending)


def test_whoever_paid_it_does_not_answer_for_who_sold(
    session: Session, bank: Bank, questioned: tuple[GroupBuy, int], alice: Actor, bob: Actor
) -> None:
    deal, _ = questioned
    hear(session, bank, deal.closes_at + HOUR)
    make_buying.add_co_organiser(session, deal, bob.member.email, actor=alice, now=deal.closes_at)
    session.expire_all()

    with pytest.raises(OwnCharge) as refusal:
        chargebacks.answer(
            session, opened(session).id, "", actor=bob, now=deal.closes_at + 2 * HOUR
        )
    assert refusal.value.code == "own-charge"


def test_a_refund_that_its_bank_makes_impossible_waits_and_is_not_handed_back(
    session: Session, bank: Bank, questioned: tuple[GroupBuy, int], alice: Actor, bob: Actor
) -> None:
    """The deal is called off before anything was heard of the bank, which has the money."""
    deal, commitment_id = questioned
    at = deal.closes_at + HOUR
    bank.moment = at
    session.refresh(deal)
    buying.cancel(session, deal, reason="The harvest froze.", actor=alice, now=at)
    bank.run(session, at)
    [refund] = refunds(session, commitment_id)
    assert refund.state == RefundState.WANTED
    with pytest.raises(PaymentNotDue):
        payments.hand_back(session, refund.id, actor=alice, now=at)

    hear(session, bank, at)
    with pytest.raises(BankHasIt) as refusal:
        payments.hand_back(session, refund.id, actor=alice, now=at)
    assert refusal.value.code == "bank-has-it"
    chargebacks.answer(session, opened(session).id, "", actor=alice, now=at)
    hear(session, bank, at + DAY)

    [refund] = refunds(session, commitment_id)
    assert refund.state == RefundState.SUPERSEDED
    assert own_balance(session, bob) == 0


def test_goods_that_came_short_take_nothing_off_what_a_bank_gave_back(
    session: Session,
    bank: Bank,
    questioned: tuple[GroupBuy, int],
    alice: Actor,
    bob: Actor,
) -> None:
    deal, commitment_id = questioned
    at = deal.closes_at + HOUR
    hear(session, bank, at)
    chargebacks.answer(session, opened(session).id, "", actor=alice, now=at)
    hear(session, bank, at)
    assert opened(session).state == ChargebackState.LOST

    make_running.delivered(session, deal, alice, units=3)

    assert own_balance(session, bob) == 0
    assert balances(session, deal)["pot"] >= 0
    assert payment(session, commitment_id).refunded_minor == opened(session).borne_minor
    assert ledger.verify(session) == []

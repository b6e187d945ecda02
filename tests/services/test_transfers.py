"""Bob and Charlie transfer what they owe Alice; her bank's statement says what came."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, PaymentMethod
from models.collaborations import CoOrganiser
from models.errors import Invalid, NotFound
from models.events import Event
from models.notices import Notice
from models.payments import BankAccount, BankLine, Instrument, PaymentState, RefundState
from services import buying, payments, reactions, transfers
from services.buying import cash_back
from services.transfers import Fit, Taken
from services.transfers.accounts import AccountInUse, NoTransfers, NotYourAccount
from services.transfers.limits import AccountChangedTooOften
from services.transfers.references import reference
from tests import make, make_buying, make_running
from tests.make_payments import balances, own_balance, payment, refunds
from tests.make_transfers import IBAN, OTHER_IBAN, account, booked, previewed, running, taken

Running = tuple[GroupBuy, list[int]]


@pytest.fixture
def deal(session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime) -> Running:
    """Bob's five cans and Charlie's two, at 40.00 each."""
    return running(session, alice, [(bob, 5), (charlie, 2)], now=now)


def fits(found: transfers.Preview) -> list[Fit]:
    return [one.fit for one in found.matches]


def test_what_was_transferred_with_its_reference_is_paid(session, deal, alice, bob, now):
    group_buy, [bobs, charlies] = deal

    found = previewed(
        session,
        group_buy,
        alice,
        ("Bob", f"Oel {reference(bobs)}", "200,00"),
        ("Miete", "Dezember", "700,00"),
    )
    assert fits(found) == [Fit.EXACT]
    assert [line.name for line in found.unknown] == ["Miete"]
    assert session.scalar(select(func.count()).select_from(BankLine)) == 0
    done = transfers.book(session, group_buy, taken(found), actor=alice, now=now)

    assert (done.received, done.passed_over) == (1, 0)
    paid = payment(session, bobs)
    assert (paid.state, paid.instrument) == (PaymentState.PAID, Instrument.TRANSFER)
    assert (paid.amount_minor, paid.paid_at) == (20_000, now)
    assert own_balance(session, bob) == 0
    assert balances(session, group_buy) == {"pot": 28_000, "bank": -20_000}
    assert payment(session, charlies).state == PaymentState.AT_PICKUP
    [event] = session.scalars(select(Event).filter_by(kind="PaymentReceived")).all()
    assert (event.commitment_id, event.member_id) == (bobs, alice.member.id)
    assert buying.accounts(session, group_buy).paid_by_transfer_minor == 20_000
    assert buying.accounts(session, group_buy).outstanding_minor == 8_000


def test_only_a_digest_of_the_lines_that_were_booked_is_kept(session, deal, alice, now):
    group_buy, [bobs, _] = deal

    booked(
        session,
        group_buy,
        alice,
        ("Bob", reference(bobs), "200,00"),
        ("Secret Lover", "for you", "5,00"),
        now=now,
    )

    [line] = session.scalars(select(BankLine)).all()
    kept = {column.name: getattr(line, column.name) for column in BankLine.__table__.columns}
    assert "Bob" not in str(kept)
    assert len(line.digest) == 64
    assert "Lover" not in str([event.facts for event in session.scalars(select(Event))])


def test_the_same_statement_books_nothing_twice(session, deal, alice, now):
    group_buy, [bobs, charlies] = deal
    lines = [("Bob", reference(bobs), "200,00")]
    first = previewed(session, group_buy, alice, *lines)
    booked(session, group_buy, alice, *lines, now=now)

    again = previewed(session, group_buy, alice, *lines)
    assert (again.matches, again.booked_before, again.unknown) == ([], 1, [])
    stale = transfers.book(session, group_buy, taken(first), actor=alice, now=now)
    assert (stale.received, stale.passed_over) == (0, 1)

    longer = [*lines, ("Charlie", reference(charlies), "80,00")]
    assert booked(session, group_buy, alice, *longer, now=now).received == 1
    assert balances(session, group_buy) == {"pot": 28_000, "bank": -28_000}
    assert session.scalar(select(func.count()).select_from(BankLine)) == 2


def test_a_used_line_pays_for_nobody_else(session, deal, alice, now):
    group_buy, [bobs, charlies] = deal
    [bob_pays] = taken(previewed(session, group_buy, alice, ("Bob", reference(bobs), "200,00")))
    transfers.book(session, group_buy, [bob_pays], actor=alice, now=now)

    other = replace(bob_pays, commitment_id=charlies)
    done = transfers.book(session, group_buy, [other], actor=alice, now=now)

    assert done.received == 0
    assert payment(session, charlies).state == PaymentState.AT_PICKUP
    with pytest.raises(ValueError, match="one payment"):
        transfers.book(session, group_buy, [bob_pays, other], actor=alice, now=now)


def test_a_line_that_could_not_be_booked_is_free_again(session, deal, alice, bob, now):
    group_buy, [bobs, _] = deal
    found = previewed(session, group_buy, alice, ("Bob", reference(bobs), "200,00"))
    payments.confirm_paid(session, bobs, actor=bob, now=now)
    payments.confirm_received(session, bobs, actor=alice, now=now)

    done = transfers.book(session, group_buy, taken(found), actor=alice, now=now)

    assert done.received == 0
    assert session.scalar(select(func.count()).select_from(BankLine)) == 0
    assert balances(session, group_buy) == {"pot": 28_000, "bank": 0, "cash": -20_000}
    again = previewed(session, group_buy, alice, ("Bob", reference(bobs), "200,00"))
    assert fits(again) == [Fit.PAID_ALREADY]


def test_too_much_is_paid_and_the_rest_goes_back_by_transfer(session, deal, alice, bob, now):
    group_buy, [bobs, _] = deal

    found = previewed(session, group_buy, alice, ("Bob", reference(bobs), "210,00"))
    assert (fits(found), found.matches[0].difference_minor) == ([Fit.TOO_MUCH], 1000)
    transfers.book(session, group_buy, taken(found), actor=alice, now=now)

    [back] = cash_back.open_ones(session, group_buy)
    assert (back.amount_minor, back.participant.name) == (1000, "Bob")
    payments.hand_back(session, back.refund_id, actor=alice, now=now)
    assert refunds(session, bobs)[0].state == RefundState.SUCCEEDED
    assert own_balance(session, bob) == 0
    assert balances(session, group_buy) == {"pot": 28_000, "bank": -20_000}


def test_too_little_is_booked_only_as_paid_in_full(session, deal, alice, bob, now):
    group_buy, [bobs, _] = deal
    found = previewed(session, group_buy, alice, ("Bob", reference(bobs), "199,50"))
    assert (fits(found), found.matches[0].difference_minor) == ([Fit.TOO_LITTLE], -50)

    transfers.book(session, group_buy, taken(found), actor=alice, now=now)

    paid = payment(session, bobs)
    assert (paid.state, paid.amount_minor) == (PaymentState.PAID, 19_950)
    assert own_balance(session, bob) == 0
    assert balances(session, group_buy) == {"pot": 27_950, "bank": -19_950}
    kinds = session.scalars(select(Event.kind).filter_by(commitment_id=bobs)).all()
    assert {"DueWaived", "PaymentReceived"} <= set(kinds)


def test_two_transfers_with_one_reference_are_added_up(session, deal, alice, now):
    group_buy, [bobs, _] = deal
    parts = [("Bob", reference(bobs), "150,00"), ("Eva", reference(bobs), "50,00")]

    found = previewed(session, group_buy, alice, *parts)
    assert fits(found) == [Fit.EXACT]
    transfers.book(session, group_buy, taken(found), actor=alice, now=now)

    assert payment(session, bobs).amount_minor == 20_000
    assert session.scalar(select(func.count()).select_from(BankLine)) == 2


@pytest.mark.parametrize("name", ["BOB", "Bob Meyer", "Meyer, Bob und Eva"])
def test_without_a_reference_name_and_amount_are_a_suggestion(session, deal, alice, name, now):
    group_buy, [bobs, _] = deal

    found = previewed(session, group_buy, alice, (name, "Olivenoel", "200,00"))

    assert fits(found) == [Fit.SUGGESTED]
    assert found.matches[0].commitment_id == bobs


@pytest.mark.parametrize(
    ("name", "amount"), [("Bob", "199,99"), ("Bobby", "200,00"), ("Charlie", "200,00")]
)
def test_what_fits_in_name_or_amount_alone_is_unknown(session, deal, alice, name, amount):
    group_buy, _ = deal

    found = previewed(session, group_buy, alice, (name, "Olivenoel", amount))

    assert (found.matches, len(found.unknown)) == ([], 1)


def test_umlauts_are_known_in_both_spellings(session, alice, now):
    ursula = make.actor(session, "Ürsula Größ", now=now)
    group_buy, _ = running(session, alice, [(ursula, 5)], now=now)

    for name in ("URSULA GROSS", "Uersula Groess", "Größ, Ürsula"):
        assert fits(previewed(session, group_buy, alice, (name, "x", "200,00"))) == [Fit.SUGGESTED]


def test_a_suggestion_that_fits_two_is_none(session, alice, bob, now):
    other = make.actor(session, "Bob", now=now)
    group_buy, _ = running(session, alice, [(bob, 5), (other, 5)], now=now)

    found = previewed(session, group_buy, alice, ("Bob", "Oel", "200,00"))

    assert (found.matches, len(found.unknown)) == ([], 1)


def test_one_payment_is_suggested_once(session, deal, alice):
    group_buy, _ = deal

    found = previewed(session, group_buy, alice, *[("Bob", "Oel", "200,00")] * 2)

    assert (fits(found), len(found.unknown)) == ([Fit.SUGGESTED], 1)


def test_more_than_any_order_costs_is_never_booked(session, deal, alice, bob, now):
    """Not by one line, nor by the sum of several; and the payer can still be paid for honestly."""
    group_buy, [bobs, charlies] = deal
    line = ("Bob", reference(bobs), "10000000000,00")
    assert fits(previewed(session, group_buy, alice, line)) == [Fit.TOO_MUCH]
    endless = previewed(session, group_buy, alice, ("Bob", reference(bobs), "92233720368547758,07"))
    assert (endless.matches, endless.unknown) == ([], [])

    found = previewed(session, group_buy, alice, line, line)
    assert fits(found) == [Fit.TOO_LARGE]
    assert taken(found) == []
    lines = [(one.digest, minor, one.booked_on) for one, minor in found.matches[0].lines]
    huge = [("a" * 64, 2**63, now.date())]
    sent = [Taken(bobs, lines), Taken(charlies, huge)]
    done = transfers.book(session, group_buy, sent, actor=alice, now=now)

    assert (done.received, done.passed_over) == (0, 2)
    assert session.scalar(select(func.count()).select_from(BankLine)) == 0
    honest = ("Bob", reference(bobs), "200,00")
    assert booked(session, group_buy, alice, honest, now=now).received == 1


def test_a_line_with_two_references_is_left_to_people(session, deal, alice):
    group_buy, [bobs, charlies] = deal
    both = f"{reference(bobs)} und {reference(charlies)}"

    found = previewed(session, group_buy, alice, ("Bob", both, "280,00"))

    assert (found.matches, len(found.unknown)) == ([], 1)


def test_another_currency_pays_nothing(session, deal, alice):
    group_buy, [bobs, _] = deal
    content = f"Date;Amount;Currency;Name;Reference\n2026-11-28;200.00;USD;Bob;{reference(bobs)}\n"

    found = transfers.preview(session, group_buy, transfers.read(content.encode()), actor=alice)

    assert (found.matches, len(found.unknown)) == ([], 1)


def test_one_statement_serves_all_deals_of_the_organiser(session, deal, alice, bob, now):
    group_buy, [bobs, _] = deal
    _, [other] = running(session, alice, [(bob, 6)], now=now)

    done = booked(
        session,
        group_buy,
        alice,
        ("Bob", reference(bobs), "200,00"),
        ("Bob", reference(other), "240,00"),
        now=now,
    )

    assert done.received == 2


def test_deals_of_others_are_not_seen_nor_booked(session, deal, alice, bob, charlie, now):
    group_buy, [bobs, _] = deal
    foreign, [theirs] = running(session, bob, [(charlie, 5)], now=now)

    found = previewed(session, group_buy, alice, ("Charlie", reference(theirs), "200,00"))
    assert found.matches == []
    line = [("a" * 64, 20_000, now.date())]
    for deal_, who, commitment_id in (
        (group_buy, alice, theirs),
        (foreign, alice, theirs),
        (group_buy, bob, bobs),
        (group_buy, alice, 10**9),
    ):
        with pytest.raises(NotFound):
            transfers.book(session, deal_, [Taken(commitment_id, line)], actor=who, now=now)


def test_a_co_organiser_reads_only_the_deals_they_run(session, deal, alice, bob, charlie, now):
    group_buy, [bobs, _] = deal
    _, [elsewhere] = running(session, alice, [(bob, 6)], now=now)
    session.add(
        CoOrganiser(
            collaboration_id=group_buy.id,
            member_id=charlie.member.id,
            state="accepted",
            since_at=now,
        )
    )
    session.flush()
    session.expire(group_buy, ["co_organisers"])

    found = previewed(
        session,
        group_buy,
        charlie,
        ("Bob", reference(bobs), "200,00"),
        ("Bob", reference(elsewhere), "240,00"),
    )

    assert [one.commitment_id for one in found.matches] == [bobs]
    with pytest.raises(NotYourAccount):
        account(session, group_buy, charlie, now=now, iban=OTHER_IBAN)


def test_nothing_is_due_before_it_runs(session, alice, bob, now):
    group_buy = make_buying.group_buy(session, alice, now=now)
    account(session, group_buy, alice, now=now)
    early = make_buying.join(session, group_buy, bob, 5, now=now)

    found = previewed(session, group_buy, alice, ("Bob", reference(early), "200,00"))

    assert fits(found) == [Fit.NOT_DUE]
    with_force = Taken(early, [("b" * 64, 20_000, now.date())])
    assert transfers.book(session, group_buy, [with_force], actor=alice, now=now).received == 0
    assert payment(session, early).state == PaymentState.AT_PICKUP


def test_each_payer_is_told_where_to_and_nobody_else(session, deal, bob, charlie, now):
    _, [bobs, _] = deal

    for event in session.scalars(select(Event).filter_by(kind="TransferAskedFor")).all():
        reactions.run(session, event.id, now=now)

    told = session.scalars(select(Notice).filter_by(message="transfer-wanted")).all()
    facts = {one.member_id: one.facts for one in told}
    assert len(told) == 2
    assert set(facts) == {bob.member.id, charlie.member.id}
    mine = facts[bob.member.id]
    assert mine["iban"] == "DE89 3704 0044 0532 0130 00"
    assert mine["reference"] == transfers.written(reference(bobs))
    assert mine["amount"] == {"minor": 20_000, "currency": "EUR"}
    assert IBAN not in str([event.facts for event in session.scalars(select(Event))])


def test_another_account_is_told_to_those_who_owe_and_the_old_one_kept(
    session, deal, alice, bob, charlie, now
):
    group_buy, [bobs, charlies] = deal
    booked(session, group_buy, alice, ("Charlie", reference(charlies), "80,00"), now=now)

    account(session, group_buy, alice, now=now, iban=OTHER_IBAN)
    account(session, group_buy, alice, now=now, iban=OTHER_IBAN)

    changed = [
        event.commitment_id
        for event in session.scalars(select(Event).filter_by(kind="TransferAskedFor"))
        if event.facts["is_changed"]
    ]
    assert changed == [bobs]
    kept = session.scalars(select(BankAccount).order_by(BankAccount.id)).all()
    assert [(one.iban, one.ended_at is None) for one in kept] == [(IBAN, False), (OTHER_IBAN, True)]
    with pytest.raises(AccountInUse):
        transfers.drop_account(session, group_buy, actor=alice, now=now)


def test_an_account_that_changes_all_day_is_refused_before_anybody_is_told_again(
    session, deal, alice, now
):
    group_buy, _ = deal
    for iban in (OTHER_IBAN, IBAN, OTHER_IBAN):
        account(session, group_buy, alice, now=now, iban=iban)
    asked = select(func.count()).select_from(Event).filter_by(kind="TransferAskedFor")
    told = session.scalar(asked)

    with pytest.raises(AccountChangedTooOften) as refusal:
        account(session, group_buy, alice, now=now, iban=IBAN)

    assert refusal.value.facts["until"] == now + timedelta(days=1)
    assert session.scalar(asked) == told
    assert transfers.account_of(session, group_buy.id).iban == OTHER_IBAN
    account(session, group_buy, alice, now=now, iban=OTHER_IBAN)
    account(session, group_buy, alice, now=now + timedelta(days=1), iban=IBAN)
    assert transfers.account_of(session, group_buy.id).iban == IBAN


def test_other_days_alone_are_told_to_nobody(session, deal, alice, now):
    group_buy, _ = deal
    said = {"holder": "Alice Olive", "iban": IBAN, "due_days": 3}

    transfers.name_account(session, group_buy, **said, actor=alice, now=now)

    assert transfers.account_of(session, group_buy.id).due_days == 3
    asked = session.scalars(select(Event).filter_by(kind="TransferAskedFor")).all()
    assert not any(event.facts["is_changed"] for event in asked)


def test_the_organisers_hear_of_every_account(session, deal, alice, now):
    [event] = session.scalars(select(Event).filter_by(kind="BankAccountNamed")).all()

    reactions.run(session, event.id, now=now)

    [notice] = session.scalars(select(Notice).filter_by(message="bank-account-named")).all()
    assert (notice.member_id, notice.facts["ending"]) == (alice.member.id, "3000")


def test_a_transfer_has_a_day_it_is_due(session, deal, now):
    group_buy, [bobs, _] = deal

    wanted = transfers.transfer_of(session, payment(session, bobs), group_buy)

    assert wanted is not None
    assert wanted.until_at == group_buy.closes_at + timedelta(days=7)
    assert (wanted.holder, wanted.amount_minor) == ("Alice Olive", 20_000)


def test_a_transfer_of_a_paused_deal_is_due_after_it_was_decided(session, alice, bob, now):
    group_buy = make_buying.group_buy(session, alice, now=now)
    account(session, group_buy, alice, now=now)
    bobs = make_buying.join(session, group_buy, bob, 5, now=now)
    buying.pause(session, group_buy, reason="Asked to wait.", actor=alice, now=now)
    later = group_buy.closes_at + timedelta(days=20)
    buying.resume(session, group_buy, actor=alice, now=later)
    buying.close(session, group_buy.id, now=later)

    wanted = transfers.transfer_of(session, payment(session, bobs), group_buy)

    assert wanted is not None
    assert wanted.until_at == later + timedelta(days=7)


def test_who_pays_by_card_or_has_paid_has_no_transfer_to_make(session, deal, alice, bob, now):
    group_buy, [bobs, _] = deal
    booked(session, group_buy, alice, ("Bob", reference(bobs), "200,00"), now=now)

    assert transfers.transfer_of(session, payment(session, bobs), group_buy) is None


def test_cards_alone_take_no_transfers(session, alice, now):
    group_buy = make_buying.group_buy(session, alice, now=now, at_pickup=False)

    with pytest.raises(NoTransfers):
        account(session, group_buy, alice, now=now)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("iban", {"iban": "DE89370400440532013001"}),
        ("iban", {"iban": "DE8937040044053201300"}),
        ("bic", {"bic": "NOPE"}),
        ("holder", {"holder": "x" * 71}),
        ("holder", {"holder": "\n"}),
    ],
)
def test_a_wrong_account_is_refused_at_its_field(session, alice, now, field, said):
    group_buy = make_buying.group_buy(session, alice, now=now)

    with pytest.raises(Invalid) as refusal:
        transfers.name_account(
            session, group_buy, **{"holder": "A", "iban": IBAN, **said}, actor=alice, now=now
        )

    assert list(refusal.value.fields) == [field]


def test_a_copy_begins_with_the_same_account(session, deal, alice, now):
    group_buy, _ = deal

    made = buying.copy(session, group_buy, actor=alice, now=now)

    assert transfers.account_of(session, made.id).iban == IBAN


def test_an_account_can_be_dropped_while_nobody_was_told(session, alice, now):
    group_buy = make_buying.group_buy(session, alice, now=now)
    account(session, group_buy, alice, now=now)

    transfers.drop_account(session, group_buy, actor=alice, now=now)

    assert transfers.account_of(session, group_buy.id) is None


def test_nobody_lets_themself_off_by_a_transfer_of_too_little(session, deal, alice, bob, now):
    group_buy, [bobs, _] = deal
    make_buying.add_co_organiser(session, group_buy, bob.member.email, actor=alice, now=now)
    found = previewed(session, group_buy, alice, ("Bob", reference(bobs), "0,01"))

    done = transfers.book(session, group_buy, taken(found), actor=bob, now=now)

    assert (done.received, done.passed_over) == (0, 1)
    assert payment(session, bobs).commitment.due_minor == 20_000
    assert transfers.book(session, group_buy, taken(found), actor=alice, now=now).received == 1


def test_a_co_organiser_books_no_transfer_of_their_own(session, deal, alice, bob, charlie, now):
    """It is left for another organiser, and what the others transferred is booked."""
    group_buy, [bobs, charlies] = deal
    make_buying.add_co_organiser(session, group_buy, bob.member.email, actor=alice, now=now)
    lines = [("Bob", reference(bobs), "200,00"), ("Charlie", reference(charlies), "80,00")]

    own, others = previewed(session, group_buy, bob, *lines).matches
    assert (own.fit, others.fit) == (Fit.OWN_DEBT, Fit.EXACT)
    named = previewed(session, group_buy, bob, ("Bob", "Oel", "200,00"))
    assert fits(named) == [Fit.OWN_DEBT]
    found = previewed(session, group_buy, alice, *lines)
    done = transfers.book(session, group_buy, taken(found), actor=bob, now=now)

    assert (done.received, done.passed_over) == (1, 1)
    assert payment(session, bobs).state == PaymentState.AT_PICKUP
    assert payment(session, charlies).state == PaymentState.PAID
    assert booked(session, group_buy, alice, *lines, now=now).received == 1


def test_what_was_transferred_goes_back_when_less_is_delivered(session, deal, alice, bob, now):
    group_buy, [bobs, charlies] = deal
    booked(session, group_buy, alice, ("Bob", reference(bobs), "200,00"), now=now)

    make_running.delivered(session, group_buy, alice, units=4)

    [back] = cash_back.open_ones(session, group_buy)
    assert (back.participant.name, back.amount_minor) == ("Bob", 4000)
    payments.hand_back(session, back.refund_id, actor=alice, now=now)
    assert own_balance(session, bob) == 0
    assert balances(session, group_buy) == {"pot": 16_000, "bank": -16_000}
    assert payment(session, charlies).state == PaymentState.RELEASED


def test_a_card_that_failed_can_be_paid_by_transfer_once_it_is_paid_by_hand(
    session, alice, bob, charlie, now
):
    group_buy = make_buying.group_buy(session, alice, now=now, collecting_days=0)
    account(session, group_buy, alice, now=now)
    by_card = make_buying.join(session, group_buy, bob, 5, method=PaymentMethod.CARD, now=now)
    make_buying.join(session, group_buy, charlie, 5, now=now)
    paid = payment(session, by_card)
    paid.promise_card("pm_x")
    session.flush()
    buying.close(session, group_buy.id, now=group_buy.closes_at)
    paid = payment(session, by_card)
    assert transfers.transfer_of(session, paid, group_buy) is None
    paid.charge(20_000)
    paid.decline("declined", None)
    session.flush()
    payments.pay_by_hand(session, by_card, actor=bob, now=now)

    wanted = transfers.transfer_of(session, payment(session, by_card), group_buy)

    assert wanted is not None
    assert wanted.amount_minor == 20_000

"""Alice sells what Bob, Charlie and a guest ordered: who gets which paper, and what it says."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, Payee
from models.collaborations import Commitment
from models.errors import NotFound
from models.events import Event
from models.invoices import Invoice, InvoiceKind, InvoiceLineKind
from models.money import vat_of
from models.participants import MembershipRole
from services import buying, invoices, payments, revocations
from services.buying import settling
from services.invoices import MayNotBill, Side
from services.invoices.issuing import BATCH
from services.invoices.stating import OwesMore
from services.invoices.taxing import apportioned
from tests import make, make_running
from tests.counting import counted
from tests.make_invoices import GUEST, TRADER, become_trader, complete, documents, issued, pantry
from tests.undoing import undone

EVERYTHING = ((2, 3, 1), (1, 1, 2), (0, 2, 0))


@pytest.fixture
def sold(session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime) -> GroupBuy:
    """Of a trader, completed: Bob and Charlie have everything, Erin has soap."""
    become_trader(session, alice)
    people = (bob, charlie, make.actor(session, "Erin", now=now))
    made = pantry(session, alice, list(zip(people, EVERYTHING, strict=True)), now=now)
    complete(session, made, alice, grams=777)
    return made


def of(session: Session, deal: GroupBuy, who: Actor) -> list[Invoice]:
    return [one for one in documents(session, deal) if one.buyer_id == who.participant.id]


def by_rate(document: Invoice) -> dict[int | None, tuple[int, int]]:
    sums: dict[int | None, tuple[int, int]] = {}
    for line in document.lines:
        gross, vat = sums.get(line.vat_basis_points, (0, 0))
        sums[line.vat_basis_points] = (gross + line.gross_minor, vat + line.vat_minor)
    return sums


# What a document says.


def test_an_invoice_says_what_was_bought_of_whom_with_the_tax_of_each_line(
    session: Session, sold: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    issued(session, sold, now=now)

    [invoice] = of(session, sold, bob)
    order = make_running.commitment(session, sold, bob)
    assert (invoice.kind, invoice.by_trader) == (InvoiceKind.INVOICE, True)
    assert invoice.seller_details["name"] == TRADER["legal_name"]
    assert invoice.seller_details["vat_number"] == TRADER["vat_number"]
    assert invoice.buyer_details["name"] == "Bob"
    assert invoice.supplied_at == order.handed_over_at
    assert invoice.total_minor == order.due_minor
    kinds = [(line.kind, line.vat_basis_points) for line in invoice.lines]
    assert kinds == [
        (InvoiceLineKind.GOODS, 700),
        (InvoiceLineKind.GOODS, 1900),
        (InvoiceLineKind.GOODS, 700),
        (InvoiceLineKind.DEPOSIT, 700),
        (InvoiceLineKind.FREIGHT, 700),
        (InvoiceLineKind.FREIGHT, 1900),
        (InvoiceLineKind.SHARE, 700),
        (InvoiceLineKind.SHARE, 1900),
    ]
    cheese = invoice.lines[2]
    assert (cheese.units, cheese.grams, cheese.price_minor) == (1, 777, 1795)
    for rate, (gross, vat) in by_rate(invoice).items():
        assert rate is not None
        assert vat == vat_of(gross, rate)
    assert invoice.vat_minor == sum(vat for _, vat in by_rate(invoice).values())


def test_a_private_seller_gives_a_receipt_that_states_no_tax(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    deal = pantry(session, alice, [(bob, (2, 3, 1))], now=now)
    complete(session, deal, alice)

    [receipt] = issued(session, deal, now=now)

    assert (receipt.by_trader, receipt.vat_minor) == (False, 0)
    assert {line.vat_basis_points for line in receipt.lines} == {None}
    assert receipt.total_minor == make_running.commitment(session, deal, bob).due_minor


def test_the_share_that_a_supplier_passes_on_is_none_of_their_sales(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    become_trader(session, charlie)
    deal = pantry(
        session, alice, [(bob, (1, 1, 0))], now=now,
        payee=Payee.SUPPLIER, supplier_id=charlie.participant.id,
    )  # fmt: skip
    complete(session, deal, alice)

    [invoice] = issued(session, deal, now=now)

    assert invoice.seller_id == charlie.participant.id
    [share] = [line for line in invoice.lines if line.kind == InvoiceLineKind.SHARE]
    assert (share.gross_minor, share.vat_basis_points, share.vat_minor) == (301, None, 0)
    assert invoice.organiser_name == "Alice"


def test_it_names_the_buyer_as_they_asked_for_and_stays_so(
    session: Session, sold: GroupBuy, bob: Actor, charlie: Actor, now: datetime
) -> None:
    where = {"name": "Robert Blau", "address": "Deichweg 2\n27568 Bremerhaven"}
    invoices.bill_to(session, bob.participant.id, **where, actor=bob)
    become_trader(session, charlie)

    issued(session, sold, now=now)
    invoices.bill_to(session, bob.participant.id, name="", address="", actor=bob)

    said = of(session, sold, bob)[0].buyer_details
    assert {**said, **where} == said
    assert of(session, sold, charlie)[0].buyer_details["vat_number"] == TRADER["vat_number"]


def test_only_owners_and_managers_say_where_bills_of_an_organisation_go(
    session: Session, bob: Actor, now: datetime
) -> None:
    agent = make.organisation(session, "Co-op", owner=bob, role=MembershipRole.AGENT, now=now)

    with pytest.raises(MayNotBill):
        invoices.bill_to(session, agent.participant.id, name="x", address="", actor=agent)


def test_it_is_written_in_the_language_of_its_buyer(
    session: Session, sold: GroupBuy, bob: Actor, charlie: Actor, now: datetime
) -> None:
    bob.member.locale, charlie.member.locale = "nl", "de"

    issued(session, sold, now=now)

    assert of(session, sold, bob)[0].lang == "nl"
    assert of(session, sold, charlie)[0].lang == "de"


# When one is issued, and to whom.


def test_there_is_none_before_everything_is_over(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    deal = pantry(session, alice, [(bob, (1, 0, 0))], now=now)

    assert issued(session, deal, now=now) == []
    invoices.correct(session, make_running.commitment(session, deal, bob).id, now=now)
    assert documents(session, deal) == []


def test_each_order_gets_one_however_often_the_job_runs(
    session: Session, sold: GroupBuy, now: datetime
) -> None:
    first = issued(session, sold, now=now)

    again = issued(session, sold, now=now + timedelta(days=1))

    assert len(first) == 3
    assert [one.id for one in again] == [one.id for one in first]
    assert [one.number for one in first] == [1, 2, 3]
    assert {one.full_number for one in first} == {"AM-2026-0001", "AM-2026-0002", "AM-2026-0003"}
    assert invoices.unwritten(session) == []


def test_who_owes_nothing_gets_none_and_nobody_bills_themself(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    orders = [(alice, (1, 0, 0)), (bob, (1, 0, 0)), (charlie, (0, 1, 0))]
    deal = pantry(session, alice, orders, now=now)
    complete(session, deal, alice, short={1: 1})
    assert make_running.commitment(session, deal, charlie).due_minor == 0

    found = issued(session, deal, now=now)

    assert [one.buyer_id for one in found] == [bob.participant.id]
    assert invoices.unwritten(session) == []


def test_the_sweep_finds_what_was_not_written(
    session: Session, sold: GroupBuy, bob: Actor, alice: Actor, now: datetime
) -> None:
    assert invoices.unwritten(session) == [sold.id]
    issued(session, sold, now=now)
    assert invoices.unwritten(session) == []

    order = make_running.commitment(session, sold, bob)
    settling.waive(session, sold, order, actor=alice, now=now)

    assert invoices.unwritten(session) == [sold.id]


def test_many_are_written_in_as_many_statements_as_few(
    session: Session, alice: Actor, now: datetime
) -> None:
    def statements(count: int) -> int:
        people = [make.actor(session, f"P{n}", now=now) for n in range(count)]
        deal = pantry(session, alice, [(who, (1, 1, 0)) for who in people], now=now)
        complete(session, deal, alice)
        with counted(session) as sent:
            assert len(issued(session, deal, now=now)) == count
        return len(sent)

    assert statements(20) <= statements(2) + 2


def test_a_batch_asks_for_the_next_until_everyone_has_theirs(
    session: Session, alice: Actor, now: datetime
) -> None:
    people = [make.actor(session, f"P{n}", now=now) for n in range(BATCH + 1)]
    deal = pantry(session, alice, [(who, (0, 1, 0)) for who in people], now=now)
    complete(session, deal, alice)

    invoices.issue(session, deal.id, now=now)
    assert len(documents(session, deal)) == BATCH
    [after] = session.scalars(
        text(
            "SELECT (args ->> 'after')::bigint FROM procrastinate_jobs"
            " WHERE task_name = 'invoices.issue'"
        )
    )
    invoices.issue(session, deal.id, after=after, now=now)

    assert [one.number for one in documents(session, deal)] == list(range(1, BATCH + 2))


def test_an_order_that_nothing_explains_stops_no_other(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    deal = pantry(session, alice, [(bob, (0, 1, 0)), (charlie, (0, 1, 0))], now=now)
    complete(session, deal, alice)
    broken = make_running.commitment(session, deal, bob)
    broken.due_minor += 1

    [written] = issued(session, deal, now=now)

    assert written.buyer_id == charlie.participant.id
    asked = text(
        "SELECT (args ->> 'commitment_id')::bigint FROM procrastinate_jobs"
        " WHERE task_name = 'invoices.correct' AND status = 'todo'"
    )
    assert session.scalars(asked).all() == [broken.id]
    with pytest.raises(OwesMore):
        invoices.correct(session, broken.id, now=now)


# What is owed less is taken back.


def test_what_is_let_off_is_taken_back_once(
    session: Session, sold: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    issued(session, sold, now=now)
    [invoice] = of(session, sold, bob)
    order = make_running.commitment(session, sold, bob)

    settling.waive(session, sold, order, actor=alice, now=now)
    for _ in range(2):
        invoices.correct(session, order.id, now=now)

    [_, note] = of(session, sold, bob)
    assert (note.kind, note.corrects_id) == (InvoiceKind.CREDIT_NOTE, invoice.id)
    assert (note.total_minor, note.vat_minor) == (-invoice.total_minor, -invoice.vat_minor)
    assert {line.kind for line in note.lines} == {InvoiceLineKind.REDUCTION}
    assert note.number == 4


def test_a_part_that_is_let_off_takes_its_tax_along(
    session: Session, sold: GroupBuy, bob: Actor, now: datetime
) -> None:
    issued(session, sold, now=now)
    order = make_running.commitment(session, sold, bob)

    for step, minor in (("one", 101), ("two", 777)):
        payments.lower_due(session, order, minor, step=step, reason="waived", now=now)
        invoices.correct(session, order.id, now=now)

    invoice, *notes = of(session, sold, bob)
    assert [one.total_minor for one in notes] == [-101, -777]
    for rate in (700, 1900):
        gross = sum(by_rate(one).get(rate, (0, 0))[0] for one in (invoice, *notes))
        vat = sum(by_rate(one).get(rate, (0, 0))[1] for one in (invoice, *notes))
        assert vat == vat_of(gross, rate)


def test_what_was_withdrawn_from_is_taken_back_by_its_lines(
    session: Session, sold: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    issued(session, sold, now=now)
    order = make_running.commitment(session, sold, bob)
    at = sold.closes_at + timedelta(days=4)
    soap = buying.articles(session, sold)[1]
    said = {"name": "Bob", "contact": "bob@example.org", "article_ids": [soap.id]}
    made = revocations.declare(session, order.id, **said, reason="", actor=bob, now=at)

    revocations.refund(session, sold, made.id, actor=alice, now=at)
    invoices.correct(session, order.id, now=at)

    [_, note] = of(session, sold, bob)
    [line] = note.lines
    assert (line.name, line.units, line.gross_minor) == ("Soap", -3, -999)
    assert line.vat_minor == -vat_of(999, 1900)


def test_a_whole_order_is_taken_back_with_its_way(
    session: Session, sold: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    issued(session, sold, now=now)
    order = make_running.commitment(session, sold, bob)
    at = sold.closes_at + timedelta(days=4)
    goods = [one.id for one in buying.articles(session, sold)]
    said = {"name": "Bob", "contact": "bob@example.org", "article_ids": goods}
    made = revocations.declare(session, order.id, **said, reason="", actor=bob, now=at)

    revocations.refund(session, sold, made.id, actor=alice, now=at)
    invoices.correct(session, order.id, now=at)

    invoice, note = of(session, sold, bob)
    assert [line.gross_minor for line in note.lines] == [-one.gross_minor for one in invoice.lines]
    assert note.vat_minor == -invoice.vat_minor


def test_a_credit_note_of_a_seller_who_is_no_trader_any_more_still_states_the_tax(
    session: Session, sold: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    issued(session, sold, now=now)
    sold.sold_by_trader = alice.participant.is_trader = False
    order = make_running.commitment(session, sold, bob)

    settling.waive(session, sold, order, actor=alice, now=now)
    invoices.correct(session, order.id, now=now)

    invoice, note = of(session, sold, bob)
    assert note.by_trader
    assert note.vat_minor == -invoice.vat_minor


def test_what_lowers_a_due_after_the_end_asks_for_its_credit_note(
    session: Session, sold: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    order = make_running.commitment(session, sold, bob)

    settling.waive(session, sold, order, actor=alice, now=now)

    asked = session.scalar(
        text(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'invoices.correct'"
            " AND (args ->> 'commitment_id')::bigint = :id"
        ),
        {"id": order.id},
    )
    assert asked == 1


# To the cent, whatever was ordered.


units = st.tuples(st.integers(0, 4), st.integers(0, 7), st.integers(0, 3)).filter(any)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    orders=st.lists(units, min_size=2, max_size=3),
    guest=st.none() | units,
    freight=st.integers(0, 3000),
    share=st.integers(0, 700),
    rules=st.tuples(
        st.sampled_from(["per_head", "by_value", "by_article"]),
        st.sampled_from(["per_head", "by_value", "by_article"]),
    ),
    short=st.dictionaries(st.integers(0, 2), st.integers(1, 3)),
    grams=st.none() | st.integers(500, 1000),
    is_trader=st.booleans(),
    supplier_sells=st.booleans(),
    let_off=st.lists(st.integers(1, 4000), max_size=3),
)
def test_documents_say_what_is_owed_to_the_cent(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, dana: Actor, now: datetime,
    orders: list[tuple[int, int, int]], guest: tuple[int, int, int] | None, freight: int,
    share: int, rules: tuple[str, str], short: dict[int, int], grams: int | None,
    is_trader: bool, supplier_sells: bool, let_off: list[int],
) -> None:  # fmt: skip
    with undone(session):
        seller = dana if supplier_sells else alice
        if is_trader:
            become_trader(session, seller)
        terms: dict[str, Any] = {
            "freight_rule": rules[0] if freight else "none",
            "freight_minor": freight,
            "freight_ceiling_minor": freight,
            "share_rule": rules[1] if share else "none",
            "share_minor": share,
            "share_ceiling_minor": share,
        }  # fmt: skip
        if supplier_sells:
            terms |= {"payee": Payee.SUPPLIER, "supplier_id": dana.participant.id}
        buyers = (bob, charlie, make.actor(session, "Erin", now=now))
        deal = pantry(
            session,
            alice,
            list(zip(buyers, orders, strict=False)),
            # A trader who sells takes no orders for guests.
            guest=None if seller is alice and is_trader else guest,
            now=now,
            **terms,
        )
        complete(session, deal, alice, short=short, grams=grams)
        issued(session, deal, now=now)
        owed_as_written(session, deal)

        for step, minor in enumerate(let_off):
            for one in buying.commitments(session, deal, Commitment.TAKING_PART):
                off = min(minor, one.due_minor)
                payments.lower_due(session, one, off, step=f"{step}", reason="waived", now=now)
            issued(session, deal, now=now)
            owed_as_written(session, deal)


def owed_as_written(session: Session, deal: GroupBuy) -> None:
    """All documents of each order together say what it owes, and the tax in that, once."""
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    written: dict[int, list[Invoice]] = {}
    for one in documents(session, deal):
        written.setdefault(one.commitment_id, []).append(one)
    for order in buying.commitments(session, deal, Commitment.TAKING_PART):
        found = written.pop(order.id, [])
        assert sum(one.total_minor for one in found) == order.due_minor
        rates = {rate for one in found for rate in by_rate(one)}
        for rate in rates - {None}:
            assert rate is not None
            sums = [by_rate(one).get(rate, (0, 0)) for one in found]
            assert sum(vat for _, vat in sums) == vat_of(sum(gross for gross, _ in sums), rate)
    assert written == {}


@given(
    st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=12),
    st.sampled_from([0, 550, 700, 1900]),
    st.integers(-2, 2),
)
def test_tax_is_divided_without_losing_a_cent(grosses: list[int], rate: int, drift: int) -> None:
    tax = vat_of(sum(grosses), rate) + drift

    parts = apportioned(tax, grosses, rate)

    assert sum(parts) == tax
    mirrored = apportioned(-tax, [-one for one in grosses], rate)
    assert sum(grosses) == 0 or mirrored == [-part for part in parts]
    assert all(
        abs(part - vat_of(gross, rate)) <= 3 for part, gross in zip(parts, grosses, strict=True)
    )


# What the database promises.


def refused(session: Session, statement: str) -> bool:
    try:
        with session.begin_nested():
            session.execute(text(statement))
            session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    except DatabaseError:
        return True
    finally:
        session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    return False


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoices SET title = 'x'",
        "DELETE FROM invoices",
        "TRUNCATE invoices CASCADE",
        "UPDATE invoice_lines SET gross_minor = 1",
        "DELETE FROM invoice_lines",
        "TRUNCATE invoice_lines",
        "UPDATE invoice_counters SET last_number = last_number + 1",
        "UPDATE commitments SET invoiced_minor = 0",
        "DELETE FROM invoice_counters",
        # A line more, and the sum is another.
        "INSERT INTO invoice_lines (invoice_id, position, kind, name, order_number, unit,"
        " gross_minor, vat_minor)"
        " SELECT min(id), 99, 'goods', '', '', '', 1, 0 FROM invoices",
    ],
)
def test_what_is_issued_stays(
    session: Session, sold: GroupBuy, now: datetime, statement: str
) -> None:
    issued(session, sold, now=now)

    assert refused(session, statement)


COPIED = (
    "buyer_id, seller_id, collaboration_id, by_trader, seller_details, buyer_details, title,"
    " organiser_name, lang, time_zone, supplied_at, issued_at, currency, year"
)


@pytest.mark.parametrize(
    ("kind", "position", "corrects", "total"),
    [
        ("invoice", 0, "NULL", 1),
        ("invoice", 1, "NULL", 1),
        ("credit_note", 1, "NULL", -1),
        ("credit_note", 1, "min(id)", 1),
        # More than all of it, and a document without a line.
        ("credit_note", 1, "min(id)", -(10**9)),
    ],
)
def test_no_document_is_written_that_cannot_be(
    session: Session, sold: GroupBuy, now: datetime,
    kind: str, position: int, corrects: str, total: int,
) -> None:  # fmt: skip
    issued(session, sold, now=now)

    assert refused(
        session,
        f"INSERT INTO invoices (kind, position, corrects_id, total_minor, vat_minor,"
        f" commitment_id, {COPIED}) SELECT '{kind}', {position}, {corrects}, {total}, 0,"
        f" commitment_id, {COPIED} FROM invoices WHERE number = 1 GROUP BY commitment_id, {COPIED}",
    )


def test_nobody_chooses_a_number(session: Session, sold: GroupBuy, now: datetime) -> None:
    [first, *_] = issued(session, sold, now=now)

    counted_to = session.scalar(text("SELECT last_number FROM invoice_counters"))
    highest = session.scalar(select(func.max(Invoice.number)).filter_by(seller_id=first.seller_id))

    assert counted_to == highest == 3


# Who reads what.


def test_each_side_finds_its_own(
    session: Session, sold: GroupBuy, alice: Actor, bob: Actor, dana: Actor, now: datetime
) -> None:
    issued(session, sold, now=now)
    [mine] = of(session, sold, bob)

    assert [one.id for one in invoices.of_actor(session, bob, Side.RECEIVED).rows] == [mine.id]
    assert invoices.of_actor(session, bob, Side.ISSUED).rows == []
    assert len(invoices.of_actor(session, alice, Side.ISSUED).rows) == 3
    assert invoices.of_actor(session, alice, Side.RECEIVED).rows == []
    assert invoices.of_actor(session, dana, Side.ISSUED).rows == []
    assert invoices.find(session, mine.id, actor=alice) is mine
    with pytest.raises(NotFound):
        invoices.find(session, mine.id, actor=dana)
    with pytest.raises(NotFound):
        invoices.of_commitment(session, mine.commitment_id, actor=alice)


def test_whoever_keeps_a_guest_reads_for_them(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, dana: Actor, now: datetime
) -> None:
    terms = {"payee": Payee.SUPPLIER, "supplier_id": charlie.participant.id}
    deal = pantry(session, alice, [(bob, (1, 0, 0))], guest=(0, 2, 0), now=now, **terms)
    complete(session, deal, alice)
    [_, receipt] = issued(session, deal, now=now)

    assert receipt.buyer_details["name"] == GUEST
    assert [one.id for one in invoices.of_actor(session, alice, Side.RECEIVED).rows] == [receipt.id]
    assert invoices.find(session, receipt.id, actor=alice) is receipt
    assert invoices.of_commitment(session, receipt.commitment_id, actor=alice).documents
    with pytest.raises(NotFound):
        invoices.find(session, receipt.id, actor=bob)


def test_a_list_goes_on_where_its_page_ended(
    session: Session, sold: GroupBuy, alice: Actor, now: datetime
) -> None:
    issued(session, sold, now=now)

    first = invoices.of_actor(session, alice, Side.ISSUED, year=2026, limit=2)
    rest = invoices.of_actor(session, alice, Side.ISSUED, year=2026, after=first.after, limit=2)

    assert [one.number for one in (*first.rows, *rest.rows)] == [3, 2, 1]
    assert rest.after is None
    assert invoices.years(session, alice, Side.ISSUED) == [2026]
    assert invoices.of_actor(session, alice, Side.ISSUED, year=2025).rows == []
    assert invoices.of_actor(session, alice, Side.ISSUED, group_buy_id=sold.id + 1).rows == []


def test_each_buyer_is_told_once(
    session: Session, sold: GroupBuy, bob: Actor, now: datetime
) -> None:
    issued(session, sold, now=now)

    [mine] = of(session, sold, bob)
    [event] = session.scalars(
        select(Event).filter_by(kind="InvoiceIssued", participant_id=bob.participant.id)
    )
    assert event.facts == {"invoice_id": mine.id}

"""Issuing: documents follow what is owed, once, however often and by whom they are asked for.

What is owed now is compared with what the documents say, and a document is written for the
difference. So the same act issues the first invoice and every credit note, whatever lowered what
is owed; done again, it finds nothing to do.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, select
from sqlalchemy.orm import Session, selectinload

from models.buying import GroupBuy, GroupBuyCommitment, Line, Payee
from models.collaborations import State
from models.invoices import Invoice
from models.members import Member
from models.participants import Participant
from models.payments import Payment, PaymentState
from services import events, queue
from services.buying import finding
from services.buying.settling import payee_id
from services.invoices.happened import CreditNoteIssued, InvoiceIssued
from services.invoices.stating import OwesMore
from services.invoices.writing import Sale, missing

BATCH = 100


def issue(session: Session, group_buy_id: int, *, after: int = 0, now: datetime) -> None:
    """Bring the documents of a completed group buy up to what is owed, batch after batch.

    `after` is the id of the last commitment of the batch before. Before completion it does
    nothing: weights, counts and who fetched what are not final.
    """
    group_buy = finding.locked(session, group_buy_id)
    if group_buy.state != State.COMPLETED:
        return
    batch = session.scalars(
        _commitments()
        .where(
            GroupBuyCommitment.collaboration_id == group_buy.id,
            GroupBuyCommitment.id > after,
            _differ_from_due(),
        )
        .order_by(GroupBuyCommitment.id)
        .limit(BATCH)
    ).all()
    unclear = _bring_up_to_date(session, group_buy, batch, now)
    # Each of these fails in a job of its own, where operators see it, and stops no other.
    queue.defer_many(session, "invoices.correct", [{"commitment_id": one} for one in unclear])
    if len(batch) == BATCH:
        queue.defer(session, "invoices.issue", group_buy_id=group_buy.id, after=batch[-1].id)


def correct(session: Session, commitment_id: int, *, now: datetime) -> None:
    """Bring the documents of one commitment up to what it owes, once its group buy is completed.

    Raises OwesMore if more is owed than there is anything for.
    """
    deal_id = session.scalars(
        select(GroupBuyCommitment.collaboration_id).where(GroupBuyCommitment.id == commitment_id)
    ).one()
    group_buy = finding.locked(session, deal_id)
    if group_buy.state == State.COMPLETED:
        found = session.scalars(_commitments().where(GroupBuyCommitment.id == commitment_id)).all()
        if _bring_up_to_date(session, group_buy, found, now):
            raise OwesMore(f"Commitment {commitment_id} owes more than its lines say.")


def unwritten(session: Session, *, limit: int = 100) -> Sequence[int]:
    """The ids of completed group buys whose documents do not say what is owed: for the sweep."""
    supplier_sells = (GroupBuy.payee == Payee.SUPPLIER) & GroupBuy.supplier_id.is_not(None)
    seller_id = case((supplier_sells, GroupBuy.supplier_id), else_=GroupBuy.organiser_id)
    return session.scalars(
        select(GroupBuy.id)
        .join(GroupBuyCommitment, GroupBuyCommitment.collaboration_id == GroupBuy.id)
        .where(
            GroupBuy.state == State.COMPLETED,
            GroupBuyCommitment.participant_id != seller_id,
            _differ_from_due(),
        )
        .distinct()
        .order_by(GroupBuy.id)
        .limit(limit)
    ).all()


def _bring_up_to_date(
    session: Session, group_buy: GroupBuy, commitments: Sequence[GroupBuyCommitment], now: datetime
) -> list[int]:
    """Write what is missing; which of them owe more than there is anything for.

    The caller holds the lock of the group buy.
    """
    sale = Sale(group_buy, session.get_one(Participant, payee_id(group_buy)), now)
    # Nobody writes a bill to themself.
    others = [one for one in commitments if one.participant_id != sale.seller.id]
    ids = [one.id for one in others]
    before: dict[int, list[Invoice]] = {}
    for earlier in _documents(session, ids):
        before.setdefault(earlier.commitment_id, []).append(earlier)
    languages, paid = _languages(session, others), _paid(session, ids)
    made, unclear = [], []
    for one in others:
        try:
            made.append(missing(sale, one, before.get(one.id, [])))
        except OwesMore:
            unclear.append(one.id)
    written = [document for document in made if document is not None]
    for document in written:
        document.lang = languages.get(document.buyer_id, document.lang)
        document.paid_at = paid.get(document.commitment_id)
    session.add_all(written)
    session.flush()
    _tell(session, written, now)
    return unclear


def _commitments() -> Select[GroupBuyCommitment]:
    return (
        select(GroupBuyCommitment)
        .options(selectinload(GroupBuyCommitment.lines).joinedload(Line.article))
        .execution_options(populate_existing=True)
    )


def _differ_from_due() -> ColumnElement[bool]:
    """Whether the documents of an order say something else than what it owes; by an index."""
    return GroupBuyCommitment.due_minor != GroupBuyCommitment.invoiced_minor


def _documents(session: Session, commitment_ids: Sequence[int]) -> Sequence[Invoice]:
    """What is written of these commitments, in the order it was."""
    return session.scalars(
        select(Invoice)
        .where(Invoice.commitment_id.in_(commitment_ids))
        .order_by(Invoice.commitment_id, Invoice.position)
        .options(selectinload(Invoice.lines))
    ).all()


def _languages(session: Session, commitments: Sequence[GroupBuyCommitment]) -> dict[int, str]:
    """The language in which each buyer who signs in reads, by their id."""
    ids = [one.participant_id for one in commitments]
    rows = session.execute(
        select(Member.participant_id, Member.locale).where(Member.participant_id.in_(ids))
    )
    return dict(rows.all())


def _paid(session: Session, commitment_ids: Sequence[int]) -> dict[int, datetime | None]:
    rows = session.execute(
        select(Payment.commitment_id, Payment.paid_at).where(
            Payment.commitment_id.in_(commitment_ids), Payment.state == PaymentState.PAID
        )
    )
    return dict(rows.all())


def _tell(session: Session, made: Sequence[Invoice], now: datetime) -> None:
    events.record_many(
        session,
        [
            (CreditNoteIssued if one.is_credit_note else InvoiceIssued)(
                participant_id=one.buyer_id,
                collaboration_id=one.collaboration_id,
                commitment_id=one.commitment_id,
                invoice_id=one.id,
            )
            for one in made
        ],
        now=now,
    )

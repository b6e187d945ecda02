"""Finding documents: each is read by its buyer's side and by its seller's, and by nobody else.

The buyer's side is whoever may act for the buyer, and for a guest whoever runs deals for those who
keep them. The seller's side is whoever runs deals for the seller.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment
from models.errors import NotFound
from models.invoices import Invoice, InvoiceLine
from models.participants import Participant
from services.buying.settling import payee_id
from services.paging import Page, paged, position

MOST_LINES = 10_000


class Side(StrEnum):
    """Whose documents are asked for: what one got, or what one issued."""

    RECEIVED = "received"
    ISSUED = "issued"


@dataclass(frozen=True)
class Papers:
    """The documents of one commitment, the invoice first; none before they are issued."""

    deal: GroupBuy
    commitment: GroupBuyCommitment
    documents: Sequence[Invoice]

    @property
    def is_own_sale(self) -> bool:
        """Whether the buyer sells it themself: nobody writes a bill to themself."""
        return self.commitment.participant_id == payee_id(self.deal)


def of_actor(
    session: Session,
    actor: Actor,
    side: Side,
    *,
    year: int | None = None,
    group_buy_id: int | None = None,
    after: str | None = None,
    limit: int = 24,
) -> Page[Invoice]:
    """A page of the documents of everyone the member acts for on this side, the newest first.

    Refuses with CursorNotValid.
    """
    query = (
        select(Invoice)
        .where(*_asked(actor, side, year, group_buy_id))
        .order_by(Invoice.id.desc())
        .limit(limit + 1)
    )
    since = position(after, int)
    if since is not None:
        query = query.where(Invoice.id < since[0])
    return paged(session.scalars(query).all(), limit, lambda one: (one.id,))


def years(session: Session, actor: Actor, side: Side) -> Sequence[int]:
    """The years of which there is any document on this side, the latest first."""
    query = select(Invoice.year).where(_theirs(actor, side)).distinct()
    return session.scalars(query.order_by(Invoice.year.desc())).all()


def lines_of(
    session: Session,
    actor: Actor,
    *,
    year: int | None = None,
    group_buy_id: int | None = None,
) -> Sequence[InvoiceLine]:
    """Every line of what was issued, up to 10,000, with its document: for a bookkeeper's table."""
    return session.scalars(
        select(InvoiceLine)
        .join(InvoiceLine.invoice)
        .where(*_asked(actor, Side.ISSUED, year, group_buy_id))
        .order_by(Invoice.seller_id, Invoice.year, Invoice.number, InvoiceLine.position)
        .limit(MOST_LINES)
        .options(contains_eager(InvoiceLine.invoice).joinedload(Invoice.corrects))
    ).all()


def find(session: Session, invoice_id: int, *, actor: Actor) -> Invoice:
    """One document with its lines; refuses everyone who is on neither side with NotFound."""
    found = session.scalar(
        select(Invoice)
        .where(
            Invoice.id == invoice_id,
            or_(_theirs(actor, Side.RECEIVED), _theirs(actor, Side.ISSUED)),
        )
        .options(selectinload(Invoice.lines), joinedload(Invoice.corrects))
    )
    if found is None:
        raise NotFound
    return found


def corrections_of(session: Session, invoice: Invoice) -> Sequence[Invoice]:
    """The credit notes that take back a part of an invoice, the oldest first."""
    query = select(Invoice).filter_by(corrects_id=invoice.id).order_by(Invoice.position)
    return session.scalars(query).all()


def of_commitment(session: Session, commitment_id: int, *, actor: Actor) -> Papers:
    """All documents of one order, for its buyer's side; refuses with NotFound."""
    commitment = session.get(GroupBuyCommitment, commitment_id)
    if commitment is None or not _buys(commitment.participant, actor):
        raise NotFound
    documents = session.scalars(
        select(Invoice).filter_by(commitment_id=commitment.id).order_by(Invoice.position)
    ).all()
    deal = session.get_one(GroupBuy, commitment.collaboration_id)
    return Papers(deal, commitment, documents)


def _buys(participant: Participant, actor: Actor) -> bool:
    keeper_id = participant.kept_by_id
    return actor.may_act_for(participant.id) or (
        keeper_id is not None and actor.may_manage(keeper_id)
    )


def _asked(
    actor: Actor, side: Side, year: int | None, group_buy_id: int | None
) -> list[ColumnElement[bool]]:
    asked = [_theirs(actor, side)]
    if year is not None:
        asked.append(Invoice.year == year)
    if group_buy_id is not None:
        asked.append(Invoice.collaboration_id == group_buy_id)
    return asked


def _theirs(actor: Actor, side: Side) -> ColumnElement[bool]:
    acting = [one.id for one in actor.participants]
    managed = [one for one in acting if actor.may_manage(one)]
    if side == Side.ISSUED:
        return Invoice.seller_id.in_(managed)
    guests = select(Participant.id).where(Participant.kept_by_id.in_(managed))
    return or_(Invoice.buyer_id.in_(acting), Invoice.buyer_id.in_(guests))

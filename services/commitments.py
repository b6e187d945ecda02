"""Commitments: everything a member has promised, over all kinds of deals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment, PickupPoint
from models.collaborations import Collaboration, Commitment, State
from models.members import Member
from models.payments import BankAccount, Payment, PaymentState
from services import payments, sessions
from services.paging import Page, paged, position

# What the payer has to see to; everything else goes by itself.
TO_DO = (PaymentState.AWAITING_CARD, PaymentState.NEEDS_ACTION, PaymentState.DECLINED)
MOST_AT_ONCE = 10_000


class Which(StrEnum):
    """Which commitments are asked for."""

    UNDER_WAY = "under_way"
    OVER = "over"
    ALL = "all"


@dataclass(frozen=True)
class Promise:
    """One commitment with its deal, its payment and where its goods are fetched."""

    commitment: Commitment
    collaboration: Collaboration
    payment: Payment | None
    pickup_point: PickupPoint | None
    collect_until_at: datetime | None
    account: BankAccount | None

    @property
    def pay_by_at(self) -> datetime | None:
        """By when what is decided has to be paid, if neither side says that it is."""
        if self.payment is not None and self.payment.state == PaymentState.CONFIRMED_BY_ONE:
            return None
        return payments.pay_by_at(
            self.commitment,
            self.payment,
            self.collaboration,
            collect_until_at=self.collect_until_at,
            account=self.account,
            pickup_point=self.pickup_point,
        )

    @property
    def needs_payer(self) -> bool:
        """Whether the payer has something to do now: give a card, confirm, pay again."""
        payment = self.payment
        if payment is not None and payment.state == PaymentState.CONFIRMED_BY_ONE:
            return payment.confirmed_by_payer_at is None
        return payment is not None and payment.state in TO_DO

    @property
    def is_paid(self) -> bool:
        return self.payment is not None and self.payment.state == PaymentState.PAID

    @property
    def owed_minor(self) -> int:
        """What is decided and not paid yet, in minor units."""
        return 0 if self.is_paid else self.commitment.due_minor


@dataclass(frozen=True)
class Totals:
    """Sums in minor units of one currency: what it can still cost at most, what is due."""

    currency: str
    worst_case_minor: int
    due_minor: int


def of_actor(
    session: Session,
    actor: Actor,
    *,
    which: Which = Which.ALL,
    after: str | None = None,
    limit: int = 24,
) -> Page[Promise]:
    """A page of the commitments of everyone the member acts for, the newest first.

    Refuses with CursorNotValid.
    """
    query = _promises(actor).where(_fits(which))
    since = position(after, int)
    if since is not None:
        query = query.where(Commitment.id < since[0])
    rows = session.execute(query.order_by(Commitment.id.desc()).limit(limit + 1)).all()
    return paged([Promise(*row) for row in rows], limit, lambda one: (one.commitment.id,))


def all_of_actor(session: Session, actor: Actor, *, which: Which = Which.ALL) -> Sequence[Promise]:
    """All of them, up to 10,000, for an export or a calendar."""
    rows = session.execute(
        _promises(actor).where(_fits(which)).order_by(Commitment.id.desc()).limit(MOST_AT_ONCE)
    )
    return [Promise(*row) for row in rows]


def totals(session: Session, actor: Actor) -> Sequence[Totals]:
    """What all commitments under way can cost and what is due, by currency."""
    promised = case((Commitment.state.in_(Commitment.ALIVE), Commitment.worst_case_minor), else_=0)
    due = case((_is_owed(), Commitment.due_minor), else_=0)
    rows = session.execute(
        select(Collaboration.currency, func.sum(promised), func.sum(due))
        .select_from(Commitment)
        .join(Collaboration, Collaboration.id == Commitment.collaboration_id)
        .outerjoin(Payment, Payment.commitment_id == Commitment.id)
        .where(Commitment.participant_id.in_(_ids(actor)))
        .group_by(Collaboration.currency)
        .order_by(Collaboration.currency)
    )
    return [
        Totals(currency, int(worst), int(owed)) for currency, worst, owed in rows if worst or owed
    ]


def reader(session: Session, member_id: int) -> Actor | None:
    """A member as one who reads their own commitments, unless they left."""
    member = session.get(Member, member_id)
    if member is None or member.closed_at is not None:
        return None
    return sessions.actor_of(session, member)


def counts(session: Session, actor: Actor) -> Mapping[Which, int]:
    """How many are under way and how many are over."""
    under_way, everything = session.execute(
        select(func.count().filter(_fits(Which.UNDER_WAY)), func.count())
        .select_from(Commitment)
        .join(Collaboration, Collaboration.id == Commitment.collaboration_id)
        .outerjoin(Payment, Payment.commitment_id == Commitment.id)
        .where(Commitment.participant_id.in_(_ids(actor)))
    ).one()
    return {
        Which.UNDER_WAY: under_way,
        Which.OVER: everything - under_way,
        Which.ALL: everything,
    }


def _promises(
    actor: Actor,
) -> Select[Commitment, Collaboration, Payment, PickupPoint, datetime | None, BankAccount]:
    # Of the kind's own table only what the list needs: its rows are read as collaborations.
    deals = GroupBuy.__table__
    return (
        select(
            Commitment,
            Collaboration,
            Payment,
            PickupPoint,
            deals.c.collect_until_at,
            BankAccount,
        )
        .join(Collaboration, Collaboration.id == Commitment.collaboration_id)
        .outerjoin(GroupBuyCommitment.__table__, GroupBuyCommitment.__table__.c.id == Commitment.id)
        .outerjoin(Payment, Payment.commitment_id == Commitment.id)
        .outerjoin(PickupPoint, PickupPoint.id == GroupBuyCommitment.__table__.c.pickup_point_id)
        .outerjoin(deals, deals.c.id == Collaboration.id)
        .outerjoin(
            BankAccount,
            (BankAccount.collaboration_id == Collaboration.id) & BankAccount.ended_at.is_(None),
        )
        .where(Commitment.participant_id.in_(_ids(actor)))
    )


def _ids(actor: Actor) -> list[int]:
    return [one.id for one in actor.participants]


def _is_owed() -> ColumnElement[bool]:
    """Whether something is decided and not paid yet."""
    return and_(
        Commitment.state.in_(Commitment.TAKING_PART),
        Commitment.due_minor > 0,
        or_(Payment.id.is_(None), Payment.state != PaymentState.PAID),
    )


def _fits(which: Which) -> ColumnElement[bool]:
    """What was taken in is over when the deal is and nothing is owed, fetched or not."""
    goes_on = Collaboration.state.in_((State.DECIDING, State.COLLECTING, State.RUNNING))
    under_way = or_(
        Commitment.state.in_(Commitment.ALIVE),
        and_(Commitment.state.in_(Commitment.TAKING_PART), or_(goes_on, _is_owed())),
    )
    if which == Which.UNDER_WAY:
        return under_way
    return ~under_way if which == Which.OVER else Commitment.id.is_not(None)

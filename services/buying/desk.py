"""The organiser's desk: what needs them now, how it stands, what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from models.buying import GroupBuy, GroupBuyCommitment, PaymentMethod, Stage
from models.collaborations import Commitment, CommitmentState, State
from models.dialogue import Mark, Message
from models.events import Event
from models.payments import Payment, PaymentState
from models.revocations import REFUND_LIMIT, Revocation
from services.buying import agreeing, cash_back, happened, rescheduling, weighing
from services.buying.books import outstanding_minor
from services.buying.held_back import held_back, whole

SOON = timedelta(days=2)
# What single people did is between them and the organiser; the desk tells of the whole.
_TOLD = tuple(kind.__name__ for kind in (
    happened.GroupBuyDrafted, happened.SupplierConsentAsked, happened.SupplierAskedNoLonger,
    happened.SupplierDeclined, happened.SupplierConsented, happened.GroupBuyScheduled,
    happened.GroupBuyOpened, happened.CoOrganiserAdded, happened.TermsChanged,
    happened.GroupBuyTipped, happened.GroupBuyUntipped, happened.GroupBuyPaused,
    happened.GroupBuyResumed, happened.GroupBuyExtended, happened.GroupBuyDecided,
    happened.GroupBuyFailed, happened.GroupBuyCancelled, happened.SupplierAsked,
    happened.GroupBuyRunning, happened.GroupBuyOrdered, happened.GroupBuyDelivered,
    happened.GroupBuyWeighed, happened.HandOverBegun, happened.GroupBuyCompleted,
    happened.GroupBuySettled, rescheduling.PickupChanged, rescheduling.PickupAdded,
    rescheduling.PickupRemoved,
))  # fmt: skip


class Need(StrEnum):
    """What only those who organise can do next."""

    PUBLISH = "publish"
    RESUME = "resume"
    FEW_SO_FAR = "few_so_far"
    CONSENT = "consent"
    QUESTIONS = "questions"
    DECIDE = "decide"
    ORDER = "order"
    COUNT = "count"
    WEIGH = "weigh"
    PACK = "pack"
    BEGIN_HAND_OVER = "begin_hand_over"
    HAND_OVER = "hand_over"
    CASH = "cash"
    CASH_BACK = "cash_back"
    REVOCATIONS = "revocations"
    COMPLETE = "complete"
    SETTLE = "settle"


@dataclass(frozen=True)
class Task:
    """One thing to do, how many of it, and until when, if that is known."""

    need: Need
    count: int = 0
    until_at: datetime | None = None


@dataclass(frozen=True)
class Figures:
    """How a group buy stands in numbers, in minor units of its currency."""

    taking_part: int
    # Everyone who did not leave, whatever became of them: those whom the roll names.
    had_joined: int
    waiting: int
    left: int
    packed: int
    handed_over: int
    due_minor: int
    paid_minor: int
    outstanding_minor: int


def tasks(session: Session, group_buy: GroupBuy, *, now: datetime) -> list[Task]:
    """What needs those who organise now, the most pressing first."""
    found: list[Task] = []
    if group_buy.is_paused:
        found.append(Task(Need.RESUME))
    found += _by_state(session, group_buy, now)
    questions = _unanswered(session, group_buy)
    if questions:
        found.append(Task(Need.QUESTIONS, questions))
    back = cash_back.count_open(session, group_buy)
    if back:
        found.append(Task(Need.CASH_BACK, back))
    return [*_revocations(session, group_buy), *found]


def figures(session: Session, group_buy: GroupBuy) -> Figures:
    """The numbers of the desk, in one query."""
    is_in = GroupBuyCommitment.state.in_([*Commitment.TAKING_PART, *Commitment.ALIVE])
    row = session.execute(
        select(
            func.count().filter(is_in),
            func.count().filter(GroupBuyCommitment.state.not_in(Commitment.LEFT)),
            func.count().filter(GroupBuyCommitment.state == CommitmentState.WAITING),
            func.count().filter(
                GroupBuyCommitment.state.not_in([*Commitment.TAKING_PART, *Commitment.ALIVE])
            ),
            func.count().filter(GroupBuyCommitment.packed_at.is_not(None)),
            func.count().filter(GroupBuyCommitment.handed_over_at.is_not(None)),
            func.coalesce(
                func.sum(GroupBuyCommitment.due_minor).filter(
                    GroupBuyCommitment.state.in_(Commitment.TAKING_PART)
                ),
                0,
            ),
            func.coalesce(
                func.sum(Payment.amount_minor - Payment.refunded_minor).filter(
                    Payment.state == PaymentState.PAID
                ),
                0,
            ),
            outstanding_minor(),
        )
        .select_from(GroupBuyCommitment)
        .outerjoin(Payment, Payment.commitment_id == GroupBuyCommitment.id)
        .where(GroupBuyCommitment.collaboration_id == group_buy.id)
    ).one()
    return Figures(*(int(value) for value in row))


def history(session: Session, group_buy: GroupBuy, *, limit: int = 30) -> Sequence[Event]:
    """What happened to the group buy as a whole, newest first."""
    return session.scalars(
        select(Event)
        .where(Event.collaboration_id == group_buy.id, Event.kind.in_(_TOLD))
        .order_by(Event.id.desc())
        .limit(limit)
    ).all()


def _by_state(session: Session, group_buy: GroupBuy, now: datetime) -> list[Task]:
    stage = group_buy.stage
    if group_buy.state == State.DRAFT:
        return [Task(Need.PUBLISH)]
    if group_buy.state == State.OPEN:
        return _open(session, group_buy, now)
    if group_buy.state == State.COLLECTING:
        return [Task(Need.DECIDE)] if stage == Stage.SUPPLIER_ASKED else []
    if group_buy.state == State.RUNNING:
        return _running(session, group_buy)
    if group_buy.state == State.COMPLETED and group_buy.settled_at is None:
        cash = _cash_open(session, group_buy)
        return [Task(Need.CASH, cash)] if cash else [Task(Need.SETTLE)]
    return []


def _open(session: Session, group_buy: GroupBuy, now: datetime) -> list[Task]:
    found = []
    if not group_buy.is_tipped and group_buy.closes_at - now <= SOON:
        found.append(Task(Need.FEW_SO_FAR, until_at=group_buy.closes_at))
    asked = agreeing.asked(session, group_buy) if group_buy.terms_number > 1 else 0
    if asked:
        found.append(Task(Need.CONSENT, asked, until_at=group_buy.closes_at))
    return found


def _running(session: Session, group_buy: GroupBuy) -> list[Task]:
    if group_buy.stage == "":
        return [Task(Need.ORDER)]
    if group_buy.stage == Stage.ORDERED:
        return [Task(Need.COUNT)]
    kept = whole(held_back(session, group_buy))
    waits = GroupBuyCommitment.state == CommitmentState.IN, GroupBuyCommitment.id.not_in(kept)
    if group_buy.stage == Stage.DELIVERED:
        unpacked = _count(session, group_buy, *waits, GroupBuyCommitment.packed_at.is_(None))
        packing = [Task(Need.PACK, unpacked)] if unpacked else []
        if weighing.is_missing(session, group_buy):
            return [Task(Need.WEIGH), *packing]
        return [*packing, Task(Need.BEGIN_HAND_OVER)]
    cash = _cash_open(session, group_buy)
    waiting = _count(session, group_buy, *waits)
    handing = Task(Need.HAND_OVER, waiting) if waiting else Task(Need.COMPLETE)
    return [handing, *([Task(Need.CASH, cash)] if cash else [])]


def _count(session: Session, group_buy: GroupBuy, *conditions: ColumnElement[bool]) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(GroupBuyCommitment)
            .where(GroupBuyCommitment.collaboration_id == group_buy.id, *conditions)
        )
        or 0
    )


def _cash_open(session: Session, group_buy: GroupBuy) -> int:
    """Orders to be paid from hand to hand that the organiser has not confirmed."""
    unconfirmed = exists().where(
        Payment.commitment_id == GroupBuyCommitment.id,
        Payment.state.in_([PaymentState.AT_PICKUP, PaymentState.CONFIRMED_BY_ONE]),
        Payment.confirmed_by_payee_at.is_(None),
    )
    return _count(
        session,
        group_buy,
        GroupBuyCommitment.state.in_(Commitment.TAKING_PART),
        GroupBuyCommitment.payment_method == PaymentMethod.AT_PICKUP,
        GroupBuyCommitment.due_minor > 0,
        unconfirmed,
    )


def _revocations(session: Session, group_buy: GroupBuy) -> list[Task]:
    """Who withdrew from the contract and has no money back yet, and by when the first has to."""
    count, since_at = session.execute(
        select(func.count(), func.min(Revocation.declared_at))
        .join(Commitment, Commitment.id == Revocation.commitment_id)
        .where(Commitment.collaboration_id == group_buy.id, Revocation.refunded_at.is_(None))
    ).one()
    return [Task(Need.REVOCATIONS, count, since_at + REFUND_LIMIT)] if count else []


def _unanswered(session: Session, group_buy: GroupBuy) -> int:
    """Questions that nobody who organises has answered."""
    answer = aliased(Message)
    answered = exists().where(
        answer.answers_id == Message.id,
        answer.mark == Mark.ORGANISER,
        answer.hidden_at.is_(None),
    )
    return (
        session.scalar(
            select(func.count())
            .select_from(Message)
            .where(
                Message.collaboration_id == group_buy.id,
                Message.answers_id.is_(None),
                Message.is_announcement.is_(False),
                Message.mark != Mark.ORGANISER,
                Message.hidden_at.is_(None),
                ~answered,
            )
        )
        or 0
    )

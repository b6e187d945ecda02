"""Planning: when the accounts of a deal are closed, each charge is divided among who is owed it.

The card payments go to whoever sells, less the instance's fee. Of those who organise for another
seller, each keeps their share of the cash they took; what it lacks comes out of the charges.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from models.buying import GroupBuy, GroupBuyCommitment
from models.collaborations import Commitment
from models.ledger import Account, AccountPurpose
from models.payments import Payment, PaymentState, Refund, RefundState
from models.payouts import Remittance, RemittanceState
from models.rules import PayoutTerms
from services import events, queue
from services.payouts.accounts import account_of
from services.payouts.happened import PayoutPlanned
from services.payouts.reimbursing import reimbursed

ALL_BASIS_POINTS = 10_000


@dataclass(frozen=True)
class Collected:
    """What one charge brought and still holds, and the organiser's share in it; minor units."""

    payment_id: int
    amount_minor: int
    share_minor: int


@dataclass(frozen=True)
class Part:
    """What of one charge goes to one participant, and what the instance keeps of it."""

    payment_id: int
    participant_id: int
    amount_minor: int
    fee_minor: int = 0
    is_share: bool = False
    is_reserve: bool = False


def divide(
    collected: Sequence[Collected],
    *,
    seller_id: int,
    organiser_id: int,
    shares_minor: int,
    by_hand_minor: int,
    terms: PayoutTerms,
) -> list[Part]:
    """Divide charges among seller, organiser and instance; all of it adds up to what was collected.

    `shares_minor` is all that the organiser gets as their share, of cards and of cash;
    `by_hand_minor` what came without a card and is with them already. The fee is
    rounded down for each charge, in favour of who sells, and taken of what they get of it. The
    reserve is held back from the newest charges: from as few as it takes.
    """
    lacking_minor = 0
    if seller_id != organiser_id:
        lacking_minor = max(0, shares_minor - by_hand_minor)
    organisers, sellers = [], []
    for one in collected:
        share_minor = min(one.share_minor, one.amount_minor, lacking_minor)
        lacking_minor -= share_minor
        gross_minor = one.amount_minor - share_minor
        fee_minor = gross_minor * terms.fee_basis_points // ALL_BASIS_POINTS
        organisers.append(Part(one.payment_id, organiser_id, share_minor, is_share=True))
        sellers.append(Part(one.payment_id, seller_id, gross_minor - fee_minor, fee_minor))
    kept = [part for part in organisers if part.amount_minor]
    return [*kept, *_with_reserve([part for part in sellers if part.amount_minor], terms)]


def _with_reserve(parts: Sequence[Part], terms: PayoutTerms) -> Iterator[Part]:
    total_minor = sum(part.amount_minor for part in parts)
    reserve_minor = total_minor * terms.reserve_basis_points // ALL_BASIS_POINTS
    for part in reversed(parts):
        later_minor = min(part.amount_minor, reserve_minor)
        reserve_minor -= later_minor
        if later_minor == part.amount_minor:
            yield replace(part, is_reserve=True)
            continue
        yield replace(part, amount_minor=part.amount_minor - later_minor)
        if later_minor:
            yield replace(part, amount_minor=later_minor, fee_minor=0, is_reserve=True)


def plan(
    session: Session,
    group_buy: GroupBuy,
    *,
    seller_id: int,
    shares_minor: int,
    now: datetime,
) -> tuple[Part, ...]:
    """Write down what of the deal's charges is sent to whom, and have it sent.

    For the act that closes the accounts, once, under the lock of the deal.
    """
    terms = group_buy.payout_terms
    parts = divide(
        _collected(session, group_buy),
        seller_id=seller_id,
        organiser_id=group_buy.organiser_id,
        shares_minor=shares_minor,
        by_hand_minor=_by_hand(session, group_buy),
        terms=terms,
    )
    if not parts:
        return ()
    later_at = now + timedelta(days=terms.reserve_days)
    made = session.execute(
        insert(Remittance).returning(Remittance.id, Remittance.is_reserve),
        [
            {
                "payment_id": part.payment_id,
                "participant_id": part.participant_id,
                "collaboration_id": group_buy.id,
                "is_share": part.is_share,
                "is_reserve": part.is_reserve,
                "currency": group_buy.currency,
                "amount_minor": part.amount_minor,
                "fee_minor": part.fee_minor,
                "state": RemittanceState.WAITING,
                "wanted_at": now,
                "due_at": later_at if part.is_reserve else now,
            }
            for part in parts
        ],
    ).all()
    at_once = [{"remittance_id": one.id} for one in made if not one.is_reserve]
    queue.defer_many(session, "payouts.remit", at_once)
    _tell(session, group_buy, parts, now)
    return tuple(parts)


def _collected(session: Session, group_buy: GroupBuy) -> list[Collected]:
    left_minor = Payment.amount_minor - Payment.refunded_minor
    takes_part = GroupBuyCommitment.state.in_(Commitment.TAKING_PART)
    share = func.least(GroupBuyCommitment.share_minor, GroupBuyCommitment.due_minor)
    rows = session.execute(
        select(Payment.id, left_minor, share, takes_part)
        .join(GroupBuyCommitment, GroupBuyCommitment.id == Payment.commitment_id)
        .where(
            GroupBuyCommitment.collaboration_id == group_buy.id,
            Payment.state == PaymentState.PAID,
            Payment.intent_key != "",
            left_minor > 0,
        )
        .order_by(Payment.id)
    )
    return [
        Collected(payment_id, left, share if is_in else 0)
        for payment_id, left, share, is_in in rows
    ]


def _by_hand(session: Session, group_buy: GroupBuy) -> int:
    """What came in cash or by transfer, is with those who organise and stays there.

    What they handed back for cards comes to them apart.
    """
    outside = (AccountPurpose.CASH, AccountPurpose.BANK)
    came = select(func.coalesce(-func.sum(Account.balance_minor), 0)).where(
        Account.collaboration_id == group_buy.id, Account.purpose.in_(outside)
    )
    goes_back = (
        select(func.coalesce(func.sum(Refund.amount_minor), 0))
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Commitment, Commitment.id == Payment.commitment_id)
        .where(
            Commitment.collaboration_id == group_buy.id,
            Refund.intent_key == "",
            Refund.state == RefundState.WANTED,
        )
    )
    left_minor = int(session.scalar(came) or 0) - int(session.scalar(goes_back) or 0)
    return left_minor + reimbursed(session, group_buy.id)


def _tell(session: Session, group_buy: GroupBuy, parts: Iterable[Part], now: datetime) -> None:
    sums: dict[int, list[int]] = {}
    for part in parts:
        totals = sums.setdefault(part.participant_id, [0, 0])
        totals[0] += part.amount_minor
        totals[1] += part.amount_minor if part.is_reserve else 0
    for participant_id, (amount_minor, reserve_minor) in sums.items():
        account = account_of(session, participant_id)
        planned = PayoutPlanned(
            participant_id=participant_id,
            collaboration_id=group_buy.id,
            amount_minor=amount_minor,
            reserve_minor=reserve_minor,
            has_account=account is not None and account.can_receive,
        )
        events.record(session, planned, now=now)

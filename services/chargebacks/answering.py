"""Answering: those who sold tell the payer's bank why the charge is right; a job sends it once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment
from models.chargebacks import Chargeback, ChargebackState, OwnCharge
from models.errors import NotFound
from models.payments import Payment
from services import queue
from services.buying.settling import may_waive, payee_id
from services.chargebacks.happened import ChargebackAnswered, ChargebackAnswerRefused
from services.gateways.answers import GatewayRefused
from services.gateways.stripe import StripeGateway
from services.paging import Page, paged, position
from services.payments.finding import tell

# What Stripe takes of a text (docs, "dispute evidence": all of it together 150,000 characters).
LONGEST_ANSWER = 10_000


@dataclass(frozen=True)
class Questioned:
    """A chargeback with the order it is about."""

    chargeback: Chargeback
    commitment: GroupBuyCommitment
    group_buy: GroupBuy


@dataclass(frozen=True)
class AnswerCall:
    """An answer as it is sent to the gateway; without words nothing is said against it."""

    chargeback_id: int
    chargeback_key: str
    # What it was asked as: an inquiry that becomes a chargeback is answered anew.
    stage: str
    words: str

    @property
    def key(self) -> str:
        return f"chargeback:{self.chargeback_id}:{self.stage}:answer"


def find(session: Session, chargeback_id: int, *, actor: Actor, lock: bool = False) -> Questioned:
    """A chargeback, for those who organise the deal, who are paid by it, or who operate.

    Refuses everyone else with NotFound.
    """
    query = select(Chargeback).filter_by(id=chargeback_id)
    if lock:
        query = query.with_for_update(key_share=True)
    chargeback = session.scalar(query.execution_options(populate_existing=lock))
    if chargeback is None:
        raise NotFound
    payment = session.get_one(Payment, chargeback.payment_id)
    commitment = session.get_one(GroupBuyCommitment, payment.commitment_id)
    group_buy = session.get_one(GroupBuy, commitment.collaboration_id)
    if not may_answer(group_buy, actor) and not actor.member.is_operator:
        raise NotFound
    return Questioned(chargeback, commitment, group_buy)


def may_answer(group_buy: GroupBuy, actor: Actor) -> bool:
    return group_buy.is_organised_by(actor) or actor.may_manage(payee_id(group_buy))


def answer(
    session: Session, chargeback_id: int, words: str, *, actor: Actor, now: datetime
) -> None:
    """Keep what is told the bank and have it sent; it can be told once, and in time.

    Without `words` nothing is said against it: it is lost. Refuses with NotFound, with OwnCharge
    whoever paid it unless they are paid, and with ChargebackNotOpen what the bank no longer takes.
    """
    found = find(session, chargeback_id, actor=actor, lock=True)
    if not may_waive(found.group_buy, found.commitment, actor):
        raise OwnCharge
    found.chargeback.keep_answer(words, by_id=actor.member.id, now=now)
    told = {"chargeback_id": chargeback_id, "is_accepted": not words}
    tell(session, ChargebackAnswered, found.chargeback.payment, by=actor, now=now, **told)
    queue.defer(session, "chargebacks.send_answer", chargeback_id=chargeback_id)


def begin_answer(session: Session, chargeback_id: int) -> AnswerCall | None:
    """What is to be told the bank; None if nothing is, or the bank has decided."""
    chargeback = session.get_one(Chargeback, chargeback_id, populate_existing=True)
    if chargeback.answered_at is None or chargeback.state not in Chargeback.ANSWERABLE:
        return None
    return AnswerCall(chargeback.id, chargeback.key, str(chargeback.state), chargeback.answer)


def send_answer(gateway: StripeGateway, call: AnswerCall) -> bool:
    """Tell the bank; whether the gateway took it. Raises GatewayUnreachable.

    The same key tells it once.
    """
    try:
        if call.words:
            evidence = {"uncategorized_text": call.words}
            gateway.answer_chargeback(call.chargeback_key, evidence, submit=True, key=call.key)
        else:
            gateway.accept_chargeback(call.chargeback_key, key=call.key)
    except GatewayRefused:
        return False
    return True


def record_refusal(session: Session, chargeback_id: int, *, now: datetime) -> None:
    """The gateway did not take the answer. Unless the bank has decided meanwhile, give it anew."""
    chargeback = session.get_one(
        Chargeback, chargeback_id, populate_existing=True, with_for_update=True
    )
    if chargeback.state in Chargeback.ANSWERABLE and chargeback.answered_at is not None:
        chargeback.take_answer_back()
        tell(
            session,
            ChargebackAnswerRefused,
            chargeback.payment,
            chargeback_id=chargeback_id,
            amount_minor=chargeback.amount_minor,
            now=now,
        )


def unsent(session: Session) -> Sequence[int]:
    """The ids of those that were answered here, and whose bank does not say so yet."""
    return session.scalars(
        select(Chargeback.id).where(
            Chargeback.state.in_(Chargeback.ANSWERABLE), Chargeback.answered_at.is_not(None)
        )
    ).all()


def of_payment(session: Session, payment_id: int) -> Sequence[Chargeback]:
    """What banks asked about one payment, the newest first."""
    return session.scalars(
        select(Chargeback).filter_by(payment_id=payment_id).order_by(Chargeback.id.desc())
    ).all()


def of_deal(session: Session, group_buy: GroupBuy) -> Sequence[Questioned]:
    """The chargebacks of a deal, the newest first, at most 100."""
    query = _listed().where(GroupBuyCommitment.collaboration_id == group_buy.id).limit(100)
    return [Questioned(one, order, group_buy) for one, order, _ in session.execute(query)]


def answerable(session: Session, group_buy: GroupBuy, *, now: datetime) -> Sequence[Questioned]:
    """The chargebacks of a deal that wait for an answer, the most pressing first."""
    if not group_buy.by_card:
        return []
    found = [one for one in of_deal(session, group_buy) if one.chargeback.can_be_answered(now)]
    return sorted(found, key=lambda one: one.chargeback.answer_until_at or now)


def standing_against(session: Session, group_buy: GroupBuy) -> dict[int, Chargeback]:
    """By order, the newest chargeback for which its payment is questioned or gone."""
    if not group_buy.by_card:
        return {}
    stands = (*Chargeback.PENDING, ChargebackState.LOST)
    of_it = GroupBuyCommitment.collaboration_id == group_buy.id
    query = _listed().where(of_it, Chargeback.state.in_(stands))
    found = session.execute(query).all()
    return {order.id: one for one, order, _ in reversed(found)}


def pending(session: Session, *, after: str | None = None, limit: int = 24) -> Page[Questioned]:
    """All that banks have not decided yet, the newest first; for those who operate.

    Refuses with CursorNotValid.
    """
    query = _listed().where(Chargeback.state.in_(Chargeback.PENDING)).limit(limit + 1)
    since = position(after, int)
    if since is not None:
        query = query.where(Chargeback.id < since[0])
    found = [Questioned(*row) for row in session.execute(query)]
    return paged(found, limit, lambda one: (one.chargeback.id,))


def _listed() -> Select[Chargeback, GroupBuyCommitment, GroupBuy]:
    return (
        select(Chargeback, GroupBuyCommitment, GroupBuy)
        .join(Payment, Payment.id == Chargeback.payment_id)
        .join(GroupBuyCommitment, GroupBuyCommitment.id == Payment.commitment_id)
        .join(GroupBuy, GroupBuy.id == GroupBuyCommitment.collaboration_id)
        .order_by(Chargeback.id.desc())
    )

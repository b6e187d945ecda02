"""What members are told of group buys: all who committed, those who organise, or the one."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import Json
from models.buying import PickupPoint
from models.collaborations import Commitment, CommitmentState
from models.events import Event
from models.notices import NoticeKind
from services import paths
from services.reactions.audience import NOT_LEFT, tell_committed, tell_organisers, tell_seller
from services.reactions.registry import on
from services.reactions.telling import (
    commitment_of,
    deal_of,
    does_not_happen,
    money,
    tell_of_someone,
    tell_one,
    telling_of,
    why,
)


@on("GroupBuyJoined")
def joined(session: Session, event: Event, now: datetime) -> None:
    commitment = commitment_of(session, event)
    worst_case = money(commitment.worst_case_minor, commitment.collaboration)
    telling = telling_of(
        commitment.collaboration, NoticeKind.JOINED, "joined", worst_case=worst_case
    )
    tell_one(session, event, commitment, telling, now)
    tell_of_someone(session, event, commitment, "someone-joined", now)


@on("PutOnWaitingList")
def put_on_waiting_list(session: Session, event: Event, now: datetime) -> None:
    commitment = commitment_of(session, event)
    telling = telling_of(commitment.collaboration, NoticeKind.JOINED, "waiting")
    tell_one(session, event, commitment, telling, now)


@on("CommitmentChanged", "TermsAgreed")
def changed(session: Session, event: Event, now: datetime) -> None:
    commitment = commitment_of(session, event)
    worst_case = money(commitment.worst_case_minor, commitment.collaboration)
    message = "terms-agreed" if event.kind == "TermsAgreed" else "order-changed"
    telling = telling_of(
        commitment.collaboration, NoticeKind.JOINED, message, worst_case=worst_case
    )
    tell_one(session, event, commitment, telling, now)


@on("CommitmentWithdrawn")
def withdrawn(session: Session, event: Event, now: datetime) -> None:
    commitment = commitment_of(session, event)
    telling = telling_of(commitment.collaboration, NoticeKind.JOINED, "left")
    tell_one(session, event, commitment, telling, now)
    tell_of_someone(session, event, commitment, "someone-left", now)


@on("WaitingPlaceGiven")
def place_given(session: Session, event: Event, now: datetime) -> None:
    commitment = commitment_of(session, event)
    telling = telling_of(commitment.collaboration, NoticeKind.JOINED, "place-given")
    tell_one(session, event, commitment, telling, now)


# Event: the text that everyone concerned gets, what it is about, and whose orders it concerns.
TO_ALL: dict[str, tuple[str, NoticeKind, tuple[CommitmentState, ...]]] = {
    "GroupBuyTipped": ("tipped", NoticeKind.TIPPING, Commitment.ALIVE),
    "GroupBuyUntipped": ("untipped", NoticeKind.TIPPING, Commitment.ALIVE),
    "GroupBuyExtended": ("extended", NoticeKind.DECIDED, Commitment.ALIVE),
    "GroupBuyFailed": ("failed", NoticeKind.DECIDED, NOT_LEFT),
    "GroupBuyCancelled": ("cancelled", NoticeKind.DECIDED, NOT_LEFT),
    "GroupBuyPaused": ("paused", NoticeKind.DECIDED, NOT_LEFT),
    "GroupBuyResumed": ("resumed", NoticeKind.DECIDED, NOT_LEFT),
    "TermsChanged": ("terms-changed", NoticeKind.MESSAGE, Commitment.ALIVE),
    "GroupBuyOrdered": ("ordered", NoticeKind.DELIVERY, Commitment.TAKING_PART),
    "GroupBuyDelivered": ("delivered", NoticeKind.DELIVERY, Commitment.TAKING_PART),
    "HandOverBegun": ("hand-over-begun", NoticeKind.DELIVERY, Commitment.TAKING_PART),
    "GroupBuyCompleted": ("completed", NoticeKind.DELIVERY, Commitment.TAKING_PART),
    "GroupBuySettled": ("settled", NoticeKind.DELIVERY, Commitment.TAKING_PART),
}
# After these nobody is told anymore what came before, if it is told late.
OF_THE_END = ("GroupBuyFailed", "GroupBuyCancelled")
# These have a second text that says why.
WITH_REASON = ("failed", "cancelled", "paused", "resumed", "completed")
# These say until when.
WITH_CLOSE = ("extended", "terms-changed")


@on(*TO_ALL)
def tell_everyone(session: Session, event: Event, now: datetime) -> None:
    message, kind, states = TO_ALL[event.kind]
    deal = deal_of(session, event)
    if does_not_happen(deal) and event.kind not in OF_THE_END:
        return
    facts: Json = {}
    if message in WITH_REASON and event.reason:
        message, facts = f"{message}-because", {"reason": why(event.reason)}
    elif message in WITH_CLOSE:
        facts = {"closes_at": {"moment": event.facts["closes_at"]}}
    elif message == "hand-over-begun":
        points = session.scalars(select(PickupPoint).filter_by(group_buy_id=deal.id)).all()
        if len(points) == 1:
            message, facts = "hand-over-begun-at", _where(points[0].name, points[0].address)
            facts["from_at"] = {"moment": points[0].from_at.isoformat()}
    path = paths.terms(deal.slug) if message == "terms-changed" else ""
    telling = telling_of(deal, kind, message, path=path, **facts)
    tell_committed(session, event, telling, states=states, now=now)
    tell_organisers(session, event, telling, now=now)
    if message == "terms-changed":
        tell_seller(session, event, telling, now=now)


def _where(name: str, address: str) -> Json:
    return {"place": ", ".join(filter(None, (name, address)))}


# Events that ask something of those who organise.
TO_ORGANISERS = {
    "GroupBuyDecided": "decided",
    "SupplierAsked": "supplier-asked",
    "GroupBuyRunning": "running",
}


@on(*TO_ORGANISERS)
def tell_those_who_organise(session: Session, event: Event, now: datetime) -> None:
    message = TO_ORGANISERS[event.kind]
    deal = deal_of(session, event)
    if does_not_happen(deal):
        return
    path = paths.shortfall(deal.slug) if event.kind == "SupplierAsked" else ""
    telling = telling_of(deal, NoticeKind.ORGANISING, message, path=path)
    tell_organisers(session, event, telling, now=now)


@on("CommitmentSettled")
def settled(session: Session, event: Event, now: datetime) -> None:
    """Say whether one is in or out, as it stood when that was settled.

    Of what does not happen everyone is told once, and why, by `tell_everyone`.
    """
    commitment = commitment_of(session, event)
    deal = commitment.collaboration
    if does_not_happen(deal):
        return
    if event.facts["is_in"]:
        due = money(event.facts["due_minor"], deal)
        telling = telling_of(deal, NoticeKind.DECIDED, "in", due=due)
    elif event.reason:
        words = why(event.reason)
        telling = telling_of(deal, NoticeKind.DECIDED, "out-because", reason=words)
    else:
        telling = telling_of(deal, NoticeKind.DECIDED, "out")
    tell_one(session, event, commitment, telling, now)


@on("PickupChanged", "PickupAdded")
def pickup_changed(session: Session, event: Event, now: datetime) -> None:
    telling = telling_of(
        deal_of(session, event),
        NoticeKind.DELIVERY,
        "pickup-added" if event.kind == "PickupAdded" else "pickup-changed",
        from_at={"moment": event.facts["from_at"]},
        **_where(event.facts["name"], event.facts["address"]),
    )
    tell_committed(
        session, event, telling, states=(*Commitment.ALIVE, *Commitment.TAKING_PART), now=now
    )


@on("DeliveryShort")
def delivered_short(session: Session, event: Event, now: datetime) -> None:
    commitment = commitment_of(session, event)
    deal = commitment.collaboration
    refund_minor = event.facts.get("refund_minor", 0)
    if refund_minor:
        refund = money(refund_minor, deal)
        telling = telling_of(deal, NoticeKind.DELIVERY, "delivered-short-refund", refund=refund)
    else:
        telling = telling_of(deal, NoticeKind.DELIVERY, "delivered-short")
    tell_one(session, event, commitment, telling, now)


@on("PortionsWeighed")
def weighed(session: Session, event: Event, now: datetime) -> None:
    commitment = commitment_of(session, event)
    deal = commitment.collaboration
    refund = money(event.facts["refund_minor"], deal)
    telling = telling_of(deal, NoticeKind.DELIVERY, "delivered-weighed", refund=refund)
    tell_one(session, event, commitment, telling, now)


@on("HandedOver")
def handed_over(session: Session, event: Event, now: datetime) -> None:
    commitment = commitment_of(session, event)
    telling = telling_of(commitment.collaboration, NoticeKind.DELIVERY, "handed-over")
    tell_one(session, event, commitment, telling, now)


@on("HandOverUndone")
def hand_over_undone(session: Session, event: Event, now: datetime) -> None:
    commitment = commitment_of(session, event)
    telling = telling_of(commitment.collaboration, NoticeKind.DELIVERY, "hand-over-undone")
    tell_one(session, event, commitment, telling, now)

"""Payouts and chargebacks: who is paid is told what comes, and operators what goes wrong."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.base import Json
from models.buying import GroupBuy
from models.events import Event
from models.members import Role
from models.notices import NoticeKind
from services import notices, paths
from services.buying.settling import payee_id
from services.notices import Telling
from services.reactions.audience import organisers, voices, with_role
from services.reactions.registry import on
from services.reactions.telling import deal_of, money, telling_of


@on("PayoutAccountReady")
def ready(session: Session, event: Event, now: datetime) -> None:
    _tell_payee(session, event, "payout-account-ready", {}, now)


@on("PayoutDetailsNeeded")
def details_needed(session: Session, event: Event, now: datetime) -> None:
    until = event.facts["until"]
    if until:
        facts: Json = {"until": {"moment": until}}
        _tell_payee(session, event, "payout-details-needed-until", facts, now)
    else:
        _tell_payee(session, event, "payout-details-needed", {}, now)


@on("PayoutFailed")
def failed(session: Session, event: Event, now: datetime) -> None:
    amount = {"minor": event.facts["amount_minor"], "currency": event.facts["currency"]}
    _tell_payee(session, event, "payout-failed", {"amount": amount}, now)


@on("PayoutPlanned")
def planned(session: Session, event: Event, now: datetime) -> None:
    deal = deal_of(session, event)
    facts = event.facts
    message = "payout-planned" if facts["has_account"] else "payout-waits-for-account"
    if facts["has_account"] and facts["reserve_minor"]:
        message = "payout-planned-with-reserve"
    amount, reserve = money(facts["amount_minor"], deal), money(facts["reserve_minor"], deal)
    told = {"title": deal.title, "amount": amount, "reserve": reserve}
    _tell_payee(session, event, message, told, now)


@on("TakingBackRefused")
def owes(session: Session, event: Event, now: datetime) -> None:
    """Told with notice before it is set off: whoever owes can also pay it themself."""
    deal = deal_of(session, event)
    facts = {"title": deal.title, "amount": money(event.facts["amount_minor"], deal)}
    _tell_payee(session, event, "payout-owed-back", facts, now)
    _tell_operators(session, event, "taking-back-refused", facts, now)


@on("RemittanceRefused")
def refused(session: Session, event: Event, now: datetime) -> None:
    deal = deal_of(session, event)
    facts = {"title": deal.title, "amount": money(event.facts["amount_minor"], deal)}
    _tell_operators(session, event, "remittance-refused", facts, now)


@on("ChargebackOpened")
def opened(session: Session, event: Event, now: datetime) -> None:
    until = event.facts["until"]
    message = "chargeback-opened-until" if until else "chargeback-opened"
    if event.facts["is_inquiry"]:
        message = "chargeback-inquiry"
    more: dict[str, Any] = {"until": {"moment": until}} if until else {}
    _tell_sellers(session, event, message, now, **more)


@on("ChargebackAnswerRefused")
def answer_refused(session: Session, event: Event, now: datetime) -> None:
    _tell_sellers(session, event, "chargeback-answer-refused", now)


@on("ChargebackWon")
def won(session: Session, event: Event, now: datetime) -> None:
    _tell_sellers(session, event, "chargeback-won", now)


@on("ChargebackLost")
def lost(session: Session, event: Event, now: datetime) -> None:
    _tell_sellers(session, event, "chargeback-lost", now)


def _tell_payee(session: Session, event: Event, message: str, facts: Json, now: datetime) -> None:
    assert event.participant_id is not None, "Whoever is paid is named."
    # Money that cannot reach anybody is told whatever they have switched off.
    telling = Telling(NoticeKind.ACCOUNT, message, facts, paths.PAYOUTS)
    notices.tell_all(session, event, voices(session, {event.participant_id}), telling, now=now)


def _tell_operators(
    session: Session, event: Event, message: str, facts: Json, now: datetime
) -> None:
    telling = Telling(NoticeKind.ACCOUNT, message, facts, paths.MONEY)
    notices.tell_all(session, event, with_role(session, Role.OPERATOR), telling, now=now)


def _tell_sellers(
    session: Session, event: Event, message: str, now: datetime, **facts: Any
) -> None:
    deal = deal_of(session, event)
    assert isinstance(deal, GroupBuy)
    people = [
        *organisers(session, deal),
        *voices(session, {payee_id(deal)}),
        *with_role(session, Role.OPERATOR),
    ]
    telling = telling_of(
        deal,
        NoticeKind.ACCOUNT,
        message,
        path=paths.chargeback(event.facts["chargeback_id"]),
        amount=money(event.facts["amount_minor"], deal),
        **facts,
    )
    once = list({one.id: one for one in people}.values())
    notices.tell_all(session, event, once, telling, now=now)

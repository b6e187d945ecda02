"""Accounts at the gateway are known as the gateway knows them, though its messages get lost."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import db, jobs
from models.actors import Actor
from models.buying import GroupBuy
from models.events import Event
from models.notices import Notice
from models.payouts import ConnectedAccount
from services import payouts
from tests.make_payments import Bank
from tests.make_payouts import introduce, open_account, settle


def look_after(bank: Bank, at: datetime) -> None:
    bank.moment = at
    with db.at(at):
        jobs.TASKS["payouts.look_after"]()


def told(session: Session) -> list[str]:
    return list(session.scalars(select(Notice.message).order_by(Notice.id)))


def test_what_no_message_told_is_read_within_a_day(
    session: Session, bank: Bank, alice: Actor, now: datetime
) -> None:
    account = open_account(session, bank, alice, person="", at=now)
    introduce(bank, account.account_key)

    look_after(bank, now + timedelta(hours=23))
    session.refresh(account)
    assert not account.is_ready

    look_after(bank, now + timedelta(hours=25))
    session.refresh(account)
    assert account.is_ready
    bank.run(session, bank.moment)
    assert told(session) == ["payout-account-ready"]


def test_one_that_was_fine_is_looked_at_each_week(
    session: Session, bank: Bank, alice: Actor, now: datetime
) -> None:
    account = open_account(session, bank, alice, at=now)
    for days, expected in ((1, now), (6, now), (7, now + timedelta(days=7))):
        look_after(bank, now + timedelta(days=days))
        session.refresh(account)
        assert account.checked_at == expected


def test_its_messages_are_heard_and_details_told_once(
    session: Session, bank: Bank, alice: Actor, now: datetime
) -> None:
    account = open_account(session, bank, alice, person="", at=now)
    introduce(bank, account.account_key, "document")
    client = bank.app.test_client()
    messages = bank.webhooks()
    with db.at(now):
        for body, headers in messages[::-1] * 3:
            assert client.post("/payments/webhook", data=body, headers=headers).status_code == 200
    bank.run(session, now)

    session.refresh(account)
    assert (account.can_receive, account.needed) == (True, ["individual.verification.document"])
    assert told(session) == ["payout-details-needed-until"]
    kinds = session.scalars(select(Event.kind).where(Event.kind.like("Payout%")))
    assert list(kinds) == ["PayoutDetailsNeeded"]


def test_a_gateway_that_does_not_know_an_account_makes_it_be_opened_anew(
    session: Session, bank: Bank, alice: Actor, now: datetime
) -> None:
    account = open_account(session, bank, alice, at=now)
    account.account_key = "acct_of_another_house"
    session.flush()

    look_after(bank, now + timedelta(days=8))

    assert session.scalars(select(ConnectedAccount)).all() == []
    assert open_account(session, bank, alice, at=now).is_ready


def test_what_a_bank_did_not_take_is_told(
    session: Session, bank: Bank, alice: Actor, sold: GroupBuy, now: datetime
) -> None:
    open_account(session, bank, alice, person="bank", at=now)
    at = settle(session, bank, sold, alice)
    client = bank.app.test_client()
    bank.moment = at + timedelta(days=6)
    for body, headers in bank.webhooks():
        client.post("/payments/webhook", data=body, headers=headers)
    bank.run(session, bank.moment)

    assert "payout-failed" in told(session)
    account = payouts.account_of(session, alice.participant.id)
    assert account is not None
    session.refresh(account)
    assert (account.can_pay_out, "external_account" in account.needed) == (False, True)

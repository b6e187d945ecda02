"""A mail is written once, taken by one worker, and tried with growing pauses."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from models.errors import NotFound
from models.lifecycle import NotInThisState
from models.notices import BACK_OFF, SENDING_TIME, Mail, MailState
from services import mailing


@pytest.fixture
def mail(session, bob, now):
    write(session, bob, now)
    return session.scalars(select(Mail)).one()


def write(session, bob, now, key="welcome:1"):
    mailing.write(
        session,
        key=key,
        member=bob.member,
        to=bob.member.email,
        locale="de",
        template="notice",
        facts={"path": "/"},
        now=now,
    )


def jobs(session):
    rows = session.execute(
        text(
            "SELECT args, scheduled_at FROM procrastinate_jobs WHERE task_name = 'mail.send'"
            " ORDER BY id"
        )
    )
    return [(row.args["mail_id"], row.scheduled_at) for row in rows]


def test_the_same_key_writes_one_mail_and_one_job(session, bob, now):
    write(session, bob, now)
    write(session, bob, now)

    assert len(session.scalars(select(Mail)).all()) == len(jobs(session)) == 1


def test_only_one_worker_takes_a_mail(session, mail, now):
    assert mailing.take(session, mail.id, now=now) is mail

    assert mailing.take(session, mail.id, now=now + timedelta(seconds=10)) is None
    assert jobs(session)[-1] == (mail.id, now + SENDING_TIME)


def test_a_mail_of_a_dead_worker_is_taken_again(session, mail, now):
    mailing.take(session, mail.id, now=now)

    assert mailing.take(session, mail.id, now=now + SENDING_TIME) is mail
    assert mail.tries == 2


def test_what_was_sent_is_not_taken(session, mail, now):
    mailing.take(session, mail.id, now=now)
    mailing.mark_sent(session, mail.id, now=now)

    assert mailing.take(session, mail.id, now=now) is None
    assert (mail.state, mail.sent_at) == (MailState.SENT, now)


def test_failures_put_it_off_until_the_last_try(session, mail, now):
    for pause in BACK_OFF:
        mailing.take(session, mail.id, now=now)
        mailing.put_off(session, mail.id, "451 later", now=now)
        assert jobs(session)[-1] == (mail.id, now + pause)
        now += pause

    mailing.take(session, mail.id, now=now)
    mailing.put_off(session, mail.id, "451 later", now=now)

    assert (mail.state, mail.failure) == (MailState.FAILED, "451 later")
    assert len(jobs(session)) == 1 + len(BACK_OFF)


def test_the_operator_can_begin_again(session, mail, now):
    mailing.take(session, mail.id, now=now)
    mailing.give_up(session, mail.id, "550 unknown")
    assert mailing.failed(session) == [mail]

    mailing.send_again(session, mail.id)

    assert (mail.state, mail.tries, len(jobs(session))) == (MailState.WAITING, 0, 2)
    assert mailing.count_by_state(session) == {MailState.WAITING: 1}


def test_the_operator_lifts_a_refusal_by_sending_again(session, mail, bob, now):
    mailing.take(session, mail.id, now=now)
    mailing.refuse(session, mail.id, "550 5.1.1 no such user")
    session.flush()
    assert mailing.bounced_among(session, [bob.member.email]) == {bob.member.email}
    assert mailing.failed(session) == [mail]

    mailing.send_again(session, mail.id)

    assert mailing.bounced_among(session, [bob.member.email]) == set()
    assert (mail.state, mail.tries, len(jobs(session))) == (MailState.WAITING, 0, 2)


def test_only_a_mail_that_did_not_arrive_begins_again(session, mail):
    with pytest.raises(NotInThisState):
        mailing.send_again(session, mail.id)
    with pytest.raises(NotFound):
        mailing.send_again(session, mail.id + 1)


def test_what_did_not_arrive_is_forgotten_but_not_that_the_address_takes_none(session, bob, now):
    for key in ("waiting", "sent", "failed", "bounced"):
        write(session, bob, now, key=key)
    of = {mail.key: mail for mail in session.scalars(select(Mail))}
    mailing.mark_sent(session, of["sent"].id, now=now)
    mailing.give_up(session, of["failed"].id, "552 too large")
    mailing.refuse(session, of["bounced"].id, "550 5.1.1 no such user")
    session.flush()

    mailing.forget_old(session, now=now + timedelta(days=90))
    session.expire_all()
    assert {mail.key for mail in session.scalars(select(Mail)) if mail.facts} == set(of)

    mailing.forget_old(session, now=now + timedelta(days=91))
    session.expire_all()

    left = {mail.key: mail.facts for mail in session.scalars(select(Mail))}
    assert left == {"waiting": {"path": "/"}, "bounced": {}}
    assert mailing.bounced_among(session, [bob.member.email]) == {bob.member.email}


def test_of_a_mail_without_text_only_the_address_is_tried_again(session, mail, bob, now):
    mailing.refuse(session, mail.id, "550 5.1.1 no such user")
    session.flush()
    mailing.forget_old(session, now=now + timedelta(days=91))
    before = jobs(session)

    assert not mailing.send_again(session, mail.id)

    assert jobs(session) == before
    assert mailing.bounced_among(session, [bob.member.email]) == set()
    assert session.scalars(select(Mail)).all() == []


@pytest.mark.parametrize("before", MailState)
@pytest.mark.parametrize("after", MailState)
def test_mails_move_only_along_their_table(before, after):
    allowed = {
        (MailState.WAITING, MailState.SENT),
        (MailState.WAITING, MailState.FAILED),
        (MailState.WAITING, MailState.BOUNCED),
        (MailState.SENT, MailState.BOUNCED),
        (MailState.FAILED, MailState.WAITING),
        (MailState.BOUNCED, MailState.WAITING),
    }
    assert Mail(state=before).can_move(after) == ((before, after) in allowed)


def test_what_was_sent_again_meanwhile_bounces(session, mail, bob, now):
    mailing.take(session, mail.id, now=now)
    mailing.give_up(session, mail.id, "550")
    session.flush()
    # As another session would, after this one has read the mail.
    sent = update(Mail).values(state=MailState.SENT, sent_at=now)
    session.connection().execute(sent)
    assert mail.state == MailState.FAILED

    assert mailing.mark_bounced(session, bob.member.email, "not there") == 1

    assert mail.state == MailState.BOUNCED

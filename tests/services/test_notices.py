"""Notices reach a member once for each event, by the ways they chose."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.errors import NotFound
from models.events import Event
from models.members import Member
from models.notices import Mail, MailState, Notice, NoticeKind
from services import mailing, notices
from services.notices import CHOOSABLE, TEXTS, Telling, Ways
from services.notices.texts import placeholders
from tests import make
from tests.counting import counted


@pytest.fixture
def event(session, now):
    made = Event(kind="GroupBuyTipped", facts={}, happened_at=now)
    session.add(made)
    session.flush()
    return made


TIPPED = Telling(NoticeKind.TIPPING, "tipped", {"title": "Olive oil"}, "/group-buys/olive-oil")


def told(session, actor):
    return session.scalars(select(Notice).filter_by(member_id=actor.member.id)).all()


def mails(session, actor):
    return session.scalars(select(Mail).filter_by(member_id=actor.member.id)).all()


def test_a_member_is_told_on_the_page_and_by_mail(session, event, bob, now):
    telling = Telling(NoticeKind.TIPPING, "tipped", {"title": "Oil"}, "/x")
    notices.tell_all(session, event, [bob.member], telling, now=now)

    [notice] = told(session, bob)
    [mail] = mails(session, bob)
    assert (notice.message, notice.facts, notice.path) == ("tipped", {"title": "Oil"}, "/x")
    assert (mail.to_address, mail.template) == (bob.member.email, "notice")


def test_telling_thrice_tells_once(session, event, bob, now):
    for _ in range(3):
        notices.tell_all(session, event, [bob.member], TIPPED, now=now)

    assert len(told(session, bob)) == len(mails(session, bob)) == 1


def test_telling_many_asks_no_more_often_than_telling_a_few(session, event, now):
    counts = []
    for size in (2, 8):
        people = [make.actor(session, f"Reader{size}-{one}", now=now) for one in range(size)]
        members = [one.member for one in people]
        with counted(session) as statements:
            notices.tell_all(session, event, members, TIPPED, now=now)
        counts.append(len(statements))
        assert len(mails(session, people[-1])) == 1

    assert counts[0] == counts[1]


def test_preferences_decide_how_one_hears(session, event, alice, bob, now):
    notices.prefer(session, alice.member.id, {NoticeKind.TIPPING: Ways(True, False)})
    notices.prefer(session, bob.member.id, {NoticeKind.TIPPING: Ways(False, True)})

    notices.tell_all(session, event, [alice.member, bob.member], TIPPED, now=now)

    assert (len(told(session, alice)), len(mails(session, alice))) == (1, 0)
    assert (len(told(session, bob)), len(mails(session, bob))) == (0, 1)


def test_a_moderators_reasons_reach_everyone(session, event, bob, now):
    notices.prefer(session, bob.member.id, {NoticeKind.MODERATION: Ways(False, False)})

    telling = Telling(NoticeKind.MODERATION, "measure-hidden", {"title": "Oil"})
    notices.tell_all(session, event, [bob.member], telling, now=now)

    assert len(told(session, bob)) == len(mails(session, bob)) == 1


def test_whoever_left_or_never_confirmed_is_passed_over(session, event, alice, bob, now):
    alice.member.closed_at = now
    bob.member.confirmed_at = None

    notices.tell_all(session, event, [alice.member, bob.member], TIPPED, now=now)

    assert told(session, alice) == told(session, bob) == []


def test_no_notice_is_mailed_to_an_address_that_bounced(session, event, bob, now):
    mailing.write(
        session,
        key="first",
        member=bob.member,
        to=bob.member.email,
        locale="en",
        template="notice",
        facts={},
        now=now,
    )
    [mail] = mails(session, bob)
    mail.mark_sent(now)
    assert mailing.mark_bounced(session, bob.member.email.upper(), "550 no such user") == 1

    notices.tell_all(session, event, [bob.member], TIPPED, now=now)

    assert len(told(session, bob)) == 1
    assert [one.state for one in mails(session, bob)] == [MailState.BOUNCED]


def test_a_text_without_its_facts_is_our_own_mistake():
    with pytest.raises(ValueError, match="lacks title"):
        Telling(NoticeKind.TIPPING, "tipped", {})


@pytest.mark.parametrize("message", TEXTS)
def test_every_text_names_its_facts_in_words(message):
    assert all(re.fullmatch("[a-z_]+", name) for name in placeholders(message))
    assert "%" not in re.sub(r"%\(\w+\)s", "", TEXTS[message])


def test_the_inbox_goes_on_where_a_page_ends(session, event, bob, now):
    for number in range(5):
        telling = Telling(NoticeKind.TIPPING, "tipped", {"title": f"Oil {number}"})
        session.add(
            Notice(
                member_id=bob.member.id,
                event_id=event.id,
                kind=telling.kind,
                message=f"m{number}",
                facts=telling.facts,
                made_at=now,
            )
        )
        session.flush()

    first, before = notices.inbox(session, bob.member, limit=3)
    rest, end = notices.inbox(session, bob.member, limit=3, before=before)

    assert [one.message for one in (*first, *rest)] == ["m4", "m3", "m2", "m1", "m0"]
    assert end is None


def unread(session, actor):
    mine = select(Member.id.label("member_id")).where(Member.id == actor.member.id).subquery()
    return session.scalar(select(notices.unread_of(mine)).select_from(mine))


def test_reading_counts_down(session, event, alice, bob, now):
    notices.tell_all(session, event, [alice.member, bob.member], TIPPED, now=now)
    [notice] = told(session, bob)

    notices.open_one(session, bob.member, notice.id, now=now)
    session.flush()

    assert unread(session, bob) == 0
    assert unread(session, alice) == 1
    notices.mark_all_read(session, alice.member, now=now + timedelta(hours=1))
    assert unread(session, alice) == 0


def test_nobody_reads_anothers_notice(session, event, alice, bob, now):
    notices.tell_all(session, event, [bob.member], TIPPED, now=now)
    [notice] = told(session, bob)

    with pytest.raises(NotFound):
        notices.open_one(session, alice.member, notice.id, now=now)


def test_stopping_mail_leaves_the_page_as_it_was(session, bob):
    notices.prefer(session, bob.member.id, {NoticeKind.MESSAGE: Ways(False, True)})

    notices.stop_mail(session, bob.member.id, NoticeKind.MESSAGE)
    notices.stop_mail(session, bob.member.id, NoticeKind.DELIVERY)

    ways = notices.preferences(session, bob.member)
    assert ways[NoticeKind.MESSAGE] == Ways(False, False)
    assert ways[NoticeKind.DELIVERY] == Ways(True, False)
    assert set(ways) == set(CHOOSABLE)

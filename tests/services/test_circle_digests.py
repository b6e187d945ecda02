"""Once a week members read what happened in their circles, in one mail and once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from marketplace import jobs, mailer
from models.actors import Actor
from models.circles import Circle
from models.collaborations import Visibility
from models.notices import Mail, NoticeKind
from services import circles, dialogue, notices
from services.circles import digests
from services.notices import Ways
from tests import make, make_members, make_talk
from tests.counting import counted
from tests.make_buying import group_buy
from tests.make_circles import circle, join, member, visit


@pytest.fixture
def room(session: Session, alice: Actor, bob: Actor, now: datetime) -> Circle:
    """Alice's circle, in which Bob has been for two weeks."""
    before = now - timedelta(days=14)
    made = circle(session, alice, now=before)
    member(session, made, bob, by=alice, now=before)
    return made


def digest(session: Session, actor: Actor, *, now: datetime) -> Any:
    """What the mails of the week tell somebody, none or one."""
    circles.write_digests(session, until=now, now=now)
    mails = session.scalars(
        select(Mail).filter_by(member_id=actor.member.id, template="digest").order_by(Mail.id)
    ).all()
    return [mail.facts["circles"] for mail in mails]


def test_a_week_in_which_nothing_happened_is_no_mail(
    session: Session, room: Circle, bob: Actor, now: datetime
) -> None:
    assert digest(session, bob, now=now) == []


def test_what_was_said_begun_and_who_came(
    session: Session, room: Circle, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    yesterday = now - timedelta(days=1)
    join(session, room, charlie, now=yesterday)
    make_talk.ask(session, room, actor=bob, now=yesterday)
    hidden = make_talk.ask(session, room, body="Oops", actor=bob, now=yesterday)
    dialogue.take_back(session, hidden.id, actor=bob, now=yesterday)
    make_talk.ask(session, room, body="Long ago", actor=bob, now=now - timedelta(days=8))
    deal = group_buy(session, alice, circle_id=room.id, now=yesterday)
    group_buy(session, alice, circle_id=room.id, visibility=Visibility.LINK, now=yesterday)

    assert digest(session, bob, now=now) == [[{
        "name": "Oil friends", "path": "/circles/oil-friends", "messages": 1, "members": 1,
        "deals": [{"title": deal.title, "path": f"/group-buys/{deal.slug}"}],
    }]]  # fmt: skip


def test_a_week_is_told_once(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    make_talk.ask(session, room, actor=alice, now=now)

    for minutes in (0, 5):
        assert len(digest(session, bob, now=now + timedelta(minutes=minutes))) == 1


def test_whoever_wants_none_left_or_is_not_confirmed_gets_none(
    session: Session, room: Circle, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    join(session, room, charlie, now=now)
    greta = make_members.unconfirmed(session, "Greta", now=now)
    greta.member.confirmed_at = now
    join(session, room, greta, now=now)
    greta.member.confirmed_at = None
    make_talk.ask(session, room, actor=alice, now=now)
    notices.prefer(session, bob.member.id, {NoticeKind.DIGEST: Ways(on_page=True, by_mail=False)})
    circles.leave(session, visit(session, room, charlie), actor=charlie, now=now)
    session.flush()

    for actor in (bob, charlie, greta):
        assert digest(session, actor, now=now) == []


def test_an_ended_circle_is_told_of_no_more(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    make_talk.ask(session, room, actor=alice, now=now)
    circles.archive(session, visit(session, room, alice), actor=alice, now=now)

    assert digest(session, bob, now=now) == []


def test_thousands_are_written_to_batch_after_batch(
    app: Any, session: Session, room: Circle, alice: Actor, now: datetime, monkeypatch: Any
) -> None:
    monkeypatch.setattr(digests, "BATCH", 3)
    for number in range(8):
        join(session, room, make.actor(session, f"M{number}", now=now), now=now)
    session.execute(text("DELETE FROM procrastinate_jobs"))

    with counted(session) as statements:
        circles.write_digests(session, until=now, now=now)
    with app.app_context():
        jobs.run_due(at=now)

    assert len(session.scalars(select(Mail).filter_by(template="digest")).all()) == 10
    assert len(statements) <= 12


def test_the_mail_names_each_circle_and_can_be_ended(
    app: Any, session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    deal = group_buy(session, alice, circle_id=room.id, now=now)
    make_talk.ask(session, room, actor=alice, now=now)
    digest(session, bob, now=now)
    [mail] = session.scalars(select(Mail).filter_by(member_id=bob.member.id, template="digest"))

    with app.test_request_context():
        message = mailer.render(mail, app.config["SETTINGS"], now=now)

    words = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert message["Subject"] == "The week in your circles"
    assert "Oil friends\n1 new message" in words
    assert f"http://localhost/group-buys/{deal.slug}" in words
    assert "List-Unsubscribe" in message

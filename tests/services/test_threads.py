"""What is said in a circle and beside a deal: who is marked, mentioned, told, muted and hidden."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace import jobs
from models.actors import Actor
from models.circles import (
    Admission,
    Circle,
    CircleArchived,
    CircleVisibility,
    NotASteward,
    NotInCircle,
)
from models.collaborations import Visibility
from models.dialogue import (
    Following,
    HiddenAlready,
    Mark,
    Mention,
    Message,
    NothingToAnswer,
    NotYoursToEdit,
    ThreadFollower,
)
from models.disputes import Target
from models.errors import NotAllowed, NotFound
from models.events import Event
from models.notices import Notice
from services import circles, dialogue, disputes, reactions
from services.dialogue import following
from services.dialogue.mentioning import MENTIONED
from services.dialogue.reading import ANSWERS_SHOWN
from services.dialogue.writing import HidingHasAReason
from services.reactions import circle_audience
from tests import make, make_talk
from tests.counting import counted
from tests.make_buying import group_buy, join
from tests.make_circles import circle, member, visit

PRIVATE: dict[str, Any] = {
    "visibility": CircleVisibility.PRIVATE, "admission": Admission.INVITATION,
}  # fmt: skip


@pytest.fixture
def room(session: Session, alice: Actor, bob: Actor, now: datetime) -> Circle:
    """Alice's circle, in which Bob is."""
    made = circle(session, alice, now=now)
    member(session, made, bob, by=alice, now=now)
    return made


def react(session: Session, *kinds: str, now: datetime) -> None:
    for event in session.scalars(
        select(Event).where(Event.kind.in_(kinds)).order_by(Event.id)
    ).all():
        for _ in range(2):
            reactions.run(session, event.id, now=now)
    session.flush()


def told(session: Session, actor: Actor) -> list[str]:
    rows = session.scalars(select(Notice).filter_by(member_id=actor.member.id).order_by(Notice.id))
    return [notice.message for notice in rows]


def say(session: Session, about: Any, actor: Actor, body: str, *, now: datetime) -> Message:
    return make_talk.ask(session, about, body=body, actor=actor, now=now)


# Who writes, and as what.


def test_members_write_and_all_others_read(
    session: Session, room: Circle, bob: Actor, charlie: Actor, now: datetime
) -> None:
    said = say(session, room, bob, "Hello", now=now)

    assert make_talk.thread(session, room, None).comments == [said]
    with pytest.raises(NotInCircle):
        say(session, room, charlie, "Hello", now=now)
    with pytest.raises(NotInCircle):
        make_talk.answer(session, room, said.id, actor=charlie, now=now)


def test_a_stranger_writes_nothing(session: Session, deal_of_alice: Any, now: datetime) -> None:
    subject = make_talk.subject(session, deal_of_alice, None)

    with pytest.raises(NotAllowed):
        dialogue.comment(session, subject, body="x", lang="en", now=now)


@pytest.fixture
def deal_of_alice(session: Session, alice: Actor, now: datetime) -> Any:
    return group_buy(session, alice, now=now)


def test_whoever_runs_it_is_marked(
    session: Session, room: Circle, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    mill = make.organisation(session, "Mill", owner=charlie, now=now)
    deal = group_buy(session, alice, supplier_id=mill.participant.id, now=now)

    assert say(session, room, alice, "Hi", now=now).mark == Mark.STEWARD
    assert say(session, room, bob, "Hi", now=now).mark == Mark.NONE
    assert say(session, deal, alice, "Hi", now=now).mark == Mark.ORGANISER
    assert say(session, deal, mill, "Hi", now=now).mark == Mark.SUPPLIER
    # In person, nobody speaks for the mill.
    in_person = Actor(charlie.member, charlie.participant, mill.memberships, mill.organisations)
    assert say(session, deal, in_person, "Hi", now=now).mark == Mark.NONE


def test_an_ended_circle_is_read_and_not_written_in(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    said = say(session, room, bob, "Hello", now=now)
    circles.archive(session, visit(session, room, alice), actor=alice, now=now)

    assert make_talk.thread(session, room, bob).comments == [said]
    with pytest.raises(CircleArchived):
        say(session, room, bob, "Again", now=now)


def test_what_is_said_inside_is_not_there_for_others(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    listed = circle(session, alice, visibility=CircleVisibility.LISTED, now=now)
    hidden = circle(session, alice, now=now, **PRIVATE)
    with pytest.raises(NotInCircle):
        make_talk.subject(session, listed, charlie)
    with pytest.raises(NotFound):
        make_talk.subject(session, hidden, charlie)
    for room in (listed, hidden):
        said = say(session, room, alice, "Between us", now=now)
        with pytest.raises(NotFound):
            dialogue.of_message(session, said, actor=charlie)
        with pytest.raises(NotFound):
            disputes.find_target(session, Target.MESSAGE, said.id, actor=charlie)


def test_a_comment_of_another_thread_is_not_answered_here(
    session: Session, room: Circle, alice: Actor, deal_of_alice: Any, now: datetime
) -> None:
    elsewhere = say(session, deal_of_alice, alice, "Hello", now=now)

    with pytest.raises(NothingToAnswer):
        make_talk.answer(session, room, elsewhere.id, actor=alice, now=now)


def test_a_word_to_all_members_is_the_stewards(
    session: Session, room: Circle, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    with pytest.raises(NotASteward):
        make_talk.announce(session, room, body="All", actor=bob, now=now)
    make_talk.announce(session, room, body="On Saturday", actor=alice, now=now)

    react(session, "AnnouncementMade", now=now)

    assert told(session, bob) == ["announced-in-circle"]
    assert told(session, alice) == told(session, charlie) == []
    # Those who only read a public circle are not meant.
    assert make_talk.thread(session, room, charlie).comments == ()


def test_all_members_are_told_batch_after_batch(
    app: Any, session: Session, room: Circle, alice: Actor, now: datetime, monkeypatch: Any
) -> None:
    monkeypatch.setattr(circle_audience, "BATCH", 2)
    crowd = [make.actor(session, f"M{number}", now=now) for number in range(5)]
    for actor in crowd:
        member(session, room, actor, by=alice, now=now)
    make_talk.announce(session, room, body="On Saturday", actor=alice, now=now)
    [event] = session.scalars(select(Event).filter_by(kind="AnnouncementMade"))
    session.execute(text("DELETE FROM procrastinate_jobs"))

    reactions.run(session, event.id, now=now)
    with app.app_context():
        jobs.run_due(at=now)

    assert [told(session, actor) for actor in crowd] == [["announced-in-circle"]] * 5


# Mentions.


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("@bob-1", ["bob-1"]),
        ("Hi @bob-1, and (@eve-2).", ["bob-1", "eve-2"]),
        ("mail@bob.example, a@b, @@bob, @Bob, /@bob", []),
        ("@bob@eve @-bob @", []),
    ],
)
def test_what_is_a_mention(words: str, found: list[str]) -> None:
    assert MENTIONED.findall(words) == found


def test_whoever_is_mentioned_is_told_once_and_named(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    said = say(session, room, alice, f"@{bob.participant.slug}, will you bring cake?", now=now)

    react(session, "CommentMade", now=now)

    assert told(session, bob) == ["mentioned"]
    names = make_talk.thread(session, room, None).names
    assert names == {said.id: {bob.participant.slug: "Bob"}}


def test_nobody_is_called_to_what_they_may_not_read(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, dana: Actor, now: datetime
) -> None:
    hidden = circle(session, alice, now=now, **PRIVATE)
    member(session, hidden, dana, by=alice, now=now)
    named = group_buy(session, alice, visibility=Visibility.NAMED, now=now)
    everyone = " ".join(f"@{one.participant.slug}" for one in (bob, charlie, dana))

    for about in (hidden, named):
        say(session, about, alice, everyone, now=now)
    react(session, "CommentMade", now=now)

    assert told(session, bob) == told(session, charlie) == []
    assert told(session, dana) == ["mentioned"]


def test_a_public_deal_may_call_anybody_and_its_word_to_all_only_those_in_it(
    session: Session, deal_of_alice: Any, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    join(session, deal_of_alice, bob, 1, now=now)
    both = f"@{bob.participant.slug} @{charlie.participant.slug}"

    asked = say(session, deal_of_alice, alice, both, now=now)
    announced = make_talk.announce(session, deal_of_alice, body=both, actor=alice, now=now)

    def called(message: Message) -> set[int]:
        rows = session.scalars(select(Mention.participant_id).filter_by(message_id=message.id))
        return set(rows)

    assert called(asked) == {bob.participant.id, charlie.participant.id}
    assert called(announced) == {bob.participant.id}


# Following and muting.


def test_whoever_follows_hears_all_and_who_wrote_follows(
    session: Session, room: Circle, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    dialogue.follow(
        session, make_talk.subject(session, room, charlie), Following.FOLLOWED, actor=charlie,
        now=now,
    )  # fmt: skip
    say(session, room, bob, "One", now=now)
    react(session, "CommentMade", now=now)
    say(session, room, alice, "Two", now=now)

    react(session, "CommentMade", now=now)

    assert told(session, charlie) == ["commented"] * 2
    assert told(session, bob) == ["commented"]
    # She follows since she wrote, and the first comment was told once more.
    assert told(session, alice) == ["commented"]


def test_whoever_mutes_a_thread_hears_nothing_of_it(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    asked = say(session, room, bob, "One", now=now)
    subject = make_talk.subject(session, room, bob)
    dialogue.follow(session, subject, Following.MUTED, actor=bob, now=now)
    say(session, room, alice, f"@{bob.participant.slug}", now=now)
    make_talk.answer(session, room, asked.id, actor=alice, now=now)
    # Writing once more does not bring it back.
    say(session, room, bob, "Two", now=now)

    react(session, "CommentMade", "CommentAnswered", now=now)

    assert told(session, bob) == []
    assert dialogue.following_of(session, subject) == Following.MUTED


def test_one_can_hear_again_of_what_is_said_to_one(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    asked = say(session, room, bob, "One", now=now)
    subject = make_talk.subject(session, room, bob)
    dialogue.follow(session, subject, None, actor=bob, now=now)
    say(session, room, alice, "Two", now=now)
    make_talk.answer(session, room, asked.id, actor=alice, now=now)

    react(session, "CommentMade", "CommentAnswered", now=now)

    assert told(session, bob) == ["answered"]


def test_followers_are_told_batch_after_batch(
    app: Any, session: Session, room: Circle, alice: Actor, now: datetime, monkeypatch: Any
) -> None:
    monkeypatch.setattr(following, "BATCH", 2)
    crowd = [make.actor(session, f"M{number}", now=now) for number in range(5)]
    for actor in crowd:
        subject = make_talk.subject(session, room, actor)
        dialogue.follow(session, subject, Following.FOLLOWED, actor=actor, now=now)
    session.execute(text("DELETE FROM procrastinate_jobs"))
    say(session, room, alice, f"@{crowd[3].participant.slug}", now=now)

    with app.app_context():
        jobs.run_due(at=now)

    assert [told(session, actor) for actor in crowd] == [
        ["mentioned"] if number == 3 else ["commented"] for number in range(5)
    ]


def test_a_thread_is_followed_once(
    session: Session, room: Circle, bob: Actor, now: datetime
) -> None:
    say(session, room, bob, "One", now=now)
    say(session, room, bob, "Two", now=now)

    assert len(session.scalars(select(ThreadFollower)).all()) == 1
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(
            ThreadFollower(
                circle_id=room.id,
                member_id=bob.member.id,
                following=Following.MUTED,
                since_at=now,
            )
        )
        session.flush()


def test_a_message_is_about_one_thing(
    session: Session, room: Circle, deal_of_alice: Any, bob: Actor, now: datetime
) -> None:
    say(session, room, bob, "One", now=now)

    for about in (deal_of_alice.id, None):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(
                text("UPDATE messages SET collaboration_id = :deal, circle_id = :circle"),
                {"deal": about, "circle": room.id if about else None},
            )


# Changing and hiding.


def test_what_was_said_before_stays_to_be_read(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    said = say(session, room, bob, "One", now=now)
    subject = make_talk.subject(session, room, bob)
    later = now + timedelta(minutes=5)

    for body in ("Two", "Two", f"Three @{alice.participant.slug}"):
        dialogue.edit(session, subject, said.id, body=body, lang="en", now=later)

    assert (said.body[:5], said.edited_at) == ("Three", later)
    assert [one.body for one in dialogue.versions(session, said)] == ["One", "Two"]
    react(session, "MessageEdited", now=later)
    assert told(session, alice) == ["mentioned"]


def test_only_its_author_changes_a_message_and_only_while_it_stands(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    said = say(session, room, bob, "One", now=now)

    with pytest.raises(NotYoursToEdit):
        subject = make_talk.subject(session, room, alice)
        dialogue.edit(session, subject, said.id, body="Two", lang="en", now=now)
    dialogue.take_back(session, said.id, actor=bob, now=now)
    with pytest.raises(HiddenAlready):
        subject = make_talk.subject(session, room, bob)
        dialogue.edit(session, subject, said.id, body="Two", lang="en", now=now)


def test_a_steward_hides_what_does_not_belong_and_says_why(
    session: Session, room: Circle, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    member(session, room, charlie, by=alice, now=now)
    said = say(session, room, bob, "Buy my pills", now=now)
    as_steward = make_talk.subject(session, room, alice)

    with pytest.raises(NotASteward):
        members = make_talk.subject(session, room, charlie)
        dialogue.hide_in_circle(session, members, said.id, reason="So", now=now)
    with pytest.raises(HidingHasAReason):
        dialogue.hide_in_circle(session, as_steward, said.id, reason="", now=now)
    dialogue.hide_in_circle(session, as_steward, said.id, reason="Advertising.", now=now)
    with pytest.raises(HiddenAlready):
        dialogue.hide_in_circle(session, as_steward, said.id, reason="Again", now=now)

    react(session, "MessageHidden", now=now)
    assert told(session, bob) == ["message-hidden"]
    assert make_talk.thread(session, room, alice).comments == ()


def test_a_steward_hides_nothing_elsewhere(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    other = circle(session, bob, now=now)
    said = say(session, other, bob, "Mine", now=now)

    with pytest.raises(HiddenAlready):
        subject = make_talk.subject(session, room, alice)
        dialogue.hide_in_circle(session, subject, said.id, reason="So", now=now)


# Long threads.


def test_under_a_comment_stand_its_newest_answers_and_all_on_its_page(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    asked = say(session, room, bob, "One", now=now)
    for number in range(ANSWERS_SHOWN + 3):
        make_talk.answer(session, room, asked.id, body=str(number), actor=alice, now=now)

    thread = make_talk.thread(session, room, None)
    first = dialogue.answers_to(session, asked, limit=6)
    rest = dialogue.answers_to(session, asked, since=int(first.after or 0), limit=6)

    assert [one.body for one in thread.answers[asked.id]] == ["3", "4", "5", "6", "7"]
    assert thread.answered_more == {asked.id}
    assert [one.body for one in (*first.rows, *rest.rows)] == [str(one) for one in range(8)]
    assert rest.after is None


def test_a_long_thread_takes_as_many_statements_as_a_short_one(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    def statements() -> int:
        session.flush()
        session.expire_all()
        subject = make_talk.subject(session, room, None)
        with counted(session) as asked:
            dialogue.thread(session, subject)
        return len(asked)

    said = say(session, room, bob, f"@{alice.participant.slug}", now=now)
    make_talk.answer(session, room, said.id, actor=alice, now=now)
    short = statements()
    for number in range(15):
        one = say(session, room, alice, f"{number} @{bob.participant.slug}", now=now)
        session.add(
            Message(
                circle_id=room.id, author_id=bob.participant.id, made_by_id=bob.member.id,
                answers_id=one.id, body="Yes", made_at=now,
            )
        )  # fmt: skip

    assert statements() == short == 3

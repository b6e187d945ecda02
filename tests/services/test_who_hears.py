"""Who is told what is said: those alone who may read it at that moment, and by whose mark."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models.actors import Actor
from models.circles import (
    Admission,
    Circle,
    CircleKind,
    CircleMembership,
    CircleRole,
    CircleVisibility,
    NotASteward,
)
from models.collaborations import Visibility
from models.dialogue import Following, Mark, Mention, NothingToAnswer
from models.events import Event
from models.notices import Notice
from services import buying, circles, dialogue, reactions
from services.buying import inviting as guests
from services.circles import Description
from tests import make, make_talk
from tests.make_buying import add_co_organiser, commitment_of, group_buy
from tests.make_buying import join as order
from tests.make_circles import circle, join, member, visit

PRIVATE: dict[str, Any] = {
    "visibility": CircleVisibility.PRIVATE, "admission": Admission.INVITATION,
}  # fmt: skip


@pytest.fixture
def room(session: Session, alice: Actor, bob: Actor, now: datetime) -> Circle:
    """Alice's private circle, in which Bob is."""
    made = circle(session, alice, now=now, **PRIVATE)
    member(session, made, bob, by=alice, now=now)
    return made


def heard(session: Session, actor: Actor, *, now: datetime) -> list[str]:
    """What they are told of all that was said, once everything has followed from it."""
    said = ("CommentMade", "CommentAnswered", "MessageEdited", "AnnouncementMade")
    for event in session.scalars(select(Event).where(Event.kind.in_(said)).order_by(Event.id)):
        reactions.run(session, event.id, now=now)
    session.flush()
    rows = session.scalars(select(Notice).filter_by(member_id=actor.member.id).order_by(Notice.id))
    return [notice.message for notice in rows]


def own(session: Session, made: Circle, actor: Actor) -> CircleMembership:
    return session.scalars(
        select(CircleMembership).filter_by(circle_id=made.id, participant_id=actor.participant.id)
    ).one()


# Who may not read it any more.


@pytest.mark.parametrize("way", ["left", "removed"])
def test_who_is_not_in_a_private_circle_any_more_hears_nothing_of_it(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime, way: str
) -> None:
    asked = make_talk.ask(session, room, body="Hello", actor=bob, now=now)
    if way == "left":
        circles.leave(session, visit(session, room, bob), actor=bob, now=now)
    else:
        gone = own(session, room, bob).id
        circles.remove(
            session, visit(session, room, alice), gone, reason="Rude", actor=alice, now=now
        )

    make_talk.answer(session, room, asked.id, body="Among us", actor=alice, now=now)
    make_talk.ask(session, room, body=f"@{bob.participant.slug} is gone", actor=alice, now=now)

    assert heard(session, bob, now=now) == []


def test_who_followed_a_circle_that_became_private_hears_no_more(
    session: Session, alice: Actor, charlie: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    thread = make_talk.subject(session, made, charlie)
    dialogue.follow(session, thread, Following.FOLLOWED, actor=charlie, now=now)
    make_talk.ask(session, made, body="For all", actor=alice, now=now)
    assert heard(session, charlie, now=now) == ["commented"]

    private = Description(name="Ours", kind=CircleKind.BUYING, **PRIVATE)
    circles.edit(session, visit(session, made, alice), private, actor=alice, now=now)
    make_talk.ask(session, made, body="Among us", actor=alice, now=now)

    assert heard(session, charlie, now=now) == ["commented"]


def test_who_was_taken_off_the_list_hears_no_more_of_the_deal(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    deal = group_buy(session, alice, visibility=Visibility.NAMED, now=now)
    guests.name_guest(session, deal, bob.participant.slug, actor=alice, now=now)
    session.flush()
    make_talk.ask(session, deal, actor=bob, now=now)
    guests.unname_guest(session, deal, bob.participant.id)
    session.expire_all()

    make_talk.ask(session, deal, body="Among us", actor=alice, now=now)

    assert heard(session, bob, now=now) == []


def test_who_left_the_circle_hears_no_more_of_what_is_done_in_it(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    deal = group_buy(session, alice, visibility=Visibility.CIRCLE, circle_id=room.id, now=now)
    make_talk.ask(session, deal, actor=bob, now=now)
    circles.leave(session, visit(session, room, bob), actor=bob, now=now)

    make_talk.ask(session, deal, body="Among us", actor=alice, now=now)

    assert heard(session, bob, now=now) == []


def test_who_wrote_for_an_organisation_and_left_it_hears_no_more(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    mill = make.organisation(session, "Mill", owner=bob, now=now)
    made = circle(session, alice, now=now, **PRIVATE)
    member(session, made, mill, by=alice, now=now)
    make_talk.ask(session, made, body="From the mill", actor=mill, now=now)
    session.execute(text("DELETE FROM memberships WHERE member_id = :id"), {"id": bob.member.id})
    session.expire_all()

    make_talk.ask(session, made, body="Among us", actor=alice, now=now)

    assert heard(session, bob, now=now) == []


# Who hears it.


def test_members_are_called_beside_what_is_done_in_their_circle(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    deal = group_buy(session, alice, visibility=Visibility.CIRCLE, circle_id=room.id, now=now)

    make_talk.ask(session, deal, body=f"@{bob.participant.slug} look", actor=alice, now=now)

    assert heard(session, bob, now=now) == ["mentioned"]


def test_whoever_came_by_the_link_hears_answers(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    deal = group_buy(session, alice, visibility=Visibility.LINK, now=now)
    subject = dialogue.find_deal(session, deal.id, actor=bob, link_key=deal.link_key)
    asked = dialogue.comment(session, subject, body="Cold pressed?", lang="en", now=now)

    make_talk.answer(session, deal, asked.id, actor=alice, now=now)

    assert heard(session, bob, now=now) == ["answered"]


def test_co_organisers_hear_what_is_asked_beside_a_deal_for_few(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    deal = group_buy(session, alice, visibility=Visibility.NAMED, now=now)
    add_co_organiser(session, deal, bob.member.email, actor=alice, now=now)
    guests.name_guest(session, deal, charlie.participant.slug, actor=alice, now=now)
    session.expire_all()
    before = heard(session, bob, now=now)

    make_talk.ask(session, deal, actor=charlie, now=now)

    assert heard(session, bob, now=now) == [*before, "asked"]


def test_a_word_to_all_calls_nobody_who_has_left_the_deal(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    deal = group_buy(session, alice, now=now)
    order(session, deal, bob, 1, now=now)
    mine = commitment_of(session, deal, bob.participant.id)
    buying.withdraw(session, deal, mine, actor=bob, now=now)

    make_talk.announce(
        session, deal, body=f"@{bob.participant.slug} pays at my door", actor=alice, now=now
    )

    assert session.scalars(select(Mention)).all() == []


def test_who_muted_a_circle_hears_no_word_to_all_in_it(
    session: Session, room: Circle, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    member(session, room, charlie, by=alice, now=now)
    thread = make_talk.subject(session, room, bob)
    dialogue.follow(session, thread, Following.MUTED, actor=bob, now=now)

    make_talk.announce(session, room, body="We meet at eight", actor=alice, now=now)

    assert heard(session, charlie, now=now) == ["announced-in-circle"]
    assert heard(session, bob, now=now) == []


# By whose mark.


def test_who_organises_no_more_changes_their_words_without_the_mark(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    deal = group_buy(session, alice, now=now)
    add_co_organiser(session, deal, bob.member.email, actor=alice, now=now)
    session.expire_all()
    said = make_talk.ask(session, deal, body="Pay at the pick-up", actor=bob, now=now)
    assert said.mark == Mark.ORGANISER
    guests.remove_co_organiser(session, deal, bob.member.id, actor=alice)
    session.expire_all()

    subject = dialogue.of_message(session, said, actor=bob)
    dialogue.edit(session, subject, said.id, body="Pay me", lang="en", now=now)

    assert said.mark == Mark.NONE


def test_a_former_steward_does_not_change_the_word_to_all(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    theirs = own(session, room, bob).id
    role = {"actor": alice, "now": now}
    circles.appoint(session, visit(session, room, alice), theirs, CircleRole.STEWARD, **role)
    said = make_talk.announce(session, room, body="We meet at eight", actor=bob, now=now)
    circles.appoint(session, visit(session, room, alice), theirs, CircleRole.MEMBER, **role)

    with pytest.raises(NotASteward):
        dialogue.edit(
            session,
            dialogue.of_message(session, said, actor=bob),
            said.id,
            body="We do not meet",
            lang="en",
            now=now,
        )


def test_a_member_is_not_marked_by_the_role_of_their_organisation(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    mill = make.organisation(session, "Mill", owner=bob, now=now)
    made = circle(session, alice, now=now)
    member(session, made, mill, by=alice, role=CircleRole.STEWARD, now=now)
    in_person = Actor(bob.member, bob.participant, mill.memberships, mill.organisations)
    join(session, made, in_person, now=now)

    assert make_talk.ask(session, made, actor=in_person, now=now).mark == Mark.NONE
    assert make_talk.ask(session, made, actor=mill, now=now).mark == Mark.STEWARD


# What was hidden.


def test_what_was_taken_back_is_not_answered(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    said = make_talk.ask(session, room, body="My address", actor=bob, now=now)
    dialogue.take_back(session, said.id, actor=bob, now=now)

    with pytest.raises(NothingToAnswer):
        make_talk.answer(session, room, said.id, body="It was: …", actor=alice, now=now)
    assert not dialogue.stands(session, said)

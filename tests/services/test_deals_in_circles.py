"""Group buys in Alice's circle: who may begin one, who learns of it, and how far it brings whom."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.circles import (
    Admission,
    Circle,
    CircleMembership,
    CircleRole,
    CircleSuspended,
    CircleVisibility,
    Phase,
)
from models.collaborations import Visibility
from models.disputes import Ground, Measure, NotImpartial, Target
from models.errors import NotFound
from models.events import Event
from models.notices import Notice
from services import buying, circles, dialogue, disputes, reactions
from services.buying.in_circle import NoCircleNamed, NotOfThisCircle
from services.discovery import Filters, browse
from services.participants import deeds_of
from tests import make_running, make_talk
from tests.make_buying import group_buy, join
from tests.make_circles import circle, member, visit


@pytest.fixture
def room(session: Session, alice: Actor, bob: Actor, now: datetime) -> Circle:
    """Alice's circle, in which Bob is."""
    made = circle(session, alice, now=now)
    member(session, made, bob, by=alice, now=now)
    return made


@pytest.fixture
def inside(session: Session, room: Circle, alice: Actor, now: datetime) -> GroupBuy:
    """Alice's group buy for the members of the circle."""
    return group_buy(session, alice, visibility=Visibility.CIRCLE, circle_id=room.id, now=now)


def react(session: Session, *kinds: str, now: datetime) -> None:
    for event in session.scalars(select(Event).where(Event.kind.in_(kinds)).order_by(Event.id)):
        for _ in range(2):
            reactions.run(session, event.id, now=now)
    session.flush()


def told(session: Session, actor: Actor) -> list[str]:
    rows = session.scalars(select(Notice).filter_by(member_id=actor.member.id).order_by(Notice.id))
    return [notice.message for notice in rows]


def phase(session: Session, room: Circle, actor: Actor) -> Phase:
    found = session.scalars(
        select(CircleMembership)
        .filter_by(circle_id=room.id, participant_id=actor.participant.id)
        .execution_options(populate_existing=True)
    ).one()
    return Phase(found.phase)


# Beginning one.


def test_only_members_of_an_open_circle_begin_something_in_it(
    session: Session, room: Circle, alice: Actor, charlie: Actor, now: datetime
) -> None:
    for circle_id in (room.id, 999_999):
        with pytest.raises(NotOfThisCircle) as refusal:
            group_buy(session, charlie, circle_id=circle_id, now=now)
        assert list(refusal.value.fields) == ["circle"]
    circles.archive(session, visit(session, room, alice), actor=alice, now=now)
    with pytest.raises(NotOfThisCircle):
        group_buy(session, alice, circle_id=room.id, now=now)


def test_what_is_for_a_circle_names_it(session: Session, alice: Actor, now: datetime) -> None:
    with pytest.raises(NoCircleNamed):
        group_buy(session, alice, visibility=Visibility.CIRCLE, now=now)


def test_the_database_keeps_nothing_for_a_circle_that_is_not_named(
    session: Session, inside: GroupBuy
) -> None:
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(
            text("UPDATE collaborations SET circle_id = NULL WHERE id = :id"), {"id": inside.id}
        )


def test_whoever_left_meanwhile_opens_nothing_there(
    session: Session, room: Circle, bob: Actor, now: datetime
) -> None:
    draft = group_buy(session, bob, circle_id=room.id, published=False, now=now)
    circles.leave(session, visit(session, room, bob), actor=bob, now=now)

    with pytest.raises(NotOfThisCircle):
        buying.publish(session, draft, actor=bob, now=now)


# Who knows of it.


def test_only_members_know_of_what_is_for_them(
    session: Session, inside: GroupBuy, alice: Actor, bob: Actor, charlie: Actor, dana: Actor
) -> None:
    for knows in (alice, bob, dana):
        assert buying.find(session, inside.slug, actor=knows) is inside
    for actor in (charlie, None):
        with pytest.raises(NotFound):
            buying.find(session, inside.slug, actor=actor)
        with pytest.raises(NotFound):
            buying.find(session, inside.slug, actor=actor, lock=True)


def test_whoever_has_left_knows_no_more_of_it_unless_they_joined(
    session: Session, room: Circle, inside: GroupBuy, bob: Actor, now: datetime
) -> None:
    circles.leave(session, visit(session, room, bob), actor=bob, now=now)
    with pytest.raises(NotFound):
        buying.find(session, inside.slug, actor=bob)

    join(session, room_again(session, room, inside, bob, now), bob, 1, now=now)
    circles.leave(session, visit(session, room, bob), actor=bob, now=now)
    assert buying.find(session, inside.slug, actor=bob) is inside


def room_again(
    session: Session, room: Circle, inside: GroupBuy, bob: Actor, now: datetime
) -> GroupBuy:
    own = visit(session, room, bob)
    circles.join(session, own, rules_number=0, actor=bob, now=now)
    return inside


def test_members_join_what_is_for_them_and_nobody_else_does(
    session: Session, inside: GroupBuy, bob: Actor, charlie: Actor, now: datetime
) -> None:
    join(session, inside, bob, 2, now=now)

    assert inside.commitments_count == 1
    with pytest.raises(NotFound):
        join(session, inside, charlie, 1, now=now)


def test_what_is_for_a_circle_stands_in_no_public_list(
    session: Session, room: Circle, inside: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    for words in ("", inside.title):
        found = browse(session, Filters(words=words), actor=bob, now=now)
        assert inside.id not in {one.id for one in found.rows}
    assert deeds_of(session, alice.participant).organised == []
    listed = circles.done_in(session, room, is_member=True).rows
    assert [one.id for one in listed] == [inside.id]
    assert circles.done_in(session, room, is_member=False).rows == []


def test_what_is_public_is_listed_for_all_and_what_is_by_link_for_nobody(
    session: Session, room: Circle, alice: Actor, now: datetime
) -> None:
    public = group_buy(session, alice, circle_id=room.id, now=now)
    for visibility in (Visibility.LINK, Visibility.NAMED):
        group_buy(session, alice, circle_id=room.id, visibility=visibility, now=now)

    for is_member in (True, False):
        listed = circles.done_in(session, room, is_member=is_member).rows
        assert [one.id for one in listed] == [public.id]
    first = circles.done_in(session, room, is_member=True, limit=1)
    assert first.after is None


def test_the_terms_of_a_deal_say_nothing_of_its_circle(
    session: Session, room: Circle, alice: Actor, now: datetime
) -> None:
    group_buy(session, alice, circle_id=room.id, now=now)

    [content] = session.execute(text("SELECT content::text FROM terms")).scalars()
    assert "circle_id" not in content


def test_a_deal_names_a_private_circle_to_its_members_alone(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    hidden = circle(
        session, alice, visibility=CircleVisibility.PRIVATE, admission=Admission.INVITATION, now=now
    )
    member(session, hidden, bob, by=alice, now=now)

    def names(actor: Actor | None) -> Any:
        return circles.known_by_id(session, hidden.id, actor)

    assert names(alice) is names(bob) is hidden
    assert names(charlie) is names(None) is circles.known_by_id(session, None, alice) is None


# What follows.


def test_members_are_told_of_what_opens_in_their_circle(
    session: Session, inside: GroupBuy, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    react(session, "GroupBuyOpened", now=now)

    assert told(session, bob) == ["circle-deal"]
    assert told(session, charlie) == []


def test_members_come_farther_by_what_they_do(
    session: Session, room: Circle, inside: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    assert phase(session, room, bob) == Phase.INTEREST
    make_talk.ask(session, inside, actor=bob, now=now)
    react(session, "CommentMade", now=now)
    assert phase(session, room, bob) == Phase.DIALOGUE
    join(session, inside, bob, 10, now=now)
    react(session, "GroupBuyJoined", now=now)
    assert phase(session, room, bob) == Phase.BONDING

    buying.close(session, inside.id, now=inside.closes_at)
    make_running.handing_over(session, inside, alice)
    buying.complete(session, inside, unclaimed="Kept.", actor=alice, now=inside.closes_at)
    react(session, "GroupBuyCompleted", now=now)

    assert phase(session, room, bob) == Phase.ACHIEVEMENT
    assert phase(session, room, alice) == Phase.OPINION_LEADER


def test_whoever_brings_others_in_leads_opinion(
    session: Session, room: Circle, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    member(session, room, charlie, by=bob, now=now)

    react(session, "CircleJoined", now=now)

    assert phase(session, room, bob) == Phase.OPINION_LEADER
    assert phase(session, room, charlie) == Phase.INTEREST
    assert told(session, alice) == ["circle-joined"] * 2


def test_each_step_of_coming_and_going_is_told(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    made = circle(session, alice, admission=Admission.REQUEST, now=now)
    for who in (bob, charlie):
        circles.join(session, visit(session, made, who), rules_number=0, actor=who, now=now)
    react(session, "CircleAsked", now=now)
    [first, second] = circles.asking(session, made).rows
    circles.admit(session, visit(session, made, alice), first.id, actor=alice, now=now)
    circles.decline(
        session, visit(session, made, alice), second.id, reason="Full.", actor=alice, now=now
    )
    circles.set_rules(
        session, visit(session, made, alice), "Be kind.", lang="en", actor=alice, now=now
    )
    circles.appoint(
        session, visit(session, made, alice), first.id, CircleRole.TREASURER, actor=alice, now=now
    )
    circles.appoint(
        session, visit(session, made, alice), first.id, CircleRole.MEMBER, actor=alice, now=now
    )
    circles.remove(
        session, visit(session, made, alice), first.id, reason="Rude.", actor=alice, now=now
    )
    circles.invite(session, visit(session, made, alice), bob.participant.slug, actor=alice, now=now)
    react(
        session, "CircleAdmitted", "CircleDeclined", "HouseRulesChanged", "CircleRoleGiven",
        "CircleMemberRemoved", "CircleInvited", now=now,
    )  # fmt: skip

    assert told(session, alice) == ["circle-asked"] * 2
    assert told(session, charlie) == ["circle-declined-because"]
    # He does not belong to it any more when the rules are told.
    assert told(session, bob) == [
        "circle-admitted", "circle-role", "circle-role", "circle-removed", "circle-invited",
    ]  # fmt: skip


def test_the_end_of_a_circle_is_told_to_its_members(
    session: Session, room: Circle, alice: Actor, bob: Actor, now: datetime
) -> None:
    circles.archive(session, visit(session, room, alice), actor=alice, now=now)
    circles.reopen(session, visit(session, room, alice), actor=alice, now=now)
    circles.leave(session, visit(session, room, bob), actor=bob, now=now)
    react(session, "CircleLeft", now=now)
    assert told(session, alice) == ["circle-left"]


# Moderators.


def test_a_moderator_ends_a_circle_for_good(
    session: Session,
    room: Circle,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    dana: Actor,
    now: datetime,
) -> None:
    found = disputes.find_target(session, Target.CIRCLE, room.id, actor=charlie)
    report = disputes.report(
        session, found, ground=Ground.FRAUD, body="They sell pills.", actor=charlie, now=now
    )

    disputes.decide(
        session, report.case_id, measure=Measure.ARCHIVED, reason="Pills.", actor=dana, now=now
    )
    react(session, "CircleArchived", "CaseDecided", now=now)

    assert told(session, bob) == ["circle-archived-because"]
    assert "measure-archived" in told(session, alice)
    with pytest.raises(CircleSuspended):
        circles.reopen(session, visit(session, room, alice), actor=alice, now=now)
    with pytest.raises(CircleSuspended):
        circles.suspend(session, room.id, reason="Again", actor=dana, now=now)


def test_a_moderator_who_is_in_the_circle_leaves_it_to_others(
    session: Session,
    room: Circle,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    dana: Actor,
    now: datetime,
) -> None:
    member(session, room, dana, by=alice, now=now)
    said = make_talk.ask(session, room, actor=bob, now=now)
    found = disputes.find_target(session, Target.MESSAGE, said.id, actor=charlie)
    report = disputes.report(
        session, found, ground=Ground.SPAM, body="Spam", actor=charlie, now=now
    )

    with pytest.raises(NotImpartial):
        disputes.decide(
            session, report.case_id, measure=Measure.HIDDEN, reason="Spam", actor=dana, now=now
        )
    assert dialogue.may_read(said, make_talk.subject(session, room, charlie))

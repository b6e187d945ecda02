"""What circles do not let happen: pulling people in, ending for good, flooding, guessing."""

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
    CircleRole,
    CircleSuspended,
    CircleVisibility,
    NotASteward,
)
from models.collaborations import Visibility
from models.disputes import Case, Ground, Measure, Target
from models.errors import NotFound
from models.events import Event
from models.lifecycle import NotInThisState
from models.notices import Notice
from models.participants import MembershipRole
from services import buying, circles, disputes, reactions
from services.buying.in_circle import NotOfThisCircle
from services.circles.founding import EndedTooOften
from services.circles.house_rules import RulesChangedTooOften
from services.circles.joining import AskedTooOften
from tests import make, make_members, make_talk
from tests.make_buying import group_buy
from tests.make_circles import circle, join, member, visit

PRIVATE: dict[str, Any] = {
    "visibility": CircleVisibility.PRIVATE, "admission": Admission.INVITATION,
}  # fmt: skip
BY_REQUEST: dict[str, Any] = {"admission": Admission.REQUEST, "question": "Who are you?"}


def react(session: Session, kind: str, *, now: datetime) -> None:
    for event in session.scalars(select(Event).filter_by(kind=kind).order_by(Event.id)):
        reactions.run(session, event.id, now=now)
    session.flush()


def told(session: Session, actor: Actor) -> list[str]:
    rows = session.scalars(select(Notice).filter_by(member_id=actor.member.id).order_by(Notice.id))
    return [notice.message for notice in rows]


# Coming in.


@pytest.mark.parametrize("stands", ["left", "declined", "invited"])
def test_stewards_let_nobody_in_who_does_not_ask(
    session: Session, alice: Actor, charlie: Actor, now: datetime, stands: str
) -> None:
    made = circle(session, alice, now=now, **BY_REQUEST)
    steered = {"actor": alice, "now": now}
    if stands == "invited":
        slug = charlie.participant.slug
        them = circles.invite(session, visit(session, made, alice), slug, **steered)
    else:
        them = join(session, made, charlie, answer="Charlie", now=now)
        if stands == "left":
            circles.leave(session, visit(session, made, charlie), actor=charlie, now=now)
        else:
            circles.decline(session, visit(session, made, alice), them.id, **steered)

    with pytest.raises(NotInThisState):
        circles.admit(session, visit(session, made, alice), them.id, **steered)
    assert them.state == stands


def test_who_was_taken_out_is_invited_by_stewards_alone(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **PRIVATE)
    member(session, made, bob, by=alice, now=now)
    came = member(session, made, charlie, by=alice, now=now)
    circles.remove(
        session, visit(session, made, alice), came.id, reason="Rude", actor=alice, now=now
    )
    slug = charlie.participant.slug

    with pytest.raises(NotASteward):
        circles.invite(session, visit(session, made, bob), slug, actor=bob, now=now)
    circles.invite(session, visit(session, made, alice), slug, actor=alice, now=now)

    assert came.state == "invited"


def test_who_asked_and_is_invited_is_told_that_they_are_in(
    session: Session, alice: Actor, charlie: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **BY_REQUEST)
    join(session, made, charlie, answer="Charlie", now=now)

    slug = charlie.participant.slug
    circles.invite(session, visit(session, made, alice), slug, actor=alice, now=now)
    react(session, "CircleAdmitted", now=now)

    assert told(session, charlie) == ["circle-admitted"]
    assert made.members_count == 2


def test_who_declines_an_invitation_has_not_left(
    session: Session, alice: Actor, charlie: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    slug = charlie.participant.slug
    circles.invite(session, visit(session, made, alice), slug, actor=alice, now=now)

    circles.leave(session, visit(session, made, charlie), actor=charlie, now=now)

    kinds = session.scalars(select(Event.kind).filter_by(circle_id=made.id)).all()
    assert "CircleNotJoined" in kinds
    assert "CircleLeft" not in kinds


def test_asking_again_and_again_ends(
    session: Session, alice: Actor, charlie: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **BY_REQUEST)
    for _ in range(3):
        join(session, made, charlie, answer="Please", now=now)
        circles.leave(session, visit(session, made, charlie), actor=charlie, now=now)

    with pytest.raises(AskedTooOften):
        join(session, made, charlie, answer="Please", now=now)


# Roles of organisations.


def test_whoever_only_speaks_for_an_organisation_does_not_lay_down_its_role(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    mill = make.organisation(session, "Mill", owner=bob, role=MembershipRole.AGENT, now=now)
    made = circle(session, alice, now=now)
    came = member(session, made, mill, by=alice, role=CircleRole.STEWARD, now=now)

    with pytest.raises(NotASteward):
        circles.appoint(
            session, visit(session, made, mill), came.id, CircleRole.MEMBER, actor=mill, now=now
        )
    with pytest.raises(NotASteward):
        circles.leave(session, visit(session, made, mill), actor=mill, now=now)
    assert came.role == CircleRole.STEWARD


# Ending.


def test_a_moderator_ends_what_its_stewards_ended_in_time(
    session: Session, alice: Actor, bob: Actor, dana: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    reported = disputes.find_target(session, Target.CIRCLE, made.id, actor=bob)
    ground = next(iter(Ground))
    disputes.report(session, reported, ground=ground, body="Fraud", actor=bob, now=now)
    circles.archive(session, visit(session, made, alice), actor=alice, now=now)
    case = session.scalars(select(Case)).one()
    disputes.take_up(session, case.id, actor=dana, now=now)

    disputes.decide(session, case.id, measure=Measure.ARCHIVED, reason="Fraud", actor=dana, now=now)

    with pytest.raises(CircleSuspended):
        circles.reopen(session, visit(session, made, alice), actor=alice, now=now)
    with pytest.raises(NotFound):
        visit(session, made, bob)
    assert visit(session, made, alice).is_inside


def test_ending_again_and_again_ends(session: Session, alice: Actor, now: datetime) -> None:
    made = circle(session, alice, now=now)
    for _ in range(3):
        circles.archive(session, visit(session, made, alice), actor=alice, now=now)
        circles.reopen(session, visit(session, made, alice), actor=alice, now=now)

    with pytest.raises(EndedTooOften):
        circles.archive(session, visit(session, made, alice), actor=alice, now=now)


def test_rules_are_not_changed_all_day(session: Session, alice: Actor, now: datetime) -> None:
    made = circle(session, alice, now=now)
    for number in range(5):
        rule = f"Be {number} times kinder."
        circles.set_rules(
            session, visit(session, made, alice), rule, lang="en", actor=alice, now=now
        )

    with pytest.raises(RulesChangedTooOften):
        circles.set_rules(
            session, visit(session, made, alice), "Be rude.", lang="en", actor=alice, now=now
        )


def test_what_is_begun_in_a_circle_comes_by_no_mail_of_its_own(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    member(session, made, bob, by=alice, now=now)
    join(session, made, charlie, now=now)

    group_buy(session, charlie, title="Buy my things", circle_id=made.id, now=now)
    react(session, "GroupBuyOpened", now=now)

    assert "circle-deal" in told(session, bob)
    assert make_members.mails_to(session, bob.member.email) == []


# Guessing.


def test_nothing_tells_of_a_private_circle_by_its_name(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    hidden = circle(session, alice, name="Anonymous drinkers", now=now, **PRIVATE)
    same = circle(session, bob, name="Anonymous drinkers", now=now)

    assert "anonymous" not in hidden.slug
    assert same.slug == "anonymous-drinkers"


@pytest.mark.parametrize("name", ["New", "Mine"])
def test_no_circle_stands_where_our_own_pages_do(
    session: Session, alice: Actor, now: datetime, name: str
) -> None:
    assert circle(session, alice, name=name, now=now).slug.startswith(f"{name.lower()}-")


def test_a_draft_learns_nothing_of_which_circles_there_are(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    hidden = circle(session, bob, now=now, **PRIVATE)
    draft = group_buy(session, alice, published=False, now=now)

    for circle_id in (hidden.id, 999_999):
        with pytest.raises(NotOfThisCircle):
            buying.describe(session, draft, _said(draft, circle_id), now=now)
    assert draft.circle_id is None


def test_a_copy_leaves_the_circle_that_whoever_copies_it_has_left(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    member(session, made, bob, by=alice, now=now)
    deal = group_buy(session, bob, circle_id=made.id, visibility=Visibility.CIRCLE, now=now)
    kept = buying.copy(session, deal, actor=bob, now=now)
    circles.leave(session, visit(session, made, bob), actor=bob, now=now)

    copied = buying.copy(session, deal, actor=bob, now=now)

    assert (kept.circle_id, kept.visibility) == (made.id, Visibility.CIRCLE)
    assert (copied.circle_id, copied.visibility) == (None, Visibility.LINK)


# What the database keeps.


def test_a_membership_stays_with_its_circle(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    one, other = (circle(session, alice, now=now) for _ in range(2))
    came = member(session, one, bob, by=alice, now=now)

    with pytest.raises(IntegrityError, match="stays with its circle"), session.begin_nested():
        session.execute(
            text("UPDATE circle_memberships SET circle_id = :other WHERE id = :id"),
            {"other": other.id, "id": came.id},
        )


def test_an_answer_stands_in_the_thread_of_its_comment(
    session: Session, alice: Actor, now: datetime
) -> None:
    one, other = (circle(session, alice, now=now) for _ in range(2))
    asked, elsewhere = (make_talk.ask(session, made, actor=alice, now=now) for made in (one, other))

    with pytest.raises(IntegrityError, match="same thread"), session.begin_nested():
        session.execute(
            text("UPDATE messages SET answers_id = :asked WHERE id = :id"),
            {"asked": asked.id, "id": elsewhere.id},
        )


def _said(draft: GroupBuy, circle_id: int) -> Any:
    names = buying.Description.__dataclass_fields__
    return buying.Description(
        **{**{name: getattr(draft, name) for name in names}, "circle_id": circle_id}
    )

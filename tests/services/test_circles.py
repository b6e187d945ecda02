"""Alice founds a circle; Bob and Charlie come, ask or are invited; nobody comes by another way."""

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.actors import Actor
from models.circles import (
    Admission,
    AlreadyInCircle,
    CircleArchived,
    CircleKind,
    CircleMembership,
    CircleRole,
    CircleState,
    CircleVisibility,
    LastSteward,
    MembershipState,
    NotASteward,
    NotInCircle,
    NotInvited,
    Phase,
)
from models.circles.states import MEMBERSHIP_MOVES
from models.errors import NotFound
from models.lifecycle import NotInThisState
from models.members import NotConfirmed
from models.participants import MembershipRole
from services import circles
from services.circles import CircleFilters, Description, deciding, founding, inviting, joining
from services.participants.lookup import NobodyFound
from tests import make, make_members
from tests.make_circles import circle, join, member, visit
from tests.moving import moves

PRIVATE: dict[str, Any] = {
    "visibility": CircleVisibility.PRIVATE, "admission": Admission.INVITATION,
}  # fmt: skip
BY_REQUEST: dict[str, Any] = {
    "visibility": CircleVisibility.LISTED, "admission": Admission.REQUEST, "question": "Who?",
}  # fmt: skip


# Founding.


def test_whoever_founds_a_circle_runs_it(session: Session, alice: Actor, now: datetime) -> None:
    made = circle(session, alice, now=now)

    assert visit(session, made, alice).standing.is_steward
    assert (made.members_count, made.stewards_count) == (1, 1)


def test_an_unconfirmed_member_founds_nothing(session: Session, now: datetime) -> None:
    greta = make_members.unconfirmed(session, "Greta", now=now)

    with pytest.raises(NotConfirmed):
        circle(session, greta, now=now)


def test_ten_circles_a_day_are_enough(session: Session, alice: Actor, now: datetime) -> None:
    for _ in range(founding.FOUNDINGS.tries):
        circle(session, alice, now=now)

    with pytest.raises(founding.FoundedTooMany):
        circle(session, alice, now=now)


def test_two_circles_of_one_name_have_two_addresses(
    session: Session, alice: Actor, now: datetime
) -> None:
    assert circle(session, alice, now=now).slug != circle(session, alice, now=now).slug


def test_nobody_can_ask_to_join_what_nobody_knows_of(
    session: Session, alice: Actor, now: datetime
) -> None:
    with pytest.raises(founding.PrivateIsByInvitation) as refusal:
        circle(session, alice, visibility=CircleVisibility.PRIVATE, now=now)

    assert list(refusal.value.fields) == ["admission"]


def test_the_end_lies_in_the_future(session: Session, alice: Actor, now: datetime) -> None:
    with pytest.raises(founding.EndsInThePast):
        circle(session, alice, ends_at=now, now=now)


def test_only_stewards_say_what_it_is_for(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    join(session, made, bob, now=now)
    said = Description(name="Vinegar friends", kind=CircleKind.TEAM)

    with pytest.raises(NotASteward):
        circles.edit(session, visit(session, made, bob), said, actor=bob, now=now)
    circles.edit(session, visit(session, made, alice), said, actor=alice, now=now)

    assert (made.name, made.kind) == ("Vinegar friends", CircleKind.TEAM)


# Who knows, who reads.


@pytest.mark.parametrize("visibility", list(CircleVisibility))
def test_who_knows_of_a_circle_and_who_reads_it(
    session: Session,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    dana: Actor,
    now: datetime,
    visibility: CircleVisibility,
) -> None:
    made = circle(session, alice, visibility=visibility, admission=Admission.INVITATION, now=now)
    member(session, made, bob, by=alice, now=now)
    is_public = visibility == CircleVisibility.PUBLIC
    is_private = visibility == CircleVisibility.PRIVATE

    def sees(actor: Actor | None) -> str:
        try:
            found = visit(session, made, actor)
        except NotFound:
            return "nothing"
        return "all" if found.is_inside else "its face"

    outside = "all" if is_public else "nothing" if is_private else "its face"
    assert [sees(one) for one in (alice, bob, dana)] == ["all"] * 3
    assert [sees(one) for one in (charlie, None)] == [outside] * 2


def test_a_private_circle_is_not_there_in_the_same_words(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **PRIVATE)

    with pytest.raises(NotFound) as hidden:
        visit(session, made, bob)
    with pytest.raises(NotFound) as missing:
        circles.find(session, "no-such-circle", actor=bob)

    assert (hidden.value.message, hidden.value.facts) == (
        missing.value.message, missing.value.facts,
    )  # fmt: skip


def test_a_private_circle_is_in_no_list(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, name="Secret garden", now=now, **PRIVATE)

    for actor in (alice, bob, None):
        for words in ("", "Secret garden", "secret gardn"):
            found = circles.browse(session, CircleFilters(words=words), actor=actor)
            assert made.id not in {one.circle.id for one in found.rows}
    assert made.slug not in circles.all_public(session)


def test_whoever_was_taken_out_of_a_private_circle_knows_no_more_of_it(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **PRIVATE)
    came = member(session, made, bob, by=alice, now=now)

    circles.remove(
        session, visit(session, made, alice), came.id, reason="Was rude.", actor=alice, now=now
    )

    with pytest.raises(NotFound):
        visit(session, made, bob)


def test_whoever_manages_a_member_reads_and_who_acts_as_it_speaks(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **PRIVATE)
    mill = make.organisation(session, "Mill", owner=bob, now=now)
    member(session, made, mill, by=alice, now=now)
    in_person = Actor(bob.member, bob.participant, mill.memberships, mill.organisations)

    found = visit(session, made, in_person).standing

    assert (found.is_member, found.acts_as_member) == (True, False)
    assert visit(session, made, mill).standing.acts_as_member


def test_an_agent_of_a_steward_does_not_run_the_circle(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    mill = make.organisation(session, "Mill", owner=bob, role=MembershipRole.AGENT, now=now)
    made = circle(session, alice, now=now)
    member(session, made, mill, by=alice, role=CircleRole.STEWARD, now=now)

    standing = visit(session, made, mill).standing

    assert (standing.acts_as_member, standing.is_steward) == (True, False)


# Coming in.


def test_a_free_circle_is_joined_at_once_and_once(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)

    join(session, made, bob, now=now)

    assert made.members_count == 2
    with pytest.raises(AlreadyInCircle):
        join(session, made, bob, now=now)


def test_who_asks_answers_the_question_and_waits(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **BY_REQUEST)

    with pytest.raises(joining.AnswerMissing):
        join(session, made, bob, now=now)
    asked = join(session, made, bob, answer="Bob from next door", now=now)

    assert (asked.state, asked.answer) == (MembershipState.ASKED, "Bob from next door")
    assert not visit(session, made, bob).is_inside
    with pytest.raises(joining.AskedToJoinAlready):
        join(session, made, bob, answer="Again", now=now)


def test_the_stewards_let_in_who_asked(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **BY_REQUEST)
    asked = join(session, made, bob, answer="Bob", now=now)
    assert [one.id for one in circles.asking(session, made).rows] == [asked.id]

    circles.admit(session, visit(session, made, alice), asked.id, actor=alice, now=now)

    assert visit(session, made, bob).is_inside
    with pytest.raises(NotInThisState):
        circles.admit(session, visit(session, made, alice), asked.id, actor=alice, now=now)


def test_whoever_was_declined_may_ask_again(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **BY_REQUEST)
    asked = join(session, made, bob, answer="Bob", now=now)

    circles.decline(session, visit(session, made, alice), asked.id, actor=alice, now=now)

    assert not visit(session, made, bob).is_inside
    assert join(session, made, bob, answer="Please", now=now).state == MembershipState.ASKED


def test_without_an_invitation_nobody_comes_into_a_circle_by_invitation(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, admission=Admission.INVITATION, now=now)

    with pytest.raises(NotInvited):
        join(session, made, bob, now=now)


@pytest.mark.parametrize("said", [PRIVATE, BY_REQUEST, {}])
def test_a_link_lets_in_and_says_who_brought_whom(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime, said: dict[str, Any]
) -> None:
    made = circle(session, alice, now=now, **said)
    bobs = member(session, made, bob, by=alice, now=now)

    came = member(session, made, charlie, by=bob, now=now)

    assert (came.state, came.invited_by_id) == (MembershipState.ACTIVE, bobs.id)
    assert circles.brought_by(session, made, bobs) == 1
    assert [(who.name, count) for who, count in circles.best_inviters(session, made)] == [
        ("Alice", 1), ("Bob", 1),
    ]  # fmt: skip


def test_a_renewed_link_replaces_the_one_before(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **PRIVATE)
    key = circles.link_of(session, visit(session, made, alice))
    assert circles.link_of(session, visit(session, made, alice)) == key
    assert circles.by_link(session, key).id == made.id

    other = circles.renew_link(session, visit(session, made, alice))

    with pytest.raises(NotFound):
        visit(session, made, bob, key)
    with pytest.raises(NotFound):
        circles.by_link(session, key)
    assert visit(session, made, bob, other).inviter is not None


def test_the_link_of_who_has_left_opens_nothing(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **PRIVATE)
    member(session, made, bob, by=alice, now=now)
    key = circles.link_of(session, visit(session, made, bob))

    circles.leave(session, visit(session, made, bob), actor=bob, now=now)

    with pytest.raises(NotFound):
        visit(session, made, charlie, key)


def test_where_stewards_alone_invite_no_link_of_a_member_lets_in(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **PRIVATE)
    member(session, made, bob, by=alice, now=now)
    key = circles.link_of(session, visit(session, made, bob))
    said = Description(name=made.name, kind=made.kind, members_invite=False, **PRIVATE)

    circles.edit(session, visit(session, made, alice), said, actor=alice, now=now)

    with pytest.raises(NotFound):
        visit(session, made, charlie, key)
    with pytest.raises(NotASteward):
        circles.link_of(session, visit(session, made, bob))


def test_nobody_invites_to_what_they_are_not_in(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)

    with pytest.raises(NotInCircle):
        circles.link_of(session, visit(session, made, bob))
    with pytest.raises(NotInCircle):
        circles.invite(session, visit(session, made, bob), "Dana", actor=bob, now=now)


def test_whoever_is_invited_by_name_knows_of_the_circle_and_may_come(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **PRIVATE)

    invited = circles.invite(
        session, visit(session, made, alice), bob.member.email, actor=alice, now=now
    )

    assert invited.state == MembershipState.INVITED
    assert not visit(session, made, bob).is_inside
    assert join(session, made, bob, now=now).state == MembershipState.ACTIVE
    with pytest.raises(AlreadyInCircle):
        circles.invite(session, visit(session, made, alice), bob.member.email, actor=alice, now=now)


def test_inviting_somebody_who_asked_lets_them_in(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **BY_REQUEST)
    join(session, made, bob, answer="Bob", now=now)

    circles.invite(session, visit(session, made, alice), bob.participant.slug, actor=alice, now=now)

    assert visit(session, made, bob).is_inside


def test_nobody_is_invited_again_and_again(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    for _ in range(inviting.TO_ONE.tries):
        circles.invite(
            session, visit(session, made, alice), bob.participant.slug, actor=alice, now=now
        )
        circles.leave(session, visit(session, made, bob), actor=bob, now=now)

    with pytest.raises(inviting.InvitedTooOften):
        circles.invite(
            session, visit(session, made, alice), bob.participant.slug, actor=alice, now=now
        )


def test_fifty_invitations_a_day_are_enough(session: Session, alice: Actor, now: datetime) -> None:
    made = circle(session, alice, now=now)
    for number in range(inviting.INVITATIONS.tries):
        who = make.participant(session, f"Guest{number}", now=now)
        circles.invite(session, visit(session, made, alice), who.slug, actor=alice, now=now)

    with pytest.raises(inviting.InvitedTooMany):
        circles.invite(session, visit(session, made, alice), "Nobody", actor=alice, now=now)


def test_inviting_nobody_is_refused(session: Session, alice: Actor, now: datetime) -> None:
    made = circle(session, alice, now=now)

    with pytest.raises(NobodyFound):
        circles.invite(session, visit(session, made, alice), "Zebulon", actor=alice, now=now)


# Going.


def test_leaving_is_as_easy_as_coming(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    join(session, made, bob, now=now)

    circles.leave(session, visit(session, made, bob), actor=bob, now=now)

    assert made.members_count == 1
    with pytest.raises(NotInCircle):
        circles.leave(session, visit(session, made, bob), actor=bob, now=now)
    join(session, made, bob, now=now)
    assert made.members_count == 2


def test_the_last_steward_stays_or_ends_the_circle(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    bobs = join(session, made, bob, now=now)

    with pytest.raises(LastSteward):
        circles.leave(session, visit(session, made, alice), actor=alice, now=now)
    circles.appoint(
        session, visit(session, made, alice), bobs.id, CircleRole.STEWARD, actor=alice, now=now
    )
    circles.leave(session, visit(session, made, alice), actor=alice, now=now)

    assert (made.members_count, made.stewards_count) == (1, 1)


def test_whoever_is_taken_out_is_told_why_and_comes_back_by_invitation_alone(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    came = join(session, made, bob, now=now)
    member(session, made, charlie, by=alice, now=now)
    key = circles.link_of(session, visit(session, made, charlie))

    with pytest.raises(deciding.RemovalHasAReason):
        circles.remove(
            session, visit(session, made, alice), came.id, reason="", actor=alice, now=now
        )
    circles.remove(
        session, visit(session, made, alice), came.id, reason="Was rude.", actor=alice, now=now
    )

    for link_key in ("", key):
        with pytest.raises(NotInvited):
            join(session, made, bob, link_key=link_key, now=now)
    circles.invite(session, visit(session, made, alice), bob.participant.slug, actor=alice, now=now)
    assert join(session, made, bob, now=now).is_active


def test_no_steward_is_taken_out_before_they_are_a_plain_member(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    came = member(session, made, bob, by=alice, role=CircleRole.TREASURER, now=now)

    with pytest.raises(deciding.TakeTheRoleFirst):
        circles.remove(
            session, visit(session, made, alice), came.id, reason="Rude", actor=alice, now=now
        )


def test_members_run_nothing(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    member(session, made, bob, by=alice, role=CircleRole.TREASURER, now=now)
    came = join(session, made, charlie, now=now)
    bobs = visit(session, made, bob)

    for act in (
        lambda: circles.remove(session, bobs, came.id, reason="So", actor=bob, now=now),
        lambda: circles.admit(session, bobs, came.id, actor=bob, now=now),
        lambda: circles.decline(session, bobs, came.id, actor=bob, now=now),
        lambda: circles.appoint(session, bobs, came.id, CircleRole.STEWARD, actor=bob, now=now),
        lambda: circles.set_rules(session, bobs, "Be kind.", lang="en", actor=bob, now=now),
        lambda: circles.archive(session, bobs, actor=bob, now=now),
        lambda: circles.reopen(session, bobs, actor=bob, now=now),
    ):
        with pytest.raises(NotASteward):
            act()


def test_a_membership_of_another_circle_is_not_there(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made, other = circle(session, alice, now=now), circle(session, bob, now=now)
    bobs = visit(session, other, bob).standing.own
    assert bobs is not None

    with pytest.raises(NotFound):
        circles.appoint(
            session, visit(session, made, alice), bobs.id, CircleRole.MEMBER, actor=alice, now=now
        )


def test_everyone_can_lay_a_role_down(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    came = member(session, made, bob, by=alice, role=CircleRole.STEWARD, now=now)

    circles.appoint(
        session, visit(session, made, bob), came.id, CircleRole.MEMBER, actor=bob, now=now
    )

    assert made.stewards_count == 1
    own = visit(session, made, alice).standing.own
    assert own is not None
    with pytest.raises(LastSteward):
        circles.appoint(
            session, visit(session, made, alice), own.id, CircleRole.MEMBER, actor=alice, now=now
        )


def test_only_members_are_appointed(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **BY_REQUEST)
    asked = join(session, made, bob, answer="Bob", now=now)

    with pytest.raises(NotInThisState):
        circles.appoint(
            session, visit(session, made, alice), asked.id, CircleRole.STEWARD, actor=alice, now=now
        )


# House rules.


def test_house_rules_are_agreed_to_by_who_comes(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    rules(session, made, alice, "Be kind.", now)

    with pytest.raises(joining.HouseRulesNotAgreed):
        join(session, made, bob, rules_number=0, now=now)
    came = join(session, made, bob, rules_number=1, now=now)

    assert came.rules_number == 1


def test_members_are_asked_to_agree_to_what_changed(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    rules(session, made, alice, "Be kind.", now)
    came = join(session, made, bob, now=now)
    rules(session, made, alice, "Be kind, and on time.", now)
    assert came.rules_number < made.rules_number

    with pytest.raises(NotInThisState):
        circles.agree(session, visit(session, made, bob), 1)
    circles.agree(session, visit(session, made, bob), 2)

    assert came.rules_number == 2
    assert [one.body for one in circles.versions(session, made)] == [
        "Be kind, and on time.", "Be kind.",
    ]  # fmt: skip
    assert circles.version(session, made, 1).body == "Be kind."
    with pytest.raises(NotFound):
        circles.version(session, made, 3)


def test_the_same_rules_again_are_no_new_version(
    session: Session, alice: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)

    for _ in range(2):
        rules(session, made, alice, "Be kind.", now)

    assert made.rules_number == 1
    assert circles.current(session, made) is not None


def test_whoever_is_outside_agrees_to_nothing(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)

    with pytest.raises(NotInCircle):
        circles.agree(session, visit(session, made, bob), 0)


def test_house_rules_are_never_rewritten(session: Session, alice: Actor, now: datetime) -> None:
    made = circle(session, alice, now=now)
    rules(session, made, alice, "Be kind.", now)
    session.flush()

    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("UPDATE house_rules SET body = 'Obey.'"))


def rules(session: Session, made: Any, actor: Actor, body: str, now: datetime) -> None:
    found = visit(session, made, actor)
    circles.set_rules(session, found, body, lang="en", actor=actor, now=now)
    session.flush()


# The end.


def test_in_an_ended_circle_nothing_changes_but_who_leaves(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    came = join(session, made, bob, now=now)

    circles.archive(session, visit(session, made, alice), actor=alice, now=now)

    assert made.state == CircleState.ARCHIVED
    assert visit(session, made, bob).is_inside
    with pytest.raises(CircleArchived):
        join(session, made, charlie, now=now)
    with pytest.raises(CircleArchived):
        circles.appoint(
            session, visit(session, made, alice), came.id, CircleRole.STEWARD, actor=alice, now=now
        )
    with pytest.raises(CircleArchived):
        circles.link_of(session, visit(session, made, alice))
    circles.leave(session, visit(session, made, bob), actor=bob, now=now)
    assert made.members_count == 1


def test_an_ended_circle_can_go_on(session: Session, alice: Actor, now: datetime) -> None:
    made = circle(session, alice, ends_at=now + timedelta(days=1), now=now)
    assert circles.end_due(session, now=now) == 0
    assert circles.end_due(session, now=now + timedelta(days=1)) == 1
    session.refresh(made)
    assert made.state == CircleState.ARCHIVED

    circles.reopen(session, visit(session, made, alice), actor=alice, now=now + timedelta(days=2))

    assert (made.state, made.ends_at) == (CircleState.OPEN, None)
    assert circles.end_due(session, now=now + timedelta(days=9)) == 0
    with pytest.raises(NotInThisState):
        circles.reopen(session, visit(session, made, alice), actor=alice, now=now)


# What the database promises.


@pytest.mark.parametrize(
    ("before", "after"), list(itertools.product(MembershipState, MembershipState))
)
def test_memberships_move_along_their_table_alone(
    before: MembershipState, after: MembershipState
) -> None:
    assert moves(CircleMembership(state=before), after) == (after in MEMBERSHIP_MOVES[before])


def test_the_database_counts_members_and_nobody_else_does(
    session: Session, alice: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    session.flush()

    for statement in (
        "UPDATE circles SET members_count = 50000",
        "UPDATE circles SET stewards_count = 0",
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(statement))
    session.refresh(made)
    assert (made.members_count, made.stewards_count) == (1, 1)


def test_the_database_keeps_no_open_circle_without_a_steward(
    session: Session, alice: Actor, now: datetime
) -> None:
    circle(session, alice, now=now)
    session.flush()

    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("UPDATE circle_memberships SET role = 'member'"))
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def test_the_phase_of_a_member_never_falls(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    join(session, made, bob, now=now)

    for phase in (Phase.BONDING, Phase.DIALOGUE):
        circles.reach(session, made.id, bob.participant.id, phase)

    counted = circles.numbers(session, made, now=now)
    assert list(counted.reached.values()) == [2, 1, 1, 0, 0]
    assert (counted.joined_lately, counted.brought) == (2, 0)
    assert counted.share(Phase.DIALOGUE) == 50
    assert counted.narrowest == Phase.ACHIEVEMENT


# Lists.


def test_members_are_listed_by_what_they_are_and_when_they_came(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, dana: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    member(session, made, bob, by=alice, now=now)
    member(session, made, charlie, by=alice, role=CircleRole.TREASURER, now=now)
    member(session, made, dana, by=alice, role=CircleRole.STEWARD, now=now)

    first = circles.members(session, made, limit=3)
    rest = circles.members(session, made, limit=3, after=first.after)

    names = [one.participant.name for one in (*first.rows, *rest.rows)]
    assert names == ["Alice", "Dana", "Charlie", "Bob"]
    assert [one.participant.name for one in circles.who_run_it(session, made)] == names[:3]
    found = circles.members(session, made, words="cha")
    assert [one.participant.name for one in found.rows] == ["Charlie"]


def test_what_was_decided_is_told_to_members_and_who_asked_is_not(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **BY_REQUEST)
    join(session, made, charlie, answer="Charlie", now=now)
    came = member(session, made, bob, by=alice, role=CircleRole.STEWARD, now=now)
    circles.appoint(
        session, visit(session, made, bob), came.id, CircleRole.MEMBER, actor=bob, now=now
    )

    shown, before = circles.history(session, made, limit=2)
    older, _ = circles.history(session, made, before=before)

    kinds = [event.kind for event, _ in (*shown, *older)]
    assert kinds == ["CircleRoleGiven", "CircleRoleGiven", "CircleFounded"]


def test_circles_are_found_by_words_place_and_kind(
    session: Session, alice: Actor, now: datetime
) -> None:
    oil = circle(session, alice, name="Olivenölfreunde", lang="de", now=now)
    garden = circle(
        session, alice, name="Garden", kind=CircleKind.NEIGHBOURHOOD, summary="We dig", now=now
    )

    def ids(**filters: Any) -> list[int]:
        page = circles.browse(session, CircleFilters(**filters), actor=alice)
        return [one.circle.id for one in page.rows]

    assert ids() == [garden.id, oil.id]
    assert ids(words="digging") == [garden.id]
    assert ids(words="olivenöl") == [oil.id]
    assert ids(kind=CircleKind.BUYING) == [oil.id]
    first = circles.browse(session, CircleFilters(limit=1), actor=None)
    assert ids(limit=1, after=first.after) == [oil.id]


def test_a_member_sees_their_circles(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now, **PRIVATE)
    member(session, made, bob, by=alice, now=now)
    circle(session, alice, now=now)

    assert [one.id for one, _ in circles.belonging_of(session, bob)] == [made.id]
    assert len(circles.belonging_of(session, alice)) == 2
    assert session.scalars(select(CircleMembership)).all()

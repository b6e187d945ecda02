"""Anyone reports; Dana, who is not part of it, decides and gives her reasons."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace import db
from models.collaborations import State, Visibility
from models.disputes import (
    AlreadyReported,
    Case,
    CaseState,
    Ground,
    Measure,
    MeasureNotPossible,
    NotAModerator,
    NothingToLift,
    NotImpartial,
    OwnContent,
    Target,
)
from models.errors import NotFound
from models.lifecycle import NotInThisState
from services import disputes, participants, pictures
from services.buying import steering
from services.disputes import reporting
from tests import make, make_buying, make_running, make_talk
from tests.counting import counted
from tests.make_buying import group_buy, join
from tests.services.test_payments_races import meanwhile
from tests.services.test_pictures import file_of


@pytest.fixture
def deal(session, alice, now):
    return group_buy(session, alice, now=now)


def report(session, target, target_id, actor, *, now, **stranger):
    reported = disputes.find_target(session, target, target_id, actor=actor)
    return disputes.report(
        session,
        reported,
        ground=Ground.FRAUD,
        body="It looks wrong.",
        actor=actor,
        now=now,
        **stranger,
    )


def decide(session, case_id, measure, actor, *, now):
    return disputes.decide(
        session, case_id, measure=measure, reason="It breaks the terms.", actor=actor, now=now
    )


def test_all_reports_of_a_target_go_to_one_case(session, deal, bob, charlie, now):
    first = report(session, Target.COLLABORATION, deal.id, bob, now=now)
    second = report(session, Target.COLLABORATION, deal.id, charlie, now=now)
    third = report(
        session, Target.COLLABORATION, deal.id, None, name="Zoe", email="Zoe@example.org", now=now
    )

    [case] = session.scalars(select(Case)).all()
    assert {one.case_id for one in (first, second, third)} == {case.id}
    assert case.snapshot["title"] == "Olive oil from Crete"
    assert third.reporter_email == "zoe@example.org"


def test_a_reported_picture_stays_as_long_as_its_case_is_open(session, bob, charlie, dana, now):
    shown = participants.change_picture(
        session, bob.participant, file_of(), alt="", actor=bob, now=now
    )
    case = report(session, Target.PARTICIPANT, bob.participant.id, charlie, now=now).case_id
    participants.remove_picture(session, bob.participant, actor=bob)
    later = now + timedelta(days=2)
    pictures.forget_unused(session, now=later)

    assert disputes.find(session, case, actor=dana).pictures == [shown]

    decide(session, case, Measure.NOTHING, dana, now=later)
    pictures.forget_unused(session, now=later)

    session.expire_all()
    assert disputes.find(session, case, actor=dana).pictures == []


def test_a_later_report_keeps_what_is_shown_by_then(session, bob, charlie, dana, now):
    def show(colour):
        content = file_of(colour=colour)
        return participants.change_picture(
            session, bob.participant, content, alt="", actor=bob, now=now
        )

    show("red")
    case_id = report(session, Target.PARTICIPANT, bob.participant.id, charlie, now=now).case_id
    worse = show("blue")
    report(session, Target.PARTICIPANT, bob.participant.id, dana, now=now)
    participants.remove_picture(session, bob.participant, actor=bob)
    session.expire_all()

    assert worse in session.get(Case, case_id).pictures


def test_the_cover_is_kept_beside_any_number_of_articles(session, alice, bob, now, monkeypatch):
    monkeypatch.setattr(reporting, "MOST_PICTURES", 2)
    many = [pictures.keep(session, file_of(), actor=alice, now=now) for _ in range(3)]
    cover = pictures.keep(session, file_of(colour="blue"), actor=alice, now=now)
    later = [pictures.keep(session, file_of(), actor=alice, now=now) for _ in range(2)]
    oils = [
        make_buying.olive_oil(name=f"Oil {one.id}", picture_id=one.id) for one in (*many, *later)
    ]
    deal = group_buy(session, alice, now=now, articles=oils)
    deal.picture_id = cover.id

    case_id = report(session, Target.COLLABORATION, deal.id, bob, now=now).case_id

    assert {one.id for one in session.get(Case, case_id).pictures} == {cover.id, later[1].id}


def test_the_pictures_of_a_deal_and_of_its_articles_are_kept(session, alice, bob, now):
    one, other = (
        pictures.keep(session, file_of(colour=colour), actor=alice, now=now)
        for colour in ("red", "blue")
    )
    deal = group_buy(session, alice, now=now, articles=[make_buying.olive_oil(picture_id=one.id)])
    deal.picture_id = other.id

    case_id = report(session, Target.COLLABORATION, deal.id, bob, now=now).case_id

    assert session.get(Case, case_id).pictures == [one, other]


def test_nobody_reports_twice(session, deal, bob, now):
    report(session, Target.COLLABORATION, deal.id, bob, now=now)
    report(session, Target.COLLABORATION, deal.id, None, name="Z", email="z@example.org", now=now)

    with pytest.raises(AlreadyReported):
        report(session, Target.COLLABORATION, deal.id, bob, now=now)
    with pytest.raises(AlreadyReported):
        report(
            session, Target.COLLABORATION, deal.id, None, name="Z", email="Z@example.org", now=now
        )


def test_nobody_reports_themself(session, deal, alice, now):
    with pytest.raises(OwnContent):
        report(session, Target.COLLABORATION, deal.id, alice, now=now)


def test_what_one_may_not_know_of_cannot_be_reported(session, alice, charlie, now):
    hidden = group_buy(session, alice, visibility=Visibility.NAMED, now=now)
    message = make_talk.ask(session, hidden, body="x", lang="en", actor=alice, now=now)

    for target, target_id in (
        (Target.COLLABORATION, hidden.id),
        (Target.MESSAGE, message.id),
        (Target.MESSAGE, 0),
        (Target.PARTICIPANT, 0),
    ):
        with pytest.raises(NotFound):
            disputes.find_target(session, target, target_id, actor=charlie)


def test_words_for_who_joined_are_reported_by_those_alone(session, alice, bob, charlie, now):
    deal = group_buy(session, alice, now=now)
    join(session, deal, bob, 2, now=now)
    said = make_talk.announce(session, deal, body="The key", lang="en", actor=alice, now=now)

    assert disputes.find_target(session, Target.MESSAGE, said.id, actor=bob)
    for who in (charlie, None):
        with pytest.raises(NotFound):
            disputes.find_target(session, Target.MESSAGE, said.id, actor=who)


def test_after_a_decision_a_new_report_begins_a_new_case(session, bob, charlie, dana, now):
    first = report(session, Target.PARTICIPANT, bob.participant.id, charlie, now=now)
    decide(session, first.case_id, Measure.NOTHING, dana, now=now)

    second = report(session, Target.PARTICIPANT, bob.participant.id, charlie, now=now)

    assert second.case_id != first.case_id


@pytest.mark.race
def test_a_report_that_waited_for_a_decision_begins_a_new_case(real_app, now):
    with real_app.app_context(), db.transaction() as session:
        bob, charlie = (make.actor(session, one, now=now) for one in ("Bob", "Charlie"))
        dana = make.actor(session, "Dana", roles=["moderator"], now=now)
        first = report(session, Target.PARTICIPANT, bob.participant.id, charlie, now=now).case_id

    def report_again():
        with db.transaction() as session:
            report(session, Target.PARTICIPANT, bob.participant.id, charlie, now=now)

    with real_app.app_context():
        session = db.session()
        disputes.find(session, first, actor=dana, lock=True)
        with meanwhile(real_app, now, report_again) as failures:
            decide(session, first, Measure.NOTHING, dana, now=now)
        assert failures == []
        cases = session.scalars(select(Case.state).order_by(Case.id)).all()
        assert cases == [CaseState.DECIDED, CaseState.REPORTED]


def test_a_hidden_message_is_gone_from_the_thread(session, deal, bob, charlie, dana, now):
    message = make_talk.ask(session, deal, body="Buy my pills", lang="en", actor=bob, now=now)
    made = report(session, Target.MESSAGE, message.id, charlie, now=now)

    disputes.take_up(session, made.case_id, actor=dana, now=now)
    case = decide(session, made.case_id, Measure.HIDDEN, dana, now=now)

    assert (case.state, case.measure) == (CaseState.DECIDED, Measure.HIDDEN)
    assert make_talk.thread(session, deal, None).comments == ()
    assert case.snapshot["text"] == "Buy my pills"


def test_a_deal_can_be_paused_and_another_cancelled(session, deal, alice, bob, dana, now):
    other = group_buy(session, alice, title="Coffee", now=now)
    pause = report(session, Target.COLLABORATION, deal.id, bob, now=now)
    cancel = report(session, Target.COLLABORATION, other.id, bob, now=now)

    decide(session, pause.case_id, Measure.PAUSED, dana, now=now)
    decide(session, cancel.case_id, Measure.CANCELLED, dana, now=now)

    assert (deal.is_paused, deal.state) == (True, State.OPEN)
    assert other.state == State.CANCELLED


@pytest.mark.parametrize(
    ("target", "measure"),
    [
        (Target.COLLABORATION, Measure.HIDDEN),
        (Target.MESSAGE, Measure.PAUSED),
        (Target.MESSAGE, Measure.CANCELLED),
        (Target.PARTICIPANT, Measure.HIDDEN),
    ],
)
def test_a_measure_fits_its_target(target, measure, dana, now):
    case = Case(target=target, target_id=1, state=CaseState.REPORTED)

    with pytest.raises(MeasureNotPossible):
        case.decide(measure, "Because.", dana.member.id, now)


def test_what_runs_is_paused_no_more(session, alice, bob, charlie, dana, now):
    deal = make_running.closed(session, alice, [(bob, 5)], now=now)
    made = report(session, Target.COLLABORATION, deal.id, charlie, now=now)

    with pytest.raises(MeasureNotPossible):
        decide(session, made.case_id, Measure.PAUSED, dana, now=now)

    assert not deal.is_paused


def test_what_is_handed_over_is_called_off_no_more(session, alice, bob, charlie, dana, now):
    deal = make_running.closed(session, alice, [(bob, 5)], now=now)
    make_running.handing_over(session, deal, alice)
    made = report(session, Target.COLLABORATION, deal.id, charlie, now=now)

    with pytest.raises(MeasureNotPossible):
        decide(session, made.case_id, Measure.CANCELLED, dana, now=now)

    assert deal.state == State.RUNNING


def test_a_case_is_decided_once(session, bob, charlie, dana, now):
    made = report(session, Target.PARTICIPANT, bob.participant.id, charlie, now=now)
    decide(session, made.case_id, Measure.NOTHING, dana, now=now)

    with pytest.raises(NotInThisState):
        decide(session, made.case_id, Measure.NOTHING, dana, now=now)


def test_only_moderators_see_and_decide(session, bob, charlie, now):
    made = report(session, Target.PARTICIPANT, bob.participant.id, charlie, now=now)

    with pytest.raises(NotAModerator):
        disputes.queue(session, actor=charlie)
    with pytest.raises(NotAModerator):
        disputes.take_up(session, made.case_id, actor=charlie, now=now)
    with pytest.raises(NotAModerator):
        decide(session, made.case_id, Measure.NOTHING, charlie, now=now)


def test_nobody_judges_their_own_case(session, deal, bob, charlie, dana, now):
    about_dana = report(session, Target.PARTICIPANT, dana.participant.id, charlie, now=now)
    by_dana = report(session, Target.PARTICIPANT, bob.participant.id, dana, now=now)
    join(session, deal, dana, 1, now=now)
    among_danas = report(session, Target.COLLABORATION, deal.id, charlie, now=now)

    for made in (about_dana, by_dana, among_danas):
        with pytest.raises(NotImpartial):
            decide(session, made.case_id, Measure.NOTHING, dana, now=now)


def test_whoever_runs_the_supplier_decides_nothing_about_the_deal(session, alice, bob, dana, now):
    farm = make.organisation(session, "Biohof", owner=dana, now=now)
    deal = group_buy(session, alice, now=now, supplier_id=farm.participant.id)
    made = report(session, Target.COLLABORATION, deal.id, bob, now=now)

    with pytest.raises(NotImpartial):
        disputes.take_up(session, made.case_id, actor=farm, now=now)
    with pytest.raises(NotImpartial):
        decide(session, made.case_id, Measure.NOTHING, farm, now=now)


def test_nobody_shuts_a_moderator_out_by_naming_them_co_organiser(
    session, deal, alice, bob, dana, now
):
    made = report(session, Target.COLLABORATION, deal.id, bob, now=now)
    later = now + timedelta(minutes=1)
    make_buying.add_co_organiser(session, deal, dana.member.email, actor=alice, now=later)

    decide(session, made.case_id, Measure.PAUSED, dana, now=later)

    assert deal.is_paused
    with pytest.raises(NotImpartial):
        lift(session, made.case_id, dana, now=later)


def test_who_ran_it_before_the_report_decides_nothing_about_it(
    session, deal, alice, bob, dana, now
):
    make_buying.add_co_organiser(session, deal, dana.member.email, actor=alice, now=now)
    later = now + timedelta(minutes=1)
    made = report(session, Target.COLLABORATION, deal.id, bob, now=later)

    with pytest.raises(NotImpartial):
        decide(session, made.case_id, Measure.NOTHING, dana, now=later)


def test_the_decision_is_read_by_those_concerned(session, alice, bob, charlie, dana, now):
    made = report(session, Target.PARTICIPANT, bob.participant.id, charlie, now=now)

    with pytest.raises(NotFound):
        disputes.find_decided(session, made.case_id, actor=charlie)
    decide(session, made.case_id, Measure.NOTHING, dana, now=now)

    for concerned in (bob, charlie, dana):
        assert disputes.find_decided(session, made.case_id, actor=concerned).id == made.case_id
    with pytest.raises(NotFound):
        disputes.find_decided(session, made.case_id, actor=alice)


def test_the_queue_shows_open_cases_and_can_be_narrowed(session, alice, bob, charlie, dana, now):
    cases = [
        report(session, Target.PARTICIPANT, one.participant.id, charlie, now=now).case_id
        for one in (alice, bob)
    ]
    disputes.take_up(session, cases[0], actor=dana, now=now)

    def ids(**wanted):
        return [case.id for case in disputes.queue(session, actor=dana, **wanted)[0]]

    assert ids() == [cases[1], cases[0]]
    assert ids(state=CaseState.TAKEN_UP) == [cases[0]]
    first, before = disputes.queue(session, actor=dana, limit=1)
    assert [case.id for case in first] == [cases[1]]
    assert ids(before=before) == [cases[0]]
    assert disputes.count_open(session) == 2
    decide(session, cases[0], Measure.NOTHING, dana, now=now)
    assert [case.id for case in disputes.public_log(session)[0]] == [cases[0]]


def test_the_queue_is_read_with_three_statements(session, alice, bob, charlie, dana, now):
    for one in (alice, bob, charlie):
        reporter = bob if one is charlie else charlie
        report(session, Target.PARTICIPANT, one.participant.id, reporter, now=now)
    session.flush()
    session.expire_all()
    assert dana.member.is_moderator

    with counted(session) as statements:
        cases, _ = disputes.queue(session, actor=dana)
        assert [len(case.reports) for case in cases] == [1, 1, 1]
        assert [case.author.name for case in cases] == ["Charlie", "Bob", "Alice"]

    assert len(statements) <= 3


@pytest.mark.parametrize("before", CaseState)
@pytest.mark.parametrize("after", CaseState)
def test_cases_move_only_along_their_table(before, after):
    allowed = {
        (CaseState.REPORTED, CaseState.TAKEN_UP),
        (CaseState.REPORTED, CaseState.DECIDED),
        (CaseState.TAKEN_UP, CaseState.DECIDED),
    }
    assert Case(state=before).can_move(after) == ((before, after) in allowed)


def lift(session, case_id, actor, *, now, reason="The supplier showed their papers."):
    return disputes.lift(session, case_id, reason=reason, actor=actor, now=now)


@pytest.fixture
def paused(session, deal, bob, dana, now):
    case_id = report(session, Target.COLLABORATION, deal.id, bob, now=now).case_id
    return decide(session, case_id, Measure.PAUSED, dana, now=now)


def test_only_an_impartial_moderator_lifts_a_pause(session, deal, paused, alice, dana, now):
    erin = make.actor(session, "Erin", roles=["moderator"], now=now)
    join(session, make_buying.group_buy(session, alice, now=now), erin, 1, now=now)
    make_buying.add_co_organiser(session, deal, erin.member.email, actor=alice, now=now)
    with pytest.raises(NotAModerator):
        lift(session, paused.id, alice, now=now)
    with pytest.raises(NotImpartial):
        lift(session, paused.id, erin, now=now)
    assert deal.is_paused

    lift(session, paused.id, dana, now=now)

    assert not deal.is_paused
    assert (paused.lift_reason, paused.lifted_by_id) == (
        "The supplier showed their papers.",
        dana.member.id,
    )


def test_a_pause_is_lifted_once_and_only_where_there_is_one(
    session, deal, paused, alice, bob, charlie, dana, now
):
    lift(session, paused.id, dana, now=now)
    with pytest.raises(NothingToLift):
        lift(session, paused.id, dana, now=now)

    # Another pause, by those who organise, is theirs to end.
    steering.pause(session, deal, reason="Rain", actor=alice, now=now)
    assert not disputes.may_lift(session, paused)
    open_case = report(session, Target.COLLABORATION, deal.id, charlie, now=now).case_id
    with pytest.raises(NothingToLift):
        lift(session, open_case, dana, now=now)


def test_what_was_called_off_does_not_go_on(session, deal, paused, alice, dana, now):
    steering.cancel(session, deal, reason="Too much trouble", actor=alice, now=now)

    assert not disputes.may_lift(session, paused)
    with pytest.raises(NothingToLift):
        lift(session, paused.id, dana, now=now)


@pytest.mark.parametrize("roles", [["moderator"], []])
def test_what_a_moderator_paused_stays_so_whatever_becomes_of_their_role(
    session, deal, paused, alice, dana, roles, now
):
    dana.member.roles = roles

    with pytest.raises(steering.PausedByModerator):
        steering.resume(session, deal, actor=alice, now=now)

    assert deal.is_paused


def test_a_moderator_pauses_once_at_a_time(session, deal, paused, charlie, dana, now):
    again = report(session, Target.COLLABORATION, deal.id, charlie, now=now).case_id

    with pytest.raises(MeasureNotPossible):
        decide(session, again, Measure.PAUSED, dana, now=now)

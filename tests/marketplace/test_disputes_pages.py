"""Reporting, as anyone; the queue and the decision, as Dana; the log, as everyone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace import db, jobs
from models.collaborations import State
from models.disputes import Case, CaseState, Ground, Measure, Report, Target
from models.events import Event
from models.notices import Notice
from services import disputes, participants
from tests import make_talk
from tests.counting import counted
from tests.make_buying import group_buy, join
from tests.pages import send
from tests.services.test_pictures import file_of

WORDS = {"ground": "fraud", "body": "The supplier does not exist."}
DECISION = {"measure": "nothing", "reason": "We called the supplier; they exist."}


@pytest.fixture
def deal(session, alice, now):
    return group_buy(session, alice, now=now)


@pytest.fixture
def case(session, deal, bob, now):
    reported = disputes.find_target(session, Target.COLLABORATION, deal.id, actor=bob)
    made = disputes.report(session, reported, ground=Ground.FRAUD, body="Odd.", actor=bob, now=now)
    return session.get(Case, made.case_id)


def test_a_member_reports_a_deal(as_bob, session, deal, bob):
    path = f"/report/collaboration/{deal.id}"

    assert "Olive oil from Crete" in as_bob.get(path).text
    answer = send(as_bob, path, **WORDS)

    [report] = session.scalars(select(Report)).all()
    assert (answer.status_code, answer.location) == (303, f"/group-buys/{deal.slug}")
    assert report.reporter_id == bob.participant.id


def test_a_stranger_reports_with_name_and_address(client, session, deal):
    path = f"/report/collaboration/{deal.id}"

    nameless = send(client, path, **WORDS)
    answer = send(client, path, name="Zoe", email="zoe@example.org", **WORDS)

    [report] = session.scalars(select(Report)).all()
    assert (nameless.status_code, answer.status_code) == (422, 303)
    assert (report.reporter_name, report.reporter_email) == ("Zoe", "zoe@example.org")


def test_a_stranger_cannot_flood_the_moderators(client, session, alice, now):
    for number in range(6):
        deal = group_buy(session, alice, title=f"Deal {number}", now=now)
        answer = send(
            client,
            f"/report/collaboration/{deal.id}",
            name="Z",
            email=f"z{number}@example.org",
            **WORDS,
        )

    assert answer.status_code == 409
    assert len(session.scalars(select(Case)).all()) == 5


@pytest.mark.parametrize(
    "typed", [{}, {"ground": "nonsense"}, {"body": "short"}, {"body": "x" * 5001}, {"ground": ""}]
)
def test_a_report_needs_ground_and_words(as_bob, deal, typed):
    whole = {**WORDS, **typed} if typed else {}

    answer = send(as_bob, f"/report/collaboration/{deal.id}", **whole)

    assert answer.status_code == 422


def test_reporting_twice_or_oneself_is_refused(as_bob, as_alice, deal):
    path = f"/report/collaboration/{deal.id}"
    send(as_bob, path, **WORDS)

    assert send(as_bob, path, **WORDS).status_code == 409
    assert send(as_alice, path, **WORDS).status_code == 409


@pytest.mark.parametrize("path", ["nonsense/1", "message/0", "collaboration/0", "participant/0"])
def test_what_is_not_there_cannot_be_reported(client, path):
    assert client.get(f"/report/{path}").status_code == 404


def test_a_message_and_a_profile_can_be_reported(as_charlie, session, deal, bob, now):
    message = make_talk.ask(session, deal, body="Buy pills", lang="en", actor=bob, now=now)

    for target in (f"message/{message.id}", f"participant/{bob.participant.id}"):
        assert as_charlie.get(f"/report/{target}").status_code == 200
        assert send(as_charlie, f"/report/{target}", **WORDS).status_code == 303


def test_a_moderator_sees_the_picture_that_was_reported(
    as_dana, as_charlie, session, alice, bob, now
):
    shown = participants.change_picture(
        session, bob.participant, file_of(), alt="", actor=bob, now=now
    )
    send(as_charlie, f"/report/participant/{bob.participant.id}", **WORDS)
    participants.change_picture(session, bob.participant, file_of(), alt="", actor=bob, now=now)

    case = session.scalars(select(Case)).one()
    page = as_dana.get(f"/moderation/{case.id}").text

    assert f"/pictures/{shown.key}.webp" in page
    assert as_dana.get(f"/pictures/{shown.key}.webp").status_code == 200


def test_a_moderator_takes_up_and_decides(as_dana, session, case, deal):
    assert "Olive oil from Crete" in as_dana.get("/moderation").text
    assert send(as_dana, f"/moderation/{case.id}/taking-up").status_code == 303

    answer = send(
        as_dana, f"/moderation/{case.id}/decision", measure="paused", reason=DECISION["reason"]
    )

    assert answer.status_code == 303
    assert (case.state, case.measure, deal.is_paused) == (CaseState.DECIDED, Measure.PAUSED, True)
    assert "The group buy was paused" in as_dana.get(f"/moderation/{case.id}").text
    assert as_dana.get("/moderation?state=decided").text.count(f"/moderation/{case.id}") == 1


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"measure": "paused"},
        {"measure": "x", "reason": "x" * 30},
        {"measure": "hidden", "reason": "x" * 30},
    ],
)
def test_a_decision_needs_a_fitting_measure_and_reasons(as_dana, case, typed):
    assert send(as_dana, f"/moderation/{case.id}/decision", **typed).status_code == 422
    assert case.state == CaseState.REPORTED


def test_two_tabs_decide_once(as_dana, case):
    first = send(as_dana, f"/moderation/{case.id}/decision", **DECISION)
    second = send(as_dana, f"/moderation/{case.id}/decision", **DECISION)

    assert (first.status_code, second.status_code) == (303, 409)


def test_a_moderator_who_takes_part_is_refused(as_dana, session, case, deal, dana, now):
    join(session, deal, dana, 1, now=now)

    assert send(as_dana, f"/moderation/{case.id}/decision", **DECISION).status_code == 403


def test_the_decision_is_for_those_concerned(as_dana, as_alice, as_bob, as_charlie, client, case):
    path = f"/cases/{case.id}"
    assert as_bob.get(path).status_code == 404
    send(as_dana, f"/moderation/{case.id}/decision", **DECISION)

    statuses = [one.get(path).status_code for one in (as_alice, as_bob, as_charlie, client)]
    assert statuses == [200, 200, 404, 303]
    assert "they exist" in as_alice.get(path).text


def test_the_log_names_nobody(as_dana, client, case, alice, bob):
    send(as_dana, f"/moderation/{case.id}/decision", **DECISION)

    page = client.get("/moderation/log").text

    assert "It stays as it is" in page
    assert "Olive oil" not in page
    assert alice.participant.name not in page
    assert bob.participant.name not in page


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "path", ["/moderation", "/moderation/{}", "/moderation/{}/taking-up", "/moderation/{}/decision"]
)
def test_only_moderators_moderate(client, as_bob, as_dana, case, method, path):
    path = path.format(case.id)
    as_they_do = {"get": lambda one: one.get(path), "post": lambda one: send(one, path)}[method]

    stranger, member, moderator = (as_they_do(one).status_code for one in (client, as_bob, as_dana))

    if method == "get" and path.endswith(("/taking-up", "/decision")):
        # An address of a form, which whoever asks for it is led away from before anything is read.
        assert stranger == member == moderator == 303
    elif moderator == 405:
        assert stranger == member == 405
    else:
        assert (stranger, member) == (303, 403)
        assert moderator in (200, 303, 422)


def test_the_queue_page_does_not_ask_once_for_each_case(as_dana, session, alice, bob, charlie, now):
    for actor in (alice, bob):
        reported = disputes.find_target(
            session, Target.PARTICIPANT, actor.participant.id, actor=charlie
        )
        disputes.report(session, reported, ground=Ground.SPAM, body="Spam.", actor=charlie, now=now)
    as_dana.get("/moderation")

    with counted(session) as statements:
        as_dana.get("/moderation")

    assert len(statements) <= 9


LIFT = {"reason": "The supplier showed us their papers."}


def messages(session, actor):
    rows = session.scalars(select(Notice).filter_by(member_id=actor.member.id).order_by(Notice.id))
    return [notice.message for notice in rows]


def test_a_moderator_lets_a_paused_deal_go_on_and_it_closes_by_itself(
    app, as_alice, as_bob, as_dana, session, deal, case, alice, bob, charlie, dana, now
):
    join(session, deal, charlie, 6, now=now)
    with app.app_context():
        jobs.run_due(at=now)
    at = f"/moderation/{case.id}"
    with db.at(now):
        assert "Let it go on" not in as_dana.get(at).text
        send(as_dana, f"{at}/decision", measure="paused", reason=DECISION["reason"])
    late = deal.closes_at + timedelta(hours=1)
    with app.app_context():
        jobs.run_due(at=late)
    assert (deal.state, deal.is_paused) == (State.OPEN, True)

    with db.at(late):
        assert send(as_alice, f"/group-buys/{deal.slug}/desk/resumption").status_code == 403
        assert send(as_alice, f"{at}/resumption", **LIFT).status_code == 403
        assert send(as_bob, f"{at}/resumption", **LIFT).status_code == 403
        assert send(as_dana, f"{at}/resumption", reason="").status_code == 422
        assert "Let it go on" in as_dana.get(at).text
        assert send(as_dana, f"{at}/resumption", **LIFT).status_code == 303
        assert send(as_dana, f"{at}/resumption", **LIFT).status_code == 409
    with app.app_context():
        jobs.run_due(at=late)

    assert (deal.state, deal.is_paused) == (State.RUNNING, False)
    assert messages(session, charlie)[-2:] == ["resumed-because", "in"]
    assert "resumed-because" in messages(session, alice)
    assert messages(session, bob) == ["report-received", "report-decided-paused", "report-lifted"]
    kinds = [one.kind for one in session.scalars(select(Event).order_by(Event.id))]
    assert kinds.index("GroupBuyResumed") < kinds.index("PauseLifted")
    assert LIFT["reason"] in as_dana.get(at).text
    assert LIFT["reason"] in as_bob.get(f"/cases/{case.id}").text
    assert "It goes on since" in as_bob.get("/moderation/log").text
    assert LIFT["reason"] in as_bob.get(f"/group-buys/{deal.slug}/history").text

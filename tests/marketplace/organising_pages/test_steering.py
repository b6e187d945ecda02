"""A group buy is paused, called off, copied; pick-up points move."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import CommitmentState, State
from models.disputes import Ground, Measure, Target
from services import buying, disputes
from tests import make_buying, make_running
from tests.marketplace.organising_pages.typed import pickup
from tests.pages import send


def test_it_is_paused_and_goes_on(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy
) -> None:
    at = f"/group-buys/{open_deal.slug}/desk"

    assert send(as_alice, f"{at}/pause", reason="The press is broken.").status_code == 303
    desk = as_alice.get(at).text
    assert "It is paused: nobody can join; whoever is in can leave." in desk
    assert "Paused</span>" in desk
    assert f'data-copy="http://localhost/group-buys/{open_deal.slug}"' in desk
    assert send(as_alice, f"{at}/pause", reason="Again").status_code == 409
    assert send(as_alice, f"{at}/resumption").status_code == 303
    assert send(as_alice, f"{at}/resumption").status_code == 409

    session.refresh(open_deal)
    assert not open_deal.is_paused


def test_what_a_moderator_paused_goes_on_only_with_them(
    as_alice: FlaskClient,
    session: Session,
    open_deal: GroupBuy,
    bob: Actor,
    dana: Actor,
    now: datetime,
) -> None:
    found = disputes.find_target(session, Target.COLLABORATION, open_deal.id, actor=bob)
    made = disputes.report(session, found, ground=Ground.FRAUD, body="x", actor=bob, now=now)
    why = "It breaks the terms."
    disputes.decide(session, made.case_id, measure=Measure.PAUSED, reason=why, actor=dana, now=now)

    assert send(as_alice, f"/group-buys/{open_deal.slug}/desk/resumption").status_code == 403


def test_it_is_called_off_until_the_goods_have_come(
    as_alice: FlaskClient, session: Session, running: GroupBuy, alice: Actor
) -> None:
    make_running.delivered(session, running, alice)
    at = f"/group-buys/{running.slug}/desk/cancellation"

    assert send(as_alice, at, reason="Too late").status_code == 409
    assert running.state == State.RUNNING


def test_calling_off_says_why(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, bob: Actor, now: datetime
) -> None:
    make_buying.join(session, open_deal, bob, 2, now=now)
    at = f"/group-buys/{open_deal.slug}/desk"

    assert send(as_alice, f"{at}/cancellation", reason="The <b>press</b> broke").status_code == 303

    page = as_alice.get(at).text
    assert "The &lt;b&gt;press&lt;/b&gt; broke" in page
    assert "Closed Dec" not in page
    assert not re.search(r"<p>Closed [^<]*</p>", page)
    assert "· closed" not in as_alice.get("/organising").text
    assert make_running.commitment(session, open_deal, bob).state == CommitmentState.OUT


def test_a_copy_is_a_draft_of_the_same(
    as_alice: FlaskClient, session: Session, running: GroupBuy
) -> None:
    answer = send(as_alice, f"/group-buys/{running.slug}/copies")

    copy = session.scalars(select(GroupBuy).where(GroupBuy.state == State.DRAFT)).one()
    assert answer.location == f"/group-buys/{copy.slug}/draft"
    assert copy.articles_count == 1
    assert as_alice.get(answer.location).status_code == 200


def test_the_pickup_moves_after_the_close(
    as_alice: FlaskClient, session: Session, running: GroupBuy, now: datetime
) -> None:
    [point] = buying.pickup_points(session, running)
    at = f"/group-buys/{running.slug}/desk/pick-up/{point.id}"
    assert as_alice.get(at).status_code == 200

    assert send(as_alice, at, **pickup(now, name="School yard")).status_code == 303
    assert send(as_alice, at, **pickup(now, from_at="2020-01-01T10:00")).status_code == 422

    assert "School yard" in as_alice.get(f"/group-buys/{running.slug}/desk").text


def test_a_pickup_of_a_draft_is_edited_in_the_same_form(
    as_alice: FlaskClient, session: Session, draft: GroupBuy, now: datetime
) -> None:
    [point] = buying.pickup_points(session, draft)
    page, edit = (f"/group-buys/{draft.slug}/{path}" for path in ("draft", "desk"))
    edit += f"/pick-up/{point.id}"
    assert f'href="{edit}"' in as_alice.get(f"{page}/pick-up").text

    form = as_alice.get(edit).text
    saved = send(as_alice, edit, **pickup(now, name="School yard"))

    assert f'value="{point.name}"' in form or 'value="Alice&#39;s garage"' in form
    assert "is told" not in form
    assert (saved.status_code, saved.location) == (303, f"{page}/pick-up")
    assert "School yard" in as_alice.get(saved.location).text


def test_a_pickup_is_added_on_the_desk_and_taken_away_unless_it_is_chosen(
    as_alice: FlaskClient, session: Session, running: GroupBuy, now: datetime
) -> None:
    [chosen] = buying.pickup_points(session, running)
    desk = f"/group-buys/{running.slug}/desk"
    assert f'href="{desk}/pick-up"' in as_alice.get(desk).text
    assert "Nobody has to agree" in as_alice.get(f"{desk}/pick-up").text
    typed = pickup(now, name="School yard")

    wrong = send(as_alice, f"{desk}/pick-up", **{**typed, "from_at": "2020-01-01T10:00"})
    assert (wrong.status_code, "School yard" in wrong.text) == (422, True)
    assert send(as_alice, f"{desk}/pick-up", **typed).status_code == 303

    page = as_alice.get(desk).text
    [other] = [one for one in buying.pickup_points(session, running) if one != chosen]
    assert "School yard" in page
    assert "A pick-up point was added." in page
    assert f"{desk}/pick-up/{chosen.id}/removal" not in page
    assert f"{desk}/pick-up/{other.id}/removal" in page
    assert send(as_alice, f"{desk}/pick-up/{chosen.id}/removal").status_code == 409
    assert send(as_alice, f"{desk}/pick-up/{other.id}/removal").status_code == 303
    assert buying.pickup_points(session, running) == [chosen]


def test_no_pickup_is_asked_for_once_the_hand_over_has_begun(
    as_alice: FlaskClient, handing_over: GroupBuy
) -> None:
    answer = as_alice.get(f"/group-buys/{handing_over.slug}/desk/pick-up")

    assert answer.status_code == 409
    assert "The hand-over has begun" in answer.text


def test_a_further_pickup_is_proposed_a_day_after_the_last_and_never_in_the_past(
    as_alice: FlaskClient, session: Session, running: GroupBuy
) -> None:
    [last] = buying.pickup_points(session, running)
    at = f"/group-buys/{running.slug}/desk/pick-up"

    def proposed(now: datetime) -> list[datetime]:
        with db.at(now):
            found = re.findall(r'value="(....-..-..T..:..)"', as_alice.get(at).text)
        zone = ZoneInfo(running.time_zone)
        return [datetime.fromisoformat(one).replace(tzinfo=zone) for one in found]

    begin = last.from_at.replace(second=0, microsecond=0)
    early, late = proposed(running.closes_at), proposed(last.from_at + timedelta(days=4, hours=1))

    assert early[0] == begin + timedelta(days=1)
    assert early[1] - early[0] == last.until_at - last.from_at
    assert late[0] == begin + timedelta(days=5)

"""The pages of a series and of the usual order, as a browser without JavaScript uses them."""

from datetime import UTC, datetime, timedelta

import pytest

from models.buying import GroupBuyCommitment
from models.collaborations import Visibility
from models.series import Follower, Series, SeriesState
from services import buying, series
from services.series import Rhythm
from tests.counting import counted
from tests.make_api import bearer
from tests.make_buying import commitment_of, group_buy, join, olive_oil
from tests.pages import send


@pytest.fixture
def then():
    """Eight days ago, so that a second round is open now."""
    return datetime.now(UTC) - timedelta(days=8)


@pytest.fixture
def box(session, alice, then):
    return group_buy(
        session,
        alice,
        title="Vegetable box",
        articles=[olive_oil(name="Box", minimum_units=1, maximum_units=None)],
        closes_at=then + timedelta(days=6),
        now=then,
    )


@pytest.fixture
def found(session, box, alice, then):
    return series.begin(session, box, Rhythm(1, opens_by_itself=True), actor=alice, now=then)


@pytest.fixture
def second(session, found):
    return series.advance(session, found.id, now=found.due_at)


def test_an_organiser_makes_a_series(as_alice, session, box):
    desk = as_alice.get(f"/group-buys/{box.slug}/desk").text
    assert f"/group-buys/{box.slug}/series" in desk
    form = as_alice.get(f"/group-buys/{box.slug}/series").text
    assert 'value="false" checked' in form

    answer = send(
        as_alice, f"/group-buys/{box.slug}/series", every_weeks="2", opens_by_itself="false"
    )

    assert answer.status_code == 303
    [made] = session.query(Series).all()
    assert (made.every_weeks, made.opens_by_itself, made.last_number) == (2, False, None)
    assert answer.location == f"/series/{made.slug}"
    assert "every second" in as_alice.get(answer.location).text


def test_an_odd_rhythm_keeps_what_was_typed(as_alice, box):
    answer = send(as_alice, f"/group-buys/{box.slug}/series", every_weeks="1", more_rounds="lots")

    assert answer.status_code == 422
    assert 'value="lots"' in answer.text


def test_strangers_make_no_series(as_bob, box):
    assert as_bob.get(f"/group-buys/{box.slug}/series").status_code == 403
    assert send(as_bob, f"/group-buys/{box.slug}/series", every_weeks="1").status_code == 403


@pytest.mark.parametrize("act", ["pause", "skip", "end", "resumption", "rhythm"])
def test_strangers_steer_nothing(as_bob, found, act):
    assert send(as_bob, f"/series/{found.slug}/{act}", every_weeks="1").status_code == 403


def test_it_is_paused_and_goes_on_and_stops(as_alice, session, found):
    for act, state in [
        ("pause", SeriesState.PAUSED),
        ("resumption", SeriesState.RUNNING),
        ("skip", SeriesState.RUNNING),
        ("end", SeriesState.ENDED),
        ("end", SeriesState.ENDED),
    ]:
        answer = send(as_alice, f"/series/{found.slug}/{act}")

        assert answer.status_code == 303
        session.refresh(found)
        assert found.state == state
        assert as_alice.get(answer.location).status_code == 200


def test_the_rhythm_is_changed(as_alice, session, found):
    assert as_alice.get(f"/series/{found.slug}/rhythm").status_code == 200

    send(
        as_alice,
        f"/series/{found.slug}/rhythm",
        every_weeks="4",
        more_rounds="3",
        opens_by_itself="true",
    )

    session.refresh(found)
    assert (found.every_weeks, found.last_number) == (4, 4)


def test_a_round_leads_to_its_neighbours(client, box, found, second):
    page = client.get(f"/group-buys/{second.slug}").text
    assert "Comes again every" in page
    assert f"/group-buys/{box.slug}" in page

    assert f"/group-buys/{second.slug}" in client.get(f"/group-buys/{box.slug}").text


def test_the_page_of_a_series_shows_its_rounds(client, box, found, second):
    page = client.get(f"/series/{found.slug}").text

    assert "Round 1" in page
    assert "Round 2" in page
    assert "You run this series" not in page


def test_a_draft_is_seen_by_those_who_run_it_alone(as_alice, client, session, box, alice, then):
    found = series.begin(session, box, Rhythm(1), actor=alice, now=then)
    draft = series.advance(session, found.id, now=found.due_at)

    assert draft.slug not in client.get(f"/series/{found.slug}").text
    assert "ready to open" in as_alice.get(f"/series/{found.slug}").text
    assert "ready to open" in as_alice.get(f"/group-buys/{box.slug}/desk").text
    assert "since the last round" in as_alice.get(f"/group-buys/{draft.slug}/draft/review").text


def test_what_holds_it_up_is_said_to_those_who_run_it(as_alice, client, session, found, second):
    found.hold_up({"message": "Only %(n)s left.", "facts": {"n": 3}, "more": []})

    assert "Only 3 left." in as_alice.get(f"/series/{found.slug}").text
    assert "Only 3 left." not in client.get(f"/series/{found.slug}").text


def test_a_member_follows_and_no_longer(as_bob, session, bob, found, second):
    page = as_bob.get(f"/group-buys/{second.slug}").text
    assert "Tell me when a new round opens" in page

    answer = send(as_bob, f"/series/{found.slug}/following", deal=second.slug)
    assert answer.location == f"/group-buys/{second.slug}#series"
    assert session.get(Follower, (found.id, bob.member.id)) is not None

    send(as_bob, f"/series/{found.slug}/following/end")
    assert session.get(Follower, (found.id, bob.member.id)) is None


def test_a_series_for_those_with_the_link(client, as_bob, session, alice, then):
    deal = group_buy(session, alice, visibility=Visibility.LINK, now=then)
    found = series.begin(session, deal, Rhythm(1), actor=alice, now=then)

    assert client.get(f"/series/{found.slug}").status_code == 404
    assert client.get(f"/series/{found.slug}?key={deal.link_key}").status_code == 200
    assert send(as_bob, f"/series/{found.slug}/following").status_code == 404
    answer = send(as_bob, f"/series/{found.slug}/following?key={deal.link_key}")
    assert answer.status_code == 303


def test_a_page_of_a_round_costs_three_statements_more(client, session, alice, second):
    alone = group_buy(session, alice, articles=[olive_oil()], now=datetime.now(UTC))
    for deal in (alone, second):
        client.get(f"/group-buys/{deal.slug}")
    with counted(session) as without:
        client.get(f"/group-buys/{alone.slug}")
    with counted(session) as with_series:
        client.get(f"/group-buys/{second.slug}")

    assert len(with_series) <= len(without) + 3


class TestUsualOrder:
    @pytest.fixture
    def first_order(self, session, box, bob, then):
        made = join(session, box, bob, 3, now=then)
        return session.get_one(GroupBuyCommitment, made)

    def test_one_button_fills_it_in_and_binds_nobody(
        self, as_bob, session, bob, first_order, second
    ):
        page = as_bob.get(f"/group-buys/{second.slug}").text
        assert "Fill in my usual order" in page

        answer = send(as_bob, f"/group-buys/{second.slug}/usual-order")
        form = as_bob.get(answer.location).text

        assert answer.status_code == 303
        assert "Your usual order is filled in" in form
        [article] = buying.articles(session, second)
        assert f'name="units-{article.id}" type="number" value="3"' in form
        assert commitment_of(session, second, bob.participant.id) is None

    def test_from_a_long_list_it_is_gathered(self, as_bob, session, alice, bob, then):
        deal = group_buy(
            session,
            alice,
            articles=[olive_oil(), olive_oil(name="Olives", order_number="2")],
            closes_at=then + timedelta(days=6),
            now=then,
        )
        found = series.begin(session, deal, Rhythm(1, opens_by_itself=True), actor=alice, now=then)
        join(session, deal, bob, 4, now=then)
        second = series.advance(session, found.id, now=found.due_at)
        article = buying.articles(session, second)[0]
        article.tiers[0].price_minor = 4300
        session.flush()
        assert "Fill in my usual order" in as_bob.get(f"/group-buys/{second.slug}/articles").text

        answer = send(as_bob, f"/group-buys/{second.slug}/usual-order")
        form = as_bob.get(answer.location).text

        assert "Olive oil: was €40.00, now €43.00" in form
        assert f'name="units-{article.id}" type="number" value="4"' in form
        assert buying.gathered(session, second, bob.participant.id)[article.id].units == 4

    def test_whoever_ordered_nothing_has_no_button(self, as_charlie, first_order, second):
        assert "usual order" not in as_charlie.get(f"/group-buys/{second.slug}").text
        answer = send(as_charlie, f"/group-buys/{second.slug}/usual-order")
        assert answer.location == f"/group-buys/{second.slug}#act"

    def test_it_is_kept_and_forgotten(self, as_bob, session, box, first_order, found):
        path = f"/group-buys/{box.slug}/commitments/{first_order.id}/usual"

        send(as_bob, path)
        session.refresh(first_order)
        assert first_order.usual_since_at is not None
        assert "This is your usual order" in as_bob.get(f"/group-buys/{box.slug}").text

        send(as_bob, f"{path}/end")
        session.refresh(first_order)
        assert first_order.usual_since_at is None

    def test_it_is_nobody_elses(self, as_charlie, as_alice, box, first_order, found):
        path = f"/group-buys/{box.slug}/commitments/{first_order.id}/usual"

        assert send(as_charlie, path).status_code == 404
        assert send(as_alice, path).status_code == 404


class TestApi:
    @pytest.fixture
    def post(self, client, session, alice):
        """Send as a program of Alice's, each time with a key of its own."""
        headers = bearer(session, alice, now=datetime.now(UTC))
        return lambda path, **said: client.post(
            f"/api/v1{path}", json=said, headers={**headers, "Idempotency-Key": path}
        )

    def test_a_series_is_begun_and_steered(self, client, post, session, box):
        made = post("/series", group_buy=str(box.id), every_weeks=1, opens_by_itself=True)
        assert (made.status_code, made.json["state"]) == (201, "running")

        path = f"/series/{made.json['id']}"
        for act, state in [("pause", "paused"), ("resumption", "running"), ("skip", "running")]:
            answer = post(f"{path}/{act}")
            assert (answer.status_code, answer.json["state"]) == (200, state)
        assert post(f"{path}/end").json["next_opens_at"] is None

    def test_a_rhythm_is_changed(self, client, session, alice, found):
        headers = bearer(session, alice, now=datetime.now(UTC))
        path = f"/api/v1/series/{found.id}/rhythm"

        changed = client.put(path, json={"every_weeks": 2}, headers=headers)

        assert (changed.status_code, changed.json["every_weeks"]) == (200, 2)
        assert client.put(path, json={"every_weeks": 3}, headers=headers).status_code == 422

    def test_rounds_are_listed(self, client, found, box, second):
        one = client.get(f"/api/v1/series/{found.id}").json
        rounds = client.get(f"/api/v1/series/{found.id}/rounds").json

        assert one["newest_round"] == str(second.id)
        assert [deal["id"] for deal in rounds["items"]] == [str(second.id), str(box.id)]
        detail = client.get(f"/api/v1/group-buys/{second.id}").json
        assert (detail["series_id"], detail["round_number"]) == (str(found.id), 2)

"""Alice's vegetable box comes again every week; the clocks change in between."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace import jobs
from models.actors import Actor
from models.buying import GroupBuy, Payee, Stage
from models.collaborations import NotTheOrganiser, State, Visibility
from models.errors import Invalid, NotFound
from models.lifecycle import NotInThisState
from models.notices import Notice
from models.series import LOOK_AHEAD, Series, SeriesState, moved
from services import buying, catalogues, series
from services.buying import consenting, inviting, opening, steering
from services.series import Rhythm
from services.series.making import NobodyOpensIt, RoundStillADraft
from services.series.planning import InASeriesAlready, OpenItFirst
from tests import make, make_catalogues
from tests.make_buying import add_co_organiser, group_buy, join, olive_oil
from tests.moving import moves

BERLIN = ZoneInfo("Europe/Berlin")
BY_ITSELF = Rhythm(1, opens_by_itself=True)


@pytest.fixture
def box(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    """Opens now, closes in a week less a day, fetched three days later."""
    return group_buy(
        session,
        alice,
        title="Vegetable box",
        articles=[olive_oil(name="Box", unit="box", order_number="1")],
        closes_at=now + timedelta(days=6),
        extends_to_at=now + timedelta(days=6, hours=12),
        now=now,
    )


@pytest.fixture
def run(app, session):
    """Run all jobs that are due at a moment."""

    def run(at: datetime) -> None:
        with app.app_context():
            jobs.run_due(at=at)

    return run


def begun(session, deal, actor, now, rhythm=BY_ITSELF):
    return series.begin(session, deal, rhythm, actor=actor, now=now)


def rounds(session, found):
    return session.scalars(
        select(GroupBuy).filter_by(series_id=found.id).order_by(GroupBuy.round_number)
    ).all()


def local(moment):
    return moment.astimezone(BERLIN).strftime("%m-%d %H:%M")


def test_the_next_round_is_the_same_a_week_later(session, box, alice, now):
    found = begun(session, box, alice, now)
    due = found.due_at

    made = series.advance(session, found.id, now=due)

    assert due == now + timedelta(days=7)
    assert made.state == State.OPEN
    assert (made.round_number, made.title) == (2, "Vegetable box")
    assert made.opens_at == box.opens_at + timedelta(days=7)
    assert made.closes_at == box.closes_at + timedelta(days=7)
    assert made.extends_to_at == box.extends_to_at + timedelta(days=7)
    [before], [after] = buying.pickup_points(session, box), buying.pickup_points(session, made)
    assert after.from_at == before.from_at + timedelta(days=7)
    assert after.until_at == before.until_at + timedelta(days=7)
    assert (made.collecting_days, made.organiser_id) == (box.collecting_days, box.organiser_id)


def test_a_round_that_is_due_is_made_once(session, box, alice, now):
    found = begun(session, box, alice, now)
    due = found.due_at

    made = [series.advance(session, found.id, now=due) for _ in range(3)]

    assert [one is not None for one in made] == [True, False, False]
    assert len(rounds(session, found)) == 2


def test_nothing_is_made_before_it_is_due(session, box, alice, now):
    found = begun(session, box, alice, now)

    assert series.advance(session, found.id, now=found.due_at - timedelta(seconds=1)) is None


def test_the_database_refuses_a_round_twice(session, box, alice, now):
    found = begun(session, box, alice, now)
    other = group_buy(session, alice, now=now)

    with pytest.raises(IntegrityError, match="series_id_round_number"), session.begin_nested():
        session.execute(
            text(
                "UPDATE group_buys SET series_id = :series, round_number = 1, round_opens_at = :at"
                " WHERE id = :id"
            ),
            {"series": found.id, "at": now + timedelta(days=1), "id": other.id},
        )


@pytest.mark.parametrize(
    ("first", "clock"),
    [
        (datetime(2026, 10, 22, 6, 0, tzinfo=UTC), "08:00"),
        (datetime(2027, 3, 25, 7, 0, tzinfo=UTC), "08:00"),
    ],
)
def test_the_same_local_time_when_the_clocks_change(session, alice, first, clock):
    deal = group_buy(session, alice, now=first, closes_at=first + timedelta(days=2))
    found = begun(session, deal, alice, first)

    made = series.advance(session, found.id, now=found.due_at)

    assert local(deal.opens_at)[6:] == local(made.opens_at)[6:] == clock
    assert local(deal.closes_at)[6:] == local(made.closes_at)[6:]
    assert made.opens_at - deal.opens_at != timedelta(days=7)
    [point] = buying.pickup_points(session, made)
    [before] = buying.pickup_points(session, deal)
    assert local(point.from_at)[6:] == local(before.from_at)[6:]


def test_a_time_that_the_clocks_leave_out_moves_one_round_alone():
    opens_at = datetime(2027, 3, 21, 2, 30, tzinfo=BERLIN).astimezone(UTC)

    assert local(moved(opens_at, 7, "Europe/Berlin")) == "03-28 03:30"
    assert local(moved(opens_at, 14, "Europe/Berlin")) == "04-04 02:30"


def test_the_zone_is_that_of_the_deal(session, alice):
    now = datetime(2027, 10, 28, 12, 0, tzinfo=UTC)
    deal = group_buy(
        session, alice, now=now, time_zone="America/New_York", closes_at=now + timedelta(days=1)
    )
    found = begun(session, deal, alice, now, Rhythm(2, opens_by_itself=True))

    # There the clocks change on 7 November, in Europe on 31 October.
    assert found.next_opens_at == now + timedelta(days=14, hours=1)


def test_an_extended_round_does_not_move_the_next_close(session, box, alice, now, run):
    found = begun(session, box, alice, now)
    closes_at = box.closes_at
    run(closes_at)
    session.refresh(box)
    assert box.extended_at is not None
    assert box.closes_at > closes_at

    run(found.next_opens_at)

    made = rounds(session, found)[1]
    assert made.closes_at == closes_at + timedelta(days=7)
    assert made.extends_to_at == closes_at + timedelta(days=7, hours=12)


def test_a_draft_comes_three_days_before(session, box, alice, bob, now, run):
    add_co_organiser(session, box, bob.member.email, actor=alice, now=now)
    found = begun(session, box, alice, now, Rhythm(1))
    due = now + timedelta(days=7) - LOOK_AHEAD
    assert found.due_at == due

    run(due)

    [_, made] = rounds(session, found)
    assert made.state == State.DRAFT
    assert made.is_organised_by(bob)
    assert opening.missing(session, made, now=due) == {}
    told = session.scalars(select(Notice).filter_by(message="round-drafted")).all()
    assert {one.member_id for one in told} == {alice.member.id, bob.member.id}
    assert told[0].path == f"/group-buys/{made.slug}/draft/review"


def test_a_round_that_waits_for_its_seller_is_announced_as_that(session, alice, charlie, now, run):
    miller = make.organisation(session, "Mill", owner=charlie, now=now)
    bread = group_buy(
        session,
        alice,
        title="Bread",
        published=False,
        payee=Payee.SUPPLIER,
        supplier_id=miller.participant.id,
        closes_at=now + timedelta(days=6),
        now=now,
    )
    buying.publish(session, bread, actor=alice, now=now)
    consenting.consent(session, bread, actor=miller, now=now)
    found = begun(session, bread, alice, now)

    run(found.due_at)

    [_, made] = rounds(session, found)
    assert (made.state, made.stage) == (State.DRAFT, Stage.IN_REVIEW)
    told = session.scalars(select(Notice).where(Notice.message.startswith("round-"))).all()
    assert [(one.member_id, one.message) for one in told] == [(alice.member.id, "round-in-review")]


def test_a_draft_opened_early_waits_for_its_opening(session, box, alice, now):
    found = begun(session, box, alice, now, Rhythm(1))
    due, opens_at = found.due_at, found.next_opens_at
    made = series.advance(session, found.id, now=due)

    buying.publish(session, made, actor=alice, now=due)

    assert not made.is_open(opens_at - timedelta(seconds=1))
    assert made.is_open(opens_at)


def test_a_draft_left_lying_holds_up_the_series_until_it_is_opened(session, box, alice, now, run):
    found = begun(session, box, alice, now, Rhythm(1))
    run(found.due_at)
    [_, draft] = rounds(session, found)
    late = found.due_at
    with pytest.raises(RoundStillADraft):
        series.advance(session, found.id, now=late)
    run(late)
    session.refresh(found)
    assert found.held_up["message"] == RoundStillADraft.message
    assert len(rounds(session, found)) == 2

    buying.publish(session, draft, actor=alice, now=late)
    run(late)

    session.refresh(found)
    assert found.held_up is None
    assert found.due_at is not None
    assert len(rounds(session, found)) == 3


def test_a_draft_thrown_away_leaves_its_number_to_the_next(session, box, alice, now):
    found = begun(session, box, alice, now, Rhythm(1))
    made = series.advance(session, found.id, now=found.due_at)
    steering.discard(session, made, actor=alice, now=now)

    made = series.advance(session, found.id, now=found.due_at)

    assert made.round_number == 2
    assert made.opens_at == now + timedelta(days=14)


def test_what_belongs_to_a_round_goes_along(session, alice, bob, charlie, now):
    deal = group_buy(session, alice, visibility=Visibility.NAMED, now=now)
    add_co_organiser(session, deal, bob.member.email, actor=alice, now=now)
    inviting.name_guest(session, deal, charlie.member.email, actor=alice, now=now)
    found = begun(session, deal, bob, now)

    made = series.advance(session, found.id, now=found.due_at)

    assert made.organiser_id == alice.participant.id
    assert made.is_organised_by(bob)
    assert made.is_visible_to(charlie)
    assert made.link_key == deal.link_key


def test_after_the_last_round_it_ends(session, box, alice, now):
    found = begun(session, box, alice, now, Rhythm(1, more_rounds=2, opens_by_itself=True))

    while found.due_at is not None:
        series.advance(session, found.id, now=found.due_at)

    assert [one.round_number for one in rounds(session, found)] == [1, 2, 3]
    assert found.state == SeriesState.ENDED


def test_a_skipped_round_costs_no_number(session, box, alice, now):
    found = begun(session, box, alice, now)

    series.skip(session, found, actor=alice, now=now)

    assert found.next_opens_at == now + timedelta(days=14)
    made = series.advance(session, found.id, now=found.due_at)
    assert made.round_number == 2
    assert made.closes_at == box.closes_at + timedelta(days=14)


def test_a_pause_makes_nothing_and_goes_on_with_what_is_to_come(session, box, alice, now):
    found = begun(session, box, alice, now)
    series.pause(session, found, actor=alice, now=now)
    later = now + timedelta(days=15)

    assert series.advance(session, found.id, now=later) is None
    series.resume(session, found, actor=alice, now=later)

    assert found.next_opens_at == now + timedelta(days=21)
    assert len(rounds(session, found)) == 1


def test_a_job_of_before_the_pause_does_nothing(session, box, alice, now, run):
    found = begun(session, box, alice, now)
    series.pause(session, found, actor=alice, now=now)

    run(now + timedelta(days=8))

    assert len(rounds(session, found)) == 1


def test_a_stopped_series_can_begin_again(session, box, alice, now):
    found = begun(session, box, alice, now, Rhythm(1, more_rounds=1, opens_by_itself=True))
    series.stop(session, found, actor=alice, now=now)
    with pytest.raises(NotInThisState):
        series.skip(session, found, actor=alice, now=now)

    series.change(session, found, Rhythm(4), actor=alice, now=now)

    assert found.state == SeriesState.RUNNING
    assert found.next_opens_at == now + timedelta(days=28)
    assert found.last_number is None


def test_what_runs_cannot_be_resumed(session, box, alice, now):
    found = begun(session, box, alice, now)

    with pytest.raises(NotInThisState):
        series.resume(session, found, actor=alice, now=now)


def test_a_worker_that_was_away_for_an_hour_opens_it_late(session, box, alice, now):
    found = begun(session, box, alice, now)
    late = found.due_at + timedelta(hours=1)

    made = series.advance(session, found.id, now=late)

    assert made.opens_at == late
    assert made.closes_at == box.closes_at + timedelta(days=7)
    assert found.next_opens_at == now + timedelta(days=14)


def test_a_worker_that_was_away_past_the_close_leaves_the_round_out(session, box, alice, now):
    found = begun(session, box, alice, now)

    assert series.advance(session, found.id, now=now + timedelta(days=13, hours=1)) is None

    assert found.next_opens_at == now + timedelta(days=14)
    assert len(rounds(session, found)) == 1


def test_who_does_not_run_it_makes_no_series(session, box, bob, now):
    with pytest.raises(NotTheOrganiser):
        begun(session, box, bob, now)


def test_a_draft_is_no_series(session, alice, now):
    deal = group_buy(session, alice, published=False, now=now)

    with pytest.raises(OpenItFirst):
        begun(session, deal, alice, now)


def test_a_deal_belongs_to_one_series(session, box, alice, now):
    begun(session, box, alice, now)

    with pytest.raises(InASeriesAlready):
        begun(session, box, alice, now)


@pytest.mark.parametrize(
    ("rhythm", "field"),
    [(Rhythm(3), "every_weeks"), (Rhythm(1, 0), "more_rounds"), (Rhythm(1, 501), "more_rounds")],
)
def test_an_odd_rhythm_is_refused(session, box, alice, now, rhythm, field):
    with pytest.raises(Invalid) as refusal:
        begun(session, box, alice, now, rhythm)

    assert field in refusal.value.fields


def test_who_may_not_open_it_any_more_holds_it_up(session, box, alice, now):
    found = begun(session, box, alice, now)
    alice.member.closed_at = now

    with pytest.raises(NobodyOpensIt):
        series.advance(session, found.id, now=found.due_at)


def test_followers_hear_of_a_new_round_once(session, box, alice, bob, charlie, now, run):
    found = begun(session, box, alice, now)
    series.follow(session, found, actor=bob, now=now)
    series.follow(session, found, actor=bob, now=now)
    series.follow(session, found, actor=charlie, now=now)
    series.unfollow(session, found, actor=charlie)

    run(found.due_at)

    [told] = session.scalars(select(Notice).filter_by(message="round-open"))
    assert told.member_id == bob.member.id
    assert told.path == f"/group-buys/{rounds(session, found)[1].slug}"


@pytest.mark.parametrize(("first", "told"), [(Visibility.PUBLIC, []), (Visibility.LINK, ["bob"])])
def test_the_link_of_a_round_goes_to_nobody_who_could_follow_without_it(
    session, alice, bob, charlie, now, run, first, told
):
    deal = group_buy(session, alice, now=now)
    found = begun(session, deal, alice, now)
    for follower in (bob, charlie):
        series.follow(session, found, actor=follower, now=now)
    join(session, deal, charlie, 1, now=now)
    deal.visibility = Visibility.LINK
    session.flush()
    second = series.advance(session, found.id, now=found.due_at)
    assert second.visibility == Visibility.LINK
    deal.visibility = first

    run(found.due_at)

    names = {bob.member.id: "bob", charlie.member.id: "charlie"}
    path = f"/group-buys/{second.slug}?key={second.link_key}"
    heard = session.scalars(select(Notice.member_id).filter_by(message="round-open", path=path))
    assert sorted(names[one] for one in heard) == [*told, "charlie"]


def test_whoever_has_the_link_of_a_round_finds_the_series(session, alice, bob, now):
    deal = group_buy(session, alice, visibility=Visibility.LINK, now=now)
    found = begun(session, deal, alice, now)

    assert series.find(session, found.slug, actor=bob, link_key=deal.link_key) is found
    with pytest.raises(NotFound):
        series.find(session, found.slug, actor=bob)
    with pytest.raises(NotFound):
        series.find(session, found.id)


def test_a_round_for_fewer_is_kept_from_those_who_see_the_others(session, box, alice, bob, now):
    found = begun(session, box, alice, now)
    second = series.advance(session, found.id, now=found.due_at)
    second.visibility = Visibility.NAMED
    third = series.advance(session, found.id, now=found.due_at)
    third.visibility = Visibility.PUBLIC
    session.flush()

    assert series.place_of(session, third, bob).before is None
    assert [one.round_number for one in series.rounds(session, found).rows] == [3, 1]


def test_a_round_for_others_by_name_is_kept_from_whoever_is_named_in_another(
    session, alice, bob, charlie, now
):
    deal = group_buy(session, alice, visibility=Visibility.NAMED, now=now)
    inviting.name_guest(session, deal, bob.participant.slug, actor=alice, now=now)
    found = begun(session, deal, alice, now)
    second = series.advance(session, found.id, now=found.due_at)
    inviting.unname_guest(session, second, bob.participant.id)
    inviting.name_guest(session, second, charlie.participant.slug, actor=alice, now=now)
    session.flush()

    def seen(actor):
        return [one.round_number for one in series.rounds(session, found, actor=actor).rows]

    assert series.place_of(session, deal, bob).after is None
    assert series.place_of(session, second, charlie).before is None
    assert series.place_of(session, second, alice).before is deal
    assert [seen(actor) for actor in (None, bob, charlie, alice)] == [[], [1], [2], [2, 1]]
    join(session, deal, bob, 1, now=now)
    inviting.unname_guest(session, deal, bob.participant.id)
    assert seen(bob) == [1]


def test_rounds_know_their_neighbours(session, box, alice, bob, now):
    found = begun(session, box, alice, now)
    second = series.advance(session, found.id, now=found.due_at)
    third = series.advance(session, found.id, now=found.due_at)

    place = series.place_of(session, second, bob)

    assert (place.before.id, place.after.id, place.number) == (box.id, third.id, 2)
    assert not place.is_followed


class TestWithACatalogue:
    """The supplier's list says what the next round costs."""

    @pytest.fixture
    def list_(self, session, alice, now):
        return make_catalogues.catalogue(session, alice, now=now)

    @pytest.fixture
    def deal(self, session, alice, list_, now):
        version = make_catalogues.kept(
            session,
            list_,
            make_catalogues.csv(make_catalogues.OIL, make_catalogues.JUICE, make_catalogues.RICE),
            actor=alice,
            now=now,
        )
        deal = group_buy(session, alice, articles=[], published=False, now=now)
        catalogues.copy_into(session, deal, version)
        buying.publish(session, deal, actor=alice, now=now)
        return deal

    def test_prices_come_from_the_newest_list(self, session, deal, list_, alice, now):
        found = begun(session, deal, alice, now)
        newer = make_catalogues.kept(
            session,
            list_,
            make_catalogues.csv(
                "101;Olive oil;750 ml;6;10.20;7;;Oil;12;9.60",
                "103;Rice, round grain;1 kg;1;2.90;7;;Grain;;",
            ),
            actor=alice,
            now=now,
        )

        made = series.advance(session, found.id, now=found.due_at)

        articles = buying.articles(session, made)
        assert [[tier.price_minor for tier in one.tiers] for one in articles] == [
            [1020, 960],
            [290],
        ]
        assert {one.catalogue_article_id for one in articles} == {
            one.id for one in catalogues.articles(session, newer).rows
        }
        assert made.catalogue_version_id == newer.id
        changes, count = series.changes_of(session, made)
        assert count == 3
        assert [(one["name"], one["what"], one["now_minor"]) for one in changes] == [
            ("Olive oil", ["dearer", "changed"], 1020),
            ("Apple juice", ["gone"], None),
            ("Rice", ["cheaper", "renamed"], 290),
        ]

    def test_what_the_list_did_not_change_stays_the_organisers(
        self, session, list_, alice, now, deal
    ):
        rice = buying.articles(session, deal)[2]
        rice.tiers[0].price_minor = 333
        found = begun(session, deal, alice, now)
        make_catalogues.kept(
            session,
            list_,
            make_catalogues.csv(
                make_catalogues.OIL, make_catalogues.JUICE, "103;Rice;500 g;1;3.10;7;;Grain;;"
            ),
            actor=alice,
            now=now,
        )

        made = series.advance(session, found.id, now=found.due_at)

        rice = buying.articles(session, made)[2]
        assert (rice.unit, rice.tiers[0].price_minor) == ("500 g", 333)
        [change] = series.changes_of(session, made)[0]
        assert (change["what"], change["unit_now"]) == (["changed"], "500 g")


def test_a_round_that_cannot_be_opened_leaves_nothing_and_is_told(session, alice, bob, now, run):
    list_ = make_catalogues.catalogue(session, alice, now=now)
    version = make_catalogues.kept(
        session, list_, make_catalogues.csv(make_catalogues.OIL), actor=alice, now=now
    )
    deal = group_buy(session, alice, articles=[], published=False, now=now)
    catalogues.copy_into(session, deal, version)
    add_co_organiser(session, deal, bob.member.email, actor=alice, now=now)
    buying.publish(session, deal, actor=alice, now=now)
    found = begun(session, deal, alice, now)
    # The list has other articles by now, so that nothing is left of the deal.
    make_catalogues.kept(
        session, list_, make_catalogues.csv(make_catalogues.RICE), actor=alice, now=now
    )

    for _ in range(2):
        run(found.next_opens_at)
        session.refresh(found)

    assert found.state == SeriesState.RUNNING
    assert found.due_at is None
    assert found.held_up["more"] == ["Add at least one article."]
    assert session.scalars(select(GroupBuy.id)).all() == [deal.id]
    told = session.scalars(select(Notice).filter_by(message="series-held-up")).all()
    assert {one.member_id for one in told} == {alice.member.id, bob.member.id}

    make_catalogues.kept(
        session, list_, make_catalogues.csv(make_catalogues.OIL), actor=alice, now=now
    )
    later = found.next_opens_at + timedelta(hours=2)
    series.resume(session, found, actor=bob, now=later)
    run(later)

    assert [one.round_number for one in rounds(session, found)] == [1, 2]


def test_copies_remember_where_they_come_from(session, box, alice, now):
    found = begun(session, box, alice, now)
    [first] = buying.articles(session, box)

    for _ in range(3):
        made = series.advance(session, found.id, now=found.due_at)

    assert buying.articles(session, made)[0].same_as_id == first.id


def test_nobody_is_bound_by_a_new_round(session, box, alice, bob, now):
    join(session, box, bob, 2, now=now)
    found = begun(session, box, alice, now)

    made = series.advance(session, found.id, now=found.due_at)

    assert made.commitments_count == 0
    assert buying.articles(session, made)[0].active_units == 0


def test_series_that_are_due_are_found_by_the_sweep(session, box, alice, now):
    other = begun(session, group_buy(session, alice, now=now), alice, now)
    found = begun(session, box, alice, now)
    series.pause(session, other, actor=alice, now=now)

    assert series.due(session, now=now + timedelta(days=7)) == [found.id]
    assert session.get(Series, other.id).due_at is None


@pytest.mark.parametrize("before", SeriesState)
@pytest.mark.parametrize("after", SeriesState)
def test_series_move_only_along_their_table(before: SeriesState, after: SeriesState) -> None:
    allowed = {
        (SeriesState.RUNNING, SeriesState.PAUSED),
        (SeriesState.RUNNING, SeriesState.ENDED),
        (SeriesState.PAUSED, SeriesState.RUNNING),
        (SeriesState.PAUSED, SeriesState.ENDED),
        (SeriesState.ENDED, SeriesState.RUNNING),
    }
    assert moves(Series(state=before), after) == ((before, after) in allowed)

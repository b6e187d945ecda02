"""Races with real threads and real commits: what is scarce is given out once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy, NotEnoughUnits
from models.collaborations import (
    AlreadyCommitted,
    Commitment,
    CommitmentState,
    NamedGuest,
    Visibility,
)
from models.dialogue import Message, TooManyMessages
from models.errors import NotFound
from models.events import Event
from models.ledger import Hold
from models.members import Member
from models.participants import Participant
from services import buying, dialogue, ledger
from tests import make
from tests.blocking import until_one_waits
from tests.make_buying import group_buy, olive_oil, order

pytestmark = pytest.mark.race


@pytest.fixture
def world(real_app):
    """A deal of 50 units and 200 members who want one each."""
    now = datetime.now(UTC)
    with real_app.app_context(), db.transaction() as session:
        alice = make.actor(session, "Alice", now=now)
        deal = group_buy(session, alice, articles=[olive_oil()], now=now)
        members = [make.actor(session, f"M{n}", now=now).member.id for n in range(200)]
        return deal.slug, deal.id, members


def actor_of(session, member_id):
    member = session.get(Member, member_id)
    return Actor(member, session.get(Participant, member.participant_id))


def run_all(real_app, act, arguments):
    def one(argument):
        with real_app.app_context():
            try:
                with db.transaction() as session:
                    return act(session, argument)
            except Exception as error:
                return error

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(one, arguments))


def join_found(session, slug, asked, actor):
    """As programs join: the deal is locked and read, then its stock."""
    deal = buying.find(session, slug, actor=actor, lock=True)
    return buying.join(session, deal, asked, actor=actor, now=db.now(session))


def join_at_once(session, slug, asked, actor):
    """As the page joins: one statement locks the deal and reads all that is needed."""
    deal, stock, now = buying.to_join(session, slug, asked, actor=actor, clock=db.clock())
    return buying.join(session, deal, asked, stock=stock, actor=actor, now=now)


@pytest.mark.parametrize("join", [join_found, join_at_once])
def test_who_may_not_know_of_a_deal_waits_for_nobody_in_it(real_app, world, join):
    slug, deal_id, members = world
    with real_app.app_context():
        with db.transaction() as session:
            deal = session.get(GroupBuy, deal_id)
            deal.visibility = Visibility.NAMED
            asked = order(session, deal)
        with db.transaction() as session:
            buying.locked(session, deal_id)
            # Whoever waits for the lock is told so after a moment.
            with ThreadPoolExecutor(1) as pool:
                [met] = pool.submit(
                    run_all,
                    real_app,
                    lambda session, member_id: (
                        session.execute(text("SET LOCAL lock_timeout = '2s'")),
                        join(session, slug, asked, actor_of(session, member_id)),
                    ),
                    members[:1],
                ).result()

    assert isinstance(met, NotFound)


@pytest.mark.parametrize("join", [join_found, join_at_once])
def test_who_is_taken_off_the_list_while_they_wait_is_told_nothing(real_app, world, join):
    slug, deal_id, members = world
    with real_app.app_context(), db.transaction() as session:
        deal, guest = session.get(GroupBuy, deal_id), actor_of(session, members[0])
        deal.visibility = Visibility.NAMED
        deal.named_guests.append(NamedGuest(participant_id=guest.participant.id))
        asked = order(session, deal)

    with ThreadPoolExecutor(1) as pool:
        with real_app.app_context(), db.transaction() as session:
            deal = buying.locked(session, deal_id)
            joining = pool.submit(
                run_all,
                real_app,
                lambda session, member_id: join(session, slug, asked, actor_of(session, member_id)),
                members[:1],
            )
            until_one_waits(session)
            deal.named_guests.clear()
        [met] = joining.result()

    assert isinstance(met, NotFound)


@pytest.mark.parametrize("join", [join_found, join_at_once])
def test_the_last_fifty_units_go_to_fifty_of_two_hundred(real_app, world, join):
    slug, deal_id, members = world
    with real_app.app_context():
        asked = order(db.session(), db.session().get(GroupBuy, deal_id))

    def want_one(session, member_id):
        return join(session, slug, asked, actor_of(session, member_id))

    results = run_all(real_app, want_one, members)

    refused = [one for one in results if isinstance(one, NotEnoughUnits)]
    with real_app.app_context():
        session = db.session()
        deal = session.get(GroupBuy, deal_id)
        [article] = buying.articles(session, deal)
        units = session.scalar(select(func.count()).select_from(Commitment))
        places = session.scalars(select(Commitment.place).order_by(Commitment.place)).all()
        assert len(refused) == 150
        assert (units, article.active_units, deal.commitments_count) == (50, 50, 50)
        assert list(places) == list(range(1, 51))
        assert ledger.verify(session) == []


def test_who_waited_for_the_lock_reads_the_stock_of_afterwards(real_app, world):
    """Even if whoever had it left the deal's own row as it was."""
    slug, deal_id, members = world
    with real_app.app_context():
        asked = order(db.session(), db.session().get(GroupBuy, deal_id))

    def join(member_id):
        with real_app.app_context(), db.transaction() as session:
            return join_at_once(session, slug, asked, actor_of(session, member_id))

    with ThreadPoolExecutor(1) as pool:
        with real_app.app_context(), db.transaction() as session:
            buying.locked(session, deal_id)
            joining = pool.submit(join, members[0])
            until_one_waits(session)
            session.execute(text("UPDATE articles SET active_units = maximum_units"))
        with pytest.raises(NotEnoughUnits):
            joining.result()


def test_one_member_in_ten_tabs_commits_once(real_app, world):
    slug, _, members = world

    def want_one(session, member_id):
        actor = actor_of(session, member_id)
        deal = buying.find(session, slug, actor=actor, lock=True)
        return buying.join(session, deal, order(session, deal), actor=actor, now=db.now(session))

    results = run_all(real_app, want_one, [members[0]] * 10)

    with real_app.app_context():
        session = db.session()
        assert sum(isinstance(one, int) for one in results) == 1
        assert sum(isinstance(one, AlreadyCommitted) for one in results) == 9
        assert session.scalar(select(func.count()).select_from(Hold)) == 1
        assert ledger.verify(session) == []


def test_ten_workers_close_a_deal_once(real_app, world):
    slug, deal_id, members = world

    def want_one(session, member_id):
        actor = actor_of(session, member_id)
        deal = buying.find(session, slug, actor=actor, lock=True)
        return buying.join(session, deal, order(session, deal), actor=actor, now=db.now(session))

    run_all(real_app, want_one, members[:20])
    with real_app.app_context():
        closes_at = db.session().get(GroupBuy, deal_id).closes_at

    results = run_all(
        real_app,
        lambda session, _: buying.close(session, deal_id, now=closes_at + timedelta(seconds=1)),
        range(10),
    )

    with real_app.app_context():
        session = db.session()
        decided = session.scalar(
            select(func.count()).select_from(Event).filter_by(kind="GroupBuyDecided")
        )
        taken = session.scalars(select(Commitment.state)).all()
        assert results == [None] * 10
        assert decided == 1
        assert set(taken) == {CommitmentState.IN}
        assert ledger.verify(session) == []


def test_joining_while_it_closes_is_in_or_refused_never_lost(real_app, world):
    slug, deal_id, members = world
    with real_app.app_context():
        closes_at = db.session().get(GroupBuy, deal_id).closes_at

    def act(session, number):
        if number == 20:
            return buying.close(session, deal_id, now=closes_at)
        actor = actor_of(session, members[number])
        deal = buying.find(session, slug, actor=actor, lock=True)
        return buying.join(session, deal, order(session, deal), actor=actor, now=db.now(session))

    results = run_all(real_app, act, range(40))

    with real_app.app_context():
        session = db.session()
        joined = sum(isinstance(one, int) for one in results)
        states = session.scalars(select(Commitment.state)).all()
        assert len(states) == joined
        assert not [one for one in states if one == CommitmentState.ACTIVE]
        assert ledger.verify(session) == []


def test_the_database_itself_refuses_an_oversold_article(real_app, world):
    _, deal_id, _ = world
    with (
        real_app.app_context(),
        pytest.raises(Exception, match="never_oversold"),
        db.transaction() as session,
    ):
        session.execute(
            text("UPDATE articles SET active_units = 51 WHERE group_buy_id = :id"), {"id": deal_id}
        )


def test_sixty_messages_at_once_are_twenty(real_app, world):
    slug, _, members = world

    def ask(session, number):
        actor = actor_of(session, members[0])
        subject = dialogue.find_deal(session, slug, actor=actor)
        now = db.now(session)
        dialogue.comment(session, subject, body=f"Question {number}", lang="en", now=now)

    results = run_all(real_app, ask, range(60))

    with real_app.app_context():
        written = db.session().scalar(select(func.count()).select_from(Message))
        assert written == dialogue.MOST_IN_AN_HOUR
        assert sum(isinstance(one, TooManyMessages) for one in results) == 40

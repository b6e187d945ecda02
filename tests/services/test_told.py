"""All that a member is told of a deal, from joining to its end, by all jobs together."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import jobs, mailer
from marketplace.notices.wording import notice_words
from models.actors import Actor
from models.buying import GroupBuy, ShortfallRule
from models.collaborations import State, Visibility
from models.notices import Mail, Notice
from services import buying
from services.buying import co_organising, consenting, inviting, opening, steering
from tests import make, make_buying, make_running
from tests.make_payments import Bank

BROKE = "pm_card_chargeCustomerFail"
TITLE = "Olive oil from Crete"


@pytest.fixture
def bank(app: Flask, now: datetime) -> Iterator[Bank]:
    with app.app_context():
        yield Bank(app, now)
    del app.extensions["gateway"]


@pytest.fixture
def run(app: Flask) -> Callable[[datetime], None]:
    """Do every job that is due then."""

    def work(at: datetime) -> None:
        with app.app_context():
            jobs.run_due(at=at)

    return work


def told(session: Session, actor: Actor) -> list[str]:
    """The names of the notices on the page, in the order of what happened."""
    rows = session.scalars(
        select(Notice).filter_by(member_id=actor.member.id).order_by(Notice.event_id)
    ).all()
    return [one.message for one in rows]


def mailed(session: Session, actor: Actor) -> list[str]:
    rows = session.scalars(select(Mail).filter_by(member_id=actor.member.id)).all()
    return sorted(one.facts["message"] for one in rows)


def read(app: Flask, session: Session, actor: Actor) -> list[str]:
    """Every sentence of the inbox and every subject of a mail, as it is read."""
    notices = session.scalars(select(Notice).filter_by(member_id=actor.member.id)).all()
    mails = session.scalars(select(Mail).filter_by(member_id=actor.member.id)).all()
    settings = app.config["SETTINGS"]
    with app.test_request_context():
        return [notice_words(one.message, one.facts) for one in notices] + [
            mailer.part(one, "text", settings, "") for one in mails
        ]


def oil(session: Session, alice: Actor, now: datetime, **terms: object) -> GroupBuy:
    """Olive oil from 10 cans on."""
    articles = [make_buying.olive_oil(minimum_units=10)]
    return make_buying.group_buy(session, alice, now=now, articles=articles, **terms)


# What does not happen.


def test_of_a_failed_deal_everyone_is_told_once_and_why(
    app, session, alice, bob, charlie, now, run
):
    deal = oil(session, alice, now)
    make_buying.join(session, deal, charlie, 1, now=now)
    # Charlie never agreed to the terms that hold at the close.
    opening.keep_terms(session, deal, {}, actor=alice, now=now)
    make_buying.join(session, deal, bob, 2, now=now)

    run(deal.closes_at)

    assert deal.state == State.FAILED
    for member in (bob, charlie):
        assert told(session, member) == ["joined", "failed-because"]
        assert mailed(session, member) == ["failed-because", "joined"]
        assert not any(" happens" in words for words in read(app, session, member))
    assert told(session, alice)[-1] == "failed-because"
    assert "decided" not in told(session, alice)


@pytest.mark.parametrize("after", ["opening", "closing"])
def test_of_a_cancelled_deal_nobody_is_told_that_it_happens_without_them(
    app, session, alice, bob, charlie, now, run, after
):
    deal = oil(session, alice, now)
    make_buying.join(session, deal, bob, 12, now=now)
    make_buying.join(session, deal, charlie, 1, highest_price_minor=3600, now=now)
    at = now + timedelta(hours=1)
    if after == "closing":
        at = deal.closes_at
        run(at)
        assert deal.state == State.RUNNING
    before = {one.id for one in session.scalars(select(Notice))}

    steering.cancel(session, deal, reason="The press broke", actor=alice, now=at)
    run(at)

    new = select(Notice).where(Notice.id.not_in(before)).order_by(Notice.id)
    rows = session.scalars(new).all()
    later = {member: [] for member in (bob.member.id, charlie.member.id)}
    for one in rows:
        later.setdefault(one.member_id, []).append(one.message)
    assert later[bob.member.id][-1] == later[charlie.member.id][-1] == "cancelled-because"
    assert not {"in", "out", "out-because"} & {one.message for one in rows}
    if after == "opening":
        for member in (bob, charlie):
            assert not any(" happens" in words for words in read(app, session, member))


def test_what_is_told_late_is_not_told_of_what_was_cancelled(
    app, session, alice, bob, charlie, now, run
):
    deal = oil(session, alice, now)
    make_buying.join(session, deal, bob, 12, now=now)
    make_buying.join(session, deal, charlie, 1, highest_price_minor=3600, now=now)
    # The workers stood still over the close.
    buying.close(session, deal.id, now=deal.closes_at)
    steering.cancel(session, deal, reason="The press broke", actor=alice, now=deal.closes_at)

    run(deal.closes_at)

    assert told(session, bob) == ["joined", "cancelled-because"]
    assert told(session, charlie) == ["joined", "cancelled-because"]
    for member in (alice, bob, charlie):
        assert not any(" happens" in words for words in read(app, session, member))


def test_of_a_deal_cancelled_while_it_collects_nobody_is_asked_to_pay_again(
    app, session, bank, alice, bob, charlie, now
):
    deal = oil(session, alice, now)
    bank.join(session, deal, bob, 10, now=now)
    bank.join(session, deal, charlie, 2, card=BROKE, now=now)
    bank.run(session, deal.closes_at)
    assert deal.state == State.COLLECTING
    assert told(session, charlie) == ["tipped", "joined", "in", "payment-declined"]

    steering.cancel(session, deal, reason="The press broke", actor=alice, now=deal.closes_at)
    bank.run(session, deal.closes_at + timedelta(days=8))

    assert told(session, bob) == [
        "joined", "tipped", "in", "payment-received", "cancelled-because", "refunded",
    ]  # fmt: skip
    assert told(session, charlie) == [
        "tipped", "joined", "in", "payment-declined", "cancelled-because",
    ]  # fmt: skip
    assert mailed(session, bob) == sorted(told(session, bob))
    assert mailed(session, charlie) == sorted(told(session, charlie))


def test_of_a_deal_that_was_not_paid_everyone_is_told_why(
    app, session, bank, alice, bob, charlie, now
):
    deal = oil(session, alice, now, shortfall_rule=ShortfallRule.RELEASE)
    bank.join(session, deal, bob, 6, now=now)
    bank.join(session, deal, charlie, 6, card=BROKE, now=now)
    bank.run(session, deal.closes_at)

    bank.run(session, deal.closes_at + timedelta(days=8))

    assert deal.state == State.FAILED
    assert told(session, bob) == [
        "joined", "tipped", "in", "payment-received", "failed-because", "refunded",
    ]  # fmt: skip
    assert told(session, charlie)[-1] == "payment-dropped"
    for member in (bob, charlie):
        assert not {"out", "out-because"} & set(told(session, member))
        assert mailed(session, member) == sorted(told(session, member))


# Before and at the opening.


def test_a_scheduled_deal_tells_that_it_is_open_when_it_is(session, alice, bob, charlie, now, run):
    opens_at = now + timedelta(days=2)
    deal = oil(session, alice, now, visibility=Visibility.NAMED, opens_at=opens_at, published=False)
    inviting.name_guest(session, deal, bob.member.email, actor=alice, now=now)
    make_buying.add_co_organiser(session, deal, charlie.member.email, actor=alice, now=now)
    buying.publish(session, deal, actor=alice, now=now)

    run(opens_at - timedelta(seconds=1))
    assert told(session, alice) == told(session, bob) == []
    assert told(session, charlie) == ["scheduled"]

    run(opens_at)
    run(opens_at + timedelta(days=1))
    assert told(session, bob) == mailed(session, bob) == ["invited"]
    assert told(session, alice) == ["opened"]
    assert told(session, charlie) == ["scheduled", "opened"]
    words = [one.kind for one in buying.history(session, deal).rows]
    assert words == ["GroupBuyOpened", "GroupBuyScheduled"]


def test_an_opening_whose_job_was_lost_is_found_by_the_sweep(session, alice, now, run):
    deal = oil(session, alice, now, opens_at=now + timedelta(days=2))
    assert list(buying.due_to_begin(session, now=deal.opens_at - timedelta(seconds=1))) == []
    assert list(buying.due_to_begin(session, now=deal.opens_at)) == [deal.id]

    buying.begin(session, deal.id, now=deal.opens_at - timedelta(seconds=1))
    assert deal.stage == "scheduled"
    for _ in range(3):
        buying.begin(session, deal.id, now=deal.opens_at)

    assert deal.stage == ""
    kinds = [one.kind for one in buying.history(session, deal).rows]
    assert kinds.count("GroupBuyOpened") == 1
    assert list(buying.due_to_begin(session, now=deal.opens_at)) == []


def test_what_is_paused_over_its_opening_opens_when_it_goes_on(session, alice, bob, now, run):
    deal = oil(session, alice, now, opens_at=now + timedelta(days=2))
    steering.pause(session, deal, reason="Rain", actor=alice, now=now)
    run(deal.opens_at)
    assert "opened" not in told(session, alice)

    later = deal.opens_at + timedelta(hours=1)
    steering.resume(session, deal, actor=alice, now=later)
    run(later)

    assert deal.is_open(later)
    assert told(session, alice) == ["opened"]


def test_whoever_is_named_after_the_opening_is_invited_once(
    session, alice, bob, charlie, dana, now, run
):
    deal = oil(session, alice, now, visibility=Visibility.NAMED, published=False)
    inviting.name_guest(session, deal, bob.member.email, actor=alice, now=now)
    buying.publish(session, deal, actor=alice, now=now)
    # Named before anything was told of the opening.
    inviting.name_guest(session, deal, charlie.member.email, actor=alice, now=now)
    inviting.name_guest(session, deal, dana.member.email, actor=alice, now=now)
    inviting.unname_guest(session, deal, dana.participant.id)

    run(now)
    run(now + timedelta(hours=1))

    assert told(session, bob) == mailed(session, bob) == ["invited"]
    assert told(session, charlie) == mailed(session, charlie) == ["invited"]
    assert told(session, dana) == []


def test_nobody_is_invited_to_what_has_closed(session, alice, bob, now, run):
    deal = oil(session, alice, now, visibility=Visibility.NAMED)
    run(deal.closes_at)

    inviting.name_guest(session, deal, bob.member.email, actor=alice, now=deal.closes_at)
    run(deal.closes_at)

    assert told(session, bob) == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (co_organising.accept, "co-organiser-added"),
        (co_organising.decline, "co-organiser-declined"),
    ],
)
def test_who_is_asked_to_run_it_is_told_and_so_is_who_asked(
    session, alice, bob, now, run, answer, message
):
    deal = oil(session, alice, now)
    run(now)

    inviting.ask_co_organiser(session, deal, bob.member.email, actor=alice, now=now)
    run(now)
    answer(session, deal, actor=bob, now=now)
    run(now)

    [notice] = session.scalars(select(Notice).filter_by(member_id=bob.member.id)).all()
    assert notice.message == "co-organiser-asked"
    assert notice.path == f"/group-buys/{deal.slug}/co-organising"
    assert mailed(session, bob) == ["co-organiser-asked"]
    assert told(session, alice)[-1] == message


def test_nobody_is_told_of_a_question_that_was_taken_back(session, alice, bob, now, run):
    deal = oil(session, alice, now)
    inviting.ask_co_organiser(session, deal, bob.member.email, actor=alice, now=now)
    inviting.remove_co_organiser(session, deal, bob.member.id, actor=alice)

    run(now)

    assert told(session, bob) == []


def test_the_seller_is_told_that_they_are_asked_no_longer(session, alice, bob, now, run):
    miller = make.organisation(session, "Miller", owner=bob, now=now)
    draft = oil(
        session, alice, now, published=False, payee="supplier", supplier_id=miller.participant.id
    )
    buying.publish(session, draft, actor=alice, now=now)
    consenting.take_back(session, draft, actor=alice, now=now)
    run(now)

    assert told(session, bob) == ["consent-asked", "consent-asked-no-longer"]


def test_nothing_is_told_of_a_draft_that_was_thrown_away(session, alice, bob, now, run):
    draft = oil(session, alice, now, published=False)
    inviting.ask_co_organiser(session, draft, bob.member.email, actor=alice, now=now)
    inviting.name_guest(session, draft, bob.member.email, actor=alice, now=now)
    steering.discard(session, draft, actor=alice, now=now)

    run(now)

    assert told(session, bob) == []


# The end.


def test_what_became_of_goods_nobody_fetched_is_told_to_those_who_took_part(
    app, session, alice, bob, now, run
):
    deal = make_running.closed(session, alice, [(bob, 10)], now=now)
    make_running.handing_over(session, deal, alice)
    at = deal.closes_at + timedelta(days=4)

    buying.complete(session, deal, unclaimed="The food bank took it", actor=alice, now=at)
    run(at)

    assert told(session, bob)[-2:] == ["completed-because", "receipt-issued"]
    assert any("The food bank took it." in words for words in read(app, session, bob))

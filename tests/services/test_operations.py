"""What those who host the instance see, check, publish and clear away."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select, text, update

from marketplace import db
from models.buying import Basket
from models.errors import NotFound
from models.events import Event
from models.ledger import LedgerCheck
from models.members import MemberSession, Throttle
from models.notices import Notice, NoticeKind
from models.operations import LegalKind, NotAnOperator
from models.participants import Participant, Picture
from models.payments import GatewayMessage
from services import buying, operations, pictures, queue, sessions
from services import gateway_messages as messages
from services.buying import baskets
from services.buying.orders import Wanted
from tests import make, make_buying
from tests.make_buying import group_buy


def job(session, status="failed", at=None):
    queue.defer(session, "ledger.verify", at=at)
    return session.execute(
        text(
            "UPDATE procrastinate_jobs SET status = CAST(:status AS procrastinate_job_status)"
            " WHERE id = (SELECT max(id) FROM procrastinate_jobs) RETURNING id"
        ),
        {"status": status},
    ).scalar_one()


def test_each_publication_is_a_version_that_stays(session, dana, now):
    for body in ("First", "Second", "Second"):
        operations.publish(session, LegalKind.TERMS, "de", body=body, actor=dana, now=now)

    assert [one.body for one in operations.versions(session, LegalKind.TERMS, "de")] == [
        "Second",
        "First",
    ]
    assert operations.version(session, LegalKind.TERMS, "de", 1).body == "First"
    with pytest.raises(NotFound):
        operations.version(session, LegalKind.TERMS, "de", 3)


def test_a_text_is_shown_in_another_language_rather_than_not_at_all(session, dana, now):
    operations.publish(session, LegalKind.IMPRINT, "de", body="Wir", actor=dana, now=now)

    assert operations.published(session, LegalKind.IMPRINT, "nl").body == "Wir"
    operations.publish(session, LegalKind.IMPRINT, "nl", body="Wij", actor=dana, now=now)
    assert operations.published(session, LegalKind.IMPRINT, "nl").body == "Wij"
    assert operations.published(session, LegalKind.IMPRINT, "de").body == "Wir"
    assert operations.published(session, LegalKind.PRIVACY, "de") is None


def test_what_is_not_published_is_missing(session, dana, now):
    operations.publish(session, LegalKind.TERMS, "en", body="Be kind", actor=dana, now=now)

    assert operations.missing(session) == [
        LegalKind.IMPRINT,
        LegalKind.PRIVACY,
        LegalKind.ACCESSIBILITY,
    ]


def test_only_operators_publish_and_retry(session, bob, now):
    with pytest.raises(NotAnOperator):
        operations.publish(session, LegalKind.TERMS, "en", body="x", actor=bob, now=now)
    with pytest.raises(NotAnOperator):
        operations.retry(session, job(session), actor=bob, now=now)


def test_jobs_are_counted_by_when_they_are_due(session, now):
    job(session, "todo", at=now - timedelta(minutes=5))
    job(session, "todo", at=now + timedelta(minutes=5))
    job(session, "failed")

    counts = operations.counts(session, now=now)

    assert (counts.due, counts.planned, counts.doing, counts.failed) == (1, 1, 0, 1)
    assert counts.oldest_due == timedelta(minutes=5)


def test_a_failed_job_is_done_once_more(session, dana, now):
    failed = job(session)
    assert [(one.id, one.task) for one in operations.failed(session)] == [(failed, "ledger.verify")]

    operations.retry(session, failed, actor=dana, now=now)

    assert operations.failed(session) == []
    assert operations.counts(session, now=now).due == 1
    with pytest.raises(NotFound):
        operations.retry(session, failed, actor=dana, now=now)


def test_a_check_of_the_books_is_kept(session, now):
    assert operations.last_check(session) is None

    check = operations.check_books(session, now=now)

    assert operations.last_check(session) == check
    assert check.is_sound


def test_broken_books_are_found_out(session, alice, bob, now):
    session.add(LedgerCheck(checked_at=now, findings=["balance differs from its entries: (1,)"]))
    session.flush()

    assert not operations.last_check(session).is_sound


def test_the_overview_counts_people_and_deals(session, alice, dana, now):
    group_buy(session, alice, now=now)
    group_buy(session, alice, published=False, now=now)

    seen = operations.look(session, now=now + timedelta(days=3))

    assert (seen.members, seen.signed_up_today, seen.signed_up_this_week) == (2, 0, 2)
    assert (seen.deals["open"], seen.deals["draft"], seen.deals["failed"]) == (1, 1, 0)
    assert seen.open_cases == 0


def test_cleaning_forgets_only_what_has_ended(session, bob, now):
    sessions.start(session, bob.member, user_agent="old", now=now - timedelta(days=91))
    sessions.start(session, bob.member, user_agent="new", now=now)
    session.add(Throttle(key="a", tries=1, window_ends_at=now - timedelta(seconds=1)))
    session.add(Throttle(key="b", tries=1, window_ends_at=now + timedelta(seconds=1)))
    event = Event(kind="X", facts={}, happened_at=now)
    session.add(event)
    session.flush()
    for message, read_at in (("old", now - timedelta(days=366)), ("new", now), ("unread", None)):
        session.add(
            Notice(
                member_id=bob.member.id,
                event_id=event.id,
                kind=NoticeKind.TIPPING,
                message=message,
                made_at=now - timedelta(days=400),
                read_at=read_at,
            )
        )
    operations.check_books(session, now=now - timedelta(days=100))

    operations.clean(session, now=now)
    session.expire_all()

    assert [one.user_agent for one in session.scalars(select(MemberSession))] == ["new"]
    assert session.scalars(select(Throttle.key)).all() == ["b"]
    assert sorted(session.scalars(select(Notice.message))) == ["new", "unread"]
    # The last check stays, however old it is.
    assert operations.last_check(session) is not None


def test_cleaning_forgets_messages_of_the_gateway_but_the_newest(session, now):
    old = now - timedelta(days=31)
    for key, kind, handled_at in (
        ("done", "refund.failed", old),
        ("newest", "refund.failed", old),
        ("of no use", "charge.updated", old),
        ("open", "charge.updated", None),
        ("new", "charge.updated", now),
    ):
        session.add(
            GatewayMessage(
                event_key=key, kind=kind, object_key="x", received_at=old, handled_at=handled_at
            )
        )
        session.flush()

    operations.clean(session, now=now)

    kept = session.scalars(select(GatewayMessage.event_key).order_by(GatewayMessage.id)).all()
    assert kept == ["newest", "open", "new"]
    assert messages.last_told(session, now=now) == "newest"


def test_cleaning_forgets_what_was_gathered_and_never_ordered(session, alice, bob, now):
    deals = [group_buy(session, alice, now=now) for _ in range(2)]
    for deal in deals:
        [article] = buying.articles(session, deal)
        wanted = {article.id: Wanted(article.id, 1)}
        baskets.gather(session, deal, wanted, actor=bob, now=now)
    buying.close(session, deals[0].id, now=deals[0].closes_at)

    operations.clean(session, now=now)

    assert session.scalars(select(Basket.group_buy_id)).all() == [deals[1].id]


def test_cleaning_forgets_pictures_that_nothing_shows(session, alice, now):
    def picture(days):
        at = now - timedelta(days=days)
        return pictures.keep(session, drawn(), actor=alice, now=at)

    of_article, of_deal, of_alice, _unused, new = (picture(days) for days in (2, 2, 2, 2, 0))
    article = make_buying.olive_oil(picture_id=of_article.id)
    deal = group_buy(session, alice, now=now, articles=[article])
    deal.picture_id, alice.participant.picture_id = of_deal.id, of_alice.id
    session.flush()

    operations.clean(session, now=now)

    left = set(session.scalars(select(Picture.id)))
    assert left == {of_article.id, of_deal.id, of_alice.id, new.id}


@pytest.mark.race
def test_a_picture_that_somebody_begins_to_show_is_not_forgotten(real_app):
    at = datetime.now(UTC)
    with real_app.app_context(), db.transaction() as session:
        alice = make.actor(session, "Alice", now=at)
        own, old = alice.participant.id, at - timedelta(days=2)
        shown = pictures.keep(session, drawn(), actor=alice, now=old).id

    def sweep():
        with real_app.app_context(), db.transaction() as session:
            operations.clean(session, now=at)

    with ThreadPoolExecutor(1) as pool, real_app.extensions["engine"].connect() as connection:
        to_show = update(Participant).where(Participant.id == own).values(picture_id=shown)
        connection.execute(to_show)
        swept = pool.submit(sweep)
        wait([swept], timeout=1)
        connection.commit()
        swept.result()

        assert connection.scalar(select(Participant.picture_id).filter_by(id=own)) == shown


def drawn():
    file = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, "PNG")
    return file.getvalue()


def test_cleaning_forgets_jobs_that_are_done(session, now):
    for status in ("succeeded", "failed", "todo"):
        job(session, status)
    session.execute(text("UPDATE procrastinate_events SET at = :at"), {"at": now})

    operations.clean(session, now=now + timedelta(days=2))
    left = session.execute(text("SELECT status::text FROM procrastinate_jobs")).scalars().all()
    operations.clean(session, now=now + timedelta(days=91))
    at_last = session.execute(text("SELECT status::text FROM procrastinate_jobs")).scalars().all()

    assert sorted(left) == ["failed", "todo"]
    assert at_last == ["todo"]


def test_an_operator_is_made_by_their_confirmed_address(session, bob, charlie):
    charlie.member.confirmed_at = None

    made = operations.make_operator(session, f" {bob.member.email.upper()} ")

    assert made is bob.member
    assert bob.member.is_operator
    assert bob.member.is_moderator
    for email in (charlie.member.email, "nobody@example.org"):
        with pytest.raises(NotFound):
            operations.make_operator(session, email)

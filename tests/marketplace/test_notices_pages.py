"""The inbox and how to hear of things, as Bob's browser sees them."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from marketplace import jobs, mailer
from models.events import Event
from models.notices import Mail, Notice, NoticeKind
from services import notices
from services.notices import Telling, Ways
from tests.counting import counted
from tests.pages import send


@pytest.fixture
def tell(session, now):
    def tell(actor, message="tipped", kind=NoticeKind.TIPPING, **facts):
        event = Event(kind="GroupBuyTipped", facts={}, happened_at=now)
        session.add(event)
        session.flush()
        told = Telling(kind, message, {"title": "Olive oil", **facts}, "/group-buys/olive-oil")
        notices.tell_all(session, event, [actor.member], told, now=now)
        return session.scalars(
            select(Notice).filter_by(event_id=event.id, member_id=actor.member.id)
        ).one()

    return tell


def test_the_inbox_says_it_in_words(as_bob, bob, tell):
    tell(bob, "refunded", NoticeKind.PAYMENT, amount={"minor": 1250, "currency": "EUR"})

    page = as_bob.get("/notices").text

    assert "You get €12.50 back for “Olive oil”." in page


@pytest.mark.parametrize(
    ("locale", "title"), [("en", "“Olive oil”"), ("de", "„Olive oil“"), ("nl", "‘Olive oil’")]
)
def test_a_title_stands_in_the_marks_of_the_readers_language(as_bob, bob, tell, locale, title):
    tell(bob)

    page = as_bob.get("/notices", headers={"Accept-Language": locale}).text

    assert title in page


def test_a_strangers_words_do_not_run_in_the_inbox(as_bob, bob, tell):
    words = "<script>alert(1)</script>"
    tell(bob, "asked", NoticeKind.MESSAGE, name="<b>Eve</b>", words=words)

    page = as_bob.get("/notices").text

    assert "<script>alert" not in page
    assert "<b>Eve" not in page


def test_an_empty_inbox_says_how_to_begin(as_bob):
    assert "Nothing here yet" in as_bob.get("/notices").text


def test_opening_a_notice_reads_it_and_leads_on(as_bob, bob, session, tell):
    notice = tell(bob)

    answer = send(as_bob, f"/notices/{notice.id}/reading")

    assert (answer.status_code, answer.location) == (303, "/group-buys/olive-oil")
    session.refresh(notice)
    assert notice.read_at is not None


def test_anothers_notice_is_not_there(as_charlie, bob, tell):
    assert send(as_charlie, f"/notices/{tell(bob).id}/reading").status_code == 404


def test_all_are_read_at_once(as_bob, bob, session, tell):
    told = [tell(bob), tell(bob)]

    assert send(as_bob, "/notices/reading").status_code == 303
    session.expire_all()
    assert all(one.read_at is not None for one in told)


def test_the_inbox_goes_on_page_after_page(as_bob, bob, tell):
    made = [tell(bob, title=f"Deal {number:02}") for number in range(35)]

    first = as_bob.get("/notices").text
    assert f"before={made[5].id}" in first
    rest = as_bob.get(f"/notices?before={made[5].id}").text

    assert "Deal 34" in first
    assert "Deal 04" not in first
    assert "Deal 04" in rest
    assert "Deal 05" not in rest


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, ""])
def test_a_made_up_place_in_the_list_is_its_beginning(as_bob, before):
    assert as_bob.get(f"/notices?before={before}").status_code == 200


def test_the_inbox_does_not_ask_once_for_each_notice(as_bob, bob, session, tell):
    for _ in range(20):
        tell(bob)
    as_bob.get("/notices")

    with counted(session) as statements:
        as_bob.get("/notices")

    assert len(statements) <= 7


def test_what_is_not_ticked_is_not_wanted(as_bob, bob, session):
    answer = send(as_bob, "/notices/preferences", tipping_page="true", payment_mail="true")

    ways = notices.preferences(session, bob.member)
    assert answer.status_code == 303
    assert ways[NoticeKind.TIPPING] == Ways(True, False)
    assert ways[NoticeKind.PAYMENT] == Ways(False, True)
    assert ways[NoticeKind.MESSAGE] == Ways(False, False)
    assert as_bob.get("/notices/preferences").text.count(" checked") == 2


def test_the_ways_of_all_kinds_stand_in_one_table(as_bob):
    page = as_bob.get("/notices/preferences").text

    ticks = re.findall(r'<input class="choice__mark"[^>]*aria-label="([^"]+)"', page)
    assert (
        len(ticks)
        == len(set(ticks))
        == page.count(" checked")
        == 2 * len(notices.CHOOSABLE) - len(notices.MAIL_ALONE)
    )
    assert page.count('<th scope="row">') == len(notices.CHOOSABLE)


def test_one_click_in_the_mail_program_needs_no_sign_in(app, client, bob, session, tell):
    tell(bob)
    mail = session.scalars(select(Mail)).one()
    url = mailer.unsubscribe_address(mail, app.config["SETTINGS"])

    asked = client.get(url)
    before = notices.preferences(session, bob.member)[NoticeKind.TIPPING]
    answer = client.post(url, data={"List-Unsubscribe": "One-Click"})

    assert (asked.status_code, before) == (200, Ways(True, True))
    assert answer.status_code == 200
    assert notices.preferences(session, bob.member)[NoticeKind.TIPPING] == Ways(True, False)


@pytest.mark.parametrize("token", ["x", "WzEsInRpcHBpbmciXQ.AAAA", "."])
def test_a_made_up_token_unsubscribes_nobody(client, token):
    assert client.get(f"/notices/unsubscribe/{token}").status_code == 404
    assert client.post(f"/notices/unsubscribe/{token}").status_code == 404


def test_the_demo_shows_its_mail(app, client, bob, session, tell, now, tmp_path, monkeypatch):
    settings = replace(app.config["SETTINGS"], mail_url=f"file:{tmp_path}")
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    tell(bob, title="<i>Oil</i>")
    with app.app_context():
        jobs.run_due(at=now)
    [path] = tmp_path.iterdir()

    listed = client.get("/demo/mail").text
    shown = client.get(f"/demo/mail/{path.stem}").text

    assert bob.member.email in listed
    assert '<a href="http://localhost/group-buys/olive-oil"' in shown
    assert "<i>Oil" not in listed + shown
    assert "List-Unsubscribe" in shown


@pytest.mark.parametrize("name", ["..%2F..%2Fsetup", "nothing", "%2Fetc%2Fpasswd"])
def test_nothing_but_mail_can_be_read_there(client, name):
    assert client.get(f"/demo/mail/{name}").status_code == 404


def test_a_real_instance_shows_no_mail(app, client, monkeypatch):
    settings = replace(app.config["SETTINGS"], allmende_mode="production")
    monkeypatch.setitem(app.config, "SETTINGS", settings)

    assert client.get("/demo/mail").status_code == 404


@pytest.mark.parametrize("path", ["/notices", "/notices/preferences"])
def test_strangers_are_asked_to_sign_in(client, path):
    answer = client.get(path)

    assert answer.status_code == 303
    assert "sign" in answer.location


def test_a_notice_is_said_in_the_time_of_its_deal(as_bob, bob, tell, now):
    closes_at = {"moment": now.isoformat()}
    tell(bob, "extended", NoticeKind.DECIDED, closes_at=closes_at, zone="Europe/Tallinn")

    page = as_bob.get("/notices").text

    assert page.count("11:00 EET") == 2
    assert "CET" not in page

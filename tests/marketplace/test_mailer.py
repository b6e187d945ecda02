"""Mails as they are rendered, and as a real mail server takes or refuses them."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from marketplace import db, jobs, mailer
from models.events import Event
from models.notices import BACK_OFF, Mail, MailState, NoticeKind
from services import mailing, notices
from services.notices import CHOOSABLE, Telling
from services.notices.reasons import REASONS
from services.notices.texts import placeholders

FACTS = {
    "name": "Bob",
    "kind": "tipping",
    "message": "tipped",
    "told": {"title": "Olive oil <from> Crete"},
    "path": "/group-buys/olive-oil",
}


class Server:
    """A mail server that answers as it is told to."""

    def __init__(self) -> None:
        self.recipient, self.content = "250 OK", "250 OK"
        self.taken: list[bytes] = []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, _server, _session, envelope):
        if self.content.startswith("250"):
            self.taken.append(envelope.content)
        return self.content


@pytest.fixture
def post() -> Iterator[Server]:
    handler = Server()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    handler.url = f"smtp://127.0.0.1:{port}"
    yield handler
    controller.stop()


@pytest.fixture
def mail_to(app, monkeypatch):
    def use(url):
        settings = replace(app.config["SETTINGS"], mail_url=url, mail_timeout_seconds=1)
        monkeypatch.setitem(app.config, "SETTINGS", settings)

    return use


@pytest.fixture
def mail(app, session, bob, now):
    return write(session, bob, now)


def write(session, bob, now, *, key="notice:1", locale="en", template="notice", **facts):
    mailing.write(
        session,
        key=key,
        member=bob.member,
        to=bob.member.email,
        locale=locale,
        template=template,
        facts={**FACTS, **facts},
        now=now,
    )
    return session.scalars(select(Mail).filter_by(key=key)).one()


TIPPED = Telling(NoticeKind.TIPPING, "tipped", {"title": "Olive oil"})


@pytest.fixture
def event(session, bob, now):
    made = Event(kind="GroupBuyTipped", participant_id=bob.participant.id, happened_at=now)
    session.add(made)
    session.flush()
    return made


def rendered(app, mail, now):
    with app.app_context():
        message = mailer.render(mail, app.config["SETTINGS"], now=now)
    return message_from_bytes(message.as_bytes(), policy=default)


def run(app, session, at):
    with app.app_context():
        return jobs.run_due(at=at)


def test_a_mail_has_a_text_and_the_same_as_html(app, mail, now):
    message = rendered(app, mail, now)

    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert message["Subject"].startswith("Enough have joined “Olive oil <from> Crete”.")
    assert "Hello Bob," in text
    assert "Olive oil <from> Crete" in text
    assert "http://localhost/group-buys/olive-oil" in text
    assert "Olive oil &lt;from&gt; Crete" in html
    assert 'href="http://localhost/group-buys/olive-oil"' in html
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == now


def test_the_message_id_is_made_from_the_key(app, session, bob, mail, now):
    other = write(session, bob, now, key="notice:2")

    ids = [rendered(app, one, now)["Message-ID"] for one in (mail, mail, other)]

    assert ids[0] == ids[1] != ids[2]
    assert ids[0].endswith("@localhost>")


def test_html_in_what_members_wrote_does_not_run(app, session, bob, now):
    told = {"name": "<b>Eve</b>", "title": "x", "words": "<script>alert(1)</script> **hi**"}
    mail = write(session, bob, now, message="asked", kind="message", told=told)

    message = rendered(app, mail, now)
    html = message.get_body(("html",)).get_content()

    assert "<script>" not in html
    assert "<b>Eve" not in html
    assert "<strong>hi</strong>" in html
    assert "> <script>alert(1)</script> **hi**" in message.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    "evil", ["a\r\nBcc: eve@example.org", "a\nBcc: eve@example.org", "\r\n\r\nx"]
)
def test_no_header_can_be_added(app, session, bob, now, evil):
    mail = write(session, bob, now, name=evil, told={"title": f"Oil{evil}"})

    message = rendered(app, mail, now)

    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]
    assert message["To"] == bob.member.email


def test_an_address_that_is_two_lines_is_never_sent_to(app, session, mail, now, tmp_path, mail_to):
    mail_to(f"file:{tmp_path}")
    mail.to_address = "bob@example.org\r\nBcc: eve@example.org"
    session.flush()

    run(app, session, now)

    assert mail.state == MailState.FAILED
    assert list(tmp_path.iterdir()) == []


def test_one_click_ends_mail_of_the_kind(app, mail, now):
    message = rendered(app, mail, now)

    link = message["List-Unsubscribe"].strip("<>")
    token = link.rpartition("/")[2]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mailer.read_unsubscribe(token, app.config["SETTINGS"]) == (
        mail.member_id,
        NoticeKind.TIPPING,
    )
    assert mailer.read_unsubscribe(token[:-2], app.config["SETTINGS"]) is None


def test_what_everyone_must_read_has_no_way_out(app, session, bob, now):
    mail = write(session, bob, now, kind="moderation", message="measure-hidden")

    assert rendered(app, mail, now)["List-Unsubscribe"] is None
    assert NoticeKind.MODERATION not in CHOOSABLE


def test_every_notice_can_be_written_as_a_mail(app, session, bob, now):
    money = {"minor": 1250, "currency": "EUR"}
    moment = {"moment": now.isoformat()}
    told = {
        **{name: "Eve" for message in notices.TEXTS for name in placeholders(message)},
        "zone": "Europe/Tallinn",
        "reason": {"text": REASONS["rationed_out"]},
        **dict.fromkeys(("closes_at", "from_at", "opens_at", "until"), moment),
        **dict.fromkeys(("worst_case", "due", "amount", "refund"), money),
    }
    for message in notices.TEXTS:
        mail = write(session, bob, now, key=message, message=message, told=told)
        subject = rendered(app, mail, now)["Subject"]
        assert "%(" not in subject
        assert subject


def test_a_moment_is_told_in_the_time_of_its_deal(app, session, bob, now):
    told = {"title": "Oil", "zone": "Europe/Tallinn", "closes_at": {"moment": now.isoformat()}}
    facts = {"message": "extended", "kind": "decided", "told": told}

    mails = [
        rendered(app, write(session, bob, now, key=locale, locale=locale, **facts), now)
        for locale in ("en", "de", "nl")
    ]

    # Nine o'clock in UTC, in November.
    english, german, dutch = (
        mail.get_body(("plain",)).get_content().replace("\n", " ") for mail in mails
    )
    assert "November 21, 2026, 11:00 EET" in english
    assert "21. November 2026, 11:00 OEZ" in german
    assert "21 november 2026, 11:00 EET" in dutch


def test_money_is_written_in_the_readers_language(app, session, bob, now):
    told = {"title": "Öl", "amount": {"minor": 125050, "currency": "EUR"}}
    facts = {"message": "refunded", "kind": "payment", "told": told}

    english = rendered(app, write(session, bob, now, key="en", locale="en", **facts), now)
    german = rendered(app, write(session, bob, now, key="de", locale="de", **facts), now)

    assert "€1,250.50" in english["Subject"]
    assert "1.250,50\xa0€" in german["Subject"]


def test_a_mail_lands_in_the_folder(app, session, mail, now, tmp_path, mail_to):
    mail_to(f"file:{tmp_path}")

    run(app, session, now)
    run(app, session, now)

    [path] = tmp_path.iterdir()
    assert path.suffix == ".eml"
    assert mail.state == MailState.SENT


def test_a_server_that_says_yes_gets_one_mail(app, session, mail, now, post, mail_to):
    mail_to(post.url)

    run(app, session, now)
    mailing_again(session, mail)
    run(app, session, now)

    assert len(post.taken) == 1
    assert mail.state == MailState.SENT


def mailing_again(session, mail):
    from services import queue

    queue.defer(session, "mail.send", mail_id=mail.id)


def test_a_server_that_says_later_gets_it_later(app, session, mail, now, post, mail_to):
    mail_to(post.url)
    post.recipient = "451 try again later"

    run(app, session, now)
    assert (mail.state, mail.tries, mail.failure) == (MailState.WAITING, 1, "451 try again later")
    run(app, session, now + BACK_OFF[0] - timedelta(seconds=1))
    assert mail.tries == 1
    post.recipient = "250 OK"
    run(app, session, now + BACK_OFF[0])

    assert (mail.state, len(post.taken)) == (MailState.SENT, 1)


def test_a_server_that_says_never_is_believed(app, session, mail, now, post, mail_to):
    mail_to(post.url)
    post.content = "550 we take no such mail"

    run(app, session, now)
    run(app, session, now + timedelta(days=3))

    assert (mail.state, mail.tries) == (MailState.FAILED, 1)
    assert mail.failure == "550 we take no such mail"


@pytest.mark.parametrize(
    "answer",
    [
        "550 no such user",
        "550 5.1.1 no such user",
        "550 5.2.1 mailbox disabled",
        "552 5.2.2 mailbox full",
        "554 5.1.10 null mx",
        "556 domain takes no mail",
    ],
)
def test_an_address_that_is_refused_for_good_gets_no_more_notices(
    app, session, bob, mail, event, now, post, mail_to, answer
):
    mail_to(post.url)
    post.recipient = answer

    run(app, session, now)
    notices.tell_all(session, event, [bob.member], TIPPED, now=now)

    assert (mail.state, mail.failure, mail.sent_at) == (MailState.BOUNCED, answer, None)
    assert session.scalars(select(Mail).where(Mail.id != mail.id)).all() == []


@pytest.mark.parametrize(
    "answer",
    [
        "530 5.7.0 sign in first",
        "550 5.7.1 relaying denied",
        "550 5.1.8 the sender's domain does not exist",
        "550 5.2.3 too long",
        "554 you are on a black list",
        "503 bad sequence of commands",
    ],
)
def test_what_a_server_holds_against_us_is_not_the_readers_fault(
    app, session, bob, mail, event, now, post, mail_to, answer
):
    mail_to(post.url)
    post.recipient = answer

    run(app, session, now)
    notices.tell_all(session, event, [bob.member], TIPPED, now=now)

    assert (mail.state, mail.failure) == (MailState.FAILED, answer)
    assert len(session.scalars(select(Mail).where(Mail.id != mail.id)).all()) == 1


def test_a_new_confirmed_address_is_written_to_again(
    app, session, bob, mail, event, now, post, mail_to
):
    mail_to(post.url)
    post.recipient = "550 5.1.1 no such user"
    run(app, session, now)

    bob.member.email = "bob@new.example.org"
    notices.tell_all(session, event, [bob.member], TIPPED, now=now)

    [later] = session.scalars(select(Mail).where(Mail.id != mail.id)).all()
    assert (later.to_address, later.state) == ("bob@new.example.org", MailState.WAITING)


def test_a_server_that_never_gets_there_ends_in_failure(app, session, mail, now, post, mail_to):
    mail_to(post.url)
    post.content = "452 disk full"

    for _ in range(len(BACK_OFF) + 3):
        run(app, session, now)
        now += timedelta(days=2)

    assert (mail.state, mail.tries) == (MailState.FAILED, 1 + len(BACK_OFF))


def test_a_server_that_hangs_is_left_and_asked_later(app, session, mail, now, mail_to):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        # It accepts, and then says nothing at all.
        accepted = []
        listening = threading.Thread(target=lambda: accepted.append(silent.accept()[0]))
        listening.start()
        mail_to(f"smtp://127.0.0.1:{silent.getsockname()[1]}")

        run(app, session, now)
        listening.join()
        accepted[0].close()

    assert (mail.state, mail.tries) == (MailState.WAITING, 1)
    assert "imeout" in mail.failure or "timed out" in mail.failure


def test_no_server_at_all_is_no_reason_to_give_up(app, session, mail, now, mail_to):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mail_to(f"smtp://127.0.0.1:{port}")

    run(app, session, now)

    assert (mail.state, mail.tries) == (MailState.WAITING, 1)


def test_a_mail_that_cannot_be_made_is_given_up(app, session, bob, now, tmp_path, mail_to):
    mail_to(f"file:{tmp_path}")
    mail = write(session, bob, now, key="odd", template="there_is_no_such_template")

    run(app, session, now)

    assert mail.state == MailState.FAILED
    assert "TemplateNotFound" in mail.failure


def test_a_worker_that_died_while_sending_is_followed_by_another(
    app, session, mail, now, post, mail_to
):
    mail_to(post.url)
    with app.app_context(), db.transaction() as current:
        mailing.take(current, mail.id, now=now)

    run(app, session, now + timedelta(seconds=30))
    assert post.taken == []
    run(app, session, now + timedelta(minutes=6))

    assert (mail.state, mail.tries, len(post.taken)) == (MailState.SENT, 2, 1)

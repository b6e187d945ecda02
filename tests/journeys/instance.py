"""A whole instance for journeys: web server, payment simulator and mail folder, on one clock.

Pages are served over a real port with real commits. Jobs and webhooks run when a journey says so,
in order of time, so that nothing depends on how fast this machine is.
"""

import secrets
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from flask import Flask, got_request_exception
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

import stripesim
from launcher import settings as launching
from marketplace import create_app, db, jobs
from marketplace.config import from_environment
from models.ledger import Account
from models.members import Member
from models.operations import LegalKind
from models.participants import Participant
from services import geography, ledger, members, operations, sessions
from services.places import PlaceRow
from stripesim import webhooks
from tests import make_buying
from tests.make_members import session_behind

PASSWORD = "four journeys by night train"
TOWN = PlaceRow(1, "Bremerhaven", (), "DE", "Bremen", 53.55, 8.58, 110_000)


class Clock:
    """The time of one instance: it runs as the wall's does, and can be moved on."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move_to(self, moment: datetime) -> None:
        self.ahead = moment - datetime.now(UTC)


class Quiet(WSGIRequestHandler):
    """Writes no log: what goes wrong is kept by the instance."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        pass


class Served:
    """One application on a free port of this machine, in threads of its own."""

    def __init__(self) -> None:
        self.server = make_server("127.0.0.1", 0, nothing, threaded=True, request_handler=Quiet)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def begin(self, application: Callable[..., Any]) -> None:
        self.server.app = application
        self.thread.start()

    def end(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def nothing(_environ: Any, _start: Any) -> Iterable[bytes]:
    return [b""]


class Instance:
    """What `make run` starts, set up by the same settings, on a database of its own."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.clock = Clock()
        self.mail_folder = folder / "mail"
        self.web, self.bank = Served(), Served()
        env = launching.children(folder, {}, port=self.web.port)
        env["STRIPESIM_PORT"] = str(self.bank.port)
        env = launching.simulator(folder, env)
        self.url = env["PUBLIC_URL"]
        self.simulator = stripesim.create_app(
            env["STRIPESIM_DATABASE"],
            public_url=f"http://localhost:{self.bank.port}",
            webhook_url=env["STRIPESIM_WEBHOOK_URL"],
            webhook_secret=env["STRIPESIM_WEBHOOK_SECRET"],
            api_key=env["STRIPESIM_API_KEY"],
            clock=lambda: self.clock.now().timestamp(),
        )
        self.settings = from_environment(
            env,
            database_url=database_url,
            mail_url=f"file:{self.mail_folder}",
            log_level="CRITICAL",
            password_memory_kib=64,
        )
        self.app: Flask = create_app(self.settings)
        self.failures: list[str] = []
        got_request_exception.connect(self._keep_failure, self.app)
        jobs.discover()

    def begin(self) -> None:
        inner = self.app.wsgi_app

        def on_our_clock(environ: Any, start: Any) -> Iterable[bytes]:
            with db.at(self.clock.now()):
                return inner(environ, start)

        self.bank.begin(self.simulator)
        self.web.begin(on_our_clock)

    def end(self) -> None:
        self.web.end()
        self.bank.end()
        self.app.extensions["engine"].dispose()

    def _keep_failure(self, _app: Flask, exception: BaseException, **_: Any) -> None:
        self.failures.append(f"{type(exception).__name__}: {exception}")

    def settle_in(self) -> None:
        """Know the one town where the journeys take place."""
        with self.app.app_context(), db.transaction() as session:
            # What pages keep for a while is known by the deal's number: two instances of one
            # process must not have the same.
            session.execute(
                text("SELECT setval(pg_get_serial_sequence('collaborations', 'id'), :at)"),
                {"at": secrets.randbelow(10**9) + 1},
            )
            geography.load(session, [TOWN])

    def member(self, name: str, *, locale: str, roles: tuple[str, ...] = ()) -> str:
        """Let somebody be here already, with a confirmed address: it is returned."""
        email = f"{name.lower()}@example.org"
        with self.app.app_context(), db.transaction() as session:
            members.sign_up(
                session,
                name=name,
                email=email,
                password=PASSWORD,
                locale=locale,
                terms=operations.published(session, LegalKind.TERMS, locale),
                now=self.clock.now(),
            )
            made = session.scalars(select(Member).filter_by(email_key=email)).one()
            made.confirm(self.clock.now())
            made.roles = list(roles)
        return email

    def open_deal(self, email: str, **terms: Any) -> str:
        """Let somebody have a group buy open for cans of olive oil; the address of its page."""
        with self.app.app_context(), db.transaction() as session:
            now = self.clock.now()
            member = session.scalars(select(Member).filter_by(email_key=email)).one()
            actor = sessions.actor_of(session, member)
            return f"/group-buys/{make_buying.group_buy(session, actor, now=now, **terms).slug}"

    def cookie_of(self, email: str, *, acting_as: str = "") -> dict[str, Any]:
        """What a browser keeps of somebody who signed in, and who perhaps acts for others."""
        with self.app.app_context(), db.transaction() as session:
            member = session.scalars(select(Member).filter_by(email_key=email)).one()
            token = sessions.start(session, member, user_agent="journey", now=self.clock.now())
            if acting_as:
                signed_in = session_behind(session, token, now=self.clock.now())
                assert signed_in is not None
                by_name = select(Participant.id).filter_by(name=acting_as)
                signed_in.acting_as_id = session.scalars(by_name).one()
        client = self.app.test_client()
        with client.session_transaction() as kept:
            kept["sid"] = token
        cookie = client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        return {"name": cookie.key, "value": cookie.value, "url": self.url}

    def work(self) -> None:
        """Do what is due by now, as the worker and the payment provider do."""
        busy = True
        while busy:
            with self.app.app_context():
                done = jobs.run_due(at=self.clock.now())
            told = webhooks.deliver(self.simulator.extensions["stripesim"])
            assert all(one["status"] == 200 for one in told), told
            busy = bool(done or told)

    def wait_until(self, moment: datetime) -> None:
        """Let time go by; what falls due on the way happens when it is due."""
        while True:
            self.work()
            with self.app.app_context():
                due = operations.next_due(db.session(), until=moment)
            if due is None:
                break
            self.clock.move_to(max(due, self.clock.now()))
        self.clock.move_to(moment)
        self.work()

    def wait(self, **span: float) -> None:
        self.wait_until(self.clock.now() + timedelta(**span))

    def mails_to(self, address: str) -> list[str]:
        """The words of every mail to somebody, the oldest first."""
        files = sorted(self.mail_folder.glob("*.eml"), key=lambda one: one.stat().st_mtime_ns)
        mails = [self.words_of(file) for file in files]
        return [words for words in mails if words.startswith(f"To: {address}\n")]

    def words_of(self, file: Path) -> str:
        """A mail as it is read in plain text, under its address and subject."""
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        assert body is not None
        return f"To: {mail['To']}\nSubject: {mail['Subject']}\n\n{body.get_content()}"

    def read(self, look: Callable[[Session], Any]) -> Any:
        """Look something up in the database, as it is now."""
        with self.app.app_context():
            return look(db.session())

    def check_books(self) -> None:
        """The ledger is in balance, and no page failed."""
        assert self.read(ledger.verify) == []
        assert self.failures == []

    def pots(self) -> list[int]:
        """What is left in the pot of each deal, in minor units."""
        return self.read(
            lambda session: list(
                session.scalars(select(Account.balance_minor).where(Account.purpose == "pot"))
            )
        )

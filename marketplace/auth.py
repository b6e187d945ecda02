"""Who is asking: a signed-in browser by its session, a program by its token, or a stranger."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, Request, g, redirect, request, url_for
from flask import session as cookie
from flask_login import LoginManager, current_user
from werkzeug.exceptions import Forbidden, Unauthorized

from marketplace import db, known_browsers, returning
from models.actors import Actor
from models.members import ApiToken, Member, MemberSession, OnlyInPerson
from services import passwords, sessions

P = ParamSpec("P")
R = TypeVar("R")

login_manager = LoginManager()

PREFERENCES = ("locale", "theme", "large_print")
# What a browser keeps when someone signs in or out.
KEPT = (*PREFERENCES, known_browsers.NAME)


class Visitor:
    """Flask-Login's view of whoever asks; `actor` is what the services are given."""

    is_active = True

    def __init__(
        self,
        actor: Actor | None,
        signed_in: sessions.Recognised | None = None,
        token: ApiToken | None = None,
        *,
        unread_count: int = 0,
    ) -> None:
        self.actor = actor
        self.signed_in = signed_in
        self.token = token
        self.unread_count = unread_count

    @property
    def is_authenticated(self) -> bool:
        return self.actor is not None

    @property
    def is_anonymous(self) -> bool:
        return self.actor is None

    def get_id(self) -> str | None:
        return str(self.actor.member.id) if self.actor else None


def init_app(app: Flask) -> None:
    login_manager.init_app(app)
    login_manager.anonymous_user = lambda: Visitor(None)
    login_manager.request_loader(_load)
    # The session is ours (a row in a table), so Flask-Login need not watch its own.
    login_manager.session_protection = None
    app.before_request(_mark_seen)
    passwords.use_memory(app.config["SETTINGS"].password_memory_kib)


def _mark_seen() -> None:
    """Keep what is used alive, at most every quarter of an hour, in a transaction of its own."""
    if request.endpoint == "static":
        return
    used = current_user.signed_in or current_user.token
    if used is None:
        return
    current = db.session()
    now = db.asked_at(current)
    if not sessions.is_seen(used, now=now):
        with db.transaction():
            sessions.mark_seen(current, used, now=now)


def _load(asked: Request) -> Visitor | None:
    if asked.path.startswith("/api/v1"):
        return _by_token(asked)
    token = cookie.get("sid")
    if not token or asked.endpoint == "static":
        return None
    current = db.session()
    found = sessions.recognise(current, token, clock=db.clock())
    if found is None:
        return None
    db.note_asked_at(found.asked_at)
    return Visitor(found.actor, found, unread_count=found.unread_count)


def _by_token(asked: Request) -> Visitor | None:
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    current = db.session()
    found = sessions.find_api_token(current, token.strip())
    if found is None:
        return None
    actor = sessions.actor_of_program(current, found)
    return Visitor(actor, token=found) if actor is not None else None


def actor() -> Actor | None:
    """Whoever asks, or None for a stranger."""
    found: Actor | None = current_user.actor
    return found


def signed_in_actor() -> Actor:
    """Whoever asks; only for views behind `member_required` or `scope_required`."""
    found = actor()
    if found is None:
        raise Unauthorized
    return found


def member_required(view: Callable[P, R]) -> Callable[P, R]:
    """Send a stranger to the sign-in page, and from there back to where they wanted to go."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        if actor() is None:
            return redirect(url_for("members.sign_in", next=_wanted()), 303)
        return view(*args, **kwargs)

    return guarded


def _wanted() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else returning.came_from()


def start_session(token: str, member: Member) -> None:
    """Let this browser be signed in by `token`; of what it had, only its preferences stay.

    Where it has none, the member's own hold.
    """
    end_session()
    cookie["sid"] = token
    known_browsers.remember(member)
    for name in PREFERENCES:
        cookie.setdefault(name, getattr(member, name))


def end_session() -> None:
    """Forget who was signed in here, and keep how this browser wants to read."""
    kept = {name: cookie[name] for name in KEPT if name in cookie}
    cookie.clear()
    cookie.update(kept)
    cookie.permanent = True


def signed_in_member() -> Member:
    """The row of whoever asks, to be changed or for what plain values do not say."""
    return db.session().get_one(Member, signed_in_actor().member.id)


def signed_in_session_id() -> int:
    """Which session is this browser's; only for views behind `member_required`."""
    found: sessions.Recognised | None = current_user.signed_in
    if found is None:
        raise Unauthorized
    return found.session_id


def signed_in_session() -> MemberSession:
    """The session of this browser, to be changed; Unauthorized if it was ended meanwhile."""
    found = db.session().get(MemberSession, signed_in_session_id())
    if found is None:
        raise Unauthorized
    return found


def moderator_required(view: Callable[P, R]) -> Callable[P, R]:
    return _role_required(view, "is_moderator")


def operator_required(view: Callable[P, R]) -> Callable[P, R]:
    return _role_required(view, "is_operator")


def _role_required(view: Callable[P, R], role: str) -> Callable[P, R]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        asking = actor()
        if asking is None:
            return redirect(url_for("members.sign_in", next=_wanted()), 303)
        if not getattr(asking.member, role):
            raise Forbidden
        return view(*args, **kwargs)

    return guarded


def scope_required(
    scope: str, *, in_person: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a program in whose token was given `scope`.

    What is `in_person` is the member's own: a program of one organisation has no part in it.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            asking = actor()
            if asking is None:
                raise Unauthorized
            if in_person and asking.is_bound:
                raise OnlyInPerson
            if scope not in current_user.token.scopes:
                g.missing_scope = scope
                raise Forbidden
            return view(*args, **kwargs)

        return guarded

    return decorate

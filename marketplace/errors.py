"""Refusals at the door: a page in the reader's language, or an RFC 9457 problem for programs."""

from contextlib import suppress
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from flask import (
    Flask,
    Response,
    current_app,
    g,
    json,
    jsonify,
    redirect,
    render_template,
    request,
)
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import exc
from werkzeug.exceptions import BadRequest, HTTPException, SecurityError

from marketplace import db, filters
from models.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from models.money import Money
from models.words import N_

STATUS: dict[type, int] = {Invalid: 422, NotAllowed: 403, NotFound: 404, Conflict: 409}

# Names for programs, the same whatever phrase this Python has for the status.
CODES = {
    400: "bad-request",
    401: "unauthorized",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid",
    429: "too-many-requests",
    500: "broken",
    503: "unavailable",
}
# What happened and what to do next, for refusals that come from the web itself.
PAGES = {
    400: N_("This request could not be read. Please go back and try again."),
    401: N_("Please sign in first."),
    403: N_("You are not allowed to do this."),
    404: N_("There is nothing here. It may have been moved or removed."),
    405: N_("This address cannot be used in this way. Please go back and try again."),
    409: N_("This is not possible any more. Please look at the page again."),
    413: N_("What you sent is too large. Please choose a smaller file."),
    415: N_("This kind of content cannot be read here."),
    422: N_("Something in what you entered is not right."),
    429: N_("That was a bit much at once. Please wait a minute and try again."),
    500: N_("Something went wrong on our side. Nothing was changed. Please try again in a moment."),
    503: N_("We are busy or being updated. Please try again in a moment."),
}


def init_app(app: Flask) -> None:
    app.register_error_handler(Refused, refused)
    app.register_error_handler(CSRFError, form_too_old)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(exc.OperationalError, unavailable)
    app.register_error_handler(exc.InterfaceError, unavailable)
    app.register_error_handler(exc.InternalError, maybe_unavailable)
    app.register_error_handler(Exception, broken)
    app.before_request(refuse_nul)


def refuse_nul() -> None:
    """No text of ours holds a NUL, and PostgreSQL refuses to be asked for one."""
    if "\0" in request.path or any(
        "\0" in name or "\0" in value for name, value in request.args.items(multi=True)
    ):
        raise BadRequest


def words(error: Refused) -> str:
    """The refusal in the reader's language, its facts written as people write them."""
    return said(error.message, error.facts)


def said(message: str, facts: dict[str, Any]) -> str:
    text: str = gettext(message)
    return text % {name: shown(fact) for name, fact in facts.items()}


def shown(fact: Any) -> str:
    """A fact as it stands in a sentence of the reader's language."""
    if isinstance(fact, Money):
        return filters.money(fact)
    if isinstance(fact, datetime):
        return filters.datetime_(fact)
    if isinstance(fact, date):
        return filters.date_(fact)
    if isinstance(fact, int):
        return filters.number(fact)
    return str(fact)


def status_of(error: Refused) -> int:
    return next(STATUS[family] for family in type(error).__mro__ if family in STATUS)


def refused(error: Refused) -> tuple[Response | str, int]:
    where = error.fields if isinstance(error, Invalid) else {}
    fields = {f"$.{name}": [said(text, error.facts)] for name, text in where.items()}
    return answer(status_of(error), error.code, words(error), error.facts, fields)


def form_too_old(_error: CSRFError) -> ResponseReturnValue:
    if request.endpoint == "members.sign_out" and "sid" not in cookie:
        # Done in another tab before.
        return redirect("/", 303)
    return answer(
        400,
        "form-too-old",
        gettext("This form was open for too long or came from elsewhere. Please send it again."),
    )


def http_error(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    status = error.code
    message = gettext(getattr(error, "words", PAGES.get(status, PAGES[400])))
    name = getattr(error, "name_in_api", code_of(status))
    body, answered = answer(status, name, message, fields=getattr(error, "fields", {}))
    response = current_app.make_response((body, answered))
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            response.headers[name] = value
    if wants_json() and status in (401, 403):
        challenge(response, status)
    return response


def code_of(status: int) -> str:
    return CODES.get(status) or HTTPStatus(status).phrase.lower().replace(" ", "-")


def challenge(response: Response, status: int) -> None:
    """Say what kind of token is wanted (RFC 6750)."""
    if status == 403 and "missing_scope" in g:
        wanted = f'Bearer error="insufficient_scope", scope="{g.missing_scope}"'
        response.headers["WWW-Authenticate"] = wanted
    elif status == 401:
        sent = "Authorization" in request.headers
        wanted = 'Bearer error="invalid_token"' if sent else "Bearer"
        response.headers["WWW-Authenticate"] = wanted


def unavailable(error: exc.DBAPIError) -> tuple[Response | str, int]:
    """The database is away or wants a transaction tried again: nothing was changed."""
    current_app.logger.exception("database unavailable", exc_info=error)
    _forget_transaction()
    return answer(503, "unavailable", gettext(PAGES[503]))


def maybe_unavailable(error: exc.InternalError) -> tuple[Response | str, int]:
    """A server that takes no writes stands in for one that will; all else is ours to mend."""
    return (unavailable if isinstance(error.orig, ReadOnlySqlTransaction) else broken)(error)


def broken(error: Exception) -> tuple[Response | str, int]:
    current_app.logger.exception("request failed", exc_info=error)
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    _forget_transaction()
    return answer(500, "broken", gettext(PAGES[500]))


def _forget_transaction() -> None:
    # The page of the error reads who is signed in; a failed transaction would refuse that.
    with suppress(exc.SQLAlchemyError):
        db.let_go()


def wants_json() -> bool:
    return request.path.startswith("/api/v1")


def answer(
    status: int,
    code: str,
    message: str,
    facts: dict[str, Any] | None = None,
    fields: dict[str, list[str]] | None = None,
) -> tuple[Response | str, int]:
    """A problem document for the API, a page for everybody else."""
    if wants_json():
        return problem(status, code, message, facts, fields), status
    return error_page(status, code, message), status


def error_page(status: int, code: str, message: str) -> str:
    facts: dict[str, Any] = {"status": status, "code": code, "message": message}
    bare = f"<!doctype html><title>{status}</title><p>{escape(message)}</p>"
    if isinstance(request.routing_exception, SecurityError):
        # Under a host that is not ours nothing has an address that a page could link to.
        return bare
    # A step out of turn is seen to from the desk, where the next one is named.
    is_desk = status == 409 and request.blueprint == "organising"
    facts["desk_slug"] = (request.view_args or {}).get("slug") if is_desk else None
    try:
        return render_template("errors/error.html", **facts, request_id=g.get("request_id", ""))
    except exc.SQLAlchemyError:
        # Without a database there is no header of the page; the sentence still reaches people.
        return bare


def problem(
    status: int,
    code: str,
    message: str,
    facts: dict[str, Any] | None = None,
    fields: dict[str, list[str]] | None = None,
) -> Response:
    """RFC 9457: `type` names the refusal, `detail` says it, further members are its facts.

    `errors` holds messages by JSON path ("$.lines[0].units"); "?limit" is a parameter.
    """
    body = {
        **{name: _plain(fact) for name, fact in (facts or {}).items()},
        "type": f"/problems/{code}",
        "title": code_of(status).replace("-", " ").capitalize(),
        "status": status,
        "detail": message,
        "request_id": g.get("request_id", ""),
        **({"errors": fields} if fields else {}),
    }
    response = jsonify(body)
    response.content_type = "application/problem+json"
    return response


def _plain(fact: Any) -> Any:
    if isinstance(fact, Money):
        return filters.money_json(fact)
    if isinstance(fact, datetime | date):
        return fact.isoformat()
    return json.loads(json.dumps(fact, default=str))

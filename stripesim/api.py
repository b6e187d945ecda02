"""The API's one door: who asks, is it well-formed, was it asked before, then do it once."""

import time
from collections.abc import Iterator

import stripe
from flask import Response, current_app, request

from stripesim import accounts, forms, params, replies
from stripesim.books import Books, Object
from stripesim.errors import ConnectionLost, Failure
from stripesim.expansion import expand
from stripesim.expiry import expire
from stripesim.routing import Route
from stripesim.simulator import Simulator
from stripesim.store import new_id, packed

TEST_KEYS = ("sk_test_", "rk_test_")


def simulator() -> Simulator:
    found: Simulator = current_app.extensions["stripesim"]
    return found


def serve(route: Route, **ids: str) -> Response:
    request_id = new_id("req", 14)
    try:
        status, body, headers = attempt(route, ids, request_id)
    except Failure as failure:
        status, body, headers = failure.status, packed(failure.body()), {}
    except ConnectionLost:
        return cut_off()
    answer = Response(body, status, {"Request-Id": request_id, **headers}, "application/json")
    answer.headers["Stripe-Version"] = stripe.api_version
    if key := request.headers.get("Idempotency-Key"):
        answer.headers["Idempotency-Key"] = key
    return answer


Answer = tuple[int, str, dict[str, str]]


def attempt(route: Route, ids: dict[str, str], request_id: str) -> Answer:
    authenticate()
    text = whole_body() if route.method == "POST" else ""
    text = text or request.query_string.decode()
    given = params.check(route.accepts, route.plays | {"expand"}, forms.decode(text))
    key = request.headers.get("Idempotency-Key") if route.method == "POST" else None
    asked = {"id": request_id, "idempotency_key": key}
    account = request.headers.get("Stripe-Account", "")
    with simulator().books() as books:
        if account:
            accounts.find(books, account)
        is_down = books.fault("unavailable", request.path) is not None
    if is_down:
        raise Failure("The API is down for the moment.", status=503, kind="api_error")
    with simulator().books() as books:
        books.request = asked
        is_lost = books.fault("connection_lost", request.path) is not None
        slow = books.fault("slow", request.path)
        print_ = replies.fingerprint(route.method, account + request.path, text)
        reply = None if key is None else replies.claim(books, key, print_)
    if reply is not None:
        headers = {"Idempotent-Replayed": "true", "Original-Request": reply.request}
        answer: Answer = (reply.status, reply.body, headers)
    else:
        if slow is not None:
            time.sleep(slow.seconds)
        status, body = execute(route, given, ids, asked, account)
        answer = (status, body, {})
    if is_lost:
        raise ConnectionLost
    return answer


def whole_body() -> str:
    """The body; whose sender died before its end asked for nothing, and may ask again."""
    body = request.get_data()
    if len(body) < (request.content_length or 0):
        raise Failure("The request was cut off.")
    return body.decode(errors="replace")


def execute(
    route: Route, given: Object, ids: dict[str, str], asked: dict[str, str | None], account: str
) -> tuple[int, str]:
    """Do the work and keep its answer under the key, in one transaction."""
    key = asked["idempotency_key"]
    try:
        with simulator().books() as books:
            books.request = asked
            expire(books)
            status, body = perform(books.of(account), route, given, ids)
            if key is not None:
                replies.keep(books, key, status, body)
            return status, body
    except Exception:
        if key is not None:
            with simulator().books() as books:
                replies.release(books, key)
        raise


def perform(books: Books, route: Route, given: Object, ids: dict[str, str]) -> tuple[int, str]:
    wanted = given.pop("expand", [])
    books.connection.execute("SAVEPOINT work")
    try:
        body = route.handler(books, given, **ids)
        return 200, packed(expand(books, body, wanted))
    except Failure as failure:
        if not failure.keeps_work:
            books.connection.execute("ROLLBACK TO work")
        return failure.status, packed(failure.body())


def authenticate() -> None:
    key = request.authorization.token if request.authorization else None
    if not key:
        raise Failure("You did not provide an API key.", status=401)
    if not key.startswith(TEST_KEYS):
        raise Failure("The simulator takes test keys only (sk_test_, rk_test_).", status=401)
    expected = simulator().settings.api_key
    if expected is not None and key != expected:
        raise Failure("Invalid API Key provided.", status=401)


def cut_off() -> Response:
    """Break the connection in the middle of the answer, whatever server stands in front."""

    def body() -> Iterator[bytes]:
        # An empty piece makes the server send the head, so that it cannot answer 500 any more.
        yield b""
        raise ConnectionLost

    answer = Response(body(), 200, mimetype="application/json")
    answer.content_length = 1000
    return answer

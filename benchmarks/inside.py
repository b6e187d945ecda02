"""Inside one process: what a request costs the application, without a network or a queue."""

import io
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from flask import Flask
from sqlalchemy import event

from benchmarks.load import Request


def statuses(app: Flask, requests: Sequence[Request]) -> Counter[int]:
    """Answer `requests` one after the other; how often each status was given."""
    return Counter(_answer(app, environ(one)) for one in requests)


def cpu_ms(app: Flask, requests: Sequence[Request]) -> float:
    """CPU milliseconds of this process for one of `requests`, on average."""
    prepared = [environ(one) for one in requests]
    began = time.process_time()
    for one in prepared:
        _answer(app, one)
    return (time.process_time() - began) / len(prepared) * 1_000


def statements(app: Flask, requests: Sequence[Request]) -> int:
    """The most SQL statements that one of `requests` sends."""
    counts = []
    for one in requests:
        with _counted(app) as sent:
            _answer(app, environ(one))
        counts.append(len(sent))
    return max(counts)


def peak_kib(app: Flask, request: Request) -> int:
    """The most memory that was in use at once for `request`, beyond what was before."""
    tracemalloc.start()
    try:
        _answer(app, environ(request))
        return tracemalloc.get_traced_memory()[1] // 1024
    finally:
        tracemalloc.stop()


def environ(request: Request) -> dict[str, Any]:
    """The request as a server hands it to the application (PEP 3333)."""
    path, _, query = request.path.partition("?")
    body = request.body.encode()
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "HTTP_COOKIE": request.cookie,
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _answer(app: Flask, environ: dict[str, Any]) -> int:
    status: list[str] = []

    def begin(line: str, _headers: Any, _error: Any = None) -> Any:
        status.append(line)

    answer = app.wsgi_app(environ, begin)
    for _ in answer:
        pass
    close = getattr(answer, "close", None)
    if close is not None:
        close()
    return int(status[-1].split()[0])


@contextmanager
def _counted(app: Flask) -> Iterator[list[str]]:
    sent: list[str] = []
    engine = app.extensions["engine"]

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)

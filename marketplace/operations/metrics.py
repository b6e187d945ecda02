"""Metrics: what a monitoring program reads; requests and jobs by count and duration."""

import os
import time
from collections.abc import Iterator
from datetime import datetime
from functools import cache

from flask import Response, g, request
from flask.sansio.app import App
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy.orm import Session

from marketplace import jobs
from services import operations

REQUESTS = Counter(
    "allmende_requests",
    "Requests answered, by endpoint and status",
    ["endpoint", "method", "status"],
    registry=jobs.METRICS,
)
SECONDS = Histogram(
    "allmende_request_seconds",
    "How long answers took, by endpoint",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=jobs.METRICS,
)


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def init_app(app: App) -> None:
    @app.after_request
    def count(response: Response) -> Response:
        # The endpoint, not the path: a path is made by whoever asks and would never end.
        endpoint = request.endpoint or "none"
        method = request.method if request.method in _METHODS else "OTHER"
        answers, seconds = _series(endpoint, method, response.status_code)
        answers.inc()
        if "began" in g:
            seconds.observe(time.perf_counter() - g.began)
        return response


@cache
def _series(endpoint: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """What an answer counts in: to find it takes longer than to count."""
    return REQUESTS.labels(endpoint, method, str(status)), SECONDS.labels(endpoint)


class Standing:
    """Gauges that are read from the database when somebody asks."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now

    def collect(self) -> Iterator[Metric]:
        counts = operations.counts(self.session, now=self.now)
        waiting = GaugeMetricFamily("allmende_jobs_now", "Jobs by state", labels=["state"])
        for state in ("due", "planned", "doing", "failed"):
            waiting.add_metric([state], getattr(counts, state))
        yield waiting
        yield GaugeMetricFamily(
            "allmende_oldest_due_job_seconds",
            "How long the oldest due job has waited",
            counts.oldest_due.total_seconds(),
        )
        seen = operations.look(self.session, now=self.now)
        mails = GaugeMetricFamily("allmende_mails_now", "Mails by state", labels=["state"])
        for state, count in seen.mails.items():
            mails.add_metric([state], count)
        yield mails
        yield GaugeMetricFamily("allmende_members", "Confirmed members", seen.members)
        yield GaugeMetricFamily("allmende_open_cases", "Reports not decided yet", seen.open_cases)
        check = operations.last_check(self.session)
        yield GaugeMetricFamily(
            "allmende_ledger_sound",
            "Whether the books were sound when last checked",
            int(check is not None and check.is_sound),
        )


def exposition(session: Session, now: datetime) -> bytes:
    """All metrics as text; of all processes, where PROMETHEUS_MULTIPROC_DIR is set."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        counted = generate_latest(registry)
    else:
        counted = generate_latest(jobs.METRICS)
    now_registry = CollectorRegistry()
    now_registry.register(Standing(session, now))
    return counted + generate_latest(now_registry)

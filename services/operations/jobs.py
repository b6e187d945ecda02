"""Jobs, as the operator sees them: how many wait, how late the latest is, what was given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.actors import Actor
from models.errors import NotFound
from models.operations import NotAnOperator


@dataclass(frozen=True)
class JobCounts:
    """Jobs that are due, planned for later, being done and given up."""

    due: int
    planned: int
    doing: int
    failed: int
    # How long the oldest due job has been waiting; zero if none waits.
    oldest_due: timedelta


@dataclass(frozen=True)
class Job:
    """One job that was given up after its last try."""

    id: int
    task: str
    arguments: dict[str, Any]
    attempts: int
    failed_at: datetime | None


_COUNTS = text(
    """
    SELECT count(*) FILTER (WHERE is_due) AS due,
           count(*) FILTER (WHERE status = 'todo' AND NOT is_due) AS planned,
           count(*) FILTER (WHERE status = 'doing') AS doing,
           count(*) FILTER (WHERE status = 'failed') AS failed,
           min(coalesce(scheduled_at, (SELECT min(at) FROM procrastinate_events e
                                       WHERE e.job_id = job.id))) FILTER (WHERE is_due) AS oldest
    FROM (SELECT id, status, scheduled_at,
                 status = 'todo' AND coalesce(scheduled_at, :now) <= :now AS is_due
          FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed')) AS job
    """
)


def counts(session: Session, *, now: datetime) -> JobCounts:
    row = session.execute(_COUNTS, {"now": now}).one()
    late = max(now - row.oldest, timedelta()) if row.oldest else timedelta()
    return JobCounts(row.due, row.planned, row.doing, row.failed, late)


def failed(session: Session, *, limit: int = 20) -> Sequence[Job]:
    """The newest jobs that were given up."""
    rows = session.execute(
        text(
            "SELECT id, task_name, args, attempts, (SELECT max(at) FROM procrastinate_events e"
            " WHERE e.job_id = j.id) AS failed_at"
            " FROM procrastinate_jobs j WHERE status = 'failed' ORDER BY id DESC LIMIT :limit"
        ),
        {"limit": limit},
    )
    return [Job(row.id, row.task_name, row.args, row.attempts, row.failed_at) for row in rows]


def next_due(session: Session, *, until: datetime) -> datetime | None:
    """When the first waiting job is due, if that is not after `until`; for tests and the demo."""
    due: datetime | None = session.scalar(
        text(
            "SELECT min(coalesce(scheduled_at, timestamptz '2000-01-01 00:00:00Z')) "
            "FROM procrastinate_jobs WHERE status = 'todo' "
            "AND (scheduled_at IS NULL OR scheduled_at <= :until)"
        ),
        {"until": until},
    )
    return due


def take_due(session: Session, *, at: datetime) -> tuple[str, dict[str, Any]] | None:
    """Take the first job due at `at` off the queue: its task and arguments; None if none is due.

    For tests and the demo, where a job that fails stops everything. Workers take their own.
    """
    row = session.execute(
        text(
            "DELETE FROM procrastinate_jobs WHERE id = ("
            " SELECT id FROM procrastinate_jobs WHERE status = 'todo'"
            " AND (scheduled_at IS NULL OR scheduled_at <= :at)"
            " ORDER BY coalesce(scheduled_at, '-infinity'), id LIMIT 1)"
            " RETURNING task_name, args"
        ),
        {"at": at},
    ).one_or_none()
    return None if row is None else (row.task_name, row.args)


def retry(session: Session, job_id: int, *, actor: Actor, now: datetime) -> None:
    """Have a failed job done once more; refuses with NotAnOperator, or NotFound what did not fail.

    It is asked of the queue's own function, which keeps the job's history.
    """
    if not actor.member.is_operator:
        raise NotAnOperator
    found = session.execute(
        text("SELECT 1 FROM procrastinate_jobs WHERE id = :id AND status = 'failed' FOR UPDATE"),
        {"id": job_id},
    ).one_or_none()
    if found is None:
        raise NotFound
    session.execute(
        text("SELECT procrastinate_retry_job_v2(:id, :now, NULL, NULL, NULL)"),
        {"id": job_id, "now": now},
    )

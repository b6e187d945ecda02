"""What is told of reports and decisions: to moderators, to authors and to those who reported."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.base import Json
from models.disputes import Case, Measure, Report
from models.events import Event
from models.members import Role
from models.notices import NoticeKind
from services import mailing, notices, paths
from services.notices import Telling
from services.reactions.audience import voices, with_role
from services.reactions.registry import on


@on("TargetReported")
def reported(session: Session, event: Event, now: datetime) -> None:
    """Confirm the report without delay (Regulation 2022/2065 Art. 16(4)); call a moderator."""
    case = session.get_one(Case, event.facts["case_id"])
    report = session.get_one(Report, event.facts["report_id"])
    title = case.snapshot["title"]
    if event.facts["is_first"]:
        call = Telling(
            NoticeKind.MODERATION, "case-reported", {"title": title}, paths.moderation(case.id)
        )
        notices.tell_all(session, event, with_role(session, Role.MODERATOR), call, now=now)
    received = Telling(NoticeKind.MODERATION, "report-received", {"title": title})
    _tell_reporter(session, event, report, received, now)


@on("CaseDecided")
def decided(session: Session, event: Event, now: datetime) -> None:
    """Give the reasons to the author and to all who reported (Art. 16(5) and Art. 17)."""
    case = session.get_one(Case, event.facts["case_id"])
    facts = {"title": case.snapshot["title"], "words": case.decision_reason}
    if case.measure != Measure.NOTHING and case.author_id is not None:
        telling = Telling(
            NoticeKind.MODERATION, f"measure-{case.measure}", facts, paths.case(case.id)
        )
        people = voices(session, {case.author_id})
        notices.tell_all(session, event, people, telling, now=now)
    for report in case.reports:
        answer = _answer(case, report, f"report-decided-{case.measure}", facts)
        _tell_reporter(session, event, report, answer, now)


@on("PauseLifted")
def lifted(session: Session, event: Event, now: datetime) -> None:
    """Tell those who reported; the author and all who joined hear that it goes on."""
    case = session.get_one(Case, event.facts["case_id"])
    facts = {"title": case.snapshot["title"], "words": case.lift_reason}
    for report in case.reports:
        _tell_reporter(session, event, report, _answer(case, report, "report-lifted", facts), now)


def _answer(case: Case, report: Report, message: str, facts: Json) -> Telling:
    # A stranger cannot sign in to read the case.
    path = paths.case(case.id) if report.reporter_id else paths.MODERATION_LOG
    return Telling(NoticeKind.MODERATION, message, facts, path)


def _tell_reporter(
    session: Session, event: Event, report: Report, telling: Telling, now: datetime
) -> None:
    if report.reporter_id is not None:
        people = voices(session, {report.reporter_id})
        notices.tell_all(session, event, people, telling, now=now)
    else:
        mailing.write(
            session,
            key=f"report:{event.id}:{report.id}:{telling.message}",
            member=None,
            to=report.reporter_email,
            locale=report.locale,
            template="notice",
            facts={
                "name": report.reporter_name,
                "kind": telling.kind,
                "message": telling.message,
                "told": telling.facts,
                "path": telling.path,
            },
            now=now,
        )

"""Reports and cases, for programs: members report, moderators decide, everyone reads the log."""

from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth, context, db
from marketplace.api import (
    Blueprint,
    PageQuery,
    answer_page,
    idempotent,
    newest_first,
    older_than,
    page_of,
    scope_required,
)
from marketplace.disputes.answers import (
    CaseDetailOut,
    CaseOut,
    DecisionOut,
    LoggedOut,
    ReportOut,
    logged,
    shown_case,
    shown_decision,
    shown_report,
    shown_whole_case,
)
from marketplace.disputes.schemas import CaseQuery, DecisionForm, ReportIn, ResumptionForm
from marketplace.schemas import Nothing
from models.members import Scope
from services import disputes

reports = Blueprint(
    "reports_api", __name__, path="/reports", about="Saying that something should not be here."
)
cases = Blueprint("cases_api", __name__, path="/cases", about="What moderators look after.")
decisions = Blueprint(
    "decisions_api", __name__, path="/decisions", about="What moderators have decided, and why."
)
ONE = "/<id:case_id>"


@reports.post("")
@scope_required(Scope.MESSAGES)
@reports.arguments(ReportIn)
@idempotent
@reports.response(201, ReportOut)
def report(session: Session, said: dict[str, Any]) -> dict[str, Any]:
    """Report a group buy, a message or a participant to the moderators."""
    actor = auth.signed_in_actor()
    made = disputes.report(
        session,
        disputes.find_target(session, said["target"], said["target_id"], actor=actor),
        ground=said["ground"],
        body=said["body"],
        actor=actor,
        locale=context.choose_locale(),
        now=db.now(session),
    )
    return shown_report(made)


@cases.get("")
@scope_required(Scope.MODERATION, in_person=True)
@cases.etag
@cases.arguments(CaseQuery, location="query")
@cases.response(200, page_of(CaseOut))
def queue(query: dict[str, Any]) -> dict[str, Any]:
    """List the cases, the newest first, for moderators."""
    found, before = disputes.queue(
        db.session(),
        actor=auth.signed_in_actor(),
        state=query["state"],
        before=older_than(query),
        limit=query["limit"],
    )
    return answer_page(newest_first([shown_case(one) for one in found], before))


@cases.get(ONE)
@scope_required(Scope.MODERATION, in_person=True)
@cases.etag
@cases.response(200, CaseDetailOut)
def show(case_id: int) -> dict[str, Any]:
    """Show a case with what was said about it."""
    return shown_whole_case(disputes.find(db.session(), case_id, actor=auth.signed_in_actor()))


@cases.post(f"{ONE}/taking-up")
@scope_required(Scope.MODERATION, in_person=True)
@cases.arguments(Nothing)
@idempotent
@cases.response(200, CaseDetailOut)
def take_up(session: Session, _given: dict[str, Any], case_id: int) -> dict[str, Any]:
    """Say that one looks after a case."""
    case = disputes.take_up(session, case_id, actor=auth.signed_in_actor(), now=db.now(session))
    return shown_whole_case(case)


@cases.post(f"{ONE}/decision")
@scope_required(Scope.MODERATION, in_person=True)
@cases.arguments(DecisionForm)
@idempotent
@cases.response(200, CaseDetailOut)
def decide(session: Session, given: dict[str, Any], case_id: int) -> dict[str, Any]:
    """End a case with a measure and its reasons, which author and reporters read."""
    case = disputes.decide(
        session, case_id, **given, actor=auth.signed_in_actor(), now=db.now(session)
    )
    return shown_whole_case(case)


@cases.post(f"{ONE}/resumption")
@scope_required(Scope.MODERATION, in_person=True)
@cases.arguments(ResumptionForm)
@idempotent
@cases.response(200, CaseDetailOut)
def resume(session: Session, given: dict[str, Any], case_id: int) -> dict[str, Any]:
    """Let go on what this case has paused."""
    actor = auth.signed_in_actor()
    disputes.lift(session, case_id, **given, actor=actor, now=db.now(session))
    return shown_whole_case(disputes.find(session, case_id, actor=actor))


@decisions.get("")
@decisions.etag
@decisions.arguments(PageQuery, location="query")
@decisions.response(200, page_of(LoggedOut))
def log(query: dict[str, Any]) -> dict[str, Any]:
    """List what was decided, the newest first, without names."""
    found, before = disputes.public_log(
        db.session(), before=older_than(query), limit=query["limit"]
    )
    return answer_page(newest_first([logged(one) for one in found], before))


@decisions.get(ONE)
@scope_required(Scope.READ, in_person=True)
@decisions.etag
@decisions.response(200, DecisionOut)
def show_decision(case_id: int) -> dict[str, Any]:
    """Show a decision with its reasons, to its author and to those who reported."""
    found = disputes.find_decided(db.session(), case_id, actor=auth.signed_in_actor())
    return shown_decision(found)


ENDPOINTS = (reports, cases, decisions)

"""What programs are told of reports, cases and decisions."""

from typing import Any

from flask import url_for
from marshmallow import fields

from marketplace.fields import Choice, Count, Id, Moment
from marketplace.schemas import Schema
from models.disputes import Case, CaseState, Ground, Measure, Report, Target


class ReportOut(Schema):
    """A report, for whoever made it; when its case is decided they can read the decision."""

    id = Id(required=True)
    case = Id(required=True)
    ground = Choice(Ground, required=True)
    body = fields.String(required=True)
    reported_at = Moment(required=True)


class SaidOut(Schema):
    """What one person said about the target of a case."""

    reporter = Id(
        required=True, allow_none=True, metadata={"description": "Null: they are no member."}
    )
    reporter_name = fields.String(required=True)
    ground = Choice(Ground, required=True)
    body = fields.String(required=True)
    reported_at = Moment(required=True)


class CaseOut(Schema):
    """A case as the moderators' queue shows it."""

    id = Id(required=True)
    target = Choice(Target, required=True)
    target_id = Id(required=True)
    group_buy = Id(required=True, allow_none=True)
    circle = Id(required=True, allow_none=True)
    author = Id(required=True, allow_none=True)
    author_name = fields.String(required=True)
    title = fields.String(required=True)
    state = Choice(CaseState, required=True)
    ground = Choice(Ground, required=True, metadata={"description": "Of the first report."})
    reports_count = Count(required=True)
    measure = Choice(Measure, required=True, allow_none=True)
    reported_at = Moment(required=True)
    taken_up_at = Moment(required=True, allow_none=True)
    decided_at = Moment(required=True, allow_none=True)


class CaseDetailOut(CaseOut):
    """A case with all that a moderator has to know before they decide."""

    text = fields.String(
        required=True, metadata={"description": "Markdown, as it stood when it was reported."}
    )
    pictures = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "The addresses of those that were shown when it was reported."},
    )
    path = fields.String(required=True, metadata={"description": "The page it stands on."})
    taken_up_by_name = fields.String(required=True)
    measures = fields.List(
        Choice(Measure), required=True, metadata={"description": "What can be decided."}
    )
    reason = fields.String(required=True, metadata={"description": "Markdown; of the decision."})
    reports = fields.List(fields.Nested(SaidOut), required=True)


class LoggedOut(Schema):
    """A decision as the public log has it: neither names nor what was reported."""

    target = Choice(Target, required=True)
    ground = Choice(Ground, required=True)
    measure = Choice(Measure, required=True)
    decided_on = fields.Date(required=True)


class DecisionOut(Schema):
    """A decision with its reasons, for its author and those who reported."""

    case = Id(required=True)
    target = Choice(Target, required=True)
    title = fields.String(required=True)
    ground = Choice(Ground, required=True)
    measure = Choice(Measure, required=True)
    reason = fields.String(required=True, metadata={"description": "Markdown."})
    decided_at = Moment(required=True)


def shown_report(report: Report) -> dict[str, Any]:
    return {
        "id": report.id,
        "case": report.case_id,
        "ground": report.ground,
        "body": report.body,
        "reported_at": report.reported_at,
    }


def shown_case(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "target": case.target,
        "target_id": case.target_id,
        "group_buy": case.collaboration_id,
        "circle": case.circle_id,
        "author": case.author_id,
        "author_name": case.author.name if case.author else "",
        "title": case.snapshot["title"],
        "state": case.state,
        "ground": case.ground,
        "reports_count": len(case.reports),
        "measure": case.measure,
        "reported_at": case.reported_at,
        "taken_up_at": case.taken_up_at,
        "decided_at": case.decided_at,
    }


def shown_whole_case(case: Case) -> dict[str, Any]:
    return {
        **shown_case(case),
        "text": case.snapshot["text"],
        "pictures": [url_for("participants.picture", key=one.key) for one in case.pictures],
        "path": case.snapshot["path"],
        "taken_up_by_name": case.taken_up_by.display_name if case.taken_up_by else "",
        "measures": case.measures,
        "reason": case.decision_reason,
        "reports": [
            {
                "reporter": one.reporter_id,
                "reporter_name": one.reporter.name if one.reporter else one.reporter_name,
                "ground": one.ground,
                "body": one.body,
                "reported_at": one.reported_at,
            }
            for one in case.reports
        ],
    }


def logged(case: Case) -> dict[str, Any]:
    return {
        "target": case.target,
        "ground": case.ground,
        "measure": case.measure,
        "decided_on": case.decided_at.date() if case.decided_at else None,
    }


def shown_decision(case: Case) -> dict[str, Any]:
    return {
        "case": case.id,
        "target": case.target,
        "title": case.snapshot["title"],
        "ground": case.ground,
        "measure": case.measure,
        "reason": case.decision_reason,
        "decided_at": case.decided_at,
    }

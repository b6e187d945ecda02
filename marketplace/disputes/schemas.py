"""What is sent by those who report and by those who decide."""

from marketplace.api import PageQuery
from marketplace.fields import Choice, Email, Id, Words
from marketplace.schemas import Schema
from models.disputes import CaseState, Ground, Measure, Target


class ReportForm(Schema):
    ground = Choice(Ground, required=True)
    body = Words(required=True, most=5000, least=10, lines=True)


class StrangersReport(ReportForm):
    """Whoever is not signed in says who they are, so that they can be answered."""

    name = Words(required=True, most=100)
    email = Email(required=True)


class ResumptionForm(Schema):
    reason = Words(required=True, most=1000, least=20, lines=True)


class DecisionForm(Schema):
    measure = Choice(Measure, required=True)
    reason = Words(required=True, most=5000, least=20, lines=True)


class ReportIn(ReportForm):
    """What is reported, and why."""

    target = Choice(Target, required=True)
    target_id = Id(
        required=True, metadata={"description": "Of the group buy, message or participant."}
    )


class CaseQuery(PageQuery):
    state = Choice(
        CaseState, load_default=None, metadata={"description": "Left out: all that are open."}
    )

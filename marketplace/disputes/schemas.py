"""What is sent by those who report and by those who decide."""

from marshmallow import Schema

from marketplace.fields import Choice, Email, Words
from models.disputes import Ground, Measure


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

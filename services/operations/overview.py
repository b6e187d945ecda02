"""The operator's overview: how many people, deals, mails and reports there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.collaborations import Collaboration, State
from models.members import Member
from models.notices import MailState
from services import disputes, mailing


@dataclass(frozen=True)
class Overview:
    """Numbers of one moment."""

    members: int
    unconfirmed: int
    signed_up_today: int
    signed_up_this_week: int
    signed_up_this_month: int
    deals: Mapping[State, int]
    mails: Mapping[MailState, int]
    open_cases: int


def look(session: Session, *, now: datetime) -> Overview:
    people = session.execute(
        select(
            func.count().filter(Member.confirmed_at.is_not(None)),
            func.count().filter(Member.confirmed_at.is_(None)),
            func.count().filter(Member.joined_at > now - timedelta(days=1)),
            func.count().filter(Member.joined_at > now - timedelta(days=7)),
            func.count().filter(Member.joined_at > now - timedelta(days=30)),
        ).where(Member.closed_at.is_(None))
    ).one()
    deals = {
        row[0]: row[1]
        for row in session.execute(
            select(Collaboration.state, func.count()).group_by(Collaboration.state)
        )
    }
    mails = mailing.count_by_state(session)
    return Overview(
        *people,
        deals={state: deals.get(state, 0) for state in State},
        mails={state: mails.get(state, 0) for state in MailState},
        open_cases=disputes.count_open(session),
    )

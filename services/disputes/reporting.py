"""Reporting: anyone may say that something should not be here (Regulation 2022/2065 Art. 16)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Article
from models.collaborations import Collaboration
from models.disputes import (
    AlreadyReported,
    Case,
    CasePicture,
    CaseState,
    Ground,
    OwnContent,
    Report,
    Target,
)
from models.participants import Participant, Picture
from services import events
from services.disputes.targets import Reported

# Of a list of thousands of articles nobody looks at more.
MOST_PICTURES = 50


@dataclass(frozen=True, kw_only=True)
class TargetReported(events.Happened):
    """Someone says that something should not be here."""

    case_id: int
    report_id: int
    is_first: bool


def report(
    session: Session,
    reported: Reported,
    *,
    ground: Ground,
    body: str,
    actor: Actor | None,
    name: str = "",
    email: str = "",
    locale: str = "en",
    now: datetime,
) -> Report:
    """Report what `find_target` found: as a participant, or as a stranger with name and address.

    All reports of one target go to its one open case. Refuses with OwnContent and
    AlreadyReported. The door throttles strangers.
    """
    if actor is not None and actor.may_act_for(reported.author_id):
        raise OwnContent
    case, is_first = _open_case(session, reported, ground, now)
    if any(_is_by(one, actor, email) for one in case.reports):
        raise AlreadyReported
    _keep_pictures(session, case)
    made = Report(
        case_id=case.id,
        reporter_id=actor.participant.id if actor else None,
        reporter_name="" if actor else name,
        reporter_email="" if actor else email.lower(),
        locale=locale,
        ground=ground,
        body=body,
        reported_at=now,
    )
    case.reports.append(made)
    session.flush()
    happened = TargetReported(
        by=actor.member.id if actor else None,
        participant_id=actor.participant.id if actor else None,
        collaboration_id=case.collaboration_id,
        case_id=case.id,
        report_id=made.id,
        is_first=is_first,
    )
    events.record(session, happened, now=now)
    return made


def _open_case(
    session: Session, reported: Reported, ground: Ground, now: datetime
) -> tuple[Case, bool]:
    """The open case of a target under its lock, begun if there is none; whether it was begun."""
    begun = session.scalar(
        insert(Case)
        .values(
            target=reported.target,
            target_id=reported.target_id,
            collaboration_id=reported.collaboration_id,
            circle_id=reported.circle_id,
            author_id=reported.author_id,
            state=CaseState.REPORTED,
            ground=ground,
            snapshot=reported.snapshot,
            reported_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Case.id)
    )
    wanted = select(Case).filter_by(target=reported.target, target_id=reported.target_id)
    case = session.scalars(
        wanted.where(Case.state != CaseState.DECIDED)
        .with_for_update(of=Case)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if case is None:
        # It was decided while its lock was waited for, so this report begins another.
        return _open_case(session, reported, ground, now)
    return case, begun is not None


def _keep_pictures(session: Session, case: Case) -> None:
    """Name what the target shows now: its author can change that, and a moderator must see it.

    At each report, because what was harmless at the first may have been replaced since.
    """
    shown = {
        Target.COLLABORATION: (
            select(Collaboration.picture_id).where(Collaboration.id == case.target_id),
            select(Article.picture_id).where(Article.group_buy_id == case.target_id),
        ),
        Target.PARTICIPANT: (
            select(Participant.picture_id).where(Participant.id == case.target_id),
        ),
        Target.CIRCLE: (),
        Target.MESSAGE: (),
    }[case.target]
    if shown:
        named = (
            select(literal(case.id), Picture.id)
            .where(or_(*(Picture.id.in_(one) for one in shown)))
            # Its own picture before those of its articles, and of these the newest.
            .order_by(
                Picture.id.in_(shown[0]).desc(), Picture.uploaded_at.desc(), Picture.id.desc()
            )
            .limit(MOST_PICTURES)
            # Whoever removes one of them meanwhile does so before, or finds it named.
            .with_for_update(key_share=True, read=True)
        )
        put = insert(CasePicture).from_select(["case_id", "picture_id"], named)
        session.execute(put.on_conflict_do_nothing())


def _is_by(made: Report, actor: Actor | None, email: str) -> bool:
    if actor is not None:
        return made.reporter_id == actor.participant.id
    return made.reporter_id is None and made.reporter_email == email.lower()

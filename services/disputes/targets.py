"""What can be reported, as it stands now: a deal, a message, a profile, a circle."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from models.actors import Actor
from models.base import Json
from models.collaborations import Collaboration
from models.disputes import Target
from models.errors import NotFound
from models.members import Member
from models.participants import Participant, ParticipantKind
from services import circles, dialogue, paths
from services.knowing import may_know


@dataclass(frozen=True)
class Reported:
    """What is reported, as it stands now."""

    target: Target
    target_id: int
    collaboration_id: int | None
    circle_id: int | None
    author_id: int
    snapshot: Json

    @property
    def title(self) -> str:
        return str(self.snapshot["title"])

    @property
    def path(self) -> str:
        return str(self.snapshot["path"])


def find_target(
    session: Session, target: Target, target_id: int, *, actor: Actor | None, link_key: str = ""
) -> Reported:
    """What someone wants to report; refuses with NotFound what they may not know of."""
    if target == Target.COLLABORATION:
        return _deal(session, target_id, actor, link_key)
    if target == Target.MESSAGE:
        return _message(session, target_id, actor, link_key)
    if target == Target.CIRCLE:
        return _circle(session, target_id, actor, link_key)
    participant = session.get(Participant, target_id)
    if participant is None or participant.erased_at is not None:
        raise NotFound
    if participant.kind == ParticipantKind.GUEST:
        # A guest is known to their keeper alone, by name and by how they are reached.
        raise NotFound
    return Reported(
        target,
        participant.id,
        None,
        None,
        participant.id,
        {
            "title": participant.name,
            "text": participant.about,
            "path": paths.participant(participant.slug),
        },
    )


def _deal(session: Session, deal_id: int, actor: Actor | None, link_key: str) -> Reported:
    deal = session.get(Collaboration, deal_id)
    if deal is None or not may_know(session, deal, actor, link_key):
        raise NotFound
    return Reported(
        Target.COLLABORATION,
        deal.id,
        deal.id,
        None,
        deal.organiser_id,
        {
            "title": deal.title,
            "text": f"{deal.summary}\n\n{deal.description}".strip(),
            "path": paths.deal(deal.slug),
            "terms_number": deal.terms_number,
        },
    )


def _message(session: Session, message_id: int, actor: Actor | None, link_key: str) -> Reported:
    message = dialogue.find(session, message_id)
    subject = dialogue.of_message(session, message, actor=actor, link_key=link_key)
    if not dialogue.may_read(message, subject):
        raise NotFound
    return Reported(
        Target.MESSAGE,
        message.id,
        message.collaboration_id,
        message.circle_id,
        message.author_id,
        {
            "title": subject.title,
            "text": message.body,
            "path": paths.message(message.id),
        },
    )


def _circle(session: Session, circle_id: int, actor: Actor | None, link_key: str) -> Reported:
    circle = circles.find(session, circle_id, actor=actor, link_key=link_key).circle
    # An ended one may have no steward any more; who founded it answers for it then.
    [*run_by] = circles.who_run_it(session, circle, limit=1)
    founder = session.get_one(Member, circle.made_by_id)
    return Reported(
        Target.CIRCLE,
        circle.id,
        None,
        circle.id,
        run_by[0].participant_id if run_by else founder.participant_id,
        {
            "title": circle.name,
            "text": f"{circle.summary}\n\n{circle.description}".strip(),
            "path": paths.circle(circle.slug),
        },
    )

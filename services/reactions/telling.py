"""What is told of deals and commitments: the pieces that their reactions are made of."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from models.base import Json
from models.collaborations import Collaboration, Commitment, State
from models.events import Event
from models.notices import NoticeKind
from models.participants import ParticipantKind
from services import notices, paths
from services.notices import Telling
from services.notices.reasons import REASONS
from services.reactions.audience import tell_organisers, voices


def tell_one(
    session: Session, event: Event, commitment: Commitment, telling: Telling, now: datetime
) -> None:
    """Tell whoever reads for the one who is bound; of a guest they are told which one it is."""
    people = voices(session, {commitment.participant_id})
    if commitment.participant.kind == ParticipantKind.GUEST:
        telling = replace(telling, facts={**telling.facts, "guest": commitment.participant.name})
    notices.tell_all(session, event, people, telling, now=now)


def tell_of_someone(
    session: Session, event: Event, commitment: Commitment, message: str, now: datetime
) -> None:
    # On the page alone: a well-filled deal would bring its organiser thousands of mails.
    telling = telling_of(
        commitment.collaboration,
        NoticeKind.ORGANISING,
        message,
        by_mail=False,
        name=commitment.participant.name,
    )
    tell_organisers(session, event, telling, now=now)


def telling_of(
    deal: Collaboration,
    kind: NoticeKind,
    message: str,
    *,
    path: str = "",
    by_mail: bool = True,
    **facts: object,
) -> Telling:
    """What is told of a deal; `path` leads to where something is to be done, else to the deal."""
    leads_to = path or paths.deal(deal.slug)
    known = {"title": deal.title, "zone": deal.time_zone, **facts}
    return Telling(kind, message, known, leads_to, by_mail)


def money(minor: int, deal: Collaboration) -> Json:
    return {"minor": minor, "currency": deal.currency}


def why(reason: str) -> object:
    """The clearing's own word, said in the reader's language, or what somebody wrote."""
    if reason in REASONS:
        return {"text": REASONS[reason]}
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."


def does_not_happen(deal: Collaboration) -> bool:
    """Whether it failed or was called off: nobody is told otherwise, however late."""
    return deal.state in (State.FAILED, State.CANCELLED)


def deal_of(session: Session, event: Event) -> Collaboration:
    return session.get_one(Collaboration, event.collaboration_id)


def commitment_of(session: Session, event: Event) -> Commitment:
    return session.get_one(Commitment, event.commitment_id)

"""What a participant did here: only what everybody may know of."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.collaborations import Collaboration, Commitment, State, Visibility
from models.participants import Participant

SHOWN = 20


@dataclass(frozen=True)
class Deeds:
    """The newest public deals that someone organised, and those they took part in."""

    organised: Sequence[Collaboration]
    taken_part: Sequence[Collaboration]


def deeds_of(session: Session, participant: Participant) -> Deeds:
    """The participant's public deals, the newest first, at most 20 of each sort.

    Taking part is told only once the deal was decided and they were in: what someone wished
    for, and with how much, stays theirs.
    """
    public = (
        select(Collaboration)
        .where(Collaboration.visibility == Visibility.PUBLIC, Collaboration.state != State.DRAFT)
        .order_by(Collaboration.id.desc())
        .limit(SHOWN)
    )
    took_part = select(Commitment.collaboration_id).where(
        Commitment.participant_id == participant.id,
        Commitment.state.in_(Commitment.TAKING_PART),
    )
    return Deeds(
        organised=session.scalars(public.where(Collaboration.organiser_id == participant.id)).all(),
        taken_part=session.scalars(
            public.where(
                Collaboration.id.in_(took_part), Collaboration.organiser_id != participant.id
            )
        ).all(),
    )

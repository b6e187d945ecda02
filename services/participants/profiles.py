"""The public page of a participant: what they say of themself, and who may change it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.errors import NotFound
from models.participants import (
    MayNotEdit,
    Participant,
    ParticipantKind,
    Picture,
    TraderDetailsMissing,
)
from services import events, geography, pictures
from services.events import Happened
from services.participants.naming import sort_key

# What a trader must state: Directive 2011/83 Art. 6(1)(b) to (d), § 5 DDG.
REQUIRED_OF_TRADERS = ("legal_name", "address", "email")
TRADER_DETAILS = (*REQUIRED_OF_TRADERS, "phone", "register", "vat_number")


class ProfileEdited(Happened):
    """The participant's page says something else now."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a participant says of themself. `place` is a name as typed, "" for none.

    `place_id` chooses among several places of one name; `trader_details` has the keys of
    TRADER_DETAILS.
    """

    name: str
    about: str = ""
    lang: str = "en"
    languages: list[str] = field(default_factory=list)
    skills: list[str] = field(default_factory=list)
    place: str = ""
    place_id: int | None = None
    is_trader: bool = False
    trader_details: Mapping[str, str] = field(default_factory=dict)


def find(session: Session, slug: str | int, *, lock: bool = False) -> Participant:
    """The person or organisation with this address; programs know them by their id.

    Refuses with NotFound, also for guests, who have no page, and for those who are gone.
    """
    query = select(Participant).where(
        Participant.id == slug if isinstance(slug, int) else Participant.slug == slug,
        Participant.kind != ParticipantKind.GUEST,
        Participant.erased_at.is_(None),
    )
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    participant = session.scalar(query)
    if participant is None:
        raise NotFound
    return participant


def edit(
    session: Session, participant: Participant, profile: Profile, *, actor: Actor, now: datetime
) -> None:
    """Let the participant's page say what `profile` says.

    Refuses with MayNotEdit, TraderDetailsMissing (at each field), PlaceUnknown and
    PlaceAmbiguous. The caller has found the participant with its lock.
    """
    _require_editor(participant, actor)
    details = _trader_details(profile)
    geography.put(session, participant, profile.place, place_id=profile.place_id)
    participant.name = profile.name
    participant.name_key = sort_key(profile.name)
    participant.about = profile.about
    participant.lang = profile.lang
    participant.languages = list(dict.fromkeys(profile.languages))
    participant.skills = list(dict.fromkeys(profile.skills))
    participant.is_trader = profile.is_trader
    participant.trader_details = details
    events.record(
        session, ProfileEdited(by=actor.member.id, participant_id=participant.id), now=now
    )


def change_picture(
    session: Session,
    participant: Participant,
    content: bytes,
    *,
    alt: str,
    actor: Actor,
    now: datetime,
) -> Picture:
    """Show an uploaded picture on the participant's page instead of the one before.

    Refuses with MayNotEdit, NotAPicture and PictureTooLarge.
    """
    _require_editor(participant, actor)
    picture = pictures.keep(session, content, alt=alt, actor=actor, now=now)
    _show(session, participant, picture.id)
    return picture


def remove_picture(session: Session, participant: Participant, *, actor: Actor) -> None:
    """Show the drawn picture again; refuses with MayNotEdit."""
    _require_editor(participant, actor)
    _show(session, participant, None)


def _show(session: Session, participant: Participant, picture_id: int | None) -> None:
    before, participant.picture_id = participant.picture_id, picture_id
    session.flush()
    if before is not None:
        pictures.drop(session, before)
        session.flush()
    session.expire(participant, ["picture"])


def _require_editor(participant: Participant, actor: Actor) -> None:
    if not actor.may_manage(participant.id):
        raise MayNotEdit


def _trader_details(profile: Profile) -> dict[str, str]:
    """What is stated, cleaned; nothing of it is kept for who sells privately."""
    if not profile.is_trader:
        return {}
    missing = [name for name in REQUIRED_OF_TRADERS if not profile.trader_details.get(name)]
    if missing:
        raise TraderDetailsMissing(fields=dict.fromkeys(missing, TraderDetailsMissing.message))
    return {
        name: value for name in TRADER_DETAILS if (value := profile.trader_details.get(name, ""))
    }

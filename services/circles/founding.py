"""Founding a circle, saying anew what it is for, ending it, and letting it go on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.circles import (
    Admission,
    Circle,
    CircleKind,
    CircleMembership,
    CircleRole,
    CircleState,
    CircleVisibility,
    MembershipState,
)
from models.errors import Invalid
from models.members import TooManyTries
from models.words import N_
from services import events, geography, secrets, slugs, throttles
from services.circles import finding, happened
from services.circles.finding import Visit
from services.throttles import Limit, Try

LONGEST_SLUG = 48
FOUNDINGS = Limit("circles", 10, timedelta(days=1))
# Its members are told each time.
ENDINGS = Limit("circle-endings", 3, timedelta(days=1))


class FoundedTooMany(TooManyTries):
    code = "founded-too-many"
    message = N_("You founded %(limit)s circles within a day. You can go on from %(until)s on.")


class EndedTooOften(TooManyTries):
    code = "ended-too-often"
    message = N_(
        "You ended it %(limit)s times within a day. You can end it again from %(until)s on."
    )


class PrivateIsByInvitation(Invalid):
    code = "private-is-by-invitation"
    message = N_("Nobody knows of a private circle, so people can only be invited to it.")


class EndsInThePast(Invalid):
    code = "ends-in-the-past"
    message = N_("The end of the circle has to lie in the future.")


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a circle is for, who sees it and how one comes in. `place` is a name as typed.

    `question` is asked of those who ask to be let in; without such asking it is dropped.
    """

    name: str
    kind: CircleKind
    summary: str = ""
    description: str = ""
    lang: str = "en"
    visibility: CircleVisibility = CircleVisibility.PUBLIC
    admission: Admission = Admission.FREE
    question: str = ""
    members_invite: bool = True
    place: str = ""
    place_id: int | None = None
    time_zone: str = "Europe/Berlin"
    ends_at: datetime | None = None


def found(session: Session, said: Description, *, actor: Actor, now: datetime) -> Circle:
    """A new circle; whom `actor` acts as is its first member and steward.

    Refuses with NotConfirmed, FoundedTooMany, PrivateIsByInvitation, EndsInThePast, PlaceUnknown
    and PlaceAmbiguous.
    """
    actor.member.require_confirmed()
    counted = Try(FOUNDINGS, str(actor.member.id))
    throttles.take_in_act(session, counted, refusal=FoundedTooMany, now=now)
    circle = Circle(
        slug=_slug(session, said),
        made_by_id=actor.member.id,
        made_at=now,
        place_name="",
        version=1,
    )
    _describe(session, circle, said, now)
    session.add(circle)
    session.flush()
    session.add(
        CircleMembership(
            circle_id=circle.id,
            participant_id=actor.participant.id,
            made_by_id=actor.member.id,
            state=MembershipState.ACTIVE,
            role=CircleRole.STEWARD,
            made_at=now,
            since_at=now,
        )
    )
    _record(session, happened.CircleFounded, circle, actor, now)
    session.refresh(circle)
    return circle


def edit(session: Session, visit: Visit, said: Description, *, actor: Actor, now: datetime) -> None:
    """Let the circle be what `said` says. The caller has found it with its lock, for stewards.

    Refuses as `found` does, and with CircleArchived.
    """
    visit.require_steward()
    visit.require_open()
    _describe(session, visit.circle, said, now)
    visit.circle.touch()
    _record(session, happened.CircleEdited, visit.circle, actor, now)


def archive(session: Session, visit: Visit, *, actor: Actor, now: datetime) -> None:
    """End the circle; lock as above. Refuses with NotASteward, NotInThisState and EndedTooOften."""
    visit.require_steward()
    ended = Try(ENDINGS, str(visit.circle.id))
    throttles.take_in_act(session, ended, refusal=EndedTooOften, now=now)
    visit.circle.archive(now)
    _record(session, happened.CircleArchived, visit.circle, actor, now)


def reopen(session: Session, visit: Visit, *, actor: Actor, now: datetime) -> None:
    """Let an ended circle go on; lock as above. Refuses with NotASteward and NotInThisState."""
    visit.require_steward()
    visit.circle.reopen()
    _record(session, happened.CircleReopened, visit.circle, actor, now)


def suspend(session: Session, circle_id: int, *, reason: str, actor: Actor, now: datetime) -> None:
    """End a circle by a moderator's decision; refuses with CircleSuspended what was ended so.

    Outsiders know of it no more.
    """
    circle = finding.locked(session, circle_id)
    circle.suspend(now)
    event = happened.CircleArchived(by=actor.member.id, circle_id=circle.id, reason=reason)
    events.record(session, event, now=now)


def end_due(session: Session, *, now: datetime) -> int:
    """End every circle whose day has come; how many there were."""
    due = session.scalars(
        select(Circle.id).where(Circle.state == CircleState.OPEN, Circle.ends_at <= now)
    ).all()
    for circle_id in sorted(due):
        circle = finding.locked(session, circle_id)
        # Its stewards may have ended it, or put it off, while the lock was waited for.
        if circle.is_open and circle.ends_at is not None and circle.ends_at <= now:
            circle.archive(now)
            events.record(session, happened.CircleArchived(circle_id=circle.id), now=now)
    return len(due)


def _slug(session: Session, said: Description) -> str:
    """An address by the name; but not by that of a private circle, which nobody is to guess."""
    if said.visibility == CircleVisibility.PRIVATE:
        return secrets.draw_key()
    return slugs.free(session, Circle.slug, said.name, most=LONGEST_SLUG, otherwise="circle")


def _describe(session: Session, circle: Circle, said: Description, now: datetime) -> None:
    is_private = said.visibility == CircleVisibility.PRIVATE
    if is_private and said.admission != Admission.INVITATION:
        raise PrivateIsByInvitation(fields={"admission": PrivateIsByInvitation.message})
    # An end that has been there may have passed meanwhile, if nobody changes it.
    if said.ends_at is not None and said.ends_at <= now and said.ends_at != circle.ends_at:
        raise EndsInThePast(fields={"ends_at": EndsInThePast.message})
    circle.name = said.name
    circle.kind = said.kind
    circle.summary = said.summary
    circle.description = said.description
    circle.lang = said.lang
    circle.visibility = said.visibility
    circle.admission = said.admission
    circle.question = said.question if said.admission == Admission.REQUEST else ""
    circle.members_invite = said.members_invite
    circle.time_zone = said.time_zone
    circle.ends_at = said.ends_at
    geography.put(session, circle, said.place, place_id=said.place_id)


def _record(
    session: Session, kind: type[events.Happened], circle: Circle, actor: Actor, now: datetime
) -> None:
    event = kind(by=actor.member.id, participant_id=actor.participant.id, circle_id=circle.id)
    events.record(session, event, now=now)

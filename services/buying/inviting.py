"""Inviting: who runs a group buy with the organiser, and for whom it is if it is not public."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.actors import Actor
from models.buying import GroupBuy, Stage
from models.collaborations import CoOrganiser, CoOrganiserState, NamedGuest, State
from models.errors import Conflict, NotAllowed, NotFound
from models.members import Member, TooManyTries
from models.participants import Participant
from models.words import N_
from services import events, throttles
from services.buying import happened
from services.participants.lookup import NobodyFound, confirmed_member, find_participant
from services.throttles import Limit, Try

# Each question is told to whoever is asked; who declined may still be asked once more.
QUESTIONS = Limit("co-organising-questions", 2, timedelta(days=7))


class NotTheMainOrganiser(NotAllowed):
    code = "not-the-main-organiser"
    message = N_("Only the organiser decides who else runs this.")


class RunsItAlready(Conflict):
    code = "runs-it-already"
    message = N_("They run this already.")


class AskedAlready(Conflict):
    code = "asked-already"
    message = N_("They are asked already, and have not answered yet.")


class AskedTooOften(TooManyTries):
    code = "asked-too-often"
    message = N_(
        "They were asked %(limit)s times within a week. You can ask them again from %(until)s on."
    )


class AlreadyNamed(Conflict):
    code = "already-named"
    message = N_("They are on the list already.")


def may_choose_co_organisers(group_buy: GroupBuy, actor: Actor | None) -> bool:
    """Whether `actor` is, or manages, the organiser; who was added adds nobody."""
    return actor is not None and actor.may_manage(group_buy.organiser_id)


def co_organisers(session: Session, group_buy: GroupBuy) -> Sequence[CoOrganiser]:
    return session.scalars(
        select(CoOrganiser)
        .where(CoOrganiser.collaboration_id == group_buy.id)
        .options(joinedload(CoOrganiser.member).joinedload(Member.participant))
        .order_by(CoOrganiser.since_at, CoOrganiser.member_id)
    ).all()


def ask_co_organiser(
    session: Session, group_buy: GroupBuy, email: str, *, actor: Actor, now: datetime
) -> Member:
    """Ask the member with this address to run the group buy too; until they accept, they do not.

    The caller holds the lock. Refuses with NotTheMainOrganiser, NobodyFound, RunsItAlready and
    AskedAlready, and with AskedTooOften who is asked again and again.
    """
    _guard_main(group_buy, actor)
    member = confirmed_member(session, email)
    if member is None:
        raise NobodyFound(fields={"email": NobodyFound.message})
    known = {co.member_id: co for co in group_buy.co_organisers}
    if member.id in known and not known[member.id].is_accepted:
        raise AskedAlready
    if member.id in known or member.participant_id == group_buy.organiser_id:
        raise RunsItAlready
    question = Try(QUESTIONS, f"{group_buy.id}:{member.id}")
    throttles.take_in_act(session, question, refusal=AskedTooOften, now=now)
    group_buy.co_organisers.append(
        CoOrganiser(member_id=member.id, state=CoOrganiserState.ASKED, since_at=now)
    )
    group_buy.touch()
    event = happened.CoOrganiserAsked(
        by=actor.member.id,
        participant_id=member.participant_id,
        collaboration_id=group_buy.id,
    )
    events.record(session, event, now=now)
    return member


def remove_co_organiser(
    session: Session, group_buy: GroupBuy, member_id: int, *, actor: Actor
) -> bool:
    """Let the member run it no longer; they may leave it themself too.

    Whether they had been asked only, and the question is taken back. Refuses with
    NotTheMainOrganiser who is not that member themself, and with NotFound.
    """
    if member_id != actor.member.id:
        _guard_main(group_buy, actor)
    for co in list(group_buy.co_organisers):
        if co.member_id == member_id:
            group_buy.co_organisers.remove(co)
            group_buy.touch()
            session.flush()
            return not co.is_accepted
    raise NotFound


def named_guests(session: Session, group_buy: GroupBuy) -> Sequence[Participant]:
    """For whom the group buy is, by name."""
    return session.scalars(
        select(Participant)
        .join(NamedGuest, NamedGuest.participant_id == Participant.id)
        .where(NamedGuest.collaboration_id == group_buy.id)
        .order_by(Participant.name_key, Participant.id)
    ).all()


def name_guest(
    session: Session, group_buy: GroupBuy, text: str, *, actor: Actor, now: datetime
) -> Participant:
    """Put someone on the list; whoever is named before the opening is invited by the opening.

    The caller holds the lock. Refuses with NobodyFound, SeveralFound and AlreadyNamed.
    """
    found = find_participant(session, text)
    if any(guest.participant_id == found.id for guest in group_buy.named_guests):
        raise AlreadyNamed
    group_buy.named_guests.append(NamedGuest(participant_id=found.id))
    group_buy.touch()
    is_open = group_buy.state == State.OPEN and group_buy.stage != Stage.SCHEDULED
    event = happened.GuestNamed(
        by=actor.member.id,
        participant_id=found.id,
        collaboration_id=group_buy.id,
        is_open=is_open and now < group_buy.closes_at,
    )
    events.record(session, event, now=now)
    return found


def unname_guest(session: Session, group_buy: GroupBuy, participant_id: int) -> None:
    """Take someone off the list; what they joined already stays. Refuses with NotFound."""
    for guest in list(group_buy.named_guests):
        if guest.participant_id == participant_id:
            group_buy.named_guests.remove(guest)
            group_buy.touch()
            session.flush()
            return
    raise NotFound


def _guard_main(group_buy: GroupBuy, actor: Actor) -> None:
    if not may_choose_co_organisers(group_buy, actor):
        raise NotTheMainOrganiser

"""What is told until a group buy opens: to the seller, those who run it, and those it is for."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.collaborations import Collaboration, NamedGuest
from models.events import Event
from models.notices import NoticeKind
from models.participants import Participant
from services import notices, paths
from services.notices import Telling
from services.reactions.audience import tell_organisers, voices
from services.reactions.registry import on
from services.reactions.telling import deal_of, telling_of


@on("GroupBuyScheduled")
def scheduled(session: Session, event: Event, now: datetime) -> None:
    telling = telling_of(
        deal_of(session, event),
        NoticeKind.ORGANISING,
        "scheduled",
        opens_at={"moment": event.facts["opens_at"]},
    )
    tell_organisers(session, event, telling, now=now)


@on("GroupBuyOpened")
def opened(session: Session, event: Event, now: datetime) -> None:
    deal = deal_of(session, event)
    tell_organisers(session, event, telling_of(deal, NoticeKind.ORGANISING, "opened"), now=now)
    # Whoever was named after the opening is told by that, however late this runs.
    later = select(Event.participant_id).where(
        Event.collaboration_id == deal.id, Event.kind == "GuestNamed", Event.id > event.id
    )
    guests = session.scalars(
        select(NamedGuest.participant_id).where(
            NamedGuest.collaboration_id == deal.id, NamedGuest.participant_id.not_in(later)
        )
    ).all()
    _invite(session, event, deal, guests, now)


@on("GuestNamed")
def guest_named(session: Session, event: Event, now: datetime) -> None:
    if not event.facts["is_open"]:
        return
    deal = deal_of(session, event)
    still_named = session.scalars(
        select(NamedGuest.participant_id).where(
            NamedGuest.collaboration_id == deal.id,
            NamedGuest.participant_id == event.participant_id,
        )
    ).all()
    _invite(session, event, deal, still_named, now)


def _invite(
    session: Session, event: Event, deal: Collaboration, guests: Sequence[int], now: datetime
) -> None:
    invited = telling_of(deal, NoticeKind.MESSAGE, "invited", organiser=deal.organiser.name)
    notices.tell_all(session, event, voices(session, guests), invited, now=now)


@on("CoOrganiserAsked")
def co_organiser_asked(session: Session, event: Event, now: datetime) -> None:
    if event.collaboration_id is None:
        # It was a draft, and is thrown away.
        return
    deal = deal_of(session, event)
    asked = [one.member.participant_id for one in deal.co_organisers if not one.is_accepted]
    if event.participant_id not in asked:
        # The question was taken back, or answered.
        return
    telling = telling_of(
        deal,
        NoticeKind.ORGANISING,
        "co-organiser-asked",
        path=paths.co_organising(deal.slug),
        organiser=deal.organiser.name,
    )
    _tell_named(session, event, telling, now)


@on("CoOrganiserAdded")
def co_organiser_added(session: Session, event: Event, now: datetime) -> None:
    _tell_of_answer(session, event, "co-organiser-added", now)


@on("CoOrganiserDeclined")
def co_organiser_declined(session: Session, event: Event, now: datetime) -> None:
    _tell_of_answer(session, event, "co-organiser-declined", now)


def _tell_of_answer(session: Session, event: Event, message: str, now: datetime) -> None:
    if event.collaboration_id is None:
        return
    deal = deal_of(session, event)
    name = session.get_one(Participant, event.participant_id).name
    telling = telling_of(
        deal, NoticeKind.ORGANISING, message, path=paths.desk(deal.slug), name=name
    )
    tell_organisers(session, event, telling, now=now)


@on("SupplierConsentAsked")
def asked_to_sell(session: Session, event: Event, now: datetime) -> None:
    deal = deal_of(session, event)
    telling = telling_of(
        deal,
        NoticeKind.ORGANISING,
        "consent-asked",
        path=paths.consent(deal.slug),
        organiser=deal.organiser.name,
    )
    _tell_named(session, event, telling, now)


@on("SupplierAskedNoLonger")
def asked_no_longer(session: Session, event: Event, now: datetime) -> None:
    if event.collaboration_id is None:
        return
    deal = deal_of(session, event)
    # The draft is closed to them again, so this leads to whom they can ask.
    telling = telling_of(
        deal,
        NoticeKind.ORGANISING,
        "consent-asked-no-longer",
        path=paths.participant(deal.organiser.slug),
        organiser=deal.organiser.name,
    )
    _tell_named(session, event, telling, now)


@on("SupplierDeclined")
def declined_to_sell(session: Session, event: Event, now: datetime) -> None:
    deal = deal_of(session, event)
    supplier = session.get_one(Participant, event.participant_id)
    telling = telling_of(
        deal,
        NoticeKind.ORGANISING,
        "consent-declined",
        supplier=supplier.name,
        reason=event.reason,
    )
    tell_organisers(session, event, telling, now=now)


def _tell_named(session: Session, event: Event, telling: Telling, now: datetime) -> None:
    """Tell the participant whom the event names."""
    named = set() if event.participant_id is None else {event.participant_id}
    notices.tell_all(session, event, voices(session, named), telling, now=now)

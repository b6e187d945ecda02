"""What follows from circles: who asks, comes and goes, who runs them, and which rules hold."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from models.circles import Circle, CircleMembership, CircleRole, MembershipState, Phase
from models.collaborations import Visibility
from models.events import Event
from models.notices import NoticeKind
from models.participants import Participant
from models.words import N_
from services import circles, notices, paths
from services.notices import Telling
from services.reactions.audience import voices
from services.reactions.circle_audience import stewards, tell_members
from services.reactions.registry import on
from services.reactions.telling import deal_of, telling_of

ROLES = {
    CircleRole.STEWARD: N_("steward"),
    CircleRole.TREASURER: N_("treasurer"),
    CircleRole.MEMBER: N_("member"),
}


@on("CircleAsked")
def asked(session: Session, event: Event, now: datetime) -> None:
    if _membership(session, event).state == MembershipState.ASKED:
        circle = _circle(session, event)
        path = paths.circle_requests(circle.slug)
        _tell_stewards(session, event, "circle-asked", now, path=path)


@on("CircleJoined")
def joined(session: Session, event: Event, now: datetime) -> None:
    """The stewards read it on the page alone; who brought them draws others in."""
    _tell_stewards(session, event, "circle-joined", now, by_mail=False)
    _honour_inviter(session, event)


@on("CircleAdmitted")
def admitted(session: Session, event: Event, now: datetime) -> None:
    _tell_them(session, event, "circle-admitted", now)
    _honour_inviter(session, event)


@on("CircleInvited")
def invited(session: Session, event: Event, now: datetime) -> None:
    membership = _membership(session, event)
    inviter = session.get(CircleMembership, membership.invited_by_id or 0)
    if membership.state == MembershipState.INVITED and inviter is not None:
        _tell_them(session, event, "circle-invited", now, name=inviter.participant.name)


@on("CircleDeclined")
def declined(session: Session, event: Event, now: datetime) -> None:
    _tell_them(session, event, _with_reason("circle-declined", event), now)


@on("CircleMemberRemoved")
def removed(session: Session, event: Event, now: datetime) -> None:
    # Whoever is taken out is told, whatever they chose to hear of (Regulation 2022/2065 Art. 17).
    facts = {"title": _circle(session, event).name, "words": event.reason}
    telling = Telling(NoticeKind.MODERATION, "circle-removed", facts)
    notices.tell_all(session, event, voices(session, _whom(event)), telling, now=now)


@on("CircleLeft")
def left(session: Session, event: Event, now: datetime) -> None:
    _tell_stewards(session, event, "circle-left", now, by_mail=False)


@on("CircleRoleGiven")
def role_given(session: Session, event: Event, now: datetime) -> None:
    role = CircleRole(event.facts["role"])
    _tell_them(session, event, "circle-role", now, role={"text": ROLES[role]})


@on("HouseRulesChanged")
def rules_changed(session: Session, event: Event, now: datetime) -> None:
    circle = _circle(session, event)
    if event.facts["number"] == circle.rules_number:
        path = paths.circle_rules(circle.slug)
        telling = Telling(NoticeKind.CIRCLE, "circle-rules", {"title": circle.name}, path)
        tell_members(session, event, circle.id, telling, now=now)


@on("CircleArchived", "CircleReopened")
def ended(session: Session, event: Event, now: datetime) -> None:
    circle = _circle(session, event)
    message = "circle-archived" if event.kind == "CircleArchived" else "circle-reopened"
    facts = {"title": circle.name}
    if event.reason:
        message, facts = f"{message}-because", {**facts, "words": event.reason}
    telling = Telling(NoticeKind.CIRCLE, message, facts, paths.circle(circle.slug))
    tell_members(session, event, circle.id, telling, now=now)


@on("GroupBuyOpened")
def deal_opened(session: Session, event: Event, now: datetime) -> None:
    """Tell the members what is done in their circle; for whom it is by name, that tells them."""
    deal = deal_of(session, event)
    if deal.circle_id is None or deal.visibility not in (Visibility.PUBLIC, Visibility.CIRCLE):
        return
    circle = session.get_one(Circle, deal.circle_id)
    telling = telling_of(deal, NoticeKind.CIRCLE, "circle-deal", circle=circle.name)
    # By the digest of the week, not by a mail for each: whoever has just come could flood all.
    telling = replace(telling, by_mail=False)
    tell_members(session, event, circle.id, telling, now=now)


@on("GroupBuyJoined")
def deal_joined(session: Session, event: Event, _now: datetime) -> None:
    if event.participant_id is not None:
        circles.take_part(session, deal_of(session, event), event.participant_id)


@on("GroupBuyCompleted")
def deal_completed(session: Session, event: Event, _now: datetime) -> None:
    circles.bring_to_an_end(session, deal_of(session, event))


def _tell_stewards(
    session: Session,
    event: Event,
    message: str,
    now: datetime,
    *,
    path: str = "",
    by_mail: bool = True,
) -> None:
    circle = _circle(session, event)
    who = session.get_one(Participant, event.participant_id)
    facts = {"name": who.name, "title": circle.name}
    telling = Telling(NoticeKind.CIRCLE, message, facts, path or paths.circle(circle.slug), by_mail)
    others = [one for one in stewards(session, circle.id) if one.id != event.member_id]
    notices.tell_all(session, event, others, telling, now=now)


def _tell_them(
    session: Session, event: Event, message: str, now: datetime, **facts: object
) -> None:
    """Tell whom it is about, unless they brought it about themselves."""
    circle = _circle(session, event)
    known = {"title": circle.name, **facts}
    if event.reason:
        known["words"] = event.reason
    telling = Telling(NoticeKind.CIRCLE, message, known, paths.circle(circle.slug))
    others = [one for one in voices(session, _whom(event)) if one.id != event.member_id]
    notices.tell_all(session, event, others, telling, now=now)


def _honour_inviter(session: Session, event: Event) -> None:
    inviter = session.get(CircleMembership, _membership(session, event).invited_by_id or 0)
    if inviter is not None:
        circles.reach(session, inviter.circle_id, inviter.participant_id, Phase.OPINION_LEADER)


def _with_reason(message: str, event: Event) -> str:
    return f"{message}-because" if event.reason else message


def _membership(session: Session, event: Event) -> CircleMembership:
    return session.get_one(CircleMembership, event.facts["membership_id"])


def _circle(session: Session, event: Event) -> Circle:
    return session.get_one(Circle, event.circle_id)


def _whom(event: Event) -> set[int]:
    return set() if event.participant_id is None else {event.participant_id}

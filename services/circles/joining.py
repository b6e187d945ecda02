"""Coming in and going: by oneself, by asking, by invitation."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.actors import Actor
from models.circles import (
    Admission,
    AlreadyInCircle,
    Circle,
    CircleMembership,
    CircleRole,
    LastSteward,
    MembershipState,
    NotASteward,
    NotInCircle,
    NotInvited,
)
from models.errors import Conflict, Invalid
from models.members import TooManyTries
from models.words import N_
from services import events, throttles
from services.circles import finding, happened
from services.circles.finding import Visit
from services.throttles import Limit, Try

# The stewards are told of each; whoever was declined may ask again, but not for ever.
ASKINGS = Limit("circle-askings", 3, timedelta(days=30))


class AskedToJoinAlready(Conflict):
    code = "asked-to-join-already"
    message = N_("You have asked already. The stewards have not answered yet.")


class AskedTooOften(TooManyTries):
    code = "asked-too-often"
    message = N_("You asked %(limit)s times within a month. You can ask again from %(until)s on.")


class AnswerMissing(Invalid):
    code = "answer-missing"
    message = N_("Please answer the question of the circle.")


class HouseRulesNotAgreed(Invalid):
    code = "house-rules-not-agreed"
    message = N_("Please read the house rules that hold now, and agree to them.")


def join(
    session: Session,
    visit: Visit,
    *,
    answer: str = "",
    rules_number: int,
    actor: Actor,
    now: datetime,
) -> CircleMembership:
    """Let whom `actor` acts as come in, or ask to, as the circle has it.

    A link or an invitation lets in at once; without one, who may come freely comes, and the
    stewards are asked otherwise. `rules_number` is the version of the house rules that was read
    and agreed to, 0 where there are none. The caller has found the circle with its lock.

    Refuses with CircleArchived, NotConfirmed, AlreadyInCircle, AskedToJoinAlready, AskedTooOften,
    NotInvited, AnswerMissing and HouseRulesNotAgreed.
    """
    circle, before = visit.circle, visit.standing.own
    visit.require_open()
    actor.member.require_confirmed()
    if before is not None and before.is_active:
        raise AlreadyInCircle
    comes = _comes(visit)
    if rules_number != circle.rules_number:
        raise HouseRulesNotAgreed(fields={"rules_number": HouseRulesNotAgreed.message})
    if not comes:
        _guard_question(circle, before, answer)
        asked = Try(ASKINGS, f"{circle.id}:{actor.participant.id}")
        throttles.take_in_act(session, asked, refusal=AskedTooOften, now=now)
    state = MembershipState.ACTIVE if comes else MembershipState.ASKED
    made = _stand(session, circle, before, state, actor, now)
    made.answer, made.rules_number = answer, rules_number
    if visit.inviter is not None and visit.inviter.id != made.id:
        made.invited_by_id = visit.inviter.id
    finding.keep(session, circle)
    kind = happened.CircleJoined if comes else happened.CircleAsked
    record(session, kind, made, actor, now)
    return made


def leave(session: Session, visit: Visit, *, actor: Actor, now: datetime) -> None:
    """Go, take back one's question, or decline an invitation; it is as easy as coming.

    Also from a circle that has ended. Refuses with NotInCircle, LastSteward, and with NotASteward
    who only speaks for an organisation that has a role there; lock as above.
    """
    own = visit.standing.own
    if own is None or not own.can_move(MembershipState.LEFT):
        raise NotInCircle
    if own.role != CircleRole.MEMBER and not actor.may_manage(own.participant_id):
        raise NotASteward
    keep_a_steward(visit.circle, own)
    kind = happened.CircleLeft if own.is_active else happened.CircleNotJoined
    own.move(MembershipState.LEFT, now)
    finding.keep(session, visit.circle)
    record(session, kind, own, actor, now)


def keep_a_steward(circle: Circle, going: CircleMembership) -> None:
    """Refuse with LastSteward that an open circle loses the only one who runs it."""
    is_last = going.is_active and going.role == CircleRole.STEWARD and circle.stewards_count == 1
    if circle.is_open and is_last:
        raise LastSteward


def _comes(visit: Visit) -> bool:
    """Whether they come in at once; refuses with NotInvited who can neither come nor ask."""
    circle, before = visit.circle, visit.standing.own
    state = before.state if before is not None else None
    if state == MembershipState.INVITED:
        return True
    if state == MembershipState.REMOVED:
        raise NotInvited
    if visit.inviter is not None or circle.admission == Admission.FREE:
        return True
    if circle.admission == Admission.INVITATION:
        raise NotInvited
    return False


def _guard_question(circle: Circle, before: CircleMembership | None, answer: str) -> None:
    if before is not None and before.state == MembershipState.ASKED:
        raise AskedToJoinAlready
    if circle.question and not answer:
        raise AnswerMissing(fields={"answer": AnswerMissing.message})


def _stand(
    session: Session,
    circle: Circle,
    before: CircleMembership | None,
    state: MembershipState,
    actor: Actor,
    now: datetime,
) -> CircleMembership:
    if before is not None:
        before.move(state, now)
        before.made_by_id = actor.member.id
        return before
    made = CircleMembership(
        circle_id=circle.id,
        participant_id=actor.participant.id,
        made_by_id=actor.member.id,
        state=state,
        made_at=now,
        since_at=now,
    )
    session.add(made)
    session.flush()
    return made


def record(
    session: Session,
    kind: type[happened.MembershipEvent],
    membership: CircleMembership,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
) -> None:
    """Note what happened to a membership."""
    event = kind(
        by=actor.member.id,
        participant_id=membership.participant_id,
        circle_id=membership.circle_id,
        membership_id=membership.id,
        reason=reason,
    )
    events.record(session, event, now=now)

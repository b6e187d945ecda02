"""House rules: each version is kept; who agreed to which one is known."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.circles import Circle, HouseRules, NotInCircle
from models.errors import NotFound
from models.lifecycle import NotInThisState
from models.members import TooManyTries
from models.words import N_
from services import events, throttles
from services.circles import happened
from services.circles.finding import Visit
from services.throttles import Limit, Try

# All members are told of each.
CHANGES = Limit("house-rules", 5, timedelta(days=1))


class RulesChangedTooOften(TooManyTries):
    code = "rules-changed-too-often"
    message = N_("The rules were changed %(limit)s times within a day. Go on from %(until)s on.")


def set_rules(
    session: Session, visit: Visit, body: str, *, lang: str, actor: Actor, now: datetime
) -> HouseRules:
    """Let `body` (Markdown) be the house rules from now on; members are asked to agree.

    The same words again change nothing. The caller has found the circle with its lock. Refuses
    with NotASteward, CircleArchived and RulesChangedTooOften.
    """
    visit.require_steward()
    visit.require_open()
    circle = visit.circle
    before = current(session, circle)
    if before is not None and (before.body, before.lang) == (body, lang):
        return before
    changed = Try(CHANGES, str(circle.id))
    throttles.take_in_act(session, changed, refusal=RulesChangedTooOften, now=now)
    circle.rules_number += 1
    circle.touch()
    rules = HouseRules(
        circle_id=circle.id,
        number=circle.rules_number,
        body=body,
        lang=lang,
        made_by_id=actor.member.id,
        made_at=now,
    )
    session.add(rules)
    own = visit.standing.own
    if own is not None and own.is_active:
        # Whoever wrote them agrees to them.
        own.rules_number = rules.number
    event = happened.HouseRulesChanged(
        by=actor.member.id,
        participant_id=actor.participant.id,
        circle_id=circle.id,
        number=rules.number,
    )
    events.record(session, event, now=now)
    return rules


def agree(session: Session, visit: Visit, number: int) -> None:
    """Agree to the rules that hold, for whom one acts as.

    Refuses with NotInCircle, and with NotInThisState if others hold by now.
    """
    own = visit.standing.own
    if own is None or not own.is_active:
        raise NotInCircle
    if number != visit.circle.rules_number:
        raise NotInThisState(state=str(visit.circle.rules_number), wanted=str(number))
    own.rules_number = number
    session.flush()


def current(session: Session, circle: Circle) -> HouseRules | None:
    if circle.rules_number == 0:
        return None
    return session.get(HouseRules, (circle.id, circle.rules_number))


def version(session: Session, circle: Circle, number: int) -> HouseRules:
    """One version; refuses with NotFound."""
    found = session.get(HouseRules, (circle.id, number))
    if found is None:
        raise NotFound
    return found


def versions(session: Session, circle: Circle, *, limit: int = 100) -> Sequence[HouseRules]:
    """All versions, the newest first."""
    return session.scalars(
        select(HouseRules)
        .where(HouseRules.circle_id == circle.id)
        .order_by(HouseRules.number.desc())
        .limit(limit)
    ).all()

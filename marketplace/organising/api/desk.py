"""The desk: what needs those who organise now; pausing, going on, writing to everyone."""

from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.api import idempotent, scope_required
from marketplace.buying.answers import GroupBuyDetailOut
from marketplace.buying.whole import whole
from marketplace.organising.api.answers import DeskOut, shown_desk
from marketplace.organising.api.blueprint import ONE, bp, organised
from marketplace.organising.schemas import Announcement, PublicReason
from marketplace.schemas import Nothing
from models.members import Scope
from services import dialogue
from services.buying import desk as desks
from services.buying import steering


@bp.get(f"{ONE}/desk")
@scope_required(Scope.READ)
@bp.response(200, DeskOut)
def show(group_buy_id: int) -> dict[str, Any]:
    """Show what needs those who organise now, how it stands, and what happened last."""
    session = db.session()
    group_buy = organised(session, group_buy_id)
    return shown_desk(
        group_buy,
        desks.tasks(session, group_buy, now=db.now(session)),
        desks.figures(session, group_buy),
        list(desks.history(session, group_buy)),
    )


@bp.post(f"{ONE}/pause")
@scope_required(Scope.ORGANISING)
@bp.arguments(PublicReason)
@idempotent
@bp.response(200, GroupBuyDetailOut)
def pause(session: Session, given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Let nobody join or leave for a while; everyone who joined is told why."""
    actor = auth.signed_in_actor()
    group_buy = organised(session, group_buy_id, lock=True)
    steering.pause(session, group_buy, reason=given["reason"], actor=actor, now=db.now(session))
    return whole(session, group_buy_id)


@bp.post(f"{ONE}/resumption")
@scope_required(Scope.ORGANISING)
@bp.arguments(Nothing)
@idempotent
@bp.response(200, GroupBuyDetailOut)
def resume(session: Session, _given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Go on after a pause."""
    group_buy = organised(session, group_buy_id, lock=True)
    steering.resume(session, group_buy, actor=auth.signed_in_actor(), now=db.now(session))
    return whole(session, group_buy_id)


@bp.post(f"{ONE}/announcements")
@scope_required(Scope.MESSAGES)
@bp.arguments(Announcement)
@idempotent
@bp.response(204)
def announce(session: Session, given: dict[str, Any], group_buy_id: int) -> None:
    """Write to everyone who joined."""
    group_buy = organised(session, group_buy_id)
    subject = dialogue.of_deal(session, group_buy, auth.signed_in_actor())
    body, lang = given["body"], group_buy.lang
    dialogue.announce(session, subject, body=body, lang=lang, now=db.now(session))

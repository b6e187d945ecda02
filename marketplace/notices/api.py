"""Notices, for programs: what concerns a member, and how they hear of it."""

from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.api import (
    Blueprint,
    PageQuery,
    answer_page,
    idempotent,
    newest_first,
    older_than,
    page_of,
    scope_required,
)
from marketplace.notices.choosing import chosen_ways, ticks_of
from marketplace.notices.schemas import NoticeOut, Preferences, PreferencesOut, shown_notice
from marketplace.schemas import Nothing
from models.members import Scope
from services import notices

endpoints = Blueprint(
    "notices_api",
    __name__,
    path="/notices",
    about="What the member whose token is used is told, and how they hear of it.",
)


@endpoints.get("")
@scope_required(Scope.READ, in_person=True)
@endpoints.etag
@endpoints.arguments(PageQuery, location="query")
@endpoints.response(200, page_of(NoticeOut))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List the notices, the newest first."""
    found, before = notices.inbox(
        db.session(),
        auth.signed_in_actor().member,
        before=older_than(query),
        limit=query["limit"],
    )
    return answer_page(newest_first([shown_notice(one) for one in found], before))


@endpoints.post("/<id:notice_id>/reading")
@scope_required(Scope.PROFILE, in_person=True)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(200, NoticeOut)
def read(session: Session, _given: dict[str, Any], notice_id: int) -> dict[str, Any]:
    """Mark a notice as read."""
    member = auth.signed_in_actor().member
    return shown_notice(notices.open_one(session, member, notice_id, now=db.now(session)))


@endpoints.post("/reading")
@scope_required(Scope.PROFILE, in_person=True)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(204)
def read_all(session: Session, _given: dict[str, Any]) -> None:
    """Mark all notices as read."""
    notices.mark_all_read(session, auth.signed_in_actor().member, now=db.now(session))


@endpoints.get("/preferences")
@scope_required(Scope.READ, in_person=True)
@endpoints.etag
@endpoints.response(200, PreferencesOut)
def preferences() -> dict[str, bool]:
    """Show how the member hears of each kind of notice: in the inbox, and by mail."""
    return ticks_of(notices.preferences(db.session(), auth.signed_in_actor().member))


@endpoints.put("/preferences")
@scope_required(Scope.PROFILE, in_person=True)
@endpoints.arguments(Preferences)
@endpoints.response(200, PreferencesOut)
def prefer(ticks: dict[str, bool]) -> dict[str, bool]:
    """Choose how to hear of things; what is left out is switched off, as on the page."""
    member = auth.signed_in_actor().member
    with db.transaction() as session:
        notices.prefer(session, member.id, chosen_ways(ticks))
        return ticks_of(notices.preferences(session, member))


ENDPOINTS = (endpoints,)

"""Series, for programs."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.api import Blueprint, PageQuery, answer_page, idempotent, page_of, scope_required
from marketplace.buying.answers import GroupBuyOut, shown_group_buy
from marketplace.schemas import Nothing
from marketplace.series.schemas import RhythmTerms, SeriesIn, SeriesOut
from models.members import Scope
from models.series import Series
from services import buying, series
from services.series import Rhythm

endpoints = Blueprint(
    "series_api",
    __name__,
    path="/series",
    about="The same group buy again every few weeks; each round is a group buy of its own.",
)
ONE = "/<id:series_id>"


@endpoints.get(ONE)
@endpoints.etag
@endpoints.response(200, SeriesOut)
def show(series_id: int) -> dict[str, Any]:
    """Show a series and when its next round opens."""
    session = db.session()
    return _shown(session, series.find(session, series_id, actor=auth.actor()))


@endpoints.get(f"{ONE}/rounds")
@endpoints.etag
@endpoints.arguments(PageQuery, location="query")
@endpoints.response(200, page_of(GroupBuyOut))
def rounds(query: dict[str, Any], series_id: int) -> dict[str, Any]:
    """List the rounds that were opened, the newest first."""
    session = db.session()
    actor = auth.actor()
    found = series.find(session, series_id, actor=actor)
    return answer_page(
        series.rounds(
            session, found, actor=actor, after=query.get("after"), limit=query["limit"]
        ).map(shown_group_buy)
    )


@endpoints.post("")
@scope_required(Scope.ORGANISING)
@endpoints.arguments(SeriesIn)
@idempotent
@endpoints.response(201, SeriesOut)
def begin(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Make a group buy the first round of a series."""
    actor, said = auth.signed_in_actor(), dict(given)
    group_buy = buying.organised(session, said.pop("group_buy"), actor=actor, lock=True)
    now = db.now(session)
    return _shown(session, series.begin(session, group_buy, Rhythm(**said), actor=actor, now=now))


@endpoints.put(f"{ONE}/rhythm")
@scope_required(Scope.ORGANISING)
@endpoints.arguments(RhythmTerms)
@endpoints.response(200, SeriesOut)
def change(given: dict[str, Any], series_id: int) -> dict[str, Any]:
    """Let it go on in another rhythm, counted from its newest round."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        found = series.organised(session, series_id, actor=actor, lock=True)
        series.change(session, found, Rhythm(**given), actor=actor, now=db.now(session))
        return _shown(session, found)


@endpoints.post(f"{ONE}/pause")
@scope_required(Scope.ORGANISING)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(200, SeriesOut)
def pause(session: Session, _given: dict[str, Any], series_id: int) -> dict[str, Any]:
    """Open no round until it goes on."""
    return _steered(session, series_id, series.pause)


@endpoints.post(f"{ONE}/resumption")
@scope_required(Scope.ORGANISING)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(200, SeriesOut)
def resume(session: Session, _given: dict[str, Any], series_id: int) -> dict[str, Any]:
    """Go on after a pause, an end, or what held it up."""
    return _steered(session, series_id, series.resume)


@endpoints.post(f"{ONE}/skip")
@scope_required(Scope.ORGANISING)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(200, SeriesOut)
def skip(session: Session, _given: dict[str, Any], series_id: int) -> dict[str, Any]:
    """Leave out the round that would come next."""
    return _steered(session, series_id, series.skip)


@endpoints.post(f"{ONE}/end")
@scope_required(Scope.ORGANISING)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(200, SeriesOut)
def stop(session: Session, _given: dict[str, Any], series_id: int) -> dict[str, Any]:
    """Let no round follow; what is open stays open."""
    return _steered(session, series_id, series.stop)


@endpoints.post(f"{ONE}/following")
@scope_required(Scope.BUYING, in_person=True)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(200, SeriesOut)
def follow(session: Session, _given: dict[str, Any], series_id: int) -> dict[str, Any]:
    """Be told when a new round opens."""
    actor = auth.signed_in_actor()
    found = series.find(session, series_id, actor=actor)
    series.follow(session, found, actor=actor, now=db.now(session))
    return _shown(session, found)


@endpoints.delete(f"{ONE}/following")
@scope_required(Scope.BUYING, in_person=True)
@endpoints.response(204)
def unfollow(series_id: int) -> None:
    """Hear no more of new rounds."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        series.unfollow(session, series.find(session, series_id, actor=actor), actor=actor)


def _steered(session: Session, series_id: int, act: Callable[..., None]) -> dict[str, Any]:
    actor = auth.signed_in_actor()
    found = series.organised(session, series_id, actor=actor, lock=True)
    act(session, found, actor=actor, now=db.now(session))
    return _shown(session, found)


def _shown(session: Session, found: Series) -> dict[str, Any]:
    newest = series.newest(session, found, opened=True)
    return {
        "id": found.id,
        "slug": found.slug,
        "state": found.state,
        "every_weeks": found.every_weeks,
        "last_number": found.last_number,
        "opens_by_itself": found.opens_by_itself,
        "is_held_up": found.held_up is not None,
        "next_opens_at": found.next_opens_at if found.is_running else None,
        "newest_round": newest.id,
        "is_followed": series.follows(session, found, auth.actor()),
    }


ENDPOINTS = (endpoints,)

"""Group buying, for programs."""

from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.api import Blueprint, answer_page, idempotent, page_of, scope_required
from marketplace.buying.answers import (
    ArticleOut,
    GroupBuyDetailOut,
    GroupBuyOut,
    shown_article,
    shown_detail,
    shown_group_buy,
)
from marketplace.buying.descriptions import GroupBuyIn
from marketplace.buying.given import draft_from, named_as_sent, order_from
from marketplace.buying.promises import CommitmentOut, shown_commitment
from marketplace.buying.promises_api import mine
from marketplace.buying.records import records
from marketplace.buying.schemas import (
    ArticleQuery,
    CancellationIn,
    CommitmentIn,
    GroupBuyQuery,
    Reason,
)
from marketplace.buying.whole import whole
from marketplace.schemas import Nothing
from models.buying import GroupBuy
from models.geography import Coordinates
from models.members import Scope
from services import buying, discovery
from services.buying import steering

group_buys = Blueprint(
    "group_buys_api",
    __name__,
    path="/group-buys",
    about="Many members commit to one offer; it happens for all or for none.",
)
ONE = "/<id:group_buy_id>"
ONE_COMMITMENT = f"{ONE}/commitments/<id:commitment_id>"


@group_buys.get("")
@group_buys.etag
@group_buys.arguments(GroupBuyQuery, location="query")
@group_buys.response(200, page_of(GroupBuyOut))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """Find public group buys."""
    near = None
    if query["latitude"] is not None:
        near = Coordinates(query["latitude"], query["longitude"])
    session = db.session()
    page = discovery.browse(
        session,
        discovery.Filters(
            words=query["q"],
            near=near,
            within_km=query["within_km"],
            category=query["category"],
            status=query["status"],
            after=query.get("after"),
            limit=query["limit"],
        ),
        actor=auth.actor(),
        now=db.now(session),
    )
    found = discovery.cards(session, [one.id for one in page.rows])
    return answer_page(page.map(lambda one: shown_group_buy(_kind(found[one.id][0]))))


@group_buys.post("")
@scope_required(Scope.ORGANISING)
@group_buys.arguments(GroupBuyIn)
@idempotent
@group_buys.response(201, GroupBuyDetailOut)
def draft(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Begin a group buy as a draft, with its articles."""
    actor = auth.signed_in_actor()
    described = draft_from(session, given, actor.participant)
    made = buying.draft(session, described, actor=actor, now=db.now(session))
    return whole(session, made.id)


@group_buys.get(ONE)
@group_buys.etag
@group_buys.response(200, GroupBuyDetailOut)
def show(group_buy_id: int) -> dict[str, Any]:
    """Show one group buy with all that is promised in it."""
    group_buy = buying.page_of(db.session(), group_buy_id, actor=auth.actor())
    group_buys.set_etag([group_buy.id, group_buy.version])
    return shown_detail(group_buy)


@group_buys.get(f"{ONE}/articles")
@group_buys.etag
@group_buys.arguments(ArticleQuery, location="query")
@group_buys.response(200, page_of(ArticleOut))
def articles(query: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """List the articles with their prices and where each stands."""
    session = db.session()
    group_buy = buying.find(session, group_buy_id, actor=auth.actor())
    page = buying.articles_page(
        session,
        group_buy,
        words=query["q"],
        category=query["category"],
        after=query.get("after"),
        limit=query["limit"],
    )
    return answer_page(page.map(lambda one: shown_article(one, group_buy.currency)))


@group_buys.post(f"{ONE}/publication")
@scope_required(Scope.ORGANISING)
@group_buys.arguments(Nothing)
@idempotent
@group_buys.response(200, GroupBuyDetailOut)
def publish(session: Session, _given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Publish a draft: its terms are kept as a version, and others can join once it opens."""
    actor = auth.signed_in_actor()
    group_buy = buying.organised(session, group_buy_id, actor=actor, lock=True)
    buying.publish(session, group_buy, actor=actor, now=db.now(session))
    return whole(session, group_buy_id)


@group_buys.post(f"{ONE}/cancellation")
@scope_required(Scope.ORGANISING)
@group_buys.arguments(CancellationIn)
@idempotent
@group_buys.response(200, GroupBuyDetailOut)
def cancel(session: Session, given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Call it off for a public reason; what was held or paid goes back."""
    actor = auth.signed_in_actor()
    group_buy = buying.organised(session, group_buy_id, actor=actor, lock=True)
    steering.cancel(session, group_buy, reason=given["reason"], actor=actor, now=db.now(session))
    return whole(session, group_buy_id)


@group_buys.post(f"{ONE}/commitments")
@scope_required(Scope.BUYING)
@group_buys.arguments(CommitmentIn)
@idempotent
@group_buys.response(201, CommitmentOut)
def join(session: Session, given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Join, with obligation to pay if it happens."""
    actor = auth.signed_in_actor()
    group_buy = buying.find(session, group_buy_id, actor=actor, lock=True)
    buying.guard_terms(group_buy, given["terms_number"])
    with named_as_sent(given):
        order = order_from(given, group_buy.currency)
        made = buying.join(session, group_buy, order, actor=actor, now=db.now(session))
    buying.forget_basket(session, group_buy, actor.participant.id)
    return shown_commitment(buying.own(session, made), group_buy)


@group_buys.get(ONE_COMMITMENT)
@scope_required(Scope.READ)
@group_buys.etag
@group_buys.response(200, CommitmentOut)
def show_commitment(group_buy_id: int, commitment_id: int) -> dict[str, Any]:
    """Show one of one's own commitments."""
    session, actor = db.session(), auth.signed_in_actor()
    group_buy = buying.find(session, group_buy_id, actor=actor)
    buying.commitment(session, group_buy, commitment_id, actor=actor)
    return shown_commitment(buying.own(session, commitment_id), group_buy)


@group_buys.put(ONE_COMMITMENT)
@scope_required(Scope.BUYING)
@group_buys.arguments(CommitmentIn)
@group_buys.response(200, CommitmentOut)
def change(given: dict[str, Any], group_buy_id: int, commitment_id: int) -> dict[str, Any]:
    """Replace what a commitment wants; the way to pay stays as it was chosen."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = buying.find(session, group_buy_id, actor=actor, lock=True)
        commitment = buying.commitment(session, group_buy, commitment_id, actor=actor)
        buying.guard_terms(group_buy, given["terms_number"])
        with named_as_sent(given):
            buying.change(
                session,
                group_buy,
                commitment,
                order_from(given, group_buy.currency),
                actor=actor,
                now=db.now(session),
            )
        buying.forget_basket(session, group_buy, actor.participant.id)
        return shown_commitment(buying.own(session, commitment_id), group_buy)


@group_buys.post(f"{ONE_COMMITMENT}/withdrawal")
@scope_required(Scope.BUYING)
@group_buys.arguments(Reason)
@idempotent
@group_buys.response(200, CommitmentOut)
def withdraw(
    session: Session, given: dict[str, Any], group_buy_id: int, commitment_id: int
) -> dict[str, Any]:
    """Leave, as far as the declared policy lets one."""
    actor = auth.signed_in_actor()
    group_buy = buying.find(session, group_buy_id, actor=actor, lock=True)
    commitment = buying.commitment(session, group_buy, commitment_id, actor=actor)
    buying.withdraw(
        session,
        group_buy,
        commitment,
        actor=actor,
        reason=given["reason"],
        now=db.now(session),
    )
    return shown_commitment(buying.own(session, commitment_id), group_buy)


def _kind(deal: Any) -> GroupBuy:
    """A deal of the list; this resource has those of its kind."""
    assert isinstance(deal, GroupBuy)
    return deal


ENDPOINTS = (group_buys, records, mine)

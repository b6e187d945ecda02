"""Reading: what the pages of a group buy show, each in as few statements as its length allows."""

from collections.abc import Iterable, Sequence

from sqlalchemy import BigInteger, literal, select
from sqlalchemy.orm import Session, joinedload, undefer

from models.actors import Actor
from models.buying import Article, Clearing, GroupBuy, GroupBuyCommitment
from models.collaborations import State
from models.errors import NotAllowed, NotFound
from models.events import Event
from models.words import N_
from services.buying import finding, happened
from services.events import Happened
from services.paging import Page, paged, position

# A page shows so many articles whole; of a longer list only those that are ordered most.
WHOLE_LIST = 24
MOST_ORDERED = 12
# What the page shows beside the group buy itself.
WHOLE = (
    joinedload(GroupBuy.supplier),
    joinedload(GroupBuy.picture),
    joinedload(GroupBuy.pickup_points),
    joinedload(GroupBuy.co_organisers),
)

# What everyone may read: no amounts, no names of those who take part.
PUBLIC_EVENTS = tuple(
    kind.__name__
    for kind in (
        happened.GroupBuyScheduled,
        happened.GroupBuyOpened,
        happened.SupplierConsented,
        happened.TermsChanged,
        happened.TermsAgreed,
        happened.GroupBuyJoined,
        happened.PutOnWaitingList,
        happened.CommitmentChanged,
        happened.CommitmentWithdrawn,
        happened.WaitingPlaceGiven,
        happened.GroupBuyTipped,
        happened.GroupBuyUntipped,
        happened.GroupBuyPaused,
        happened.GroupBuyResumed,
        happened.GroupBuyExtended,
        happened.GroupBuyDecided,
        happened.GroupBuyFailed,
        happened.GroupBuyCancelled,
        happened.SupplierAsked,
        happened.GroupBuyRunning,
        happened.GroupBuyOrdered,
        happened.GroupBuyDelivered,
        happened.GroupBuyWeighed,
        happened.HandOverBegun,
        happened.GroupBuyCompleted,
        happened.GroupBuySettled,
    )
)


class AccountsAreTheirs(NotAllowed):
    code = "accounts-are-theirs"
    message = N_("The accounts of a group buy are open to those who take part in it.")


def page_of(
    session: Session, slug: str | int, *, actor: Actor | None, link_key: str = ""
) -> GroupBuy:
    """The group buy with its supplier, picture, pick-up points and co-organisers, at once."""
    return finding.find(
        session,
        slug,
        actor=actor,
        link_key=link_key,
        also=WHOLE,
    )


def shown_articles(
    session: Session, group_buy: GroupBuy, ids: Iterable[int] | None = None
) -> Sequence[Article]:
    """The articles that the page of the group buy shows, or those of `ids`; with pictures."""
    query = (
        select(Article)
        .where(Article.group_buy_id == group_buy.id)
        .options(joinedload(Article.tiers), joinedload(Article.picture))
    )
    if ids is not None:
        query = query.where(Article.id.in_(list(ids))).order_by(Article.position)
        query = query.execution_options(populate_existing=True)
    elif group_buy.articles_count > WHOLE_LIST:
        query = (
            query.where(Article.active_units > 0)
            .order_by(Article.active_units.desc(), Article.position)
            .limit(MOST_ORDERED)
        )
    else:
        query = query.order_by(Article.position)
    return session.scalars(query).unique().all()


def shown_article(session: Session, group_buy: GroupBuy, article_id: int) -> Article:
    """One article of the group buy, with tiers and picture; refuses with NotFound."""
    found = shown_articles(session, group_buy, [article_id])
    if not found:
        raise NotFound
    return found[0]


def history(
    session: Session, group_buy: GroupBuy, *, after: str | None = None, limit: int = 50
) -> Page[Event]:
    """What happened, the newest first, as everyone who sees the group buy may read it.

    Refuses with CursorNotValid.
    """
    query = select(Event).where(
        Event.collaboration_id == group_buy.id, Event.kind.in_(PUBLIC_EVENTS)
    )
    since = position(after, int)
    if since is not None:
        query = query.where(Event.id < since[0])
    rows = session.scalars(query.order_by(Event.id.desc()).limit(limit + 1)).all()
    return paged(rows, limit, lambda event: (event.id,))


def why_cancelled(session: Session, group_buy: GroupBuy) -> str:
    """The public reason for which it was called off; empty for one that was not."""
    if group_buy.state != State.CANCELLED:
        return ""
    return _last_reason(session, group_buy, happened.GroupBuyCancelled)


def why_paused(session: Session, group_buy: GroupBuy) -> str:
    """The public reason for the pause that holds now; empty if there is none."""
    if not group_buy.is_paused:
        return ""
    return _last_reason(session, group_buy, happened.GroupBuyPaused)


def _last_reason(session: Session, group_buy: GroupBuy, kind: type[Happened]) -> str:
    reason = session.scalar(
        select(Event.reason)
        .filter_by(collaboration_id=group_buy.id, kind=kind.__name__)
        .order_by(Event.id.desc())
        .limit(1)
    )
    return reason or ""


def clearings(session: Session, group_buy: GroupBuy) -> Sequence[Clearing]:
    """Every decision about the group buy, the first one first, without its proof."""
    return session.scalars(
        select(Clearing).filter_by(collaboration_id=group_buy.id).order_by(Clearing.number)
    ).all()


def clearing(session: Session, group_buy: GroupBuy, number: int = 1) -> Clearing:
    """One decision with its proof; refuses with NotFound."""
    found = session.scalar(
        select(Clearing)
        .filter_by(collaboration_id=group_buy.id)
        # Whoever asks may ask for more than the column can hold.
        .where(Clearing.number == literal(number, BigInteger))
        .options(undefer(Clearing.proof))
    )
    if found is None:
        raise NotFound(N_("Nothing has been decided here yet."))
    return found


def guard_accounts(session: Session, group_buy: GroupBuy, actor: Actor | None) -> None:
    """Refuse with AccountsAreTheirs whoever neither takes part nor organises nor sells."""
    if not is_theirs(session, group_buy, actor):
        raise AccountsAreTheirs


def is_theirs(session: Session, group_buy: GroupBuy, actor: Actor | None) -> bool:
    """Whether `actor` takes part, organises, sells or moderates: what is not for everyone."""
    if actor is None:
        return False
    if group_buy.is_organised_by(actor) or actor.is_moderator:
        return True
    if group_buy.supplier_id is not None and actor.may_act_for(group_buy.supplier_id):
        return True
    takes_part = select(GroupBuyCommitment.id).where(
        GroupBuyCommitment.collaboration_id == group_buy.id,
        GroupBuyCommitment.participant_id.in_([one.id for one in actor.participants]),
        GroupBuyCommitment.state.not_in(GroupBuyCommitment.LEFT),
    )
    return session.scalar(takes_part.limit(1)) is not None

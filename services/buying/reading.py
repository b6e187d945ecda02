"""Reading: what the pages of a group buy show, each in as few statements as its length allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, undefer

from models.actors import Actor
from models.buying import Article, Clearing, GroupBuy, GroupBuyCommitment, Line
from models.collaborations import Commitment, CommitmentState, State
from models.errors import NotAllowed, NotFound
from models.events import Event
from models.payments import Payment
from models.words import N_
from services.buying import facts, finding
from services.buying.weighing import Portion
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
        facts.GroupBuyOpened,
        facts.SupplierConsented,
        facts.TermsChanged,
        facts.TermsAgreed,
        facts.GroupBuyJoined,
        facts.PutOnWaitingList,
        facts.CommitmentChanged,
        facts.CommitmentWithdrawn,
        facts.WaitingPlaceGiven,
        facts.GroupBuyTipped,
        facts.GroupBuyUntipped,
        facts.GroupBuyPaused,
        facts.GroupBuyResumed,
        facts.GroupBuyExtended,
        facts.GroupBuyDecided,
        facts.GroupBuyFailed,
        facts.GroupBuyCancelled,
        facts.SupplierAsked,
        facts.GroupBuyRunning,
        facts.GroupBuyOrdered,
        facts.GroupBuyDelivered,
        facts.GroupBuyWeighed,
        facts.HandOverBegun,
        facts.GroupBuyCompleted,
        facts.GroupBuySettled,
    )
)


class AccountsAreTheirs(NotAllowed):
    code = "accounts-are-theirs"
    message = N_("The accounts of a group buy are open to those who take part in it.")


@dataclass(frozen=True)
class Mine:
    """A participant's own part in a group buy, with the payment that stands behind it."""

    commitment: GroupBuyCommitment
    payment: Payment | None

    @property
    def by_weight(self) -> Mapping[int, Portion]:
        """What is sold by weight of it, by line id."""
        return {
            line.id: Portion(self.commitment, line.article, line)
            for line in self.commitment.lines
            if line.article.is_by_weight
        }


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


def shown_articles(session: Session, group_buy: GroupBuy) -> Sequence[Article]:
    """The articles that the page of the group buy shows, with tiers and pictures."""
    query = (
        select(Article)
        .where(Article.group_buy_id == group_buy.id)
        .options(joinedload(Article.tiers), joinedload(Article.picture))
    )
    if group_buy.articles_count > WHOLE_LIST:
        query = (
            query.where(Article.active_units > 0)
            .order_by(Article.active_units.desc(), Article.position)
            .limit(MOST_ORDERED)
        )
    else:
        query = query.order_by(Article.position)
    return session.scalars(query).unique().all()


def mine(session: Session, group_buy: GroupBuy, actor: Actor | None) -> Mine | None:
    """The part of whom `actor` acts as: the one that counts, else the latest they had."""
    if actor is None:
        return None
    # Most who read a page have not joined: they are not to pay for reading a whole order.
    ids = session.scalars(
        select(Commitment.id).where(
            Commitment.collaboration_id == group_buy.id,
            Commitment.participant_id == actor.participant.id,
        )
    ).all()
    return mine_of(session, ids)


def mine_of(session: Session, ids: Sequence[int]) -> Mine | None:
    """Of one participant's commitments to a group buy the one that counts, else the latest."""
    if not ids:
        return None
    rows = (
        session.execute(
            select(GroupBuyCommitment, Payment)
            .outerjoin(Payment, Payment.commitment_id == GroupBuyCommitment.id)
            .where(GroupBuyCommitment.id.in_(ids))
            .order_by(GroupBuyCommitment.id.desc())
            .options(
                joinedload(GroupBuyCommitment.lines)
                .joinedload(Line.article)
                .joinedload(Article.tiers),
                joinedload(GroupBuyCommitment.pickup_point),
            )
        )
        .unique()
        .all()
    )
    found = [Mine(commitment, payment) for commitment, payment in rows]
    gone = (*Commitment.LEFT, CommitmentState.OUT)
    counting = [one for one in found if one.commitment.state not in gone]
    return next(iter(counting or found), None)


def own(session: Session, commitment_id: int) -> Mine:
    """One commitment as it stands now, with its payment; the caller has asked who may read it."""
    session.flush()
    row = (
        session.execute(
            select(GroupBuyCommitment, Payment)
            .outerjoin(Payment, Payment.commitment_id == GroupBuyCommitment.id)
            .where(GroupBuyCommitment.id == commitment_id)
            .options(joinedload(GroupBuyCommitment.lines))
            .execution_options(populate_existing=True)
        )
        .unique()
        .one_or_none()
    )
    if row is None:
        raise NotFound
    return Mine(*row)


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
    reason = session.scalar(
        select(Event.reason).filter_by(
            collaboration_id=group_buy.id, kind=facts.GroupBuyCancelled.__name__
        )
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
        .filter_by(collaboration_id=group_buy.id, number=number)
        .options(undefer(Clearing.proof))
    )
    if found is None:
        raise NotFound(N_("Nothing has been decided here yet."))
    return found


def guard_accounts(session: Session, group_buy: GroupBuy, actor: Actor | None) -> None:
    """Refuse with AccountsAreTheirs whoever neither takes part nor organises nor sells."""
    if actor is not None:
        if group_buy.is_organised_by(actor) or actor.member.is_moderator:
            return
        if group_buy.supplier_id is not None and actor.may_act_for(group_buy.supplier_id):
            return
        takes_part = select(GroupBuyCommitment.id).where(
            GroupBuyCommitment.collaboration_id == group_buy.id,
            GroupBuyCommitment.participant_id.in_([one.id for one in actor.participants]),
            GroupBuyCommitment.state.not_in(Commitment.LEFT),
        )
        if session.scalar(takes_part.limit(1)) is not None:
            return
    raise AccountsAreTheirs

"""Baskets: what somebody gathers from a long list before they bind themselves to anything."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Article, Basket, GroupBuy, GroupBuyCommitment
from models.collaborations import NotOpen, State
from models.errors import Invalid
from models.words import N_
from services.buying.orders import NoSuchArticle, Wanted
from services.buying.stock import Dealt

MOST_LINES = 2_000


class TooManyArticles(Invalid):
    code = "too-many-articles"
    message = N_("One order can have at most %(most)s different articles.")


def gathered(
    session: Session,
    group_buy: GroupBuy,
    participant_id: int,
    commitment: GroupBuyCommitment | None = None,
) -> dict[int, Wanted]:
    """What the participant wants so far, by article id: their basket, else their commitment."""
    lines = session.scalar(
        select(Basket.lines).filter_by(group_buy_id=group_buy.id, participant_id=participant_id)
    )
    if lines is not None:
        return {int(key): Wanted(int(key), *line) for key, line in lines.items()}
    if commitment is None or not commitment.is_alive:
        return {}
    return {
        line.article_id: Wanted(
            line.article_id, line.units, line.tolerance, line.highest_price_minor
        )
        for line in commitment.lines
    }


def gather(
    session: Session,
    group_buy: GroupBuy,
    wanted: Mapping[int, Wanted],
    commitment: GroupBuyCommitment | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Put `wanted` into the basket of whom `actor` acts as; 0 units take an article out.

    What the basket holds of other articles stays. Nobody is bound. Refuses with NotOpen,
    NoSuchArticle and TooManyArticles.
    """
    if not group_buy.is_open(now):
        raise NotOpen
    known = set(
        session.scalars(
            select(Article.id).where(
                Article.group_buy_id == group_buy.id, Article.id.in_(list(wanted))
            )
        )
    )
    if known != set(wanted):
        raise NoSuchArticle
    kept = {**gathered(session, group_buy, actor.participant.id, commitment), **wanted}
    lines = {
        str(one.article_id): [one.units, one.tolerance, one.highest_price_minor]
        for one in kept.values()
        if one.units
    }
    if len(lines) > MOST_LINES:
        raise TooManyArticles(most=MOST_LINES)
    written = insert(Basket).values(
        group_buy_id=group_buy.id, participant_id=actor.participant.id, lines=lines, changed_at=now
    )
    session.execute(
        written.on_conflict_do_update(
            index_elements=["group_buy_id", "participant_id"],
            set_={"lines": written.excluded.lines, "changed_at": now},
        )
    )


def empty(session: Session, group_buy_id: int, participant_id: int) -> None:
    """Forget what was gathered: it is ordered, or given up."""
    session.execute(
        delete(Basket).where(
            Basket.group_buy_id == group_buy_id, Basket.participant_id == participant_id
        )
    )


def forget_basket(session: Session, group_buy: Dealt, participant_id: int) -> None:
    """Forget what was gathered, now that it is ordered; of one article nothing is gathered."""
    if group_buy.articles_count > 1:
        empty(session, group_buy.id, participant_id)


def forget_closed(session: Session) -> None:
    """Forget what was gathered in group buys that nobody can join any more."""
    over = select(GroupBuy.id).where(GroupBuy.state.not_in([State.DRAFT, State.OPEN]))
    session.execute(
        delete(Basket)
        .where(Basket.group_buy_id.in_(over))
        .execution_options(synchronize_session=False)
    )


def goods_at_most(wanted: Mapping[int, Wanted], articles: Sequence[Article]) -> int:
    """The most that the goods gathered can cost, in minor units, with their deposit.

    `articles` are those of `wanted`; freight, share and shipping come on top.
    """
    by_id = {article.id: article for article in articles}
    return sum(one.at_most(by_id[one.article_id]) for one in wanted.values())

"""Held back: goods whose contract was withdrawn from are not handed over any more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.buying import Article, GroupBuy, GroupBuyCommitment, Line
from models.revocations import Revocation


@dataclass(frozen=True)
class HeldBack:
    """What of one order its member withdrew from; `is_whole` says that nothing else is left."""

    articles: Sequence[Article]
    is_whole: bool

    def holds(self, article_id: int) -> bool:
        return any(one.id == article_id for one in self.articles)


def held_back(session: Session, group_buy: GroupBuy) -> Mapping[int, HeldBack]:
    """What is not to be handed over, settled or not, by the ids of commitments."""
    rows = session.execute(
        select(Revocation, GroupBuyCommitment)
        .join(GroupBuyCommitment, GroupBuyCommitment.id == Revocation.commitment_id)
        .where(GroupBuyCommitment.collaboration_id == group_buy.id)
        .options(joinedload(GroupBuyCommitment.lines).joinedload(Line.article))
    ).unique()
    return {commitment.id: _held_back(revocation, commitment) for revocation, commitment in rows}


def whole(held: Mapping[int, HeldBack]) -> set[int]:
    """The ids of the commitments of which nothing is left to be handed over."""
    return {commitment_id for commitment_id, one in held.items() if one.is_whole}


def _held_back(revocation: Revocation, commitment: GroupBuyCommitment) -> HeldBack:
    taken = [line.article for line in commitment.lines if line.has_goods]
    revoked = [one for one in taken if one.id in revocation.article_ids]
    return HeldBack(
        sorted(revoked, key=lambda one: one.position), is_whole=len(revoked) == len(taken)
    )

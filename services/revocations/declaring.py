"""Declaring: who can withdraw from which contract until when, and the declaration itself."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from models.actors import Actor
from models.buying import Article, GroupBuy, GroupBuyCommitment, Line
from models.collaborations import Commitment
from models.errors import Invalid, NotFound
from models.participants import Participant, ParticipantKind
from models.revocations import NotRevocable, Revocation, RevokedAlready, last_moment
from models.words import N_
from services import events
from services.buying import finding, handing_over, settling
from services.revocations.happened import ContractRevoked


@dataclass(frozen=True)
class Contract:
    """An order as a contract: who sells, what of it can be withdrawn from, and until when.

    `until_at` is None while the goods are not handed over: the period has not begun to end.
    """

    commitment: GroupBuyCommitment
    group_buy: GroupBuy
    seller: Participant
    articles: Sequence[Article]
    until_at: datetime | None
    revocation: Revocation | None

    def is_open(self, now: datetime) -> bool:
        """Whether the consumer can withdraw now."""
        return (
            bool(self.articles)
            and self.revocation is None
            and (self.until_at is None or now < self.until_at)
        )


def contract_of(session: Session, commitment_id: int, *, actor: Actor) -> Contract:
    """The contract behind a commitment of one's own, with nothing in it if there is no right.

    Refuses with NotFound commitments of others.
    """
    found = _read(session, [commitment_id]).get(commitment_id)
    if found is None or not actor.may_act_for(found.commitment.participant_id):
        raise NotFound
    return found


def contracts_of(session: Session, commitments: Iterable[Commitment]) -> Mapping[int, Contract]:
    """The contracts behind these commitments, by their ids, for those that give a right at all.

    The page of an order offers the withdrawal as long as it is open (Directive 2023/2673).
    """
    ids = [one.id for one in commitments if one.state in Commitment.TAKING_PART]
    return {key: one for key, one in _read(session, ids).items() if one.articles}


def _read(session: Session, ids: Sequence[int]) -> dict[int, Contract]:
    if not ids:
        return {}
    rows = session.execute(
        select(GroupBuyCommitment, GroupBuy, Revocation)
        .join(GroupBuy, GroupBuy.id == GroupBuyCommitment.collaboration_id)
        .outerjoin(Revocation, Revocation.commitment_id == GroupBuyCommitment.id)
        .where(GroupBuyCommitment.id.in_(ids))
        .options(
            selectinload(GroupBuyCommitment.lines).joinedload(Line.article),
            joinedload(GroupBuy.supplier),
        )
        .execution_options(populate_existing=True)
    )
    return {row[0].id: _contract(*row) for row in rows}


def _contract(
    commitment: GroupBuyCommitment, group_buy: GroupBuy, revocation: Revocation | None
) -> Contract:
    seller_id = settling.payee_id(group_buy)
    is_organiser = group_buy.supplier is None or seller_id == group_buy.organiser_id
    seller = group_buy.organiser if is_organiser else group_buy.supplier
    assert seller is not None
    taken_at = commitment.handed_over_at
    return Contract(
        commitment=commitment,
        group_buy=group_buy,
        seller=seller,
        articles=_revocable(commitment, group_buy),
        until_at=last_moment(taken_at, group_buy.time_zone) if taken_at else None,
        revocation=revocation,
    )


def declare(
    session: Session,
    commitment_id: int,
    *,
    name: str,
    contact: str,
    article_ids: Collection[int],
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> Revocation:
    """Withdraw from the contract on these articles; whoever sells is told, and a receipt goes out.

    It counts from the moment it is declared. Takes the lock of the group buy itself. Refuses
    with NotFound, with RevokedAlready a second one, with NotRevocable what gives no right to it
    or comes too late, and with Invalid if no article is chosen.
    """
    contract = contract_of(session, commitment_id, actor=actor)
    finding.locked(session, contract.group_buy.id)
    contract = contract_of(session, commitment_id, actor=actor)
    if contract.revocation is not None:
        raise RevokedAlready
    if not contract.is_open(now):
        raise NotRevocable
    chosen = sorted(set(article_ids))
    if not chosen:
        raise Invalid(fields={"articles": N_("Please choose what you withdraw from.")})
    if not {one.id for one in contract.articles}.issuperset(chosen):
        raise NotRevocable
    made = Revocation(
        commitment_id=commitment_id,
        made_by_id=actor.member.id,
        name=name,
        contact=contact,
        reason=reason,
        article_ids=chosen,
        declared_at=now,
    )
    session.add(made)
    session.flush()
    handing_over.keep_packed(session, contract.group_buy, contract.commitment, now=now)
    contract.group_buy.touch()
    events.record(
        session,
        ContractRevoked(
            by=actor.member.id,
            participant_id=contract.commitment.participant_id,
            collaboration_id=contract.group_buy.id,
            commitment_id=commitment_id,
            revocation_id=made.id,
        ),
        now=now,
    )
    return made


def _revocable(commitment: GroupBuyCommitment, group_buy: GroupBuy) -> Sequence[Article]:
    """What of an order a consumer bought of a trader, and no law excepts, in the list's order."""
    buyer = commitment.participant
    is_consumer = buyer.kind == ParticipantKind.PERSON and not buyer.is_trader
    if commitment.state not in Commitment.TAKING_PART or not is_consumer:
        return []
    if not group_buy.is_sold_by_trader:
        return []
    found = [
        line.article
        for line in commitment.lines
        if line.has_goods and not line.article.revocability.is_excepted
    ]
    return sorted(found, key=lambda one: one.position)

"""The receipt of a withdrawal from a contract, on a durable medium; and word to whoever sells."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.buying import Article, GroupBuy
from models.events import Event
from models.notices import NoticeKind
from models.revocations import Revocation
from services import notices, paths
from services.buying.settling import payee_id
from services.reactions.audience import organisers, voices
from services.reactions.registry import on
from services.reactions.telling import commitment_of, tell_one, telling_of


@on("ContractRevoked")
def acknowledge(session: Session, event: Event, now: datetime) -> None:
    commitment = commitment_of(session, event)
    deal = commitment.collaboration
    revocation = session.get_one(Revocation, event.facts["revocation_id"])
    names = session.scalars(
        select(Article.name)
        .where(Article.id.in_(revocation.article_ids))
        .order_by(Article.position)
    ).all()
    facts: dict[str, Any] = {
        "articles": ", ".join(names),
        "name": revocation.name,
        "contact": revocation.contact,
        "declared_at": {"moment": revocation.declared_at.isoformat()},
        "until": {"moment": revocation.refund_until_at.isoformat()},
    }
    receipt = telling_of(
        deal,
        # Nobody can switch a receipt off (Directive 2011/83 Art. 11a(4)).
        NoticeKind.ACCOUNT,
        "contract-revoked",
        path=paths.revocation(commitment.id),
        **facts,
    )
    tell_one(session, event, commitment, receipt, now)
    assert isinstance(deal, GroupBuy)
    told = {one.id: one for one in (*organisers(session, deal), *voices(session, {payee_id(deal)}))}
    telling = telling_of(
        deal, NoticeKind.ORGANISING, "someone-revoked", path=paths.revocations(deal.slug), **facts
    )
    notices.tell_all(session, event, list(told.values()), telling, now=now)

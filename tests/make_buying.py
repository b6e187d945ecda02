"""Group buys to test with."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment, Line, PaymentMethod
from models.collaborations import CommitmentState
from models.members import Member
from models.participants import Membership
from services import buying, sessions
from services.buying import consenting, inviting


def group_buy(
    session: Session,
    organiser: Actor,
    *,
    now: datetime,
    articles: list[buying.NewArticle] | None = None,
    published: bool = True,
    **overrides: Any,
) -> GroupBuy:
    """Olive oil for a street: 5 l cans, from 5 cans on; closes in a week, fetched on day 10."""
    closes_at = overrides.pop("closes_at", now + timedelta(days=7))
    given = buying.Draft(
        description=buying.Description(
            **{
                "title": "Olive oil from Crete",
                "closes_at": closes_at,
                "place_name": "Bremerhaven",
                "latitude": 53.55,
                "longitude": 8.58,
                **overrides,
            }
        ),
        articles=articles if articles is not None else [olive_oil()],
        pickup_points=[
            buying.NewPickupPoint(
                name="Alice's garage",
                address="Hafenstraße 1, Bremerhaven",
                from_at=closes_at + timedelta(days=3),
                until_at=closes_at + timedelta(days=3, hours=2),
            )
        ],
    )
    made = buying.draft(session, given, actor=organiser, now=now)
    if published:
        buying.publish(session, made, actor=organiser, now=now)
        if consenting.is_asked(made):
            belongs = select(Membership.member_id).filter_by(organisation_id=made.supplier_id)
            seller = session.scalars(
                select(Member).where(
                    or_(Member.participant_id == made.supplier_id, Member.id.in_(belongs))
                )
            ).one()
            actor = sessions.actor_of(session, seller, made.supplier_id)
            consenting.consent(session, made, actor=actor, now=now)
    return made


def olive_oil(**overrides: Any) -> buying.NewArticle:
    """From 5 cans on at 40.00, from 20 on at 36.00; at most 50."""
    return buying.NewArticle(
        **{
            "name": "Olive oil",
            "unit": "5 l can",
            "tiers": [(1, 4000), (20, 3600)],
            "minimum_units": 5,
            "maximum_units": 50,
            "vat_basis_points": 700,
            "base_unit": "l",
            "base_units_thousandths": 5000,
            **overrides,
        }
    )


def cheese(**overrides: Any) -> buying.NewArticle:
    """Wheels of about 800 g at 14.36, charged by weight and for 880 g at most."""
    return buying.NewArticle(
        **{
            "name": "Mountain cheese",
            "unit": "wheel of about 800 g",
            "tiers": [(1, 1436)],
            "vat_basis_points": 700,
            "base_unit": "kg",
            "base_units_thousandths": 800,
            "overweight_basis_points": 1000,
            **overrides,
        }
    )


def add_co_organiser(
    session: Session, group_buy: GroupBuy, email: str, *, actor: Actor, now: datetime
) -> None:
    """The member with this address is asked, and accepts."""
    member = inviting.ask_co_organiser(session, group_buy, email, actor=actor, now=now)
    [question] = [one for one in group_buy.co_organisers if one.member_id == member.id]
    question.accept(now=now)
    session.flush()


def order(
    session: Session,
    group_buy: GroupBuy,
    units: int = 1,
    *,
    tolerance: int = 0,
    highest_price_minor: int | None = None,
    method: PaymentMethod = PaymentMethod.AT_PICKUP,
    **overrides: Any,
) -> buying.Order:
    """So many units of the first article, fetched at the first pick-up point."""
    article = buying.articles(session, group_buy)[0]
    point = buying.pickup_points(session, group_buy)[0]
    return buying.Order(
        wanted=[buying.Wanted(article.id, units, tolerance, highest_price_minor)],
        payment_method=method,
        pickup_point_id=point.id,
        **overrides,
    )


def join(
    session: Session,
    group_buy: GroupBuy,
    actor: Actor,
    units: int = 1,
    *,
    now: datetime,
    **overrides: Any,
) -> int:
    """Commit `actor` to so many units; the commitment's id."""
    buying.find(session, group_buy.slug, actor=actor, lock=True)
    wanted = order(session, group_buy, units, **overrides)
    return buying.join(session, group_buy, wanted, actor=actor, now=now)


def commitment_of(
    session: Session, group_buy: GroupBuy, participant_id: int
) -> GroupBuyCommitment | None:
    """The participant's commitment that counts: not one they withdrew or lost."""
    return session.scalar(
        select(GroupBuyCommitment)
        .where(
            GroupBuyCommitment.collaboration_id == group_buy.id,
            GroupBuyCommitment.participant_id == participant_id,
            GroupBuyCommitment.state.not_in(
                [CommitmentState.WITHDRAWN, CommitmentState.DROPPED, CommitmentState.OUT]
            ),
        )
        .options(selectinload(GroupBuyCommitment.lines).joinedload(Line.article))
        .execution_options(populate_existing=True)
    )

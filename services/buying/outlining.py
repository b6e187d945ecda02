"""Outlining: of a group buy what its page says anew each time; the rest is read when it is needed.

Whether the reader has joined, and whether anything was said, comes along in the same statement:
those who have not joined, where nothing was said, do not pay for orders and threads.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ARRAY, BigInteger, bindparam, exists, func, select
from sqlalchemy.orm import Session, joinedload, lazyload, load_only

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import Commitment, CoOrganiser
from models.dialogue import Message
from services.buying import finding
from services.buying.reading import WHOLE

# In no order is a number of its own: nobody is asked about by the number 0.
NOBODY = 0


@dataclass(frozen=True)
class Outline:
    """A group buy of which a few columns are read, and what the reader has to do with it."""

    group_buy: GroupBuy
    # The orders of whom the reader acts as, with those that were withdrawn.
    commitment_ids: Sequence[int]
    # Whether one of those for whom the reader may act takes part and has not left.
    takes_part: bool
    has_messages: bool


_OF_WHOM_ONE_ACTS_AS = select(Commitment.id).where(
    Commitment.collaboration_id == GroupBuy.id, Commitment.participant_id == bindparam("acting_as")
)
_TAKES_PART = exists().where(
    Commitment.collaboration_id == GroupBuy.id,
    Commitment.participant_id == func.any(bindparam("participants", type_=ARRAY(BigInteger))),
    Commitment.state.not_in(Commitment.LEFT),
)
# Put together once: building a statement costs as much as sending it.
_OUTLINE = (
    select(
        GroupBuy,
        func.array(_OF_WHOM_ONE_ACTS_AS.scalar_subquery(), type_=ARRAY(BigInteger, as_tuple=True)),
        _TAKES_PART,
        exists().where(Message.collaboration_id == GroupBuy.id),
    )
    .where(GroupBuy.slug == bindparam("slug"))
    .options(
        load_only(
            GroupBuy.articles_count,
            GroupBuy.circle_id,
            GroupBuy.catalogue_version_id,
            GroupBuy.closes_at,
            GroupBuy.currency,
            GroupBuy.decided_at,
            GroupBuy.is_paused,
            GroupBuy.kind,
            GroupBuy.link_key,
            GroupBuy.opens_at,
            GroupBuy.organiser_id,
            GroupBuy.round_number,
            GroupBuy.series_id,
            GroupBuy.slug,
            GroupBuy.stage,
            GroupBuy.state,
            GroupBuy.summary,
            GroupBuy.supplier_id,
            GroupBuy.terms_number,
            GroupBuy.time_zone,
            GroupBuy.title,
            GroupBuy.version,
            GroupBuy.visibility,
            GroupBuy.weighed_at,
        ),
        lazyload(GroupBuy.organiser),
        joinedload(GroupBuy.co_organisers).load_only(CoOrganiser.member_id, CoOrganiser.state),
    )
)
_WHOLE = (
    select(GroupBuy)
    .where(GroupBuy.id == bindparam("id"))
    .options(*WHOLE)
    .execution_options(populate_existing=True)
)


def outline_of(session: Session, slug: str, *, actor: Actor | None, link_key: str = "") -> Outline:
    """The outline of the group buy at `slug`; refuses with NotFound what must not be known."""
    row = (
        session.execute(
            _OUTLINE,
            {
                "slug": slug,
                "acting_as": actor.participant.id if actor else NOBODY,
                "participants": [one.id for one in actor.participants] if actor else [],
            },
        )
        .unique()
        .one_or_none()
    )
    found = finding.guard_known(session, row and row[0], actor, link_key)
    return Outline(found, *row[1:])  # type: ignore[index]


def fill_in(session: Session, group_buy: GroupBuy) -> GroupBuy:
    """Read the columns that an outline leaves out, and what `page_of` reads, in one statement."""
    return session.scalars(_WHOLE, {"id": group_buy.id}).unique().one()

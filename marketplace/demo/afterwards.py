"""After the close of a group buy of the demo: ordered, brought, packed, fetched, settled."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Any

from marketplace import db
from marketplace.demo.deal import Deal
from models.buying import GroupBuy, PaymentMethod
from models.collaborations import CommitmentState, State
from services import buying, payments, revocations
from services.buying import weighing

if TYPE_CHECKING:
    from marketplace.demo.story import Story

# How far pieces are from their nominal weight, one after the other; one is a gift.
WHOLE = 10_000
WEIGHED_BASIS_POINTS = (-725, 240, -110, 1350, -480)
# So many have come by while the hand-over goes on.
FETCHED = 3


def plan(story: "Story", deal: Deal, closes: datetime) -> None:
    """One step a day, as far as the deal has come; whoever sells sets up an account for it."""
    if deal.paid_in:
        story.add(
            closes,
            lambda _: story.bank.open_account(story.cast.acting(deal.organiser), deal.paid_in),
        )
    for days, act in enumerate(_acts(deal), start=1):
        story.add(closes + timedelta(days=days), _organising(story, deal, act))


def _acts(deal: Deal) -> list[Callable[..., None]]:
    steps: list[Callable[..., None]] = [_order]
    if deal.until == "ordered":
        return steps
    steps.append(_deliver)
    if deal.until == "delivered":
        return steps
    if any(article.overweight_basis_points is not None for article in deal.articles):
        steps.append(_weigh)
    steps += [_pack, _begin_hand_over]
    if deal.until == "handing_over":
        return [*steps, _hand_over]
    steps += [_hand_over, _complete]
    if deal.until == "completed":
        return steps
    steps.append(_settle)
    return [*steps, _take_back] if deal.withdraws else steps


def _organising(story: "Story", deal: Deal, act: Callable[..., None]) -> Callable[..., None]:
    def organise(now: datetime) -> None:
        actor = story.cast.acting(deal.organiser)
        with db.transaction() as session:
            found = story.found(deal)
            if found.state in (State.RUNNING, State.COMPLETED):
                act(session, story, deal, found, actor=actor, now=now)

    return organise


def _order(session: Any, _story: "Story", _deal: Deal, found: GroupBuy, **by: Any) -> None:
    buying.mark_ordered(session, found, **by)


def _deliver(session: Any, _story: "Story", deal: Deal, found: GroupBuy, **by: Any) -> None:
    came = {
        article.id: (article.decided_units or 0) - (deal.short if place == 0 else 0)
        for place, article in enumerate(buying.ordered_articles(session, found))
    }
    buying.deliver(session, found, came, **by)


def _weigh(session: Any, _story: "Story", _deal: Deal, found: GroupBuy, **by: Any) -> None:
    crates = buying.commitments(session, found, [CommitmentState.IN])
    every = weighing.portions(buying.articles(session, found), crates).values()
    weighed = [one for some in every for one in some]
    differences = cycle(WEIGHED_BASIS_POINTS)
    grams = {
        one.line.id: one.nominal_grams * (WHOLE + next(differences)) // WHOLE for one in weighed
    }
    buying.weigh(session, found, grams)
    buying.make_final(session, found, **by)


def _pack(session: Any, _story: "Story", _deal: Deal, found: GroupBuy, **by: Any) -> None:
    for commitment in buying.commitments(session, found, [CommitmentState.IN]):
        buying.mark_packed(session, found, commitment, now=by["now"])


def _begin_hand_over(
    session: Any, _story: "Story", _deal: Deal, found: GroupBuy, **by: Any
) -> None:
    buying.begin_hand_over(session, found, **by)


def _hand_over(session: Any, story: "Story", deal: Deal, found: GroupBuy, **by: Any) -> None:
    """Everyone comes by, or the first of them; where it is not settled yet, one pays later."""
    crates = buying.commitments(session, found, [CommitmentState.IN])
    if deal.until == "handing_over":
        crates = crates[:FETCHED]
    for number, commitment in enumerate(crates, start=1):
        buying.hand_over(session, found, commitment, **by)
        pays_later = deal.until == "completed" and number == len(crates)
        if commitment.payment_method == PaymentMethod.AT_PICKUP and not pays_later:
            payer = story.cast.actor_of(commitment.participant_id)
            payments.confirm_received(session, commitment.id, **by)
            payments.confirm_paid(session, commitment.id, actor=payer, now=by["now"])


def _complete(session: Any, _story: "Story", _deal: Deal, found: GroupBuy, **by: Any) -> None:
    buying.complete(session, found, **by)


def _settle(session: Any, _story: "Story", _deal: Deal, found: GroupBuy, **by: Any) -> None:
    buying.settle(session, found, **by)


def _take_back(session: Any, story: "Story", deal: Deal, found: GroupBuy, **by: Any) -> None:
    """Somebody withdraws from a part of their order: they get it back, with a credit note."""
    buyer, now = story.cast.acting(deal.withdraws), by["now"]
    [order] = [
        one
        for one in buying.commitments(session, found, [CommitmentState.FULFILLED])
        if one.participant_id == buyer.participant.id
    ]
    made = revocations.declare(
        session,
        order.id,
        name=buyer.participant.name,
        contact=buyer.member.email,
        article_ids=[buying.articles(session, found)[-1].id],
        reason="",
        actor=buyer,
        now=now,
    )
    revocations.refund(session, found, made.id, **by)

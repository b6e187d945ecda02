"""Changing an order, and leaving: as far as the declared policy lets it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import (
    Article,
    GroupBuy,
    GroupBuyCommitment,
    Line,
    PaymentMethod,
    WithdrawalNotPossible,
)
from models.collaborations import CommitmentState, NotOpen
from models.errors import Conflict
from models.words import N_
from services import events, ledger, payments
from services.buying import finding, happened, leaving, waiting
from services.buying.orders import (
    Order,
    Wanted,
    checked,
    count_lines,
    guard,
    guard_buyer,
    shortage,
    worst_case,
)
from services.buying.standing import restand, tell_tipping
from services.clearing.terms import Layer, change_layers
from services.events import Happened
from services.participants.belonging import guard_membership


class CardCoversNoMore(Conflict):
    code = "card-covers-no-more"
    message = N_(
        "What is held on your card covers your order as it is, and by the terms of this group buy "
        "nobody can drop out now. So it cannot become dearer any more."
    )


def change(
    session: Session,
    group_buy: GroupBuy,
    commitment: GroupBuyCommitment,
    order: Order,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Replace what a commitment wants; more goes to the end of the queue, less costs no place.

    The way to pay stays as it was chosen. The caller holds the lock. Refuses as `join` does,
    with WithdrawalNotPossible where the declared policy lets no order shrink any more, with
    NobodyTakesOver where it has to be taken over, and with CardCoversNoMore where it could be left
    by giving no other card.
    """
    guard(group_buy, actor, commitment.participant, now)
    guard_membership(session, actor, commitment.participant)
    if not commitment.is_alive:
        raise NotOpen
    wanted, articles = checked(
        session, group_buy, order, also=[line.article_id for line in commitment.lines]
    )
    by_article = {one.article_id: one for one in wanted}
    was_active = commitment.state == CommitmentState.ACTIVE
    was_tipped = group_buy.is_tipped
    had_agreed = group_buy.has_consent_of(commitment)
    # Whoever waits, or has not agreed to worse terms, is free to go.
    is_bound = was_active and had_agreed
    shrinks = any(
        _shrinks(line, by_article.get(line.article_id), articles[line.article_id])
        for line in commitment.lines
    )
    places = leaving.places_of(articles.values())
    count_lines(group_buy, articles, commitment, sign=-1)
    may_drop_out = True
    if is_bound and commitment.payment_method == PaymentMethod.CARD:
        restand(session, group_buy, list(articles.values()))
        may_drop_out = leaving.may_drop_out(group_buy, was_tipped=was_tipped, now=now)
    short = shortage(group_buy, articles, wanted)
    if short is not None and (was_active or not order.may_wait):
        raise short
    group_buy.last_place += 1
    _replace_lines(session, commitment, by_article, place=group_buy.last_place)
    # Ordering anew is agreeing to the terms that hold now.
    commitment.terms_number = group_buy.terms_number
    if short is None and not was_active:
        commitment.activate()
    count_lines(group_buy, articles, commitment, sign=1)
    restand(session, group_buy, list(articles.values()))
    if shrinks and is_bound and not leaving.may_go(group_buy, was_tipped=was_tipped, now=now):
        raise WithdrawalNotPossible
    commitment.pickup_point_id = order.pickup_point_id
    commitment.shipping_address = order.shipping_address
    commitment.note = order.note
    worst_case_minor = worst_case(group_buy, articles, wanted, order)
    if not may_drop_out and payments.is_outgrown(session, commitment.id, worst_case_minor):
        raise CardCoversNoMore
    _hold_anew(session, group_buy, commitment, worst_case_minor, now)
    commitment.changed_at = now
    what = happened.CommitmentChanged if had_agreed else happened.TermsAgreed
    _tell(session, what, commitment, actor, now)
    if group_buy.is_tipped != was_tipped:
        tell_tipping(session, group_buy, actor, now)
    waiting.give_places(session, group_buy, now=now)
    if shrinks and is_bound:
        leaving.guard_taken_over(group_buy, articles.values(), places, was_tipped=was_tipped)


def withdraw(
    session: Session,
    group_buy: GroupBuy,
    commitment: GroupBuyCommitment,
    *,
    actor: Actor | None,
    reason: str = "",
    now: datetime,
) -> None:
    """Take a commitment back; nobody is charged. The caller holds the lock.

    Refuses with NotOpen after the close, with MayNotActFor, and with WithdrawalNotPossible or
    NobodyTakesOver where the declared policy says so. Without an `actor` it is a deadline that
    withdraws.
    """
    if actor is not None:
        if not group_buy.may_be_left(now):
            raise NotOpen
        guard_buyer(group_buy, actor, commitment.participant)
        guard_membership(session, actor, commitment.participant)
    if not commitment.is_alive:
        raise NotOpen
    was_tipped = group_buy.is_tipped
    was_active = commitment.state == CommitmentState.ACTIVE
    touched = finding.articles(session, group_buy, [line.article_id for line in commitment.lines])
    places = leaving.places_of(touched)
    count_lines(group_buy, {article.id: article for article in touched}, commitment, sign=-1)
    commitment.withdraw()
    tipping = restand(session, group_buy, touched)
    # Whoever waits, or has not agreed to worse terms, is free to go; and a pause keeps nobody.
    is_bound = was_active and group_buy.has_consent_of(commitment) and not group_buy.is_paused
    asks = actor is not None and is_bound
    if asks and not leaving.may_go(group_buy, was_tipped=was_tipped, now=now):
        raise WithdrawalNotPossible
    group_buy.commitments_count -= 1
    group_buy.touch()
    commitment.changed_at = now
    payments.release(session, commitment.id, now=now)
    ledger.void(session, commitment.hold_key)
    events.record(
        session,
        happened.CommitmentWithdrawn(
            by=actor.member.id if actor else None,
            participant_id=commitment.participant_id,
            collaboration_id=group_buy.id,
            commitment_id=commitment.id,
            reason=reason,
        ),
        now=now,
    )
    if tipping:
        tell_tipping(session, group_buy, actor, now)
    if was_active:
        waiting.give_places(session, group_buy, now=now)
    if asks:
        leaving.guard_taken_over(group_buy, touched, places, was_tipped=was_tipped)


def _tell(
    session: Session,
    what: type[Happened],
    commitment: GroupBuyCommitment,
    actor: Actor,
    now: datetime,
) -> None:
    event = what(
        by=actor.member.id,
        participant_id=commitment.participant_id,
        collaboration_id=commitment.collaboration_id,
        commitment_id=commitment.id,
    )
    events.record(session, event, now=now)


def _shrinks(line: Line, wanted: Wanted | None, article: Article) -> bool:
    """Whether less of `line` counts from now on: units, tolerance, or a tier it reached."""
    if wanted is None or wanted.units < line.units or wanted.tolerance < line.tolerance:
        return True
    assert wanted.highest_price_minor is not None
    return any(
        wanted.highest_price_minor < tier.price_minor <= line.highest_price_minor
        for tier in article.tiers
    )


def _replace_lines(
    session: Session,
    commitment: GroupBuyCommitment,
    by_article: Mapping[int, Wanted],
    *,
    place: int,
) -> None:
    kept = {line.article_id: line for line in commitment.lines}
    for article_id, line in kept.items():
        if article_id not in by_article:
            commitment.lines.remove(line)
    for article_id, one in by_article.items():
        assert one.highest_price_minor is not None
        line = kept.get(article_id) or Line(article_id=article_id, layers=[])
        layers = change_layers(
            tuple(Layer(*layer) for layer in line.layers),
            units=one.units,
            tolerance=one.tolerance,
            place=place,
        )
        line.units, line.tolerance = one.units, one.tolerance
        line.highest_price_minor = one.highest_price_minor
        line.layers = [[layer.place, layer.units, layer.tolerance] for layer in layers]
        if article_id not in kept:
            commitment.lines.append(line)
    session.flush()


def _hold_anew(
    session: Session,
    group_buy: GroupBuy,
    commitment: GroupBuyCommitment,
    worst_case_minor: int,
    now: datetime,
) -> None:
    if worst_case_minor == commitment.worst_case_minor:
        return
    payments.outgrown(session, commitment.id, worst_case_minor, now=now)
    ledger.void(session, commitment.hold_key)
    commitment.version += 1
    commitment.worst_case_minor = worst_case_minor
    account = ledger.own_account(session, commitment.participant_id, group_buy.currency, now=now)
    ledger.hold(session, account, worst_case_minor, key=commitment.hold_key, now=now)

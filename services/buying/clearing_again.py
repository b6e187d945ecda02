"""Clearing again: after failed charges the price stays, and the units go to those who pay.

The price never rises and nobody pays more than their worst case: what others no longer take is
taken out of the order or out of the organiser's share, never added to somebody's bill.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.buying import Article, Clearing, GroupBuy, GroupBuyCommitment
from models.collaborations import Commitment, CommitmentState
from models.ledger import AccountPurpose
from services import clearing, events, ledger, payments
from services.buying import closing, finding, outcomes
from services.buying.standing import terms_of_all
from services.clearing.outcomes import Outcome
from services.payments.keys import booking_key

CONCERNED = (CommitmentState.IN, CommitmentState.OUT, CommitmentState.DROPPED)


@dataclass(frozen=True)
class Again:
    """A second decision before it is written down: what it is made of, and its outcome."""

    articles: Sequence[Article]
    concerned: Sequence[GroupBuyCommitment]
    step: clearing.Collected
    outcome: Outcome

    @property
    def kept(self) -> set[str]:
        """The articles that are still ordered."""
        return {article.key for article in self.outcome.articles if article.tier is not None}

    @property
    def gaining(self) -> set[str]:
        """The commitments that get more units of something than before."""
        before = {(line.commitment, line.article): line.units for line in self.step.earlier.lines}
        return {
            line.commitment
            for line in self.outcome.lines
            if line.units > before[line.commitment, line.article]
        }


def reclear(
    session: Session,
    group_buy: GroupBuy,
    *,
    floor_basis_points: int,
    refill: bool = False,
    no_more_than: Mapping[tuple[str, str], int] | None = None,
) -> Again:
    """What comes out with those who are in, if so much of each threshold has to be reached."""
    articles = finding.articles(session, group_buy)
    concerned = finding.commitments(session, group_buy, CONCERNED)
    step = clearing.Collected(
        earlier=outcomes.outcome_of(group_buy, articles, concerned),
        paid={str(one.id) for one in concerned if one.state == CommitmentState.IN},
        refill=refill,
        no_more_than=no_more_than or {},
        floor_basis_points=floor_basis_points,
    )
    outcome = clearing.decide(terms_of_all(group_buy, articles), outcomes.lines_of(concerned), step)
    return Again(articles, concerned, step, outcome)


def keep(session: Session, group_buy: GroupBuy, again: Again, *, now: datetime) -> Clearing:
    """Keep the proof of a second decision, whatever it came to."""
    return outcomes.keep_proof(
        session,
        group_buy,
        again.outcome,
        again.articles,
        outcomes.lines_of(again.concerned),
        step=again.step,
        now=now,
    )


def write(session: Session, group_buy: GroupBuy, again: Again, *, now: datetime) -> None:
    """Write a second decision down: who is in owes by it, and who got freed units comes in.

    Whoever has nothing any more is out, and what they paid goes back. The caller holds the
    lock of the deal and brings an outcome that succeeded.
    """
    kept = keep(session, group_buy, again, now=now)
    payments.lock_money(session, group_buy, again.concerned, now=now)
    were_in = [one for one in again.concerned if one.state == CommitmentState.IN]
    shares = {one.id: (one.freight_minor, one.share_minor) for one in were_in}
    by_commitment = again.outcome.by_commitment()
    having = {key for key, lines in by_commitment.items() if any(line.units for line in lines)}
    taking = [one for one in again.concerned if str(one.id) in having]
    outcomes.write_outcome(session, again.articles, again.concerned, again.outcome)
    dues = outcomes.reckon_dues(group_buy, again.articles, taking, again.outcome)
    for commitment in taking:
        if commitment.id in shares:
            dues[commitment.id] -= _kept_shares(
                commitment, shares[commitment.id], waits=again.step.refill
            )
    gaining = again.gaining
    closing.leave_out(
        session,
        group_buy,
        {
            one: next(line.reason.value for line in by_commitment[str(one.id)] if line.reason)
            for one in were_in
            if one.id not in dues
        },
        now=now,
    )
    _book(session, group_buy, taking, dues, kept.number, now)
    events.record_many(
        session,
        [
            closing.settled(group_buy, one, is_in=True, reason="")
            for one in taking
            if str(one.id) in gaining
        ],
        now=now,
    )


def _kept_shares(commitment: GroupBuyCommitment, before: tuple[int, int], *, waits: bool) -> int:
    """Undo what fewer heads would add to one's freight and share; the rest is the organiser's.

    While others may still fall out, nothing is taken off either. Gives what was undone.
    """
    reckoned = commitment.freight_minor + commitment.share_minor
    freight_minor, share_minor = before
    if waits:
        commitment.freight_minor, commitment.share_minor = before
    else:
        commitment.freight_minor = min(commitment.freight_minor, freight_minor)
        commitment.share_minor = min(commitment.share_minor, share_minor)
    return reckoned - commitment.freight_minor - commitment.share_minor


def _book(
    session: Session,
    group_buy: GroupBuy,
    taking: Sequence[GroupBuyCommitment],
    dues: Mapping[int, int],
    number: int,
    now: datetime,
) -> None:
    """Write the new dues into the books, under keys of this decision, the `number`th."""
    risen: dict[GroupBuyCommitment, int] = {}
    lowered: dict[Commitment, int] = {}
    joining = [one for one in taking if one.state == CommitmentState.OUT]
    for commitment in joining:
        risen[commitment] = dues[commitment.id]
        commitment.take_in(dues[commitment.id])
        commitment.changed_at = now
    borne = payments.borne_by_banks(session, group_buy.id)
    for commitment in taking:
        # What a bank has given back for good is not owed anew.
        owed_minor = max(0, dues[commitment.id] - borne.get(commitment.id, 0))
        change_minor = owed_minor - commitment.due_minor
        if change_minor:
            commitment.changed_at = now
        if change_minor > 0:
            risen[commitment] = change_minor
            commitment.due_minor += change_minor
        elif change_minor < 0:
            lowered[commitment] = -change_minor
    payments.lower_dues(
        session,
        group_buy,
        lowered,
        step=f"collected:{number}",
        reason="cleared_again",
        now=now,
    )
    payments.stand_again(session, [one.id for one in joining])
    pot = ledger.deal_account(
        session, group_buy.id, AccountPurpose.POT, group_buy.currency, now=now
    )
    own = ledger.own_accounts(
        session, [one.participant_id for one in risen], group_buy.currency, now=now
    )
    ledger.transfer_many(
        session,
        [
            ledger.Movement(
                key=booking_key(commitment.id, f"due:{number}"),
                payer_id=own[commitment.participant_id],
                payee_id=pot.id,
                amount_minor=amount_minor,
            )
            for commitment, amount_minor in risen.items()
            if amount_minor
        ],
        reason="due",
        collaboration_id=group_buy.id,
        currency=group_buy.currency,
        now=now,
    )

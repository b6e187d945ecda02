"""Matching: which payment a line of a bank statement belongs to. It looks and keeps nothing."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import Commitment
from models.ledger import Currency
from models.money import Money
from models.participants import Participant
from models.payments import BankLine, Payment, PaymentState
from services.buying.orders import MOST_MINOR
from services.payments.finding import can_be_transferred, owed_minor
from services.payments.own_debts import may_receive
from services.transfers.references import commitments_in
from services.transfers.statements import Statement, StatementLine

MOST_OPEN = 5000
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


class Fit(StrEnum):
    """How what came in fits what is owed."""

    EXACT = "exact"
    TOO_MUCH = "too_much"
    TOO_LITTLE = "too_little"
    # No reference: the amount and the name fit somebody, and nobody else.
    SUGGESTED = "suggested"
    # More than any order costs: no honest line, and never booked.
    TOO_LARGE = "too_large"
    # Owed by whoever reads the statement: it is for another organiser to book.
    OWN_DEBT = "own_debt"
    PAID_ALREADY = "paid_already"
    NOT_DUE = "not_due"


BOOKABLE = (Fit.EXACT, Fit.TOO_MUCH, Fit.TOO_LITTLE, Fit.SUGGESTED)


@dataclass(frozen=True)
class Match:
    """Lines that belong to one payment, with their sum and what is owed, in minor units."""

    fit: Fit
    commitment_id: int
    name: str
    title: str
    currency: str
    lines: Sequence[tuple[StatementLine, int]]
    owed_minor: int

    @property
    def amount_minor(self) -> int:
        return sum(minor for _, minor in self.lines)

    @property
    def difference_minor(self) -> int:
        return self.amount_minor - self.owed_minor


@dataclass(frozen=True)
class Preview:
    """What a statement would do, before anything is kept."""

    matches: Sequence[Match]
    booked_before: int
    unknown: Sequence[StatementLine]


@dataclass(frozen=True)
class _Candidate:
    payment: Payment
    deal: GroupBuy
    name: str
    exponent: int
    is_own: bool

    @property
    def is_open(self) -> bool:
        return can_be_transferred(self.payment, self.deal)

    def minor(self, line: StatementLine) -> int | None:
        """The line's amount in minor units; None in another currency, or beyond any order."""
        if line.currency not in ("", self.payment.currency):
            return None
        try:
            money = Money.from_decimal(line.amount, self.payment.currency, self.exponent)
        except ValueError:
            return None
        return money.minor if money.minor <= MOST_MINOR else None


def preview(
    session: Session, group_buy: GroupBuy, statement: Statement, *, actor: Actor
) -> Preview:
    """What each line of a statement means for the deals of this organiser that `actor` runs.

    A reference decides; without one, an amount and a name that fit one open payment alone are
    suggested. Lines of one reference are added up. Of lines that belong to nobody here nothing
    is kept, and nothing at all before `book`.
    """
    used = _used(session, group_buy.organiser_id, statement.incoming)
    named = {line.digest: commitments_in(line.text) for line in statement.incoming}
    ids = {one for several in named.values() for one in several}
    candidates = _candidates(session, group_buy, ids, actor)
    candidates = {key: one for key, one in candidates.items() if one.deal.is_organised_by(actor)}
    referred: dict[int, list[tuple[StatementLine, int]]] = {}
    rest = []
    for line in statement.incoming:
        if line.digest in used:
            continue
        known = [candidates[one] for one in named[line.digest] if one in candidates]
        minor = known[0].minor(line) if len(known) == 1 else None
        if minor is None:
            rest.append(line)
        else:
            referred.setdefault(known[0].payment.commitment_id, []).append((line, minor))
    matches = [_match(candidates[one], lines) for one, lines in referred.items()]
    free = [one for key, one in candidates.items() if key not in referred and one.is_open]
    suggested, unknown = _suggest(rest, free)
    return Preview([*matches, *suggested], len(used), unknown)


def _match(candidate: _Candidate, lines: Sequence[tuple[StatementLine, int]]) -> Match:
    owed = owed_minor(candidate.payment)
    amount = sum(minor for _, minor in lines)
    if candidate.payment.state == PaymentState.PAID:
        fit = Fit.PAID_ALREADY
    elif not candidate.is_open:
        fit = Fit.NOT_DUE
    elif amount > MOST_MINOR:
        fit = Fit.TOO_LARGE
    elif candidate.is_own:
        fit = Fit.OWN_DEBT
    elif amount == owed:
        fit = Fit.EXACT
    else:
        fit = Fit.TOO_MUCH if amount > owed else Fit.TOO_LITTLE
    return _as_match(fit, candidate, lines)


def _as_match(fit: Fit, candidate: _Candidate, lines: Sequence[tuple[StatementLine, int]]) -> Match:
    return Match(
        fit=fit,
        commitment_id=candidate.payment.commitment_id,
        name=candidate.name,
        title=candidate.deal.title,
        currency=candidate.payment.currency,
        lines=lines,
        owed_minor=owed_minor(candidate.payment),
    )


def _suggest(
    lines: Sequence[StatementLine], free: Sequence[_Candidate]
) -> tuple[list[Match], list[StatementLine]]:
    by_amount: dict[Decimal, list[tuple[_Candidate, list[frozenset[str]]]]] = {}
    for candidate in free:
        spelt = [words(candidate.name), words(candidate.name.casefold().translate(_SPELT_OUT))]
        owed = Money(owed_minor(candidate.payment), candidate.payment.currency)
        by_amount.setdefault(owed.to_decimal(candidate.exponent), []).append((candidate, spelt))
    fitting: dict[int, list[StatementLine]] = {}
    unknown, of_line = [], {}
    for line in lines:
        said = words(f"{line.name} {line.text}")
        found = [
            candidate
            for candidate, spelt in by_amount.get(line.amount, [])
            if candidate.minor(line) and any(one and one <= said for one in spelt)
        ]
        if len(found) == 1:
            fitting.setdefault(found[0].payment.commitment_id, []).append(line)
            of_line[line.digest] = found[0]
        else:
            unknown.append(line)
    suggested = []
    for several_lines in fitting.values():
        # Who seems to have paid twice the same may owe it somewhere else: one is enough to ask.
        first, *others = several_lines
        candidate = of_line[first.digest]
        pair = (first, owed_minor(candidate.payment))
        fit = Fit.OWN_DEBT if candidate.is_own else Fit.SUGGESTED
        suggested.append(_as_match(fit, candidate, [pair]))
        unknown += others
    return suggested, unknown


def words(text: str) -> frozenset[str]:
    """The words of a name without accents, in whatever order and case banks write them."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(one for one in bare if not unicodedata.combining(one))
    return frozenset(word for word in re.split(r"[\W_]+", bare) if len(word) > 1)


def _used(session: Session, payee_id: int, lines: Iterable[StatementLine]) -> frozenset[str]:
    digests = [line.digest for line in lines]
    return frozenset(
        session.scalars(
            select(BankLine.digest).where(
                BankLine.payee_id == payee_id, BankLine.digest.in_(digests)
            )
        )
    )


def _candidates(
    session: Session, group_buy: GroupBuy, commitment_ids: Iterable[int], actor: Actor
) -> Mapping[int, _Candidate]:
    """Open payments of the organiser's deals, and those that were referred to, by commitment."""
    is_open = (
        Payment.state.in_(Payment.FROM_HAND_TO_HAND)
        & Commitment.state.in_(Commitment.TAKING_PART)
        & GroupBuy.state.in_(GroupBuy.PAYABLE)
    )
    rows = session.execute(
        select(Payment, Commitment, GroupBuy, Participant.name, Currency.exponent)
        .join(Commitment, Commitment.id == Payment.commitment_id)
        .join(GroupBuy, GroupBuy.id == Commitment.collaboration_id)
        .join(Participant, Participant.id == Payment.participant_id)
        .join(Currency, Currency.code == Payment.currency)
        .where(
            GroupBuy.organiser_id == group_buy.organiser_id,
            or_(is_open, Commitment.id.in_(list(commitment_ids))),
        )
        .options(selectinload(GroupBuy.co_organisers), selectinload(GroupBuy.supplier))
        .order_by(Commitment.id.desc())
        .limit(MOST_OPEN)
    )
    return {
        payment.commitment_id: _Candidate(
            payment, deal, name, exponent, not may_receive(deal, commitment, actor)
        )
        for payment, commitment, deal, name, exponent in rows
    }

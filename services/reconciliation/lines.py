"""Lines of the gateway's balance: read in order, kept once, named in the words of the books."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.reconciliation import BalanceLine
from services.gateways import answers
from services.gateways.answers import BalanceKind, UnknownToGateway
from services.gateways.stripe import StripeGateway

# Where nothing was read before, or the gateway has forgotten it: no charge is undone later.
FIRST_READ = timedelta(days=400)


def newest_line(session: Session) -> str | None:
    """The line that was read last; the next reading goes on after it."""
    return session.scalar(select(BalanceLine.line_key).order_by(BalanceLine.id.desc()).limit(1))


def read_lines(
    gateway: StripeGateway, after: str | None, *, now: datetime
) -> Sequence[answers.BalanceLine]:
    """At most 100 lines that follow `after`, the oldest first."""
    if after is not None:
        try:
            return gateway.list_balance_lines(after)
        except UnknownToGateway:
            # The operator has changed houses: what the new one knows is read from its beginning.
            pass
    return gateway.list_balance_lines(since=now - FIRST_READ)


def keep_lines(session: Session, seen: Sequence[answers.BalanceLine]) -> int:
    """Keep lines that are new; how many they were."""
    if not seen:
        return 0
    kept = session.scalars(
        insert(BalanceLine)
        .values(
            [
                {
                    "line_key": line.id,
                    "kind": line.kind.value,
                    "subject": subject_of(line),
                    "currency": line.currency,
                    "amount_minor": line.amount_minor,
                    "fee_minor": line.fee_minor,
                    "is_matched": False,
                    "happened_at": line.created_at,
                }
                for line in seen
            ]
        )
        .on_conflict_do_nothing(index_elements=["line_key"])
        .returning(BalanceLine.id)
    )
    return len(kept.all())


def subject_of(line: answers.BalanceLine) -> str:
    """What keys of the books begin with that book the same; for what we did not do, its own name.

    What we send carries our own number and try with it, as metadata.
    """
    told = line.source_metadata
    match line.kind:
        case BalanceKind.CHARGE if line.intent_id:
            return f"intent:{line.intent_id}"
        case BalanceKind.REFUND | BalanceKind.REFUND_FAILURE if "refund" in told:
            return f"refund:{told['refund']}:{told.get('try', '')}"
        case BalanceKind.TRANSFER if "remittance" in told:
            return f"remittance:{told['remittance']}:{told.get('try', '')}"
        case BalanceKind.TRANSFER_REVERSAL if "reversal" in told:
            return f"reversal:{told['reversal']}:{told.get('try', '')}"
        case BalanceKind.CHARGEBACK:
            return f"chargeback:{line.source_id}"
        case BalanceKind.PAYOUT | BalanceKind.PAYOUT_FAILURE:
            return f"payout:{line.source_id}"
        case BalanceKind.FEE:
            return f"cost:{line.id}"
        case _:
            return f"other:{line.source_id or line.id}"

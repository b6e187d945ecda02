"""Judging: for each subject, whether the gateway's lines and our bookings come to the same sum."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ARRAY, Result, Text, bindparam, case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.actors import Actor
from models.errors import NotFound
from models.ledger import Account, AccountPurpose, Entry, Transfer
from models.reconciliation import BalanceLine, Difference

# All that keys of one subject can end with.
STEPS = ("received", "done", "failed", "withdrawn", "reinstated")
# A statement takes 65,535 parameters.
AT_ONCE = 1_000

# By subject, then by currency, in minor units.
Sums = Mapping[str, Mapping[str, int]]


def judge(session: Session, subjects: Sequence[str], *, now: datetime) -> None:
    """Mark what agrees, and keep what does not as a difference, until it does."""
    if not subjects:
        return
    lines, bookings = _lines(session, subjects), _bookings(session, subjects)
    agreed, differing = [], []
    for subject in subjects:
        at_gateway, in_books = lines.get(subject, {}), bookings.get(subject, {})
        currencies = sorted(
            one
            for one in {*at_gateway, *in_books}
            if at_gateway.get(one, 0) != in_books.get(one, 0)
        )
        if not currencies:
            agreed.append(subject)
            continue
        differing.append(
            {
                "subject": subject,
                "kind": subject.partition(":")[0],
                "currency": currencies[0],
                "at_gateway_minor": at_gateway.get(currencies[0], 0),
                "in_books_minor": in_books.get(currencies[0], 0),
                "seen_at": now,
                "note": "",
            }
        )
    _keep(session, agreed, differing, now)


def _lines(session: Session, subjects: Sequence[str]) -> Sums:
    rows = session.execute(
        select(BalanceLine.subject, BalanceLine.currency, func.sum(BalanceLine.amount_minor))
        .where(BalanceLine.subject == func.any(bindparam("subjects", subjects, ARRAY(Text))))
        .group_by(BalanceLine.subject, BalanceLine.currency)
    )
    return _nested(rows)


def _bookings(session: Session, subjects: Sequence[str]) -> Sums:
    keys = [f"{subject}:{step}" for subject in subjects for step in STEPS]
    subject = func.regexp_replace(Transfer.key, ":[^:]+$", "").label("subject")
    moved = (
        select(Transfer.id, subject)
        .where(Transfer.key == func.any(bindparam("keys", keys, ARRAY(Text))))
        .subquery()
    )
    rows = session.execute(
        select(moved.c.subject, Entry.currency, -func.sum(Entry.amount_minor))
        .join(Entry, Entry.transfer_id == moved.c.id)
        .join(Account, Account.id == Entry.account_id)
        .where(Account.purpose == AccountPurpose.GATEWAY)
        .group_by(moved.c.subject, Entry.currency)
    )
    return _nested(rows)


def _nested(rows: Result[str, str, int]) -> Sums:
    found: dict[str, dict[str, int]] = {}
    for subject, currency, minor in rows:
        found.setdefault(subject, {})[currency] = int(minor)
    return found


def _keep(
    session: Session,
    agreed: Sequence[str],
    differing: Sequence[dict[str, object]],
    now: datetime,
) -> None:
    if agreed:
        named = bindparam("agreed", agreed, ARRAY(Text))
        session.execute(
            update(BalanceLine)
            .where(BalanceLine.subject == func.any(named), ~BalanceLine.is_matched)
            .values(is_matched=True)
            .execution_options(synchronize_session=False)
        )
        session.execute(
            update(Difference)
            .where(Difference.subject == func.any(named), Difference.resolved_at.is_(None))
            .values(resolved_at=now)
            .execution_options(synchronize_session="fetch")
        )
    for start in range(0, len(differing), AT_ONCE):
        new = insert(Difference).values(list(differing[start : start + AT_ONCE]))
        # One that comes back is a new one: nobody has looked into it.
        is_back = Difference.resolved_at.is_not(None)
        anew = {
            "seen_at": case((is_back, new.excluded.seen_at), else_=Difference.seen_at),
            "note": case((is_back, ""), else_=Difference.note),
            "noted_by_id": case((is_back, None), else_=Difference.noted_by_id),
            "noted_at": case((is_back, None), else_=Difference.noted_at),
        }
        session.execute(
            new.on_conflict_do_update(
                index_elements=["subject"],
                set_={
                    **anew,
                    "currency": new.excluded.currency,
                    "at_gateway_minor": new.excluded.at_gateway_minor,
                    "in_books_minor": new.excluded.in_books_minor,
                    "resolved_at": None,
                },
            )
        )


def open_differences(session: Session, *, limit: int = 100) -> Sequence[Difference]:
    """What differs now: first what nobody has looked into."""
    return session.scalars(
        select(Difference)
        .where(Difference.resolved_at.is_(None))
        .order_by(Difference.noted_at.is_not(None), Difference.id.desc())
        .limit(limit)
    ).all()


def note(session: Session, difference_id: int, words: str, *, actor: Actor, now: datetime) -> None:
    """Keep what an operator found out; the difference stays until it is gone.

    Refuses with NotFound one that is gone.
    """
    found = session.get(Difference, difference_id, with_for_update=True)
    if found is None or found.resolved_at is not None:
        raise NotFound
    found.note, found.noted_by_id, found.noted_at = words, actor.member.id, now

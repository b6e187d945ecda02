"""Reading the books: the accounts of those whom somebody speaks for, and what moved on them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from models.actors import Actor
from models.errors import NotFound
from models.ledger import Account, AccountPurpose, Currency, Entry
from services.paging import Page, paged, position


@dataclass(frozen=True)
class TrialBalance:
    """What all accounts of one purpose hold of a currency, in minor units of `exponent` digits."""

    currency: str
    exponent: int
    purpose: AccountPurpose
    sum_minor: int


def trial_balance(session: Session) -> Sequence[TrialBalance]:
    """The sum of the entries by currency and purpose; in each currency they come to zero.

    Reckoned from what was written, not from the balances that are kept beside it.
    """
    rows = session.execute(
        select(Entry.currency, Currency.exponent, Account.purpose, func.sum(Entry.amount_minor))
        .join(Account, Account.id == Entry.account_id)
        .join(Currency, Currency.code == Entry.currency)
        .group_by(Entry.currency, Currency.exponent, Account.purpose)
        .order_by(Entry.currency, Account.purpose)
    )
    return [TrialBalance(code, exponent, of, int(total)) for code, exponent, of, total in rows]


def accounts_of(session: Session, actor: Actor) -> Sequence[Account]:
    """The accounts of the member and of the organisations they manage, in the order of opening."""
    owners = [one.id for one in actor.participants if actor.may_manage(one.id)]
    return session.scalars(
        select(Account)
        .where(Account.owner_id.in_(owners), Account.purpose == AccountPurpose.OWN)
        .order_by(Account.id)
    ).all()


def account(session: Session, account_id: int, *, actor: Actor) -> Account:
    """One of those accounts; refuses with NotFound every other."""
    found = session.get(Account, account_id)
    if found is None or found.owner_id is None or not actor.may_manage(found.owner_id):
        raise NotFound
    return found


def entries(
    session: Session, of: Account, *, after: str | None = None, limit: int = 24
) -> Page[Entry]:
    """What was added to or taken from an account, the newest first, each with its transfer.

    Refuses with CursorNotValid.
    """
    query = (
        select(Entry)
        .join(Entry.transfer)
        .where(Entry.account_id == of.id)
        .order_by(Entry.id.desc())
        .limit(limit + 1)
        .options(contains_eager(Entry.transfer))
    )
    since = position(after, int)
    if since is not None:
        query = query.where(Entry.id < since[0])
    return paged(session.scalars(query).all(), limit, lambda one: (one.id,))

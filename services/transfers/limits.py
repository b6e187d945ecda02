"""How often an account is changed, and how often a statement is read."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.members import TooManyTries
from models.words import N_
from services import throttles
from services.throttles import Limit, Try

# Each change is told to everyone who owes something: a mistake is mended, nobody is mailed all day.
CHANGES = Limit("account-changes", 3, timedelta(days=1))
# A hostile file takes seconds to read; nobody exports so many statements.
STATEMENTS = Limit("statements", 20, timedelta(hours=1))


class AccountChangedTooOften(TooManyTries):
    code = "account-changed-too-often"
    message = N_(
        "The account was changed %(limit)s times within a day, and all who owe something were told "
        "each time. You can change it again from %(until)s on."
    )


def count_change(session: Session, group_buy: GroupBuy, *, now: datetime) -> None:
    """Before others are told another account, in that act; refuses with AccountChangedTooOften."""
    change = Try(CHANGES, str(group_buy.id))
    throttles.take_in_act(session, change, refusal=AccountChangedTooOften, now=now)


def count_statement(session: Session, *, actor: Actor, now: datetime) -> None:
    """Before a statement is read, and kept whatever it holds; refuses with TooManyTries."""
    throttles.take(session, Try(STATEMENTS, str(actor.member.id)), now=now)

"""The statement of an account: month by month, for the screen, for paper and for a spreadsheet."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone, gettext

from marketplace import auth, db, filters
from marketplace.auth import member_required
from marketplace.payouts.blueprint import bp
from marketplace.payouts.wording import OWN_BOOKINGS
from marketplace.tables import download, spelling
from models.ledger import Account
from models.money import Money
from services import ledger, payouts
from services.buying.sheets import Cell, written
from services.ledger.statements import Statement, by_hand, first_moved_at, statement

MOST_MONTHS = 60
EARLIEST = date(2000, 1, 1)


@bp.get("/statement")
@member_required
def show_statement() -> ResponseReturnValue:
    session = db.session()
    accounts = _accounts()
    chosen = _chosen(accounts)
    month, this_month = _month(), _today().replace(day=1)
    months = _months(chosen, _today())
    return render_template(
        "payouts/statement.html",
        currencies=[(one.currency, one.currency) for one in accounts],
        chosen=chosen,
        month=month,
        month_key=_key(month),
        months=_choices(month, months) if months else [],
        statement=_statement(chosen, month) if chosen is not None else None,
        by_hand_minor=by_hand(session, chosen) if chosen is not None and month == this_month else 0,
        words=OWN_BOOKINGS,
        owner=auth.signed_in_actor().participant,
        now=db.now(session),
    )


@bp.get("/statement.csv")
@member_required
def export_statement() -> ResponseReturnValue:
    chosen = _chosen(_accounts())
    if chosen is None:
        abort(404)
    month = _month()
    text = _table(_statement(chosen, month))
    return download(text, f"statement-{chosen.currency}-{_key(month)}.csv")


def _accounts() -> list[Account]:
    actor = auth.signed_in_actor()
    payouts.guard_payee(actor)
    found = ledger.accounts_of(db.session(), actor)
    return [one for one in found if one.owner_id == actor.participant.id]


def _chosen(accounts: list[Account]) -> Account | None:
    wanted = request.args.get("currency", "")
    named = [one for one in accounts if one.currency == wanted]
    return next(iter([*named, *accounts]), None)


def _zone() -> ZoneInfo:
    return ZoneInfo(str(get_timezone()))


def _today() -> date:
    return db.now(db.session()).astimezone(_zone()).date()


def _month() -> date:
    """The first day of the month that is asked for; this month, if it names none we know."""
    this_month = _today().replace(day=1)
    try:
        asked = date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        return this_month
    return asked if EARLIEST <= asked <= this_month else this_month


def _key(month: date) -> str:
    return f"{month:%Y-%m}"


def _after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _statement(account: Account, month: date) -> Statement:
    zone = _zone()
    return statement(
        db.session(),
        account,
        from_at=datetime(month.year, month.month, 1, tzinfo=zone),
        until_at=datetime(*_after(month).timetuple()[:3], tzinfo=zone),
    )


def _months(account: Account | None, today: date) -> list[date]:
    """The months to choose from, the newest first: back to when the account was first moved."""
    first_at = first_moved_at(db.session(), account) if account is not None else None
    if first_at is None:
        return []
    month = first_at.astimezone(_zone()).date().replace(day=1)
    found = []
    while month <= today:
        found.append(month)
        month = _after(month)
    return found[::-1][:MOST_MONTHS]


def _choices(month: date, months: list[date]) -> list[tuple[str, str]]:
    """The months to choose from, and the one that is read."""
    every = sorted({month, *months}, reverse=True)
    return [(_key(one), filters.month(one)) for one in every]


def _table(shown: Statement) -> str:
    currency = shown.account.currency
    rows: list[list[Cell]] = [
        [
            line.made_at,
            gettext(OWN_BOOKINGS[line.reason]) if line.reason in OWN_BOOKINGS else line.reason,
            line.title,
            Money(line.amount_minor, currency),
            Money(line.balance_minor, currency),
            currency,
        ]
        for line in shown.lines
    ]
    header = ("moment", "reason", "group_buy", "amount", "balance", "currency")
    return written(header, rows, exponent=filters.exponent(currency), spelling=spelling())

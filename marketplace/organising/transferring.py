"""Transfers: the account that people pay to, and the bank's statement that says who did."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.forms import Form
from marketplace.organising import statements
from marketplace.organising.blueprint import bp, organised
from marketplace.organising.schemas import Account, Receipts
from marketplace.schemas import Schema
from models.buying import GroupBuy
from models.words import N_
from services import transfers
from services.buying import cash_back
from services.transfers import Fit, Preview

# How a line fits: what it is called, what to do about it, and whether it is ticked.
FITS: dict[Fit, tuple[str, str, bool]] = {
    Fit.EXACT: (N_("Fits"), "", True),
    Fit.TOO_MUCH: (N_("Too much"), N_("%(amount)s too much: you give it back afterwards."), True),
    Fit.TOO_LITTLE: (
        N_("Too little"),
        N_("%(amount)s are missing. Tick it only if you let them off the rest."),
        False,
    ),
    Fit.SUGGESTED: (
        N_("Perhaps"),
        N_("No reference, but name and amount fit. Tick it if it is right."),
        False,
    ),
    Fit.TOO_LARGE: (
        N_("Too large"),
        N_("No order costs so much. Look at these lines in your online banking."),
        False,
    ),
    Fit.OWN_DEBT: (
        N_("Your own"),
        N_("You owe this yourself. Another organiser has to upload the statement and book it."),
        False,
    ),
    Fit.PAID_ALREADY: (
        N_("Paid already"),
        N_("This order is paid. If the money came twice, give it back."),
        False,
    ),
    Fit.NOT_DUE: (N_("Not due"), N_("Nothing is owed for this order now."), False),
}


class Statement(Schema):
    """A bank's statement; the file itself is read apart."""


@bp.get("/group-buys/<slug>/desk/transfers")
@member_required
def transferring(slug: str) -> str:
    return _page(slug)


@bp.post("/group-buys/<slug>/desk/transfers/account")
@member_required
def name_account(slug: str) -> ResponseReturnValue:
    organised(db.session(), slug)
    form = Form.sent(Account)
    with form.refusals(), form.transaction() as session:
        transfers.name_account(
            session,
            organised(session, slug, lock=True),
            **form.fields,
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    if form.is_accepted:
        flash(gettext("The account is saved. Only who owes something sees it."))
        return redirect(url_for("organising.transferring", slug=slug), 303)
    return _page(slug, form), form.status


@bp.post("/group-buys/<slug>/desk/transfers/account/removal")
@member_required
def drop_account(slug: str) -> ResponseReturnValue:
    with db.transaction() as session:
        transfers.drop_account(
            session,
            organised(session, slug, lock=True),
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    flash(gettext("The account is removed."))
    return redirect(url_for("organising.transferring", slug=slug), 303)


@bp.post("/group-buys/<slug>/desk/transfers/statement")
@member_required
def look_at_statement(slug: str) -> ResponseReturnValue:
    """Show what a statement would do; nothing of it is kept."""
    session, actor = db.session(), auth.signed_in_actor()
    group_buy = organised(session, slug)
    form = Form.sent(Statement)
    sent = request.files.get("file")
    with form.refusals():
        statements.count_upload()
        # One byte more than is allowed tells what is too large.
        content = sent.stream.read(transfers.MOST_BYTES + 1) if sent else b""
        statement = transfers.read(content)
    if not form.is_accepted:
        return _page(slug, upload=form), form.status
    found = transfers.preview(session, group_buy, statement, actor=actor)
    return _preview_page(group_buy, statement, found)


@bp.post("/group-buys/<slug>/desk/transfers/receipts")
@member_required
def receive(slug: str) -> ResponseReturnValue:
    """Book the lines that were ticked."""
    group_buy, form = organised(db.session(), slug), Form.sent(Receipts)
    actor, said = auth.signed_in_actor(), form.fields
    ticked = statements.taken(group_buy, said["seen"], said["take"], actor) if form.is_valid else []
    if not ticked:
        form.add_error("file", gettext("Please upload the statement again, and tick what came."))
        return _page(slug, upload=form), 422
    with db.transaction() as session:
        done = transfers.book(
            session,
            organised(session, slug),
            ticked,
            actor=actor,
            now=db.now(session),
        )
    if done.received:
        flash(
            ngettext(
                "%(num)s payment is received, and its payer is told.",
                "%(num)s payments are received, and their payers are told.",
                done.received,
            )
        )
    if done.passed_over:
        flash(
            ngettext(
                "%(num)s was booked before, or is not owed any more.",
                "%(num)s were booked before, or are not owed any more.",
                done.passed_over,
            )
        )
    return redirect(url_for("organising.transferring", slug=slug), 303)


def _preview_page(group_buy: GroupBuy, statement: transfers.Statement, found: Preview) -> str:
    order = list(FITS)
    return render_template(
        "organising/statement.html",
        group_buy=group_buy,
        statement=statement,
        found=found,
        matches=sorted(found.matches, key=lambda one: (order.index(one.fit), one.name)),
        bookable=transfers.BOOKABLE,
        fits=FITS,
        seen=statements.signed(group_buy, found, auth.signed_in_actor()),
    )


def _page(slug: str, form: Form | None = None, upload: Form | None = None) -> str:
    session = db.session()
    group_buy = organised(session, slug)
    account = transfers.account_of(session, group_buy.id)
    shown: dict[str, str | int] = {"due_days": 7}
    if account is not None:
        shown = {name: getattr(account, name) for name in ("holder", "bic", "due_days")}
        shown["iban"] = transfers.written(account.iban)
    return render_template(
        "organising/transfers.html",
        group_buy=group_buy,
        account=account,
        may_name=auth.signed_in_actor().may_manage(group_buy.organiser_id),
        awaited=transfers.awaited(session, group_buy),
        backs=cash_back.open_ones(session, group_buy),
        written=transfers.written,
        form=form or Form(Account, shown=shown),
        upload=upload or Form(Statement),
        megabytes=transfers.MOST_BYTES // 1024**2,
    )

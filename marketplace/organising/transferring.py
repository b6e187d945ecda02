"""Transfers: the account that people pay to, and the bank's statement that says who did."""

from datetime import date

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from itsdangerous import BadSignature, URLSafeTimedSerializer
from marshmallow import fields

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.fields import Count, Id, Words
from marketplace.forms import Form
from marketplace.organising.blueprint import bp, organised
from marketplace.schemas import Schema
from models.buying import GroupBuy
from models.errors import Refused
from models.words import N_
from services import transfers
from services.buying import cash_back
from services.transfers import Fit, Preview, Taken

# A preview that lies about for longer may say what is not true any more.
PREVIEW_SECONDS = 24 * 60 * 60

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
    Fit.PAID_ALREADY: (
        N_("Paid already"),
        N_("This order is paid. If the money came twice, give it back."),
        False,
    ),
    Fit.NOT_DUE: (N_("Not due"), N_("Nothing is owed for this order now."), False),
}


class Account(Schema):
    holder = Words(required=True, most=70)
    iban = Words(required=True, most=60)
    bic = Words(most=20, load_default="")
    due_days = Count(required=True, least=1, most=60)


class Statement(Schema):
    """A bank's statement; the file itself is read apart."""


class Receipts(Schema):
    """What was ticked of a statement, with the signed words of what was shown."""

    # What is missing or was changed is not signed; either way the statement is asked for again.
    seen = fields.String(load_default="")
    take = fields.List(Id(), load_default=list)


@bp.get("/group-buys/<slug>/desk/transfers")
@member_required
def transferring(slug: str) -> str:
    return _page(slug)


@bp.post("/group-buys/<slug>/desk/transfers/account")
@member_required
def name_account(slug: str) -> ResponseReturnValue:
    organised(db.session(), slug)
    form, status = Form.sent(Account), 422
    if form.is_valid:
        try:
            with db.transaction() as session:
                transfers.name_account(
                    session,
                    organised(session, slug, lock=True),
                    **form.fields,
                    actor=auth.signed_in_actor(),
                    now=db.now(session),
                )
        except Refused as refusal:
            status = form.refuse(refusal)
        else:
            flash(gettext("The account is saved. Only who owes something sees it."))
            return redirect(url_for("organising.transferring", slug=slug), 303)
    return _page(slug, form), status


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
    try:
        # One byte more than is allowed tells what is too large.
        content = sent.stream.read(transfers.MOST_BYTES + 1) if sent else b""
        statement = transfers.read(content)
    except Refused as refusal:
        status = form.refuse(refusal)
        return _page(slug, upload=form), status
    found = transfers.preview(session, group_buy, statement, actor=actor)
    return _preview_page(group_buy, statement, found)


@bp.post("/group-buys/<slug>/desk/transfers/receipts")
@member_required
def receive(slug: str) -> ResponseReturnValue:
    """Book the lines that were ticked."""
    group_buy, form = organised(db.session(), slug), Form.sent(Receipts)
    ticked = _ticked(group_buy, form) if form.is_valid else []
    if not ticked:
        form.add_error("file", gettext("Please upload the statement again, and tick what came."))
        return _page(slug, upload=form), 422
    with db.transaction() as session:
        done = transfers.book(
            session,
            organised(session, slug),
            ticked,
            actor=auth.signed_in_actor(),
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


def _ticked(group_buy: GroupBuy, form: Form) -> list[Taken]:
    """What was ticked of a preview that was shown to this member, and not changed since."""
    try:
        organiser_id, member_id, rows = _signer().loads(
            form.fields["seen"], max_age=PREVIEW_SECONDS
        )
    except BadSignature:
        return []
    if (organiser_id, member_id) != (group_buy.organiser_id, auth.signed_in_actor().member.id):
        return []
    wanted = set(form.fields["take"])
    return [
        Taken(
            commitment_id,
            [(digest, minor, date.fromisoformat(day)) for digest, minor, day in lines],
        )
        for commitment_id, lines in rows
        if commitment_id in wanted
    ]


def _signer() -> URLSafeTimedSerializer:
    assert current_app.secret_key is not None
    return URLSafeTimedSerializer(current_app.secret_key, salt="bank-statement")


def _preview_page(group_buy: GroupBuy, statement: transfers.Statement, found: Preview) -> str:
    rows = [
        [
            one.commitment_id,
            [(line.digest, minor, str(line.booked_on)) for line, minor in one.lines],
        ]
        for one in found.matches
        if one.fit in transfers.BOOKABLE
    ]
    seen = [group_buy.organiser_id, auth.signed_in_actor().member.id, rows]
    order = list(FITS)
    return render_template(
        "organising/statement.html",
        group_buy=group_buy,
        statement=statement,
        found=found,
        matches=sorted(found.matches, key=lambda one: (order.index(one.fit), one.name)),
        bookable=transfers.BOOKABLE,
        fits=FITS,
        seen=_signer().dumps(seen),
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

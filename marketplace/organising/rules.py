"""The fourth step: who supplies, how it is paid, and which rules hold."""

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from marketplace import db
from marketplace.auth import member_required
from marketplace.forms import Form
from marketplace.look_ups import count_look_up
from marketplace.organising import typed
from marketplace.organising.blueprint import bp, drafted, organised
from marketplace.organising.schemas import AMOUNTS, minor_of, rules_schema
from models.buying import GroupBuy
from services.buying import opening, revising
from services.buying.collecting import DECISION_LIMIT
from services.participants.lookup import find_participant

_SAME = (
    "by_card", "at_pickup", "rationing", "withdrawal_policy", "payee", "shortfall_rule",
    "collecting_days", "extends_to_at", "freight_rule", "share_rule",
)  # fmt: skip


@bp.get("/group-buys/<slug>/draft/rules")
@member_required
def rules(slug: str) -> str:
    group_buy = drafted(db.session(), slug)
    currency = group_buy.currency
    shown: dict[str, Any] = {
        name: str(getattr(group_buy, name)) for name in _SAME if name not in _FLAGS
    }
    shown |= {name: "true" if getattr(group_buy, name) else "" for name in _FLAGS}
    shown |= {
        name: typed.amount(getattr(group_buy, f"{name}_minor") or None, currency)
        for name in AMOUNTS
    }
    shown["extends_to_at"] = typed.moment(group_buy.extends_to_at)
    shown["floor_percent"] = typed.hundredths(group_buy.floor_basis_points)
    shown |= _shown_supplier(group_buy)
    return _page(group_buy, Form(rules_schema(currency), shown=shown))


_FLAGS = ("by_card", "at_pickup")


@bp.post("/group-buys/<slug>/draft/rules")
@member_required
def set_rules(slug: str) -> ResponseReturnValue:
    form = Form.sent(rules_schema(organised(db.session(), slug).currency))
    with form.refusals():
        form.guard_filled_in()
        if form.fields["supplier_is"] == "member":
            count_look_up()
        with db.transaction() as session:
            group_buy = organised(session, slug, lock=True)
            changes = {**_columns(form), **_supplier(session, group_buy, form)}
            revising.revise(session, group_buy, now=db.now(session), **changes)
    if form.is_accepted:
        return redirect(url_for("organising.review", slug=slug), 303)
    return _page(organised(db.session(), slug), form), form.status


def _columns(form: Form) -> dict[str, Any]:
    said = form.fields
    amounts = {f"{name}_minor": minor_of(said[name]) for name in AMOUNTS}
    return {
        **{name: said[name] for name in _SAME},
        **amounts,
        "floor_basis_points": said["floor_percent"],
    }


def _supplier(session: Session, group_buy: GroupBuy, form: Form) -> dict[str, Any]:
    said = form.fields
    columns: dict[str, Any] = {"supplier_id": None, "supplier_name": "", "supplier_email": ""}
    if said["supplier_is"] == "self":
        columns["supplier_id"] = group_buy.organiser_id
    elif said["supplier_is"] == "member":
        found = find_participant(session, said["supplier_member"], field="supplier_member")
        columns["supplier_id"] = found.id
    elif said["supplier_is"] == "other":
        columns["supplier_name"] = said["supplier_name"]
        columns["supplier_email"] = said["supplier_email"]
    return columns


def _shown_supplier(group_buy: GroupBuy) -> dict[str, str]:
    shown = {
        "supplier_is": "none",
        "supplier_name": group_buy.supplier_name,
        "supplier_email": group_buy.supplier_email,
    }
    if group_buy.supplier is not None:
        is_self = group_buy.supplier_id == group_buy.organiser_id
        shown["supplier_is"] = "self" if is_self else "member"
        shown["supplier_member"] = "" if is_self else group_buy.supplier.slug
    elif group_buy.supplier_name:
        shown["supplier_is"] = "other"
    return shown


def _page(group_buy: GroupBuy, form: Form) -> str:
    session = db.session()
    return render_template(
        "organising/rules.html",
        missing=opening.missing(session, group_buy, now=db.now(session)),
        group_buy=group_buy,
        form=form,
        decision_days=DECISION_LIMIT.days,
    )

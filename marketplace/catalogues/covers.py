"""The shelf of catalogues, and beginning a new one."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.catalogues.blueprint import asked, bp, editable, locked
from marketplace.catalogues.schemas import CoverForm, NewCatalogue
from marketplace.forms import Form
from models.catalogues import Catalogue
from services import catalogues
from services.catalogues import VAT_RATES, Cover


@bp.get("")
@member_required
def index() -> str:
    """The catalogues of whom I act as."""
    actor = auth.signed_in_actor()
    page = catalogues.of_owner(db.session(), actor=actor, after=asked("after"))
    return render_template(
        "catalogues/index.html", page=page, may_make=actor.may_manage(actor.participant.id)
    )


@bp.get("/new")
@member_required
def new() -> str:
    return _new(Form(NewCatalogue, shown={"country": "DE", "currency": "EUR"}))


@bp.post("")
@member_required
def make() -> ResponseReturnValue:
    form = Form.sent(NewCatalogue)
    with form.refusals(), form.transaction() as session:
        made = catalogues.make(
            session,
            Cover(**form.fields),
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    if form.is_accepted:
        return redirect(url_for("catalogues.show", catalogue_id=made.id), 303)
    return _new(form), form.status


@bp.get("/<id:catalogue_id>/edit")
@member_required
def edit(catalogue_id: int) -> str:
    catalogue = editable(catalogue_id)
    shown = {"name": catalogue.name, "country": catalogue.country}
    return _edit(catalogue, Form(CoverForm, shown=shown))


@bp.post("/<id:catalogue_id>")
@member_required
def describe(catalogue_id: int) -> ResponseReturnValue:
    catalogue = editable(catalogue_id)
    form = Form.sent(CoverForm)
    with form.refusals(), form.transaction() as session:
        catalogues.describe(
            session,
            locked(session, catalogue_id),
            Cover(**form.fields),
            actor=auth.signed_in_actor(),
        )
    if form.is_accepted:
        flash(gettext("Kept."))
        return redirect(url_for("catalogues.show", catalogue_id=catalogue_id), 303)
    return _edit(catalogue, form), form.status


def _new(form: Form) -> str:
    return render_template(
        "catalogues/new.html",
        form=form,
        countries=_countries(),
        currencies=[(code, code) for code in catalogues.currencies(db.session())],
    )


def _edit(catalogue: Catalogue, form: Form) -> str:
    return render_template(
        "catalogues/edit.html", catalogue=catalogue, form=form, countries=_countries()
    )


def _countries() -> list[tuple[str, str]]:
    """The countries whose VAT rates we know, by their names in the reader's language."""
    names = get_locale().territories
    return sorted(((code, names[code]) for code in VAT_RATES), key=lambda country: country[1])

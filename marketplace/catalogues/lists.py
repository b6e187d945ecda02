"""Uploading a list, and keeping it or throwing it away once it has been looked at."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.catalogues.blueprint import bp, editable, locked, version_url
from marketplace.catalogues.schemas import UploadForm, percent_text
from marketplace.forms import Form
from models.catalogues import Catalogue
from services import catalogues
from services.catalogues import MOST_BYTES, Upload, VatRates


@bp.get("/<id:catalogue_id>/upload")
@member_required
def choose(catalogue_id: int) -> str:
    catalogue = editable(catalogue_id)
    rates = catalogues.proposed_vat_rates(db.session(), catalogue)
    shown = {
        "vat_reduced": percent_text(rates.reduced_basis_points),
        "vat_standard": percent_text(rates.standard_basis_points),
    }
    return _page(catalogue, Form(UploadForm, shown=shown))


@bp.post("/<id:catalogue_id>/versions")
@member_required
def upload(catalogue_id: int) -> ResponseReturnValue:
    catalogue = editable(catalogue_id)
    form = Form.sent(UploadForm)
    with form.refusals(), form.transaction() as session:
        version = catalogues.upload(
            session,
            locked(session, catalogue_id),
            _sent_file(form),
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    if form.is_accepted:
        return redirect(version_url(version), 303)
    return _page(catalogue, form), form.status


@bp.post("/<id:catalogue_id>/versions/<int(max=999999999):number>/confirmation")
@member_required
def keep(catalogue_id: int, number: int) -> ResponseReturnValue:
    with db.transaction() as session:
        catalogue = locked(session, catalogue_id)
        version = catalogues.version(session, catalogue, number, lock=True)
        catalogues.keep(
            session, catalogue, version, actor=auth.signed_in_actor(), now=db.now(session)
        )
    flash(gettext("The list is kept. New group buys are made from it."))
    return redirect(url_for("catalogues.show", catalogue_id=catalogue_id), 303)


@bp.post("/<id:catalogue_id>/versions/<int(max=999999999):number>/removal")
@member_required
def throw_away(catalogue_id: int, number: int) -> ResponseReturnValue:
    with db.transaction() as session:
        catalogue = locked(session, catalogue_id)
        version = catalogues.version(session, catalogue, number, lock=True)
        catalogues.throw_away(
            session, catalogue, version, actor=auth.signed_in_actor(), now=db.now(session)
        )
    flash(gettext("The list is thrown away. Nothing of it was kept."))
    return redirect(url_for("catalogues.show", catalogue_id=catalogue_id), 303)


def _sent_file(form: Form) -> Upload:
    sent = request.files.get("file")
    rates = VatRates(form.fields["vat_reduced"], form.fields["vat_standard"])
    if sent is None:
        return Upload(b"", rates)
    # One byte more than is allowed tells what is too large.
    return Upload(sent.stream.read(MOST_BYTES + 1), rates, sent.filename or "")


def _page(catalogue: Catalogue, form: Form) -> str:
    return render_template(
        "catalogues/upload.html",
        catalogue=catalogue,
        form=form,
        waiting=catalogues.waiting(db.session(), catalogue),
        megabytes=MOST_BYTES // 1024**2,
    )

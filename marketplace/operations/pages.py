"""Operations, for people: legal texts for everyone, the operator's page for operators."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, context, db
from marketplace.auth import operator_required
from marketplace.config import LOCALES
from marketplace.forms import Form
from marketplace.operations.blueprint import bp
from marketplace.operations.legal_text import legal_markdown
from marketplace.operations.schemas import Bounce, LegalForm
from marketplace.operations.starters import starter
from models.money import Money
from models.operations import LegalKind
from models.words import N_
from services import mailing, operations, payments

bp.add_app_template_filter(legal_markdown)

TITLES = {
    LegalKind.IMPRINT: N_("Imprint"),
    LegalKind.PRIVACY: N_("Privacy"),
    LegalKind.TERMS: N_("Terms of use"),
    LegalKind.ACCESSIBILITY: N_("Accessibility"),
}


@bp.get("/imprint", defaults={"kind": LegalKind.IMPRINT})
@bp.get("/privacy", defaults={"kind": LegalKind.PRIVACY})
@bp.get("/terms", defaults={"kind": LegalKind.TERMS})
@bp.get("/accessibility", defaults={"kind": LegalKind.ACCESSIBILITY})
def legal(kind: LegalKind) -> ResponseReturnValue:
    """The text that holds now; in another language, where the reader's is missing."""
    text = operations.published(db.session(), kind, context.choose_locale())
    older = operations.versions(db.session(), kind, text.locale) if text else []
    return render_template(
        "operations/legal.html", title=TITLES[kind], kind=kind, text=text, newest=text, older=older
    )


@bp.get("/legal/<kind>/<locale>/<int(max=999999999):number>")
def legal_version(kind: str, locale: str, number: int) -> ResponseReturnValue:
    wanted = _kind(kind)
    text = operations.version(db.session(), wanted, locale, number)
    versions = operations.versions(db.session(), wanted, locale)
    return render_template(
        "operations/legal.html",
        title=TITLES[wanted],
        kind=wanted,
        text=text,
        newest=versions[0],
        older=versions,
    )


def _kind(name: str) -> LegalKind:
    if name not in list(LegalKind):
        abort(404)
    return LegalKind(name)


@bp.get("/operator")
@operator_required
def overview() -> ResponseReturnValue:
    return _overview(Form(Bounce))


def _overview(form: Form) -> str:
    session = db.session()
    now = db.now(session)
    return render_template(
        "operations/overview.html",
        form=form,
        overview=operations.look(session, now=now),
        jobs=operations.counts(session, now=now),
        failed_jobs=operations.failed(session),
        failed_refunds=[
            (one, Money(one.amount_minor, one.payment.currency))
            for one in payments.failed_refunds(session)
        ],
        failed_mails=mailing.failed(session),
        check=operations.last_check(session),
        missing=[TITLES[kind] for kind in operations.missing(session)],
        titles=TITLES,
    )


@bp.post("/operator/ledger-checks")
@operator_required
def check_books() -> ResponseReturnValue:
    with db.transaction() as session:
        check = operations.check_books(session, now=db.now(session))
    flash(gettext("The books are sound.") if check.is_sound else gettext("The books are wrong."))
    return redirect(url_for("operations.overview"), 303)


@bp.post("/operator/jobs/<int:job_id>/retry")
@operator_required
def retry_job(job_id: int) -> ResponseReturnValue:
    with db.transaction() as session:
        operations.retry(session, job_id, actor=auth.signed_in_actor(), now=db.now(session))
    flash(gettext("The job will be done once more."))
    return redirect(url_for("operations.overview"), 303)


@bp.post("/operator/refunds/<int:refund_id>/retry")
@operator_required
def try_refund_again(refund_id: int) -> ResponseReturnValue:
    with db.transaction() as session:
        payments.try_refund_again(
            session, refund_id, actor=auth.signed_in_actor(), now=db.now(session)
        )
    flash(gettext("The refund will be sent once more."))
    return redirect(url_for("operations.overview"), 303)


@bp.post("/operator/mails/<int:mail_id>/retry")
@operator_required
def send_mail_again(mail_id: int) -> ResponseReturnValue:
    with db.transaction() as session:
        is_sent = mailing.send_again(session, mail_id)
    if is_sent:
        flash(gettext("The mail will be sent once more."))
    else:
        flash(gettext("What it said is forgotten. The next mail goes to this address again."))
    return redirect(url_for("operations.overview"), 303)


@bp.post("/operator/bounces")
@operator_required
def mark_bounced() -> ResponseReturnValue:
    """A mail came back; where it was meant to go, no notices are mailed any more."""
    form = Form.sent(Bounce)
    if not form.is_valid:
        return _overview(form), 422
    with db.transaction() as session:
        count = mailing.mark_bounced(session, form.fields["address"], form.fields["why"])
    flash(gettext("Mails marked as come back: %(count)s", count=count))
    return redirect(url_for("operations.overview"), 303)


@bp.get("/operator/legal/<kind>/<locale>")
@operator_required
def edit_legal(kind: str, locale: str) -> ResponseReturnValue:
    """The editor, filled with the text in force, or with a starter where there is none."""
    wanted = _kind(kind)
    if locale not in LOCALES:
        abort(404)
    versions = operations.versions(db.session(), wanted, locale)
    body = versions[0].body if versions else starter(wanted, locale)
    form = Form(LegalForm, shown={"kind": wanted, "locale": locale, "body": body})
    return _editor(form, wanted, locale, is_new=not versions)


@bp.post("/operator/legal/<kind>/<locale>")
@operator_required
def publish_legal(kind: str, locale: str) -> ResponseReturnValue:
    wanted = _kind(kind)
    if locale not in LOCALES:
        abort(404)
    form = Form.sent(LegalForm(partial=("kind", "locale"), unknown="exclude"))
    if not form.is_valid:
        return _editor(form, wanted, locale), 422
    if form.fields["preview"]:
        return _editor(form, wanted, locale, preview=form.fields["body"])
    with db.transaction() as session:
        operations.publish(
            session,
            wanted,
            locale,
            body=form.fields["body"],
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    flash(gettext("Published. The version before it stays readable."))
    return redirect(url_for("operations.overview"), 303)


def _editor(form: Form, kind: LegalKind, locale: str, **more: Any) -> str:
    return render_template(
        "operations/legal_editor.html",
        form=form,
        kind=kind,
        title=TITLES[kind],
        edited_locale=locale,
        language=LOCALES[locale],
        **{"preview": "", "is_new": False, **more},
    )

"""Reports and cases, for people: everyone reports, moderators decide, everyone reads the log."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, context, db
from marketplace.auth import member_required, moderator_required
from marketplace.disputes import words
from marketplace.disputes.schemas import (
    DecisionForm,
    ReportForm,
    ResumptionForm,
    StrangersReport,
)
from marketplace.forms import Form
from marketplace.link_keys import link_key
from marketplace.older import older_than
from models.disputes import CaseState, Target
from services import disputes, throttles
from services.disputes import Reported
from services.throttles import Limit, Try

bp = Blueprint("disputes", __name__)

BY_STRANGERS = Limit("report", 5, timedelta(hours=1))
BY_ADDRESS = Limit("report-address", 5, timedelta(days=1))


@bp.get("/report/<target>/<int:target_id>")
def ask_report(target: str, target_id: int) -> ResponseReturnValue:
    return _report_page(_reported(target, target_id), Form(_schema()))


@bp.post("/report/<target>/<int:target_id>")
def report(target: str, target_id: int) -> ResponseReturnValue:
    form = Form.sent(_schema())
    with form.refusals():
        form.guard_filled_in()
        _throttle(form)
        with db.transaction() as session:
            reported = _reported(target, target_id)
            disputes.report(
                session,
                reported,
                **form.fields,
                actor=auth.actor(),
                locale=context.choose_locale(),
                now=db.now(session),
            )
    if form.is_accepted:
        flash(gettext("Thank you. A moderator will look at it and write to you."))
        return redirect(_way_back(reported), 303)
    return _report_page(_reported(target, target_id), form), form.status


def _schema() -> type[ReportForm]:
    return ReportForm if auth.actor() else StrangersReport


def _reported(target: str, target_id: int) -> Reported:
    if target not in list(Target):
        abort(404)
    return disputes.find_target(
        db.session(),
        Target(target),
        target_id,
        actor=auth.actor(),
        link_key=link_key(),
    )


def _throttle(form: Form) -> None:
    """Count a stranger's report, whatever becomes of it."""
    if auth.actor() is None:
        with db.transaction() as session:
            throttles.take(
                session,
                Try(BY_STRANGERS, throttles.network(request.remote_addr or "")),
                Try(BY_ADDRESS, form.fields["email"].lower()),
                now=db.now(session),
            )


def _way_back(reported: Reported) -> str:
    key = link_key()
    path, _, fragment = reported.path.partition("#")
    return f"{path}?key={key}#{fragment}" if key else reported.path


def _report_page(reported: Reported, form: Form) -> str:
    return render_template(
        "disputes/report.html",
        reported=reported,
        grounds=words.GROUNDS,
        targets=words.TARGETS,
        key=link_key(),
        form=form,
    )


@bp.get("/moderation")
@moderator_required
def queue() -> ResponseReturnValue:
    wanted = request.args.get("state", "")
    state = CaseState(wanted) if wanted in list(CaseState) else None
    cases, before = disputes.queue(
        db.session(), actor=auth.signed_in_actor(), state=state, before=older_than()
    )
    return render_template(
        "disputes/queue.html", cases=cases, before=before, state=state, **_words()
    )


@bp.get("/moderation/<int:case_id>")
@moderator_required
def case(case_id: int) -> ResponseReturnValue:
    return _case_page(case_id)


@bp.post("/moderation/<int:case_id>/taking-up")
@moderator_required
def take_up(case_id: int) -> ResponseReturnValue:
    with db.transaction() as session:
        disputes.take_up(session, case_id, actor=auth.signed_in_actor(), now=db.now(session))
    flash(gettext("This case is yours now."))
    return redirect(url_for("disputes.case", case_id=case_id), 303)


@bp.post("/moderation/<int:case_id>/decision")
@moderator_required
def decide(case_id: int) -> ResponseReturnValue:
    form = Form.sent(DecisionForm)
    with form.refusals(), form.transaction() as session:
        actor = auth.signed_in_actor()
        disputes.decide(session, case_id, **form.fields, actor=actor, now=db.now(session))
    if form.is_accepted:
        flash(gettext("Decided. Author and reporters are told the reasons."))
        return redirect(url_for("disputes.case", case_id=case_id), 303)
    return _case_page(case_id, form), form.status


@bp.post("/moderation/<int:case_id>/resumption")
@moderator_required
def resume(case_id: int) -> ResponseReturnValue:
    """Let go on what this case has paused."""
    form = Form.sent(ResumptionForm)
    with form.refusals(), form.transaction() as session:
        actor = auth.signed_in_actor()
        disputes.lift(session, case_id, **form.fields, actor=actor, now=db.now(session))
    if form.is_accepted:
        flash(gettext("It goes on. Whoever joined or reported it is told why."))
        return redirect(url_for("disputes.case", case_id=case_id), 303)
    return _case_page(case_id, form), form.status


def _case_page(case_id: int, form: Form | None = None) -> str:
    session = db.session()
    found = disputes.find(session, case_id, actor=auth.signed_in_actor())
    return render_template(
        "disputes/case.html",
        case=found,
        form=form or Form(DecisionForm if found.is_open else ResumptionForm),
        may_lift=disputes.may_lift(session, found),
        **_words(),
    )


@bp.get("/cases/<int:case_id>")
@member_required
def decision(case_id: int) -> ResponseReturnValue:
    """The decision, for its author and those who reported."""
    found = disputes.find_decided(db.session(), case_id, actor=auth.signed_in_actor())
    return render_template("disputes/decision.html", case=found, **_words())


@bp.get("/moderation/log")
def log() -> ResponseReturnValue:
    """What was decided, without names: anyone may see how this place is moderated."""
    cases, before = disputes.public_log(db.session(), before=older_than())
    return render_template("disputes/log.html", cases=cases, before=before, **_words())


def _words() -> dict[str, Any]:
    return {
        "grounds": words.GROUNDS,
        "states": words.STATES,
        "targets": words.TARGETS,
        "measures": words.MEASURES,
        "decided": words.DECIDED,
    }

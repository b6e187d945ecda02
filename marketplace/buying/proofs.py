"""Proofs: anyone can have a decision cleared again and see that nothing else comes out."""

import re
from collections import OrderedDict
from datetime import timedelta
from typing import Any

from flask import Response, current_app, json, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import db
from marketplace.buying.blueprint import bp, seen
from marketplace.buying.wording import DECISIONS
from marketplace.forms import Form
from marketplace.schemas import Schema
from models.buying import Clearing
from models.members import TooManyTries
from services import buying, clearing, throttles
from services.clearing.proofs import ProofInvalid, Verdict
from services.throttles import Limit, Try

MOST_DIFFERENCES = 50
MOST_VERDICTS = 500
# A large proof keeps the server busy for seconds, and anyone may send one.
REPLAYS = Limit("replay", 20, timedelta(minutes=15))


@bp.get("/group-buys/<slug>/proof")
def proof(slug: str) -> ResponseReturnValue:
    """The decision, cleared again by the server when it is first looked at."""
    session = db.session()
    group_buy = seen(session, slug)
    decisions = buying.clearings(session, group_buy)
    if not decisions:
        return render_template("buying/proof.html", group_buy=group_buy, decisions=[])
    shown = buying.clearing(session, group_buy, asked_number())
    verdict = verdict_of(shown)
    return render_template(
        "buying/proof.html",
        group_buy=group_buy,
        decisions=decisions,
        shown=shown,
        verdict=verdict,
        outcome=shown.proof["outcome"],
        names={str(one.id): one.name for one in buying.articles(session, group_buy)},
        words=DECISIONS,
        most=MOST_DIFFERENCES,
    )


@bp.get("/group-buys/<slug>/proof.json")
def proof_document(slug: str) -> ResponseReturnValue:
    session = db.session()
    group_buy = seen(session, slug)
    found = buying.clearing(session, group_buy, asked_number())
    response = Response(
        json.dumps(found.proof, sort_keys=True, indent=1), mimetype="application/json"
    )
    response.set_etag(found.sha256)
    name = f"proof-{group_buy.slug}-{found.number}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response.make_conditional(request)


@bp.get("/proof")
def ask_proof() -> str:
    return _replay_page()


@bp.post("/proof")
def replay() -> ResponseReturnValue:
    """Clear an uploaded proof again; nothing of it is kept."""
    sent = request.files.get("proof")
    form = Form(Schema)
    if sent is None or not sent.filename:
        form.add_error("proof", gettext("Please choose the file of a proof."))
        return _replay_page(form), 422
    try:
        count_replay()
        document = json.loads(sent.stream.read().decode())
        verdict = clearing.replay(document)
    except TooManyTries as refusal:
        status = form.refuse(refusal)
        return _replay_page(form), status
    except ProofInvalid as refusal:
        form.add_error("proof", gettext(refusal.message) % refusal.facts)
    except (ValueError, RecursionError):
        form.add_error("proof", gettext("This file is no proof: it has to be JSON."))
    else:
        return _replay_page(form, verdict, document["outcome"])
    return _replay_page(form), 422


def count_replay() -> None:
    """Count a replay that somebody asks for, whatever comes of it; refuses with TooManyTries."""
    with db.transaction() as session:
        asking = Try(REPLAYS, throttles.network(request.remote_addr or ""))
        throttles.take(session, asking, now=db.now(session))


def verdict_of(made: Clearing) -> Verdict | None:
    """What a replay finds, None for a proof that can no longer be read.

    A clearing never changes, so this process replays each once and remembers the last of them.
    """
    known: OrderedDict[str, Verdict | None]
    known = current_app.extensions.setdefault("verdicts", OrderedDict())
    if made.sha256 in known:
        return known[made.sha256]
    try:
        verdict = clearing.replay(made.proof)
    except ProofInvalid:
        verdict = None
    known[made.sha256] = verdict
    if len(known) > MOST_VERDICTS:
        known.popitem(last=False)
    return verdict


def asked_number() -> int:
    """Which of the decisions is asked for; the first, unless the address names another."""
    wanted = request.args.get("number", "")
    return int(wanted) if re.fullmatch("[0-9]{1,6}", wanted) else 1


def _replay_page(
    form: Form | None = None, verdict: Verdict | None = None, outcome: Any = None
) -> str:
    return render_template(
        "buying/replay.html",
        form=form or Form(Schema),
        verdict=verdict,
        outcome=outcome,
        most=MOST_DIFFERENCES,
    )

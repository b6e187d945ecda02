"""The simulator's own switches under /_sim: its clock, its faults, its webhooks, its banks."""

import hmac
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue

from stripesim import disputes, payouts, webhooks
from stripesim.api import simulator
from stripesim.books import Books
from stripesim.errors import Failure
from stripesim.expiry import expire

bp = Blueprint("control", __name__, url_prefix="/_sim")

WEBHOOK_FAULTS = frozenset({"bad_signature", "delay", "drop", "duplicate", "reorder"})
API_FAULTS = frozenset({"connection_lost", "slow", "unavailable"})
MOST_COPIES = 100
FURTHEST_SECONDS = 10 * 366 * 24 * 3600


@bp.before_request
def guard() -> None:
    """Without a token these addresses do not exist."""
    token = simulator().settings.token
    if token is None:
        abort(404)
    given = request.authorization.token if request.authorization else None
    if not hmac.compare_digest((given or "").encode(), token.encode()):
        abort(403)


def terms() -> dict[str, Any]:
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        abort(400, "A JSON object, please.")
    return given


def whole(given: dict[str, Any], name: str, default: int | None, *, most: int) -> int:
    number = given.get(name, default)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= most:
        abort(400, f"{name}: a whole number from 0 to {most}.")
    return number


@bp.get("/clock")
def read_clock() -> ResponseReturnValue:
    with simulator().books() as books:
        return jsonify(clock_of(books))


@bp.post("/clock")
def advance_clock() -> ResponseReturnValue:
    simulator().advance(whole(terms(), "advance_seconds", None, most=FURTHEST_SECONDS))
    with simulator().books() as books:
        expire(books)
        return jsonify(clock_of(books))


def clock_of(books: Books) -> dict[str, Any]:
    return {"now": books.now, "now_at": datetime.fromtimestamp(books.now, UTC).isoformat()}


@bp.post("/webhooks/deliver")
def deliver() -> ResponseReturnValue:
    return jsonify(webhooks.deliver(simulator()))


@bp.get("/faults")
def list_faults() -> ResponseReturnValue:
    with simulator().books() as books:
        rows = books.connection.execute(
            "SELECT kind, remaining, seconds, copies, match FROM faults"
            " WHERE remaining > 0 ORDER BY seq"
        ).fetchall()
    names = ("kind", "count", "seconds", "copies", "match")
    return jsonify([dict(zip(names, row, strict=True)) for row in rows])


@bp.post("/faults")
def order_fault() -> ResponseReturnValue:
    """Order a fault: `kind`, how often (`count`), for how long (`seconds`), of what (`match`).

    `match` is a pattern with `*` over event types for webhook faults, over paths for API faults.
    `copies` is how often a duplicate comes, twice if unsaid.
    """
    given = terms()
    kind = given.get("kind")
    if kind not in WEBHOOK_FAULTS | API_FAULTS:
        abort(400, f"kind: one of {', '.join(sorted(WEBHOOK_FAULTS | API_FAULTS))}.")
    count = whole(given, "count", 1, most=10_000)
    seconds = whole(given, "seconds", 0, most=FURTHEST_SECONDS)
    copies = whole(given, "copies", 2, most=MOST_COPIES)
    with simulator().books() as books:
        books.connection.execute(
            "INSERT INTO faults (kind, remaining, seconds, copies, match) VALUES (?, ?, ?, ?, ?)",
            (kind, count, seconds, copies, str(given.get("match", "*"))),
        )
    return jsonify(kind=kind, count=count, seconds=seconds, copies=copies), 201


@bp.delete("/faults")
def clear_faults() -> ResponseReturnValue:
    with simulator().books() as books:
        books.connection.execute("DELETE FROM faults")
    return "", 204


@bp.post("/disputes")
def open_dispute() -> ResponseReturnValue:
    """Let a cardholder dispute any `charge`, for a `reason`; only as an `inquiry` if it says so."""
    given = terms()
    reason = str(given.get("reason", "fraudulent"))
    with simulator().books() as books:
        expire(books)
        charge = books.find("charge", str(given.get("charge")))
        opened = disputes.open(books, charge, reason, is_inquiry=given.get("inquiry") is True)
    return jsonify(opened), 201


@bp.post("/payouts/<id>")
def end_payout(id: str) -> ResponseReturnValue:
    """Let a payout that is on its way arrive now, or come back: `outcome` is paid or failed."""
    outcome = terms().get("outcome")
    if outcome not in ("paid", "failed"):
        abort(400, "outcome: paid or failed.")
    with simulator().books() as books:
        expire(books)
        own = books.of(books.holder(id))
        payout = own.find("payout", id)
        if payout["status"] not in ("pending", "in_transit"):
            raise Failure(f"This payout is {payout['status']}.")
        if outcome == "paid":
            payouts.arrive(own, payout)
        else:
            payouts.fail(own, payout, "account_closed")
    return jsonify(payout)


@bp.errorhandler(Failure)
def refused(failure: Failure) -> ResponseReturnValue:
    return jsonify(failure.body()), failure.status

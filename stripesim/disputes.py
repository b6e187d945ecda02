"""Disputes: a bank takes a charge back for its cardholder, or only asks; evidence decides.

As in Stripe's test mode, `uncategorized_text` decides: `winning_evidence` wins, `losing_evidence`
loses, and `escalate_inquiry_evidence` makes a chargeback of an inquiry. Other evidence, or none,
has lost once it is past due; an inquiry that nobody answered becomes a chargeback then. The fee
is kept, whoever wins.
"""

from stripe import params

from stripesim import paging
from stripesim.balance import available_with, post
from stripesim.books import Books, Object
from stripesim.customers import merge
from stripesim.errors import Failure
from stripesim.inquiries import DUE_AFTER_SECONDS, EVIDENCE, INQUIRED, blank
from stripesim.payment_methods import behind
from stripesim.routing import Route

FEE_MINOR = 20_00
DECIDED_AFTER_SECONDS = 5 * 60

NEEDS_RESPONSE = (INQUIRED, "needs_response")
# While a bank only asks, or once it has given the money back, it is still the seller's to refund.
REFUNDABLE = (INQUIRED, "warning_under_review", "warning_closed", "won")


def begin(books: Books, charge: Object) -> None:
    """The holder of a test card has called their bank; there is nothing to take of a refund."""
    books.set_deadline(charge["id"], None)
    method = books.find("payment_method", charge["payment_method"])
    card, _ = behind(books, method)
    if card.dispute is not None and not charge["refunded"] and not charge["disputed"]:
        open(books, charge, card.dispute.reason, is_inquiry=card.dispute.is_inquiry)


def open(books: Books, charge: Object, reason: str, *, is_inquiry: bool) -> Object:
    """Open the one dispute of a charge, over all of it that was not refunded."""
    if charge["disputed"] or not charge["captured"] or charge["refunded"]:
        raise Failure("Only a captured charge is disputed, once, before it is refunded.")
    dispute = blank(books, charge, reason)
    books.add(dispute)
    books.set_deadline(dispute["id"], dispute["evidence_details"]["due_by"])
    charge["disputed"] = True
    books.save(charge, dispute=dispute["id"])
    if is_inquiry:
        books.tell("charge.dispute.created", dispute)
    else:
        withdraw(books, dispute, charge, "charge.dispute.created")
    return dispute


def withdraw(books: Books, dispute: Object, charge: Object, told: str) -> None:
    """The bank takes the money; what an inquiry found is not enough."""
    until = available_with(books, charge)
    posted = post(
        books,
        dispute,
        "adjustment",
        -dispute["amount"],
        fee=FEE_MINOR,
        available_on=until,
        reported="dispute",
    )
    dispute["balance_transactions"] = [posted]
    dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
    dispute["evidence_details"]["due_by"] = books.now + DUE_AFTER_SECONDS
    books.set_deadline(dispute["id"], dispute["evidence_details"]["due_by"])
    move(books, dispute, "needs_response")
    books.tell(told, dispute)
    books.tell("charge.dispute.funds_withdrawn", dispute)


def move(books: Books, dispute: Object, status: str) -> None:
    dispute["status"] = status
    dispute["is_charge_refundable"] = status in REFUNDABLE
    books.save(dispute)


def update(books: Books, given: Object, id: str) -> Object:
    dispute = books.find("dispute", id)
    if "evidence" in given or given.get("submit"):
        require_response(dispute)
    merge(dispute, {"metadata": given.get("metadata")})
    said = {name: text or None for name, text in given.get("evidence", {}).items()}
    dispute["evidence"].update(said)
    details = dispute["evidence_details"]
    details["has_evidence"] = any(dispute["evidence"].values())
    # As at Stripe, evidence is sent to the bank unless it is said to wait.
    if given.get("submit", "evidence" in given):
        details["submission_count"], details["submission_method"] = 1, "manual"
        is_inquiry = dispute["status"] == INQUIRED
        move(books, dispute, "warning_under_review" if is_inquiry else "under_review")
        if speaks(dispute):
            books.set_deadline(id, books.now + DECIDED_AFTER_SECONDS)
    books.save(dispute)
    books.tell("charge.dispute.updated", dispute)
    return dispute


def require_response(dispute: Object) -> None:
    if dispute["status"] not in NEEDS_RESPONSE:
        raise Failure(f"This dispute needs no response: it is {dispute['status']}.")


def speaks(dispute: Object) -> str:
    """The outcome that the evidence names, or nothing."""
    text = dispute["evidence"]["uncategorized_text"] or ""
    words = ("winning_evidence", "losing_evidence", "escalate_inquiry_evidence")
    return next((word for word in words if word in text), "")


def decide(books: Books, dispute: Object) -> None:
    """The bank has made up its mind, or nobody answered it in time."""
    books.set_deadline(dispute["id"], None)
    details, status, said = dispute["evidence_details"], dispute["status"], speaks(dispute)
    details["past_due"] = status in NEEDS_RESPONSE
    escalates = said in ("losing_evidence", "escalate_inquiry_evidence")
    if status == INQUIRED or (status == "warning_under_review" and escalates):
        charge = books.find("charge", dispute["charge"])
        details["past_due"] = False
        withdraw(books, dispute, charge, "charge.dispute.updated")
    elif status == "warning_under_review":
        finish(books, dispute, "warning_closed")
    elif said == "winning_evidence" and status == "under_review":
        posted = post(books, dispute, "adjustment", dispute["amount"], reported="dispute_reversal")
        dispute["balance_transactions"].append(posted)
        finish(books, dispute, "won")
        books.tell("charge.dispute.funds_reinstated", dispute)
    else:
        finish(books, dispute, "lost")


def finish(books: Books, dispute: Object, status: str) -> None:
    books.set_deadline(dispute["id"], None)
    move(books, dispute, status)
    books.tell("charge.dispute.closed", dispute)


def close(books: Books, _given: Object, id: str) -> Object:
    """Accept that it is lost. An inquiry cannot be: nothing was taken, the charge is refunded."""
    dispute = books.find("dispute", id)
    if dispute["status"] != "needs_response":
        raise Failure(f"This dispute cannot be closed: it is {dispute['status']}.")
    finish(books, dispute, "lost")
    return dispute


def guard_refund(books: Books, charge: Object) -> None:
    if charge["disputed"]:
        dispute = books.find("dispute", books.private(charge["id"])["dispute"])
        if not dispute["is_charge_refundable"]:
            raise Failure(
                f"Charge {charge['id']} has been charged back; cannot issue a refund.",
                code="charge_disputed",
            )


def settle_inquiry(books: Books, charge: Object) -> None:
    """Who has all their money back asks no more."""
    if charge["disputed"] and charge["refunded"]:
        dispute = books.find("dispute", books.private(charge["id"])["dispute"])
        if dispute["status"] in (INQUIRED, "warning_under_review"):
            finish(books, dispute, "warning_closed")


def retrieve(books: Books, _given: Object, id: str) -> Object:
    return books.find("dispute", id)


def list_all(books: Books, given: Object) -> Object:
    where = {"charge": given.get("charge"), "payment_intent": given.get("payment_intent")}
    return books.page("dispute", given, "/v1/disputes", where=where)


BASE = "/v1/disputes"
ANSWERING = frozenset({"metadata", "submit", *(f"evidence.{name}" for name in EVIDENCE)})
LISTING = paging.DATED | {"charge", "payment_intent"}

ROUTES = [
    Route("GET", BASE, list_all, params.DisputeListParams, LISTING),
    Route("GET", f"{BASE}/<id>", retrieve, params.DisputeRetrieveParams),
    Route("POST", f"{BASE}/<id>", update, params.DisputeUpdateParams, ANSWERING),
    Route("POST", f"{BASE}/<id>/close", close, params.DisputeCloseParams),
]

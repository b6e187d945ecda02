"""The pages of who is paid out: where they say who they are, and where they see their money."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from babel.dates import format_date
from flask import Blueprint, abort, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from stripesim import account_links, balance, standing
from stripesim.api import simulator
from stripesim.books import Books, Object
from stripesim.expiry import expire
from stripesim.ibans import FAILS, IBANS, WORKS, Iban, numbered
from stripesim.pages import allow_form, speak
from stripesim.standing import Check

bp = Blueprint("account_pages", __name__, template_folder="templates")


@dataclass(frozen=True)
class Person:
    """Somebody to be with one click."""

    id: str
    name: str
    label: str
    check: Check
    iban: Iban = WORKS


PEOPLE = (
    Person("fine", "Alice Apfel", "Everything is fine at once", Check.PASSED),
    Person("checked", "Bob Birne", "Is checked for ten minutes, then fine", Check.RUNNING),
    Person(
        "document",
        "Cora Kirsche",
        "Is fine, but has two weeks to show an identity document",
        Check.DOCUMENT_WANTED,
    ),
    Person("bank", "Dana Dattel", "Is fine, but payouts come back", Check.PASSED, FAILS),
    Person("rejected", "Erik Erbse", "Is rejected", Check.REJECTED),
)
BY_ID = {person.id: person for person in PEOPLE}

PAYOUT_WORDS = {
    "pending": "is being prepared",
    "in_transit": "on its way",
    "paid": "paid out",
    "failed": "came back",
    "canceled": "called off",
}

# What is typed is looked at and not kept: somebody might type what is true.
FIELDS = ("name", "birthday", "line1")
LONGEST_FIELD = 200


@bp.get("/onboarding/<token>")
def show(token: str) -> ResponseReturnValue:
    with simulator().books() as books:
        expire(books)
        account, link = entered(books, token)
        if not account_links.enter(books, account, token):
            return redirect(link["refresh_url"], 302)
        return page(account, link)


@bp.post("/onboarding/<token>")
def submit(token: str) -> ResponseReturnValue:
    with simulator().books() as books:
        expire(books)
        account, link = entered(books, token)
        if not link["is_used"] or books.now >= link["expires_at"]:
            return redirect(link["refresh_url"], 303)
        wrong = answer(books, account)
        if wrong:
            return page(account, link, wrong=wrong), 422
        return redirect(link["return_url"], 303)


def answer(books: Books, account: Object) -> dict[str, str]:
    """Do what the form says; gives what is wrong with it, by field."""
    due = account["requirements"]["currently_due"]
    if "document" in request.form:
        if standing.DOCUMENT in due:
            standing.give_document(books, account)
        return {}
    if not account["details_submitted"]:
        return introduce(books, account)
    if standing.BANK in due:
        iban = numbered(request.form.get("iban", ""))
        if iban is None:
            return {"iban": "That is no test IBAN. Take one of those below."}
        standing.change_bank(books, account, iban)
    return {}


def introduce(books: Books, account: Object) -> dict[str, str]:
    person = BY_ID.get(request.form.get("person", ""))
    if person is not None:
        standing.submit(books, account, person.check, person.iban)
        return {}
    wrong = {
        field: "This is needed."
        for field in FIELDS
        if not 0 < len(request.form.get(field, "").strip()) <= LONGEST_FIELD
    }
    iban = numbered(request.form.get("iban", ""))
    if iban is None:
        wrong["iban"] = "That is no test IBAN. Take one of those below."
    elif not wrong:
        standing.submit(books, account, Check.PASSED, iban)
    return wrong


def entered(books: Books, token: str) -> tuple[Object, Object]:
    """The account and the link behind an address, in the language of the reader."""
    speak(None)
    found = account_links.behind(books, token)
    if found is None or "return_url" not in found[1]:
        abort(404)
    return found


def page(account: Object, link: Object, *, wrong: dict[str, str] | None = None) -> str:
    for url in (link["return_url"], link["refresh_url"]):
        allow_form(url)
    due = account["requirements"]["currently_due"]
    typed: dict[str, Any] = {field: request.form.get(field, "") for field in FIELDS}
    return render_template(
        "onboarding.html",
        account=account,
        wants_document=standing.DOCUMENT in due,
        wants_bank=standing.BANK in due,
        is_rejected=account["requirements"]["disabled_reason"] == "rejected.other",
        return_url=link["return_url"],
        people=PEOPLE,
        ibans=IBANS,
        typed=typed,
        wrong=wrong or {},
    )


@bp.get("/dashboard/<token>")
def dashboard(token: str) -> ResponseReturnValue:
    with simulator().books() as books:
        expire(books)
        speak(None)
        found = account_links.behind(books, token)
        if found is None or "return_url" in found[1]:
            abort(404)
        account, _ = found
        if not account_links.enter(books, account, token):
            abort(410)
        own = books.of(account["id"])
        payouts = own.page("payout", {"limit": 24}, "")["data"]
        return render_template(
            "dashboard.html",
            account=account,
            balances=balance.sums(own),
            payouts=payouts,
            banks={
                id: own.find("bank_account", id) for id in {one["destination"] for one in payouts}
            },
            day=day,
            words=PAYOUT_WORDS,
        )


def day(moment: int) -> str:
    """A day in the words of the reader."""
    return format_date(datetime.fromtimestamp(moment, UTC), format="medium", locale=g.language)

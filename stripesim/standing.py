"""How a connected account stands: what its holder has said, what is wanted, what it may do.

What the simulator knows of an account is private; all that Stripe tells of it follows from that.
"""

from enum import StrEnum
from typing import Any

from stripesim import balance
from stripesim.books import Books, Object
from stripesim.ibans import BY_NUMBER, Iban
from stripesim.store import new_id

DAY = 24 * 3600
CHECKED_AFTER_SECONDS = 10 * 60
DOCUMENT_WITHIN_SECONDS = 14 * DAY

DOCUMENT = "individual.verification.document"
BANK = "external_account"
ASKED = {
    "company": (
        "company.name",
        "company.tax_id",
        "representative.dob.day",
        "representative.first_name",
        "representative.last_name",
    ),
    "individual": (
        "individual.address.line1",
        "individual.dob.day",
        "individual.first_name",
        "individual.last_name",
    ),
}


class Check(StrEnum):
    """What came of looking at who the holder is."""

    NONE = "none"
    RUNNING = "running"
    DOCUMENT_WANTED = "document_wanted"
    PASSED = "passed"
    REJECTED = "rejected"


NEW: dict[str, Any] = {"check": Check.NONE, "until": None, "pays_at": None, "links": {}}


def held(books: Books, account: Object) -> dict[str, tuple[int, int]]:
    return balance.sums(books.of(account["id"]))


def submit(books: Books, account: Object, check: Check, iban: Iban) -> None:
    """The holder has said who they are and where their money goes; `check` is what comes of it."""
    waits = {
        Check.RUNNING: CHECKED_AFTER_SECONDS,
        Check.DOCUMENT_WANTED: DOCUMENT_WITHIN_SECONDS,
    }.get(check)
    until = None if waits is None else books.now + waits
    account["details_submitted"] = True
    name_bank(books, account, iban)
    books.save(account, check=check, until=until)
    tell_changed(books, account)


def name_bank(books: Books, account: Object, iban: Iban) -> None:
    """Take `iban` in the place of the bank account that was there; what is on its way stays so."""
    bank = bank_account(books.of(account["id"]), iban, account["default_currency"])
    account["external_accounts"]["data"] = [bank]
    books.save(account)


def bank_account(books: Books, iban: Iban, currency: str) -> Object:
    return books.add(
        {
            "id": new_id("ba"),
            "object": "bank_account",
            "account": books.account or None,
            "account_holder_name": None,
            "account_holder_type": None,
            "bank_name": "STRIPE TEST BANK",
            "country": iban.country,
            "currency": currency,
            "default_for_currency": True,
            "fingerprint": f"sim{iban.number[-13:]}",
            "last4": iban.last4,
            "metadata": {},
            "routing_number": None,
            "status": "new",
        },
        iban=iban.number,
    )


def change_bank(books: Books, account: Object, iban: Iban) -> None:
    name_bank(books, account, iban)
    tell_changed(books, account)


def give_document(books: Books, account: Object) -> None:
    books.save(account, check=Check.PASSED, until=None)
    tell_changed(books, account)


def lose_bank(books: Books, account: Object, lost: str) -> None:
    """A payout came back: nothing is sent there again until another bank account is named."""
    for bank in account["external_accounts"]["data"]:
        if bank["id"] == lost:
            bank["status"] = "errored"
            books.of(account["id"]).save(bank)
    tell_changed(books, account)


def review(books: Books, account: Object) -> None:
    """The time of a check is over: it has passed, or what was wanted never came."""
    if books.private(account["id"])["check"] == Check.RUNNING:
        books.save(account, check=Check.PASSED)
    books.save(account, until=None)
    tell_changed(books, account)


def tell_changed(books: Books, account: Object) -> None:
    assess(books, account)
    books.of(account["id"]).tell("account.updated", account)


def assess(books: Books, account: Object) -> None:
    """Say of the account what follows from what is known."""
    known = books.private(account["id"])
    check, until = Check(known["check"]), known["until"]
    asked = wanted(account, check)
    is_late = check is Check.DOCUMENT_WANTED and until is None
    is_new = check is Check.NONE
    may = not is_new and not is_late and check not in (Check.REJECTED, Check.RUNNING)
    account["requirements"] = {
        "alternatives": [],
        "current_deadline": until if check is Check.DOCUMENT_WANTED else None,
        "currently_due": asked,
        "disabled_reason": disabled_reason(check, is_late=is_late, lacks_bank=BANK in asked),
        "errors": errors(check),
        "eventually_due": asked,
        "past_due": asked if is_new or is_late else [one for one in asked if one == BANK],
        "pending_verification": [DOCUMENT] if check is Check.RUNNING else [],
    }
    not_yet = "pending" if check is Check.RUNNING else "inactive"
    account["capabilities"] = {"transfers": "active" if may else not_yet}
    could = account["payouts_enabled"]
    account["payouts_enabled"] = may and BANK not in asked
    books.save(account)
    if account["payouts_enabled"] and not could:
        expect_payout(books, account, books.now)
    wake(books, account)


def wanted(account: Object, check: Check) -> list[str]:
    if check is Check.NONE:
        kind = "individual" if account["business_type"] == "individual" else "company"
        return sorted((*ASKED[kind], BANK, "tos_acceptance.date", "tos_acceptance.ip"))
    banks = account["external_accounts"]["data"]
    lacks = [BANK] if all(bank["status"] == "errored" for bank in banks) else []
    return [*lacks, *([DOCUMENT] if check is Check.DOCUMENT_WANTED else [])]


def disabled_reason(check: Check, *, is_late: bool, lacks_bank: bool) -> str | None:
    if check is Check.REJECTED:
        return "rejected.other"
    if check is Check.RUNNING:
        return "requirements.pending_verification"
    return "requirements.past_due" if check is Check.NONE or is_late or lacks_bank else None


def errors(check: Check) -> list[Object]:
    if check is not Check.DOCUMENT_WANTED:
        return []
    reason = "The person could not be verified by what was typed. Upload an identity document."
    code = "verification_failed_keyed_identity"
    return [{"code": code, "reason": reason, "requirement": DOCUMENT}]


def expect_payout(books: Books, account: Object, available_on: int) -> None:
    """Wake the account at the first midnight (UTC) on which that money can be paid out."""
    midnight = (max(available_on, books.now) // DAY + 1) * DAY
    known = books.private(account["id"])["pays_at"]
    books.save(account, pays_at=midnight if known is None else min(known, midnight))
    wake(books, account)


def wake(books: Books, account: Object) -> None:
    """Keep the next moment at which time alone does something with the account."""
    known = books.private(account["id"])
    moments = [at for at in (known["until"], known["pays_at"]) if at is not None]
    books.set_deadline(account["id"], min(moments, default=None))


def bank_behind(books: Books, bank: str) -> Iban:
    return BY_NUMBER[books.private(bank)["iban"]]

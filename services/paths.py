"""Where mails and notices lead: the addresses of pages that services know."""

SIGN_IN = "/sign-in"
RESET = "/reset"
MODERATION_LOG = "/moderation/log"
PAYOUTS = "/settings/payouts"
CIRCLES = "/circles/mine"
MONEY = "/operator/money"


def deal(slug: str) -> str:
    return f"/group-buys/{slug}"


def terms(slug: str) -> str:
    return f"{deal(slug)}/terms"


def consent(slug: str) -> str:
    return f"{deal(slug)}/supplier-consent"


def co_organising(slug: str) -> str:
    return f"{deal(slug)}/co-organising"


def message(message_id: int) -> str:
    return f"/messages/{message_id}#message-{message_id}"


def circle(slug: str) -> str:
    return f"/circles/{slug}"


def circle_requests(slug: str) -> str:
    return f"{circle(slug)}/requests"


def circle_rules(slug: str) -> str:
    return f"{circle(slug)}/rules"


def linked_deal(slug: str, link_key: str) -> str:
    """To a deal that only those with its link may see."""
    return f"{deal(slug)}?key={link_key}"


def draft(slug: str) -> str:
    return f"{deal(slug)}/draft/review"


def desk(slug: str) -> str:
    return f"{deal(slug)}/desk"


def series(slug: str) -> str:
    return f"/series/{slug}"


def shortfall(slug: str) -> str:
    return f"{deal(slug)}/shortfall"


def transfers(slug: str) -> str:
    return f"{deal(slug)}/desk/transfers"


def payment(commitment_id: int) -> str:
    return f"/payments/{commitment_id}"


def chargeback(chargeback_id: int) -> str:
    return f"/chargebacks/{chargeback_id}"


def invoice(invoice_id: int) -> str:
    return f"/invoices/{invoice_id}"


def revocation(commitment_id: int) -> str:
    return f"/commitments/{commitment_id}/contract-withdrawal"


def revocations(slug: str) -> str:
    return f"{deal(slug)}/desk/contract-withdrawals"


def participant(slug: str) -> str:
    return f"/people/{slug}"


def case(case_id: int) -> str:
    return f"/cases/{case_id}"


def moderation(case_id: int) -> str:
    return f"/moderation/{case_id}"


def confirmation(token: str) -> str:
    return f"/confirm/{token}"


def reset(token: str) -> str:
    return f"{RESET}/{token}"


def invitation(token: str) -> str:
    return f"/invitations/{token}"

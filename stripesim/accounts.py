"""Connected accounts: whom money is transferred to, and what Stripe still wants to know of them."""

from stripe import params

from stripesim import paging, standing
from stripesim.books import Books, Object
from stripesim.customers import merge
from stripesim.errors import Failure
from stripesim.routing import Route
from stripesim.store import new_id

DELAY_DAYS = 2
INTERVALS = ("daily", "manual")

# The one kind that is played: the platform pays fees and losses, Stripe asks who they are.
CONTROLLED = {
    "fees": {"payer": "application"},
    "losses": {"payments": "application"},
    "requirement_collection": "stripe",
    "stripe_dashboard": {"type": "express"},
}

# Where the hosted page's test IBANs are of any use.
COUNTRIES = frozenset({"AT", "BE", "DE", "EE", "FI", "FR", "IE", "IT", "LT", "LU", "LV", "NL"})


def find(books: Books, id: str) -> Object:
    """Find a connected account; what a key may not see is refused as what is not there."""
    account = books.look_up(id)
    if account is None or account["object"] != "account":
        raise Failure(
            f"The provided key does not have access to account '{id}' (or that account does not"
            " exist). Application access may have been revoked.",
            status=403,
            code="account_invalid",
        )
    return account


def create(books: Books, given: Object) -> Object:
    if given.get("controller") != CONTROLLED:
        raise Failure(f"The simulator plays one controller: {CONTROLLED}.", param="controller")
    if not given.get("capabilities", {}).get("transfers", {}).get("requested"):
        raise Failure("An account needs a capability: transfers.", param="capabilities")
    country = given.get("country", "DE")
    if country not in COUNTRIES:
        raise Failure(f"Country '{country}' is unknown.", code="country_unsupported")
    account = blank(books, given, country)
    schedule(account, given)
    books.add(account, **standing.NEW)
    standing.assess(books, account)
    return account


def blank(books: Books, given: Object, country: str) -> Object:
    id = new_id("acct", 16)
    return {
        "id": id,
        "object": "account",
        "business_type": given.get("business_type"),
        "capabilities": {"transfers": "inactive"},
        "charges_enabled": False,
        "controller": {**CONTROLLED, "is_controller": True, "type": "application"},
        "country": country,
        "created": books.now,
        "default_currency": given.get("default_currency", "eur"),
        "details_submitted": False,
        "email": given.get("email"),
        "external_accounts": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/accounts/{id}/external_accounts",
        },
        "metadata": given.get("metadata", {}),
        "payouts_enabled": False,
        "requirements": {},
        "settings": {
            "payouts": {
                "debit_negative_balances": True,
                "schedule": {"delay_days": DELAY_DAYS, "interval": "daily"},
                "statement_descriptor": None,
            }
        },
        "type": "none",
    }


def schedule(account: Object, given: Object) -> None:
    wanted = given.pop("settings", {}).get("payouts", {}).get("schedule", {})
    interval = wanted.get("interval", account["settings"]["payouts"]["schedule"]["interval"])
    if interval not in INTERVALS:
        raise Failure("The simulator pays out daily or by hand.", param="settings")
    account["settings"]["payouts"]["schedule"]["interval"] = interval


def retrieve(books: Books, _given: Object, id: str) -> Object:
    return find(books, id)


def update(books: Books, given: Object, id: str) -> Object:
    account = find(books, id)
    schedule(account, given)
    merge(account, given)
    books.save(account)
    books.of(id).tell("account.updated", account)
    return account


def delete(books: Books, _given: Object, id: str) -> Object:
    account = find(books, id)
    if any(any(held) for held in standing.held(books, account).values()):
        raise Failure("Only an account whose balance is zero can be deleted.")
    books.remove(id)
    return {"id": id, "object": "account", "deleted": True}


def list_all(books: Books, given: Object) -> Object:
    return books.page("account", given, "/v1/accounts")


BASE = "/v1/accounts"
CHANGING = frozenset({"business_type", "email", "metadata", "settings.payouts.schedule.interval"})
CREATING = CHANGING | {
    "capabilities.transfers.requested",
    "controller.fees.payer",
    "controller.losses.payments",
    "controller.requirement_collection",
    "controller.stripe_dashboard.type",
    "country",
    "default_currency",
}

ROUTES = [
    Route("POST", BASE, create, params.AccountCreateParams, CREATING),
    Route("GET", BASE, list_all, params.AccountListParams, paging.DATED),
    Route("GET", f"{BASE}/<id>", retrieve, params.AccountRetrieveParams),
    Route("POST", f"{BASE}/<id>", update, params.AccountUpdateParams, CHANGING),
    Route("DELETE", f"{BASE}/<id>", delete, params.AccountDeleteParams),
]

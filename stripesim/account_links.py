"""Links to the pages of a connected account's holder: each opens once, and soon lapses."""

from stripe import params

from stripesim import accounts
from stripesim.books import Books, Object
from stripesim.errors import Failure
from stripesim.routing import Route
from stripesim.store import new_id

DAY = 24 * 3600
OPENS_FOR_SECONDS = 5 * 60
# Whoever has come in has this long to fill in the page.
STAYS_FOR_SECONDS = 3600


def create(books: Books, given: Object) -> Object:
    account = accounts.find(books, given["account"])
    if given["type"] != "account_onboarding":
        raise Failure(
            "You cannot create `account_update` links for an account whose requirements are"
            " collected by Stripe.",
            param="type",
        )
    for name in ("refresh_url", "return_url"):
        if name not in given:
            raise Failure(f"Missing required param: {name}.", code="parameter_missing", param=name)
    expires_at = books.now + OPENS_FOR_SECONDS
    urls = {name: given[name] for name in ("refresh_url", "return_url")}
    url = f"{books.public_url}/onboarding/{add(books, account, expires_at, **urls)}"
    return {
        "object": "account_link",
        "created": books.now,
        "expires_at": expires_at,
        "url": url,
    }


def create_login(books: Books, _given: Object, id: str) -> Object:
    account = accounts.find(books, id)
    if not account["details_submitted"]:
        raise Failure(
            "Cannot create a login link for an account that has not completed onboarding."
        )
    token = add(books, account, books.now + OPENS_FOR_SECONDS)
    url = f"{books.public_url}/dashboard/{token}"
    return {"object": "login_link", "created": books.now, "url": url}


def add(books: Books, account: Object, expires_at: int, **urls: str) -> str:
    token = f"{account['id']}_secret_{new_id('lnk')}"
    known = books.private(account["id"])["links"]
    fresh = {name: link for name, link in known.items() if link["expires_at"] > books.now - DAY}
    link = {"expires_at": expires_at, "is_used": False, **urls}
    books.save(account, links={**fresh, token: link})
    return token


def behind(books: Books, token: str) -> tuple[Object, Object] | None:
    """The account and the link that a token belongs to."""
    account = books.look_up(token.partition("_secret_")[0])
    if account is None or account["object"] != "account":
        return None
    link = books.private(account["id"])["links"].get(token)
    return None if link is None else (account, link)


def enter(books: Books, account: Object, token: str) -> bool:
    """Use the link up; whether it still let anybody in."""
    links = books.private(account["id"])["links"]
    link = links[token]
    is_open = not link["is_used"] and books.now < link["expires_at"]
    if is_open:
        link.update(is_used=True, expires_at=books.now + STAYS_FOR_SECONDS)
        books.save(account, links=links)
    return is_open


BASE = "/v1/account_links"
CREATING = frozenset(
    {"account", "collect", "collection_options.fields", "refresh_url", "return_url", "type"}
)

ROUTES = [
    Route("POST", BASE, create, params.AccountLinkCreateParams, CREATING),
    Route(
        "POST",
        "/v1/accounts/<id>/login_links",
        create_login,
        params.AccountCreateLoginLinkParams,
    ),
]

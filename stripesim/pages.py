"""The hosted pages: where a card is chosen, and where its bank asks the cardholder."""

import hmac
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit

from babel.numbers import format_currency, get_currency_precision
from flask import Blueprint, Response, abort, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from stripesim import checkout, payment_methods, payments, setup_intents, words
from stripesim.api import simulator
from stripesim.books import Books, Object
from stripesim.cards import CARDS
from stripesim.errors import CardFailure
from stripesim.expiry import expire
from stripesim.sessions import KIND

bp = Blueprint("pages", __name__, template_folder="templates")

WORKING = [card for card in CARDS if card.decline is None and card.attaches]
FAILING = [card for card in CARDS if card not in WORKING]


@bp.get("/pay/<id>")
def show(id: str) -> ResponseReturnValue:
    with simulator().books() as books:
        expire(books)
        session = session_named(books, id)
        return page(books, session)


@bp.post("/pay/<id>")
def pay(id: str) -> ResponseReturnValue:
    with simulator().books() as books:
        expire(books)
        session = session_named(books, id)
        if session["status"] != "open":
            return page(books, session)
        number = request.form.get("card") or request.form.get("number", "")
        try:
            card = payment_methods.card_numbered(number)
            intent = checkout.pay(books, session, card)
        except CardFailure as failure:
            # The failed attempt stays on the books: the block ends without an exception. What was
            # typed is not shown again, since it may be the number of a real card.
            return page(books, session, refused=str(failure)), 422
        if intent["status"] == "requires_action":
            return redirect(intent["next_action"]["redirect_to_url"]["url"], 303)
        return redirect(success(session), 303)


@bp.get("/authentication/<secret>")
def challenge(secret: str) -> ResponseReturnValue:
    with simulator().books() as books:
        intent = intent_behind(books, secret)
        session = intent_session(books, intent)
        speak(session)
        if intent["status"] != "requires_action":
            abort(410)
        allow_form(books.private(intent["id"]).get("return_url"))
        allow_form(None if session is None else session["success_url"])
        return render_template("authentication.html", intent=intent, total=total(intent))


@bp.post("/authentication/<secret>")
def answer(secret: str) -> ResponseReturnValue:
    with simulator().books() as books:
        intent = intent_behind(books, secret)
        session = intent_session(books, intent)
        speak(session)
        if intent["status"] != "requires_action":
            abort(410)
        approved = request.form.get("answer") == "approve"
        kind = setup_intents if intent["object"] == "setup_intent" else payments
        try:
            intent = kind.answer_challenge(books, intent, approved=approved)
        except CardFailure as failure:
            if session is not None:
                return page(books, session, refused=str(failure)), 422
            return redirect(back(books, intent, "failed"), 303)
        if session is not None:
            checkout.complete(books, session, intent)
            return redirect(success(session), 303)
        return redirect(back(books, intent, "succeeded"), 303)


def back(books: Books, intent: Object, status: str) -> str:
    url = books.private(intent["id"]).get("return_url") or abort(404)
    query = {intent["object"]: intent["id"], "redirect_status": status}
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(query)}"


def success(session: Object) -> str:
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def session_named(books: Books, id: str) -> Object:
    session = books.look_up(id)
    if session is None or session["object"] != KIND:
        abort(404)
    speak(session)
    return session


def intent_behind(books: Books, secret: str) -> Object:
    intent = books.look_up(secret.partition("_secret_")[0])
    if intent is None or not hmac.compare_digest(
        str(intent.get("client_secret")).encode(), secret.encode()
    ):
        abort(404)
    return intent


def intent_session(books: Books, intent: Object) -> Object | None:
    id = books.private(intent["id"]).get("session")
    return None if id is None else books.look_up(id)


def page(books: Books, session: Object, *, refused: str = "") -> str:
    for url in (session["success_url"], session["cancel_url"]):
        allow_form(url)
    private = books.private(session["id"])
    return render_template(
        "pay.html",
        session=session,
        lines=private["shown"],
        holds=private["intent_terms"].get("capture_method") == "manual",
        total=total(session),
        success_url=success(session),
        working=WORKING,
        failing=FAILING,
        refused=refused,
    )


def total(body: Object) -> str:
    """The amount in words of the reader, or nothing if no money is asked for."""
    minor = body.get("amount_total", body.get("amount"))
    return "" if minor is None else money(minor, body["currency"])


def money(minor: int, currency: str) -> str:
    amount = Decimal(minor).scaleb(-get_currency_precision(currency.upper()))
    return format_currency(amount, currency.upper(), locale=g.language)


def speak(session: Object | None) -> None:
    wanted = (session or {}).get("locale") or "auto"
    known = request.accept_languages.best_match(words.LANGUAGES)
    short = wanted.partition("-")[0]
    g.language = short if short in words.LANGUAGES else known or "en"


def allow_form(url: str | None) -> None:
    """Let a form's answer lead to `url`: browsers hold redirects against form-action too."""
    if url is not None:
        address = urlsplit(url)
        g.origins = {*g.get("origins", ()), f"{address.scheme}://{address.netloc}"}


@bp.app_context_processor
def vocabulary() -> dict[str, Any]:
    language = g.get("language", "en")
    return {"_": words.in_language(language), "language": language, "money": money}


@bp.after_app_request
def protect(answer: Response) -> Response:
    origins = " ".join(["'self'", *sorted(g.get("origins", ()))])
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
        f" frame-ancestors 'none'; form-action {origins}"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.endpoint != "static":
        answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.app_errorhandler(HTTPException)
def refused(error: HTTPException) -> ResponseReturnValue:
    if request.path.startswith(("/v1/", "/_sim/")):
        kind = {"type": "invalid_request_error", "message": error.description}
        return {"error": kind}, error.code or 500
    if "language" not in g:
        speak(None)
    return render_template("gone.html", code=error.code), error.code or 500

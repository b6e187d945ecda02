"""Being paid, for people: an account for payouts, what is sent to it, and what waits and why."""

from dataclasses import dataclass, field

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.config import Settings
from marketplace.forms import Form
from marketplace.payments.gateway import gateway, or_try_later
from marketplace.payouts import acts, wording
from marketplace.payouts.blueprint import bp
from marketplace.payouts.schemas import NewAccount
from models.actors import Actor
from models.errors import Refused
from models.payouts import ConnectedAccount, CountryNotServed, NoPayoutAccount
from services import payouts
from services.gateways.answers import (
    Balance,
    GatewayError,
    GatewayRefused,
    Payout,
)


@dataclass(frozen=True)
class AtGateway:
    """What only the gateway knows of an account: what it holds, and what it paid out."""

    is_reached: bool = True
    balance: Balance = field(default_factory=lambda: Balance({}, {}))
    payouts: tuple[Payout, ...] = ()


@bp.get("")
@member_required
def index() -> ResponseReturnValue:
    return page(Form(NewAccount, shown={"country": wording.HOME.get(get_locale().language, "")}))


def page(form: Form) -> str:
    """The page of whom the reader acts as; what the gateway knows is read between transactions."""
    actor = auth.signed_in_actor()
    payouts.guard_payee(actor)
    with db.transaction() as session:
        account = payouts.account_of(session, actor.participant.id)
    at_gateway = _at_gateway(account)
    session, participant_id = db.session(), actor.participant.id
    return render_template(
        "payouts/index.html",
        form=form,
        account=account,
        at_gateway=at_gateway,
        terms=payouts.terms_at(session, db.now(session)),
        announced=payouts.announced(session, now=db.now(session)),
        withheld=payouts.withheld_of(session, participant_id, now=db.now(session)),
        owed_back=payouts.owed_back(session, participant_id),
        deals=payouts.by_deal(session, participant_id, after=request.args.get("after")),
        countries=wording.countries(),
        country_of=get_locale().territories,
        needed=wording.needed(account.needed) if account is not None else [],
        why=wording.WITHHELD,
        payout_states=wording.PAYOUT_STATES,
    )


def _at_gateway(account: ConnectedAccount | None) -> AtGateway:
    if account is None or not account.is_submitted:
        return AtGateway()
    try:
        return AtGateway(
            balance=gateway().read_balance(account.account_key),
            payouts=tuple(gateway().list_payouts(account.account_key, limit=12)),
        )
    except GatewayError:
        current_app.logger.exception("the gateway told nothing of an account")
        return AtGateway(is_reached=False)


@bp.post("/account")
@member_required
def set_up() -> ResponseReturnValue:
    """Lead on to the gateway's own page, where whoever is paid says who they are."""
    form, actor = Form.sent(NewAccount), auth.signed_in_actor()
    settings: Settings = current_app.config["SETTINGS"]
    with form.refusals():
        form.guard_filled_in()
        # Reading who asks has begun a transaction.
        db.end_reading()
        with or_try_later():
            _open_account(actor, form.fields["country"], settings.default_currency)
    if form.is_accepted:
        return onboarding()
    return page(form), form.status


def _open_account(actor: Actor, country: str, currency: str) -> None:
    """Have an account; refuses with CountryNotServed what the gateway refuses."""
    try:
        acts.account_key(actor, country, currency)
    except GatewayRefused as refused:
        raise CountryNotServed(reason=str(refused)) from refused


@bp.post("/account/start-over")
@member_required
def start_over() -> ResponseReturnValue:
    """Choose another country, while the payment provider was told nothing yet."""
    actor = auth.signed_in_actor()
    # Whoever finished there a moment ago is known there, whatever stands here.
    with or_try_later():
        acts.look_at(actor.participant.id, _own_account_key())
    with db.transaction() as session:
        payouts.start_over(session, actor.participant.id)
    return redirect(url_for(".index"), 303)


@bp.get("/onboarding")
@member_required
def onboarding() -> ResponseReturnValue:
    """On to the gateway's page; a link there is good once, so each visit gets its own."""
    key = _own_account_key()
    settings: Settings = current_app.config["SETTINGS"]
    base = settings.public_url.rstrip("/")
    with or_try_later():
        url = gateway().open_onboarding(
            key,
            refresh_url=base + url_for(".onboarding"),
            return_url=base + url_for(".come_back"),
        )
    answer = redirect(url, 303)
    # Gone back to, it has to lead to another link: this one is used.
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/return")
@member_required
def come_back() -> ResponseReturnValue:
    """Back from the gateway's page: how the account stands is read there, not from here."""
    actor, key = auth.signed_in_actor(), _own_account_key()
    with or_try_later():
        acts.look_at(actor.participant.id, key)
    return redirect(url_for(".index"), 303)


@bp.post("/dashboard")
@member_required
def dashboard() -> ResponseReturnValue:
    """On to the gateway's own view of the account, where its bank details can be changed."""
    with or_try_later():
        url = gateway().open_dashboard(_own_account_key())
    return redirect(url, 303)


def _own_account_key() -> str:
    """The account of whom the reader acts as; refuses with MayNotBePaid and NoPayoutAccount."""
    actor = auth.signed_in_actor()
    payouts.guard_payee(actor)
    with db.transaction() as session:
        account = payouts.account_of(session, actor.participant.id)
    if account is None:
        raise NoPayoutAccount
    return account.account_key


@bp.errorhandler(NoPayoutAccount)
def no_account(_refused: Refused) -> ResponseReturnValue:
    """A link that is older than the account is no dead end."""
    flash(gettext("There is no account for payouts yet. Set it up first."))
    return redirect(url_for(".index"), 303)

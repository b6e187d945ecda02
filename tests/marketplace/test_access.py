"""Who may do what, and when: every page and endpoint of the deals, in every state, by everyone.

A row of the table says for whom an address is there and in which states; everywhere else it
refuses. A new address that is in no row fails. With ACCESS=all in the environment every role is
asked in every state; else all of them are while it is open, and later some of them in turn.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import datetime
from itertools import product
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from marketplace import db
from models.actors import Actor
from tests.bodies import FORMS
from tests.bodies_api import BODIES, FILES
from tests.make_api import bearer
from tests.make_street import ROLES, SECRET, STATES, Street, street
from tests.undoing import undone

FEATURES = {
    "buying", "organising", "catalogues", "series", "payments", "dialogue", "disputes",
    "operations", "revocations", "payouts", "chargebacks", "invoices", "invoices_api",
    "accounts_api", "cases_api", "chargebacks_api", "payout_account_api",
    "catalogue_articles_api", "catalogues_api", "commitments_api",
    "decisions_api", "group_buys_api", "messages_api", "organising_api", "payments_api",
    "records_api", "refunds_api", "reports_api", "revocations_api", "series_api",
    "shortfalls_api", "supplier_answers_api", "usual_orders_api",
}  # fmt: skip
# Two doors, one room: endpoints that do as the pages of these features do.
SAME_ROOM = {
    "cases_api": "disputes", "catalogue_articles_api": "catalogues", "messages_api": "dialogue",
    "invoices_api": "invoices",
    "organising_api": "organising", "payments_api": "payments", "refunds_api": "payments",
    "reports_api": "disputes", "revocations_api": "revocations", "series_api": "series",
    "shortfalls_api": "payments", "supplier_answers_api": "buying",
}  # fmt: skip
# Where an address depends on the deal and on what stands in it; the others are asked once.
OF_THE_DEAL = (
    "/group-buys/<", "commitment_id", "/refunds/", "message_id", "/report/", "/reports",
)  # fmt: skip

EVERYONE = set(ROLES)
MEMBERS = EVERYONE - {"stranger"}
OWN = {"organiser", "owner", "manager"}
RUN = {*OWN, "co_organiser"}
MINE = {"committed"}
IN_PERSON = MEMBERS - {"organiser", "manager", "agent", "supplier"}
# Whoever may read what a member wrote to those who organise.
CONFIDANTS = RUN | MINE

DRAFTS = {"draft", "in_review"}
OPENED = set(STATES) - DRAFTS
ALWAYS = set(STATES)
# Nobody can order before it opens.
ORDERED = OPENED - {"scheduled"}
UNTIL_IT_CAME = {"scheduled", "open", "paused", "collecting", "supplier_asked", "to_order",
                 "ordered"}  # fmt: skip
DECIDED = {"collecting", "supplier_asked", "to_order", "ordered", "delivered", "handing_over",
           "completed", "settled", "failed"}  # fmt: skip
RUNNING = {"to_order", "ordered", "delivered", "handing_over"}
# By the time the supplier is asked the times that are tried here are over.
BEFORE_IT_IS_FETCHED = UNTIL_IT_CAME - {"supplier_asked"} | {"draft", "delivered"}
CAME = {"delivered", "handing_over", "completed", "settled"}
ENDED = {"completed", "settled", "failed", "cancelled"}

Clauses = list[tuple[set[str], set[str]]]
SEEN: Clauses = [(EVERYONE, OPENED), (RUN, DRAFTS), ({"supplier"}, {"in_review"})]
SPOKEN_OF: Clauses = [(EVERYONE, OPENED), (RUN, DRAFTS)]
TABLE: list[tuple[str, Clauses]] = [
    # To read.
    ("buying.show buying.articles buying.history buying.proof buying.standing buying.terms", SEEN),
    ("group_buys_api.show group_buys_api.articles buying.article", SEEN),
    ("records_api.terms records_api.clearings", SEEN),
    ("records_api.terms_version", [(EVERYONE, OPENED)]),
    ("buying.proof_document records_api.proof", [(EVERYONE, DECIDED)]),
    ("dialogue.thread disputes.ask_report", SPOKEN_OF),
    # Bob has not paid by the time the supplier is asked, and is out of it.
    (
        "buying.accounts records_api.accounts",
        [
            (RUN, ALWAYS),
            (MINE, ORDERED - {"supplier_asked"}),
            ({"supplier"}, ALWAYS - {"draft"}),
            ({"moderator"}, OPENED),
        ],
    ),
    # To order, and what one has ordered.
    (
        "buying.order buying.empty_basket buying.fill_usual",
        [(MEMBERS, OPENED), (RUN, DRAFTS), ({"supplier"}, {"in_review"})],
    ),
    ("buying.gather", [(MEMBERS, {"open"})]),
    # Who has joined is led to their order.
    ("buying.review buying.join", [(MEMBERS - {"supplier"}, {"open"})]),
    ("group_buys_api.join", [(MEMBERS - {"supplier", "committed"}, {"open"})]),
    ("buying.change group_buys_api.change", [(MINE, {"open"})]),
    ("buying.leave group_buys_api.withdraw", [(MINE, {"open", "paused"})]),
    ("buying.ask_leave buying.keep_usual buying.forget_usual payments.show", [(MINE, ORDERED)]),
    ("usual_orders_api.keep usual_orders_api.forget", [(MINE, ORDERED)]),
    # Nobody has ordered here before.
    ("usual_orders_api.show", []),
    # The co-op is no trader.
    ("revocations.show revocations.declare revocations.refund", []),
    ("revocations.at_desk", [(RUN, ALWAYS)]),
    ("group_buys_api.show_commitment revocations_api.show", [(MINE, ORDERED)]),
    ("dialogue.write", [(MEMBERS, OPENED), (RUN, DRAFTS)]),
    ("dialogue.hide dialogue.editing dialogue.edit", [(MINE, OPENED)]),
    ("dialogue.message dialogue.history", [(EVERYONE, OPENED)]),
    ("messages_api.answers messages_api.versions", [(EVERYONE, OPENED)]),
    ("dialogue.follow", [(MEMBERS, OPENED), (RUN, DRAFTS)]),
    # A program of an organisation hears nothing for its member.
    ("messages_api.follow", [(IN_PERSON, OPENED), (RUN & IN_PERSON, DRAFTS)]),
    ("messages_api.follow_circle", [(IN_PERSON, ALWAYS)]),
    # Of the circle beside it; all that can be done with one is in a table of its own.
    ("dialogue.circle_thread", [(EVERYONE, ALWAYS)]),
    ("dialogue.follow_circle", [(MEMBERS, ALWAYS)]),
    ("dialogue.write_in_circle", [(MINE | {"organiser", "manager", "agent"}, ALWAYS)]),
    ("dialogue.ask_hiding", [(OWN, ALWAYS)]),
    # Nobody reports what is their own; a stranger says who they are, which they do not here.
    (
        "disputes.report",
        [(MEMBERS - OWN - {"agent"}, OPENED), ({"co_organiser"}, DRAFTS)],
    ),
    # To pay.
    ("payments.check_out", [(MINE, {"open", "paused", "collecting"})]),
    ("payments.confirm_paid", [(MINE, RUNNING | {"completed"})]),
    ("payments.confirm_received organising.confirm_cash", [(RUN, RUNNING | {"completed"})]),
    ("payments.hand_back organising.hand_back", [(RUN, CAME)]),
    (
        "payments.shortfall payments.decide_shortfall shortfalls_api.show_shortfall",
         [(RUN | {"supplier"}, {"supplier_asked"})],
    ),
    # No card is saved, no card failed, nobody spoke too early, and there is no account.
    (
        "payments.use_saved_card payments.pay_by_hand payments.take_back payments.transfer_code"
        " payments.come_back organising.deny_cash payments_api.deny_paid",
        [],
    ),
    # Eve's receipt of the co-op; hers is none of the roles.
    ("invoices.show", [(OWN, ORDERED - {"failed"})]),
    ("invoices.of_order", [(MINE, ORDERED)]),
    ("invoices.received invoices.issued invoices.table invoices_api.index", [(MEMBERS, ALWAYS)]),
    ("invoices.billing invoices.bill_to", [(MEMBERS - {"agent"}, ALWAYS)]),
    # The supplier.
    ("buying.ask_consent buying.consent buying.decline", [({"supplier"}, {"in_review"})]),
    ("organising.take_question_back", [(RUN, {"in_review"})]),
    # The draft.
    (
        "organising.what organising.describe organising.articles organising.add_article"
        " organising.article organising.change_article organising.new_article"
        " organising.remove_articles organising.say_revocability"
        " organising.choose_catalogue organising.fetching"
        " organising.add_pickup organising.remove_pickup organising.rules organising.set_rules"
        " organising.ship organising.publish organising.discard group_buys_api.publish",
        [(RUN, {"draft"})],
    ),
    # The catalogue is the organisation's.
    ("organising.catalogue organising.take_articles", [(OWN, {"draft"})]),
    # The desk.
    (
        "organising.desk organising.review organising.copy organising.export organising.people"
        " organising.cancelling organising.pausing organising.writing organising.announce"
        " organising.new_guest_order organising.pickup"
        " organising.amending_terms organising.amending_article organising.transferring"
        " organising.sample_statement organising.look_at_statement"
        " organising.name_guest organising.unname_guest"
        # The only one there is; they leave by themselves.
        " organising.remove_co_organiser series.new",
        [(RUN, ALWAYS)],
    ),
    ("organising.add_co_organiser", [(OWN, ALWAYS)]),
    # Nobody is asked who has not answered.
    (
        "organising.ask_co_organising organising.accept_co_organising"
        " organising.decline_co_organising",
        [],
    ),
    ("organising.name_account organising.drop_account", [(OWN, ALWAYS - ENDED | {"completed"})]),
    ("series.begin series_api.begin", [(RUN, OPENED)]),
    ("organising.pause organising.amend organising.amend_article", [(RUN, {"scheduled", "open"})]),
    ("organising.resume", [(RUN, {"paused"})]),
    ("organising.paper_form", [(RUN, {"open", "paused", "scheduled"})]),
    (
        "organising_api.show organising_api.co_organisers organising_api.named_guests"
        " organising_api.known_guests organising_api.owing",
        [(RUN, ALWAYS)],
    ),
    # There is none.
    ("organising_api.account", []),
    (
        "organising_api.show_article organising_api.remove_article organising_api.show_picture"
        " organising_api.hide_picture",
        [(RUN, {"draft"})],
    ),
    ("organising_api.preview_delivery organising_api.deliver", [(RUN, {"ordered"})]),
    ("organising.cancel group_buys_api.cancel", [(RUN, UNTIL_IT_CAME)]),
    # By the time the supplier is asked its pick-up is over; another one has to lie ahead.
    ("organising.move_pickup", [(RUN, ALWAYS - ENDED - {"in_review", "supplier_asked"})]),
    ("organising.new_pickup", [(RUN, ALWAYS - ENDED - {"handing_over"})]),
    ("organising.offer_pickup organising_api.add_pickup", [(RUN, BEFORE_IT_IS_FETCHED)]),
    # Once it is open it is the only one.
    ("organising.withdraw_pickup organising_api.remove_pickup", [(RUN, {"draft"})]),
    ("organising.order_for_guest organising.change_guest_order", [(RUN, {"open"})]),
    ("organising.withdraw_guest_order", [(RUN, {"open", "paused"})]),
    ("organising.guest_order", [(RUN, ORDERED)]),
    ("organising.order organising.order_numbers organising.order_csv",
     [(RUN, RUNNING | {"completed", "settled"})]),
    ("organising.mark_ordered", [(RUN, {"to_order"})]),
    ("organising.delivery organising.count_delivery", [(RUN, {"ordered"})]),
    ("organising.weights organising.weights_csv organising.packing organising.handing_over",
     [(RUN, CAME)]),
    ("organising.weigh organising.make_final organising.read_weights", [(RUN, {"delivered"})]),
    ("organising.tick_crate organising.tick_line", [(RUN, {"delivered", "handing_over"})]),
    # The cheese has to be weighed first.
    ("organising.begin_hand_over", []),
    ("organising.hand_over organising.complete", [(RUN, {"handing_over"})]),
    # Nobody has fetched anything yet, or all is over.
    ("organising.undo_hand_over", []),
    ("organising.completion", [(RUN, {"handing_over", "completed", "settled"})]),
    ("organising.ask_waive organising.waive", [(RUN, {"completed"})]),
    # Bob and the guest owe for what they got.
    ("organising.settle", []),
    # What was seen of a statement is for whom it was shown to.
    ("organising.receive", [({"organiser"}, ORDERED)]),
    # Beside the deal.
    ("organising.new organising.index", [(MEMBERS, ALWAYS)]),
    ("organising.begin group_buys_api.draft", [(MEMBERS - {"agent"}, ALWAYS)]),
    ("group_buys_api.index", [(EVERYONE, ALWAYS)]),
    ("commitments_api.own payments_api.own", [(MEMBERS, ALWAYS)]),
    ("buying.ask_proof", [(EVERYONE, ALWAYS)]),
    # No file is sent.
    ("buying.replay", []),
    ("catalogues.index catalogues.new catalogues.sample catalogues_api.index", [(MEMBERS, ALWAYS)]),
    ("catalogues.make catalogues_api.make", [(MEMBERS - {"agent"}, ALWAYS)]),
    (
        "catalogues.show catalogues.changes catalogues.versions catalogues.version"
        " catalogues.export catalogues.progress catalogues_api.show catalogues_api.lists"
        " catalogues_api.show_list catalogues_api.articles catalogues_api.changes",
        [(OWN | {"agent"}, ALWAYS)],
    ),
    (
        "catalogues.describe catalogues.edit catalogues.add_article catalogues.edit_article"
        " catalogues.change_article catalogues.remove_article catalogues.new_article"
        " catalogues.choose catalogues.upload catalogues.keep catalogues.throw_away"
        " catalogues_api.upload catalogues_api.keep catalogues_api.throw_away",
        [(OWN, ALWAYS)],
    ),
    ("series.show series_api.show series_api.rounds", [(EVERYONE, ALWAYS)]),
    ("series.follow series.unfollow", [(MEMBERS, ALWAYS)]),
    # No program of an organisation follows what its member does.
    (
        "series_api.follow series_api.unfollow",
        [(MEMBERS - {"organiser", "manager", "agent", "supplier"}, ALWAYS)],
    ),
    (
        "series.stop series.pause series.resume series.changing series.change series.skip"
        " series_api.stop series_api.pause series_api.change series_api.skip",
        [(OWN, ALWAYS)],
    ),
    # It goes on already; the page says so and leads there.
    ("series_api.resume", []),
    # Nothing is paused by a case, and no refund has failed.
    ("disputes.resume operations.try_refund_again", []),
    ("cases_api.queue cases_api.show", [({"moderator"}, ALWAYS)]),
    ("decisions_api.log", [(EVERYONE, ALWAYS)]),
    ("decisions_api.show_decision", [({"moderator"}, ALWAYS)]),
    ("accounts_api.index", [(MEMBERS, ALWAYS)]),
    # Those who manage whom they act for; whoever only acts for an organisation does not.
    (
        "payouts.index payouts.set_up payouts.onboarding payouts.come_back payouts.dashboard"
        " payouts.start_over"
        " payouts.show_statement payout_account_api.show payout_account_api.withheld"
        " payout_account_api.group_buys",
        [(MEMBERS - {"agent"}, ALWAYS)],
    ),
    # Nothing was moved for any of them.
    ("payouts.export_statement", [(MINE, ALWAYS)]),
    (
        "chargebacks.show chargebacks.answer chargebacks.ask_to_accept chargebacks.accept"
        " chargebacks_api.show chargebacks_api.answer chargebacks_api.accept",
        [(OWN | {"operator"}, ALWAYS)],
    ),
    ("accounts_api.transfers", [(MINE, ALWAYS)]),
    ("disputes.log operations.legal operations.legal_version", [(EVERYONE, ALWAYS)]),
    (
        "disputes.queue disputes.case disputes.take_up disputes.decide disputes.decision",
        [({"moderator"}, ALWAYS)],
    ),
    (
        "operations.overview operations.mark_bounced operations.retry_job operations.check_books"
        " operations.edit_legal operations.publish_legal operations.send_mail_again"
        " operations.show_money operations.reconcile operations.note_difference"
        " operations.set_fees",
        [({"operator"}, ALWAYS)],
    ),
]  # fmt: skip
RULES = {endpoint: clauses for endpoints, clauses in TABLE for endpoint in endpoints.split()}


def rule_of(endpoint: str) -> Clauses | None:
    """The row of `endpoint`, else that of the page which does the same."""
    if endpoint in RULES:
        return RULES[endpoint]
    feature, _, name = endpoint.partition(".")
    return RULES.get(f"{SAME_ROOM.get(feature, feature)}.{name}")


def addresses(app: Flask) -> Iterator[tuple[Rule, str]]:
    """What the table is about: each address with each of its methods."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        if rule.endpoint.partition(".")[0] in FEATURES:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def test_every_address_is_in_the_table_once(whole_app: Flask) -> None:
    known = {rule.endpoint for rule, _ in addresses(whole_app)}
    assert {endpoint for endpoint in known if rule_of(endpoint) is None} == set()
    assert set(RULES) - known == set()
    assert sum(len(endpoints.split()) for endpoints, _ in TABLE) == len(RULES)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("state", STATES)
def test_who_may_do_what(
    app: Flask,
    session: Session,
    browser_of: Callable[[Actor], FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
    now: datetime,
    state: str,
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    made = street(session, app, state, now=now)
    asking = Asking(made, browser_of)
    wrong = []
    with db.at(made.now):
        for rule, method in addresses(app):
            if state != "open" and not any(part in rule.rule for part in OF_THE_DEAL):
                continue
            path = made.path_to(rule)
            clauses = rule_of(rule.endpoint) or []
            for role in asked(state):
                may = any(role in who and state in when for who, when in clauses)
                # What is refused leaves nothing to undo.
                with undone(session) if may and method != "GET" else nullcontext():
                    found = list(asking.told(role, rule, method, path, may))
                wrong += [f"{state}: {method} {path} as {role} {what}" for what in found]

    assert wrong == [], "\n".join(wrong)


def asked(state: str) -> tuple[str, ...]:
    """Whom this state is tried with."""
    if state == "open" or os.environ.get("ACCESS") == "all":
        return ROLES
    others = [role for role in ROLES if role not in ("organiser", "committed")]
    turn = STATES.index(state)
    return ("organiser", "committed", others[turn % len(others)])


class Asking:
    """Everyone's browsers and programs."""

    def __init__(self, made: Street, browser_of: Callable[[Actor], FlaskClient]) -> None:
        self.made = made
        self.browsers = {role: made.app.test_client() for role in ROLES}
        self.headers: dict[str, dict[str, str]] = {"stranger": {}}
        for role in MEMBERS:
            self.browsers[role] = browser_of(made.act(role))
            self.headers[role] = bearer(made.session, made.act(role), now=made.now)

    def told(self, role: str, rule: Rule, method: str, path: str, may: bool) -> Iterator[str]:
        """What is wrong with the answer."""
        try:
            answer = self.ask(role, rule, method, path)
        except Exception as broken:  # Whatever it is would have been a 500.
            yield f"breaks: {type(broken).__name__} {str(broken)[:200]}"
            return
        status = answer.status_code
        if status == 303 and answer.location.startswith("/sign-in"):
            status = 401
        if may and status >= 400:
            yield f"is refused with {status}"
        if not may and status not in (400, 401, 403, 404, 409, 422):
            yield f"is answered with {status}"
        if SECRET in answer.text and role not in CONFIDANTS:
            yield "is told what is not theirs to know"

    def ask(self, role: str, rule: Rule, method: str, path: str) -> TestResponse:
        made, endpoint = self.made, rule.endpoint
        if rule.rule.startswith("/api/"):
            how: dict[str, Any] = {"headers": {**self.headers[role], "Idempotency-Key": "once"}}
            if endpoint in FILES:
                how["data"], how["content_type"] = FILES[endpoint]
            elif method in ("POST", "PUT", "PATCH"):
                how["json"] = BODIES[endpoint](made) if endpoint in BODIES else {}
            # A program has no cookies.
            return made.app.test_client().open(path, method=method, **how)
        data = {}
        if method == "POST" and endpoint in FORMS:
            form = FORMS[endpoint]
            browser = self.browsers[form.role]
            data = {
                name: value(browser) if callable(value) else value
                for name, value in form.body(made).items()
            }
        return self.browsers[role].open(path, method=method, data=data)


UNKNOWN = ("token", "name", "card_key", "picture_id", "session_id", "token_id", "notice_id")
# More than a database counts to, more than there are, and no number or name at all.
ODD = ("99999999999999999999", "999999999999999999", "\U0001f98a")


def test_no_address_breaks(
    app: Flask,
    session: Session,
    browser_of: Callable[[Actor], FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
    now: datetime,
) -> None:
    """Each part of each address of the instance, replaced by what no link of ours holds."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    made = street(session, app, "open", now=now)
    someone = made.act("organiser")
    someone.member.roles = ["moderator", "operator"]
    browser, program = browser_of(someone), bearer(session, someone, now=now)
    # What only those who were mailed it know, or what a single one has.
    made.ids |= dict.fromkeys(UNKNOWN, "1")
    wrong = []
    with db.at(made.now):
        for rule in app.url_map.iter_rules():
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            names = [] if rule.endpoint == "static" else sorted(rule.arguments)
            for odd, name, method in product(ODD, names, methods):
                if name in (rule.defaults or {}):
                    continue
                is_api = rule.rule.startswith("/api/")
                path = made.path_to(rule, **{name: odd})
                try:
                    headers = program if is_api else {}
                    status = browser.open(path, method=method, headers=headers).status_code
                except Exception as broken:  # Whatever it is would have been a 500.
                    wrong.append(f"{method} {path}: {type(broken).__name__} {str(broken)[:200]}")
                else:
                    if status >= 500:
                        wrong.append(f"{method} {path}: {status}")

    assert wrong == [], "\n".join(wrong)

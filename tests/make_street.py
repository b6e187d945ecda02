"""A whole street to test with: a group buy in any state, and everyone who has to do with it.

The food co-op organises oil and cheese that the mill supplies. Bob, Eve and a guest take part,
Charlie does not. Beside it stand a catalogue, a series, a thread, cases, and what is the
operator's, so that every address of the marketplace leads somewhere.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from models.actors import Actor
from models.buying import (
    GroupBuy,
    GroupBuyCommitment,
    Payee,
    PaymentMethod,
    ShortfallRule,
)
from models.chargebacks import Chargeback, ChargebackState
from models.circles import Admission
from models.disputes import Ground, Measure, Target
from models.invoices import Invoice, InvoiceKind, InvoiceLine, InvoiceLineKind
from models.ledger import Account
from models.notices import Notice
from models.operations import LegalKind
from models.participants import Membership, MembershipRole
from models.payments import Payment, Refund
from models.reconciliation import Difference
from services import (
    buying,
    catalogues,
    circles,
    disputes,
    mailing,
    operations,
    participants,
    payments,
    queue,
    secrets,
    series,
)
from services.buying import guests, handing_over, inviting, settling, steering, weighing
from services.series import Rhythm
from tests import make, make_buying, make_catalogues, make_circles, make_talk
from tests.make_payments import Bank
from tests.make_running import commitment

# What only those who organise, and whoever wrote it, may ever read.
TOKEN = "what-only-zoe-was-sent"
SECRET = "the blue door behind the yard"
ROLES = (
    "stranger", "member", "committed", "organiser", "owner", "manager", "agent", "co_organiser",
    "supplier", "moderator", "operator",
)  # fmt: skip
STATES = (
    "draft", "in_review", "scheduled", "open", "paused", "collecting", "supplier_asked",
    "to_order", "ordered", "delivered", "handing_over", "completed", "settled", "failed",
    "cancelled",
)  # fmt: skip
BY_CARD = ("open", "paused", "collecting", "supplier_asked")
FAILING = "pm_card_chargeCustomerFail"


# A name in an address, whatever stands for it: `<int:commitment_id>`.
_PART = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")


@dataclass
class Street:
    """The cast by role, the deal, the moment, and what stands in addresses."""

    session: Session
    app: Flask
    now: datetime
    state: str
    cast: dict[str, Actor]
    bank: Bank
    deal: GroupBuy = None  # type: ignore[assignment]
    ids: dict[str, Any] = field(default_factory=dict)
    # Ids of one feature that are called like those of another.
    own_ids: dict[str, dict[str, Any]] = field(default_factory=dict)

    def act(self, role: str) -> Actor:
        return self.cast[role]

    def values(self, endpoint: str, arguments: set[str]) -> dict[str, Any]:
        """What the address of `endpoint` holds; a KeyError names what nothing here is called."""
        feature = endpoint.partition(".")[0]
        own = {**self.own_ids.get(feature, {}), **self.own_ids.get(endpoint, {})}
        return {name: own[name] if name in own else self.ids[name] for name in arguments}

    def path_to(self, rule: Rule, **instead: str) -> str:
        """The address of `rule`, with what stands here or, by its name, something else."""
        names = {name for name in _PART.findall(rule.rule) if name not in instead}
        values = {**self.values(rule.endpoint, names), **instead}
        return _PART.sub(lambda part: quote(str(values[part[1]]), safe=""), rule.rule)


def street(session: Session, app: Flask, state: str, *, now: datetime) -> Street:
    """Everything, with the deal in `state`."""
    made = Street(session, app, now, state, cast_of(session, now), Bank(app, now))
    _open_deal(made)
    _beside_it(made)
    _circle_beside_it(made)
    with app.app_context():
        for then in _on_the_way_to(state):
            then(made)
    session.flush()
    made.ids |= _ids_of(made)
    return made


def beside(made: Street, state: str) -> Street:
    """Another group buy of the same people, in `state`; the clock goes on if it has to."""
    other = replace(made, state=state, now=made.now, ids=dict(made.ids), own_ids=dict(made.own_ids))
    _open_deal(other)
    with made.app.app_context():
        for then in _on_the_way_to(state):
            then(other)
    made.session.flush()
    other.ids |= _ids_of(other)
    return other


def _circle_beside_it(made: Street) -> None:
    """A circle that the organiser runs: Bob and Nina are in it, Rita asks to be let in."""
    session, now, by = made.session, made.now, made.act("organiser")
    room = make_circles.circle(
        session, by, name="Oil circle", admission=Admission.REQUEST, question="Who?", now=now
    )
    seen = make_circles.visit(session, room, by)
    circles.set_rules(session, seen, "Be kind.", lang="en", actor=by, now=now)
    session.flush()
    for role in ("committed", "nina"):
        came = make_circles.member(session, room, made.act(role), by=by, now=now)
    asked = make_circles.join(session, room, made.act("rita"), answer="Rita", now=now)
    said = make_talk.ask(session, room, body="Who has a ladder?", actor=made.act("nina"), now=now)
    key = circles.link_of(session, make_circles.visit(session, room, by))
    ids = {"slug": room.slug, "circle_id": room.id, "membership_id": came.id, "key": key}
    for feature in ("circles", "circles_api", "circle_steering_api", "messages_api", "widgets"):
        made.own_ids[feature] = ids if feature != "messages_api" else {"circle_id": room.id}
        for act in ("admit", "decline"):
            made.own_ids[f"{feature}.{act}"] = {**ids, "membership_id": asked.id}
    for act in ("circle_thread", "write_in_circle", "follow_circle"):
        made.own_ids[f"dialogue.{act}"] = ids
    made.own_ids["dialogue.ask_hiding"] = {"message_id": said.id}
    made.own_ids["widgets.group_buy"] = {"slug": made.deal.slug}


def cast_of(session: Session, now: datetime) -> dict[str, Actor]:
    owner = make.actor(session, "Olga", now=now)
    coop = make.organisation(session, "Foodcoop", owner=owner, now=now)
    people = {
        name: make.actor(session, name.title(), now=now, roles=roles)
        for name, roles in {
            "member": [], "committed": [], "co_organiser": [], "eve": [], "rita": [], "nina": [],
            "manager": [], "agent": [], "second_owner": [], "miller": [],
            "moderator": ["moderator"], "operator": ["operator"],
        }.items()
    }  # fmt: skip
    mill = make.organisation(session, "Mill", owner=people["miller"], now=now)

    def belongs(name: str, role: str) -> Actor:
        return make_catalogues.in_organisation(session, coop, people[name], role, now=now)

    second = belongs("second_owner", "owner")
    return {
        **people,
        "organiser": coop,
        # Who acts as themself runs what is the organisation's as well.
        "owner": Actor(second.member, second.member.participant, second.memberships),
        "manager": belongs("manager", "manager"),
        "agent": belongs("agent", "agent"),
        "supplier": mill,
    }


def _open_deal(made: Street) -> None:
    """The deal as a draft, and opened unless it is to stay one."""
    session, now, by = made.session, made.now, made.act("organiser")
    terms: dict[str, Any] = {"supplier_id": made.act("supplier").participant.id}
    if made.state in ("collecting", "supplier_asked"):
        terms["shortfall_rule"] = ShortfallRule.ASK_SUPPLIER
    if made.state == "in_review":
        terms["payee"] = Payee.SUPPLIER
    if made.state == "scheduled":
        terms["opens_at"] = now + timedelta(days=1)
    made.deal = deal = make_buying.group_buy(
        session,
        by,
        now=now,
        published=False,
        articles=[make_buying.olive_oil(order_number="101"), make_buying.cheese()],
        **terms,
    )
    make_buying.add_co_organiser(
        session, deal, made.act("co_organiser").member.email, actor=by, now=now
    )
    inviting.name_guest(session, deal, made.act("nina").participant.slug, actor=by, now=now)
    if made.state != "draft":
        buying.publish(session, deal, actor=by, now=now)
    if made.state in ("draft", "in_review", "scheduled"):
        return
    method = PaymentMethod.CARD if made.state in BY_CARD else PaymentMethod.AT_PICKUP
    wanted = {0: 1} if made.state == "failed" else {0: 4, 1: 2}
    _join(made, "committed", wanted, method)
    guest = guests.add(session, deal, "Frau Meyer", SECRET, actor=by, now=now)
    guests.order(session, deal, guest, _order(made, {0: 1}), actor=by, now=now)
    made.ids["guest"] = guest.id
    if made.state != "failed":
        _join(made, "eve", {0: 3}, PaymentMethod.AT_PICKUP)


def _order(made: Street, units: Mapping[int, int], **overrides: Any) -> buying.Order:
    articles = buying.articles(made.session, made.deal)
    [point] = buying.pickup_points(made.session, made.deal)
    return buying.Order(
        **{
            "wanted": [buying.Wanted(articles[at].id, count) for at, count in units.items()],
            "payment_method": PaymentMethod.AT_PICKUP,
            "pickup_point_id": point.id,
            "note": SECRET,
            **overrides,
        }
    )


def _join(made: Street, role: str, units: Mapping[int, int], method: PaymentMethod) -> None:
    order = _order(made, units, payment_method=method)
    buying.join(made.session, made.deal, order, actor=made.act(role), now=made.now)


def _beside_it(made: Street) -> None:
    """What is there whatever becomes of the deal."""
    session, now, by = made.session, made.now, made.act("organiser")
    shelf = make_catalogues.catalogue(session, by, now=now)
    first = make_catalogues.csv(make_catalogues.OIL, make_catalogues.RICE)
    kept = make_catalogues.kept(session, shelf, first, actor=by, now=now)
    second = make_catalogues.csv(make_catalogues.OIL, make_catalogues.JUICE)
    waiting = make_catalogues.uploaded(session, shelf, second, actor=by, now=now)
    [listed] = session.execute(
        text("SELECT min(id) FROM catalogue_articles WHERE version_id = :id"), {"id": kept.id}
    ).one()
    # Nothing is typed into a catalogue while a list waits; into this one it is.
    typed = make_catalogues.catalogue(session, by, now=now, name="By hand")
    catalogues.add_article(session, typed, make_catalogues.bread(), actor=by, now=now)
    current = catalogues.current(session, typed)
    assert current is not None
    [bread] = catalogues.articles(session, current).rows
    box = make_buying.group_buy(session, by, now=now, title="Vegetable box")
    rounds = series.begin(session, box, Rhythm(1, opens_by_itself=True), actor=by, now=now)

    rita, theo = made.act("rita"), made.act("nina")
    said = make_talk.ask(session, box, body="Is it fresh?", lang="en", actor=theo, now=now)
    cases = []
    for target, target_id in ((Target.PARTICIPANT, theo.participant.id), (Target.MESSAGE, said.id)):
        found = disputes.find_target(session, target, target_id, actor=rita)
        words = {"ground": Ground.OTHER, "body": "This is not as it should be."}
        cases.append(disputes.report(session, found, **words, actor=rita, now=now).case_id)
    moderator = made.act("moderator")
    measure, why = Measure.NOTHING, "A fair question, asked in a friendly way."
    disputes.decide(session, cases[1], measure=measure, reason=why, actor=moderator, now=now)

    lamps = make_buying.group_buy(session, by, now=now, title="Lamp oil")
    lit = make_buying.join(session, lamps, rita, 1, method=PaymentMethod.CARD, now=now)
    payments.await_card(session, lit)
    asked = Chargeback(
        key="dp_of_the_street",
        payment_id=session.scalars(select(Payment.id).filter_by(commitment_id=lit)).one(),
        intent_key="pi_of_the_street",
        currency="EUR",
        amount_minor=4_000,
        reason="fraudulent",
        state=ChargebackState.OPEN,
        opened_at=now,
    )
    differs = Difference(
        subject="other:re_1", kind="other", currency="EUR", at_gateway_minor=-100,
        in_books_minor=0, seen_at=now,
    )  # fmt: skip
    session.add_all([asked, differs])
    session.flush()
    operator = made.act("operator")
    operations.publish(session, LegalKind.IMPRINT, "en", body="We", actor=operator, now=now)
    mailing.write(
        session, key="lost", member=None, to="lost@example.org", locale="en",
        template="members/confirm", facts={"path": "/"}, now=now,
    )  # fmt: skip
    [mail] = session.execute(text("UPDATE mails SET state = 'failed' RETURNING id")).first() or []
    queue.defer(session, "ledger.verify")
    [job] = session.execute(
        text(
            "UPDATE procrastinate_jobs SET status = 'failed'"
            " WHERE id = (SELECT max(id) FROM procrastinate_jobs) RETURNING id"
        )
    ).one()
    coop = by.participant
    invited = participants.invite(
        session, coop, "zoe@example.org", MembershipRole.AGENT, actor=by, now=now
    )
    # As it stands in the mail to her.
    invited.token_hash = secrets.hashed(TOKEN)
    invited.expires_at = now + timedelta(days=365)
    card = made.bank.save_card(session, made.act("member"))
    belongs = session.scalars(
        select(Membership.id).filter_by(member_id=made.act("agent").member.id)
    ).one()
    made.ids |= {
        "catalogue_id": shelf.id,
        "series_id": rounds.id,
        "participant_id": made.act("nina").participant.id,
        "organisation_id": coop.id,
        "case_id": cases[0],
        "target": "collaboration",
        "mail_id": mail,
        "job_id": job,
        "invitation_id": invited.id,
        "membership_id": belongs,
        "token": TOKEN,
        "card_key": card,
        "revocation_id": 0,
        "chargeback_id": asked.id,
        "difference_id": differs.id,
        "number": 1,
        "kind": "imprint",
        "locale": "en",
        "key": "commitments",
        "code": "not-found",
    }
    for endpoint in (
        "choose", "upload", "new_article", "add_article", "edit_article", "change_article",
        "remove_article",
    ):  # fmt: skip
        made.own_ids[f"catalogues.{endpoint}"] = {"catalogue_id": typed.id, "article_id": bread.id}
    by_hand = {"catalogue_id": typed.id, "article_id": bread.id}
    made.own_ids["catalogues_api.upload"] = made.own_ids["catalogue_articles_api"] = by_hand
    made.own_ids |= {
        "catalogues": {"article_id": listed, "number": waiting.number},
        "catalogues_api": {"article_id": listed, "number": waiting.number},
        "series": {"slug": rounds.slug},
        "participants": {"slug": coop.slug},
        "participants.show": {"slug": made.act("nina").participant.slug},
        "disputes.decision": {"case_id": cases[1]},
        "decisions_api": {"case_id": cases[1]},
        "organisations_api": {"organisation_id": coop.id},
        "profiles_api": {"organisation_id": coop.id, "participant_id": coop.id},
        "operations.legal_version": {"number": 1},
        "organising.export": {"kind": "commitments"},
    }


def _invoice(made: Street, order: GroupBuyCommitment) -> int:
    """A receipt of the co-op's, whatever has become of the deal.

    Of more than an order can cost: where one is completed later, a credit note says the rest.
    """
    charged_minor = 10**9
    somebody = dict.fromkeys(("name", "address", "email", "phone", "register", "vat_number"), "x")
    receipt = Invoice(
        kind=InvoiceKind.INVOICE,
        commitment_id=order.id,
        position=0,
        collaboration_id=made.deal.id,
        seller_id=made.deal.organiser_id,
        buyer_id=order.participant_id,
        year=made.now.year,
        by_trader=False,
        seller_details=somebody,
        buyer_details=somebody,
        title=made.deal.title,
        organiser_name="Foodcoop",
        lang="en",
        time_zone=made.deal.time_zone,
        supplied_at=made.now,
        issued_at=made.now,
        currency=made.deal.currency,
        total_minor=charged_minor,
        vat_minor=0,
        lines=[
            InvoiceLine(
                position=0, kind=InvoiceLineKind.FREIGHT, gross_minor=charged_minor, vat_minor=0
            )
        ],
    )
    made.session.add(receipt)
    made.session.flush()
    return receipt.id


def _ids_of(made: Street) -> dict[str, Any]:
    """What can only be known now; one who has no order or refund has that of nobody, 0."""
    session, deal = made.session, made.deal
    orders = {
        one.participant_id: one
        for one in session.scalars(select(GroupBuyCommitment).filter_by(collaboration_id=deal.id))
    }
    mine = orders.get(made.act("committed").participant.id)
    guest = orders.get(made.ids.get("guest", 0))
    eves = orders.get(made.act("eve").participant.id)
    [point] = buying.pickup_points(session, deal)
    refund = session.scalar(select(Refund.id).order_by(Refund.id.desc()).limit(1))
    question = make_talk.ask(
        session, deal, body="Who wants a lift?", lang="en", actor=made.act("committed"),
        now=made.now,
    ).id if made.state not in ("draft", "in_review") else 0  # fmt: skip
    guest_id = guest.id if guest else 0
    for endpoint in ("guest_order", "change_guest_order", "withdraw_guest_order"):
        for feature in ("organising", "organising_api"):
            made.own_ids[f"{feature}.{endpoint}"] = {"commitment_id": guest_id}
    made.own_ids["series.new"] = made.own_ids["series.begin"] = {"slug": deal.slug}
    made.ids["invoice_id"] = _invoice(made, eves) if eves else 0
    told = select(func.max(Notice.id)).filter_by(member_id=made.act("committed").member.id)
    own = select(Account.id).filter_by(owner_id=made.act("committed").participant.id)
    return {
        "slug": deal.slug,
        "notice_id": session.scalar(told) or 0,
        "account_id": session.scalar(own) or 0,
        "group_buy_id": deal.id,
        "target_id": deal.id,
        "article_id": buying.articles(session, deal)[0].id,
        "cheese_id": buying.articles(session, deal)[1].id,
        "commitment_id": mine.id if mine else 0,
        "guests_commitment_id": guest_id,
        "eves_commitment_id": eves.id if eves else 0,
        "line_id": mine.lines[0].id if mine else 0,
        "cheese_line_id": mine.lines[-1].id if mine else 0,
        "point_id": point.id,
        "member_id": made.act("co_organiser").member.id,
        "refund_id": refund or 0,
        "message_id": question,
        "terms_number": deal.terms_number,
    }


# From open to every later state, step by step.


def _pause(made: Street) -> None:
    by = made.act("organiser")
    steering.pause(made.session, made.deal, reason="Rain", actor=by, now=made.now)


def _cancel(made: Street) -> None:
    by = made.act("organiser")
    steering.cancel(made.session, made.deal, reason="No truck", actor=by, now=made.now)


def _fail_cards(made: Street) -> None:
    """Bob's card was saved and will be declined."""
    bob = made.act("committed")
    made.bank.save_card(made.session, bob, FAILING)
    mine = commitment(made.session, made.deal, bob)
    payments.use_saved_card(made.session, mine.id, consent="At most.", actor=bob, now=made.now)


def _close(made: Street) -> None:
    made.now = made.deal.closes_at
    made.bank.run(made.session, made.now)


def _let_time_run_out(made: Street) -> None:
    assert made.deal.collect_until_at is not None
    made.now = made.deal.collect_until_at
    made.bank.run(made.session, made.now)


def _mark_ordered(made: Street) -> None:
    buying.mark_ordered(made.session, made.deal, actor=made.act("organiser"), now=made.now)


def _pay(made: Street, role: str) -> None:
    """Both say that the money was handed over."""
    found = commitment(made.session, made.deal, made.act(role))
    payments.confirm_paid(made.session, found.id, actor=made.act(role), now=made.now)
    by = made.act("organiser")
    payments.confirm_received(made.session, found.id, actor=by, now=made.now)


def _deliver_short(made: Street) -> None:
    """Two cans are missing: Eve, who came last and has paid, gets money back."""
    _pay(made, "eve")
    made.now = made.deal.closes_at + timedelta(days=3)
    came = {
        one.id: one.decided_units or 0 for one in buying.ordered_articles(made.session, made.deal)
    }
    came[buying.articles(made.session, made.deal)[0].id] -= 2
    buying.deliver(made.session, made.deal, came, actor=made.act("organiser"), now=made.now)


def everything_weighed(made: Street) -> None:
    session, deal, by = made.session, made.deal, made.act("organiser")
    portions = weighing.portions(buying.articles(session, deal), handing_over.crates(session, deal))
    for some in portions.values():
        buying.weigh(session, deal, {one.line.id: 800 for one in some})
    buying.make_final(session, deal, rest_as_ordered=True, actor=by, now=made.now)


def _begin_hand_over(made: Street) -> None:
    everything_weighed(made)
    buying.begin_hand_over(made.session, made.deal, actor=made.act("organiser"), now=made.now)


def _complete(made: Street) -> None:
    by = made.act("organiser")
    buying.complete(made.session, made.deal, unclaimed="Kept for them.", actor=by, now=made.now)


def _settle(made: Street) -> None:
    session, deal, by = made.session, made.deal, made.act("organiser")
    for owing in settling.owing(session, deal):
        settling.waive(session, deal, owing, actor=by, now=made.now)
    buying.settle(session, deal, actor=by, now=made.now)


Step = Callable[[Street], None]
_IN_ORDER: list[tuple[str, Step]] = [
    ("to_order", _close),
    ("ordered", _mark_ordered),
    ("delivered", _deliver_short),
    ("handing_over", _begin_hand_over),
    ("completed", _complete),
    ("settled", _settle),
]


def _on_the_way_to(state: str) -> list[Step]:
    elsewhere: dict[str, list[Step]] = {
        "paused": [_pause],
        "cancelled": [_cancel],
        "failed": [_close],
        "collecting": [_fail_cards, _close],
        "supplier_asked": [_fail_cards, _close, _let_time_run_out],
    }
    names = [name for name, _ in _IN_ORDER]
    if state in names:
        return [step for _, step in _IN_ORDER[: names.index(state) + 1]]
    return elsewhere.get(state, [])

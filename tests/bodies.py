"""What a browser sends when all is well: for every form of a page, where it may be sent, and by
whom. What is sent to programs is described by their own document."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from itsdangerous import URLSafeTimedSerializer

from models.disputes import Ground, Measure, Target
from services import buying, disputes
from services.buying import inviting
from tests import make_catalogues, make_running, make_transfers
from tests.make_members import PASSWORD
from tests.make_street import Street

Body = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """A form that is accepted from `role` while the deal is in `state`, with what it holds."""

    state: str = "open"
    role: str = "organiser"
    body: Callable[[Street], Body] = lambda _: {}
    status: int = 303
    # What has to be so first, and is not so in the street for anybody else.
    first: Callable[[Street], None] = lambda _: None


def local(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


def at(made: Street, **later: float) -> str:
    return local(made.deal.closes_at + timedelta(**later))


def what(made: Street) -> Body:
    return {
        "title": "Olive oil", "summary": "Pressed in October", "description": "From Crete.",
        "category": "food", "place": "", "place_id": "", "closes_at": at(made), "opens_at": "",
        "visibility": "public", "lang": "de", "currency": "EUR", "remove_picture": "",
    }  # fmt: skip


def article(_made: Street) -> Body:
    return {
        "name": "Vinegar", "unit": "1 l", "order_number": "17", "second_line": "from apples",
        "category": "Oil", "minimum_units": "1", "maximum_units": "80", "case_size": "1",
        "vat_percent": "7", "content": "1", "base_unit": "l", "by_weight": "", "overweight": "10",
        "origin": "Germany", "quality": "organic", "maker": "Mill", "ean": "4006381333931",
        "food_information": "Apples.", "price": "4.20", "deposit": "0.15", "tier_1_from": "10",
        "tier_1_price": "4.00", "preview": "",
    }  # fmt: skip


def better_oil(made: Street) -> Body:
    """The oil as it was, a little cheaper."""
    return {
        **article(made), "name": "Olive oil", "unit": "5 l can", "minimum_units": "5",
        "maximum_units": "50", "content": "5", "price": "39.00", "tier_1_from": "20",
        "tier_1_price": "35.00", "deposit": "", "terms_number": str(made.deal.terms_number),
    }  # fmt: skip


def pickup(made: Street) -> Body:
    return {
        "name": "School yard", "address": "Schulstraße 2", "note": "Ring twice",
        "from_at": at(made, days=4), "until_at": at(made, days=4, hours=2),
    }  # fmt: skip


def rules(_made: Street) -> Body:
    return {
        "by_card": "true", "at_pickup": "true", "rationing": "first_come",
        "withdrawal_policy": "free", "payee": "organiser", "shortfall_rule": "release",
        "floor_percent": "80", "collecting_days": "7", "extends_to_at": "",
        "freight_rule": "per_head", "share_rule": "none", "supplier_is": "other",
        "supplier_member": "", "supplier_name": "Mill", "supplier_email": "mill@example.org",
        "smallest_order": "10", "freight": "12.50", "freight_ceiling": "3", "share": "",
        "share_ceiling": "",
    }  # fmt: skip


def terms(made: Street) -> Body:
    return {
        "closes_at": at(made), "by_card": "true", "at_pickup": "true", "ships": "",
        "withdrawal_policy": "free", "shortfall_rule": "release", "floor_percent": "70",
        "freight_rule": "none", "share_rule": "none", "smallest_order": "", "freight": "",
        "freight_ceiling": "", "share": "", "share_ceiling": "", "shipping_ceiling": "",
        "terms_number": str(made.deal.terms_number),
    }  # fmt: skip


def order(made: Street) -> Body:
    return {
        "payment_method": "at_pickup", "pickup_point": str(made.ids["point_id"]),
        "shipping_address": "", "note": "After five", "may_wait": "",
        f"units-{made.ids['article_id']}": "2", f"tolerance-{made.ids['article_id']}": "1",
        f"highest-{made.ids['article_id']}": "40.00",
    }  # fmt: skip


def binding(made: Street) -> Body:
    return {
        "payment_method": "at_pickup", "pickup_point": str(made.ids["point_id"]),
        "shipping_address": "", "note": "After five", "may_wait": "",
        "lines": f"{made.ids['article_id']}:2:0:4000", "idempotency_key": "once",
        "terms_number": str(made.ids["terms_number"]),
    }  # fmt: skip


def changed(made: Street) -> Body:
    return {**binding(made), "payment_method": "card"}


def guest_order(made: Street) -> Body:
    return {
        "guest": "", "name": "Herr Schulz", "contact": "0471 1234", "shipping_address": "",
        "pickup_point": str(made.ids["point_id"]), "note": "Rings twice",
        f"units-{made.ids['article_id']}": "1",
    }  # fmt: skip


def guest_change(made: Street) -> Body:
    named = guest_order(made)
    return {name: named[name] for name in named if name not in ("guest", "name", "contact")}


def delivery(made: Street) -> Body:
    """The count that was shown, said once more: it binds."""
    came = {
        one.id: one.decided_units or 0 for one in buying.ordered_articles(made.session, made.deal)
    }
    return {
        **{f"units-{one}": str(units) for one, units in came.items()},
        "confirmed": "yes", "meant": ",".join(f"{one}:{n}" for one, n in sorted(came.items())),
    }  # fmt: skip


def weights(made: Street) -> Body:
    line = made.ids["cheese_line_id"]
    return {f"grams-{line}": "1650", f"was-{line}": "", "article": str(made.ids["cheese_id"])}


def weights_table(made: Street) -> Body:
    path = f"/group-buys/{made.deal.slug}/desk/weights.csv"
    return {"table": lambda browser: (BytesIO(browser.get(path).data), "weights.csv")}


def statement(_made: Street) -> Body:
    file = make_transfers.statement(("Bob", "oil", "10,00"))
    return {"file": lambda _: (BytesIO(file), "statement.csv")}


def receipts(made: Street) -> Body:
    """A preview in which there was one line for Bob's order."""
    signer = URLSafeTimedSerializer(made.app.secret_key, salt="bank-statement")  # type: ignore[arg-type]
    by, mine = made.act("organiser"), made.ids["commitment_id"]
    rows = [[mine, [["0" * 64, 100, "2026-11-28"]]]]
    return {
        "seen": signer.dumps([made.deal.organiser_id, by.member.id, rows]),
        "take": str(mine),
    }


def account(_made: Street) -> Body:
    return {
        "holder": "Foodcoop", "iban": make_transfers.IBAN, "bic": "COBADEFFXXX", "due_days": "7"
    }  # fmt: skip


def listed_article(_made: Street) -> Body:
    return {
        "name": "Oats", "unit": "1 kg", "vat": "7", "order_number": "104", "second_line": "fine",
        "category": "Grain", "case_size": "6", "minimum_units": "1", "maximum_units": "",
        "base_unit": "kg", "content": "1", "by_weight": "", "overweight": "10", "origin": "Elbe",
        "quality": "organic", "maker": "Mill", "note": "In paper", "is_available": "true",
        "price": "2.10", "deposit": "", "tier_1_from": "12", "tier_1_price": "1.90",
    }  # fmt: skip


def list_file(_made: Street) -> Body:
    file = make_catalogues.csv(make_catalogues.OIL)
    return {
        "vat_reduced": "7", "vat_standard": "19",
        "file": lambda _: (BytesIO(file), "list.csv"),
    }  # fmt: skip


def picture(_made: Street) -> Body:
    from PIL import Image

    drawn = BytesIO()
    Image.new("RGB", (40, 40), "teal").save(drawn, "PNG")
    return {"alt": "Me", "picture": lambda _: (BytesIO(drawn.getvalue()), "me.png")}


def profile(_made: Street) -> Body:
    return {
        "name": "Bob", "about": "Bakes.", "lang": "de", "languages": "de", "skills": "baking",
        "place": "", "place_id": "", "is_trader": "", "legal_name": "", "address": "",
        "email": "bob@example.org", "phone": "0471", "register": "", "vat_number": "",
    }  # fmt: skip


def is_trader(made: Street) -> None:
    """The co-op turns out to be one: one can withdraw from a contract with it."""
    made.deal.organiser.is_trader = True
    made.session.flush()


def hand_over(made: Street) -> None:
    """Bob's goods are ticked off."""
    found = make_running.commitment(made.session, made.deal, made.act("committed"))
    buying.hand_over(made.session, made.deal, found, actor=made.act("organiser"), now=made.now)


def ask_to_co_organise(made: Street) -> None:
    email, by = made.act("member").member.email, made.act("organiser")
    inviting.ask_co_organiser(made.session, made.deal, email, actor=by, now=made.now)


def paused_by_moderator(made: Street) -> None:
    """It was reported, and stands until a moderator lets it go on."""
    rita, moderator = made.act("rita"), made.act("moderator")
    found = disputes.find_target(made.session, Target.COLLABORATION, made.deal.id, actor=rita)
    reported = disputes.report(
        made.session, found, ground=Ground.FRAUD, body="There is no such oil.", actor=rita,
        now=made.now,
    )  # fmt: skip
    disputes.decide(
        made.session, reported.case_id, measure=Measure.PAUSED, reason="We ask them first.",
        actor=moderator, now=made.now,
    )  # fmt: skip
    for endpoint in ("disputes.resume", "cases_api.resume"):
        made.own_ids[endpoint] = {"case_id": reported.case_id}


def declaration(made: Street) -> Body:
    return {
        "name": "Bob", "contact": "bob@example.org", "articles": str(made.ids["article_id"]),
        "reason": "It leaks.", "is_confirmed": "true",
    }  # fmt: skip


def says(**words: str) -> Callable[[Street], Body]:
    return lambda _: dict(words)


RHYTHM = says(every_weeks="2", more_rounds="3", opens_by_itself="false")
REASON = says(reason="It rains.")
SAID_OF_CIRCLE = says(
    name="Garden friends", kind="neighbourhood", summary="We dig.", description="In the **park**.",
    lang="de", visibility="public", admission="request", question="Who are you?",
    members_invite="true", place="", place_id="", ends_at="",
)  # fmt: skip
LIFTED = says(reason="They showed us the oil, and it is real.")
# Those that ask anybody for a password are for members who have one.
ME = "committed"

FORMS: dict[str, Form] = {
    "buying.gather": Form("open", "member", lambda made: {f"units-{made.ids['article_id']}": "3"}),
    "buying.empty_basket": Form("open", "member"),
    "buying.review": Form("open", "member", order, 200),
    "buying.join": Form("open", "member", binding),
    "buying.change": Form("open", ME, changed),
    "buying.leave": Form("open", ME, REASON),
    "buying.keep_usual": Form("open", ME),
    "buying.forget_usual": Form("open", ME),
    "buying.fill_usual": Form("open", "member"),
    "buying.consent": Form("in_review", "supplier"),
    "buying.decline": Form("in_review", "supplier", REASON),
    "buying.replay": Form("open", "member", says(proof=""), 422),
    "catalogues.make": Form(
        "open", "organiser", says(name="Biohof", country="DE", currency="EUR")
    ),
    "catalogues.describe": Form("open", "organiser", says(name="Biohof", country="NL")),
    "catalogues.add_article": Form("open", "organiser", listed_article),
    "catalogues.change_article": Form("open", "organiser", listed_article),
    "catalogues.remove_article": Form("open", "organiser"),
    "catalogues.upload": Form("open", "organiser", list_file),
    "catalogues.keep": Form("open", "organiser"),
    "catalogues.throw_away": Form("open", "organiser"),
    "dialogue.write": Form(
        "open", "member", says(body="Is it fresh?", lang="de", answers="", is_announcement="")
    ),
    "dialogue.hide": Form("open", ME, says(reason="")),
    "dialogue.edit": Form("open", ME, says(body="Who wants a ride?", lang="en")),
    "dialogue.follow": Form("open", "member", says(following="followed")),
    "dialogue.follow_circle": Form("open", "member", says(following="muted")),
    "dialogue.write_in_circle": Form(
        "open", ME, says(body="I have one.", lang="de", answers="", is_announcement="")
    ),
    "circles.found": Form("open", "member", SAID_OF_CIRCLE),
    "circles.change": Form("open", "organiser", SAID_OF_CIRCLE),
    "circles.archive": Form("open", "organiser"),
    "circles.reopen": Form("open", "organiser"),
    "circles.join": Form("open", "member", says(answer="Me", rules_number="1")),
    "circles.leave": Form("open", ME),
    "circles.admit": Form("open", "organiser"),
    "circles.decline": Form("open", "organiser", REASON),
    "circles.appoint": Form("open", "organiser", says(role="treasurer")),
    "circles.remove": Form("open", "organiser", REASON),
    "circles.invite": Form(
        "open", ME, lambda made: {"who": made.act("member").participant.slug}
    ),
    "circles.draw_link": Form("open", ME),
    "circles.renew_link": Form("open", ME),
    "circles.set_rules": Form("open", "organiser", says(body="Be very kind.", lang="en")),
    "circles.agree": Form("open", ME, says(rules_number="1")),
    "disputes.report": Form("open", "member", says(ground="fraud", body="There is no such oil.")),
    "disputes.take_up": Form("open", "moderator"),
    "disputes.decide": Form(
        "open", "moderator", says(measure="nothing", reason="We looked, and all is as it says.")
    ),
    "disputes.resume": Form("open", "moderator", LIFTED, first=paused_by_moderator),
    "operations.check_books": Form("open", "operator"),
    "operations.retry_job": Form("open", "operator"),
    "operations.send_mail_again": Form("open", "operator"),
    "operations.mark_bounced": Form(
        "open", "operator", says(address="lost@example.org", why="no such box")
    ),
    "operations.try_refund_again": Form("handing_over", "operator", status=409),
    "operations.reconcile": Form("open", "operator"),
    "operations.note_difference": Form(
        "open", "operator", lambda _: {"words": "Given back by hand."}
    ),
    "operations.set_fees": Form(
        "open",
        "operator",
        says(fee="2.5", reserve="5", reserve_days="30", from_day="2099-12-01"),
    ),
    "payouts.set_up": Form("open", "member", lambda _: {"country": "DE"}),
    "payouts.dashboard": Form("open", "member"),
    "payouts.start_over": Form("open", "member"),
    "chargebacks.answer": Form(body=lambda _: {"words": "They fetched it on Friday."}),
    "chargebacks.accept": Form(),
    "operations.publish_legal": Form(
        "open", "operator", says(kind="imprint", locale="en", body="Us.", preview="")
    ),
    "organising.begin": Form("open", "organiser", what),
    "organising.describe": Form("draft", "organiser", what),
    "organising.add_article": Form("draft", "organiser", article),
    "organising.change_article": Form("draft", "organiser", article),
    "organising.remove_articles": Form(
        "draft", "organiser", lambda made: {"articles": str(made.ids["article_id"])}
    ),
    "organising.say_revocability": Form(
        "draft", "organiser", says(revocability="perishable", q="", category="")
    ),
    "organising.take_articles": Form("draft", "organiser", says(which="all")),
    "organising.add_pickup": Form("draft", "organiser", pickup),
    "organising.remove_pickup": Form("draft"),
    "organising.ship": Form("draft", "organiser", says(ships="true", shipping_ceiling="6.90")),
    "organising.set_rules": Form("draft", "organiser", rules),
    "organising.publish": Form("draft"),
    "organising.discard": Form("draft"),
    "organising.take_question_back": Form("in_review"),
    "organising.copy": Form("open"),
    "organising.add_co_organiser": Form(
        "open", "organiser", lambda made: {"email": made.act("member").member.email}
    ),
    "organising.remove_co_organiser": Form("open"),
    "organising.accept_co_organising": Form("open", "member", first=ask_to_co_organise),
    "organising.decline_co_organising": Form("open", "member", first=ask_to_co_organise),
    "organising.name_guest": Form(
        "open", "organiser", lambda made: {"who": made.act("member").participant.slug}
    ),
    "organising.unname_guest": Form("open"),
    "organising.pause": Form("open", "organiser", REASON),
    "organising.resume": Form("paused"),
    "organising.cancel": Form("open", "organiser", REASON),
    "organising.announce": Form("open", "organiser", says(body="Bring your bags.")),
    "organising.amend": Form("open", "organiser", terms),
    "organising.amend_article": Form("open", "organiser", better_oil),
    "organising.order_for_guest": Form("open", "organiser", guest_order),
    "organising.change_guest_order": Form("open", "organiser", guest_change),
    "organising.withdraw_guest_order": Form("open"),
    "organising.offer_pickup": Form("open", "organiser", pickup),
    "organising.withdraw_pickup": Form("open", status=409),
    "organising.move_pickup": Form("open", "organiser", pickup),
    "organising.mark_ordered": Form("to_order"),
    "organising.count_delivery": Form("ordered", "organiser", delivery),
    "organising.weigh": Form("delivered", "organiser", weights),
    "organising.read_weights": Form("delivered", "organiser", weights_table),
    "organising.make_final": Form("delivered", "organiser", says(rest_as_ordered="true")),
    "organising.tick_crate": Form("delivered", "organiser", says(on="true")),
    "organising.tick_line": Form("delivered", "organiser", says(on="true", by="crate")),
    "organising.begin_hand_over": Form("delivered", status=409),
    "organising.hand_over": Form("handing_over", "organiser", says(with_cash="")),
    "organising.undo_hand_over": Form("handing_over", first=hand_over),
    "organising.confirm_cash": Form("handing_over"),
    "organising.deny_cash": Form("handing_over", status=409),
    "organising.hand_back": Form("handing_over"),
    "organising.complete": Form("handing_over", "organiser", says(unclaimed="Kept.")),
    "organising.waive": Form("completed"),
    "organising.settle": Form("completed", status=409),
    "organising.name_account": Form("open", "organiser", account),
    "organising.drop_account": Form("open"),
    "organising.look_at_statement": Form("to_order", "organiser", statement, 200),
    "organising.receive": Form("to_order", "organiser", receipts),
    "participants.open_organisation": Form("open", "member", says(name="Choir")),
    "participants.edit_own_profile": Form("open", ME, profile),
    "participants.edit_profile": Form("open", "organiser", profile),
    "participants.change_picture": Form("open", "organiser", picture),
    "participants.remove_picture": Form("open"),
    "participants.invite": Form(
        "open", "organiser", says(email="zoe@example.org", role="manager")
    ),
    "participants.withdraw_invitation": Form("open"),
    "participants.change_role": Form("open", "organiser", says(role="manager")),
    "participants.remove": Form("open"),
    "participants.leave": Form("open", "agent"),
    "participants.act_as": Form(
        "open", "agent", lambda made: {"participant": str(made.ids["organisation_id"])}
    ),
    "payments.check_out": Form("open", ME),
    "payments.use_saved_card": Form("open", ME, status=409),
    "payments.pay_by_hand": Form("collecting", ME, status=409),
    "payments.confirm_paid": Form("to_order", ME),
    "payments.confirm_received": Form("to_order"),
    "payments.take_back": Form("to_order", ME, status=409),
    "payments.hand_back": Form("handing_over"),
    "revocations.declare": Form("handing_over", ME, declaration, first=is_trader),
    "revocations.refund": Form("handing_over", status=404),
    "payments.decide_shortfall": Form("supplier_asked", "organiser", says(goes_on="true")),
    "series.begin": Form("open", "organiser", RHYTHM),
    "series.change": Form("open", "organiser", RHYTHM),
    "series.pause": Form("open"),
    "series.resume": Form("open"),
    "series.skip": Form("open"),
    "series.stop": Form("open"),
    "series.follow": Form("open", "member", says(deal="")),
    "series.unfollow": Form("open", "member", says(deal="")),
    "members.join": Form(
        "open", "stranger",
        says(name="Zoe", email="zoe@example.org", password=PASSWORD, terms="true"),
    ),
    "members.start_session": Form(
        "open", "stranger",
        lambda made: {"email": made.act(ME).member.email, "password": PASSWORD, "next": "/"},
    ),
    "members.ask_for_reset": Form("open", "stranger", says(email="zoe@example.org")),
    "members.change_email": Form(
        "open", ME, says(email="new@example.org", current_password=PASSWORD)
    ),
    "members.change_password": Form(
        "open", ME, says(current_password=PASSWORD, password="eight lamps in the yard")
    ),
    "members.make_token": Form(
        "open", ME, says(name="Sheet", scopes="read", current_password=PASSWORD), 201
    ),
    "members.consent": Form("open", ME, says(next="/")),
    "invoices.bill_to": Form("open", ME, says(name="Bob Blau", address="Deichweg 2")),
    "notices.prefer": Form("open", ME, says(deals_page="true", deals_mail="")),
    "site.preferences": Form("open", ME, says(locale="de", theme="dark", large_print="on")),
}  # fmt: skip

# Forms that hold nothing that somebody types, of features with tests of access of their own; and
# those whose address holds a secret that is only mailed.
WITHOUT_WORDS = {
    "cards.remove", "members.confirm", "members.end_other_sessions", "members.end_session",
    "members.reset", "members.revoke_token", "members.send_confirmation", "members.sign_out",
    "members.start_demo_session", "notices.read", "notices.read_all", "notices.unsubscribe",
    "participants.accept", "participants.decline", "webhooks.webhook",
}  # fmt: skip

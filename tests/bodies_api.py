"""What a program sends when all is well, by operation; what is in no row sends an empty object."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import select

from models.buying import Clearing
from services import buying, circles, payments, revocations, series, transfers
from services.buying import settling
from services.series import Rhythm
from tests import make_buying, make_catalogues, make_transfers
from tests.bodies import ask_to_co_organise, hand_over, is_trader, paused_by_moderator, receipts
from tests.make_running import commitment
from tests.make_street import FAILING, Street, everything_weighed

Json = dict[str, Any]
RHYTHM = {"every_weeks": 2, "opens_by_itself": False}
IN_EUROS = {"currency": "EUR"}


def moment(made: Street, days: int = 0) -> str:
    return (made.deal.closes_at + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def article(made: Street) -> Json:
    """As the oil is, a little cheaper."""
    return {
        "name": "Olive oil",
        "unit": "5 l can",
        "tiers": [{"from_units": 1, "price": {"amount": "39.00", **IN_EUROS}}],
        "minimum_units": 5,
        "maximum_units": 50,
        "vat_basis_points": 700,
        "base_unit": "l",
        "base_units_thousandths": 5000,
    }


def pickup(made: Street) -> Json:
    return {
        "name": "School yard",
        "address": "Schulstraße 2",
        "from_at": moment(made, 4),
        "until_at": moment(made, 5),
    }


def draft(made: Street) -> Json:
    return {
        "title": "Honey",
        "closes_at": moment(made),
        "articles": [article(made)],
        "pickup_points": [pickup(made)],
    }


def lines(made: Street) -> Json:
    return {
        "lines": [{"article": str(made.ids["article_id"]), "units": 2}],
        "pickup_point": str(made.ids["point_id"]),
    }


def order(made: Street) -> Json:
    return {
        **lines(made),
        "payment_method": "at_pickup",
        "terms_number": made.ids["terms_number"],
    }


def delivery(made: Street) -> Json:
    came = buying.ordered_articles(made.session, made.deal)
    return {"articles": [{"article": str(one.id), "units": one.decided_units or 0} for one in came]}


def proof(made: Street) -> Json:
    found = made.session.scalar(
        select(Clearing.proof).filter_by(collaboration_id=made.deal.id).limit(1)
    )
    return {"proof": found or {}}


def seen(made: Street) -> Json:
    sent = receipts(made)
    return {"seen": sent["seen"], "take": [sent["take"]]}


def says(**words: Any) -> Callable[[Street], Json]:
    return lambda _: dict(words)


def end_circle(made: Street) -> None:
    by = made.act("organiser")
    circle_id = made.own_ids["circles"]["circle_id"]
    visit = circles.find(made.session, circle_id, actor=by, lock=True)
    circles.archive(made.session, visit, actor=by, now=made.now)


def name_account(made: Street) -> None:
    transfers.name_account(
        made.session,
        made.deal,
        holder="Foodcoop",
        iban=make_transfers.IBAN,
        actor=made.act("organiser"),
        now=made.now,
    )


def waive_all(made: Street) -> None:
    by = made.act("organiser")
    for owing in settling.owing(made.session, made.deal):
        settling.waive(made.session, made.deal, owing, actor=by, now=made.now)


def a_card_that_fails(made: Street) -> None:
    """Of another group buy, which does not wait for money before it orders."""
    session, bob = made.session, made.act("committed")
    deal = make_buying.group_buy(session, made.act("organiser"), now=made.now, collecting_days=0)
    joined = made.bank.join(session, deal, bob, 5, card=FAILING, now=made.now)
    made.bank.run(session, deal.closes_at)
    payments.request_charges(session, deal.id, now=deal.closes_at)
    made.bank.run(session, deal.closes_at)
    made.own_ids["payments_api.pay_by_hand"] = {"commitment_id": joined}


def say_paid(made: Street) -> None:
    bob = made.act("committed")
    found = commitment(made.session, made.deal, bob)
    payments.confirm_paid(made.session, found.id, actor=bob, now=made.now)


def declare(made: Street) -> None:
    is_trader(made)
    by, said = made.act("committed"), declaration(made)
    done = revocations.declare(
        made.session,
        made.ids["commitment_id"],
        name=said["name"],
        contact=said["contact"],
        reason="",
        article_ids=[made.ids["article_id"]],
        actor=by,
        now=made.now,
    )
    made.own_ids["revocations_api.refund"] = {"revocation_id": done.id}


def declaration(made: Street) -> Json:
    return {
        "name": "Bob",
        "contact": "bob@example.org",
        "articles": [str(made.ids["article_id"])],
    }


def pause_series(made: Street) -> None:
    rounds = series.locked(made.session, made.ids["series_id"])
    series.pause(made.session, rounds, actor=made.act("organiser"), now=made.now)


def ask_for_another_round(made: Street) -> None:
    """Bob took part in the round before."""
    by, weekly = made.act("organiser"), Rhythm(1, opens_by_itself=True)
    rounds = series.begin(made.session, made.deal, weekly, actor=by, now=made.now)
    following = series.advance(made.session, rounds.id, now=rounds.due_at)
    assert following is not None
    made.own_ids["usual_orders_api.show"] = {"group_buy_id": following.id}


REASON = says(reason="It rains.")
LIFTED = says(reason="They showed us the oil, and it is real.")
PROFILE = says(name="Bob", about="Bakes.", email="bob@example.org")

CIRCLE = says(name="Garden", kind="neighbourhood", visibility="public", admission="request")
BODIES: dict[str, Callable[[Street], Json]] = {
    "cases_api.decide": says(measure="nothing", reason="We looked, and all is as it says."),
    "cases_api.resume": LIFTED,
    "chargebacks_api.answer": says(words="They fetched it on Friday."),
    "catalogue_articles_api.add_article": article,
    "catalogue_articles_api.change_article": article,
    "catalogue_articles_api.describe": says(name="Biohof", country="NL"),
    "catalogues_api.make": says(name="Biohof", country="DE"),
    "group_buys_api.draft": draft,
    "group_buys_api.cancel": REASON,
    "group_buys_api.join": order,
    "group_buys_api.change": lambda made: {**order(made), "payment_method": "card"},
    "group_buys_api.withdraw": says(reason=""),
    "messages_api.write": says(body="Is it fresh?"),
    "messages_api.write_in_circle": says(body="I have one."),
    "messages_api.edit": says(body="Who wants a ride?"),
    "messages_api.follow": says(following="followed"),
    "messages_api.follow_circle": says(following="muted"),
    "circles_api.found": CIRCLE,
    "circles_api.join": says(answer="Me", rules_number=1),
    "circles_api.invite": lambda made: {"who": made.act("member").participant.slug},
    "circle_steering_api.change": CIRCLE,
    "circle_steering_api.decline": REASON,
    "circle_steering_api.appoint": says(role="treasurer"),
    "circle_steering_api.remove": REASON,
    "circle_steering_api.set_rules": says(body="Be very kind."),
    "circle_steering_api.agree": says(rules_number=1),
    "notices_api.prefer": says(joined_page=True),
    "organisations_api.change_role": says(role="manager"),
    "organisations_api.invite": says(email="yann@example.org", role="agent"),
    "organisations_api.open_organisation": says(name="Choir"),
    "organising_api.add_article": article,
    "organising_api.add_co_organiser": lambda made: {"email": made.act("member").member.email},
    "organising_api.add_pickup": pickup,
    "organising_api.amend": says(floor_basis_points=7_000),
    "organising_api.amend_article": article,
    "organising_api.announce": says(body="Bring your bags."),
    "organising_api.change_article": article,
    "organising_api.change_guest_order": lines,
    "organising_api.complete": says(unclaimed="Kept for them."),
    "organising_api.deliver": delivery,
    "organising_api.describe": says(title="Olive oil"),
    "organising_api.make_final": says(rest_as_ordered=True),
    "organising_api.move_pickup": pickup,
    "organising_api.name_account": says(holder="Foodcoop", iban=make_transfers.IBAN, due_days=7),
    "organising_api.name_guest": lambda made: {"who": made.act("member").participant.slug},
    "organising_api.order_for_guest": lambda made: {**lines(made), "name": "Herr Schulz"},
    "organising_api.pause": REASON,
    "organising_api.preview_delivery": delivery,
    "organising_api.receive": seen,
    "organising_api.take_articles": lambda made: {"catalogue": str(made.ids["catalogue_id"])},
    "organising_api.tick_crate": says(packed=True),
    "organising_api.tick_line": says(packed=True),
    "organising_api.weigh": lambda made: {
        "weights": [{"line": str(made.ids["cheese_line_id"]), "grams": 1650}]
    },
    "profiles_api.edit_own_profile": PROFILE,
    "profiles_api.edit_profile": PROFILE,
    "proof_replays_api.replay": proof,
    "reports_api.report": lambda made: {
        "ground": "fraud",
        "body": "There is no such oil.",
        "target": "collaboration",
        "target_id": str(made.deal.id),
    },
    "revocations_api.declare": declaration,
    "series_api.begin": lambda made: {"group_buy": str(made.deal.id), **RHYTHM},
    "series_api.change": says(**RHYTHM),
    "shortfalls_api.decide_shortfall": says(goes_on=True),
    "supplier_answers_api.decline": REASON,
}
# What has to be so before it is asked for, and in which state of the deal.
FIRST: dict[str, tuple[str, Callable[[Street], None]]] = {
    "circle_steering_api.reopen": ("open", end_circle),
    "cases_api.resume": ("open", paused_by_moderator),
    "organising_api.accept_co_organising": ("open", ask_to_co_organise),
    "organising_api.account": ("open", name_account),
    "organising_api.begin_hand_over": ("delivered", everything_weighed),
    "organising_api.decline_co_organising": ("open", ask_to_co_organise),
    "organising_api.settle": ("completed", waive_all),
    "organising_api.undo_hand_over": ("handing_over", hand_over),
    "payments_api.deny_paid": ("to_order", say_paid),
    "payments_api.pay_by_hand": ("open", a_card_that_fails),
    "payments_api.take_back": ("to_order", say_paid),
    "revocations_api.declare": ("handing_over", is_trader),
    "revocations_api.refund": ("handing_over", declare),
    "series_api.resume": ("open", pause_series),
    "usual_orders_api.show": ("open", ask_for_another_round),
}
QUERIES = {"reference_api.places": {"q": "Brem"}}


def _drawn() -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (40, 40), "teal").save(drawn, "PNG")
    return drawn.getvalue()


# What is sent as the file that it is, and as which kind.
FILES: dict[str, tuple[bytes, str]] = {
    "catalogues_api.upload": (
        make_catalogues.csv(make_catalogues.OIL),
        "application/octet-stream",
    ),
    "organising_api.look_at_statement": (
        make_transfers.statement(("Bob", "oil", "10,00")),
        "text/csv",
    ),
    "organising_api.show_article": (_drawn(), "image/png"),
    "organising_api.show_picture": (_drawn(), "image/png"),
    "profiles_api.change_picture": (_drawn(), "image/png"),
}

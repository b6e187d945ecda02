"""What somebody hostile sends to the doors: numbers without end, foreign hosts, floods."""

import re
from dataclasses import replace
from io import BytesIO

import pytest
from marshmallow import ValidationError
from sqlalchemy import select

from marketplace import create_app, db, filters
from marketplace.fields import Words
from models.buying import GroupBuyCommitment
from models.collaborations import Visibility
from models.participants import ParticipantKind
from services import buying
from tests import make, make_buying, make_running, make_talk
from tests.make_api import program
from tests.make_street import street
from tests.pages import csrf_token, send

ENDLESS = "9" * 30


@pytest.mark.parametrize(
    "path",
    [
        f"/payments/{ENDLESS}",
        f"/cases/{ENDLESS}",
        f"/report/participant/{ENDLESS}",
        f"/people/alice/portrait/{ENDLESS}.webp",
        f"/payments/{2**63}",
        f"/legal/terms/en/{2**40}",
    ],
)
def test_a_number_that_no_row_has_is_found_nowhere(as_alice, path):
    assert as_alice.get(path).status_code == 404


def test_a_host_that_is_not_ours_is_refused_and_breaks_nothing(app):
    ours = create_app(replace(app.config["SETTINGS"], trusted_hosts="allmende.example.org"))

    answer = ours.test_client().get("/", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert "evil.example" not in answer.text


def test_a_guest_is_not_found_by_strangers(client, session, alice, now):
    guest = make.participant(
        session,
        "Oma Erna",
        kind=ParticipantKind.GUEST,
        kept_by_id=alice.participant.id,
        now=now,
    )

    answer = client.get(f"/report/participant/{guest.id}")

    assert answer.status_code == 404
    assert "Erna" not in answer.text


def test_proofs_are_replayed_so_often_and_not_more(client, now):
    token = csrf_token(client)

    with db.at(now):
        statuses = [
            client.post(
                "/proof",
                data={"csrf_token": token, "proof": (BytesIO(b"{}"), "proof.json")},
            ).status_code
            for _ in range(21)
        ]

    assert statuses == [422] * 20 + [409]


@pytest.mark.parametrize("name", ["\u200b", "\u200d \u2060", "\ufeff"])
def test_a_name_that_nobody_sees_is_no_name(name):
    field = Words(required=True)

    with pytest.raises(ValidationError, match="fill this in"):
        field.deserialize(name)
    assert field.deserialize(f"Ada{name}") != ""


def test_a_form_without_end_is_refused_before_it_is_made(as_bob, session, alice, now):
    oil = make_buying.group_buy(session, alice, now=now)
    endless = {f"units-{number}": "1" for number in range(1, buying.MOST_LINES + 2)}

    with db.at(now):
        as_bob.get(f"/group-buys/{oil.slug}")
        answer = send(as_bob, f"/group-buys/{oil.slug}/order", **endless)
        of_nothing = send(as_bob, "/group-buys/no-such-deal/desk/weights", **{"grams-1": "1"})

    assert answer.status_code == 422
    assert "at most 2000 different articles" in answer.text.replace(",", "")
    assert of_nothing.status_code == 404


@pytest.mark.parametrize("line", ["9" * 400, "9" * 5000, "x", "1"])
def test_weights_of_no_line_of_the_deal_are_found_nowhere(as_alice, session, alice, bob, now, line):
    made = make_running.closed(session, alice, [(bob, 6)], now=now)
    make_running.delivered(session, made, alice)

    with db.at(made.closes_at):
        answer = send(
            as_alice, f"/group-buys/{made.slug}/desk/weights", **{f"grams-{line}": "1000"}
        )

    assert answer.status_code == 404


@pytest.mark.parametrize("referrer", ["http://[", "http://[::1", "//"])
def test_a_referrer_that_is_no_address_leads_home(client, referrer):
    token = csrf_token(client)

    answer = client.post(
        "/preferences", data={"csrf_token": token, "theme": "dark"}, headers={"Referer": referrer}
    )

    assert (answer.status_code, answer.location) == (303, "/")


def test_the_button_binds_nobody_but_whom_the_summary_named(session, browser_of, alice, bob, now):
    oil = make_buying.group_buy(session, alice, now=now)
    shop = make.organisation(session, "Kornhaus", owner=bob, now=now)
    browser = browser_of(shop)
    order = f"/group-buys/{oil.slug}/order"
    [can], [point] = buying.articles(session, oil), buying.pickup_points(session, oil)
    with db.at(now):
        review = send(
            browser,
            order,
            **{
                f"units-{can.id}": "2",
                "payment_method": "at_pickup",
                "pickup_point": str(point.id),
            },
        ).text
        names = ("lines", "idempotency_key", "terms_number", "payment_method", "pickup_point",
                 "shipping_address", "note", "may_wait", "buyer")  # fmt: skip
        binding = {name: re.search(f'name="{name}" value="([^"]*)"', review)[1] for name in names}
        send(browser, "/acting-as", participant=str(bob.participant.id))

        answer = send(browser, f"/group-buys/{oil.slug}/commitments", **binding)

    assert "Kornhaus" in review
    assert answer.status_code == 409
    assert "shown for somebody else" in answer.text
    assert session.scalars(select(GroupBuyCommitment)).all() == []


def test_a_program_of_an_organisation_moderates_nothing(session, client, alice, dana, now):
    ask = program(session, client, now=now)
    hidden = make_buying.group_buy(session, alice, now=now, visibility=Visibility.NAMED)
    shop = make.organisation(session, "Kornhaus", owner=dana, now=now)

    with db.at(now):
        read = ask(shop, "GET", f"/group-buys/{hidden.id}")
        in_person = ask(dana, "GET", f"/group-buys/{hidden.id}")

    assert (read.status_code, in_person.status_code) == (404, 200)


def test_a_program_of_an_organisation_takes_no_word_of_its_member_back(
    session, client, alice, bob, now
):
    ask = program(session, client, now=now)
    oil = make_buying.group_buy(session, alice, now=now)
    said = make_talk.ask(session, oil, body="Is it cold?", lang="en", actor=bob, now=now)
    shop = make.organisation(session, "Kornhaus", owner=bob, now=now)

    with db.at(now):
        assert ask(shop, "POST", f"/messages/{said.id}/hiding", {}).status_code == 403
        assert ask(bob, "POST", f"/messages/{said.id}/hiding", {}).status_code == 200


def test_an_agent_of_the_organiser_pays_for_no_guest(session, app, browser_of, now):
    made = street(session, app, "handing_over", now=now)
    order = session.scalars(
        select(GroupBuyCommitment).filter_by(
            collaboration_id=made.deal.id, participant_id=made.ids["guest"]
        )
    ).one()
    agent, manager = browser_of(made.act("agent")), browser_of(made.act("manager"))

    with db.at(made.now):
        assert agent.get(f"/payments/{order.id}").status_code == 404
        assert manager.get(f"/payments/{order.id}").status_code == 200


WIDE_HEAD = "|a" * 250 + "|\n" + "|-" * 250 + "|\n"


@pytest.mark.parametrize(
    "text",
    [
        WIDE_HEAD + "a\n" * 1_000,
        WIDE_HEAD + "a\r" * 1_000,
        WIDE_HEAD.replace("|a|a", "|a\u2028|a") + "a\n" * 1_000,
        WIDE_HEAD + "a\n\u00a0\n" * 500,
        (WIDE_HEAD + "a\n" * 4 + "\n") * 5,
        "\n".join(f"> {row}" for row in (WIDE_HEAD + "a\n" * 1_000).split("\n")),
    ],
    ids=["lines", "returns", "separators", "spaces", "many", "quoted"],
)
def test_a_short_text_is_no_endless_table(app, text):
    with app.test_request_context():
        assert filters.markdown(text).count("<td") <= 2_000


def test_a_table_of_some_size_is_one(app):
    text = "|Day|Who|\n|---|---|\n" + "|Monday|Bob|\n" * 300
    with app.test_request_context():
        assert filters.markdown(text).count("<td") == 600


@pytest.mark.parametrize("name", ["q", "category"])
@pytest.mark.parametrize("at", ["revocability", "removal"])
def test_a_nul_in_a_search_of_the_draft_breaks_nothing(as_alice, session, alice, now, at, name):
    deal = make_buying.group_buy(session, alice, now=now, published=False)
    typed = {"revocability": "right", name: "a\0b"}

    answer = send(as_alice, f"/group-buys/{deal.slug}/draft/articles/{at}", **typed)

    assert answer.status_code == 422

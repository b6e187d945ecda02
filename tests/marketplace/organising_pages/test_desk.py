"""The desk says what needs doing, who takes part, and how it stands."""

import re
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment, Stage
from models.collaborations import State
from services import buying
from services.buying import guests
from tests import make_buying, make_running, make_talk
from tests.counting import counted
from tests.marketplace.organising_pages.typed import what
from tests.pages import send


def test_the_desk_says_what_to_do_next_all_the_way(
    as_alice: FlaskClient, session: Session, running: GroupBuy, alice: Actor, bob: Actor,
    charlie: Actor, now: datetime,
) -> None:  # fmt: skip
    at = f"/group-buys/{running.slug}/desk"
    [oil] = buying.ordered_articles(session, running)
    orders = [make_running.commitment(session, running, who) for who in (bob, charlie)]

    assert "Send the order to the supplier." in as_alice.get(at).text
    assert send(as_alice, f"{at}/order").status_code == 303
    assert "Count what the supplier brings." in as_alice.get(at).text
    count = {f"units-{oil.id}": "7"}
    assert "Everyone gets what was decided." in send(as_alice, f"{at}/delivery", **count).text
    sure = {"confirmed": "yes", "meant": f"{oil.id}:7"}
    assert send(as_alice, f"{at}/delivery", **count, **sure).status_code == 303
    assert "<strong>2:</strong> Crates wait to be packed." in as_alice.get(at).text
    assert "2 crates are not packed yet." in as_alice.get(f"{at}/packing").text
    for order in orders:
        assert send(as_alice, f"{at}/packing/crates/{order.id}", on="true").status_code == 303
    packed = as_alice.get(f"{at}/packing").text
    assert "All crates are packed." in packed
    assert "not packed yet" not in packed
    assert send(as_alice, f"{at}/hand-over").status_code == 303
    assert "<strong>2:</strong> Orders wait to be fetched." in as_alice.get(at).text
    for order in orders:
        ticked = send(as_alice, f"{at}/hand-over/{order.id}", with_cash="true")
        assert ticked.status_code == 303
    assert "Everything is fetched. Complete the group buy." in as_alice.get(at).text
    assert send(as_alice, f"{at}/completion").status_code == 303
    ending = as_alice.get(f"{at}/completion").text
    assert f"waiting for {bob.participant.name} to say so too" in ending
    assert "Let Bob off" not in ending
    assert "Not paid yet" not in ending
    refused = send(as_alice, f"{at}/settlement")
    assert refused.status_code == 409
    assert "2 orders are not paid yet" in refused.text
    for who, order in zip((bob, charlie), orders, strict=True):
        make_running.payments.confirm_paid(session, order.id, actor=who, now=now)
    assert send(as_alice, f"{at}/settlement").status_code == 303

    session.refresh(running)
    assert running.stage == Stage.SETTLED
    assert "Nothing. We tell you when something does." in as_alice.get(at).text
    assert "The accounts were closed" in as_alice.get(f"{at}/completion").text


def test_the_people_are_shown_with_what_they_get_once_it_is_decided(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, alice: Actor, bob: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Before, it would tell beside the proof what somebody would have paid."""
    make_buying.join(session, open_deal, bob, 3, now=now)
    guest = guests.add(session, open_deal, "Frau Meyer", "0471 1234", actor=alice, now=now)
    order = make_buying.order(session, open_deal, 2)
    guests.order(session, open_deal, guest, order, actor=alice, now=now)
    path = f"/group-buys/{open_deal.slug}/desk/people"

    before = as_alice.get(path).text
    buying.close(session, open_deal.id, now=open_deal.closes_at)
    after = as_alice.get(path).text

    assert "Bob" in before
    assert "3 × Olive oil" not in before
    # What the organisers took down themselves they can read.
    assert "2 × Olive oil" in before
    assert "3 × Olive oil" in after


def test_a_debt_is_let_off_on_a_page_of_its_own(
    as_alice: FlaskClient, session: Session, running: GroupBuy, alice: Actor, bob: Actor,
    charlie: Actor, now: datetime,
) -> None:  # fmt: skip
    make_running.handing_over(session, running, alice)
    at = f"/group-buys/{running.slug}/desk/completion"
    order = make_running.commitment(session, running, bob)
    early = as_alice.get(f"{at}/{order.id}/waiver")
    assert early.status_code == 409
    assert f'href="/group-buys/{running.slug}/desk"' in early.text
    assert "They can still come until" in as_alice.get(at).text
    with db.at(now + timedelta(days=60)):
        assert "They can still come until" not in as_alice.get(at).text
    assert send(as_alice, at, unclaimed="Kept.").status_code == 303

    ending = as_alice.get(at).text
    asked = as_alice.get(f"{at}/{order.id}/waiver").text

    assert f'href="{at}/{order.id}/waiver"' in ending
    assert f'action="{at}/{order.id}/waiver"' not in ending
    assert f"Let {bob.participant.name} off what they owe?" in asked
    assert send(as_alice, f"{at}/{order.id}/waiver").status_code == 303
    assert order.due_minor == 0


def test_nobody_is_offered_to_let_themself_off(
    as_bob: FlaskClient, session: Session, running: GroupBuy, alice: Actor, bob: Actor,
    charlie: Actor, now: datetime,
) -> None:  # fmt: skip
    make_buying.add_co_organiser(session, running, bob.member.email, actor=alice, now=now)
    make_running.handing_over(session, running, alice)
    at = f"/group-buys/{running.slug}/desk/completion"
    assert send(as_bob, at, unclaimed="Kept.").status_code == 303
    own, other = (make_running.commitment(session, running, one) for one in (bob, charlie))

    ending = as_bob.get(at).text

    assert f'href="{at}/{own.id}/waiver"' not in ending
    assert f'href="{at}/{other.id}/waiver"' in ending
    assert as_bob.get(f"{at}/{own.id}/waiver").status_code == 403
    assert send(as_bob, f"{at}/{own.id}/waiver").status_code == 403
    assert own.due_minor


def test_a_co_organiser_is_not_asked_whether_their_own_money_came(
    as_bob: FlaskClient, session: Session, running: GroupBuy, alice: Actor, bob: Actor,
    charlie: Actor, now: datetime,
) -> None:  # fmt: skip
    make_buying.add_co_organiser(session, running, bob.member.email, actor=alice, now=now)
    make_running.handing_over(session, running, alice)
    own = make_running.commitment(session, running, bob)
    at = f"/group-buys/{running.slug}/desk"

    page = as_bob.get(f"{at}/hand-over").text

    assert page.count("Another organiser has to say that it came") == 1
    assert page.count('name="with_cash"') == 1
    assert send(as_bob, f"{at}/cash/{own.id}").status_code == 403


def test_people_are_listed_by_name_without_their_prices(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, bob: Actor, charlie: Actor,
    now: datetime,
) -> None:  # fmt: skip
    make_buying.join(session, open_deal, charlie, 2, now=now, highest_price_minor=3777)
    make_buying.join(session, open_deal, bob, 1, now=now)
    at = f"/group-buys/{open_deal.slug}/desk"

    page = as_alice.get(f"{at}/people").text
    table = as_alice.get(f"{at}/commitments.csv").text

    assert page.index(">Bob<") < page.index(">Charlie<")
    assert table.index("Bob") < table.index("Charlie")
    lines = as_alice.get(f"{at}/lines.csv").text
    assert not any("37.77" in text or "75.54" in text for text in (page, table, lines))


def test_the_list_of_people_costs_the_same_for_many(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, bob: Actor, charlie: Actor,
    now: datetime,
) -> None:  # fmt: skip
    at = f"/group-buys/{open_deal.slug}/desk/people"
    make_buying.join(session, open_deal, bob, 1, now=now)
    session.expire_all()
    with counted(session) as few:
        as_alice.get(at)
    make_buying.join(session, open_deal, charlie, 1, now=now)
    session.expire_all()
    with counted(session) as more:
        as_alice.get(at)

    assert len(more) <= len(few)


def test_people_the_order_and_a_count_are_read_on_a_phone(
    as_alice: FlaskClient, session: Session, running: GroupBuy, alice: Actor
) -> None:
    make_running.ordered(session, running, alice)
    [oil] = buying.ordered_articles(session, running)
    at = f"/group-buys/{running.slug}/desk"
    for page in (
        as_alice.get(f"{at}/people"),
        as_alice.get(f"{at}/order"),
        send(as_alice, f"{at}/delivery", **{f"units-{oil.id}": "5"}),
    ):
        table = page.text.partition('<table class="table table--cards">')[2]
        assert 'data-label="' in table.partition("</table>")[0]


def test_a_question_without_an_answer_needs_the_organiser(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, alice: Actor, bob: Actor,
    now: datetime,
) -> None:  # fmt: skip
    at = f"/group-buys/{open_deal.slug}/desk"
    asked = make_talk.ask(session, open_deal, body="Which press?", lang="en", actor=bob, now=now)
    assert "Questions wait for your answer." in as_alice.get(at).text

    make_talk.answer(
        session, open_deal, asked.id, body="Kolymvari", lang="en", actor=alice, now=now
    )

    assert "Questions wait for your answer." not in as_alice.get(at).text


def test_a_double_click_begins_one_draft_one_copy_and_one_guests_order(
    as_alice: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    deal = make_buying.group_buy(session, alice, now=now)
    [oil], [point] = buying.articles(session, deal), buying.pickup_points(session, deal)
    at = f"/group-buys/{deal.slug}"
    order = {"name": "Oma Erna", f"units-{oil.id}": "2", "pickup_point": str(point.id)}

    for _ in range(2):
        begun = send(as_alice, "/group-buys/new", idempotency_key="a", **what(now))
        copied = send(as_alice, f"{at}/copies", idempotency_key="b")
        taken = send(as_alice, f"{at}/desk/guest-orders", idempotency_key="c", **order)
        assert {begun.status_code, copied.status_code, taken.status_code} == {303}

    drafts = session.scalars(select(GroupBuy).where(GroupBuy.state == State.DRAFT)).all()
    assert len(drafts) == 2
    assert len(guests.kept(session, deal, actor=alice)) == 1


def test_why_it_failed_is_said_in_words_at_the_desk(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy
) -> None:
    buying.close(session, open_deal.id, now=open_deal.closes_at)

    page = as_alice.get(f"/group-buys/{open_deal.slug}/desk").text

    assert "no article reached its threshold." in page
    assert "no_article_kept" not in page


@pytest.mark.parametrize("after", ["opening", "closing"])
def test_of_what_was_called_off_all_pages_count_the_same_people(
    as_alice: FlaskClient,
    session: Session,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    dana: Actor,
    now: datetime,
    after: str,
) -> None:
    deal = make_buying.group_buy(session, alice, now=now)
    for who in (bob, charlie, dana):
        joined = make_buying.join(session, deal, who, 4, now=now)
    leaving = session.get_one(GroupBuyCommitment, joined)
    buying.withdraw(session, deal, leaving, actor=dana, now=now)
    if after == "closing":
        buying.close(session, deal.id, now=deal.closes_at)
    buying.cancel(session, deal, reason="The mill burned down.", actor=alice, now=now)
    session.flush()
    desk = f"/group-buys/{deal.slug}/desk"

    listed, shown = as_alice.get("/organising").text, as_alice.get(desk).text
    people = as_alice.get(f"{desk}/people").text

    assert "2 people" in listed
    assert re.search(r"Had joined</dt>\s*<dd[^>]*>\s*(?:<strong>)?2\b", shown)
    assert "Take part" not in shown
    assert people.count("gets nothing") == 2

"""Alice weighs the cheese that Bob and Charlie ordered; each page says what it comes to."""

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy, Stage
from models.errors import Invalid
from services import buying
from services.buying import weights_table
from tests import make_buying, make_running
from tests.make_buying import cheese
from tests.pages import csrf_token, send


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def delivered(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> GroupBuy:
    """Bob gets two wheels of about 800 g and Charlie one."""
    group_buy = make_running.closed(
        session, alice, [(bob, 2), (charlie, 1)], now=now, articles=[cheese()]
    )
    make_running.delivered(session, group_buy, alice)
    return group_buy


def line_id(session: Session, group_buy: GroupBuy, who: Actor) -> int:
    [line] = make_running.commitment(session, group_buy, who).lines
    return line.id


def test_weighing_goes_from_the_desk_to_the_hand_over(
    as_alice: FlaskClient, session: Session, delivered: GroupBuy, bob: Actor, charlie: Actor
) -> None:
    at = f"/group-buys/{delivered.slug}/desk"
    bobs, charlies = line_id(session, delivered, bob), line_id(session, delivered, charlie)
    assert "Weigh what is sold by weight" in as_alice.get(at).text
    assert "about 1600" in as_alice.get(f"{at}/packing").text.replace(",", "")
    early = send(as_alice, f"{at}/hand-over")
    assert early.status_code == 409

    typed = {f"grams-{bobs}": "1550", f"was-{bobs}": "", f"grams-{charlies}": "", "article": "1"}
    assert send(as_alice, f"{at}/weights", **typed).status_code == 303
    page = as_alice.get(f"{at}/weights")
    assert "€27.82" in page.text
    assert "1 portion is not weighed yet" in page.text
    assert send(as_alice, f"{at}/weights/final").status_code == 409
    assert send(as_alice, f"{at}/weights/final", rest_as_ordered="true").status_code == 303
    assert send(as_alice, f"{at}/weights/final", rest_as_ordered="true").status_code == 409

    assert make_running.commitment(session, delivered, bob).due_minor == 2782
    assert "weighed 1.55 kg: €27.82" in as_alice.get(f"{at}/packing").text
    assert send(as_alice, f"{at}/hand-over").status_code == 303
    assert delivered.stage == Stage.HANDING_OVER


def test_on_the_packing_list_one_weight_is_kept_and_the_others_stay(
    as_alice: FlaskClient, session: Session, delivered: GroupBuy, bob: Actor, charlie: Actor
) -> None:
    at = f"/group-buys/{delivered.slug}/desk/weights"
    bobs, charlies = line_id(session, delivered, bob), line_id(session, delivered, charlie)
    send(as_alice, at, **{f"grams-{bobs}": "1550", f"was-{bobs}": "", "by": "crate"})

    # An older page, on which Bob's weight was still empty.
    old = {f"grams-{bobs}": "", f"was-{bobs}": ""}
    kept = send(as_alice, at, **old, **{f"grams-{charlies}": "742", f"was-{charlies}": ""})

    assert kept.status_code == 303
    for who, grams in ((bob, 1550), (charlie, 742)):
        [line] = make_running.commitment(session, delivered, who).lines
        session.refresh(line)
        assert line.weighed_grams == grams


@pytest.mark.parametrize("typed", ["0", "-1", "7.5", "many", "99999999999999", "<b>", "1kg"])
def test_a_weight_is_whole_grams(
    as_alice: FlaskClient, session: Session, delivered: GroupBuy, bob: Actor, typed: str
) -> None:
    name = f"grams-{line_id(session, delivered, bob)}"

    answer = send(as_alice, f"/group-buys/{delivered.slug}/desk/weights", **{name: typed})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


def upload(client: FlaskClient, path: str, content: bytes) -> TestResponse:
    table = (BytesIO(content), "weights.csv")
    return client.post(path, data={"csrf_token": csrf_token(client), "table": table})


def test_a_table_is_downloaded_filled_in_and_read_back(
    as_alice: FlaskClient, session: Session, delivered: GroupBuy, bob: Actor, charlie: Actor
) -> None:
    at = f"/group-buys/{delivered.slug}/desk/weights"
    bobs, charlies = line_id(session, delivered, bob), line_id(session, delivered, charlie)
    written = as_alice.get(f"{at}.csv").data.decode("utf-8-sig")
    assert f"{bobs},Bob,,Mountain cheese,2,1600,\r\n" in written

    filled = written.replace(f"{bobs},Bob,,Mountain cheese,2,1600,", f"{bobs},,,,,,1550")
    assert upload(as_alice, f"{at}/table", filled.encode("utf-8-sig")).status_code == 303

    for who, grams in ((bob, 1550), (charlie, None)):
        [line] = make_running.commitment(session, delivered, who).lines
        session.refresh(line)
        assert line.weighed_grams == grams
    assert charlies != bobs


@pytest.mark.parametrize(
    ("written_in", "header"),
    [
        ("de", "Portion;Name;Bestellnummer;Artikel;Stück;Gramm in der Regel;Gramm\r\n"),
        ("nl", "Portie;Naam;Bestelnummer;Artikel;Stuks;Gram gewoonlijk;Gram\r\n"),
    ],
)
def test_a_table_is_read_back_whatever_language_it_was_written_in(
    as_alice: FlaskClient,
    session: Session,
    delivered: GroupBuy,
    bob: Actor,
    written_in: str,
    header: str,
) -> None:
    at = f"/group-buys/{delivered.slug}/desk/weights"
    bobs = line_id(session, delivered, bob)
    answer = as_alice.get(f"{at}.csv", headers={"Accept-Language": written_in})
    written = answer.data.decode("utf-8-sig")
    assert written.startswith(header)

    filled = written.replace(";2;1600;", ";2;1600;1550", 1)
    assert upload(as_alice, f"{at}/table", filled.encode()).status_code == 303

    [line] = make_running.commitment(session, delivered, bob).lines
    session.refresh(line)
    assert (line.id, line.weighed_grams) == (bobs, 1550)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"name;grams\nBob;3\n",
        b"portion;grams\n0;700\n",
        b"portion;grams\n%d;0\n",
        b"portion;grams\n%d;7.5\n",
        b"portion;grams\n%d;700\n%d;700\n",
        b"portion;grams\n%d\n999999999999999999;1\n",
        b"portion;grams\n\xff;1\n",
    ],
)
def test_a_table_that_cannot_be_read_changes_nothing(
    as_alice: FlaskClient, session: Session, delivered: GroupBuy, bob: Actor, content: bytes
) -> None:
    sent = content.replace(b"%d", str(line_id(session, delivered, bob)).encode())

    answer = upload(as_alice, f"/group-buys/{delivered.slug}/desk/weights/table", sent)

    assert answer.status_code == 422
    [line] = make_running.commitment(session, delivered, bob).lines
    assert line.weighed_grams is None


def test_a_table_that_is_too_large_is_not_read() -> None:
    with pytest.raises(Invalid):
        weights_table.read(b"portion;grams\n" + b"1;1\n" * 250_000, {})


def test_only_those_who_organise_weigh(
    as_bob: FlaskClient, session: Session, delivered: GroupBuy, bob: Actor
) -> None:
    at = f"/group-buys/{delivered.slug}/desk/weights"
    name = f"grams-{line_id(session, delivered, bob)}"

    assert as_bob.get(at).status_code == 403
    assert send(as_bob, at, **{name: "1"}).status_code == 403
    assert send(as_bob, f"{at}/final").status_code == 403
    assert send(as_bob, f"{at}/table").status_code == 403
    assert as_bob.get(f"{at}.csv").status_code == 403


def test_there_is_nothing_to_weigh_before_the_delivery(
    as_alice: FlaskClient, session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    deal = make_running.closed(session, alice, [(bob, 2)], now=now, articles=[cheese()])

    assert as_alice.get(f"/group-buys/{deal.slug}/desk/weights").status_code == 409
    order = as_alice.get(f"/group-buys/{deal.slug}/desk/order")
    assert "about 1.6 kg" in order.text


def test_a_member_reads_what_it_weighs_and_what_came_back(
    as_bob: FlaskClient, session: Session, delivered: GroupBuy, alice: Actor, bob: Actor
) -> None:
    at = f"/group-buys/{delivered.slug}"
    before = as_bob.get(at).text
    assert "about 1.6 kg, by weight, at most €31.59" in before
    assert "It costs you €31.59 at most, and less if it weighs less." in before

    buying.weigh(session, delivered, {line_id(session, delivered, bob): 1550})
    buying.make_final(
        session, delivered, rest_as_ordered=True, actor=alice, now=delivered.delivered_at
    )

    after = as_bob.get(at).text
    assert "weighed 1.55 kg: €27.82; €3.77 less than the most" in after
    assert "It costs you €27.82." in after


def test_a_gift_is_called_one(
    as_bob: FlaskClient, session: Session, delivered: GroupBuy, alice: Actor, bob: Actor
) -> None:
    buying.weigh(session, delivered, {line_id(session, delivered, bob): 1900})
    buying.make_final(
        session, delivered, rest_as_ordered=True, actor=alice, now=delivered.delivered_at
    )

    page = as_bob.get(f"/group-buys/{delivered.slug}").text

    assert "weighed 1.9 kg: €31.59; all above 1.76 kg is a gift" in page


def test_the_deal_and_the_order_say_price_and_most(
    as_bob: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    deal = make_buying.group_buy(session, alice, now=now, articles=[cheese()])
    [article] = buying.articles(session, deal)
    [point] = buying.pickup_points(session, deal)

    page = as_bob.get(f"/group-buys/{deal.slug}").text
    review = send(
        as_bob,
        f"/group-buys/{deal.slug}/order",
        **{
            f"units-{article.id}": "2",
            "pickup_point": str(point.id),
            "payment_method": "at_pickup",
        },
    )

    words = "Sold by weight: one is about 800 g and is charged for 880 g at most."
    assert words in page
    assert "Price now: €17.95 per kg." in page
    assert 'data-grams="800" data-overweight="1000"' in page
    assert review.status_code == 200
    assert words in review.text
    assert "You pay €31.59 at most" in review.text


def test_an_article_by_weight_is_typed_and_typed_again(
    as_alice: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    draft = make_buying.group_buy(session, alice, now=now, published=False)
    [kept] = buying.articles(session, draft)
    at = f"/group-buys/{draft.slug}/draft/articles/{kept.id}"
    said = {"name": "Gouda", "unit": "wheel", "price": "14,36", "base_unit": "kg", "content": "0,8"}

    assert send(as_alice, at, **said, by_weight="true", overweight="7,5").status_code == 303
    session.refresh(kept)
    assert (kept.nominal_grams, kept.overweight_basis_points) == (800, 750)
    page = as_alice.get(at).text
    assert 'name="by_weight" value="true" checked' in page
    assert 'value="7.5"' in page

    refused = send(as_alice, at, **{**said, "base_unit": "l"}, by_weight="true")
    assert refused.status_code == 422
    assert "Goods by weight need the usual weight" in refused.text

    assert send(as_alice, at, **said).status_code == 303
    session.refresh(kept)
    assert not kept.is_by_weight

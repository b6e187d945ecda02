"""The decision, its proof, the accounts and what became of it."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Clearing, GroupBuy
from services import buying
from services.clearing.proofs import Difference, Verdict
from tests import make_buying, make_running
from tests.marketplace.buying_pages.orders import article_id, close, send


def test_everyone_can_have_the_decision_cleared_again(
    app: Flask,
    session: Session,
    client: FlaskClient,
    oil: GroupBuy,
    bob: Actor,
    tmp_path: Any,
    now: datetime,
) -> None:
    before = client.get(f"/group-buys/{oil.slug}/proof")
    make_buying.join(session, oil, bob, 6, now=now)
    close(app, session, oil)

    page = client.get(f"/group-buys/{oil.slug}/proof")
    download = client.get(f"/group-buys/{oil.slug}/proof.json")
    upload = send(client, "/proof", data={"proof": (tmp_file(tmp_path, download.data), "p.json")})

    assert "Nothing has been decided here yet" in before.text
    assert "It agrees" in page.text
    assert download.json is not None
    assert download.json["outcome"]["succeeded"] is True
    assert "Bob" not in download.text
    assert "It agrees" in upload.text


def tmp_file(directory: Any, content: bytes) -> Any:
    path = directory / "proof.json"
    path.write_bytes(content)
    return path.open("rb")


def test_a_proof_that_was_tampered_with_does_not_agree(
    app: Flask,
    session: Session,
    client: FlaskClient,
    oil: GroupBuy,
    bob: Actor,
    tmp_path: Any,
    now: datetime,
) -> None:
    make_buying.join(session, oil, bob, 6, now=now)
    close(app, session, oil)
    document = client.get(f"/group-buys/{oil.slug}/proof.json").json
    assert document is not None
    document["outcome"]["articles"][0]["price_minor"] = 1
    changed = tmp_file(tmp_path, json.dumps(document).encode())

    answer = send(client, "/proof", data={"proof": (changed, "p.json")})

    assert answer.status_code == 200
    assert "It does not agree" in answer.text
    assert "outcome.articles[0].price_minor" in answer.text


def test_a_decision_that_was_cleared_again_is_remembered(
    app: Flask, session: Session, client: FlaskClient, oil: GroupBuy
) -> None:
    close(app, session, oil)
    page = f"/group-buys/{oil.slug}/proof"
    first = client.get(page).text

    remembered = app.extensions["verdicts"]
    remembered[buying.clearing(session, oil).sha256] = Verdict((Difference("lines", 1, 2),))
    second = client.get(page).text
    remembered.clear()

    assert "It agrees" in first
    assert "It does not agree" in second


def test_a_proof_written_in_an_older_way_is_still_shown(
    app: Flask, session: Session, client: FlaskClient, oil: GroupBuy, now: datetime
) -> None:
    close(app, session, oil)
    made = buying.clearing(session, oil)
    older = {name: part for name, part in made.proof.items() if name != "step"}
    session.add(
        Clearing(
            collaboration_id=oil.id,
            number=2,
            why=made.why,
            proof=older,
            sha256="0" * 64,
            cleared_at=now,
        )
    )

    page = client.get(f"/group-buys/{oil.slug}/proof?number=2")

    assert page.status_code == 200
    assert "It cannot be checked" in page.text


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff\xfe", b"[" * 5000, b'{"format": 1}'])
def test_what_is_no_proof_is_refused_at_its_field(
    client: FlaskClient, tmp_path: Any, content: bytes
) -> None:
    answer = send(client, "/proof", data={"proof": (tmp_file(tmp_path, content), "p.json")})

    assert answer.status_code == 422
    assert 'href="#field-proof"' in answer.text


def test_a_proof_is_replayed_by_a_command(
    app: Flask,
    session: Session,
    client: FlaskClient,
    oil: GroupBuy,
    bob: Actor,
    tmp_path: Any,
    now: datetime,
) -> None:
    make_buying.join(session, oil, bob, 6, now=now)
    close(app, session, oil)
    path = tmp_path / "proof.json"
    path.write_bytes(client.get(f"/group-buys/{oil.slug}/proof.json").data)
    run = app.test_cli_runner()

    good = run.invoke(args=["buying", "replay", str(path)])
    path.write_text("{}")
    bad = run.invoke(args=["buying", "replay", str(path)])

    assert (good.exit_code, bad.exit_code) == (0, 2)
    assert "The proof agrees" in good.output


def test_the_accounts_are_open_to_those_who_take_part(
    app: Flask,
    session: Session,
    as_bob: FlaskClient,
    as_charlie: FlaskClient,
    as_alice: FlaskClient,
    client: FlaskClient,
    oil: GroupBuy,
    bob: Actor,
    now: datetime,
) -> None:
    make_buying.join(session, oil, bob, 6, now=now)
    close(app, session, oil)
    address = f"/group-buys/{oil.slug}/accounts"

    page = as_bob.get(address).text
    assert re.search(r"Still to come in</dt>\s*<dd[^>]*>€240.00<", page)
    assert re.search(r"Received and not yet paid on</dt>\s*<dd[^>]*>€0.00<", page)
    assert as_alice.get(address).status_code == 200
    assert as_charlie.get(address).status_code == 403
    assert client.get(address).status_code == 403


def test_the_history_is_told_in_words_and_without_names(
    app: Flask, session: Session, client: FlaskClient, oil: GroupBuy, bob: Actor, now: datetime
) -> None:
    make_buying.join(session, oil, bob, 6, now=now)
    close(app, session, oil)

    page = client.get(f"/group-buys/{oil.slug}/history").text

    assert "Someone joined." in page
    assert "It closed and it happens." in page
    assert "Bob" not in page


def test_who_takes_part_reads_what_became_of_it(
    app: Flask, session: Session, as_bob: FlaskClient, oil: GroupBuy, bob: Actor, now: datetime
) -> None:
    make_buying.join(session, oil, bob, 6, now=now)
    close(app, session, oil)

    page = as_bob.get(f"/group-buys/{oil.slug}").text

    assert "It costs you €240.00." in page
    assert "Pay when you fetch it" in page
    assert "Check the decision" in page


def test_a_group_buy_that_was_called_off_says_why(client, session, alice, now):
    deal = make_buying.group_buy(session, alice, now=now)
    buying.cancel(session, deal, reason="The mill <burned> down.", actor=alice, now=now)
    session.flush()

    page = client.get(f"/group-buys/{deal.slug}").text

    assert "The mill &lt;burned&gt; down." in page


def test_what_became_of_goods_is_read_by_those_who_took_part_alone(
    client, as_alice, as_bob, as_charlie, session, alice, bob, now
):
    deal = make_running.closed(session, alice, [(bob, 10)], now=now)
    make_running.handing_over(session, deal, alice)
    at = deal.closes_at + timedelta(days=4)
    buying.complete(session, deal, unclaimed="The food bank took it.", actor=alice, now=at)
    path = f"/group-buys/{deal.slug}/history"

    for reader in (as_bob, as_alice):
        assert "The food bank took it." in reader.get(path).text
    for stranger in (client, as_charlie):
        page = stranger.get(path).text
        assert "The hand-over is over." in page
        assert "The food bank" not in page


def test_what_is_not_ordered_yet_is_not_on_its_way(client, session, alice, bob, now):
    deal = make_running.closed(session, alice, [(bob, 10)], now=now)
    session.flush()
    path = f"/group-buys/{deal.slug}"

    before = client.get(path).text
    make_running.ordered(session, deal, alice)
    session.flush()
    ordered = client.get(path).text
    make_running.handing_over(session, deal, alice)
    session.flush()
    ready = client.get(path).text

    assert "Being ordered" in before
    assert "The goods are being ordered." in before
    assert "their way" not in before
    assert "Being ordered" not in ordered
    assert "The goods are ordered and on their way." in ordered
    assert "The goods can be fetched." in ready
    history = client.get(f"{path}/history").text
    assert "The goods can be fetched." in history
    assert "are packed" not in history


CONDITIONAL = (
    "would happen", "and it happens", "would be ordered", "if it closed", "for it to happen",
    "Price now", "Base price now", "to go<", "bring it down", " next<", "enough for this article",
)  # fmt: skip


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ("running", "It is decided: it happens."),
        ("completed", "It was decided: it happened."),
        ("failed", "It was decided: it did not happen."),
        ("cancelled", "It was called off."),
        ("cancelled late", "It was called off."),
    ],
)
def test_what_is_decided_is_said_and_nothing_stays_conditional(
    client, session, alice, bob, now, many, ends, said
):
    articles = [make_buying.olive_oil(), make_buying.olive_oil(name="Soap")][: 1 + many]
    deal = make_buying.group_buy(session, alice, now=now, articles=articles)
    make_buying.join(session, deal, bob, 2 if ends == "failed" else 7, now=now)
    if ends == "cancelled":
        buying.cancel(session, deal, reason="It rains.", actor=alice, now=now)
    else:
        buying.close(session, deal.id, now=deal.closes_at)
    if ends == "completed":
        make_running.handing_over(session, deal, alice)
        buying.complete(session, deal, unclaimed="Kept.", actor=alice, now=deal.closes_at)
    if ends == "cancelled late":
        buying.cancel(session, deal, reason="It rains.", actor=alice, now=deal.closes_at)
    session.flush()
    address = f"/group-buys/{deal.slug}"
    paths = (address, f"{address}/standing", f"{address}/articles/{article_id(session, deal)}")

    pages = {path: client.get(path).text for path in (*paths, f"{address}/articles")}

    for path, page in pages.items():
        assert [words for words in CONDITIONAL if words in page] == [], path
    assert said in pages[f"{address}/standing"]

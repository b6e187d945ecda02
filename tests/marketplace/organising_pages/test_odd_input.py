"""Whatever is typed into a draft is shown or refused, and kept as typed."""

from datetime import datetime

import pytest
from flask.testing import FlaskClient

from models.buying import GroupBuy
from models.collaborations import State
from tests.marketplace.organising_pages.typed import article, pickup, what
from tests.pages import send

WEIRD = [
    "<script>alert(1)</script>",
    "\u202eevil",
    "مرحبا بالعالم",
    "🦊" * 20,
    "x" * 20_000,
    "' OR 1=1 --",
    "-1",
    "99999999999999999999",
    "12 USD",
    "NaN",
    "2020-01-01T10:00",
]


@pytest.mark.parametrize("typed", WEIRD)
@pytest.mark.parametrize("field", ["title", "place", "closes_at", "opens_at", "visibility", "lang"])
def test_the_first_step_refuses_or_shows_whatever_is_typed(
    as_alice: FlaskClient, now: datetime, field: str, typed: str
) -> None:
    answer = send(as_alice, "/group-buys/new", **what(now, **{field: typed}))

    assert answer.status_code in (303, 422)
    assert "<script>alert" not in answer.text
    if answer.status_code == 422 and field != "title":
        assert 'value="Olive oil from Crete"' in answer.text


@pytest.mark.parametrize("typed", ["", *WEIRD])
@pytest.mark.parametrize(
    "field", ["name", "price", "tier_1_from", "tier_1_price", "vat_percent", "content", "deposit"]
)
def test_an_article_refuses_or_shows_whatever_is_typed(
    as_alice: FlaskClient, draft: GroupBuy, field: str, typed: str
) -> None:
    at = f"/group-buys/{draft.slug}/draft/articles"

    answer = send(as_alice, at, **article(**{field: typed}))

    assert answer.status_code in (303, 422)
    assert "<script>alert" not in answer.text
    if answer.status_code == 422 and field != "unit":
        assert 'value="5 l can"' in answer.text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("price", "-1"),
        ("price", "12 USD"),
        ("price", ""),
        ("minimum_units", "0"),
        ("minimum_units", "2.5"),
        ("maximum_units", "99999999999"),
        ("case_size", "-3"),
        ("tier_1_from", "1"),
        ("tier_1_price", "41"),
        ("tier_1_price", ""),
        ("vat_percent", "101"),
        ("content", "0"),
        ("name", "x" * 201),
    ],
)
def test_an_impossible_article_is_refused_and_kept_as_typed(
    as_alice: FlaskClient, draft: GroupBuy, field: str, typed: str
) -> None:
    said = article(base_unit="l", content="5") | {field: typed}

    answer = send(as_alice, f"/group-buys/{draft.slug}/draft/articles", **said)

    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert draft.articles_count == 1


@pytest.mark.parametrize("typed", ["", *WEIRD])
@pytest.mark.parametrize("field", ["name", "address", "from_at", "until_at"])
def test_a_pickup_refuses_or_shows_whatever_is_typed(
    as_alice: FlaskClient, draft: GroupBuy, now: datetime, field: str, typed: str
) -> None:
    at = f"/group-buys/{draft.slug}/draft/pick-up"

    answer = send(as_alice, at, **pickup(now, **{field: typed}))

    assert answer.status_code == (303 if field in ("name", "address") and _is_words(typed) else 422)
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("typed", WEIRD)
@pytest.mark.parametrize(
    "field",
    ["smallest_order", "freight", "collecting_days", "floor_percent", "extends_to_at", "rationing"],
)
def test_the_rules_refuse_whatever_makes_no_sense(
    as_alice: FlaskClient, draft: GroupBuy, field: str, typed: str
) -> None:
    at = f"/group-buys/{draft.slug}/draft/rules"
    said = {"by_card": "true", "supplier_is": "other", "supplier_name": "Hof Nord", field: typed}

    answer = send(as_alice, at, **said)

    assert answer.status_code == 422
    assert 'value="Hof Nord"' in answer.text
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    ("said", "is_open"),
    [
        ({"supplier_is": "none"}, False),
        ({"supplier_is": "self"}, False),
        ({"supplier_is": "member"}, True),
        ({"supplier_is": "other"}, True),
        ({"supplier_is": "none", "supplier_email": "no address"}, True),
    ],
)
def test_who_the_supplier_is_lies_open_where_it_is_asked_for(
    as_alice: FlaskClient, draft: GroupBuy, said: dict[str, str], is_open: bool
) -> None:
    at = f"/group-buys/{draft.slug}/draft/rules"
    wrong = {"by_card": "true", "floor_percent": "x", **said}
    form = send(as_alice, at, **wrong)
    # It opens by itself too, once it is asked for while one types.
    fold = 'data-needs="supplier_is=member other"'

    assert form.status_code == 422
    assert (f'class="more" open {fold}' in form.text) == is_open
    assert fold in form.text


def test_a_supplier_who_is_somebody_else_lies_open_again(
    as_alice: FlaskClient, draft: GroupBuy
) -> None:
    at = f"/group-buys/{draft.slug}/draft/rules"
    said = {"by_card": "true", "supplier_is": "other", "supplier_name": "Hof Nord"}
    assert send(as_alice, at, **said).status_code == 303

    assert 'class="more" open data-needs=' in as_alice.get(at).text


@pytest.mark.parametrize("path", ["pause", "cancellation", "message"])
@pytest.mark.parametrize("typed", ["", "   ", "x" * 20_000, "\u202eevil"])
def test_reasons_and_messages_have_words(
    as_alice: FlaskClient, open_deal: GroupBuy, path: str, typed: str
) -> None:
    at = f"/group-buys/{open_deal.slug}/desk/{path}"

    assert send(as_alice, at, reason=typed, body=typed).status_code == 422
    assert open_deal.state == State.OPEN


def _is_words(typed: str) -> bool:
    return bool(typed) and len(typed) <= 300 and "\u202e" not in typed and typed != WEIRD[4]

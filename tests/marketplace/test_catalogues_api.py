"""Catalogues for programs and for those who host: the same acts as on the pages."""

import pytest
from sqlalchemy import func, select

from marketplace import jobs
from models.catalogues import CatalogueArticle, CatalogueVersion, VersionState
from models.members import Scope
from tests import make
from tests.make_api import bearer
from tests.make_catalogues import (
    HEADER,
    JUICE,
    OIL,
    RICE,
    catalogue,
    csv,
    in_organisation,
    kept,
    uploaded,
)
from tests.pricelists.lists import APPLES, bnn

API = "/api/v1/catalogues"
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def biohof(session, alice, now):
    return catalogue(session, alice, now=now)


@pytest.fixture
def url(biohof):
    return f"{API}/{biohof.id}"


@pytest.fixture
def token(session, alice, now):
    return bearer(session, alice, now=now)


def key(token, name="1"):
    return {**token, "Idempotency-Key": name}


def test_a_program_sends_a_list_waits_and_keeps_it(app, session, client, token, url, now):
    sent = client.post(
        f"{url}/versions?file_name=week.csv",
        data=csv(OIL, JUICE.replace("2.40", "cheap")),
        headers={**key(token), **CSV},
    )
    assert sent.status_code == 201
    assert (sent.json["number"], sent.json["state"]) == (1, "reading")
    assert sent.json["file_name"] == "week.csv"

    with app.app_context():
        jobs.run_due(at=now)
    read = client.get(f"{url}/versions/1", headers=token).json
    assert (read["state"], read["articles_count"], read["left_out_count"]) == ("preview", 1, 1)
    assert read["problems"] == [
        {
            "code": "not-a-number",
            "severity": "line-left-out",
            "line": 3,
            "column": "price",
            "message": "cheap is no number.",
        }
    ]

    answer = client.post(f"{url}/versions/1/confirmation", headers=key(token, "2"))
    assert (answer.status_code, answer.json["state"]) == (201, "current")
    assert client.get(url, headers=token).json["current_version"] == 1
    [oil] = client.get(f"{url}/versions/1/articles", headers=token).json["items"]
    assert oil["price"] == {"amount": "9.80", "currency": "EUR"}
    assert oil["more_tiers"] == [{"from_units": 12, "price": {"amount": "9.20", "currency": "EUR"}}]


def test_a_program_sends_and_reads_what_food_must_say(app, client, token, url, now):
    sent = csv(f'{OIL};"Olives\nAllergens: none"', header=f"{HEADER};food_information")
    client.post(f"{url}/versions", data=sent, headers={**key(token), **CSV})

    with app.app_context():
        jobs.run_due(at=now)

    [oil] = client.get(f"{url}/versions/1/articles", headers=token).json["items"]
    assert oil["food_information"] == "Olives\nAllergens: none"


def test_a_repeat_with_the_same_key_uploads_once(session, client, token, url):
    for _ in range(2):
        answer = client.post(f"{url}/versions", data=csv(OIL), headers={**key(token), **CSV})
        assert (answer.status_code, answer.json["number"]) == (201, 1)

    assert answer.headers["Idempotent-Replayed"] == "true"
    assert session.scalar(select(func.count()).select_from(CatalogueVersion)) == 1


def test_a_second_list_is_a_conflict_while_one_waits(client, token, url):
    client.post(f"{url}/versions", data=csv(OIL), headers={**key(token), **CSV})

    answer = client.post(f"{url}/versions", data=csv(RICE), headers={**key(token, "2"), **CSV})

    assert (answer.status_code, answer.json["type"]) == (409, "/problems/list-waiting")


def test_vat_rates_come_with_the_list(app, session, client, token, url, now):
    client.post(
        f"{url}/versions?vat_reduced_basis_points=900&vat_standard_basis_points=2100",
        data=bnn(APPLES),
        headers={**key(token), "Content-Type": "application/octet-stream"},
    )
    with app.app_context():
        jobs.run_due(at=now)

    [apples] = client.get(f"{url}/versions/1/articles", headers=token).json["items"]
    assert apples["vat_basis_points"] == 900


@pytest.mark.parametrize(
    ("content", "headers", "status", "problem"),
    [
        (csv(OIL), {"Content-Type": "application/xml"}, 415, "unsupported-media-type"),
        (csv(OIL), {}, 415, "unsupported-media-type"),
        (b"", CSV, 422, "file-empty"),
        (b"x" * (16 * 1024**2 + 1), CSV, 422, "file-too-large"),
        (b"x" * (18 * 1024**2), CSV, 413, "too-large"),
    ],
)
def test_what_is_no_list_is_refused(session, client, token, url, content, headers, status, problem):
    answer = client.post(f"{url}/versions", data=content, headers={**key(token), **headers})

    assert (answer.status_code, answer.json["type"]) == (status, f"/problems/{problem}")
    assert session.scalar(select(CatalogueVersion)) is None


def test_what_cannot_be_read_says_why_and_is_not_kept(app, session, client, token, url, now):
    client.post(f"{url}/versions", data=b"no list\n", headers={**key(token), **CSV})
    with app.app_context():
        jobs.run_due(at=now)

    faulty = client.get(f"{url}/versions/1", headers={**token, "Accept-Language": "en"}).json
    assert faulty["state"] == "faulty"
    assert faulty["problems"][0]["code"] == "not-a-price-list"
    answer = client.post(f"{url}/versions/1/confirmation", headers=key(token, "2"))
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/not-in-this-state")


def test_a_list_is_thrown_away(session, client, token, url, biohof, alice, now):
    uploaded(session, biohof, csv(OIL), actor=alice, now=now)

    assert client.delete(f"{url}/versions/1", headers=token).status_code == 204

    assert client.get(f"{url}/versions/1", headers=token).status_code == 404


def test_catalogues_are_made_listed_and_compared(session, client, token, alice, now):
    made = client.post(API, json={"name": "Mill", "country": "NL"}, headers=key(token))
    assert made.status_code == 201
    assert made.json["currency"] == "EUR"
    [found] = client.get(API, headers=token).json["items"]
    assert found == made.json

    from services import catalogues

    mill = catalogues.find(session, int(made.json["id"]), actor=alice)
    kept(session, mill, csv(OIL, JUICE), actor=alice, now=now)
    kept(session, mill, csv(OIL.replace("9.80", "9.90")), actor=alice, now=now)
    url = f"{API}/{made.json['id']}/versions"

    changes = client.get(f"{url}/2/changes", headers=token).json["items"]
    gone = client.get(f"{url}/2/changes?kind=gone", headers=token).json["items"]
    assert [(one["order_number"], one["kinds"]) for one in changes] == [
        ("101", ["dearer"]),
        ("102", ["gone"]),
    ]
    assert [one["name_before"] for one in gone] == ["Apple juice"]
    assert [one["number"] for one in client.get(url, headers=token).json["items"]] == [2, 1]


@pytest.mark.parametrize(
    "given", [{}, {"name": ""}, {"name": "x", "country": "XX"}, {"name": "x", "currency": "XYZ"}]
)
def test_a_catalogue_that_cannot_be_is_refused(client, token, given):
    answer = client.post(API, json=given, headers=key(token))

    assert answer.status_code == 422
    assert answer.json["errors"]


ACTS = [
    ("post", "/versions", {"data": csv(OIL), "headers": CSV}),
    ("post", "/versions/1/confirmation", {}),
    ("delete", "/versions/1", {}),
]


@pytest.mark.parametrize(("method", "path", "sent"), ACTS)
@pytest.mark.parametrize(
    ("role", "status"),
    [("owner", None), ("manager", None), ("agent", 403), ("stranger", 404), ("scopeless", 403)],
)
def test_who_may_do_what(session, client, alice, bob, now, role, status, method, path, sent):
    coop = make.organisation(session, "Coop", owner=alice, now=now)
    theirs = catalogue(session, coop, now=now)
    if path != "/versions":
        uploaded(session, theirs, csv(JUICE), actor=coop, now=now)
    actor = bob if role == "stranger" else coop
    if role in ("manager", "agent"):
        actor = in_organisation(session, coop, bob, role, now=now)
    scopes = [Scope.READ] if role == "scopeless" else list(Scope)
    token = bearer(session, actor, now=now, scopes=scopes)

    answer = getattr(client, method)(
        f"{API}/{theirs.id}{path}",
        data=sent.get("data"),
        headers={**key(token), **sent.get("headers", {})},
    )

    if status is None:
        assert answer.status_code in (201, 204)
    else:
        assert answer.status_code == status
        kept_lists = set(session.scalars(select(CatalogueVersion.state)))
        assert kept_lists <= {VersionState.PREVIEW}


@pytest.mark.parametrize("path", ["", "/versions", "/versions/1", "/versions/1/articles"])
def test_a_stranger_learns_nothing(session, client, token, bob, url, biohof, alice, now, path):
    kept(session, biohof, csv(OIL), actor=alice, now=now)
    strange = bearer(session, bob, now=now)

    assert client.get(f"{url}{path}", headers=token).status_code == 200
    assert client.get(f"{url}{path}", headers=strange).status_code == 404
    assert client.get(f"{url}{path}").status_code == 401


# The command


@pytest.fixture
def run(app):
    def run(*words):
        return app.test_cli_runner().invoke(args=["catalogues", "import", *map(str, words)])

    return run


def test_the_command_keeps_a_whole_list(session, run, biohof, tmp_path):
    path = tmp_path / "week.csv"
    path.write_bytes(csv(OIL, JUICE))

    done = run(path, "--catalogue", biohof.id, "--confirm")

    assert done.exit_code == 0, done.output
    assert "List 1: 2 articles." in done.output
    version = session.scalars(select(CatalogueVersion)).one()
    assert (version.state, version.file_name) == (VersionState.CURRENT, "week.csv")


def test_the_command_names_each_faulty_line_and_lets_the_list_wait(session, run, biohof, tmp_path):
    path = tmp_path / "week.csv"
    path.write_bytes(csv(OIL, JUICE.replace("2.40", "cheap")))

    done = run(path, "--catalogue", biohof.id, "--confirm")

    assert done.exit_code == 1
    assert "line 3: price: cheap is no number. (line-left-out)" in done.output
    assert session.scalars(select(CatalogueVersion.state)).one() == VersionState.PREVIEW


def test_the_command_keeps_nothing_of_what_is_no_list(session, run, biohof, tmp_path):
    path = tmp_path / "letter.txt"
    path.write_bytes(b"Dear sir\n")

    done = run(path, "--catalogue", biohof.id, "--confirm")

    assert done.exit_code == 2
    assert "no price list that we can read" in done.output
    assert session.scalar(select(CatalogueVersion)) is None
    assert session.scalar(select(CatalogueArticle)) is None


def test_the_command_refuses_an_unknown_catalogue_and_a_second_list(session, run, biohof, tmp_path):
    path = tmp_path / "week.csv"
    path.write_bytes(csv(OIL))

    assert run(path, "--catalogue", 987654).exit_code == 1
    assert run(path, "--catalogue", biohof.id).exit_code == 0
    second = run(path, "--catalogue", biohof.id)
    assert second.exit_code == 1
    assert "is waiting" in second.output


def test_a_program_types_a_catalogue_article_by_article(client, session, token, url, biohof):
    oats = {
        "name": "Oats",
        "unit": "1 kg",
        "tiers": [
            {"from_units": 1, "price": {"amount": "2.20", "currency": "EUR"}},
            {"from_units": 10, "price": {"amount": "1.90", "currency": "EUR"}},
        ],
        "vat_basis_points": 700,
        "case_size": 5,
        "note": "From the heath",
    }
    renamed = client.put(url, json={"name": "Biohof, winter", "country": "DE"}, headers=token)
    added = client.post(f"{url}/articles", json=oats, headers=key(token, "a"))
    again = client.post(f"{url}/articles", json=oats, headers=key(token, "a"))
    article = f"{url}/articles/{added.json['id']}"
    changed = client.put(article, json={**oats, "name": "Rolled oats"}, headers=token)
    francs = {**oats, "deposit": {"amount": "1.00", "currency": "CHF"}}
    refused = client.put(article, json=francs, headers=token)
    [shown] = client.get(f"{url}/versions/1/articles", headers=token).json["items"]
    gone = client.delete(f"{url}/articles/{shown['id']}", headers=token)

    assert renamed.json["name"] == "Biohof, winter"
    assert (added.status_code, again.json) == (201, added.json)
    assert added.json["more_tiers"] == [{"from_units": 10, "price": oats["tiers"][1]["price"]}]
    assert changed.json["name"] == shown["name"] == "Rolled oats"
    assert list(refused.json["errors"]) == ["$.deposit"]
    assert gone.status_code == 204

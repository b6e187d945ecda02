"""What somebody hostile sends to the doors: numbers without end, foreign hosts, floods."""

from dataclasses import replace
from io import BytesIO

import pytest
from marshmallow import ValidationError

from marketplace import create_app, db
from marketplace.fields import Words
from models.participants import ParticipantKind
from tests import make
from tests.pages import csrf_token

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

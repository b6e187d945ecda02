"""What is not public is known to those it is for."""

from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from models.actors import Actor
from models.collaborations import NamedGuest, Visibility
from tests import make_buying
from tests.marketplace.buying_pages.orders import commitment_of, entered, hidden, send

READ = ("", "/standing", "/history", "/proof", "/articles")


@pytest.mark.parametrize("visibility", [Visibility.LINK, Visibility.NAMED])
def test_what_is_not_public_leaves_no_trace(
    session: Session,
    client: FlaskClient,
    as_charlie: FlaskClient,
    alice: Actor,
    now: datetime,
    visibility: Visibility,
) -> None:
    hidden_away = make_buying.group_buy(session, alice, now=now, visibility=visibility)
    nowhere = client.get("/group-buys/there-is-none")

    for browser in (client, as_charlie):
        for page in (*READ, "/accounts", "/proof.json"):
            answer = browser.get(f"/group-buys/{hidden_away.slug}{page}")
            assert answer.status_code == 404
            assert hidden_away.title not in answer.text
    typed = entered(session, hidden_away)
    assert send(as_charlie, f"/group-buys/{hidden_away.slug}/order", data=typed).status_code == 404
    assert send(as_charlie, f"/group-buys/{hidden_away.slug}/basket", data=typed).status_code == 404
    assert nowhere.status_code == 404


def test_whoever_has_the_link_joins_by_it(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    quiet = make_buying.group_buy(session, alice, now=now, visibility=Visibility.LINK)
    key = f"?key={quiet.link_key}"

    page = as_bob.get(f"/group-buys/{quiet.slug}{key}")
    shown = send(as_bob, f"/group-buys/{quiet.slug}/order{key}", data=entered(session, quiet))
    answer = send(as_bob, f"/group-buys/{quiet.slug}/commitments{key}", data=hidden(shown.text))

    assert f"/group-buys/{quiet.slug}/order{key}" in page.text
    assert f"/group-buys/{quiet.slug}/commitments{key}" in shown.text
    assert answer.status_code == 303
    assert commitment_of(session, quiet, bob).is_alive
    assert as_bob.get(f"/group-buys/{quiet.slug}").status_code == 200


def test_named_guests_see_what_is_for_them(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    private = make_buying.group_buy(session, alice, now=now, visibility=Visibility.NAMED)
    session.add(NamedGuest(collaboration_id=private.id, participant_id=bob.participant.id))
    session.flush()

    assert as_bob.get(f"/group-buys/{private.slug}").status_code == 200

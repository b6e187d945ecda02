"""Two tabs at the same moment, with real threads and real commits: one of them is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from marketplace import db
from models.actors import Actor
from models.catalogues import CatalogueVersion, ListWaiting, VersionState
from models.errors import Refused
from models.lifecycle import NotInThisState
from models.members import Member
from models.participants import Participant
from services import catalogues
from services.catalogues import Upload, VatRates
from tests import make
from tests.make_catalogues import OIL, catalogue, csv, uploaded

pytestmark = pytest.mark.race
TABS = 8


@pytest.fixture
def begun(real_app):
    """Alice's catalogue, by id, and her member's id."""
    now = datetime.now(UTC)
    with real_app.app_context(), db.transaction() as session:
        alice = make.actor(session, "Alice", now=now)
        return catalogue(session, alice, now=now).id, alice.member.id


def at_once(real_app, begun, act):
    catalogue_id, member_id = begun

    def one(_):
        with real_app.app_context():
            try:
                with db.transaction() as session:
                    member = session.get(Member, member_id)
                    actor = Actor(member, session.get(Participant, member.participant_id))
                    found = catalogues.find(session, catalogue_id, actor=actor, lock=True)
                    act(session, found, actor, db.now(session))
            except Refused as refusal:
                return type(refusal)
        return None

    with ThreadPoolExecutor(TABS) as pool:
        return list(pool.map(one, range(TABS)))


def states(real_app):
    with real_app.app_context():
        return list(db.session().scalars(select(CatalogueVersion.state)))


def test_one_of_many_uploads_comes_in(real_app, begun):
    def act(session, found, actor, now):
        sent = Upload(csv(OIL), VatRates(700, 1900))
        catalogues.upload(session, found, sent, actor=actor, now=now)

    answers = at_once(real_app, begun, act)

    assert answers.count(None) == 1
    assert answers.count(ListWaiting) == TABS - 1
    assert states(real_app) == [VersionState.READING]


def test_one_of_many_tabs_keeps_the_list(real_app, begun):
    catalogue_id, member_id = begun
    with real_app.app_context(), db.transaction() as session:
        member = session.get(Member, member_id)
        actor = Actor(member, session.get(Participant, member.participant_id))
        found = catalogues.find(session, catalogue_id, actor=actor, lock=True)
        uploaded(session, found, csv(OIL), actor=actor, now=db.now(session))

    def act(session, found, actor, now):
        version = catalogues.version(session, found, 1, lock=True)
        catalogues.keep(session, found, version, actor=actor, now=now)

    answers = at_once(real_app, begun, act)

    assert answers.count(None) == 1
    assert answers.count(NotInThisState) == TABS - 1
    assert states(real_app) == [VersionState.CURRENT]

"""Races for an account: whoever knew the old password keeps nothing they made with it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from marketplace import db
from models.buying import GroupBuy
from models.members import Member, Scope, WrongCredentials, WrongPassword
from models.participants import MayNotActFor, Membership, MembershipRole
from services import buying, members, passwords, sessions
from tests import make
from tests.blocking import until_one_waits
from tests.make_buying import group_buy, order
from tests.make_members import PASSWORD, with_password

pytestmark = pytest.mark.race
NEW_PASSWORD = "purple tractor under the stairs"


@pytest.fixture
def member(real_app: Flask) -> Member:
    with real_app.app_context(), db.transaction() as session:
        return with_password(make.actor(session, "Erika", now=datetime.now(UTC))).member


def sign_in(session: Session, member: Member) -> None:
    members.sign_in(
        session, email=member.email, password=PASSWORD, user_agent="", now=datetime.now(UTC)
    )


def make_key(session: Session, member: Member) -> None:
    actor = sessions.actor_of(session, session.get_one(Member, member.id))
    members.make_token(
        session,
        actor=actor,
        name="Books",
        scopes=[Scope.READ],
        current_password=PASSWORD,
        now=datetime.now(UTC),
    )


def change_password(session: Session, member: Member) -> None:
    members.change_password(
        session,
        member,
        current_password=PASSWORD,
        password=NEW_PASSWORD,
        keep_session=None,
        now=datetime.now(UTC),
    )


def meanwhile(
    real_app: Flask, act: Callable[[Session, Member], None], member: Member
) -> Callable[[], None]:
    def run() -> None:
        with real_app.app_context(), db.transaction() as session:
            act(session, member)

    return run


def refused_while_it_changes(
    real_app: Flask, act: Callable[[Session, Member], None], member: Member, refusal: Any
) -> None:
    """Have `act` wait for a change of the password, and be refused when it is done."""
    with ThreadPoolExecutor(1) as pool:
        with real_app.app_context(), db.transaction() as session:
            change_password(session, member)
            made = pool.submit(meanwhile(real_app, act, member))
            until_one_waits(session)
        with pytest.raises(refusal):
            made.result()


@pytest.mark.parametrize(
    ("act", "refusal"), [(sign_in, WrongCredentials), (make_key, WrongPassword)]
)
def test_nothing_is_made_with_a_password_that_is_just_being_changed(
    real_app: Flask, member: Member, act: Callable[[Session, Member], None], refusal: Any
) -> None:
    refused_while_it_changes(real_app, act, member, refusal)

    with real_app.app_context():
        assert sessions.all_of(db.session(), member) == []
        assert members.tokens_of(db.session(), member) == []


def test_a_hash_that_is_renewed_brings_no_old_password_back(
    real_app: Flask, member: Member
) -> None:
    usual = real_app.config["SETTINGS"].password_memory_kib
    # From now on hashes cost more, so the one that is kept would be renewed by signing in.
    passwords.use_memory(2 * usual)
    try:
        refused_while_it_changes(real_app, sign_in, member, WrongCredentials)
    finally:
        passwords.use_memory(usual)

    with real_app.app_context():
        kept = db.session().get_one(Member, member.id)
        assert passwords.matches(kept.password_hash, NEW_PASSWORD)


@pytest.mark.parametrize("joins", ["page", "program"])
def test_who_is_taken_out_of_an_organisation_binds_it_no_more(real_app: Flask, joins: str) -> None:
    now = datetime.now(UTC)
    with real_app.app_context(), db.transaction() as session:
        deal = group_buy(session, make.actor(session, "Alice", now=now), now=now)
        olga, tom = (make.actor(session, name, now=now) for name in ("Olga", "Tom"))
        shop = make.organisation(session, "Shop", owner=olga, now=now).participant
        session.add(
            Membership(
                organisation_id=shop.id,
                member_id=tom.member.id,
                role=MembershipRole.AGENT,
                since_at=now,
            )
        )
        asked = order(session, deal)

    def join(session: Session, member: Member) -> None:
        actor = sessions.actor_of(session, session.get_one(Member, member.id), shop.id)
        if joins == "page":
            found, stock, when = buying.to_join(
                session, deal.slug, asked, actor=actor, clock=db.clock()
            )
            buying.join(session, found, asked, stock=stock, actor=actor, now=when)
        else:
            found = buying.find(session, deal.slug, actor=actor, lock=True)
            buying.join(session, found, asked, actor=actor, now=db.now(session))

    with ThreadPoolExecutor(1) as pool:
        with real_app.app_context(), db.transaction() as session:
            buying.locked(session, deal.id)
            joining = pool.submit(meanwhile(real_app, join, tom.member))
            until_one_waits(session)
            session.execute(delete(Membership).where(Membership.member_id == tom.member.id))
        with pytest.raises(MayNotActFor):
            joining.result()

    with real_app.app_context():
        assert db.session().get_one(GroupBuy, deal.id).commitments_count == 0

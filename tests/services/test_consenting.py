"""A deal that names somebody else as its seller opens once they agree; nobody sells to themself."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace import jobs
from models.buying import Payee, ShortfallRule, Stage
from models.collaborations import State
from models.errors import NotFound
from models.events import Event
from models.notices import Notice
from models.participants import Membership, MembershipRole
from models.rules import Sharing
from services import buying, sessions
from services.buying import amending, consenting, guests, rescheduling
from services.buying.amending import Amendment
from services.buying.describing import said_of
from services.buying.drafting import InReview, guard_draft
from services.buying.opening import NotComplete
from services.buying.self_dealing import SelfDealing
from tests import make
from tests.make_buying import add_co_organiser, group_buy, join


@pytest.fixture
def miller(session, charlie, now):
    """Charlie, who acts for the mill that he owns."""
    return make.organisation(session, "Mill", owner=charlie, now=now)


@pytest.fixture
def mill(miller):
    return miller.participant


@pytest.fixture
def draft(session, alice, mill, now):
    return group_buy(
        session, alice, now=now, published=False, payee=Payee.SUPPLIER, supplier_id=mill.id
    )


@pytest.fixture
def asked(session, draft, alice, now):
    buying.publish(session, draft, actor=alice, now=now)
    return draft


def test_a_named_seller_is_asked_before_it_opens(session, app, asked, charlie, now):
    with app.app_context():
        jobs.run_due(at=now)

    assert (asked.state, asked.stage) == (State.DRAFT, Stage.IN_REVIEW)
    told = session.scalars(select(Notice).filter_by(member_id=charlie.member.id)).one()
    assert (told.message, told.path) == (
        "consent-asked",
        f"/group-buys/{asked.slug}/supplier-consent",
    )


def test_it_opens_when_the_seller_agrees(session, asked, miller, now):
    consenting.consent(session, asked, actor=miller, now=now)

    assert (asked.state, asked.stage, asked.terms_number) == (State.OPEN, "", 1)
    kinds = session.scalars(select(Event.kind).order_by(Event.id)).all()
    assert kinds[-3:] == ["SupplierConsentAsked", "SupplierConsented", "GroupBuyOpened"]


def test_a_seller_who_declines_says_why_and_it_stays_a_draft(
    session, app, asked, alice, miller, now
):
    consenting.decline(session, asked, reason="Too cheap.", actor=miller, now=now)
    with app.app_context():
        jobs.run_due(at=now)

    assert (asked.state, asked.stage) == (State.DRAFT, "")
    told = session.scalars(select(Notice).filter_by(member_id=alice.member.id)).one()
    assert told.facts["reason"] == "Too cheap."


def test_nothing_changes_while_the_seller_is_asked(session, asked, alice, now):
    with pytest.raises(InReview):
        guard_draft(asked)
    with pytest.raises(InReview):
        buying.publish(session, asked, actor=alice, now=now)
    [point] = buying.pickup_points(session, asked)
    other = buying.NewPickupPoint("Elsewhere", "Far away", point.from_at, point.until_at)
    with pytest.raises(InReview):
        buying.add_pickup_point(session, asked, other)
    with pytest.raises(InReview):
        rescheduling.move_pickup(session, asked, point, other, actor=alice, now=now)
    assert point.name == "Alice's garage"

    consenting.take_back(session, asked, actor=alice, now=now)
    guard_draft(asked)


def test_only_the_seller_answers_and_once(session, asked, alice, bob, miller, now):
    for stranger in (alice, bob):
        with pytest.raises(consenting.NotTheSupplier):
            consenting.consent(session, asked, actor=stranger, now=now)
    consenting.consent(session, asked, actor=miller, now=now)

    with pytest.raises(consenting.NotAsked):
        consenting.decline(session, asked, reason="x", actor=miller, now=now)


def test_the_seller_sees_the_draft_only_while_they_are_asked(session, draft, alice, miller, now):
    with pytest.raises(NotFound):
        buying.find(session, draft.slug, actor=miller)
    buying.publish(session, draft, actor=alice, now=now)

    assert buying.find(session, draft.slug, actor=miller) == draft


def test_consent_given_too_late_opens_nothing(session, asked, miller, now):
    with pytest.raises(NotComplete):
        consenting.consent(session, asked, actor=miller, now=now + timedelta(days=8))


def test_nobody_is_asked_about_themself(session, charlie, miller, mill, now):
    draft = group_buy(
        session, miller, now=now, published=False, payee=Payee.SUPPLIER, supplier_id=mill.id
    )

    buying.publish(session, draft, actor=miller, now=now)

    assert draft.state == State.OPEN


@pytest.fixture
def agreed(session, asked, miller, now):
    consenting.consent(session, asked, actor=miller, now=now)
    return asked


@pytest.mark.parametrize(
    "said",
    [
        {"tiers": [(1, 1)]},
        {"tiers": [(1, 4000), (10, 3600)]},
        {"minimum_units": 1},
        {"deposit_minor": 900},
        {"name": "Gold"},
    ],
)
def test_nobody_changes_behind_the_seller_what_they_agreed_to_sell(
    session, agreed, alice, now, said
):
    [article] = buying.articles(session, agreed)
    other = replace(said_of(article), **said)

    with pytest.raises(consenting.AgreedWithSupplier):
        amend(session, agreed, alice, now, articles={article.id: other})


@pytest.mark.parametrize(
    "changes",
    [
        {"smallest_order_minor": 1},
        {"shortfall_rule": ShortfallRule.ASK_SUPPLIER},
        {"floor_basis_points": 1},
        {"share_rule": Sharing.BY_VALUE, "share_minor": 9000, "share_ceiling_minor": 9000},
        {"ships": True},
    ],
)
def test_nobody_changes_behind_the_seller_how_they_agreed_to_sell(
    session, agreed, alice, now, changes
):
    with pytest.raises(consenting.AgreedWithSupplier):
        amend(session, agreed, alice, now, changes)


def test_what_the_seller_agreed_to_closes_later_but_no_earlier(session, agreed, alice, now):
    with pytest.raises(consenting.AgreedWithSupplier), session.begin_nested():
        amend(session, agreed, alice, now, {"closes_at": agreed.closes_at - timedelta(days=1)})

    amend(session, agreed, alice, now, {"closes_at": agreed.closes_at + timedelta(days=1)})

    assert agreed.terms_number == 2


def test_a_seller_who_organises_too_changes_the_terms(session, agreed, alice, miller, now):
    add_co_organiser(session, agreed, miller.member.email, actor=alice, now=now)
    [article] = buying.articles(session, agreed)
    cheaper = replace(said_of(article), tiers=[(1, 3000)])

    amend(session, agreed, miller, now, articles={article.id: cheaper})

    assert agreed.terms_number == 2


def test_the_seller_is_told_of_new_terms(session, app, agreed, alice, charlie, now):
    amend(session, agreed, alice, now, {"closes_at": agreed.closes_at + timedelta(days=1)})
    with app.app_context():
        jobs.run_due(at=now)

    of_charlie = select(Notice).filter_by(member_id=charlie.member.id, message="terms-changed")
    assert session.scalars(of_charlie).one()


def amend(session, deal, actor, now, changes=None, articles=None):
    buying.organised(session, deal.slug, actor=actor, lock=True)
    given = Amendment(changes or {}, articles or {})
    return amending.amend(session, deal, given, actor=actor, now=now)


def test_an_agent_of_the_seller_cannot_agree(session, asked, bob, mill, now):
    role = MembershipRole.AGENT
    session.add(Membership(member=bob.member, organisation=mill, role=role, since_at=now))
    session.flush()
    agent = sessions.actor_of(session, bob.member)

    with pytest.raises(consenting.NotTheSupplier):
        consenting.consent(session, asked, actor=agent, now=now)


def test_whoever_runs_the_seller_does_not_order_there_in_person(session, asked, miller, now):
    consenting.consent(session, asked, actor=miller, now=now)

    person = replace(miller, participant=miller.member.participant)

    with pytest.raises(SelfDealing):
        join(session, asked, person, 5, now=now)


def test_whoever_runs_the_seller_does_not_order_through_another_organisation(
    session, asked, miller, charlie, now
):
    consenting.consent(session, asked, actor=miller, now=now)
    second = make.organisation(session, "Mill Two", owner=charlie, now=now)
    second = sessions.actor_of(session, charlie.member, second.participant.id)

    for actor in (second, second.bound()):
        with pytest.raises(SelfDealing):
            join(session, asked, actor, 5, now=now)


def test_a_trader_does_not_buy_their_own_tiers_through_another_organisation(session, alice, now):
    shop = make.organisation(session, "Kornhaus", owner=alice, is_trader=True, now=now)
    deal = group_buy(session, shop, now=now)
    second = make.organisation(session, "Kornhaus Two", owner=alice, now=now)

    with pytest.raises(SelfDealing):
        join(
            session, deal, sessions.actor_of(session, alice.member, second.participant.id), now=now
        )


def test_a_trader_does_not_buy_their_own_tiers(session, alice, now):
    alice.participant.is_trader = True
    deal = group_buy(session, alice, now=now)

    with pytest.raises(SelfDealing):
        join(session, deal, alice, 5, now=now)


def test_a_trader_does_not_buy_them_either_after_calling_themself_private(session, alice, now):
    alice.participant.is_trader = True
    deal = group_buy(session, alice, now=now)
    alice.participant.is_trader = False

    with pytest.raises(SelfDealing):
        join(session, deal, alice, 5, now=now)
    assert not guests.may_be_ordered_for(deal, alice)


def test_a_neighbour_who_organises_orders_too(session, alice, now):
    deal = group_buy(session, alice, now=now)

    assert join(session, deal, alice, 5, now=now)

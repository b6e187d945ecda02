"""Alice's desk: what needs her, who takes part, and who else may run it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment
from models.collaborations import CommitmentState, NotTheOrganiser, State
from models.errors import Invalid, NotFound
from models.events import Event
from models.members import NotConfirmed
from models.notices import Notice
from models.participants import MembershipRole, ParticipantKind
from services import buying, reactions, transfers
from services.buying import (
    cash_back,
    co_organising,
    describing,
    desk,
    guests,
    inviting,
    listing,
    organised_by,
    rescheduling,
    revising,
    roll,
    sheets,
    steering,
)
from services.buying.desk import Need
from services.buying.drafting import NotADraft
from services.buying.self_dealing import GuestsOfSeller
from services.participants import lookup
from services.reactions import audience
from tests import make, make_buying, make_members, make_running, make_talk


@pytest.fixture
def olive_oil(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return make_buying.group_buy(session, alice, now=now)


@pytest.fixture
def draft(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return make_buying.group_buy(session, alice, now=now, published=False)


def needs(session: Session, group_buy: GroupBuy, now: datetime) -> list[Need]:
    return [task.need for task in desk.tasks(session, group_buy, now=now)]


# What needs the organiser


def test_a_draft_wants_to_be_opened(session: Session, draft: GroupBuy, now: datetime) -> None:
    assert needs(session, draft, now) == [Need.PUBLISH]


def test_few_so_far_is_said_in_the_last_two_days(
    session: Session, olive_oil: GroupBuy, now: datetime
) -> None:
    assert needs(session, olive_oil, now) == []
    assert needs(session, olive_oil, olive_oil.closes_at - timedelta(days=1)) == [Need.FEW_SO_FAR]


def test_a_question_counts_until_an_organiser_answers(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    asked = make_talk.ask(session, olive_oil, body="Which press?", lang="en", actor=bob, now=now)
    make_talk.answer(
        session, olive_oil, asked.id, body="No idea", lang="en", actor=charlie, now=now
    )
    assert needs(session, olive_oil, now) == [Need.QUESTIONS]

    make_talk.answer(session, olive_oil, asked.id, body="Mine", lang="en", actor=alice, now=now)

    assert needs(session, olive_oil, now) == []


def test_the_way_after_the_close_is_told_step_by_step(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    group_buy = make_running.closed(session, alice, [(bob, 6)], now=now)
    assert needs(session, group_buy, now) == [Need.ORDER]

    make_running.ordered(session, group_buy, alice)
    assert needs(session, group_buy, now) == [Need.COUNT]

    make_running.delivered(session, group_buy, alice)
    assert needs(session, group_buy, now) == [Need.PACK, Need.BEGIN_HAND_OVER]

    order = make_running.commitment(session, group_buy, bob)
    buying.mark_packed(session, group_buy, order, now=now)
    assert needs(session, group_buy, now) == [Need.BEGIN_HAND_OVER]

    buying.begin_hand_over(session, group_buy, actor=alice, now=now)
    assert needs(session, group_buy, now) == [Need.HAND_OVER, Need.CASH]

    buying.hand_over(session, group_buy, order, actor=alice, now=now)
    assert needs(session, group_buy, now) == [Need.COMPLETE, Need.CASH]

    buying.complete(session, group_buy, actor=alice, now=now)
    assert needs(session, group_buy, now) == [Need.CASH]

    make_running.pay_cash(session, group_buy, alice, bob, now=now)
    assert needs(session, group_buy, now) == [Need.SETTLE]

    buying.settle(session, group_buy, actor=alice, now=now)
    assert needs(session, group_buy, now) == []


def test_cash_for_what_did_not_come_goes_back_by_hand(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    group_buy = make_running.closed(session, alice, [(bob, 6)], now=now)
    make_running.pay_cash(session, group_buy, alice, bob, now=now)

    make_running.delivered(session, group_buy, alice, 5)

    assert Need.CASH_BACK in needs(session, group_buy, now)
    [back] = cash_back.open_ones(session, group_buy)
    assert (back.participant.name, back.amount_minor) == ("Bob", 4000)
    make_running.payments.hand_back(session, back.refund_id, actor=alice, now=now)
    assert cash_back.open_ones(session, group_buy) == []


def test_the_figures_count_each_once(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    group_buy = make_running.closed(session, alice, [(bob, 4), (charlie, 3)], now=now)
    make_running.pay_cash(session, group_buy, alice, bob, now=now)

    figures = desk.figures(session, group_buy)

    assert (figures.taking_part, figures.waiting, figures.left) == (2, 0, 0)
    assert (figures.due_minor, figures.paid_minor, figures.outstanding_minor) == (
        28000,
        16000,
        12000,
    )


# People


def test_people_stand_by_name_page_after_page(
    session: Session, olive_oil: GroupBuy, bob: Actor, charlie: Actor, dana: Actor, now: datetime
) -> None:
    for who in (dana, charlie, bob):
        make_buying.join(session, olive_oil, who, 1, now=now)

    first = roll.people(session, olive_oil, limit=2)
    second = roll.people(session, olive_oil, limit=2, after=first.after)

    assert [one.participant.name for one in first.rows] == ["Bob", "Charlie"]
    assert [one.participant.name for one in second.rows] == ["Dana"]


def test_history_tells_of_the_whole_and_not_of_single_people(
    session: Session, olive_oil: GroupBuy, bob: Actor, now: datetime
) -> None:
    make_buying.join(session, olive_oil, bob, 6, now=now)

    kinds = [event.kind for event in desk.history(session, olive_oil)]

    assert kinds == ["GroupBuyTipped", "GroupBuyOpened", "GroupBuyDrafted"]


# Who runs it


@pytest.mark.parametrize(
    ("role", "may"),
    [(MembershipRole.OWNER, True), (MembershipRole.MANAGER, True), (MembershipRole.AGENT, False)],
)
def test_roles_in_an_organisation_decide_who_runs_its_deals(
    session: Session, alice: Actor, bob: Actor, now: datetime, role: MembershipRole, may: bool
) -> None:
    co_op = make.organisation(session, "Speicher", owner=alice, now=now)
    deal = make_buying.group_buy(session, co_op, now=now)
    member = make.organisation(session, "Other", owner=bob, role=role, now=now)
    belonging = Actor(
        member=bob.member,
        participant=co_op.participant,
        memberships={co_op.participant.id: role},
        organisations=(co_op.participant,),
    )

    assert deal.is_organised_by(belonging) is may
    assert inviting.may_choose_co_organisers(deal, belonging) is may
    assert not deal.is_organised_by(member)


def test_a_co_organiser_chooses_nobody_and_may_leave(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    make_buying.add_co_organiser(session, olive_oil, bob.member.email, actor=alice, now=now)

    with pytest.raises(inviting.NotTheMainOrganiser):
        inviting.ask_co_organiser(session, olive_oil, charlie.member.email, actor=bob, now=now)
    with pytest.raises(inviting.NotTheMainOrganiser):
        inviting.remove_co_organiser(session, olive_oil, alice.member.id, actor=bob)
    inviting.remove_co_organiser(session, olive_oil, bob.member.id, actor=bob)

    assert not olive_oil.is_organised_by(bob)
    assert [one.id for one in organised_by.page(session, actor=bob).rows] == []


def test_who_is_asked_runs_nothing_until_they_accept(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    email = bob.member.email
    inviting.ask_co_organiser(session, olive_oil, email, actor=alice, now=now)

    assert not olive_oil.is_organised_by(bob)
    assert organised_by.page(session, actor=bob).rows == []
    assert bob.member not in audience.organisers(session, olive_oil)
    with pytest.raises(inviting.AskedAlready):
        inviting.ask_co_organiser(session, olive_oil, email, actor=alice, now=now)
    for stranger in (alice, charlie, replace(bob, is_bound=True)):
        with pytest.raises(NotFound):
            co_organising.asked(session, olive_oil.slug, actor=stranger)

    co_organising.accept(session, olive_oil, actor=bob, now=now)

    assert olive_oil.is_organised_by(bob)
    assert [one.id for one in organised_by.page(session, actor=bob).rows] == [olive_oil.id]
    with pytest.raises(NotFound):
        co_organising.decline(session, olive_oil, actor=bob, now=now)


@pytest.mark.parametrize("by", ["bob", "alice"])
def test_a_question_is_declined_or_taken_back(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, by: str, now: datetime
) -> None:
    inviting.ask_co_organiser(session, olive_oil, bob.member.email, actor=alice, now=now)

    if by == "bob":
        co_organising.decline(session, olive_oil, actor=bob, now=now)
    else:
        assert inviting.remove_co_organiser(session, olive_oil, bob.member.id, actor=alice)

    with pytest.raises(NotFound):
        co_organising.accept(session, olive_oil, actor=bob, now=now)
    assert inviting.co_organisers(session, olive_oil) == []


def test_nobody_is_asked_to_run_it_again_and_again(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    email = bob.member.email
    for _ in range(2):
        inviting.ask_co_organiser(session, olive_oil, email, actor=alice, now=now)
        co_organising.decline(session, olive_oil, actor=bob, now=now)

    with pytest.raises(inviting.AskedTooOften):
        inviting.ask_co_organiser(session, olive_oil, email, actor=alice, now=now)

    later = now + timedelta(days=7, seconds=1)
    inviting.ask_co_organiser(session, olive_oil, email, actor=alice, now=later)


def test_who_runs_it_or_is_named_is_not_added_again(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    email = bob.member.email
    make_buying.add_co_organiser(session, olive_oil, email, actor=alice, now=now)
    inviting.name_guest(session, olive_oil, email, actor=alice, now=now)

    for runs in (alice, bob):
        with pytest.raises(inviting.RunsItAlready):
            inviting.ask_co_organiser(session, olive_oil, runs.member.email, actor=alice, now=now)
    with pytest.raises(inviting.AlreadyNamed):
        inviting.name_guest(session, olive_oil, email, actor=alice, now=now)


def test_an_address_is_nobodys_until_it_is_confirmed(
    session: Session, olive_oil: GroupBuy, alice: Actor, now: datetime
) -> None:
    email = make_members.unconfirmed(session, "Greta", now=now).member.email

    with pytest.raises(lookup.NobodyFound):
        inviting.ask_co_organiser(session, olive_oil, email, actor=alice, now=now)
    with pytest.raises(lookup.NobodyFound):
        inviting.name_guest(session, olive_oil, email, actor=alice, now=now)


def test_only_a_confirmed_address_opens(session: Session, now: datetime) -> None:
    greta = make_members.unconfirmed(session, "Greta", now=now)
    draft = make_buying.group_buy(session, greta, published=False, now=now)

    with pytest.raises(NotConfirmed):
        buying.publish(session, draft, actor=greta, now=now)

    assert draft.state == State.DRAFT


def test_several_of_one_name_are_told_apart(
    session: Session, olive_oil: GroupBuy, bob: Actor, now: datetime
) -> None:
    other = make.participant(session, "Bob", now=now)

    with pytest.raises(lookup.SeveralFound):
        lookup.find_participant(session, "Bob")

    assert lookup.find_participant(session, other.slug) is other
    assert lookup.find_participant(session, f"https://x.org/people/{other.slug}") is other
    assert lookup.find_participant(session, bob.member.email) is bob.participant


def test_what_one_organises_is_listed_as_whom_one_acts(
    session: Session, olive_oil: GroupBuy, alice: Actor, now: datetime
) -> None:
    co_op = make.organisation(session, "Speicher", owner=alice, now=now)
    theirs = make_buying.group_buy(session, co_op, now=now)

    assert [one.id for one in organised_by.page(session, actor=co_op).rows] == [theirs.id]
    assert [one.id for one in organised_by.page(session, actor=alice).rows] == [olive_oil.id]


# Stopping


def test_a_pause_needs_a_reason_and_an_open_deal(
    session: Session, olive_oil: GroupBuy, draft: GroupBuy, alice: Actor, now: datetime
) -> None:
    with pytest.raises(steering.ReasonNeeded):
        steering.pause(session, olive_oil, reason=" ", actor=alice, now=now)
    with pytest.raises(steering.CannotPause):
        steering.pause(session, draft, reason="Rain", actor=alice, now=now)


def test_a_moderator_who_organises_ends_their_own_pause(
    session: Session, dana: Actor, now: datetime
) -> None:
    deal = make_buying.group_buy(session, dana, now=now)
    steering.pause(session, deal, reason="Rain", actor=dana, now=now)

    steering.resume(session, deal, actor=dana, now=now)

    assert not deal.is_paused


def test_a_moderator_who_manages_the_organisation_ends_their_own_pause(
    session: Session, alice: Actor, dana: Actor, now: datetime
) -> None:
    co_op = make.organisation(session, "Speicher", owner=alice, now=now)
    deal = make_buying.group_buy(session, co_op, now=now)
    manager = replace(co_op, member=dana.member)
    steering.pause(session, deal, reason="Rain", actor=manager, now=now)

    steering.resume(session, deal, actor=manager, now=now)

    assert not deal.is_paused


def test_it_is_called_off_before_the_goods_come_and_not_after(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    early = make_running.closed(session, alice, [(bob, 6)], now=now)
    make_running.ordered(session, early, alice)
    late = make_running.closed(session, alice, [(bob, 6)], now=now)
    make_running.delivered(session, late, alice)

    steering.cancel(session, early, reason="The press broke", actor=alice, now=now)
    with pytest.raises(steering.TooLateToCancel):
        steering.cancel(session, late, reason="Changed my mind", actor=alice, now=now)

    assert early.state == State.CANCELLED
    assert make_running.commitment(session, early, bob).state == CommitmentState.OUT


def test_a_draft_goes_with_all_that_is_in_it(
    session: Session, draft: GroupBuy, olive_oil: GroupBuy, alice: Actor, now: datetime
) -> None:
    steering.discard(session, draft, actor=alice, now=now)

    with pytest.raises(NotADraft):
        steering.discard(session, olive_oil, actor=alice, now=now)
    assert session.scalars(select(GroupBuy.id)).all() == [olive_oil.id]
    told = session.scalars(select(Event).filter_by(kind="GroupBuyDiscarded")).one()
    assert (told.member_id, told.collaboration_id) == (alice.member.id, None)


# Pick-up and guests


def test_a_draft_goes_with_its_account_and_what_was_said_of_it(
    session: Session, olive_oil: GroupBuy, alice: Actor, now: datetime
) -> None:
    transfers.name_account(
        session, olive_oil, holder="Alice", iban="DE89370400440532013000", actor=alice, now=now
    )
    copied = buying.copy(session, olive_oil, actor=alice, now=now)
    question = make_talk.ask(session, copied, body="A note.", lang="en", actor=alice, now=now)
    make_talk.answer(session, copied, question.id, body="Another.", lang="en", actor=alice, now=now)
    slug = copied.slug

    steering.discard(session, copied, actor=alice, now=now)

    with pytest.raises(NotFound):
        buying.find(session, slug, actor=alice)
    assert transfers.account_of(session, olive_oil.id) is not None


def test_everyone_is_told_of_another_pickup(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    group_buy = make_running.closed(session, alice, [(bob, 6)], now=now)
    [point] = buying.pickup_points(session, group_buy)
    later = buying.NewPickupPoint(
        name="School yard",
        address="Schulstraße 2",
        from_at=point.from_at + timedelta(days=1),
        until_at=point.until_at + timedelta(days=1),
    )

    rescheduling.move_pickup(session, group_buy, point, later, actor=alice, now=now)

    event = session.scalars(select(Event).filter_by(kind="PickupChanged")).one()
    assert event.facts["name"] == "School yard"
    assert point.address == "Schulstraße 2"


def school_yard(group_buy: GroupBuy) -> buying.NewPickupPoint:
    at = group_buy.closes_at + timedelta(days=4)
    return buying.NewPickupPoint(
        name="School yard", address="Schulstr. 2", from_at=at, until_at=at + timedelta(hours=2)
    )


def test_a_pickup_is_added_while_it_is_open_and_nobody_has_to_agree(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    joined = make_buying.join(session, olive_oil, bob, 6, now=now)

    point = rescheduling.add_pickup(
        session, olive_oil, school_yard(olive_oil), actor=alice, now=now
    )

    event = session.scalars(select(Event).filter_by(kind="PickupAdded")).one()
    assert event.facts["name"] == "School yard"
    reactions.run(session, event.id, now=now)
    told = session.scalars(select(Notice.message).filter_by(member_id=bob.member.id)).all()
    assert "pickup-added" in told
    order = session.get_one(GroupBuyCommitment, joined)
    assert olive_oil.has_consent_of(order)
    wanted = replace(make_buying.order(session, olive_oil, 6), pickup_point_id=point.id)
    buying.change(session, olive_oil, order, wanted, actor=bob, now=now)
    assert order.pickup_point_id == point.id


def test_a_pickup_can_be_added_until_the_hand_over_begins(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    group_buy = make_running.closed(session, alice, [(bob, 6)], now=now)
    make_running.delivered(session, group_buy, alice)
    at, given = group_buy.closes_at, school_yard(group_buy)
    rescheduling.add_pickup(session, group_buy, given, actor=alice, now=at)
    with pytest.raises(Invalid):
        rescheduling.add_pickup(session, group_buy, given, actor=alice, now=given.until_at)
    buying.begin_hand_over(session, group_buy, actor=alice, now=at)

    with pytest.raises(rescheduling.HandOverHasBegun):
        rescheduling.add_pickup(session, group_buy, given, actor=alice, now=at)
    buying.complete(session, group_buy, unclaimed="Kept.", actor=alice, now=at)
    with pytest.raises(rescheduling.NothingToFetch):
        rescheduling.add_pickup(session, group_buy, given, actor=alice, now=at)


def test_a_pickup_that_somebody_chose_stays(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    [first] = buying.pickup_points(session, olive_oil)
    with pytest.raises(rescheduling.LastPickup):
        rescheduling.remove_pickup(session, olive_oil, first.id, actor=alice, now=now)
    make_buying.join(session, olive_oil, bob, 6, now=now)
    other = rescheduling.add_pickup(
        session, olive_oil, school_yard(olive_oil), actor=alice, now=now
    )

    with pytest.raises(rescheduling.PickupChosen):
        rescheduling.remove_pickup(session, olive_oil, first.id, actor=alice, now=now)
    rescheduling.remove_pickup(session, olive_oil, other.id, actor=alice, now=now)

    assert buying.pickup_points(session, olive_oil) == [first]


def test_the_pickup_is_not_changed_all_day(
    session: Session, olive_oil: GroupBuy, alice: Actor, now: datetime
) -> None:
    given = school_yard(olive_oil)
    point = rescheduling.add_pickup(session, olive_oil, given, actor=alice, now=now)
    for _ in range(rescheduling.CHANGES.tries - 1):
        rescheduling.move_pickup(session, olive_oil, point, given, actor=alice, now=now)

    with pytest.raises(rescheduling.PickupChangedTooOften):
        rescheduling.move_pickup(session, olive_oil, point, given, actor=alice, now=now)
    with pytest.raises(rescheduling.PickupChangedTooOften):
        rescheduling.add_pickup(session, olive_oil, given, actor=alice, now=now)
    later = now + timedelta(days=1)
    rescheduling.move_pickup(session, olive_oil, point, given, actor=alice, now=later)


def test_nobody_needs_more_than_fifty_places(session: Session, draft: GroupBuy) -> None:
    for _ in range(describing.MOST_PICKUPS - len(buying.pickup_points(session, draft))):
        buying.add_pickup_point(session, draft, school_yard(draft))

    with pytest.raises(describing.TooManyPickups):
        buying.add_pickup_point(session, draft, school_yard(draft))


def test_a_pickup_of_another_deal_is_not_found(
    session: Session, olive_oil: GroupBuy, alice: Actor, now: datetime
) -> None:
    other = make_buying.group_buy(session, alice, now=now)
    [point] = buying.pickup_points(session, other)

    with pytest.raises(NotFound):
        rescheduling.pickup_point(session, olive_oil, point.id)


def test_a_guest_is_kept_for_the_next_time(
    session: Session, olive_oil: GroupBuy, alice: Actor, now: datetime
) -> None:
    guest = guests.add(session, olive_oil, "Frau Meyer", "0471 1234", actor=alice, now=now)
    wanted = make_buying.order(session, olive_oil, 2)
    guests.order(session, olive_oil, guest, wanted, actor=alice, now=now)

    again = make_buying.group_buy(session, alice, now=now)

    assert guest.kind == ParticipantKind.GUEST
    assert guests.kept(session, again, actor=alice) == [guest]
    assert guests.find(session, again, guest.id, actor=alice) is guest


def test_what_somebody_would_have_paid_is_told_to_nobody(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    deal = make_buying.group_buy(
        session, alice, now=now, articles=[make_buying.olive_oil(minimum_units=1)]
    )
    make_buying.join(session, deal, charlie, 5, now=now)
    make_buying.join(session, deal, bob, 2, now=now, highest_price_minor=3600)
    buying.close(session, deal.id, now=deal.closes_at)

    found = {one.participant: one for one in roll.people(session, deal).rows}
    exported = sheets.commitments_csv(found.values(), currency="EUR", exponent=2)

    assert found[bob.participant].commitment.out_reason == "price_too_low"
    assert found[bob.participant].out_reason == roll.LEFT_OUT
    assert "price_too_low" not in exported


def test_who_helps_with_one_deal_knows_no_guests_of_another(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    guest = guests.add(session, olive_oil, "Frau Meyer", "0471 1234", actor=alice, now=now)
    wanted = make_buying.order(session, olive_oil, 2)
    guests.order(session, olive_oil, guest, wanted, actor=alice, now=now)
    again = make_buying.group_buy(session, alice, now=now)
    make_buying.add_co_organiser(session, again, bob.member.email, actor=alice, now=now)

    assert guests.kept(session, again, actor=bob) == []
    assert guests.kept(session, olive_oil, actor=bob) == [guest]
    assert not guests.may_see_contacts(olive_oil, bob)
    with pytest.raises(NotFound):
        guests.find(session, again, guest.id, actor=bob)


def test_only_those_who_organise_take_orders_for_guests(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    guest = guests.add(session, olive_oil, "Frau Meyer", actor=alice, now=now)
    wanted = make_buying.order(session, olive_oil, 2)

    with pytest.raises(NotTheOrganiser):
        guests.add(session, olive_oil, "Herr Schulz", actor=bob, now=now)
    with pytest.raises(NotTheOrganiser):
        guests.order(session, olive_oil, guest, wanted, actor=bob, now=now)


@pytest.mark.parametrize("seller", ["trader", "supplier", "co-organiser who supplies"])
def test_whoever_sells_invents_no_guests(
    session: Session, alice: Actor, bob: Actor, now: datetime, seller: str
) -> None:
    alice.participant.is_trader = seller == "trader"
    supplier = {"trader": None, "supplier": alice, "co-organiser who supplies": bob}[seller]
    deal = make_buying.group_buy(
        session, alice, now=now, supplier_id=supplier.participant.id if supplier else None
    )
    if supplier is bob:
        make_buying.add_co_organiser(session, deal, bob.member.email, actor=alice, now=now)
    guest = guests.add(session, deal, "Frau Meyer", actor=alice, now=now)

    with pytest.raises(GuestsOfSeller):
        guests.order(
            session,
            deal,
            guest,
            make_buying.order(session, deal, 5),
            actor=supplier or alice,
            now=now,
        )

    assert not deal.is_tipped
    # A neighbour whom they help is not under suspicion.
    assert guests.may_be_ordered_for(deal, alice) is (supplier is bob)


def test_the_guest_of_another_organiser_is_not_found(
    session: Session, olive_oil: GroupBuy, alice: Actor, bob: Actor, now: datetime
) -> None:
    theirs = make_buying.group_buy(session, bob, now=now)
    guest = guests.add(session, theirs, "Herr Schulz", actor=bob, now=now)

    with pytest.raises(NotFound):
        guests.find(session, olive_oil, guest.id, actor=alice)


def test_guests_pay_at_pickup_or_not_at_all(session: Session, alice: Actor, now: datetime) -> None:
    deal = make_buying.group_buy(session, alice, now=now, at_pickup=False)
    guest = guests.add(session, deal, "Frau Meyer", actor=alice, now=now)

    with pytest.raises(guests.NotAtPickup):
        guests.order(
            session, deal, guest, make_buying.order(session, deal, 2), actor=alice, now=now
        )


# Articles


def test_articles_are_found_by_every_word_and_paged_by_position(
    session: Session, alice: Actor, now: datetime
) -> None:
    articles = [
        make_buying.olive_oil(name=name, category=category)
        for name, category in (
            ("Green tea", "Tea"),
            ("Black tea", "Tea"),
            ("Rye 100%", "Flour"),
            ("Wheat", "Flour"),
        )
    ]
    deal = make_buying.group_buy(session, alice, now=now, articles=articles)

    def names(**wanted: str) -> list[str]:
        return [one.name for one in listing.articles_page(session, deal, **wanted).rows]

    assert names(words="tea bl") == ["Black tea"]
    assert names(words="100%") == ["Rye 100%"]
    assert names(category="Flour") == ["Rye 100%", "Wheat"]
    assert listing.categories(session, deal) == [("Tea", 2), ("Flour", 2)]
    first = listing.articles_page(session, deal, limit=3)
    second = listing.articles_page(session, deal, limit=3, after=first.after)
    assert [one.name for one in second.rows] == ["Wheat"]


def test_a_step_of_a_draft_leaves_the_rest_as_it_was(
    session: Session, draft: GroupBuy, now: datetime
) -> None:
    revising.revise(session, draft, now=now, smallest_order_minor=5000)

    assert (draft.smallest_order_minor, draft.title) == (5000, "Olive oil from Crete")
    assert draft.place_name == "Bremerhaven"

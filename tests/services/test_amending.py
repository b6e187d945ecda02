"""The terms of an open group buy change: who is worse off agrees, or is out and owes nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.buying import Clearing, PriceTooLow, WithdrawalPolicy
from models.collaborations import CommitmentState, State
from models.errors import Invalid
from models.events import Event
from models.money import vat_of
from models.rules import Rationing, Sharing
from services import buying, clearing, ledger
from services.buying import agreeing, amending
from services.buying.amending import Amendment
from services.buying.describing import said_of
from tests.make_buying import commitment_of, group_buy, join, olive_oil, order


@pytest.fixture
def deal(session, alice, now):
    return group_buy(session, alice, now=now)


def say(session, deal, **changes):
    """What the only article would say, with some of it changed."""
    [article] = buying.articles(session, deal)
    return {article.id: replace(said_of(article), **changes)}


def amend(session, deal, alice, now, articles=None, **changes):
    buying.organised(session, deal.slug, actor=alice, lock=True)
    given = Amendment(changes, articles or {})
    return amending.amend(session, deal, given, actor=alice, now=now)


def dearer(session, deal, alice, now, price=4400):
    articles = say(session, deal, tiers=[(1, price), (20, 3600)])
    return amend(session, deal, alice, now, articles)


def agree(session, deal, actor, now):
    mine = commitment(session, deal, actor)
    wanted = agreeing.order_under_new_terms(session, deal, mine)
    buying.change(session, deal, mine, wanted, actor=actor, now=now)
    return mine


def commitment(session, deal, actor):
    found = commitment_of(session, deal, actor.participant.id)
    assert found is not None
    return found


def sums(session, deal):
    [article] = buying.articles(session, deal)
    return article.active_units, [
        (tier.price_minor, demand, tolerance)
        for tier, demand, tolerance in zip(
            article.tiers, article.demand_units, article.tolerance_units, strict=True
        )
    ]


def held(session, actor, now):
    own = ledger.own_account(session, actor.participant.id, "EUR", now=now)
    session.refresh(own)
    return own.held_minor


def test_what_waits_for_consent_brings_nothing_nearer(session, alice, bob, now):
    both = [olive_oil(minimum_units=10), olive_oil(name="Rice", minimum_units=10)]
    deal = group_buy(session, alice, now=now, articles=both)
    join(session, deal, bob, 6, now=now)
    assert deal.progress_basis_points == 6000

    first = buying.articles(session, deal)[0]
    said = replace(said_of(first), tiers=[(1, 4400), (20, 3600)])
    amend(session, deal, alice, now, {first.id: said})

    assert deal.progress_basis_points == 0


def test_who_says_nothing_to_a_dearer_price_is_out_and_owes_nothing(
    session, deal, alice, bob, charlie, now
):
    join(session, deal, bob, 6, now=now)
    join(session, deal, charlie, 6, now=now)
    dearer(session, deal, alice, now)
    agree(session, deal, charlie, now)

    bobs = commitment(session, deal, bob)
    buying.close(session, deal.id, now=deal.closes_at)

    session.refresh(bobs)
    assert (bobs.state, bobs.out_reason) == (CommitmentState.OUT, "terms_not_accepted")
    assert (bobs.due_minor, held(session, bob, now)) == (0, 0)
    assert commitment(session, deal, charlie).due_minor == 6 * 4400
    told = session.scalars(select(Event).filter_by(commitment_id=bobs.id).order_by(Event.id)).all()
    assert (told[-1].kind, told[-1].reason) == ("CommitmentSettled", "terms_not_accepted")


def test_the_worst_case_never_rises_without_consent(session, deal, alice, bob, now):
    join(session, deal, bob, 6, now=now)

    dearer(session, deal, alice, now)

    assert commitment(session, deal, bob).worst_case_minor == 6 * 4000
    assert held(session, bob, now) == 6 * 4000
    agree(session, deal, bob, now)
    assert commitment(session, deal, bob).worst_case_minor == 6 * 4400
    assert held(session, bob, now) == 6 * 4400


def test_a_cheaper_price_holds_for_everyone_at_once(session, deal, alice, bob, now):
    join(session, deal, bob, 6, tolerance=1, now=now)

    amend(session, deal, alice, now, say(session, deal, tiers=[(1, 3800), (10, 3000)]))

    mine = commitment(session, deal, bob)
    assert mine.terms_number == deal.terms_number == 2
    assert (mine.worst_case_minor, held(session, bob, now)) == (7 * 3800, 7 * 3800)
    assert sums(session, deal) == (6, [(3800, 6, 1), (3000, 6, 1)])
    buying.close(session, deal.id, now=deal.closes_at)
    assert commitment(session, deal, bob).due_minor == 6 * 3800


def test_while_it_waits_for_consent_an_order_decides_nothing(session, deal, alice, bob, now):
    join(session, deal, bob, 6, now=now)
    assert deal.is_tipped

    dearer(session, deal, alice, now)

    assert sums(session, deal) == (6, [(4400, 0, 0), (3600, 0, 0)])
    assert (deal.is_tipped, deal.standing_articles, deal.standing_value_minor) == (False, 0, 0)
    agree(session, deal, bob, now)
    assert sums(session, deal) == (6, [(4400, 6, 0), (3600, 6, 0)])
    assert deal.is_tipped


def test_its_units_stay_set_aside_until_the_close(session, alice, bob, charlie, now):
    deal = group_buy(session, alice, now=now, articles=[olive_oil(maximum_units=8)])
    join(session, deal, bob, 6, now=now)
    dearer(session, deal, alice, now)
    join(session, deal, charlie, 5, may_wait=True, now=now)
    waiting = commitment(session, deal, charlie)
    assert waiting.state == CommitmentState.WAITING

    agree(session, deal, bob, now)
    assert commitment(session, deal, bob).state == CommitmentState.ACTIVE
    assert sums(session, deal)[0] == 6


def test_at_the_close_units_that_were_set_aside_go_to_those_who_wait(
    session, alice, bob, charlie, now
):
    deal = group_buy(session, alice, now=now, articles=[olive_oil(maximum_units=8)])
    join(session, deal, bob, 6, now=now)
    dearer(session, deal, alice, now)
    join(session, deal, charlie, 5, may_wait=True, now=now)

    buying.close(session, deal.id, now=deal.closes_at)

    assert commitment(session, deal, charlie).due_minor == 5 * 4400


def test_whoever_waits_is_not_let_in_on_terms_they_never_saw(session, alice, bob, charlie, now):
    deal = group_buy(session, alice, now=now, articles=[olive_oil(maximum_units=8)])
    join(session, deal, bob, 6, now=now)
    join(session, deal, charlie, 5, may_wait=True, now=now)
    dearer(session, deal, alice, now)

    buying.withdraw(session, deal, commitment(session, deal, bob), actor=bob, now=now)

    assert commitment(session, deal, charlie).state == CommitmentState.WAITING
    agree(session, deal, charlie, now)
    assert commitment(session, deal, charlie).state == CommitmentState.ACTIVE


def test_changing_back_asks_nobody(session, deal, alice, bob, now):
    join(session, deal, bob, 6, tolerance=2, now=now)
    before = sums(session, deal)
    dearer(session, deal, alice, now)

    dearer(session, deal, alice, now, price=4000)

    mine = commitment(session, deal, bob)
    assert (mine.terms_number, deal.terms_number) == (3, 3)
    assert mine.worst_case_minor == 8 * 4000
    assert sums(session, deal) == before
    assert deal.is_tipped


def test_what_became_cheaper_does_not_become_dearer_again_in_silence(
    session, deal, alice, bob, now
):
    join(session, deal, bob, 6, now=now)
    dearer(session, deal, alice, now, price=3800)

    dearer(session, deal, alice, now, price=4000)

    mine = commitment(session, deal, bob)
    assert not deal.has_consent_of(mine)
    assert (mine.worst_case_minor, held(session, bob, now)) == (6 * 3800, 6 * 3800)


def test_two_changes_are_agreed_to_at_once(session, deal, alice, bob, now):
    join(session, deal, bob, 6, now=now)
    dearer(session, deal, alice, now)
    amend(session, deal, alice, now, freight_rule=Sharing.PER_HEAD, freight_minor=900,
          freight_ceiling_minor=500)  # fmt: skip

    found = agreeing.changed_since(session, deal, commitment(session, deal, bob))
    changed = {one.name for one in found}
    agree(session, deal, bob, now)

    assert changed == {"tiers", "freight_rule", "freight_minor", "freight_ceiling_minor"}
    assert commitment(session, deal, bob).worst_case_minor == 6 * 4400 + 500
    assert agreeing.asked(session, deal) == 0


def test_a_highest_price_of_ones_own_stays(session, deal, alice, bob, now):
    join(session, deal, bob, 6, highest_price_minor=3900, now=now)
    dearer(session, deal, alice, now)

    agree(session, deal, bob, now)

    assert commitment(session, deal, bob).worst_case_minor == 6 * 3900
    assert sums(session, deal) == (6, [(4400, 0, 0), (3600, 6, 0)])


def test_who_would_pay_less_than_the_new_lowest_price_has_to_order_anew(
    session, deal, alice, bob, now
):
    join(session, deal, bob, 6, highest_price_minor=3600, now=now)
    amend(session, deal, alice, now, say(session, deal, tiers=[(1, 4000), (20, 3700)]))

    with pytest.raises(PriceTooLow):
        agree(session, deal, bob, now)


def test_only_those_are_asked_whom_it_concerns(session, alice, bob, charlie, now):
    deal = group_buy(
        session, alice, now=now, articles=[olive_oil(), olive_oil(name="Olives", unit="kg")]
    )
    _, olives = buying.articles(session, deal)
    join(session, deal, bob, 6, now=now)
    wanted = replace(order(session, deal), wanted=[buying.Wanted(olives.id, 7)])
    buying.join(session, deal, wanted, actor=charlie, now=now)

    amend(session, deal, alice, now, {olives.id: replace(said_of(olives), deposit_minor=100)})

    assert deal.has_consent_of(commitment(session, deal, bob))
    assert not deal.has_consent_of(commitment(session, deal, charlie))
    assert deal.standing_articles == 1
    agree(session, deal, charlie, now)
    assert deal.standing_articles == 2
    gross = (6 * 4000, 7 * 4000)
    assert deal.standing_value_minor == sum(minor - vat_of(minor, 700) for minor in gross)


def test_whoever_has_not_agreed_is_free_to_go_whatever_the_policy(session, alice, bob, now):
    deal = group_buy(session, alice, now=now, withdrawal_policy=WithdrawalPolicy.NOT_IF_IT_UNTIPS)
    join(session, deal, bob, 6, now=now)
    dearer(session, deal, alice, now)

    buying.withdraw(session, deal, commitment(session, deal, bob), actor=bob, now=now)

    assert sums(session, deal)[0] == 0
    assert held(session, bob, now) == 0


def test_a_stricter_way_out_is_asked_about(session, deal, alice, bob, now):
    join(session, deal, bob, 6, now=now)

    amend(session, deal, alice, now, withdrawal_policy=WithdrawalPolicy.FREE_UNTIL_LAST_DAY)

    assert agreeing.asked(session, deal) == 1


def test_another_close_is_asked_about_and_kept(session, deal, alice, bob, now):
    join(session, deal, bob, 6, now=now)
    first = deal.closes_at

    amend(session, deal, alice, now, closes_at=first + timedelta(days=1))

    assert agreeing.asked(session, deal) == 1
    buying.close(session, deal.id, now=first)
    assert deal.state == State.OPEN
    agree(session, deal, bob, now)
    buying.close(session, deal.id, now=deal.closes_at)
    assert deal.state == State.RUNNING


def test_goods_are_not_fetched_before_the_close(session, deal, alice, now):
    with pytest.raises(Invalid) as refusal:
        amend(session, deal, alice, now, closes_at=deal.closes_at + timedelta(days=4))

    assert "closes_at" in refusal.value.fields


def test_who_is_silent_about_worse_terms_holds_up_no_better_ones(
    session, deal, alice, bob, charlie, now
):
    join(session, deal, bob, 6, now=now)
    join(session, deal, charlie, 6, now=now)
    amend(session, deal, alice, now, say(session, deal, tiers=[(1, 4100), (20, 3600)]))
    agree(session, deal, charlie, now)
    last_day = deal.closes_at - timedelta(hours=23)

    amend(session, deal, alice, last_day, say(session, deal, tiers=[(1, 4050), (20, 3600)]))

    assert deal.has_consent_of(commitment(session, deal, charlie))
    assert not deal.has_consent_of(commitment(session, deal, bob))


def test_on_the_last_day_nothing_gets_worse(session, deal, alice, bob, now):
    join(session, deal, bob, 6, now=now)
    last_day = deal.closes_at - timedelta(hours=23)

    with session.begin_nested() as before, pytest.raises(amending.TooLateToAmend):
        dearer(session, deal, alice, last_day)
        before.rollback()


def test_on_the_last_day_it_can_still_get_better(session, deal, alice, bob, now):
    join(session, deal, bob, 6, now=now)

    dearer(session, deal, alice, deal.closes_at - timedelta(hours=1), price=3900)

    assert commitment(session, deal, bob).worst_case_minor == 6 * 3900


def test_saying_the_same_again_is_no_new_version(session, deal, alice, now):
    with pytest.raises(amending.NothingChanged):
        amend(session, deal, alice, now, say(session, deal))


def test_what_somebody_may_have_chosen_stays(session, deal, alice, now):
    with pytest.raises(Invalid) as refusal:
        amend(session, deal, alice, now, at_pickup=False)

    assert set(refusal.value.fields) == {"at_pickup"}


def test_no_largest_total_falls_below_what_is_ordered(session, deal, alice, bob, now):
    join(session, deal, bob, 6, now=now)

    with pytest.raises(Invalid) as refusal:
        amend(session, deal, alice, now, say(session, deal, maximum_units=5))

    assert set(refusal.value.fields) == {"maximum_units"}


def test_more_units_let_in_those_who_wait(session, alice, bob, charlie, now):
    deal = group_buy(session, alice, now=now, articles=[olive_oil(maximum_units=8)])
    join(session, deal, bob, 6, now=now)
    join(session, deal, charlie, 5, may_wait=True, now=now)

    amend(session, deal, alice, now, say(session, deal, maximum_units=11))

    assert commitment(session, deal, charlie).state == CommitmentState.ACTIVE
    assert sums(session, deal) == (11, [(4000, 11, 0), (3600, 11, 0)])


def test_a_closed_or_paused_group_buy_keeps_its_terms(session, deal, alice, now):
    buying.pause(session, deal, reason="x", actor=alice, now=now)
    with pytest.raises(amending.CannotAmend):
        dearer(session, deal, alice, now)
    buying.resume(session, deal, actor=alice, now=now)

    with pytest.raises(amending.CannotAmend):
        dearer(session, deal, alice, deal.closes_at)


def test_whoever_joins_while_terms_change_is_refused_clearly(session, deal, alice, bob, now):
    seen = deal.terms_number
    dearer(session, deal, alice, now)

    with pytest.raises(buying.TermsMoved):
        buying.guard_terms(deal, seen)


@pytest.mark.parametrize("rationing", Rationing)
def test_the_proof_of_a_deal_with_silent_members_is_replayed(
    session, alice, bob, charlie, now, rationing
):
    deal = group_buy(session, alice, now=now, rationing=rationing)
    join(session, deal, bob, 30, now=now)
    join(session, deal, charlie, 7, tolerance=3, now=now)
    dearer(session, deal, alice, now)
    agree(session, deal, charlie, now)

    buying.close(session, deal.id, now=deal.closes_at)

    kept = session.scalars(select(Clearing).filter_by(collaboration_id=deal.id)).one()
    assert clearing.replay(kept.proof).agrees
    assert len(kept.proof["lines"]) == 1


def test_freed_units_never_go_to_those_who_did_not_agree(session, alice, bob, charlie, now):
    deal = group_buy(session, alice, now=now, articles=[olive_oil(maximum_units=8)])
    join(session, deal, bob, 6, now=now)
    dearer(session, deal, alice, now)
    join(session, deal, charlie, 8, may_wait=True, now=now)

    buying.close(session, deal.id, now=deal.closes_at)

    found = buying.commitments(session, deal, [CommitmentState.IN, CommitmentState.OUT])
    assert [one.participant_id for one in found] == [charlie.participant.id]

"""Who could help: by what they can, how near, in which tongue; each match says truly why."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from models.actors import Actor
from models.circles import Admission, CircleVisibility
from models.listings import ListingKind
from services import listings, matching, skills
from services.matching import wanted_by
from services.matching.finding import actor_wants
from services.matching.scoring import Facts, Term, is_match, score, terms
from tests import make, make_skills
from tests.counting import counted
from tests.make_circles import circle, member
from tests.make_skills import listing, need

FAR = {"latitude": 48.14, "longitude": 11.58, "place_name": "München"}


@pytest.fixture(autouse=True)
def loaded(session: Session, now: datetime) -> None:
    make_skills.load(session, now=now)


def found(session: Session, asked: Any, *, now: datetime) -> list[str]:
    return [one.listing.title for one in matching.matches(session, wanted_by(asked), now=now)]


# The rule.

SHARES = st.floats(0, 1)
FACTS = st.builds(
    Facts,
    skill=SHARES,
    words=SHARES,
    distance_km=st.none() | st.floats(0, 500),
    is_remote=st.booleans(),
    shares_language=st.booleans(),
    shares_time=st.booleans(),
    is_swap=st.booleans(),
    deeds=st.integers(0, 100),
    balance=st.floats(-2, 2),
)


@given(FACTS)
def test_a_score_is_the_sum_of_its_terms_and_lies_between_0_and_1(facts: Facts) -> None:
    assert score(facts) == pytest.approx(sum(terms(facts).values()))
    assert 0 <= score(facts) <= 1 + 1e-9
    assert set(terms(facts)) == set(Term)


@given(FACTS, st.floats(0, 100))
def test_farther_away_is_never_better(facts: Facts, more: float) -> None:

    if facts.distance_km is not None:
        assert score(replace(facts, distance_km=facts.distance_km + more)) <= score(facts)


def test_nearness_and_language_alone_are_no_match() -> None:
    beside = Facts(distance_km=0.0, shares_language=True, shares_time=True, is_swap=True, deeds=10)

    assert not is_match(beside)
    assert is_match(Facts(skill=1.0))


# What is found.


def test_an_offer_answers_a_need_across_languages(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    offer = listing(session, bob, "Belastingaangifte voor buren", "tax-return", lang="nl", now=now)
    asked = need(session, alice, "Wer kann Steuern?", "tax-return", lang="de", now=now)

    assert found(session, asked, now=now) == [offer.title]
    assert found(session, offer, now=now) == [asked.title]


def test_kin_and_words_answer_after_the_same_skill(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, dana: Actor, now: datetime
) -> None:
    same = listing(session, bob, "Velo", "bicycle-repair", now=now)
    wide = listing(session, charlie, "All repairs", "repair", now=now)
    words = listing(session, dana, "Fixing bicycles", now=now)
    listing(session, dana, "Cake", "baking", now=now)
    asked = need(session, alice, "Fixing my bicycle", "bicycle-repair", now=now)

    assert found(session, asked, now=now)[0] == same.title
    assert set(found(session, asked, now=now)) == {same.title, wide.title, words.title}


def test_the_nearer_comes_first_and_what_is_too_far_not_at_all(
    session: Session, alice: Actor, now: datetime
) -> None:
    people = {
        "Next door": (53.55, 8.58), "Bremen": (53.08, 8.80), "Munich": (48.14, 11.58),
    }  # fmt: skip
    for name, (latitude, longitude) in people.items():
        who = make.actor(session, name, now=now)
        who.participant.latitude, who.participant.longitude = latitude, longitude
        made = listing(session, who, name, "baking", now=now)
        made.latitude, made.longitude = latitude, longitude
    session.flush()
    asked = need(session, alice, "A cake", "baking", now=now)
    asked.latitude, asked.longitude = people["Next door"]
    session.flush()

    assert found(session, asked, now=now) == ["Next door"]
    asked.is_remote = True
    session.flush()
    assert set(found(session, asked, now=now)) == set(people)


def test_who_offers_from_afar_is_found_everywhere(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = listing(session, bob, "By video", "tax-return", is_remote=True, now=now)
    made.latitude, made.longitude = FAR["latitude"], FAR["longitude"]
    asked = need(session, alice, "Tax", "tax-return", now=now)
    session.flush()

    assert found(session, asked, now=now) == ["By video"]


def test_ones_own_closed_expired_and_dismissed_listings_are_not_found(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    listing(session, alice, "Mine", "baking", now=now)
    closed = listing(session, bob, "Closed", "baking", now=now)
    listings.close(session, closed, actor=bob, now=now)
    other = listing(session, charlie, "Charlie's", "baking", now=now)
    asked = need(session, alice, "Cake", "baking", now=now)
    assert found(session, asked, now=now) == [other.title]

    matching.dismiss(session, asked, other, now=now)
    matching.dismiss(session, asked, other, now=now)
    assert found(session, asked, now=now) == []
    assert matching.dismissed_count(session, asked, now=now) == 1
    later = now + timedelta(days=31)
    assert found(session, asked, now=later) == [other.title]
    assert found(session, asked, now=now + timedelta(days=61)) == []


def test_what_is_for_a_private_circle_is_found_by_its_members_alone(
    session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    hidden = circle(
        session, bob, visibility=CircleVisibility.PRIVATE, admission=Admission.INVITATION, now=now
    )
    member(session, hidden, alice, by=bob, now=now)
    inside = listing(session, bob, "Inside", "baking", circle_id=hidden.id, now=now)

    of_alice = need(session, alice, "Cake", "baking", now=now)
    of_charlie = need(session, charlie, "Cake", "baking", now=now)

    assert found(session, of_alice, now=now) == [inside.title]
    assert found(session, of_charlie, now=now) == []


# Why.


def test_the_reasons_are_true(session: Session, alice: Actor, bob: Actor, now: datetime) -> None:
    alice.participant.languages = ["de", "en"]
    bob.participant.languages = ["nl", "en"]
    listing(session, alice, "Bread", "baking", now=now)
    need(session, bob, "Cake", "baking", now=now)
    listing(session, bob, "Tax", "tax-return", slots=("evenings", "weekends"), now=now)
    asked = need(session, alice, "Tax", "tax-return", slots=("evenings",), now=now)

    [match] = matching.matches(session, wanted_by(asked), now=now)

    assert match.facts.is_swap
    assert (match.languages, match.slots) == (["en"], ["evenings"])
    assert match.facts.distance_km == 0.0
    assert match.reasons[0] == Term.SKILL
    assert Term.TRUST not in match.reasons
    assert match.score == pytest.approx(score(match.facts))


def test_without_a_need_in_return_it_is_no_swap(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    listing(session, bob, "Tax", "tax-return", now=now)
    asked = need(session, alice, "Tax", "tax-return", now=now)

    [match] = matching.matches(session, wanted_by(asked), now=now)

    assert not match.facts.is_swap


def test_a_sentence_is_matched_before_anybody_else_reads_it(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    offer = listing(session, bob, "Tax", "tax-return", now=now)
    sentence = "Wer hilft mir bei der Steuererklärung?"
    ids = [one.id for one in skills.detect(session, sentence)]

    for actor in (alice, None):
        wanted = actor_wants(actor, ListingKind.OFFER, sentence, ids)
        assert [one.listing for one in matching.matches(session, wanted, now=now)] == [offer]


def test_matching_takes_as_few_statements_among_many_as_among_few(
    session: Session, alice: Actor, now: datetime
) -> None:
    asked = need(session, alice, "Cake", "baking", now=now)

    def statements() -> int:
        session.flush()
        session.expire_all()
        wanted = wanted_by(asked)
        with counted(session) as some:
            matching.matches(session, wanted, now=now)
        return len(some)

    listing(session, make.actor(session, "One", now=now), "Cake", "baking", now=now)
    few = statements()
    for number in range(30):
        listing(session, make.actor(session, f"M{number}", now=now), "Cake", "baking", now=now)

    assert statements() == few <= 5


def test_nothing_is_looked_for_where_nothing_is_said(session: Session, now: datetime) -> None:
    wanted = actor_wants(None, ListingKind.OFFER, "??", [])

    assert list(matching.matches(session, wanted, now=now)) == []

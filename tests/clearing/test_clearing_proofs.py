"""A proof replays to the same decision, betrays no highest price, and cannot be bent."""

import copy
import json
from itertools import chain, count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clearing import clear, proof, replay
from services.clearing.proofs import Difference, ProofInvalid, terms_hash
from services.clearing.terms import ArticleTerms, Layer, Line, Rationing, Terms, Tier
from tests.clearing.worlds import worlds

TERMS = Terms((ArticleTerms("tea", (Tier(1, 500), Tier(4, 400)), maximum_units=6),))
LINES = [
    Line("alice", "tea", (Layer(1, 3, 1),), 777),
    Line("bob", "tea", (Layer(2, 1), Layer(5, 2)), 433),
]
KEYS = ("7f3a", "90c1")


def proof_of(terms, lines):
    return proof(terms, lines, clear(terms, lines), draw_key=drawing())


def drawing(keys=()):
    """Keys in the order they are drawn: these, then more."""
    return chain(keys, (f"k{number}" for number in count())).__next__


def sample():
    made = proof(TERMS, LINES, clear(TERMS, LINES), draw_key=drawing(KEYS))
    return json.loads(json.dumps(made))


def leaves(part, path=()):
    if isinstance(part, dict):
        for key, inner in part.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(part, list):
        for index, inner in enumerate(part):
            yield from leaves(inner, (*path, index))
    else:
        yield path


def put(document, path, value):
    for step in path[:-1]:
        document = document[step]
    document[path[-1]] = value


def at(document, path):
    for step in path:
        document = document[step]
    return document


@given(worlds())
def test_every_proof_replays(world):
    document = json.loads(json.dumps(proof_of(*world)))

    assert replay(document).agrees


@given(worlds(), st.data())
def test_a_bent_outcome_is_found_where_it_was_bent(world, data):
    document = json.loads(json.dumps(proof_of(*world)))
    path = data.draw(st.sampled_from(list(leaves(document["outcome"], ("outcome",)))))
    claimed = at(document, path)
    put(document, path, (not claimed) if isinstance(claimed, bool) else f"{claimed}!")

    (difference,) = replay(document).differences

    assert difference.where.startswith("outcome")
    assert difference.found == claimed


def test_every_bent_number_of_the_terms_is_found():
    for path in leaves(sample()["terms"], ("terms",)):
        document = sample()
        if type(at(document, path)) is int:
            put(document, path, at(document, path) + 1)
            try:
                verdict = replay(document)
            except ProofInvalid:
                continue
            assert "terms_sha256" in {each.where for each in verdict.differences}


def test_bent_units_are_found_by_the_outcome_they_lead_to():
    document = sample()
    document["lines"][0]["layers"][0][1] = 2

    differences = replay(document).differences

    assert Difference("outcome.articles[0].units", 6, 5) in differences
    assert Difference("outcome.lines[0].own_units", 3, 2) in differences


@pytest.mark.parametrize(
    "bend",
    [
        lambda document: document["outcome"]["lines"].pop(),
        lambda document: document["outcome"]["lines"].append(None),
        lambda document: document["outcome"].pop("failure"),
        lambda document: document["outcome"].update(note=None),
        lambda document: document["outcome"].update(succeeded=1),
        lambda document: document["outcome"]["lines"].reverse(),
        lambda document: document["lines"].reverse(),
        lambda document: document.update(terms_sha256="0" * 64),
        lambda document: document.update(outcome=None),
    ],
)
def test_missing_added_and_lookalike_parts_are_differences(bend):
    document = sample()
    bend(document)

    assert not replay(document).agrees


def test_a_proof_betrays_neither_names_nor_highest_prices():
    written = json.dumps(sample())

    for secret in ("alice", "bob", "777", "433"):
        assert secret not in written
    assert [each["accepts_minor"] for each in sample()["lines"]] == [400, 400]


def test_two_lines_cannot_hide_behind_one_key():
    with pytest.raises(ValueError):
        proof(TERMS, LINES, clear(TERMS, LINES), draw_key=lambda: "x")


@given(worlds())
def test_who_takes_part_is_told_apart_by_nothing_but_units(world):
    """Whoever sees what each one got cannot read from it which prices they would have paid."""
    document = proof_of(*world)
    prices = {each["article"]: each["price_minor"] for each in document["outcome"]["articles"]}
    results = {(each["line"], each["article"]): each for each in document["outcome"]["lines"]}

    for each in document["lines"]:
        price = prices[each["article"]]
        if price is not None:
            assert each["accepts_minor"] in (price, 0)
            if results[each["line"], each["article"]]["layers"]:
                assert each["accepts_minor"] == price


@given(worlds(), st.permutations([f"{number:02}" for number in range(40)]))
def test_who_takes_no_part_stands_in_no_order_and_in_no_other_line(world, keys):
    terms, lines = world
    document = proof(terms, lines, clear(terms, lines), draw_key=drawing(keys))
    prices = {each["article"]: each["price_minor"] for each in document["outcome"]["articles"]}
    for article in terms.by_key():
        own = [each for each in document["lines"] if each["article"] == article]
        inside = [each for each in own if each["accepts_minor"] == prices[article]]
        outside = [each for each in own if each not in inside]

        places = [layer[0] for each in inside for layer in each["layers"]]
        assert sorted(places) == list(range(1, len(places) + 1))
        assert [each["layers"][0][0] for each in outside] == list(
            range(len(places) + 1, len(places) + len(outside) + 1)
        )
        names = [each["line"] for each in outside]
        assert names == sorted(names)
        assert all([other["line"] for other in document["lines"]].count(one) == 1 for one in names)


def test_a_dropped_article_tells_which_tiers_would_have_been_paid_and_not_by_whom():
    terms = Terms((ArticleTerms("tea", (Tier(1, 500), Tier(4, 400)), minimum_units=9),))

    document = proof(terms, LINES, clear(terms, LINES), draw_key=drawing(["b", "a"]))

    assert [(each["line"], each["accepts_minor"]) for each in document["lines"]] == [
        ("a", 400), ("b", 500),
    ]  # fmt: skip
    assert [each["layers"] for each in document["lines"]] == [[[1, 3, 0]], [[2, 3, 1]]]
    assert replay(document).agrees


def test_the_hash_of_the_terms_is_of_their_canonical_json():
    assert terms_hash(TERMS) == sample()["terms_sha256"]
    assert terms_hash(TERMS) != terms_hash(Terms(TERMS.articles, Rationing.PRO_RATA))


@pytest.mark.parametrize(
    "document", [None, [], "proof", 7, {}, {"format": "allmende-proof/2"}, {"format": []}]
)
def test_what_is_no_proof_is_refused(document):
    with pytest.raises(ProofInvalid):
        replay(document)


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("terms",), [], "terms.articles"),
        (("terms", "articles"), {}, "terms.articles"),
        (("terms", "rationing"), "by_beauty", "terms.rationing"),
        (("terms", "rationing"), [], "terms.rationing"),
        (("terms", "floor_basis_points"), 10_001, "terms"),
        (("terms", "articles", 0, "case_size"), 0, "terms.articles[0]"),
        (("terms", "articles", 0, "tiers"), [[1, 500], [4]], "terms.articles[0].tiers"),
        (("terms", "articles", 0, "tiers", 1, 1), 600, "terms.articles[0]"),
        (("terms", "articles", 0, "key"), "\ud800", "terms.articles[0].key"),
        (("lines",), {}, "lines"),
        (("lines", 0, "article"), "salt", "lines[0]"),
        (("lines", 0, "line"), 5, "lines[0].line"),
        (("lines", 0, "layers"), [], "lines[0]"),
        (("lines", 0, "layers", 0, 1), -1, "lines[0].layers"),
        (("lines", 0, "layers", 0, 1), 1.0, "lines[0].layers"),
        (("lines", 0, "layers", 0, 1), True, "lines[0].layers"),
        (("lines", 0, "layers", 0, 1), 10**30, "lines[0].layers"),
        (("lines", 0, "layers", 0, 0), 2, "lines"),
        (("lines", 0, "line"), "90c1", "lines"),
    ],
)
def test_a_malformed_proof_says_where(path, value, where):
    document = sample()
    put(document, path, value)

    with pytest.raises(ProofInvalid) as refusal:
        replay(document)

    assert refusal.value.facts["where"] == where
    assert where in str(refusal.value)


@given(st.data())
def test_any_damage_is_a_refusal_or_a_difference_or_harmless(data):
    document = sample()
    path = data.draw(st.sampled_from(list(leaves(document))))
    junk = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.floats(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=4,
    )
    original = copy.deepcopy(document)
    put(document, path, data.draw(junk))

    try:
        verdict = replay(document)
    except ProofInvalid:
        return
    if path[0] in ("format", "terms", "terms_sha256", "outcome"):
        assert verdict.agrees == (json.dumps(document) == json.dumps(original))

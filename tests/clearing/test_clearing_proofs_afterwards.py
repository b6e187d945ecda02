"""What is decided again, after failed charges or a short delivery, is proved and replayed too."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clearing import Collected, Delivered, clear, decide, proof, replay
from services.clearing.proofs import Difference, ProofInvalid
from services.clearing.terms import ArticleTerms, Layer, Line, Terms, Tier
from tests.clearing.test_clearing_afterwards import decided_worlds
from tests.clearing.test_clearing_proofs import at, drawing, leaves, put

TEA = ArticleTerms("tea", (Tier(1, 500), Tier(10, 400)), maximum_units=12, case_size=2)
TERMS = Terms((TEA,), floor_basis_points=8000)
LINES = [
    Line("alice", "tea", (Layer(1, 6),), 777),
    Line("bob", "tea", (Layer(2, 4),), 500),
    Line("charlie", "tea", (Layer(3, 4),), 433),
    Line("dana", "tea", (Layer(4, 3, 1),), 400),
]
KEYS = ("7f3a", "90c1", "11aa", "5e5e")
REFILLED = Collected(
    clear(TERMS, LINES),
    {"alice", "charlie"},
    refill=True,
    no_more_than={("charlie", "tea"): 3},
    floor_basis_points=8000,
)
SHORT = Delivered(clear(TERMS, LINES), {"tea": 7})


def document_of(terms, lines, step, keys=()):
    outcome = decide(terms, lines, step)
    made = proof(terms, lines, outcome, step=step, draw_key=drawing(keys))
    return json.loads(json.dumps(made))


def test_a_proof_of_many_articles_is_read_once_and_not_once_for_each(monkeypatch):
    terms = Terms(tuple(ArticleTerms(f"tea {at}", (Tier(1, 500),)) for at in range(100)))
    lines = [Line("alice", one.key, (Layer(1, 6),), 777) for one in terms.articles]
    document = document_of(
        terms, lines, Delivered(clear(terms, lines), {one.key: 6 for one in terms.articles})
    )
    looked_up, by_key = [], Terms.by_key
    monkeypatch.setattr(Terms, "by_key", lambda self: looked_up.append(self) or by_key(self))

    assert replay(document).agrees
    assert len(looked_up) < 20


def collected():
    return document_of(TERMS, LINES, REFILLED, KEYS)


def delivered():
    return document_of(TERMS, LINES, SHORT, KEYS)


@given(decided_worlds(), st.booleans(), st.sampled_from([10_000, 8000, 0]), st.data())
def test_every_proof_of_a_collecting_replays(world, refill, floor, data):
    terms, lines, decided, failed = world
    owing = {each.commitment for each in decided.lines if each.units}
    capped = data.draw(st.sets(st.sampled_from([(x.commitment, x.article) for x in lines])))
    step = Collected(
        decided,
        owing - failed,
        refill=refill,
        no_more_than={
            (each.commitment, each.article): each.units
            for each in decided.lines
            if (each.commitment, each.article) in capped
        },
        floor_basis_points=floor,
    )

    assert replay(document_of(terms, lines, step)).agrees


@given(decided_worlds(), st.data())
def test_every_proof_of_a_second_round_replays(world, data):
    terms, lines, decided, failed = world
    owing = {each.commitment for each in decided.lines if each.units}
    offered = decide(terms, lines, Collected(decided, owing - failed, refill=True))
    if not offered.succeeded:
        return
    in_now = sorted({each.commitment for each in offered.lines if each.units})
    paid = data.draw(st.sets(st.sampled_from(in_now)))

    assert replay(document_of(terms, lines, Collected(offered, paid))).agrees


@given(decided_worlds(), st.data())
def test_every_proof_of_a_delivery_replays(world, data):
    terms, lines, decided, _ = world
    kept = {each.key: each.units for each in decided.articles if each.tier is not None}
    came = {key: data.draw(st.integers(0, units + 3)) for key, units in kept.items()}

    assert replay(document_of(terms, lines, Delivered(decided, came))).agrees


def test_a_refill_says_who_paid_and_what_was_freed():
    document = collected()

    assert document["step"] == "collected"
    assert document["given"]["paid"] == ["7f3a", "11aa"]
    assert document["given"]["refill"] is True
    assert document["given"]["no_more_than"] == [{"line": "11aa", "article": "tea", "units": 3}]
    assert [each["own_units"] for each in document["given"]["earlier"]["lines"]] == [6, 4, 2, 0]
    assert [each["own_units"] for each in document["outcome"]["lines"]] == [6, 0, 3, 3]
    assert replay(document).agrees


def test_a_delivery_says_what_came():
    document = delivered()

    assert document["step"] == "delivered"
    assert document["given"]["delivered"] == [{"article": "tea", "units": 7}]
    assert [each["own_units"] for each in document["outcome"]["lines"]] == [6, 1, 0, 0]
    assert replay(document).agrees


def test_everyone_keeps_one_key_and_no_name_is_told():
    for document in (collected(), delivered()):
        written = json.dumps(document)
        for secret in ("alice", "bob", "charlie", "dana", "777", "433"):
            assert secret not in written
        keys = [each["line"] for each in document["lines"]]
        assert keys == [each["line"] for each in document["outcome"]["lines"]]
        assert keys == [each["line"] for each in document["given"]["earlier"]["lines"]]


@pytest.mark.parametrize(
    ("bend", "found"),
    [
        (lambda given: given["paid"].append("90c1"), Difference("given.paid[1]", "11aa", "90c1")),
        (
            lambda given: given["paid"].remove("11aa"),
            Difference("outcome.lines[2].reason", None, "not_paid"),
        ),
        (
            lambda given: given.update(refill=False),
            Difference("outcome.lines[3].reason", None, "rationed_out"),
        ),
        (
            lambda given: given["no_more_than"].clear(),
            Difference("outcome.lines[2].own_units", 3, 4),
        ),
        (
            lambda given: given["earlier"]["lines"][0].update(own_units=5),
            Difference("given.earlier.lines[0].own_units", 5, 6),
        ),
        (
            lambda given: given["earlier"]["lines"][0].update(price_minor=399),
            Difference("given.earlier.lines[0].price_minor", 399, 400),
        ),
        (
            lambda given: given["earlier"]["articles"][0].update(units=13),
            Difference("given.earlier.articles[0].units", 13, 12),
        ),
        (
            lambda given: given["earlier"].update(succeeded=False),
            Difference("given.earlier.succeeded", False, True),
        ),
        (lambda given: given.update(note=1), Difference("given.note", 1, None)),
    ],
)
def test_what_was_bent_in_a_collecting_is_found(bend, found):
    document = collected()
    bend(document["given"])

    assert found in replay(document).differences


def test_a_floor_that_was_lowered_afterwards_is_found():
    step = Collected(clear(TERMS, LINES), {"alice"}, floor_basis_points=10_000)
    document = document_of(TERMS, LINES, step, KEYS)
    assert document["outcome"]["succeeded"] is False
    document["given"]["floor_basis_points"] = 5000

    assert Difference("outcome.succeeded", False, True) in replay(document).differences


def test_what_was_bent_in_a_delivery_is_found():
    document = delivered()
    document["given"]["delivered"][0]["units"] = 8

    assert Difference("outcome.lines[1].own_units", 1, 2) in replay(document).differences


def test_a_step_that_was_swapped_is_found():
    document = collected()
    document["step"] = "close"

    differences = {each.where for each in replay(document).differences}

    assert "given" in differences
    assert "outcome.lines[1].own_units" in differences


EARLIER = ("given", "earlier")


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("step",), "afterwards", "step"),
        (("given",), None, "earlier"),
        ((*EARLIER, "articles"), [], "given.earlier.articles"),
        ((*EARLIER, "articles", 0, "article"), "salt", "given.earlier.articles[0]"),
        ((*EARLIER, "articles", 0, "tier"), 2, "given.earlier.articles[0]"),
        ((*EARLIER, "articles", 0, "tier"), None, "given.earlier.articles[0].reason"),
        ((*EARLIER, "lines"), [], "given.earlier.lines"),
        ((*EARLIER, "lines", 0, "line"), "90c1", "given.earlier.lines[0]"),
        ((*EARLIER, "lines", 0, "line"), "nobody", "given.earlier.lines[0]"),
        ((*EARLIER, "lines", 0, "layers", 0, 1), 7, "given.earlier.lines[0]"),
        ((*EARLIER, "lines", 0, "layers", 0, 0), 9, "given.earlier.lines[0]"),
        ((*EARLIER, "lines", 0, "layers", 0, 1), 0, "given.earlier.lines[0]"),
        ((*EARLIER, "lines", 0, "layers"), [], "given.earlier.lines[0].reason"),
        (("given", "paid"), "7f3a", "given.paid"),
        (("given", "paid", 0), "nobody", "given.paid[0]"),
        (("given", "paid", 0), [], "given.paid[0]"),
        (("given", "refill"), 1, "given.refill"),
        (("given", "no_more_than", 0, "article"), "salt", "given.no_more_than[0]"),
        (("given", "no_more_than", 0, "units"), -1, "given.no_more_than[0].units"),
        (("given", "floor_basis_points"), 10_001, "given.floor_basis_points"),
    ],
)
def test_a_malformed_proof_of_a_collecting_says_where(path, value, where):
    document = collected()
    put(document, path, value)

    with pytest.raises(ProofInvalid) as refusal:
        replay(document)

    assert where in refusal.value.facts["where"]
    assert where in str(refusal.value)


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("given", "delivered"), [], "given"),
        (("given", "delivered"), None, "given.delivered"),
        (("given", "delivered", 0, "article"), "salt", "given"),
        (("given", "delivered", 0, "units"), 1.5, "given.delivered[0].units"),
        (("given", "delivered", 0, "units"), None, "given.delivered[0].units"),
    ],
)
def test_a_malformed_proof_of_a_delivery_says_where(path, value, where):
    document = delivered()
    put(document, path, value)

    with pytest.raises(ProofInvalid) as refusal:
        replay(document)

    assert refusal.value.facts["where"] == where


@given(st.sampled_from([collected(), delivered()]), st.data())
def test_any_damage_to_what_was_given_is_refused_found_or_harmless(sound, data):
    document = json.loads(json.dumps(sound))
    path = data.draw(st.sampled_from(list(leaves(document["given"], ("given",)))))
    claimed = at(document, path)
    junk = st.none() | st.booleans() | st.integers(-2, 20) | st.text(max_size=3) | st.floats()
    put(document, path, data.draw(junk))

    try:
        verdict = replay(document)
    except ProofInvalid:
        return
    if json.dumps(at(document, path)) == json.dumps(claimed):
        assert verdict.agrees

"""Charges are divided among who sells, who organises and the instance: always all of them."""

from hypothesis import given
from hypothesis import strategies as st

from models.rules import PayoutTerms
from services.payouts.planning import Collected, Part, divide

SELLER, ORGANISER = 1, 2
AMOUNTS = st.integers(1, 10**9)
TERMS = st.builds(PayoutTerms, st.integers(0, 5_000), st.integers(0, 10_000), st.integers(0, 180))


@st.composite
def charges(draw: st.DrawFn) -> list[Collected]:
    amounts = draw(st.lists(AMOUNTS, max_size=12))
    return [
        Collected(place + 1, amount, draw(st.integers(0, amount)))
        for place, amount in enumerate(amounts)
    ]


def total(parts: list[Part], participant_id: int) -> int:
    return sum(part.amount_minor for part in parts if part.participant_id == participant_id)


@given(charges(), st.integers(0, 10**9), st.integers(0, 10**9), TERMS)
def test_every_cent_of_every_charge_has_one_place(
    collected: list[Collected], by_cash_minor: int, by_hand_minor: int, terms: PayoutTerms
) -> None:
    parts = divide(
        collected,
        seller_id=SELLER,
        organiser_id=ORGANISER,
        shares_minor=sum(charge.share_minor for charge in collected) + by_cash_minor,
        by_hand_minor=by_hand_minor,
        terms=terms,
    )

    for charge in collected:
        of_it = [part for part in parts if part.payment_id == charge.payment_id]
        assert sum(part.amount_minor + part.fee_minor for part in of_it) == charge.amount_minor
        assert len({(part.is_share, part.is_reserve) for part in of_it}) == len(of_it)
    assert all(part.amount_minor > 0 for part in parts)
    shares = sum(charge.share_minor for charge in collected)
    lacking = max(0, shares + by_cash_minor - by_hand_minor)
    assert total(parts, ORGANISER) == min(shares, lacking)


@given(charges(), TERMS)
def test_the_reserve_is_its_share_of_what_the_seller_gets(
    collected: list[Collected], terms: PayoutTerms
) -> None:
    parts = divide(
        collected,
        seller_id=SELLER,
        organiser_id=SELLER,
        shares_minor=0,
        by_hand_minor=0,
        terms=terms,
    )

    reserve = sum(part.amount_minor for part in parts if part.is_reserve)
    assert reserve == total(parts, SELLER) * terms.reserve_basis_points // 10_000


def test_the_fee_is_rounded_down_for_each_charge() -> None:
    collected = [Collected(1, 999, 0), Collected(2, 50, 0)]

    parts = divide(
        collected,
        seller_id=SELLER,
        organiser_id=SELLER,
        shares_minor=0,
        by_hand_minor=0,
        terms=PayoutTerms(fee_basis_points=250),
    )

    assert [(part.amount_minor, part.fee_minor) for part in parts] == [(975, 24), (49, 1)][::-1]


def test_an_organiser_who_took_cash_keeps_their_share_of_that_first() -> None:
    """Three hundred of each card and a hundred of whoever paid cash, of which they took 400."""
    collected = [Collected(1, 1_000, 300), Collected(2, 1_000, 300)]

    parts = divide(
        collected,
        seller_id=SELLER,
        organiser_id=ORGANISER,
        shares_minor=700,
        by_hand_minor=400,
        terms=PayoutTerms(),
    )

    assert total(parts, ORGANISER) == 300
    assert total(parts, SELLER) == 1_700

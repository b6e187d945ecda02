"""Money keeps its currency, and its parts always add up."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.money import CurrencyMismatch, Money, split_minor, vat_of, vat_per_line

amounts = st.integers(-(10**15), 10**15)
weightings = st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any)


def euros(minor):
    return Money(minor, "EUR")


def test_money_of_one_currency_adds_subtracts_and_orders():
    assert euros(150) + euros(50) == euros(200)
    assert euros(150) - euros(200) == -euros(50)
    assert euros(3) * 4 == 4 * euros(3) == euros(12)
    assert euros(1) < euros(2) <= euros(2)
    assert max(euros(5), euros(7)) == euros(7)
    assert sum([euros(1), euros(2)], start=euros(0)) == euros(3)


@pytest.mark.parametrize(
    "mix",
    [
        lambda one, other: one + other,
        lambda one, other: one - other,
        lambda one, other: one < other,
        lambda one, other: one >= other,
    ],
)
def test_two_currencies_never_mix(mix):
    with pytest.raises(CurrencyMismatch):
        mix(euros(100), Money(100, "HOUR"))


def test_amounts_of_two_currencies_are_simply_not_equal():
    assert euros(0) != Money(0, "HOUR")


@pytest.mark.parametrize("minor", [1.0, True, None, "1", Decimal(1)])
def test_only_whole_numbers_are_minor_units(minor):
    with pytest.raises(TypeError):
        Money(minor, "EUR")


@pytest.mark.parametrize("count", [0.5, True, Decimal(2)])
def test_money_is_multiplied_by_whole_numbers_only(count):
    with pytest.raises(TypeError):
        euros(100) * count


@pytest.mark.parametrize("currency", ["", "A" * 17, None, 7])
def test_a_currency_is_a_short_code(currency):
    with pytest.raises(TypeError):
        Money(1, currency)


def test_bare_numbers_are_no_money():
    with pytest.raises(TypeError):
        euros(1) + 1
    with pytest.raises(TypeError):
        euros(1) < 1  # noqa: B015


def test_zero_is_not_taken_for_nothing():
    with pytest.raises(TypeError):
        bool(euros(0))


@given(minor=st.integers(-(2**63) + 1, 2**63 - 1), exponent=st.integers(0, 4))
def test_a_decimal_comes_back_as_the_same_money(minor, exponent):
    decimal = euros(minor).to_decimal(exponent)

    assert Money.from_decimal(decimal, "EUR", exponent) == euros(minor)
    assert Money.from_decimal(str(decimal), "EUR", exponent) == euros(minor)
    assert decimal.as_tuple().exponent == -exponent


@pytest.mark.parametrize(
    ("text", "exponent", "minor"),
    [("12.50", 2, 1250), ("12.5", 2, 1250), ("-0.01", 2, -1), ("90", 0, 90), ("1e2", 2, 10_000)],
)
def test_text_is_read_in_major_units(text, exponent, minor):
    assert Money.from_decimal(text, "EUR", exponent) == euros(minor)


@pytest.mark.parametrize(
    "text",
    ["1.005", "", "abc", "NaN", "Infinity", "1e999999999", "1e-999999999", "92233720368547758.08"],
)
def test_what_does_not_fit_is_refused(text):
    with pytest.raises(ValueError):
        Money.from_decimal(text, "EUR", 2)


def test_a_float_is_never_read():
    with pytest.raises(TypeError):
        Money.from_decimal(1.5, "EUR", 2)


def test_a_hundred_over_three_is_given_to_the_first():
    assert split_minor(10_000, [1, 1, 1]) == [3334, 3333, 3333]
    assert split_minor(-10_000, [1, 1, 1]) == [-3334, -3333, -3333]
    assert euros(10_000).split([1, 1, 1]) == [euros(3334), euros(3333), euros(3333)]


@given(total=amounts, weights=weightings)
def test_parts_add_up_and_are_the_exact_share_rounded(total, weights):
    parts = split_minor(total, weights)

    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(total=amounts, weights=weightings)
def test_a_refund_is_split_as_the_charge_was(total, weights):
    assert split_minor(-total, weights) == [-part for part in split_minor(total, weights)]


@given(total=st.integers(0, 10**9), weights=weightings)
def test_a_larger_weight_never_gets_less(total, weights):
    parts = split_minor(total, weights)

    by_weight = sorted(zip(weights, parts, strict=True))
    assert [part for _, part in by_weight] == sorted(parts)


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_weights_that_divide_nothing_are_refused(weights):
    with pytest.raises(ValueError):
        split_minor(100, weights)


@pytest.mark.parametrize(
    ("gross", "basis_points", "tax"),
    [
        (11900, 1900, 1900),
        (10700, 700, 700),
        (1, 10_000, 1),
        (107, 0, 0),
        (10, 1900, 2),
        (3, 700, 0),
    ],
)
def test_tax_is_taken_out_of_the_gross(gross, basis_points, tax):
    assert vat_of(gross, basis_points) == tax
    assert vat_of(-gross, basis_points) == -tax


@given(gross=st.integers(0, 10**12), basis_points=st.integers(0, 5000))
def test_tax_is_within_half_a_unit_of_the_exact_tax(gross, basis_points):
    exact = Fraction(gross * basis_points, 10_000 + basis_points)

    assert -Fraction(1, 2) < vat_of(gross, basis_points) - exact <= Fraction(1, 2)


@given(gross=st.integers(0, 10**9), basis_points=st.integers(0, 5000))
def test_a_larger_gross_never_has_a_smaller_net(gross, basis_points):
    net = gross - vat_of(gross, basis_points)

    assert gross + 1 - vat_of(gross + 1, basis_points) >= net


@given(
    grosses=st.lists(st.integers(0, 10**6), max_size=30),
    basis_points=st.integers(0, 5000),
    sign=st.sampled_from([1, -1]),
)
def test_tax_per_line_adds_up_to_the_tax_on_the_total(grosses, basis_points, sign):
    signed = [sign * gross for gross in grosses]

    taxes = vat_per_line(signed, basis_points)

    assert sum(taxes) == vat_of(sum(signed), basis_points)
    assert all(0 <= sign * tax <= gross for tax, gross in zip(taxes, grosses, strict=True))


def test_charges_and_refunds_are_not_taxed_as_one():
    with pytest.raises(ValueError):
        vat_per_line([100, -50], 1900)

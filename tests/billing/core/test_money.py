from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mercato.billing.core.money import amount, exponent, from_minor, plain, quotient, roundup, split, to_minor

pytestmark = pytest.mark.pure

D = Decimal
CENTS = st.integers(-(10**9), 10**9)
WEIGHTS = st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        ("0", "0.00"),
        ("0.001", "0.01"),
        ("-0.001", "-0.01"),
        ("1.10", "1.10"),
        ("11.3333", "11.34"),
        ("-2.5", "-2.50"),
    ],
)
def test_rounding_is_away_from_zero(value, rounded):
    assert str(roundup(D(value))) == rounded


def test_an_amount_is_rounded_once_from_the_exact_quotient():
    assert amount(D("3.00"), D(2), 3) == D("2.00")
    assert amount(D("5.00"), D(4 * 17), 30) == D("11.34")
    assert amount(D("-5.00"), D(4 * 17), 30) == D("-11.34")


def test_a_shown_quantity_is_cut_so_that_price_times_quantity_rounds_to_the_amount():
    assert quotient(D(2), 3) == D("0.6666666666")
    assert roundup(D("3.00") * quotient(D(2), 3)) == D("2.00")


def test_a_shown_number_has_no_exponent_and_no_trailing_zeros():
    assert [str(plain(D(text))) for text in ("11700", "0.50", "1E+3", "0.00")] == [
        "11700",
        "0.5",
        "1000",
        "0",
    ]


def test_very_long_numbers_stay_exact():
    price, many = D("123456789012.1234567891"), D("999999999999.9999999999")
    assert Fraction(amount(price, many, 1, 20)) == Fraction(price) * Fraction(many)


@pytest.mark.parametrize(("currency", "places"), [("EUR", 2), ("JPY", 0), ("KWD", 3)])
def test_minor_units_follow_the_currency(currency, places):
    assert exponent(currency) == places
    assert to_minor(D(7), currency) == 7 * 10**places
    assert from_minor(7 * 10**places, currency) == 7


def test_an_amount_finer_than_its_minor_unit_is_refused():
    with pytest.raises(ValueError, match="finer"):
        to_minor(D("0.001"), "EUR")


def test_leftover_cents_go_to_the_largest_remainders():
    assert split(D("1.00"), [1, 1, 1]) == (D("0.34"), D("0.33"), D("0.33"))
    assert split(D("1.00"), [0, D("0.5")]) == (0, 1)
    assert split(D("0.05"), [1, 3]) == (D("0.01"), D("0.04"))
    assert split(D("-1.00"), [1, 1, 1]) == (D("-0.34"), D("-0.33"), D("-0.33"))


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 3]])
def test_weights_that_mean_nothing_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        split(D("1.00"), weights)


@settings(max_examples=200, deadline=None, database=None)
@given(CENTS, WEIGHTS)
def test_splitting_loses_no_cent_and_is_fair_to_a_cent(cents, weights):
    value = from_minor(cents, "EUR")
    parts = split(value, weights)
    assert sum(parts) == value
    for part, weight in zip(parts, weights, strict=True):
        assert abs(Fraction(part) - Fraction(value) * weight / sum(weights)) < Fraction(1, 100)


@settings(max_examples=200, deadline=None, database=None)
@given(st.decimals(0, 1000, places=4), st.integers(0, 10**5), st.sampled_from([28, 29, 30, 31, 90, 91, 92]))
def test_an_amount_is_the_least_one_that_covers_the_exact_value(price, numerator, days):
    due = Fraction(price) * numerator / days
    got = amount(price, D(numerator), days)
    assert 0 <= Fraction(got) - due < Fraction(1, 100)
    assert roundup(price * quotient(D(numerator), days)) == got

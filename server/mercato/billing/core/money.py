"""Exact money: rounding away from zero, minor units of a currency, splitting without loss (contract 8.2)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import lru_cache

# Wide enough that a product of two 22-digit numbers is exact. Dividing with ROUND_UP and then quantising with
# ROUND_UP equals rounding the true quotient once, as both steps move the same way.
_UP = Context(prec=100, rounding=ROUND_UP, traps=[InvalidOperation, DivisionByZero, Overflow])
_DOWN = Context(prec=100, rounding=ROUND_DOWN, traps=[InvalidOperation, DivisionByZero, Overflow])

_NO_MINOR = frozenset(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    )
)
_THOUSANDTHS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))


def exponent(currency: str) -> int:
    """Decimal places of a currency's minor unit (ISO 4217): 2 for EUR, 0 for JPY, 3 for KWD."""
    if currency in _NO_MINOR:
        return 0
    return 3 if currency in _THOUSANDTHS else 2


@lru_cache(maxsize=32)
def quantum(places: int) -> Decimal:
    """The smallest step with that many decimal places: 2 gives 0.01."""
    return Decimal(1).scaleb(-places)


def roundup(value: Decimal, places: int = 2) -> Decimal:
    """`value` rounded away from zero to `places` decimals, for negative values too (contract 8.2)."""
    return _UP.quantize(value, quantum(places))


def amount(unit_price: Decimal, numerator: Decimal, denominator: int = 1, places: int = 2) -> Decimal:
    """`unit_price` × `numerator` / `denominator`, rounded away from zero once, at the very end."""
    product = _UP.multiply(unit_price, numerator)
    return _UP.quantize(product if denominator == 1 else _UP.divide(product, denominator), quantum(places))


def quotient(numerator: Decimal, denominator: int = 1, places: int = 10) -> Decimal:
    """`numerator` / `denominator` as it is shown: cut, not rounded, to `places`, without trailing zeros.

    Cut, because a quantity of 0.6666666667 × 3.00 would round up to 2.01 where the true amount is 2.00.
    """
    value = numerator if denominator == 1 else _DOWN.divide(numerator, denominator)
    return plain(_DOWN.quantize(value, quantum(places)))


def product(left: Decimal, right: Decimal | int) -> Decimal:
    """Exact `left` × `right`."""
    return _UP.multiply(left, right)


def minus(left: Decimal, right: Decimal) -> Decimal:
    """Exact `left` − `right`."""
    return _UP.subtract(left, right)


def plain(value: Decimal) -> Decimal:
    """The same number without trailing zeros after the point and without an exponent."""
    short = _DOWN.normalize(value)
    exponent_ = short.as_tuple().exponent
    return _DOWN.quantize(short, Decimal(1)) if isinstance(exponent_, int) and exponent_ > 0 else short


def to_minor(value: Decimal, currency: str) -> int:
    """`value` in the currency's minor units (12.34 EUR is 1234); ValueError if it is finer than that."""
    minor = value.scaleb(exponent(currency), _UP)
    if minor != int(minor):
        raise ValueError(f"{value} is finer than the smallest unit of {currency}")
    return int(minor)


def from_minor(minor: int, currency: str) -> Decimal:
    """The inverse of `to_minor`: 1234 minor units of EUR are 12.34."""
    return Decimal(minor).scaleb(-exponent(currency), _UP)


def split(value: Decimal, weights: Sequence[int | Decimal], currency: str = "EUR") -> tuple[Decimal, ...]:
    """`value` shared out by `weights` in whole minor units; the parts always sum to `value`.

    The units left over after cutting go one each to the largest remainders, earlier parts first.
    ValueError for no weights, a negative weight, weights that sum to zero, or a value finer than a minor
    unit.
    """
    if any(weight < 0 for weight in weights) or not sum(weights) > 0:
        raise ValueError("an amount is split by weights that are not negative and not all zero")
    minor = to_minor(value, currency)
    sign, units = (-1, -minor) if minor < 0 else (1, minor)
    whole = Decimal(sum(weights))
    shares = [_DOWN.divide(_DOWN.multiply(Decimal(units), Decimal(weight)), whole) for weight in weights]
    parts = [int(share) for share in shares]
    largest_first = sorted(range(len(parts)), key=lambda index: (parts[index] - shares[index], index))
    for index in largest_first[: units - sum(parts)]:
        parts[index] += 1
    return tuple(from_minor(sign * part, currency) for part in parts)

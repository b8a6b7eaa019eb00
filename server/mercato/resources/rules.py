"""Decisions about limits: values in, values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

UNLIMITED = -1
BOUND = 10**12  # what the billing core takes for a mistyped number


def whole(value: str | float) -> int | None:
    """A limit is a whole number; text and integral decimals are accepted. None when it is none."""
    if isinstance(value, bool):
        return None
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return None
    if not exact.is_finite() or exact != exact.to_integral_value() or abs(exact) >= BOUND:
        return None
    return int(exact)


def limit_problems(
    components: Sequence[Any],
    given: Mapping[str, str | int | float],
    others: Mapping[str, int],
    *,
    complete: bool,
) -> tuple[dict[str, int], list[str]]:
    """(limits as whole numbers, what is wrong with them) — contract §5.6.

    `components` are the offering's rows, `others` what all its other resources hold together;
    `complete` fills in defaults for components that were not mentioned.
    """
    # A prepaid usage component's limit is what is included before overage begins (contract §8.10).
    known = {c.type: c for c in components if c.billing_type == "limit" or c.is_prepaid}
    unknown = sorted(set(given) - set(known))
    if unknown:
        return {}, [f"Invalid types: {', '.join(unknown)}"]
    limits: dict[str, int] = {}
    wrong: list[str] = []
    for type_, component in known.items():
        if type_ in given:
            number = whole(given[type_])
            if number is None:
                wrong.append(f"{type_}: a whole number is required.")
                continue
        elif complete:
            number = (
                component.default_limit if component.default_limit is not None else component.min_value or 0
            )
        else:
            continue
        limits[type_] = number
        problem = _limit_problem(component, number, others.get(type_, 0))
        if problem:
            wrong.append(problem)
    return limits, wrong


def _limit_problem(component: Any, value: int, elsewhere: int) -> str | None:
    if value == UNLIMITED:
        if component.max_value is not None or component.max_available_limit is not None:
            return f"{component.type}: the limit can not be unlimited."
        return None
    if value < 0:
        return f"{component.type}: the limit can not be negative."
    if component.is_boolean and value not in (0, 1):
        return f"{component.type}: the limit is either 0 or 1."
    if component.min_value is not None and value < component.min_value:
        return f"The limit {value} value cannot be less than {component.min_value} ({component.type})."
    if component.max_value is not None and value > component.max_value:
        return f"The limit {value} value cannot be more than {component.max_value} ({component.type})."
    if component.max_available_limit is not None and elsewhere + value >= component.max_available_limit:
        return f"The limit {value} value cannot be more than what is left ({component.type})."
    if component.limit_amount is not None and value > component.limit_amount:
        return f"Total limit exceeds threshold {component.limit_amount} ({component.type})."
    return None

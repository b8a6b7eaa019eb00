"""Decisions about offerings, components, prices and order forms: values in, values out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from mercato.schemas.catalog import BillingType, LimitPeriod, NewComponent, Option, Options, OptionType

COMPONENT_TYPE = re.compile(r"[a-zA-Z0-9_\-/:]{1,50}")
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,50}")
COUNTRY = re.compile(r"[A-Z]{2}")
ATTRIBUTE_KEY = re.compile(r"[a-zA-Z0-9_\-/:]{1,255}")
HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+", re.IGNORECASE)
LARGEST_INDEX = 32767
PRICE_PLACES = Decimal("1E-10")
MOST_DIGITS = 18
MOST_MONTHS = 1200
LONGEST_RENEWAL = 60


def lies_in(address: str, domains: Sequence[str]) -> bool:
    """Whether an address (`https://a.example.org/x`, `ssh a.example.org`) leads nowhere but into these domains;
    into any where there are none."""
    if not domains:
        return True
    if "://" in address:
        try:
            hosts = [urlsplit(address).hostname or ""]
        except ValueError:
            return False
    else:
        hosts = HOST.findall(address)
    return all(any(f".{host.lower()}".endswith(f".{one.lower()}") for one in domains) for host in hosts)


class SaidOf(NamedTuple):
    """An attribute of a category: what can be said of its offerings. `options`: the keys to choose from."""

    key: str
    type: str
    required: bool
    default: Any
    options: frozenset[str]


def attribute_problems(known: Sequence[SaidOf], given: Mapping[str, Any]) -> list[str]:
    """What is missing or wrong of what is said of an offering (contract §5.6); other keys are free."""
    missing = [a.key for a in known if a.required and given.get(a.key) in (None, "", [])]
    wrong = [f"These attributes are required: {', '.join(missing)}"] if missing else []
    for attribute in known:
        value = given.get(attribute.key)
        if value not in (None, "", []) and not _can_be(attribute, value):
            wrong.append(f"{attribute.key}: this is no value of type {attribute.type}.")
    return wrong


def _can_be(attribute: SaidOf, value: Any) -> bool:
    match attribute.type:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "choice":
            return isinstance(value, str) and value in attribute.options
        case "list":
            return isinstance(value, list) and all(
                isinstance(v, str) and v in attribute.options for v in value
            )
        case _:
            return isinstance(value, str)


def place_problem(
    latitude: float | None, longitude: float | None, country: str | None
) -> tuple[str, str] | None:
    """The field and the reason why this is no place, or None."""
    if latitude is not None and not -90 <= latitude <= 90:
        return "latitude", "Degrees from -90 to 90."
    if longitude is not None and not -180 <= longitude <= 180:
        return "longitude", "Degrees from -180 to 180."
    if country and not COUNTRY.fullmatch(country):
        return "country", "A country code of two letters (ISO 3166-1)."
    return None


def price(value: str | float) -> Decimal | None:
    """A price of at least 0 with at most 10 decimals and 12 digits before the point, or None."""
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return None
    if not exact.is_finite() or exact < 0 or exact >= Decimal("1E12"):
        return None
    return exact if exact == exact.quantize(PRICE_PLACES) else None


def component_problem(new: NewComponent) -> tuple[str, str] | None:
    """The field and the reason why a component is refused, or None."""
    if not COMPONENT_TYPE.fullmatch(new.type):
        return "type", "1 to 50 letters, digits, underscores, dashes, slashes or colons."
    if not new.name.strip():
        return "name", "This field may not be blank."
    if new.unit_factor < 1:
        return "unit_factor", "Ensure this value is greater than or equal to 1."
    if new.min_value is not None and new.max_value is not None and new.min_value > new.max_value:
        return "min_value", "The minimum must not be above the maximum."
    if new.default_limit is not None:
        if new.max_value is not None and new.default_limit > new.max_value:
            return "default_limit", "The default must not be above the maximum."
        if new.min_value is not None and new.default_limit < new.min_value:
            return "default_limit", "The default must not be below the minimum."
    if new.is_prepaid and new.billing_type is not BillingType.USAGE:
        return "is_prepaid", "Only usage components can be prepaid."
    if new.overage_component and not new.is_prepaid:
        return "overage_component", "Only a prepaid component has an overage component."
    return _duration_problem(new)


def _duration_problem(new: NewComponent) -> tuple[str, str] | None:
    for kind in ("prepaid", "renewal"):
        least, most = f"min_{kind}_duration", f"max_{kind}_duration"
        for name in (least, most, f"{kind}_duration_step"):
            months = getattr(new, name)
            if months is not None and not 1 <= months <= MOST_MONTHS:
                return name, f"A duration is 1 to {MOST_MONTHS} months."
        if (getattr(new, least) or 0) > (getattr(new, most) or MOST_MONTHS):
            return least, "The minimum must not be above the maximum."
    return None


def renewal_problem(components: Sequence[Any], months: int) -> str | None:
    """Why prepaid components cannot be renewed for so many months, or None."""
    return _months_problem(components, months, "renewal", "is renewed")


def prepaid_problem(components: Sequence[Any], months: int) -> str | None:
    """Why prepaid components cannot be ordered for so many months, or None."""
    return _months_problem(components, months, "prepaid", "is ordered")


def _months_problem(components: Sequence[Any], months: int, kind: str, is_done: str) -> str | None:
    prepaid = [c for c in components if c.is_prepaid]
    if not prepaid:
        return "The resource has nothing prepaid."
    for c in prepaid:
        least = getattr(c, f"min_{kind}_duration") or 1
        most = getattr(c, f"max_{kind}_duration") or LONGEST_RENEWAL
        step = getattr(c, f"{kind}_duration_step") or 1
        if not least <= months <= most:
            return f"{c.name} {is_done} for {least} to {most} months."
        if (months - least) % step:
            return f"{c.name} {is_done} for {least} months and every {step} more."
    return None


def limit_period(new: NewComponent) -> str | None:
    """The period of a component's limit; usage and limit components have one (default month)."""
    if new.billing_type in (BillingType.USAGE, BillingType.LIMIT):
        return (new.limit_period or LimitPeriod.MONTH).value
    return None


def plan_sums(parts: Sequence[tuple[str, Decimal, int]]) -> tuple[Decimal, Decimal, Decimal]:
    """(unit price, price at creation, price at a plan switch) from (billing type, price, amount)."""
    fixed = sum((p * amount for kind, p, amount in parts if kind == BillingType.FIXED), Decimal(0))
    once = sum((p for kind, p, _ in parts if kind == BillingType.ONE_TIME), Decimal(0))
    switch = sum((p for kind, p, _ in parts if kind == BillingType.ON_PLAN_SWITCH), Decimal(0))
    return fixed, once, switch


def form_problems(form: Options) -> dict[str, list[str]]:
    """What is wrong with an order form's definition, by option name."""
    wrong: dict[str, list[str]] = {}
    for name, option in form.options.items():
        if option.type in (OptionType.SELECT_STRING, OptionType.SELECT_STRING_MULTI) and not option.choices:
            wrong.setdefault(name, []).append("A choice needs choices.")
        if option.min is not None and option.max is not None and option.min > option.max:
            wrong.setdefault(name, []).append("The minimum must not be above the maximum.")
        if option.default is not None:
            problem = _value_problem(option, option.default)
            if problem:
                wrong.setdefault(name, []).append(f"Default: {problem}")
    for name in form.order:
        if name not in form.options:
            wrong.setdefault(name, []).append("The order names a field that does not exist.")
    return wrong


def answer_problems(form: Options, answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is wrong with the answers of an order form, by option name (contract §5.6)."""
    wrong: dict[str, list[str]] = {}
    for name, option in form.options.items():
        value = answers.get(name, option.default)
        if value is None or value in ("", []):
            if option.required:
                wrong[name] = ["This field is required."]
            continue
        problem = _value_problem(option, value)
        if problem:
            wrong[name] = [problem]
    return wrong


def with_defaults(form: Options, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers with the form's defaults where nothing was said."""
    filled = {n: o.default for n, o in form.options.items() if o.default is not None}
    return {**filled, **{k: v for k, v in answers.items() if v is not None}}


def _value_problem(option: Option, value: Any) -> str | None:
    match option.type:
        case OptionType.BOOLEAN:
            return None if isinstance(value, bool) else "Must be a valid boolean."
        case OptionType.INTEGER | OptionType.MONEY:
            return _number_problem(option, value)
        case OptionType.DATE:
            return _parsed(date.fromisoformat, value, "A date looks like 2026-01-31.")
        case OptionType.TIME:
            return _parsed(time.fromisoformat, value, "A time looks like 14:30.")
        case OptionType.SELECT_STRING:
            return None if value in option.choices else f'"{value}" is not a valid choice.'
        case OptionType.SELECT_STRING_MULTI:
            if not isinstance(value, list) or any(v not in option.choices for v in value):
                return "Select valid choices."
            return None
        case OptionType.STRING | OptionType.TEXT:
            return None if isinstance(value, str) else "Not a valid string."


def _number_problem(option: Option, value: Any) -> str | None:
    if isinstance(value, bool):
        return "A valid number is required."
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return "A valid number is required."
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
        return "A valid number is required."
    if option.type is OptionType.INTEGER and number != number.to_integral_value():
        return "A valid integer is required."
    if option.min is not None and number < option.min:
        return f"Ensure this value is greater than or equal to {option.min}."
    if option.max is not None and number > option.max:
        return f"Ensure this value is less than or equal to {option.max}."
    return None


def _parsed(parse: Any, value: Any, message: str) -> str | None:
    try:
        parse(value)
    except (TypeError, ValueError):
        return message
    return None

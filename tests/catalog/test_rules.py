"""Prices, components and order forms: values in, values out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from mercato.catalog import rules
from mercato.catalog.states import OFFERING, OfferingFacts
from mercato.kernel.errors import Conflict
from mercato.schemas.catalog import NewComponent, OfferingState, Option, Options

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("given", "exact"),
    [
        ("0.05", "0.05"),
        (5, "5"),
        (0.1, "0.1"),
        ("0.0000000001", "1E-10"),
        ("999999999999.9", "999999999999.9"),
        ("0.00000000001", None),
        ("1000000000000", None),
        (-1, None),
        ("NaN", None),
        ("Infinity", None),
        ("cheap", None),
        ("", None),
    ],
)
def test_prices(given: Any, exact: str | None) -> None:
    assert rules.price(given) == (None if exact is None else Decimal(exact))


def component(**change: Any) -> NewComponent:
    plain = {"type": "cpu", "name": "CPU", "billing_type": "limit"}
    return msgspec.convert({**plain, **change}, NewComponent)


@pytest.mark.parametrize("type_", ["cpu", "gpu-a100", "storage_tier/1", "a:b", "x" * 50])
def test_component_types(type_: str) -> None:
    assert rules.component_problem(component(type=type_)) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": ""}, "type"),
        ({"type": "x" * 51}, "type"),
        ({"type": "with space"}, "type"),
        ({"type": "cpu\n"}, "type"),
        ({"name": "  "}, "name"),
        ({"unit_factor": 0}, "unit_factor"),
        ({"min_value": 5, "max_value": 4}, "min_value"),
        ({"default_limit": 5, "max_value": 4}, "default_limit"),
        ({"default_limit": 1, "min_value": 2}, "default_limit"),
        ({"is_prepaid": True, "billing_type": "fixed"}, "is_prepaid"),
        ({"overage_component": "x", "billing_type": "usage"}, "overage_component"),
    ],
)
def test_components_that_cannot_be(change: dict[str, Any], field: str) -> None:
    problem = rules.component_problem(component(**change))
    assert problem is not None
    assert problem[0] == field


@pytest.mark.parametrize(
    ("billing_type", "given", "period"),
    [
        ("limit", None, "month"),
        ("usage", None, "month"),
        ("limit", "quarterly", "quarterly"),
        ("limit", "annual", "annual"),
        ("limit", "total", "total"),
        ("fixed", "annual", None),
        ("one", None, None),
        ("few", None, None),
    ],
)
def test_which_components_have_a_period(billing_type: str, given: str | None, period: str | None) -> None:
    assert rules.limit_period(component(billing_type=billing_type, limit_period=given)) == period


def test_a_plans_sums_are_of_what_is_fixed_or_charged_once() -> None:
    parts = [
        ("fixed", Decimal("1.5"), 2),
        ("one", Decimal(7), 1),
        ("few", Decimal(3), 0),
        ("limit", Decimal(9), 9),
    ]
    assert rules.plan_sums(parts) == (3, 7, 3)


def form(**fields: Any) -> Options:
    return msgspec.convert({"order": list(fields), "options": fields}, Options)


ANSWERS = [
    ({"type": "boolean"}, True, [True, False], ["true", 1, 0, "yes"]),
    ({"type": "integer"}, True, [5, "5", -3], ["x", 1.5, True, [], "1e99999999"]),
    ({"type": "integer", "min": 2, "max": 4}, True, [2, 4], [1, 5]),
    ({"type": "string"}, True, ["x", "[bold]x[/]", "'; DROP TABLE"], [5, {}, ["x"]]),
    ({"type": "text"}, True, ["a\nb"], [5]),
    ({"type": "money"}, True, [5, "12.50", 0.1], ["x", True, "NaN"]),
    ({"type": "date"}, True, ["2026-01-31"], ["31.01.2026", 5, "2026-02-30"]),
    ({"type": "time"}, True, ["14:30", "14:30:15"], ["25:00", "noon", 5]),
    ({"type": "select_string", "choices": ["a", "b"]}, True, ["a"], ["c", ["a"], 1]),
    ({"type": "select_string_multi", "choices": ["a", "b"]}, True, [["a"], ["a", "b"]], ["a", ["a", "c"]]),
]


@pytest.mark.parametrize(("field", "required", "good", "bad"), ANSWERS)
def test_answers_of_every_kind(
    field: dict[str, Any], required: bool, good: list[Any], bad: list[Any]
) -> None:
    asked = form(x={**field, "required": required})
    assert [a for a in good if rules.answer_problems(asked, {"x": a})] == []
    assert [a for a in bad if not rules.answer_problems(asked, {"x": a})] == []


def test_every_kind_of_field_is_tried() -> None:
    from mercato.schemas.catalog import OptionType

    assert {field["type"] for field, *_ in ANSWERS} == {kind.value for kind in OptionType}


@pytest.mark.parametrize("nothing", [{}, {"x": None}, {"x": ""}, {"x": []}])
def test_what_is_required_must_be_said(nothing: dict[str, Any]) -> None:
    asked = form(x={"type": "string", "required": True})
    assert rules.answer_problems(asked, nothing) == {"x": ["This field is required."]}
    assert rules.answer_problems(form(x={"type": "string"}), nothing) == {}


def test_defaults_stand_for_answers() -> None:
    asked = form(x={"type": "string", "required": True, "default": "d"}, y={"type": "integer"})
    assert rules.answer_problems(asked, {}) == {}
    assert rules.with_defaults(asked, {"z": 1, "y": None}) == {"x": "d", "z": 1}
    assert rules.with_defaults(asked, {"x": "mine"}) == {"x": "mine"}


@pytest.mark.parametrize(
    "broken",
    [
        form(x={"type": "select_string"}),
        form(x={"type": "integer", "min": 2, "max": 1}),
        form(x={"type": "integer", "default": "many"}),
        form(x={"type": "select_string", "choices": ["a"], "default": "b"}),
        Options(order=["ghost"], options={"x": Option(type="string")}),  # type: ignore[arg-type]
    ],
)
def test_forms_that_cannot_be(broken: Options) -> None:
    assert rules.form_problems(broken)


S = OfferingState
WAYS = {
    ("activate", S.DRAFT, S.ACTIVE),
    ("activate", S.PAUSED, S.ACTIVE),
    ("pause", S.ACTIVE, S.PAUSED),
    ("unpause", S.PAUSED, S.ACTIVE),
    ("make_unavailable", S.ACTIVE, S.UNAVAILABLE),
    ("make_available", S.UNAVAILABLE, S.ACTIVE),
    *(("archive", s, S.ARCHIVED) for s in S if s is not S.ARCHIVED),
    *(("draft", s, S.DRAFT) for s in S if s is not S.DRAFT),
}


@pytest.mark.parametrize("action", sorted({action for action, _, _ in WAYS}))
@pytest.mark.parametrize("state", list(S))
def test_the_life_of_an_offering(action: str, state: OfferingState) -> None:
    facts = OfferingFacts(billable=True, has_plan=True)
    found = {target for a, source, target in WAYS if (a, source) == (action, state)}
    if found:
        assert OFFERING.step(state, action, facts) in found
    else:
        with pytest.raises(Conflict):
            OFFERING.step(state, action, facts)

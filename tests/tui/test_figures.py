"""What the screens compute nothing of but must say right: receipt, plans, bars, pipeline, invoice lines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from textual.content import Content

from mercato.schemas.billing import InvoiceItem
from mercato.schemas.catalog import Component
from mercato.schemas.orders import Order
from mercato.schemas.plans import Plan
from mercato_tui import explained
from mercato_tui.pricing_input import change_receipts, lowest, order_receipt
from mercato_tui.text import say
from mercato_tui.widgets.form import limit_field
from mercato_tui.widgets.pipeline import ball, draw, steps
from mercato_tui.widgets.plans import comparison, sold
from mercato_tui.widgets.receipt import ReceiptPanel
from mercato_tui.widgets.usage import bar, gauge_lines, gauges
from tui.bench import trying
from tui.looking import screen_text, until

pytestmark = pytest.mark.pilot

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


def wire_component(kind: str, billing_type: str = "limit", **more: Any) -> Component:
    return Component(
        uuid="0" * 32,
        offering_uuid="0" * 32,
        type=kind,
        name=more.pop("name", kind.upper()),
        description="",
        billing_type=billing_type,
        measured_unit=more.pop("measured_unit", "GB"),
        unit_factor=1,
        article_code="",
        is_boolean=False,
        is_builtin=False,
        is_prepaid=False,
        limit_period=more.pop("limit_period", "month"),
        **more,
    )


def wire_plan(name: str, prices: dict[str, str], unit: str = "month", **more: Any) -> Plan:
    return Plan(
        url=f"http://x/{name}/",
        uuid=name,
        name=name,
        description="",
        article_code="",
        unit=unit,
        unit_price=more.pop("unit_price", "0"),
        init_price=0.0,
        switch_price=0.0,
        archived=False,
        is_active=True,
        backend_id="",
        components=[],
        prices=prices,
        future_prices={},
        quotas=more.pop("quotas", {}),
        resources_count=0,
        plan_type="",
        minimal_price="0",
    )


BASIC = wire_plan("Basic", {"cpu": "0.05", "ram": "0.10", "storage": "0.01"})
PARTS = [wire_component("cpu", measured_unit="hours"), wire_component("ram"), wire_component("storage")]
JOURNEY: dict[str, int | Decimal | None] = {"cpu": 1000, "ram": 256, "storage": 500}


def receipt(at: datetime = NOW, **limits: int) -> Any:
    return order_receipt(
        BASIC,
        PARTS,
        JOURNEY | limits,
        at=at,
        zone="UTC",
        currency="EUR",
        resource_name="r",
        offering_name="o",
    )


def test_the_journey_of_the_specification_costs_eighty_sixty_a_month() -> None:
    found = receipt(NOW.replace(hour=0))
    assert found.full_month_total == found.this_month_total == found.order_cost.amount == Decimal("80.60")
    assert {line.component: line.amount for line in found.full_month} == {
        "cpu": Decimal("50.00"),
        "ram": Decimal("25.60"),
        "storage": Decimal("5.00"),
    }


async def test_the_receipt_moves_and_marks_what_changed() -> None:
    panel = ReceiptPanel()
    async with trying(panel, size=(44, 24)) as (app, pilot):
        panel.heading = "HPC · [Basic]"
        panel.tax = Decimal("24")
        panel.show_receipt(receipt(datetime(2026, 11, 12, tzinfo=UTC)))
        await until(pilot, lambda: "€80.60" in screen_text(app))
        text = screen_text(app)
        assert "HPC · [Basic]" in text
        assert "1,000 hours × €0.05" in text
        assert "This month · 12–30 Nov" in text
        assert "Order cost, per month" in text
        assert "plus 24 % tax" in text
        panel.show_receipt(receipt(datetime(2026, 11, 12, tzinfo=UTC), storage=600))
        await until(pilot, lambda: "€81.60" in screen_text(app))
        changed = [
            tone for key in ("cpu", "storage") for tone in [panel._tone(f"month|{key}|limit", Decimal(6))]
        ]
        assert changed == ["changed", "changed"]
        assert panel._tone("month|cpu|limit", Decimal("50.00")) == ""
        panel.show_problem("No number [x] is that large.")
        await until(pilot, lambda: "No number [x] is that large." in screen_text(app))
        assert "€81.60" not in screen_text(app)


async def test_a_change_shows_its_difference() -> None:
    since = datetime(2026, 9, 3, tzinfo=UTC)
    before, after = change_receipts(
        BASIC,
        BASIC,
        PARTS,
        {"cpu": 1000, "ram": 256, "storage": 500},
        {"cpu": 2000, "ram": 256, "storage": 500},
        since=since,
        at=datetime(2026, 11, 16, tzinfo=UTC),
        zone="UTC",
        currency="EUR",
        resource_name="r",
        offering_name="o",
    )
    assert (before.full_month_total, after.full_month_total) == (Decimal("80.60"), Decimal("130.60"))
    assert after.this_month_total - before.this_month_total == Decimal("25.00")
    panel = ReceiptPanel()
    async with trying(panel, size=(44, 24)) as (app, pilot):
        panel.show_receipt(after, before=before)
        await until(pilot, lambda: "+€50.00" in screen_text(app))
        assert "until now €80.60" in screen_text(app)
        assert "+€25.00" in screen_text(app)


def test_where_prices_start() -> None:
    flat = wire_plan("Flat", {"x": "20"}, unit_price="20")
    assert lowest([BASIC, flat]) == (Decimal(20), "month", True)
    assert lowest([wire_plan("Request", {})]) is None


def test_plans_stand_side_by_side_or_below_each_other() -> None:
    plans = [wire_plan("Enterprise", {}), BASIC, wire_plan("Pro", {"cpu": "0.04"}, unit_price="9")]
    assert [plan.name for plan in sold(plans)] == ["Basic", "Pro", "Enterprise"]
    wide = comparison(plans, PARTS, "EUR", 90).plain
    assert "on request" in wide
    assert "€0.05" in wide
    assert "€9.00" in wide
    narrow = comparison(plans, PARTS, "EUR", 40).plain
    assert max(len(line) for line in narrow.splitlines()) <= 40


async def test_limit_fields_know_their_span() -> None:
    part = wire_component("cpu", min_value=1, max_value=100, max_available_limit=50, default_limit=4)
    async with trying():
        field = limit_field(part)
    assert (field.read(), field.least, field.most, field.span) == (4, 1, 50, "1–50")


def test_usage_against_limits() -> None:
    found = gauges(
        [*PARTS, wire_component("net", "usage", name="Network"), wire_component("fee", "fixed")],
        {"cpu": 1000, "ram": -1, "storage": 0},
        {"cpu": 456.0},
        {"ram": 3.5, "net": 12.25},
    )
    assert [gauge.percent for gauge in found] == [Decimal("45.6"), None, None, None]
    text = Content("\n").join(gauge_lines(found, 76)).plain
    assert "456 of 1,000 hours" in text
    assert "45.6 %" in text
    assert "3.5 GB used" in text
    assert "12.25 GB used" in text
    assert all(len(line) <= 76 for line in text.splitlines())


@pytest.mark.parametrize(("share", "filled"), [(0, 0), (50, 5), (55, 5), (100, 10), (250, 10), (-5, 0)])
def test_bars_are_as_long_as_they_should_be(share: int, filled: int) -> None:
    assert bar(Decimal(share), 10, "ok").plain.count("━") == filled


def make_order(**given: Any) -> Order:
    """An order as the wire gives it, with nothing in it but what is given."""
    kinds = {field.name: field for field in msgspec.structs.fields(Order)}
    values: dict[str, Any] = {}
    for name, field in kinds.items():
        if field.default is msgspec.NODEFAULT:
            values[name] = {
                datetime: NOW - timedelta(hours=2),
                bool: False,
                dict[str, Any]: {},
                dict[str, int]: {},
            }.get(field.type, "")
    return Order(**(values | {"type": "Create", "provider_name": "Aurora", "customer_name": "Acme"} | given))


@pytest.mark.parametrize(
    ("given", "how", "said"),
    [
        ({"state": "pending-consumer"}, "●◉○○○", "approval of Acme, since 2 h ago"),
        ({"state": "pending-provider", "consumer_reviewed_at": NOW}, "●●◉○○", "Aurora to approve"),
        ({"state": "pending-project", "project_name": "P"}, "●●●◉○○", "until the project P starts"),
        (
            {"state": "pending-start-date", "start_date": date(2027, 1, 2), "provider_reviewed_at": NOW},
            "●●●◉○○",
            "Starts on 2 Jan 2027",
        ),
        ({"state": "executing"}, "●●●◉○", "Aurora is setting it up"),
        ({"state": "done", "completed_at": NOW}, "●●●●●", "Done just now"),
        (
            {"state": "rejected", "consumer_reviewed_at": NOW, "provider_rejection_comment": "[no]"},
            "●●✖··",
            "[no]",
        ),
        ({"state": "rejected", "consumer_rejection_comment": "too dear"}, "●✖···", "too dear"),
        ({"state": "canceled"}, "●✖···", "Canceled"),
        ({"state": "erred", "error_message": "disk full"}, "●●●✖·", "disk full"),
    ],
)
def test_where_an_order_stands(given: dict[str, Any], how: str, said: str) -> None:
    found = make_order(**given)
    marks = {"done": "●", "here": "◉", "ahead": "○", "failed": "✖", "skipped": "·"}
    assert "".join(marks[step.how] for step in steps(found, NOW)) == how
    assert said in ball(found, NOW)[0]
    for cells in (30, 76, 120):
        drawn = draw(steps(found, NOW), cells).plain
        assert "Ordered" in drawn
        assert max(len(line) for line in drawn.splitlines()) <= max(cells, 40)


def invoice_item(**given: Any) -> InvoiceItem:
    made = {
        "url": "", "uuid": "", "name": "n", "price": 1.0, "tax": "0", "total": "1", "unit_price": "0.05",
        "unit": "month", "quantity": "366.6666666666", "factor": 1, "measured_unit": "hours",
        "start": datetime(2026, 11, 20, 13, tzinfo=UTC), "end": datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC),
        "article_code": "", "billing_type": "limit", "project_name": "Alpha", "resource_name": "r", "details": {},
    }  # fmt: skip
    return InvoiceItem(**(made | given))


def periods(*found: tuple[str, str]) -> dict[str, Any]:
    return {
        "resource_limit_periods": [{"quantity": amount, "billing_periods": days} for amount, days in found]
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"details": periods(("1000", "11"))},
            "20–30 Nov 2026 · 1,000 hours × 11/30 days × €0.05 per month · Alpha",
        ),
        ({"details": periods(("1000", "30"))}, "20–30 Nov 2026 · 1,000 hours × €0.05 per month · Alpha"),
        (
            {"unit": "day", "details": periods(("100", "39"), ("150", "52")) | {"limit_period": "quarterly"}},
            "20–30 Nov 2026 · (100 hours × 39 days + 150 hours × 52 days) × €0.05 per day · Alpha",
        ),
        ({"details": {}}, "20–30 Nov 2026 · ≈ 366.6667 hours × €0.05 per month · Alpha"),
        (
            {"unit": "quantity", "billing_type": "usage", "quantity": "34"},
            "20–30 Nov 2026 · 34 hours × €0.05 · Alpha",
        ),
        (
            {"unit": "quantity", "billing_type": "one", "quantity": "1"},
            "20 Nov 2026 · 1 hours × €0.05 · Alpha",
        ),
    ],
)
def test_an_invoice_line_explains_itself(given: dict[str, Any], said: str) -> None:
    assert explained.explanation(invoice_item(**given), "EUR", "UTC") == said


def test_a_theme_change_recolours_what_is_said() -> None:
    assert [span.style for span in say(("x", "bad")).spans] == ["$error"]

"""Plans of an offering: as a short list, and side by side with every price."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from textual.content import Content

from mercato_tui.i18n import _
from mercato_tui.money import number, per, price
from mercato_tui.text import fit, fit_content, lines, say, short, spread

if TYPE_CHECKING:
    from mercato.schemas.catalog import Component
    from mercato.schemas.plans import Plan

NAMES = 24


def sold(plans: Sequence[Plan]) -> list[Plan]:
    """The plans that can be ordered, in the provider's order; those on request last."""
    return sorted((plan for plan in plans if plan.is_active and not plan.archived), key=on_request)


def on_request(plan: Plan) -> bool:
    """No price at all: one has to ask."""
    return not any(Decimal(amount) for amount in plan.prices.values())


def headline(plan: Plan, currency: str) -> str:
    """What stands beside a plan's name: its flat price, or how it is charged."""
    if on_request(plan):
        return _("on request")
    if Decimal(plan.unit_price) > 0:
        return f"{price(plan.unit_price, currency)} {per(plan.unit)}"
    return _("by limits, {per}").format(per=per(plan.unit))


def plan_summary(plans: Sequence[Plan], currency: str, cells: int) -> list[Content]:
    """One line for each plan."""
    rows = [spread(say(plan.name), say((headline(plan, currency), "muted")), cells) for plan in sold(plans)]
    return rows or [say((_("no plan can be ordered"), "muted"))]


def billing_words(part: Component) -> str:
    """How a component is charged, in a few words."""
    period = {
        "month": _("a month"),
        "quarterly": _("a quarter"),
        "annual": _("a year"),
        "total": _("in all"),
    }.get(part.limit_period or "month", part.limit_period or "")
    return {
        "fixed": _("flat"),
        "usage": _("by use"),
        "limit": _("by limit, {period}").format(period=period),
        "one": _("once"),
        "few": _("at each change of plan"),
    }.get(part.billing_type, part.billing_type)


def comparison(plans: Sequence[Plan], components: Sequence[Component], currency: str, cells: int) -> Content:
    """Plans as columns, components as rows; below each other where there is no room for columns."""
    shown = sold(plans)
    if not shown:
        return say((_("No plan can be ordered at the moment."), "muted"))
    each = min(22, (cells - NAMES) // len(shown) - 1)
    if each < 11:
        return lines(row for plan in shown for row in _alone(plan, components, currency, cells))
    head = [fit_content(say((plan.name, "title")), each, "right") for plan in shown]
    how = [_("on request") if on_request(plan) else per(plan.unit) for plan in shown]
    rows = [_row("", head), _row("", [fit_content(say((words, "muted")), each, "right") for words in how])]
    rows.append(say(("─" * (NAMES + (each + 1) * len(shown)), "faint")))
    if any(Decimal(plan.unit_price) for plan in shown):
        flat = [price(plan.unit_price, currency) if Decimal(plan.unit_price) else "–" for plan in shown]
        rows.append(
            _row(_("Flat price"), [fit_content(say((text, "strong")), each, "right") for text in flat])
        )
    for part in components:
        rows.append(_row(part.name, [_cell(plan, part, currency, each) for plan in shown]))
        unit = f"{part.measured_unit} · " if part.measured_unit else ""
        rows.append(say((short(f"  {unit}{billing_words(part)}", cells), "muted")))
    return lines(rows)


def _row(name: str, columns: list[Content]) -> Content:
    return Content.assemble(say(fit(name, NAMES)), *(Content(" ") + column for column in columns))


def _cell(plan: Plan, part: Component, currency: str, each: int) -> Content:
    amount = plan.prices.get(part.type)
    if amount is None or (not Decimal(amount) and on_request(plan)):
        return fit_content(say(("–", "faint")), each, "right")
    quota = plan.quotas.get(part.type) or 0
    if part.billing_type == "fixed":
        text = _("{n} included").format(n=number(quota)) if quota else "–"
        return fit_content(say((text, "muted")), each, "right")
    return fit_content(say(price(amount, currency)), each, "right")


def _alone(plan: Plan, components: Sequence[Component], currency: str, cells: int) -> list[Content]:
    rows = [spread(say((plan.name, "title")), say((headline(plan, currency), "strong")), min(cells, 60))]
    for part in components:
        cell = _cell(plan, part, currency, 14)
        rows.append(
            spread(say(f"  {part.name}", (f"  {billing_words(part)}", "muted")), cell, min(cells, 60))
        )
    return [*rows, Content("")]

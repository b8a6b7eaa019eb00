"""Usage against limits as bars of text, with the numbers beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from textual.content import Content

from mercato_tui.i18n import _
from mercato_tui.money import number
from mercato_tui.text import fit, say, width

if TYPE_CHECKING:
    from mercato.schemas.catalog import Component

UNLIMITED = -1
FULL, HALF, EMPTY = "━", "╸", "─"


@dataclass(frozen=True)
class Gauge:
    """One component's use of its limit. `limit` None: there is none."""

    name: str
    unit: str
    used: Decimal
    limit: int | None

    @property
    def percent(self) -> Decimal | None:
        """Share of the limit in percent, to one decimal; None without a limit or with one of 0."""
        if not self.limit or self.limit == UNLIMITED:
            return None
        return (self.used * 100 / self.limit).quantize(Decimal("0.1"))

    @property
    def tone(self) -> str:
        share = self.percent
        if share is None:
            return "secondary"
        return "bad" if share >= 100 else "warn" if share >= 80 else "ok"


def gauges(
    components: Iterable[Component],
    limits: Mapping[str, int],
    limit_usage: Mapping[str, float],
    current: Mapping[str, float],
) -> list[Gauge]:
    """The components that are limited or metered, in their order."""
    found = []
    for part in components:
        metered = part.billing_type in ("usage", "limit")
        if not metered and part.type not in limits:
            continue
        used = limit_usage.get(part.type, current.get(part.type, 0))
        found.append(Gauge(part.name, part.measured_unit, Decimal(str(used)), limits.get(part.type)))
    return found


def bar(share: Decimal | None, cells: int, tone: str) -> Content:
    """A bar of `cells` cells filled to `share` percent, to half a cell; empty where there is no limit."""
    if share is None:
        return say(" " * cells)
    halves = int(min(Decimal(100), max(Decimal(0), share)) * cells * 2 / 100)
    filled = FULL * (halves // 2) + HALF * (halves % 2)
    return say((filled, tone), (EMPTY * (cells - len(filled)), "faint"))


def gauge_lines(found: list[Gauge], cells: int) -> list[Content]:
    """One line for each gauge: name, bar, `456 of 1,000 hours`, percent. `cells` wide."""
    if not found:
        return [say((_("Nothing is limited or metered here."), "muted"))]
    names = min(max(width(gauge.name) for gauge in found), max(10, cells // 4))
    texts = [_amount(gauge) for gauge in found]
    amounts = min(max(width(text) for text in texts), cells // 2)
    room = max(6, min(30, cells - names - amounts - 13))
    rows = []
    for gauge, text in zip(found, texts, strict=True):
        share = gauge.percent
        rows.append(
            say(
                fit(gauge.name, names),
                "  ",
                bar(share, room, gauge.tone),
                "  ",
                fit(text, amounts, "right"),
                (f" {share:>6} %" if share is not None else "", gauge.tone),
            )
        )
    return rows


def _amount(gauge: Gauge) -> str:
    unit = f" {gauge.unit}" if gauge.unit else ""
    if gauge.limit is None or gauge.limit == UNLIMITED:
        return _("{used}{unit} used").format(used=number(gauge.used), unit=unit)
    return _("{used} of {limit}{unit}").format(used=number(gauge.used), limit=number(gauge.limit), unit=unit)


def short_share(limits: Mapping[str, int], limit_usage: Mapping[str, float], cells: int = 8) -> Content:
    """The fullest of a resource's limits as a little bar, for lists."""
    shares = [
        Gauge("", "", Decimal(str(limit_usage.get(kind, 0))), limit)
        for kind, limit in limits.items()
        if limit and limit != UNLIMITED
    ]
    if not shares:
        return say(("–", "faint"))
    fullest = max(shares, key=lambda gauge: gauge.percent or Decimal(0))
    share = fullest.percent or Decimal(0)
    return say(bar(share, cells, fullest.tone), (f" {share.to_integral_value()}%", "muted"))

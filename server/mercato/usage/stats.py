"""What an organization or a project uses of services, in the components' own limit periods."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from msgspec import UNSET
from sqlalchemy import ColumnElement, Connection, func, select

from mercato.catalog.tables import components, offerings
from mercato.kernel.errors import NotFound, invalid
from mercato.resources.tables import resources
from mercato.schemas import statistics as api
from mercato.tenants.tables import projects
from mercato.usage import rules
from mercato.usage.queries import wire_amount
from mercato.usage.rules import Window
from mercato.usage.tables import component_usages

MEASURED = ("usage", "limit")


class Used(NamedTuple):
    """Everything that the sums are made of, in three SELECTs: the resources, the components of their offerings,
    and what was used by component, month and project (in hundredths)."""

    held: list[Any]
    parts: list[Any]
    amounts: list[Any]

    def limit(self, part: Any) -> int | None:
        """What all resources hold of the component together; None without a limit, or with an unlimited one."""
        values = [row.limits.get(part.type) for row in self.held if row.offering_id == part.offering_id]
        given = [int(value) for value in values if value is not None]
        return None if not given or min(given) < 0 else sum(given)

    def of(self, part: Any) -> list[Any]:
        return [row for row in self.amounts if row.component_id == part.id]


def load(conn: Connection, where: ColumnElement[bool], *, terminated: bool) -> Used:
    """What the resources of a scope (a condition on `projects`) hold and used."""
    mine = [where] if terminated else [where, resources.c.state != "Terminated"]
    joined = resources.join(projects, projects.c.id == resources.c.project_id)
    held = select(resources.c.offering_id, resources.c.limits).select_from(joined).where(*mine)
    named = (
        select(
            components,
            offerings.c.uuid.label("offering_uuid"),
            offerings.c.name.label("offering_name"),
        )
        .join(offerings, offerings.c.id == components.c.offering_id)
        .where(
            offerings.c.id.in_(select(resources.c.offering_id).select_from(joined).where(*mine)),
            components.c.billing_type.in_(MEASURED),
        )
        .order_by(offerings.c.name, components.c.id)
    )
    at = component_usages.c
    amounts = (
        select(
            at.component_id,
            at.billing_period,
            projects.c.uuid,
            projects.c.name,
            func.sum(at.hundredths).label("amount"),
        )
        .select_from(joined.join(component_usages, at.resource_id == resources.c.id))
        .where(*mine)
        .group_by(at.component_id, at.billing_period, projects.c.id, projects.c.uuid, projects.c.name)
        .order_by(at.billing_period, projects.c.name)
    )
    return Used(
        held=list(conn.execute(held)), parts=list(conn.execute(named)), amounts=list(conn.execute(amounts))
    )


def _total(rows: Iterable[Any], window: Window) -> int:
    return sum(int(row.amount) for row in rows if window.holds(row.billing_period))


def stats(used: Used, today: date, *, this_month: bool) -> api.UsageStats:
    """Each component of each offering over all resources."""
    whole = Window("", today.replace(day=1), today) if this_month else Window("", None, None)
    return api.UsageStats(
        components=[
            api.ComponentStats(
                **_named(part),
                usage=wire_amount(_total(used.of(part), whole)),
                limit_usage=wire_amount(_total(used.of(part), rules.window(part.limit_period, today))),
                limit=used.limit(part) or 0,
            )
            for part in used.parts
        ]
    )


def _named(part: Any) -> dict[str, Any]:
    names = ("type", "name", "description", "measured_unit", "billing_type")
    return {name: getattr(part, name) for name in (*names, "offering_name", "offering_uuid")}


def by_offering(used: Used, today: date) -> api.OfferingStats:
    made = []
    for part in used.parts:
        window = rules.window(part.limit_period, today)
        usage = _total(used.of(part), window) / 100
        stat = api.PeriodStats(
            **_named(part), usage=usage, limit_usage=usage, limit=used.limit(part), **_period(part, window)
        )
        made.append(stat)
    return api.OfferingStats(components=made)


def _period(part: Any, window: Window) -> dict[str, Any]:
    return {
        "limit_period": part.limit_period,
        "current_period_label": window.label,
        "current_period_start": window.first,
        "current_period_end": window.last,
    }


def timeseries(used: Used, query: api.TimeseriesQuery, today: date) -> api.Timeseries:
    part, window, rows = _asked(used, query, today)
    return api.Timeseries(**_head(used, part, window, today), buckets=_buckets(rows, window, today))


def by_project(used: Used, query: api.TimeseriesQuery, today: date) -> api.UsageByProject:
    part, window, rows = _asked(used, query, today)
    mine: dict[str, list[Any]] = {}
    for row in rows:
        if window.holds(row.billing_period):
            mine.setdefault(row.uuid, []).append(row)
    split = [
        api.ProjectUsage(
            project_uuid=uuid,
            project_name=found[0].name,
            usage=_total(found, window) / 100,
            buckets=_buckets(found, window, today),
        )
        for uuid, found in mine.items()
    ]
    split.sort(key=lambda one: (-one.usage, one.project_name))
    return api.UsageByProject(
        **_head(used, part, window, today), total_usage=_total(rows, window) / 100, projects=split
    )


def _asked(used: Used, query: api.TimeseriesQuery, today: date) -> tuple[Any, Window, list[Any]]:
    mine = [part for part in used.parts if part.offering_uuid == query.offering_uuid.hex]
    if not mine:
        raise NotFound
    wanted = query.component_type
    part = next((part for part in mine if wanted in (part.type, UNSET)), None)
    if part is None:
        raise invalid("component_type", "The offering measures no such component.", code="unknown_component")
    back = query.period_offset if isinstance(query.period_offset, int) else 0
    if not 0 <= back <= rules.MOST_PERIODS:
        raise invalid("period_offset", f"From 0 to {rules.MOST_PERIODS}.", code="bad_offset")
    return part, rules.window(part.limit_period, today, back), used.of(part)


def _head(used: Used, part: Any, window: Window, today: date) -> dict[str, Any]:
    named = _named(part)
    del named["description"]
    return {**named, "limit": used.limit(part), **_period(part, window), "today": today}


def _buckets(rows: list[Any], window: Window, today: date) -> list[api.Bucket]:
    """Every month of the window, used or not; of a lifetime those from the first use until now."""
    first = window.first or (rows[0].billing_period if rows else rules.period_of(today))
    last = window.last or today
    months, month = [], rules.period_of(first)
    while month <= last:
        months.append(month)
        month = rules.next_month(month)
    amounts: dict[date, int] = {}
    for row in rows:
        amounts[row.billing_period] = amounts.get(row.billing_period, 0) + int(row.amount)
    return [api.Bucket(billing_period=month, usage=amounts.get(month, 0) / 100) for month in months]

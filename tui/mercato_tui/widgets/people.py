"""Who uses a resource: their role, their account on the service, and what they used of it this month."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

from mercato.schemas import Endpoint, accounts, usage
from mercato.schemas.accounts import TeamMember
from mercato_tui.api import Api
from mercato_tui.i18n import _
from mercato_tui.money import number
from mercato_tui.roles import role_label
from mercato_tui.session import uuid
from mercato_tui.text import Piece
from mercato_tui.widgets.account import account_badge
from mercato_tui.widgets.vtable import Column, VTable

MOST = 300


class Person(Struct, kw_only=True):
    """Somebody who uses a resource. `used`: by component, in its unit."""

    name: str
    role: str = ""
    account: str = ""
    state: str = ""
    used: list[str] = []


class People(VTable[Person]):
    """The team of a resource, those who used most of it not apart: in the order of their names."""

    opens = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            (
                Column(_("Name"), lambda row: (row.name, "strong"), flex=2, least=14),
                Column(_("Role"), lambda row: (role_label(row.role) if row.role else "–", "secondary"),
                       width=16, drop=2),
                Column(_("Account"), lambda row: row.account or ("–", "faint"), flex=1, least=10),
                Column(_("State"), lambda row: account_badge(row.state) if row.state else ("–", "faint"),
                       width=18, drop=1),
                Column(_("Used this month"), _used, flex=2, least=15, drop=3),
            ),
            **kwargs,
        )  # fmt: skip


def _used(row: Person) -> Piece:
    return ", ".join(row.used) if row.used else ("–", "faint")


async def people_of(
    api: Api, endpoint: Endpoint[Any, list[TeamMember]], resource: str, today: date
) -> list[Person]:
    """The people of a resource's project, and whoever else used it this month. Raises ApiError."""
    team = await api(endpoint, accounts.TeamQuery(), uuid=resource)
    reported: list[usage.UserUsage] = []
    while True:
        query = usage.UserUsageQuery(
            page=len(reported) // MOST + 1,
            page_size=MOST,
            resource_uuid=[uuid(resource)],
            billing_period_year=today.year,
            billing_period_month=today.month,
        )
        found = await api.page(usage.USER_USAGES, query)
        reported += found.rows
        if not found.rows or len(reported) >= found.total:
            return joined(team, reported)


def joined(team: Iterable[TeamMember], rows: Iterable[usage.UserUsage]) -> list[Person]:
    """The team with what each used; then, by their names on the service, those who are not in it."""
    sums: dict[str, dict[tuple[str, str], Decimal]] = {}
    for row in rows:
        mine = sums.setdefault(row.username, {})
        kind = (row.component_type, row.measured_unit)
        mine[kind] = mine.get(kind, Decimal(0)) + Decimal(str(row.usage))
    found = []
    for member in team:
        account = member.offering_user_username or ""
        found.append(
            Person(
                name=member.full_name or member.username,
                role=member.role,
                account=account,
                state=member.offering_user_state or "",
                used=_words(sums.pop(account, {})) if account else [],
            )
        )
    others = [
        Person(name=_("not in the team"), account=name, used=_words(sums[name])) for name in sorted(sums)
    ]
    return found + others


def _words(used: dict[tuple[str, str], Decimal]) -> list[str]:
    """`cpu 12.5 hours`."""
    return [
        f"{kind} {number(amount)}{f' {unit}' if unit else ''}"
        for (kind, unit), amount in used.items()
        if amount
    ]

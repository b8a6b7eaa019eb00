"""The same marketplace on SQLite and on PostgreSQL answers every question with the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from furnished import furnish
from mercato.config import Settings
from mercato.web.app import all_routes
from world import World

pytestmark = pytest.mark.http

LISTS = [r for r in all_routes(Settings()) if r.kind == "list"]
DETAILS = {
    "/api/customers/": "buyer",
    "/api/projects/": "alpha",
    "/api/marketplace-public-offerings/": "offering",
    "/api/marketplace-provider-offerings/": "offering",
    "/api/marketplace-plans/": "plan",
    "/api/marketplace-resources/": "resource",
    "/api/marketplace-orders/": "order",
    "/api/invoices/": "invoice",
    "/api/invoice-items/": "item",
}
QUESTIONS = [
    "/api/users/me/",
    "/api/users/?query=EXAMPLE&o=-username&page_size=3&page=2",
    "/api/customers/?is_service_provider=true&name=org&archived=false",
    "/api/marketplace-categories/?has_offerings=true&o=-title",
    "/api/marketplace-public-offerings/?state=Active&state=Paused&shared=true&query=hp",
    "/api/marketplace-orders/?can_approve_as_provider=true&modified_before=2026-05-11T00:00:00",
    "/api/marketplace-orders/?state=pending-consumer&state=done&o=created&page_size=1&page=2",
    "/api/marketplace-resources/?created=2026-05-10&query=thing",
    "/api/marketplace-component-usages/?billing_period=2026-05-01&date_after=2026-01-01",
    "/api/invoices/?year=2026&month=5&state=pending&o=total",
    "/api/user-permissions/?o=-created&page_size=2&page=3",
    "/api/marketplace-plans/?archived=false&field=prices&field=components",
]


async def everything(url: str, folder: Path) -> str:
    """What the world says about itself, with its uuids numbered in the order of their appearance."""
    with World.at("2026-05-10 12:00"):
        world = await World.open(url, folder)
        try:
            await furnish(world)
            said = [one async for one in _answers(world)]
        finally:
            await world.close()
    return numbered(json.dumps(said, indent=1, sort_keys=False))


async def _answers(world: World) -> AsyncIterator[list[Any]]:
    details = [f"{path}{world.ids[name]}/" for path, name in DETAILS.items()]
    lists = [r.endpoint.path for r in LISTS if "{uuid}" not in r.endpoint.path]
    for who in ("staff", "seller", "owner", "manager"):
        for path in (*lists, *QUESTIONS, *(details if who == "staff" else ())):
            answer = await world.get(who, path)
            headers = {name: answer.headers.get(name, "") for name in ("X-Result-Count", "Link")}
            yield [who, path, answer.status_code, headers, answer.json()]


def numbered(text: str) -> str:
    known: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return known.setdefault(found[0], f"#{len(known)}")

    text = re.sub(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", number, text)
    text = re.sub(r"w_mrc_[0-9a-f]{6}", "w_mrc_…", text)
    return re.sub(r"order-[0-9a-f]{8}", "order-…", text)


async def test_both_databases_answer_alike(
    sqlite_tables_url: str, postgresql_tables_url: str, tmp_path: Path
) -> None:
    embedded = await everything(sqlite_tables_url, tmp_path)
    served = await everything(postgresql_tables_url, tmp_path)
    assert embedded.splitlines() == served.splitlines()

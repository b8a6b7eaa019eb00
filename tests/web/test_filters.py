"""Every filter and every order that a list offers can be asked for, on every database."""

from __future__ import annotations

import datetime as dt
import inspect
from enum import Enum
from typing import Any, get_args, get_type_hints
from uuid import UUID

import msgspec
import pytest

from furnished import furnish
from mercato.access.rules import STAFF
from mercato.config import Settings
from mercato.kernel.http import Route
from mercato.kernel.listing import Listing
from mercato.schemas import ListQuery
from mercato.schemas.statistics import MonthsQuery
from mercato.web.app import all_routes
from world import World

pytestmark = pytest.mark.http

LISTS = [r for r in all_routes(Settings()) if r.kind == "list"]
PAGING = {f.name for f in msgspec.structs.fields(ListQuery)}
OWNERS = {
    "/api/customers/": "buyer",
    "/api/projects/": "alpha",
    "/api/marketplace-resources/": "resource",
    "/api/marketplace-provider-resources/": "resource",
    "/api/marketplace-service-providers/": "service_provider",
    "/api/marketplace-resource-offerings/": "category",
    "/api/marketplace-slurm-periodic-usage-policies/": "slurm_policy",
}


def listing_of(route: Route) -> Listing:
    names = inspect.getclosurevars(route.mount).nonlocals
    if "how" not in names:  # of two ways to answer, the same list
        return listing_of(names["fresh"])
    found = names["how"].listing
    assert isinstance(found, Listing)
    return found


def example(kind: Any) -> list[str]:
    """A value of the type as clients write it."""
    options = [k for k in get_args(kind) if k is not msgspec.UnsetType] or [kind]
    kind = get_args(options[0])[0] if get_args(options[0]) else options[0]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [member.value for member in kind]
    known = {
        str: ["x", "100%", "ü"],
        bool: ["true", "false"],
        int: ["5"],
        float: ["5", "2.0", "2.5", "-1"],
        UUID: ["01a1f945-1f4b-7bb4-94e4-7baf44a1ea5f"],
        dt.date: ["2026-05-01"],
        dt.datetime: ["2026-05-01T00:00:00", "2026-05-01T00:00:00Z"],
    }
    return known[kind]


@pytest.mark.parametrize("route", LISTS, ids=lambda r: r.endpoint.path)
def test_no_filter_is_offered_that_does_nothing(route: Route) -> None:
    offered = {f.encode_name for f in msgspec.structs.fields(route.endpoint.takes)} - PAGING
    assert offered <= set(listing_of(route).filters)


async def test_every_filter_and_order_can_be_asked_for(world: World) -> None:
    await furnish(world)
    wrong = {}
    for route in LISTS:
        before, uuid, after = route.endpoint.path.partition("{uuid}")
        path = before + (world.ids[OWNERS.get(before, "offering")] if uuid else "") + after
        listing = listing_of(route)
        questions = [f"o={sign}{name}" for name in listing.order for sign in ("", "-")]
        hints = get_type_hints(route.endpoint.takes)
        for field in msgspec.structs.fields(route.endpoint.takes):
            if field.encode_name not in PAGING:
                months = route.endpoint.takes is MonthsQuery
                values = ["2026-05", "2026-05-01"] if months else example(hints[field.name])
                questions += [f"{field.encode_name}={value}" for value in values]
                if "list[" in str(hints[field.name]):
                    questions.append("&".join(f"{field.encode_name}={value}" for value in values))
        for question in questions:
            for who in ("staff",) if uuid or route.needs == STAFF else ("staff", "owner", "seller"):
                answer = await world.get(who, f"{path}?{question}&page_size=1")
                if answer.status_code != 200:
                    wrong[f"{who} {path}?{question}"] = answer.text[:200]
    assert wrong == {}


async def test_every_field_can_be_asked_for_alone(world: World) -> None:
    await furnish(world)
    wrong = {}
    for route in LISTS:
        before, uuid, after = route.endpoint.path.partition("{uuid}")
        path = before + (world.ids[OWNERS.get(before, "offering")] if uuid else "") + after
        for name in listing_of(route).columns:
            answer = await world.get("staff", f"{path}?field={name}&page_size=1")
            rows = answer.json()
            if answer.status_code != 200 or not set(rows[0]) <= {name}:
                wrong[f"{path}?field={name}"] = rows
    assert wrong == {}

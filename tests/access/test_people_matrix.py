"""Every route that needs a permission against everybody who holds a role: the table of permissions decides.

Nothing is changed: each act is undone as soon as it has answered.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mercato.access.rules import DEFAULT_ROLES
from mercato.kernel.http import Route
from mercato.schemas.permissions import Permission
from mercato.schemas.permissions import Permission as P
from world import World

_spec = importlib.util.spec_from_file_location("matrix_tables", Path(__file__).parent / "test_matrix.py")
assert _spec is not None
assert _spec.loader is not None
matrix: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(matrix)
stage = matrix.stage
pytestmark = pytest.mark.http

BUYER, SELLER = "buyer", "seller"
# Who holds which role, on which side of the counter.
PEOPLE = {
    "member": (BUYER, "PROJECT.MEMBER"),
    "manager": (BUYER, "PROJECT.MANAGER"),
    "admin": (BUYER, "PROJECT.ADMIN"),
    "reader": (BUYER, "CUSTOMER.SUPPORT"),
    "owner": (BUYER, "CUSTOMER.OWNER"),
    "keeper": (SELLER, "OFFERING.MANAGER"),
    "vendor": (SELLER, "CUSTOMER.MANAGER"),
    "seller": (SELLER, "CUSTOMER.OWNER"),
}
HELD = {role.name.value: role.permissions for role in DEFAULT_ROLES}
# On which side a permission counts: by the part of its name before the dot, then the whole name, then a route.
SIDES: dict[str, tuple[str, ...]] = {
    "OFFERING": (SELLER,),
    "OFFERINGUSER": (SELLER,),
    "SERVICE_PROVIDER": (SELLER,),
    "SERVICE_ACCOUNT": (BUYER,),
    "CUSTOMER": (BUYER,),
    "ACCESS_SUBNET": (BUYER,),
    "PROJECT": (BUYER,),
    "ORDER": (BUYER,),
    "RESOURCE": (SELLER,),
    "ROLE": (),
}
EXCEPTIONS: dict[Permission, tuple[str, ...]] = {
    P.SERVICE_PROVIDER_REGISTER: (BUYER,),
    P.RESOURCE_CONSUMPTION_LIMITATION: (BUYER,),
    P.RESOURCE_MANAGE_API_KEY: (BUYER,),
    P.RESOURCE_SET_END_DATE: (BUYER, SELLER),
    P.RESOURCE_SET_LIMITS: (BUYER,),
    P.RESOURCE_SET_PLAN: (BUYER,),
    P.RESOURCE_TERMINATE: (BUYER, SELLER),
    P.RESOURCE_UPDATE: (BUYER, SELLER),
    P.RESOURCE_UPDATE_OPTIONS: (BUYER, SELLER),
}
ROUTES: dict[str, tuple[str, ...]] = {
    "approve_by_provider": (SELLER,),
    "reject_by_provider": (SELLER,),
    "reject_by_consumer": (BUYER,),
    "approve_by_consumer": (BUYER,),
    "retry": (SELLER,),
    "set_state_done": (SELLER,),
    "set_state_erred": (SELLER,),
    "set_state_executing": (SELLER,),
    "set_provider_info": (SELLER,),
}
# And by what a path is about.
PATHS: dict[str, tuple[str, ...]] = {
    "/api/marketplace-service-providers/{uuid}/": (SELLER,),
    "/api/marketplace-provider-resources/": (SELLER,),
}
# Whoever made the order may also take it back; whoever may end a resource for its provider may take it up.
BESIDES = {
    ("manager", "POST /api/marketplace-orders/{uuid}/reject_by_consumer/"),
    ("seller", "POST /api/marketplace-resources/{uuid}/restore/"),
}


class Undo(Exception):
    """Carries an answer out of a transaction that is rolled back."""

    def __init__(self, result: Any) -> None:
        super().__init__("undone")
        self.result = result


@pytest.fixture
def undone(stage: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The stage, on which nothing lasts."""
    write = stage.market.db.write

    async def tried(fn: Callable[..., Any], *a: Any, **kw: Any) -> Any:
        def unit(tx: Any, *a: Any, **kw: Any) -> Any:
            raise Undo(fn(tx, *a, **kw))

        try:
            return await write(unit, *a, **kw)
        except Undo as undo:
            return undo.result

    monkeypatch.setattr(stage.market.db, "write", tried)
    return stage


def sides_of(route: Route) -> tuple[str, ...]:
    last = route.endpoint.path.strip("/").rsplit("/", 1)[-1]
    if last in ROUTES and "/marketplace-orders/" in route.endpoint.path:
        return ROUTES[last]
    for start, sides in PATHS.items():
        if route.endpoint.path.startswith(start):
            return sides
    if route.needs in EXCEPTIONS:
        return EXCEPTIONS[route.needs]
    return SIDES[route.needs.value.split(".")[0]]


def may(who: str, route: Route) -> bool:
    side, role = PEOPLE[who]
    if (who, f"{route.endpoint.method} {route.endpoint.path}") in BESIDES:
        return True
    return route.needs in HELD[role] and side in sides_of(route)


def refused(route: Route, status: int, body: Any) -> bool:
    hidden = route.endpoint.path in matrix.HIDDEN_PARENT and status == 400 and "not found" in str(body)
    return hidden or status in (401, 404) or (status == 403 and matrix.code_of(body) == "forbidden")


@pytest.mark.parametrize("who", PEOPLE)
async def test_the_table_of_permissions_decides(undone: World, who: str) -> None:
    before = await matrix.recorded(undone)
    wrong = {}
    for route, name in zip(matrix.GUARDED, matrix.names(matrix.GUARDED), strict=True):
        status, body = await matrix.ask(undone, who, route)
        if refused(route, status, body) == may(who, route):
            wrong[name] = route.needs.value, status, matrix.code_of(body)
    assert wrong == {}
    assert await matrix.recorded(undone) == before

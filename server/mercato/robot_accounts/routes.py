"""Robot accounts over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mercato.access.rules import SIGNED_IN
from mercato.kernel.acts import on_visible
from mercato.kernel.db import Tx
from mercato.kernel.http import Call, Route, acting, detail, listed
from mercato.resources.listings import RESOURCES
from mercato.robot_accounts import service
from mercato.robot_accounts.listings import (
    CUSTOMERS_WITH_ROBOTS,
    PROJECTS_WITH_ROBOTS,
    ROBOT_ACCOUNT,
    ROBOT_ACCOUNTS,
)
from mercato.schemas import robot_accounts as api
from mercato.schemas.permissions import Permission as P
from mercato.tenants.provider_listings import OWN_PROVIDERS


def _create(tx: Tx, call: Call, data: api.NewRobotAccount) -> str:
    def sees(uuid: str) -> bool:
        return RESOURCES.count(tx.conn, call.looker, None, uuid=uuid) > 0

    return service.create(tx, call.actor, data, sees=sees)


def _move(action: str) -> Callable[..., Any]:
    def run(tx: Tx, actor: Any, uuid: str, *data: api.RobotProblem) -> str:
        return service.move(tx, actor, uuid, action, *(problem.error_message for problem in data))

    return on_visible(ROBOT_ACCOUNT, run)


_CHANGE: dict[str, Any] = {"needs": P.RESOURCE_UPDATE_ROBOT_ACCOUNT, "then": ROBOT_ACCOUNT}
_MOVE: dict[str, Any] = {"needs": P.RESOURCE_UPDATE_ROBOT_ACCOUNT, "then": ROBOT_ACCOUNTS}

ROUTES: list[Route] = [
    listed(api.ROBOT_ACCOUNTS, ROBOT_ACCOUNTS, needs=SIGNED_IN),
    detail(api.ROBOT_ACCOUNT, ROBOT_ACCOUNTS, needs=SIGNED_IN),
    acting(api.ROBOT_ACCOUNT_CREATE, _create, needs=P.RESOURCE_CREATE_ROBOT_ACCOUNT, then=ROBOT_ACCOUNT),
    acting(api.ROBOT_ACCOUNT_REPLACE, on_visible(ROBOT_ACCOUNT, service.replace), **_CHANGE),
    acting(api.ROBOT_ACCOUNT_UPDATE, on_visible(ROBOT_ACCOUNT, service.change), **_CHANGE),
    acting(
        api.ROBOT_ACCOUNT_DELETE,
        on_visible(ROBOT_ACCOUNT, service.remove),
        needs=P.RESOURCE_DELETE_ROBOT_ACCOUNT,
    ),
    acting(api.SET_CREATING, _move("begin_creating"), **_MOVE),
    acting(api.SET_OK, _move("set_ok"), **_MOVE),
    acting(api.SET_GOING, _move("request_deletion"), **_MOVE),
    acting(api.SET_DELETED, _move("set_deleted"), **_MOVE),
    acting(api.SET_ERRED, _move("set_erred"), **_MOVE),
    listed(
        api.PROVIDER_CUSTOMERS,
        CUSTOMERS_WITH_ROBOTS,
        needs=SIGNED_IN,
        scope="provider",
        within=OWN_PROVIDERS,
    ),
    listed(
        api.PROVIDER_PROJECTS, PROJECTS_WITH_ROBOTS, needs=SIGNED_IN, scope="provider", within=OWN_PROVIDERS
    ),
]

"""Accounts of projects over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from mercato.access.rules import SIGNED_IN
from mercato.accounts import projects
from mercato.accounts.project_listings import COURSE_ACCOUNTS, SERVICE_ACCOUNTS
from mercato.catalog.listings import PROVIDED
from mercato.kernel.acts import on_visible
from mercato.kernel.db import Tx
from mercato.kernel.http import Call, Route, acting, detail, listed
from mercato.schemas import projects as api
from mercato.schemas.permissions import Permission as P
from mercato.tenants.listings import PROJECTS


def _sees(tx: Tx, call: Call) -> Callable[[str], bool]:
    return lambda uuid: PROJECTS.count(tx.conn, call.looker, None, uuid=uuid) > 0


def _service_account(tx: Tx, call: Call, data: api.NewServiceAccount) -> str:
    return projects.create_service_account(tx, call.actor, data, sees=_sees(tx, call))


def _course_account(tx: Tx, call: Call, data: api.NewCourseAccount) -> str:
    sees = _sees(tx, call)
    [made] = projects.create_course_accounts(tx, call.actor, data.project, [data], sees=sees)
    return made


def _course_accounts(tx: Tx, call: Call, data: api.NewCourseAccounts) -> list[msgspec.Raw]:
    sees = _sees(tx, call)
    made = projects.create_course_accounts(tx, call.actor, data.project, data.course_accounts, sees=sees)
    return [msgspec.Raw(COURSE_ACCOUNTS.one(tx.conn, call.looker, uuid=uuid)) for uuid in made]


ROUTES: list[Route] = [
    listed(api.SERVICE_ACCOUNTS, SERVICE_ACCOUNTS, needs=SIGNED_IN),
    detail(api.SERVICE_ACCOUNT, SERVICE_ACCOUNTS, needs=SIGNED_IN),
    acting(
        api.SERVICE_ACCOUNT_CREATE, _service_account, needs=P.SERVICE_ACCOUNT_MANAGE, then=SERVICE_ACCOUNTS
    ),
    *(
        acting(
            endpoint,
            on_visible(SERVICE_ACCOUNTS, projects.change_service_account),
            needs=P.SERVICE_ACCOUNT_MANAGE,
            then=SERVICE_ACCOUNTS,
        )
        for endpoint in (api.SERVICE_ACCOUNT_UPDATE, api.SERVICE_ACCOUNT_REPLACE)
    ),
    acting(
        api.SERVICE_ACCOUNT_DELETE,
        on_visible(SERVICE_ACCOUNTS, projects.close_service_account),
        needs=P.SERVICE_ACCOUNT_MANAGE,
    ),
    listed(api.COURSE_ACCOUNTS, COURSE_ACCOUNTS, needs=SIGNED_IN),
    detail(api.COURSE_ACCOUNT, COURSE_ACCOUNTS, needs=SIGNED_IN),
    acting(
        api.COURSE_ACCOUNT_CREATE,
        _course_account,
        needs=P.PROJECT_COURSE_ACCOUNT_MANAGE,
        then=COURSE_ACCOUNTS,
    ),
    acting(api.COURSE_ACCOUNTS_CREATE, _course_accounts, needs=P.PROJECT_COURSE_ACCOUNT_MANAGE),
    acting(
        api.COURSE_ACCOUNT_DELETE,
        on_visible(COURSE_ACCOUNTS, projects.close_course_account),
        needs=P.PROJECT_COURSE_ACCOUNT_MANAGE,
    ),
    listed(
        api.OFFERING_SERVICE_ACCOUNTS, SERVICE_ACCOUNTS, needs=SIGNED_IN, scope="offering", within=PROVIDED
    ),
    listed(api.OFFERING_COURSE_ACCOUNTS, COURSE_ACCOUNTS, needs=SIGNED_IN, scope="offering", within=PROVIDED),
]

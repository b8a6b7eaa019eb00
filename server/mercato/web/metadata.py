"""The server about what it can be told: settings that operators make, roles and permissions (contract §13)."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from mercato.access.rules import DEFAULT_ROLES, SIGNED_IN, member_permission
from mercato.config import Settings
from mercato.kernel.http import Call, Route, reading
from mercato.schemas import DetailQuery
from mercato.schemas import metadata as api
from mercato.schemas.access import Scope
from mercato.schemas.permissions import Permission

# By section: the settings that clients know, under the names that they know them by.
SETTINGS: dict[str, dict[str, str]] = {
    "Site": {
        "SITE_NAME": "What the site is called.",
        "CURRENCY_NAME": "The currency of prices and invoices, as in ISO 4217.",
        "TIME_ZONE": "Where billing months happen for organizations that name no zone.",
    },
    "Marketplace": {
        "ANONYMOUS_USER_CAN_VIEW_OFFERINGS": "Whether offerings are shown to those who have not signed in.",
        "ANONYMOUS_USER_CAN_VIEW_PLANS": "Whether plans are shown to those who have not signed in.",
        "ENABLE_ORDER_START_DATE": "Whether orders can wait for a day of their own.",
    },
    "Personal access tokens": {
        "PAT_ENABLED": "Whether people may make and use personal access tokens.",
        "PAT_MAX_LIFETIME_DAYS": "How many days a token may live.",
        "PAT_MAX_TOKENS_PER_USER": "How many living tokens a person may have.",
    },
    "Site agents": {
        "SITE_AGENT_LOG_MAX_ROWS_PER_IDENTITY": "How many entries of an agent's log are kept, the newest.",
    },
    "Federated identities": {
        "FEDERATED_IDENTITY_SYNC_ENABLED": "Whether identity service domains may tell about people.",
        "FEDERATED_IDENTITY_SYNC_ALLOWED_ATTRIBUTES": "What they may tell, separated by commas; empty: everything.",
        "FEDERATED_IDENTITY_DEACTIVATION_POLICY": "When people whom no domain knows any more are deactivated.",
    },
}
_TYPES = {bool: "boolean", int: "integer", str: "string"}


def _setting(key: str, description: str) -> api.Setting:
    default = next(f.default for f in msgspec.structs.fields(Settings) if f.name == key.lower())
    usual = msgspec.json.encode(default).decode()
    return api.Setting(key=key, description=f"{description} Default: {usual}", type=_TYPES[type(default)])


def _settings(_conn: Connection, _call: Call, _query: DetailQuery) -> api.SettingsMetadata:
    sections = [
        api.SettingSection(
            description=title, items=[_setting(key, description) for key, description in items.items()]
        )
        for title, items in SETTINGS.items()
    ]
    return api.SettingsMetadata(settings=sections)


def _features(_conn: Connection, _call: Call, _query: DetailQuery) -> api.FeatureMetadata:
    return api.FeatureMetadata(features=[], feature_enums={})


def _words(name: str) -> str:
    return name.replace("_", " ").lower().capitalize()


def _permissions(_conn: Connection, _call: Call, _query: DetailQuery) -> api.PermissionMetadata:
    groups: dict[str, list[Any]] = {}
    for one in Permission:
        thing, act = one.value.split(".", 1)
        groups.setdefault(thing, []).append(api.PermissionOption(label=_words(act), value=one.value))
    scopes = (Scope.CUSTOMER, Scope.PROJECT, Scope.OFFERING)
    return api.PermissionMetadata(
        roles={role.name.name: role.name.value for role in DEFAULT_ROLES},
        permissions={one.name: one.value for one in Permission},
        permission_map={scope.value: member_permission(scope, "CREATE").value for scope in scopes},
        permission_descriptions=[
            api.PermissionGroup(label=_words(thing), options=options) for thing, options in groups.items()
        ],
    )


ROUTES: list[Route] = [
    reading(api.SETTINGS, _settings, needs=SIGNED_IN),
    reading(api.FEATURES, _features, needs=SIGNED_IN),
    reading(api.PERMISSIONS, _permissions, needs=SIGNED_IN),
]

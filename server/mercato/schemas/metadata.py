"""What the server can be told and what it knows: settings, features, roles and permissions."""

from __future__ import annotations

from msgspec import Struct

from mercato.schemas import DetailQuery, Endpoint


class SettingOption(Struct, kw_only=True):
    value: str
    label: str


class Setting(Struct, kw_only=True):
    """What holds unless the operator says otherwise is said in words: clients refuse a bare `default`."""

    key: str
    description: str
    type: str
    options: list[SettingOption] = []


class SettingSection(Struct, kw_only=True):
    description: str
    items: list[Setting]


class SettingsMetadata(Struct, kw_only=True):
    settings: list[SettingSection]


class Feature(Struct, kw_only=True):
    key: str
    description: str


class FeatureSection(Struct, kw_only=True):
    key: str
    description: str
    items: list[Feature]


class FeatureMetadata(Struct, kw_only=True):
    """Parts of the server that can be switched off; there are none."""

    features: list[FeatureSection]
    feature_enums: dict[str, dict[str, str]]


class PermissionOption(Struct, kw_only=True):
    label: str
    value: str


class PermissionGroup(Struct, kw_only=True):
    label: str
    options: list[PermissionOption]


class PermissionMetadata(Struct, kw_only=True):
    """`permission_map`: what giving a role in such a place needs."""

    roles: dict[str, str]
    permissions: dict[str, str]
    permission_map: dict[str, str]
    permission_descriptions: list[PermissionGroup]


_M = "/api/metadata/"
SETTINGS = Endpoint("GET", _M + "settings/", DetailQuery, SettingsMetadata, 200, "What operators can set")
FEATURES = Endpoint("GET", _M + "features/", DetailQuery, FeatureMetadata, 200, "What can be switched off")
PERMISSIONS = Endpoint(
    "GET", _M + "permissions/", DetailQuery, PermissionMetadata, 200, "Roles and permissions"
)

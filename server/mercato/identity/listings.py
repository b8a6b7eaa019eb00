"""How users, their keys and tokens are listed."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, String, and_, case, cast, exists, func, or_, select

from mercato.access import queries as access
from mercato.access.listings import my_permissions, projects
from mercato.access.tables import grants
from mercato.identity.tables import personal_tokens, ssh_keys, tokens, users
from mercato.kernel.filters import Filter, contains, equals, holds, since, until
from mercato.kernel.listing import Listing, converted, omit
from mercato.kernel.wiresql import link
from mercato.schemas.access import Scope
from mercato.schemas.identity import AuthToken, Me, PersonalToken, SshKey, User


def _visible(kind: str) -> ColumnElement[bool] | None:
    """Oneself, and everybody who shares an organization or project with me."""
    if kind == access.EVERYTHING:
        return None
    mates = grants.alias("mates")
    in_my_project = select(projects.c.id).where(access.sees_project(projects.c.id, projects.c.customer_id))
    shared = exists().where(
        mates.c.user_id == users.c.id,
        access.active(mates),
        or_(
            (mates.c.scope_type == Scope.CUSTOMER.value) & access.sees_customer(mates.c.scope_id),
            (mates.c.scope_type == Scope.PROJECT.value) & mates.c.scope_id.in_(in_my_project),
        ),
    )
    return or_(users.c.id == access.ME, shared)


def _holder_in(scope: Scope, uuids: Any) -> Any:
    place = access.SCOPE_TABLES[scope]
    return users.c.id.in_(
        select(grants.c.user_id)
        .join(place, place.c.id == grants.c.scope_id)
        .where(grants.c.scope_type == scope.value, access.ACTIVE, place.c.uuid == uuids)
    )


# What concerns nobody but the person, staff and support.
PRIVATE = (
    "affiliations", "birth_date", "civil_number", "gender", "personal_title", "place_of_birth", "address",
    "country_of_residence", "nationality", "nationalities", "organization_country", "organization_type",
    "organization_registry_code", "organization_vat_code", "organization_address", "eduperson_assurance",
    "identity_source", "uid_number", "primary_gid", "is_identity_manager", "can_use_personal_access_tokens",
    "attribute_sources", "active_isds", "managed_isds", "deactivation_reason", "is_admin_deactivated",
)  # fmt: skip


def private(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column for those whom it concerns; null for the others."""
    return case((or_(users.c.id == access.ME, access.SEES_ALL), column))


def _listed(column: ColumnElement[Any]) -> Filter:
    """Any of several values, separated by commas."""
    return equals(column)._replace(
        spellings=lambda value: [one.strip() for one in str(value).split(",") if one.strip()]
    )


def _printed(column: ColumnElement[Any], known: str, kept: str) -> Filter:
    """A fingerprint with or without the name of its algorithm."""
    return equals(column)._replace(value=lambda value: kept + str(value).removeprefix(known))


_COLUMNS: dict[str, Any] = {
    "url": link("/api/users/{}/", users.c.uuid),
    **{
        name: users.c[name]
        for name in (
            "uuid", "username", "slug", "email", "first_name", "last_name", "full_name", "native_name",
            "job_title", "organization", "phone_number", "description", "is_staff", "is_support", "is_active",
            "date_joined", "agreement_date", "token_lifetime", "registration_method", "preferred_language",
            "notifications_enabled",
        )
    },
    **{name: omit(private(users.c[name])) for name in PRIVATE},
    "has_usable_password": users.c.password_hash.is_not(None),
}  # fmt: skip

USERS = Listing(
    User,
    table=users,
    source=users,
    visible=_visible,
    where=users.c.removed_at.is_(None),
    columns=_COLUMNS,
    filters={
        "uuid": equals(users.c.uuid),
        "username": equals(users.c.username),
        "username_list": _listed(users.c.username),
        **{
            name: contains(users.c[name])
            for name in ("native_name", "job_title", "organization", "phone_number", "description")
        },
        "registration_method": equals(users.c.registration_method),
        "civil_number": equals(private(users.c.civil_number)),
        "agreement_date": since(users.c.agreement_date),
        "date_joined": since(users.c.date_joined),
        "modified": since(users.c.modified),
        "email": contains(users.c.email),
        "full_name": contains(users.c.full_name),
        "is_active": equals(users.c.is_active),
        "is_staff": equals(users.c.is_staff),
        "is_support": equals(users.c.is_support),
        "user_keyword": contains(users.c.full_name, users.c.email, users.c.username),
        "query": contains(users.c.full_name, users.c.email, users.c.username, users.c.organization),
        "customer_uuid": holds(lambda v: _holder_in(Scope.CUSTOMER, v)),
        "project_uuid": holds(lambda v: _holder_in(Scope.PROJECT, v)),
    },
    order={
        "username": users.c.username,
        "full_name": users.c.full_name,
        "email": users.c.email,
        "date_joined": users.c.date_joined,
        **{
            name: users.c[name]
            for name in (
                "description", "is_active", "is_staff", "is_support", "job_title", "native_name", "organization",
                "phone_number", "registration_method",
            )
        },
    },
    default_order=("username",),
)  # fmt: skip

ME = Listing(
    Me,
    table=users,
    source=users,
    visible=lambda _kind: users.c.id == access.ME,
    columns={**_COLUMNS, "permissions": my_permissions(users)},
)

_key = ssh_keys.c
KEYS = Listing(
    SshKey,
    table=ssh_keys,
    source=ssh_keys.join(users, users.c.id == _key.user_id),
    visible=lambda kind: None if kind == access.EVERYTHING else or_(_key.user_id == access.ME, _key.is_shared),
    columns={
        "url": link("/api/keys/{}/", _key.uuid),
        **{
            name: _key[name]
            for name in (
                "uuid", "name", "type", "public_key", "fingerprint_md5", "fingerprint_sha256", "fingerprint_sha512",
                "is_shared",
            )
        },
        "user_uuid": users.c.uuid,
    },
    filters={
        "uuid": equals(_key.uuid),
        "name": contains(_key.name),
        "name_exact": equals(_key.name),
        "fingerprint_md5": _printed(_key.fingerprint_md5, "MD5:", ""),
        "fingerprint_sha256": _printed(_key.fingerprint_sha256, "SHA256:", "SHA256:"),
        "fingerprint_sha512": _printed(_key.fingerprint_sha512, "SHA512:", "SHA512:"),
        "user_uuid": equals(users.c.uuid),
        "is_shared": equals(_key.is_shared),
        "created": since(_key.created),
        "created_before": until(_key.created),
        "modified": since(_key.modified),
        "modified_before": until(_key.modified),
    },
    order={"name": _key.name},
    default_order=("name",),
)  # fmt: skip

_token = personal_tokens.c


def _places(text: str) -> list[Any]:
    return [{k: place[k] for k in ("type", "uuid", "name")} for place in msgspec.json.decode(text)]


TOKENS = Listing(
    PersonalToken,
    table=personal_tokens,
    source=personal_tokens,
    visible=lambda _kind: _token.user_id == access.ME,
    columns={
        **{
            name: _token[name]
            for name in (
                "uuid", "name", "token_prefix", "scopes", "allowed_networks", "expires_at", "last_used_ip",
                "use_count", "created",
            )
        },
        "allowed_scopes": converted(cast(_token.allowed_scopes, String()), _places),
        "is_active": and_(_token.revoked_at.is_(None), _token.expires_at > access.NOW),
        "last_used_at": func.coalesce(_token.last_used_at, _token.created),
    },
    filters={"uuid": equals(_token.uuid)},
    order={"name": _token.name, "created": _token.created, "expires_at": _token.expires_at},
    default_order=("-created",),
)  # fmt: skip

_session = tokens.c
_later = tokens.alias("later")


def _number(value: Any) -> int:
    """A number from a path; what is none is nobody's."""
    return int(value) if str(value).isascii() and str(value).isdigit() and len(str(value)) < 19 else -1


AUTH_TOKENS = Listing(
    AuthToken,
    table=tokens,
    source=tokens.join(users, users.c.id == _session.user_id),
    visible=lambda _kind: None,  # the route is for staff
    where=and_(
        _session.revoked_at.is_(None),
        ~exists().where(
            _later.c.user_id == _session.user_id, _later.c.revoked_at.is_(None), _later.c.id > _session.id
        ),
    ),
    columns={
        "url": link("/api/auth-tokens/{}/", cast(users.c.id, String())),
        "created": _session.created,
        "user": link("/api/users/{}/", users.c.uuid),
        "user_first_name": users.c.first_name,
        "user_last_name": users.c.last_name,
        "user_username": users.c.username,
        "user_is_active": users.c.is_active,
        "user_token_lifetime": users.c.token_lifetime,
    },
    filters={"user_id": equals(users.c.id)._replace(value=_number)},
    order={"created": _session.created},
    default_order=("created",),
)

"""How robot accounts are listed, for the resource's customer and its provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, String, exists, literal, null, or_, select

from mercato.access import queries as access
from mercato.catalog.tables import offerings
from mercato.identity.listings import KEYS
from mercato.identity.tables import ssh_keys, users
from mercato.kernel.filters import Filter, contains, equals, holds, linked, since, until
from mercato.kernel.listing import Listing
from mercato.kernel.wiresql import children, in_json, json_list, link, sketch
from mercato.resources.listings import consumed, providers
from mercato.resources.tables import resources
from mercato.robot_accounts.queries import LIVING
from mercato.robot_accounts.tables import robot_account_users, robot_accounts
from mercato.schemas.access import Scope
from mercato.schemas.permissions import Permission as P
from mercato.schemas.robot_accounts import BY_NUMBER, RobotAccount, RobotAccountDetails
from mercato.schemas.tenants import NameUuid
from mercato.tenants.queries import provided_by
from mercato.tenants.tables import customers, projects, service_providers

_robots = robot_accounts.c
_members = robot_account_users
_responsible = users.alias("responsible")
_behind = _members.join(users, users.c.id == _members.c.user_id)
_is_behind = _members.c.robot_account_id == _robots.id


def _basic(person: Any) -> dict[str, ColumnElement[Any]]:
    names = ("uuid", "username", "full_name", "native_name", "email")
    return {
        "url": link("/api/users/{}/", person.c.uuid),
        **{name: person.c[name] for name in names},
        "image": null().cast(String()),
    }


def _links() -> ColumnElement[Any]:
    found = (
        select(link("/api/users/{}/", users.c.uuid).label("link"))
        .select_from(_behind)
        .where(_is_behind)
        .order_by(_members.c.id)
        .correlate(robot_accounts)
        .subquery()
    )
    return select(json_list(in_json(found.c.link))).select_from(found).scalar_subquery()


_SHARED: Mapping[str, ColumnElement[Any]] = {
    "url": link("/api/marketplace-robot-accounts/{}/", _robots.uuid),
    **{
        name: _robots[name]
        for name in (
            "uuid", "created", "modified", "type", "username", "description", "state", "error_message",
            "keys", "fingerprints",
        )
    },
    # Providers' own systems know them by their names alone, and say what went wrong in words.
    **dict.fromkeys(("backend_id", "error_traceback"), literal("", String(), literal_execute=True)),
    "resource": link("/api/marketplace-resources/{}/", resources.c.uuid),
}  # fmt: skip
_source = (
    robot_accounts.join(resources, resources.c.id == _robots.resource_id)
    .join(offerings, offerings.c.id == resources.c.offering_id)
    .join(providers, providers.c.id == offerings.c.customer_id)
    .join(projects, projects.c.id == resources.c.project_id)
    .join(customers, customers.c.id == projects.c.customer_id)
    .outerjoin(_responsible, _responsible.c.id == _robots.responsible_user_id)
)

# What changing one answers.
ROBOT_ACCOUNT = Listing(
    RobotAccount,
    table=robot_accounts,
    source=_source,
    visible=consumed,
    columns={
        **_SHARED,
        "users": _links(),
        "responsible_user": link("/api/users/{}/", _responsible.c.uuid),
    },
    filters={"uuid": equals(_robots.uuid)},
)


def _email() -> Filter:
    rule = contains(users.c.email)
    behind = select(_members.c.robot_account_id).select_from(_behind)
    return rule._replace(clause=lambda names: _robots.id.in_(behind.where(rule.clause(names))))


ROBOT_ACCOUNTS = Listing(
    RobotAccountDetails,
    table=robot_accounts,
    source=_source,
    visible=consumed,
    columns={
        **_SHARED,
        "users": children(_basic(users), _behind, where=_is_behind, order=[_members.c.id], of=robot_accounts),
        "user_keys": children(
            {name: shape.expr for name, shape in KEYS.columns.items()},
            _behind.join(ssh_keys, ssh_keys.c.user_id == users.c.id),
            where=_is_behind,
            order=[_members.c.id, ssh_keys.c.id],
            of=robot_accounts,
        ),
        "responsible_user": sketch(
            _basic(users),
            users,
            where=users.c.id == _robots.responsible_user_id,
            order=[users.c.id],
            of=robot_accounts,
        ),
        "resource_uuid": resources.c.uuid,
        "resource_name": resources.c.name,
        "project_uuid": projects.c.uuid,
        "project_name": projects.c.name,
        "customer_uuid": customers.c.uuid,
        "customer_name": customers.c.name,
        "provider_uuid": providers.c.uuid,
        "provider_name": providers.c.name,
        "offering_plugin_options": offerings.c.plugin_options,
    },
    filters={
        "uuid": equals(_robots.uuid),
        "resource": linked(resources.c.uuid),
        "resource_uuid": equals(resources.c.uuid),
        "project_uuid": equals(projects.c.uuid),
        "customer_uuid": equals(customers.c.uuid),
        "provider_uuid": provided_by(offerings.c.customer_id),
        "responsible_user_uuid": equals(_responsible.c.uuid),
        "state": equals(_robots.state)._replace(value=lambda one: BY_NUMBER.get(one.value, one.value)),
        "type": equals(_robots.type),
        "username": contains(_robots.username),
        "user_email": _email(),
        "created": since(_robots.created),
        "created_before": until(_robots.created),
        "modified": since(_robots.modified),
        "modified_before": until(_robots.modified),
    },
    order={"created": _robots.created, "username": _robots.username},
    default_order=("created",),
)


# -- who has them with a provider --------------------------------------------------------------

_at = projects.alias("at")


def _names(table: Any, place: ColumnElement[bool], permission: P, name: str) -> Listing:
    """The places with living accounts at one provider's offerings, for those of its people who may know."""

    def at_provider(uuid: ColumnElement[Any]) -> ColumnElement[bool]:
        may = or_(access.I_SEE_ALL, access.i_hold(permission, Scope.CUSTOMER, offerings.c.customer_id))
        found = (
            select(_robots.id)
            .select_from(robot_accounts)
            .join(resources, resources.c.id == _robots.resource_id)
            .join(offerings, offerings.c.id == resources.c.offering_id)
            .join(service_providers, service_providers.c.customer_id == offerings.c.customer_id)
            .join(_at, _at.c.id == resources.c.project_id)
            .where(LIVING, place, service_providers.c.uuid == uuid, may)
        )
        return exists(found.correlate(table))

    return Listing(
        NameUuid,
        table=table,
        source=table,
        visible=lambda _kind: None,  # the path names a provider, whose condition says who sees what
        columns={"uuid": table.c.uuid, "name": table.c.name},
        filters={"provider": holds(at_provider), name: contains(table.c.name)},
        order={"name": table.c.name},
        default_order=("name",),
    )


CUSTOMERS_WITH_ROBOTS = _names(
    customers,
    _at.c.customer_id == customers.c.id,
    P.SERVICE_PROVIDER_GET_ROBOT_ACCOUNT_CUSTOMERS,
    "customer_name",
)
PROJECTS_WITH_ROBOTS = _names(
    projects, _at.c.id == projects.c.id, P.SERVICE_PROVIDER_GET_ROBOT_ACCOUNT_PROJECTS, "project_name"
)

"""How roles, grants and team members are listed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, Table, and_, case, cast, column, func, or_, select, table

from mercato.access import queries
from mercato.access.tables import grants, role_permissions, roles
from mercato.kernel.filters import contains, equals, holds, linked, since, until
from mercato.kernel.listing import Listing, omit
from mercato.kernel.wiresql import children, link
from mercato.schemas.access import Grant, Member, OfferingPermission, Role, Scope

# Columns of rooms above that these lists show.
_users = table(
    "users",
    column("id"),
    column("uuid", String()),
    column("username", String()),
    column("slug", String()),
    column("native_name", String()),
    column("email", String()),
    column("full_name", String()),
)
customers = table("customers", column("id"), column("uuid", String()), column("name", String()))
projects = table(
    "projects", column("id"), column("uuid", String()), column("name", String()), column("customer_id")
)
offerings = table(
    "offerings",
    column("id"),
    column("uuid", String()),
    column("name", String()),
    column("slug", String()),
    column("customer_id"),
)
# Under a name of its own: these lists are also asked for from inside a list of users.
users = _users.alias("people")
givers = _users.alias("givers")
_at = grants.c


def _everybody(_kind: str) -> ColumnElement[bool] | None:
    return None


def _permission_names() -> ColumnElement[Any]:
    from mercato.kernel.wiresql import json_list

    rows = (
        select(role_permissions.c.permission.label("p"))
        .where(role_permissions.c.role_id == roles.c.id)
        .order_by(role_permissions.c.permission)
        .correlate(roles)
        .subquery()
    )
    return select(json_list(rows.c.p)).select_from(rows).scalar_subquery()


_users_count = (
    select(func.count(grants.c.user_id.distinct()))
    .where(grants.c.role_id == roles.c.id, queries.ACTIVE)
    .correlate(roles)
    .scalar_subquery()
)

ROLES = Listing(
    Role,
    table=roles,
    source=roles,
    visible=_everybody,
    columns={
        "uuid": roles.c.uuid,
        "name": roles.c.name,
        "description": roles.c.description,
        "content_type": roles.c.content_type,
        "permissions": _permission_names(),
        "is_system_role": roles.c.is_system_role,
        "is_active": roles.c.is_active,
        "users_count": _users_count,
    },
    where=roles.c.removed_at.is_(None),
    filters={
        "uuid": equals(roles.c.uuid),
        "name": contains(roles.c.name),
        "description": contains(roles.c.description),
        "content_type": equals(roles.c.content_type),
        "is_active": equals(roles.c.is_active),
        "is_system_role": equals(roles.c.is_system_role),
        "query": contains(roles.c.name, roles.c.description),
    },
    order={
        "name": roles.c.name,
        "is_active": roles.c.is_active,
        "scope": roles.c.content_type,
        "users_count": _users_count,
    },
)

_scope_customer = case(
    (_at.scope_type == Scope.CUSTOMER.value, _at.scope_id),
    (_at.scope_type == Scope.PROJECT.value, projects.c.customer_id),
    else_=offerings.c.customer_id,
)
_members = (
    grants.join(users, users.c.id == _at.user_id)
    .join(roles, roles.c.id == _at.role_id)
    .outerjoin(givers, givers.c.id == _at.created_by_id)
)
_placed = (
    _members.outerjoin(projects, and_(_at.scope_type == Scope.PROJECT.value, projects.c.id == _at.scope_id))
    .outerjoin(offerings, and_(_at.scope_type == Scope.OFFERING.value, offerings.c.id == _at.scope_id))
    .outerjoin(customers, customers.c.id == _scope_customer)
)


def members_of(scope: Scope, owner: Table) -> Listing:
    """The team of one kind of scope; `scope` filters by the owner's uuid."""
    return Listing(
        Member,
        table=grants,
        source=_members,
        visible=_everybody,  # the route first asks whether the scope itself is visible
        where=and_(_at.scope_type == scope.value, queries.ACTIVE),
        columns={
            "uuid": _at.uuid,
            "created": _at.created,
            "expiration_time": _at.expiration_time,
            "role_name": roles.c.name,
            "role_uuid": roles.c.uuid,
            "user_email": users.c.email,
            "user_full_name": users.c.full_name,
            "user_username": users.c.username,
            "user_uuid": users.c.uuid,
            "created_by_full_name": givers.c.full_name,
            "created_by_uuid": omit(givers.c.uuid),
        },
        filters={
            "scope": holds(
                lambda v: _at.scope_id == select(owner.c.id).where(owner.c.uuid == v).scalar_subquery()
            ),
            "role": holds(lambda v: or_(roles.c.uuid == v, roles.c.name == v)),
            "user": equals(users.c.uuid),
            "username": contains(users.c.username),
            "search_string": contains(users.c.full_name, users.c.email, users.c.username),
        },
        order={
            "created": _at.created,
            "role_name": roles.c.name,
            "full_name": users.c.full_name,
            "username": users.c.username,
            "expiration_time": _at.expiration_time,
        },
        default_order=("role_name", "full_name"),
    )


def _grants_visible(kind: str) -> ColumnElement[bool] | None:
    if kind == queries.EVERYTHING:
        return None
    return or_(
        _at.user_id == queries.ME,
        queries.in_customer(_scope_customer),
        and_(_at.scope_type == Scope.PROJECT.value, _at.scope_id.in_(queries.granted(Scope.PROJECT))),
    )


_scope_uuid = case(
    (_at.scope_type == Scope.CUSTOMER.value, customers.c.uuid),
    (_at.scope_type == Scope.PROJECT.value, projects.c.uuid),
    else_=offerings.c.uuid,
)
_scope_name = case(
    (_at.scope_type == Scope.CUSTOMER.value, customers.c.name),
    (_at.scope_type == Scope.PROJECT.value, projects.c.name),
    else_=offerings.c.name,
)

GRANTS = Listing(
    Grant,
    table=grants,
    source=_placed,
    visible=_grants_visible,
    where=queries.ACTIVE,
    columns={
        "uuid": _at.uuid,
        "created": _at.created,
        "expiration_time": _at.expiration_time,
        "is_active": _at.is_active,
        "user_uuid": users.c.uuid,
        "user_name": users.c.full_name,
        "user_slug": users.c.slug,
        "user_username": users.c.username,
        "user_email": users.c.email,
        "role_name": roles.c.name,
        "role_description": roles.c.description,
        "role_uuid": roles.c.uuid,
        "scope_type": _at.scope_type,
        "scope_uuid": _scope_uuid,
        "scope_name": _scope_name,
        "customer_uuid": omit(customers.c.uuid),
        "customer_name": customers.c.name,
        "created_by_full_name": givers.c.full_name,
        "created_by_username": givers.c.username,
    },
    filters={
        "uuid": equals(_at.uuid),
        "user": equals(users.c.uuid),
        "user_uuid": equals(users.c.uuid),
        "username": contains(users.c.username),
        "scope_type": equals(_at.scope_type),
        "scope_uuid": equals(_scope_uuid),
        "role_name": equals(roles.c.name),
        "role_uuid": equals(roles.c.uuid),
    },
    order={"created": _at.created, "role_name": roles.c.name},
    default_order=("created",),
)


_person = {name: users.c[name] for name in ("full_name", "native_name", "username", "email")}


def _on_offerings(path: str, *where: ColumnElement[bool]) -> Listing:
    """Roles in offerings, under the path."""
    return Listing(
        OfferingPermission,
        table=grants,
        source=_placed,
        visible=_grants_visible,
        where=and_(_at.scope_type == Scope.OFFERING.value, *where),
        columns={
            "url": link(path + "{}/", cast(_at.id, String())),
            "pk": _at.id,
            "created": _at.created,
            "expiration_time": _at.expiration_time,
            "created_by": link("/api/users/{}/", givers.c.uuid),
            "offering": link("/api/marketplace-provider-offerings/{}/", offerings.c.uuid),
            "offering_uuid": offerings.c.uuid,
            "offering_slug": offerings.c.slug,
            "offering_name": offerings.c.name,
            "role": link("/api/roles/{}/", roles.c.uuid),
            "role_name": roles.c.name,
            "user": link("/api/users/{}/", users.c.uuid),
            "user_uuid": users.c.uuid,
            **{f"user_{name}": column for name, column in _person.items()},
        },
        filters={
            "id": equals(_at.id)._replace(value=lambda text: int(text) if str(text).isdecimal() else 0),
            "user": equals(users.c.uuid),
            "user_url": linked(users.c.uuid),
            "user_slug": equals(users.c.slug),
            **{name: contains(_person[name]) for name in ("full_name", "native_name", "username")},
            "offering": equals(offerings.c.uuid),
            "scope_uuid": equals(offerings.c.uuid),
            "scope_name": contains(offerings.c.name),
            "scope_type": equals(_at.scope_type),
            "customer": equals(customers.c.uuid),
            "customer_uuid": equals(customers.c.uuid),
            "role_name": contains(roles.c.name),
            "role_uuid": equals(roles.c.uuid),
            "is_active": equals(_at.is_active),
            "created": since(_at.created),
            "created_before": until(_at.created),
        },
        order={
            "created": _at.created,
            "expiration_time": _at.expiration_time,
            "role": roles.c.name,
            **{name: _person[name] for name in ("email", "full_name", "native_name", "username")},
        },
        default_order=("created",),
    )


OFFERING_GRANTS = _on_offerings("/api/marketplace-offering-permissions/", queries.ACTIVE)
OFFERING_GRANTS_EVER = _on_offerings("/api/marketplace-offering-permissions-log/")


def my_permissions(of: Any) -> ColumnElement[Any]:
    """A person's own roles as a JSON array, for `users/me`."""
    return children(
        {
            "uuid": _at.uuid,
            "created": _at.created,
            "expiration_time": _at.expiration_time,
            "user_uuid": users.c.uuid,
            "role_name": roles.c.name,
            "role_uuid": roles.c.uuid,
            "role_description": roles.c.description,
            "scope_type": _at.scope_type,
            "scope_uuid": _scope_uuid,
            "scope_name": _scope_name,
            "customer_uuid": customers.c.uuid,
            "customer_name": customers.c.name,
        },
        _placed,
        where=and_(_at.user_id == of.c.id, queries.ACTIVE),
        order=[_at.scope_type, _at.id],
        of=of,
    )

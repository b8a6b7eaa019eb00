"""An organization's people, with their roles in it and in its projects: one SELECT."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, and_, bindparam, exists, func, or_, select

from mercato.access import queries as access
from mercato.access.tables import grants, roles
from mercato.identity.tables import users
from mercato.kernel.filters import Filter, contains, equals
from mercato.kernel.listing import Listing
from mercato.kernel.wiresql import json_list, json_object, link
from mercato.schemas.access import Scope
from mercato.schemas.organizations import CustomerUser
from mercato.tenants.tables import customers, projects

_own = grants.alias("own_roles")
_role = roles.alias("own_role")
_inside = grants.alias("project_roles")
_inside_role = roles.alias("project_role")
_living = projects.c.removed_at.is_(None)

_in_organization = and_(
    _own.c.user_id == users.c.id,
    _own.c.scope_type == Scope.CUSTOMER.value,
    _own.c.scope_id == customers.c.id,
    access.active(_own),
)
_in_projects = and_(
    _inside.c.user_id == users.c.id,
    _inside.c.scope_type == Scope.PROJECT.value,
    _inside.c.scope_id == projects.c.id,
    projects.c.customer_id == customers.c.id,
    _living,
    access.active(_inside),
)


def _i_see_it(projects_of: Any) -> ColumnElement[bool]:
    """The organization's own people see all of it; who is in a project only, what is in that project."""
    return or_(
        access.I_SEE_ALL,
        access.in_customer(projects_of.c.customer_id),
        projects_of.c.id.in_(access.granted(Scope.PROJECT)),
    )


def _there(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """There are roles of the current person in the current organization for which this holds."""
    return exists().where(condition).correlate(users, customers)


def _projects() -> ColumnElement[Any]:
    """The person's projects in the organization, as far as the caller sees them, with the roles in them."""
    fields = {
        "url": link("/api/projects/{}/", projects.c.uuid),
        "uuid": projects.c.uuid,
        "name": projects.c.name,
        "role_name": _inside_role.c.name,
        "expiration_time": _inside.c.expiration_time,
    }
    rows = (
        select(*(expr.label(name) for name, expr in fields.items()))
        .select_from(
            projects.join(_inside, _inside.c.scope_id == projects.c.id).join(
                _inside_role, _inside_role.c.id == _inside.c.role_id
            )
        )
        .where(_in_projects, _i_see_it(projects))
        .order_by(projects.c.name, _inside.c.id)
        .correlate(users, customers)
        .subquery()
    )
    document = json_object({name: rows.c[name] for name in fields})
    return select(json_list(document)).select_from(rows).scalar_subquery()


def _visible(kind: str) -> ColumnElement[bool] | None:
    if kind == access.EVERYTHING:
        return None
    mates = _there(and_(_in_projects, projects.c.id.in_(access.granted(Scope.PROJECT))))
    return or_(access.in_customer(customers.c.id), mates)


def _first_role(column_: ColumnElement[Any]) -> ColumnElement[Any]:
    """Of the role that somebody has held longest in the organization itself."""
    found = (
        select(column_).select_from(_own.join(_role, _role.c.id == _own.c.role_id)).where(_in_organization)
    )
    return found.order_by(_own.c.id).limit(1).correlate(users, customers).scalar_subquery()


def _named(condition: ColumnElement[bool], rows: Any, role: Any) -> Filter:
    """Holds a role with this name or uuid there."""

    def clause(names: Any) -> ColumnElement[bool]:
        wanted = [bindparam(name, None, type_=String()) for name in names]
        here = and_(condition, rows.c.role_id == role.c.id)
        return _there(and_(here, or_(role.c.name.in_(wanted), role.c.uuid.in_(wanted))))

    return Filter(clause)


PEOPLE = Listing(
    CustomerUser,
    table=users,
    # Whoever belongs to several organizations stands once for each; the path says which is meant.
    source=users.join(customers, or_(_there(_in_organization), _there(_in_projects))),
    many=True,
    visible=_visible,
    where=users.c.removed_at.is_(None),
    columns={
        "url": link("/api/users/{}/", users.c.uuid),
        "uuid": users.c.uuid,
        "username": users.c.username,
        "full_name": users.c.full_name,
        "email": users.c.email,
        "role_name": _first_role(_role.c.name),
        "expiration_time": _first_role(_own.c.expiration_time),
        "projects": _projects(),
        "image": func.nullif("", "", type_=String()),
    },
    filters={
        "customer": equals(customers.c.uuid),
        "uuid": equals(users.c.uuid),
        "username": contains(users.c.username),
        "full_name": contains(users.c.full_name),
        "native_name": contains(users.c.native_name),
        "email": contains(users.c.email),
        "organization": contains(users.c.organization),
        "job_title": contains(users.c.job_title),
        "phone_number": contains(users.c.phone_number),
        "registration_method": equals(users.c.registration_method),
        "user_keyword": contains(users.c.full_name, users.c.native_name, users.c.username, users.c.email),
        "is_active": equals(users.c.is_active),
        "organization_role": _named(_in_organization, _own, _role),
        "project_role": _named(_in_projects, _inside, _inside_role),
    },
    order={
        "concatenated_name": users.c.full_name,
        "full_name": users.c.full_name,
        "username": users.c.username,
        "email": users.c.email,
    },
    default_order=("concatenated_name",),
)

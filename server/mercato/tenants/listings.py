"""How organizations and projects are listed: one SELECT each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    String,
    and_,
    bindparam,
    case,
    column,
    func,
    literal,
    or_,
    select,
    table,
    true,
)

from mercato.access import queries as access
from mercato.access.tables import grants, roles
from mercato.identity.tables import users
from mercato.kernel.filters import Filter, contains, equals, holds, since, until, whether
from mercato.kernel.listing import Listing, Shape, converted, omit
from mercato.kernel.wiresql import link
from mercato.schemas.access import RoleName, Scope
from mercato.schemas.countries import COUNTRIES
from mercato.schemas.permissions import Permission as P
from mercato.schemas.tenants import Customer, Project
from mercato.tenants.estimates import customer_estimate, project_estimate
from mercato.tenants.fos import label
from mercato.tenants.group_listings import groups_of
from mercato.tenants.queries import IS_PROVIDER
from mercato.tenants.tables import (
    customer_groups,
    customers,
    organization_groups,
    project_types,
    projects,
    science_domains,
    science_sub_domains,
    service_providers,
)

# Rooms above count here; only these of their columns matter.
_resources = table("resources", column("id"), column("project_id"), column("state"))
_networks = table(
    "access_subnets", column("customer_id"), column("inet", String()), column("applies_to_portal", Boolean())
)
# Who asked for a project's end; under a name of its own, since lists of people ask for projects.
_asker = users.alias("end_date_asker")


def _sees_customers(kind: str) -> ColumnElement[bool] | None:
    return None if kind == access.EVERYTHING else access.sees_customer(customers.c.id)


def _sees_projects(kind: str) -> ColumnElement[bool] | None:
    return None if kind == access.EVERYTHING else access.sees_project(projects.c.id, projects.c.customer_id)


def _people_of(scope: Scope, scope_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(grants.c.scope_type == scope.value, grants.c.scope_id == scope_id)


def _users_count() -> ColumnElement[Any]:
    mine = select(projects.c.id).where(projects.c.customer_id == customers.c.id).correlate(customers)
    return (
        select(func.count(grants.c.user_id.distinct()))
        .where(
            access.ACTIVE,
            or_(
                _people_of(Scope.CUSTOMER, customers.c.id),
                and_(grants.c.scope_type == Scope.PROJECT.value, grants.c.scope_id.in_(mine)),
            ),
        )
        .correlate(customers)
        .scalar_subquery()
    )


def _portal_networks() -> ColumnElement[Any]:
    """From where people may sign in for the organization: networks with commas between; empty for anywhere."""
    rows = (
        select(_networks.c.inet)
        .where(_networks.c.customer_id == customers.c.id, _networks.c.applies_to_portal)
        .order_by(_networks.c.inet)
        .correlate(customers)
        .subquery()
    )
    together = func.aggregate_strings(rows.c.inet, ",")
    return func.coalesce(select(together).select_from(rows).scalar_subquery(), "")


def running(customer: Any) -> ColumnElement[bool]:
    """Accounting has begun for the organization."""
    start = customer.c.accounting_start_date
    return or_(start.is_(None), start <= access.NOW)


def my_role(scope: Scope, place: ColumnElement[Any]) -> Filter:
    """I hold a role of this name there."""
    mine = select(grants.c.scope_id).join(roles, roles.c.id == grants.c.role_id)
    here = mine.where(grants.c.user_id == access.ME, grants.c.scope_type == scope.value, access.ACTIVE)

    def clause(names: Any) -> ColumnElement[bool]:
        wanted = [bindparam(name, None, type_=String()) for name in names]
        return place.in_(here.where(or_(roles.c.name.in_(wanted), roles.c.uuid.in_(wanted))))

    return Filter(clause)


def _i_am(scope: Scope, place: ColumnElement[Any], *names: RoleName) -> ColumnElement[bool]:
    mine = (
        select(grants.c.scope_id)
        .join(roles, roles.c.id == grants.c.role_id)
        .where(grants.c.user_id == access.ME, grants.c.scope_type == scope.value, access.ACTIVE)
    )
    return place.in_(mine.where(roles.c.name.in_([name.value for name in names])))


def connected(user: ColumnElement[Any]) -> ColumnElement[bool]:
    """The organization has this person (by uuid) in it or in a project."""
    inside = select(projects.c.customer_id).where(
        projects.c.id.in_(access.granted_to(Scope.PROJECT, uuid=user)), projects.c.removed_at.is_(None)
    )
    return or_(customers.c.id.in_(access.granted_to(Scope.CUSTOMER, uuid=user)), customers.c.id.in_(inside))


def _in_group(column_: ColumnElement[Any], rule: Any) -> Filter:
    """Organizations of a group that the rule finds by this column."""
    found = rule(column_)

    def clause(names: Any) -> ColumnElement[bool]:
        rows = customer_groups.join(
            organization_groups, organization_groups.c.id == customer_groups.c.group_id
        )
        mine = select(customer_groups.c.customer_id).select_from(rows).where(found.clause(names))
        return customers.c.id.in_(mine)

    return Filter(clause, found.value, found.spellings)


_PLAIN = (
    "uuid", "created", "name", "native_name", "abbreviation", "slug", "description", "contact_details", "email",
    "phone_number", "homepage", "registration_code", "vat_code", "agreement_number", "address", "city", "postal",
    "bank_name", "bank_account", "backend_id", "domain", "blocked", "archived", "default_tax_percent",
    "time_zone", "notification_emails", "state", "parish", "street", "house_nr", "apartment_nr", "household",
    "latitude", "longitude", "sponsor_number", "display_billing_info_in_projects",
)  # fmt: skip

_customer_columns: dict[str, ColumnElement[Any] | Shape] = {
    "url": link("/api/customers/{}/", customers.c.uuid),
    **{name: customers.c[name] for name in _PLAIN},
    "display_name": case(
        (customers.c.native_name == literal("", literal_execute=True), customers.c.name),
        else_=customers.c.name + " (" + customers.c.native_name + ")",
    ),
    "country_name": converted(customers.c.country, lambda code: COUNTRIES.get(code, "")),
    "image": case((customers.c.image_id.is_not(None), link("/api/customers/{}/image/", customers.c.uuid))),
    "access_subnets": _portal_networks(),
    "organization_groups": groups_of(customer_groups, customer_groups.c.customer_id, customers),
    "billing_price_estimate": customer_estimate(),
    "country": omit(func.nullif(customers.c.country, literal("", literal_execute=True))),
    "accounting_start_date": omit(customers.c.accounting_start_date),
    "projects_count": select(func.count())
    .select_from(projects)
    .where(projects.c.customer_id == customers.c.id, projects.c.removed_at.is_(None))
    .correlate(customers)
    .scalar_subquery(),
    "users_count": _users_count(),
    "is_service_provider": IS_PROVIDER,
    "service_provider": link("/api/marketplace-service-providers/{}/", service_providers.c.uuid),
    "service_provider_uuid": service_providers.c.uuid,
}

# What lists of organizations and reports about them can be narrowed by alike.
CUSTOMER_FILTERS = {
    "name": contains(customers.c.name),
    "name_exact": equals(customers.c.name),
    "query": contains(customers.c.name, customers.c.native_name, customers.c.abbreviation),
    "abbreviation": contains(customers.c.abbreviation),
    "native_name": contains(customers.c.native_name),
    "agreement_number": contains(customers.c.agreement_number),
    "contact_details": contains(customers.c.contact_details),
    "backend_id": equals(customers.c.backend_id),
    "registration_code": contains(customers.c.registration_code),
    "slug": equals(customers.c.slug),
    "archived": equals(customers.c.archived),
    "accounting_is_running": whether(running(customers)),
    "organization_group_name": _in_group(organization_groups.c.name, contains),
    "organization_group_uuid": _in_group(organization_groups.c.uuid, equals),
    "current_user_has_role": my_role(Scope.CUSTOMER, customers.c.id),
    "current_user_has_project_create_permission": whether(
        access.i_may(P.PROJECT_CREATE, (Scope.CUSTOMER, customers.c.id))
    ),
    "owned_by_current_user": whether(_i_am(Scope.CUSTOMER, customers.c.id, RoleName.CUSTOMER_OWNER)),
}

CUSTOMERS = Listing(
    Customer,
    table=customers,
    source=customers.outerjoin(
        service_providers,
        and_(service_providers.c.customer_id == customers.c.id, service_providers.c.removed_at.is_(None)),
    ),
    visible=_sees_customers,
    where=customers.c.removed_at.is_(None),
    columns=_customer_columns,
    filters={
        "uuid": equals(customers.c.uuid),
        "is_service_provider": whether(IS_PROVIDER),
        "service_provider_uuid": equals(service_providers.c.uuid),
        **CUSTOMER_FILTERS,
        "user_uuid": holds(connected),
    },
    order={
        "name": customers.c.name,
        "abbreviation": customers.c.abbreviation,
        "created": customers.c.created,
        "native_name": customers.c.native_name,
    },
    default_order=("name",),
)


def _sees_every_project(kind: str) -> ColumnElement[bool] | None:
    if kind == access.EVERYTHING:
        return None
    mine = access.sees_project(projects.c.id, projects.c.customer_id)
    return and_(mine, or_(_LIVING, access.in_customer(projects.c.customer_id)))


def _not_finished(names: Any) -> ColumnElement[bool]:
    """Asked for with true: without projects whose end date has been acted on."""
    return or_(projects.c.ended_at.is_(None), ~bindparam(names[0], None, type_=Boolean()))


_LIVING = projects.c.removed_at.is_(None)
_PROJECT: dict[str, Any] = {
    "table": projects,
    "source": projects.join(customers, customers.c.id == projects.c.customer_id)
    .outerjoin(project_types, project_types.c.id == projects.c.type_id)
    .outerjoin(_asker, _asker.c.id == projects.c.end_date_requested_by_id)
    .outerjoin(science_sub_domains, science_sub_domains.c.id == projects.c.science_sub_domain_id)
    .outerjoin(science_domains, science_domains.c.id == science_sub_domains.c.domain_id),
    "columns": {
        "url": link("/api/projects/{}/", projects.c.uuid),
        **{
            name: projects.c[name]
            for name in (
                "uuid", "name", "slug", "description", "created", "start_date", "end_date", "backend_id",
                "is_industry", "oecd_fos_2007_code", "kind",
            )
        },
        "oecd_fos_2007_label": converted(projects.c.oecd_fos_2007_code, label),
        "science_sub_domain": science_sub_domains.c.uuid,
        "science_sub_domain_name": func.coalesce(science_sub_domains.c.name, ""),
        "science_sub_domain_code": func.coalesce(science_sub_domains.c.code, ""),
        "science_domain_uuid": omit(science_domains.c.uuid),
        "science_domain_name": func.coalesce(science_domains.c.name, ""),
        "science_domain_code": func.coalesce(science_domains.c.code, ""),
        "customer": link("/api/customers/{}/", customers.c.uuid),
        "customer_uuid": customers.c.uuid,
        "customer_name": customers.c.name,
        "customer_slug": customers.c.slug,
        "customer_native_name": customers.c.native_name,
        "customer_abbreviation": customers.c.abbreviation,
        "customer_display_billing_info_in_projects": customers.c.display_billing_info_in_projects,
        "type": link("/api/project-types/{}/", project_types.c.uuid),
        "type_name": project_types.c.name,
        "type_uuid": project_types.c.uuid,
        "end_date_requested_by": link("/api/users/{}/", _asker.c.uuid),
        "end_date_updated_at": projects.c.end_date_updated_at,
        "image": case((projects.c.image_id.is_not(None), link("/api/projects/{}/image/", projects.c.uuid))),
        # What staff write down is for staff and support.
        "staff_notes": omit(case((access.I_SEE_ALL, projects.c.staff_notes))),
        "is_removed": projects.c.removed_at.is_not(None),
        "billing_price_estimate": project_estimate(),
        "resources_count": select(func.count())
        .select_from(_resources)
        .where(_resources.c.project_id == projects.c.id, _resources.c.state != literal("Terminated"))
        .correlate(projects)
        .scalar_subquery(),
    },
    "filters": {
        "uuid": equals(projects.c.uuid),
        "name": contains(projects.c.name),
        "name_exact": equals(projects.c.name),
        "query": contains(projects.c.name, projects.c.description, projects.c.slug),
        "description": contains(projects.c.description),
        "customer": equals(customers.c.uuid),
        "customer_uuid": equals(customers.c.uuid),
        "customer_name": contains(customers.c.name),
        "customer_native_name": contains(customers.c.native_name),
        "customer_abbreviation": contains(customers.c.abbreviation),
        "science_domain_uuid": equals(science_domains.c.uuid),
        "science_sub_domain_uuid": equals(science_sub_domains.c.uuid),
        "created": since(projects.c.created),
        "created_before": until(projects.c.created),
        "backend_id": equals(projects.c.backend_id),
        "slug": equals(projects.c.slug),
        "include_terminated": holds(lambda _all: true()),
        "is_removed": whether(projects.c.removed_at.is_not(None)),
        "conceal_finished_projects": Filter(_not_finished),
        "accounting_is_running": whether(running(customers)),
        "current_user_has_role": my_role(Scope.PROJECT, projects.c.id),
        "can_admin": whether(_i_am(Scope.PROJECT, projects.c.id, RoleName.PROJECT_ADMIN)),
        "can_manage": whether(
            or_(
                _i_am(Scope.PROJECT, projects.c.id, RoleName.PROJECT_MANAGER),
                _i_am(Scope.CUSTOMER, projects.c.customer_id, RoleName.CUSTOMER_OWNER),
            )
        ),
        "user_uuid": holds(lambda user: projects.c.id.in_(access.granted_to(Scope.PROJECT, uuid=user))),
    },
    "order": {
        "name": projects.c.name,
        "created": projects.c.created,
        "start_date": projects.c.start_date,
        "end_date": projects.c.end_date,
        "customer_name": customers.c.name,
    },
    "default_order": ("name",),
}  # fmt: skip

PROJECTS = Listing(Project, visible=_sees_projects, where=_LIVING, **_PROJECT)
# With those that were removed, for people of their organization.
EVERY_PROJECT = Listing(Project, visible=_sees_every_project, **_PROJECT)

"""Presets: one JSON document with a whole marketplace, as Waldur's demo presets have it.

Given UUIDs and token keys are kept. Loading twice changes nothing. A bad row is named and nothing is loaded.
Unknown keys are ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import insert, update

from mercato.catalog import pricing, taxonomy
from mercato.catalog import queries as catalog
from mercato.catalog import service as offerings
from mercato.catalog.tables import categories, category_groups, components, plans
from mercato.catalog.tables import offerings as offering_table
from mercato.commands import preset_people as people
from mercato.commands.preset_finding import hexed, number, there
from mercato.commands.preset_rows import (
    STATES,
    Preset,
    PresetCategory,
    PresetComponent,
    PresetCustomer,
    PresetOffering,
    PresetPlan,
    PresetProject,
    PresetProjectType,
    PresetProvider,
    PresetSubnet,
)
from mercato.kernel.db import Tx
from mercato.kernel.errors import Invalid, MercatoError
from mercato.networks import service as networks
from mercato.networks.tables import access_subnets
from mercato.orders.schedule import SYSTEM
from mercato.schemas.catalog import BillingType, LimitPeriod, NewComponent, NewOffering, Options
from mercato.schemas.networks import NewAccessSubnet
from mercato.schemas.plans import NewPlan, Unit
from mercato.schemas.project_acts import NewProjectType
from mercato.schemas.providers import NewServiceProvider
from mercato.schemas.taxonomy import NewCategory
from mercato.schemas.tenants import NewCustomer, NewProject
from mercato.tenants import project_types, providers, science
from mercato.tenants import service as founding
from mercato.tenants.tables import customers, projects, service_providers
from mercato.tenants.tables import project_types as project_type_table


def parse(document: Any) -> Preset:
    """The document as a Preset. Raises Invalid naming the row."""
    try:
        return msgspec.convert(document, Preset, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid(f"The preset is not valid: {error}", code="bad_preset") from error


def load(tx: Tx, preset: Preset, *, default_zone: str = "UTC") -> dict[str, int]:
    """Load every row that is not there yet; how many of each kind were new. Raises Invalid naming the row.

    `default_zone` is for organizations that name none.
    """
    made: dict[str, int] = {}
    for customer in preset.customers:
        customer.time_zone = customer.time_zone or default_zone

    def each(name: str, rows: list[Any], one: Callable[[Tx, Any], bool]) -> None:
        for place, row in enumerate(rows, 1):
            try:
                made[name] = made.get(name, 0) + one(tx, row)
            except (MercatoError, ValueError, KeyError, msgspec.ValidationError) as error:
                raise Invalid(f"{name}, row {place}: {error}", code="bad_preset") from error

    each("users", preset.users, people.load_user)
    each("auth_tokens", preset.auth_tokens, people.load_token)
    each("personal_access_tokens", preset.personal_access_tokens, people.load_personal_token)
    each("ssh_keys", preset.ssh_keys, people.load_key)
    each("roles", preset.roles, people.load_role)
    each("customers", preset.customers, _customer)
    each("project_types", preset.project_types, _project_type)
    each("projects", preset.projects, _project)
    each("access_subnets", preset.access_subnets, _subnet)
    each("category_groups", preset.category_groups, _group)
    each("categories", preset.categories, _category)
    each("service_providers", preset.service_providers, _provider)
    each("offerings", preset.offerings, _offering)
    each("offering_components", preset.offering_components, _component)
    each("offering_components", preset.offering_components, _overage)
    each("plans", preset.plans, _plan)
    each("plan_components", preset.plan_components, _price)
    each("offerings", preset.offerings, _state)
    each("user_roles", preset.user_roles, people.load_grant)
    each("user_attribute_configs", preset.user_attribute_configs, people.load_exposure)
    each("offering_users", preset.offering_users, people.load_account)
    each("project_service_accounts", preset.project_service_accounts, people.load_service_account)
    each("course_accounts", preset.course_accounts, people.load_course_account)
    return made


def _customer(tx: Tx, row: PresetCustomer) -> bool:
    uuid = hexed(row.uuid, "customer")
    if there(tx, customers, uuid):
        return False
    names = {f.name for f in msgspec.structs.fields(NewCustomer)}
    values = {k: v for k, v in msgspec.structs.asdict(row).items() if k in names}
    founding.create_customer(tx, NewCustomer(**values), uuid=uuid)
    return True


def _project(tx: Tx, row: PresetProject) -> bool:
    uuid = hexed(row.uuid, "project")
    if there(tx, projects, uuid):
        return False
    new = NewProject(
        name=row.name,
        customer=row.customer_uuid,
        description=row.description,
        start_date=date.fromisoformat(row.start_date) if row.start_date else None,
        end_date=date.fromisoformat(row.end_date) if row.end_date else None,
        backend_id=row.backend_id,
        kind=row.kind,
        type=row.type_uuid,
        is_industry=row.is_industry,
        oecd_fos_2007_code=row.oecd_fos_2007_code,
        staff_notes=row.staff_notes,
        science_sub_domain=science.named(tx.conn, row.science_sub_domain),
    )
    founding.create_project(tx, SYSTEM, new, uuid=uuid)
    return True


def _project_type(tx: Tx, row: PresetProjectType) -> bool:
    uuid = hexed(row.uuid, "project type")
    if there(tx, project_type_table, uuid):
        return False
    project_types.create(tx, NewProjectType(name=row.name, description=row.description), uuid=uuid)
    return True


def _subnet(tx: Tx, row: PresetSubnet) -> bool:
    uuid = hexed(row.uuid, "network")
    if there(tx, access_subnets, uuid):
        return False
    new = NewAccessSubnet(
        inet=row.inet,
        customer=row.customer_uuid,
        description=row.description,
        applies_to_portal=row.applies_to_portal,
    )
    networks.create(tx, SYSTEM, new, address="", uuid=uuid)
    return True


def _group(tx: Tx, row: PresetCategory) -> bool:
    uuid = hexed(row.uuid, "category group")
    if there(tx, category_groups, uuid):
        return False
    values = {"uuid": uuid, "title": row.title, "description": row.description}
    tx.conn.execute(insert(category_groups), values)
    return True


def _category(tx: Tx, row: PresetCategory) -> bool:
    uuid = hexed(row.uuid, "category")
    if there(tx, categories, uuid):
        return False
    new = NewCategory(title=row.title, description=row.description, icon=row.icon)
    taxonomy.create_category(tx, new, uuid=uuid)
    if row.group_uuid:
        group = number(tx, category_groups, row.group_uuid, "category group")
        tx.conn.execute(update(categories).where(categories.c.uuid == uuid), {"group_id": group})
    return True


def _provider(tx: Tx, row: PresetProvider) -> bool:
    uuid = hexed(row.uuid, "service provider")
    if there(tx, service_providers, uuid):
        return False
    new = NewServiceProvider(customer=row.customer_uuid, description=row.description)
    providers.register(tx, SYSTEM, new, uuid=uuid)
    return True


def _offering(tx: Tx, row: PresetOffering) -> bool:
    uuid = hexed(row.uuid, "offering")
    if there(tx, offering_table, uuid):
        return False
    names = {f.name for f in msgspec.structs.fields(NewOffering)}
    values = {k: v for k, v in msgspec.structs.asdict(row).items() if k in names and v is not None}
    values |= {
        "category": row.category_uuid,
        "customer": row.customer_uuid,
        "project": row.project_uuid,
        "options": msgspec.convert(row.options, Options) if row.options else None,
        "resource_options": msgspec.convert(row.resource_options, Options) if row.resource_options else None,
    }
    offerings.create_offering(tx, SYSTEM, NewOffering(**values), uuid=uuid)
    return True


def _state(tx: Tx, row: PresetOffering) -> bool:
    """Offerings get their state last, when their plans are there; a state that people changed since is kept."""
    found = catalog.offering_row(tx.conn, hexed(row.uuid, "offering"))
    wanted = STATES[row.state]
    if found is not None and found.created == tx.now and found.state != wanted.value:
        offerings.set_state(tx, found, wanted)
    return False


def _component(tx: Tx, row: PresetComponent) -> bool:
    uuid = hexed(row.uuid, "component")
    if there(tx, components, uuid):
        return False
    offering = number(tx, offering_table, row.offering_uuid, "offering")
    names = {f.name for f in msgspec.structs.fields(NewComponent)}
    values = {k: v for k, v in msgspec.structs.asdict(row).items() if k in names}
    values["billing_type"] = BillingType(row.billing_type)
    values["limit_period"] = LimitPeriod(row.limit_period) if row.limit_period else None
    pricing.add_components(tx, offering, [NewComponent(**values)], [uuid])
    return True


def _overage(tx: Tx, row: PresetComponent) -> bool:
    if not row.overage_component_uuid:
        return False
    target = number(tx, components, row.overage_component_uuid, "component")
    mine = components.c.uuid == hexed(row.uuid, "component")
    tx.conn.execute(update(components).where(mine), {"overage_component_id": target})
    return False


def _plan(tx: Tx, row: PresetPlan) -> bool:
    uuid = hexed(row.uuid, "plan")
    if there(tx, plans, uuid):
        return False
    offering = number(tx, offering_table, row.offering_uuid, "offering")
    new = NewPlan(
        name=row.name,
        description=row.description,
        unit=Unit(row.unit),
        article_code=row.article_code,
        max_amount=row.max_amount,
        backend_id=row.backend_id,
    )
    pricing.insert_plan(tx, offering, new, uuid=uuid)
    if row.archived:
        tx.conn.execute(update(plans).where(plans.c.uuid == uuid), {"archived": True})
    return True


def _price(tx: Tx, row: Any) -> bool:
    plan = catalog.plan_row(tx.conn, hexed(row.plan_uuid, "plan"))
    if plan is None:
        raise ValueError(f"there is no plan {row.plan_uuid}")
    if plan.created != tx.now:
        return False  # the plan was there before: its prices are people's by now
    mine = {c.uuid: c for c in catalog.components_of(tx.conn, plan.offering_id)}
    component = mine.get(hexed(row.component_uuid, "component")) if row.component_uuid else None
    type_ = component.type if component else row.component_type
    fixed = any(c.type == type_ and c.billing_type == "fixed" for c in mine.values())
    quotas = {type_: int(row.amount)} if fixed and row.amount is not None else {}
    pricing.set_prices(tx, plan, {type_: row.price}, quotas)
    return True

"""Presets: one JSON document with a whole marketplace, as Waldur's demo presets have it.

Given UUIDs and token keys are kept. Loading twice changes nothing. A bad row is named and nothing is loaded.
Unknown keys are ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import insert, select, update

from mercato.access import queries as access
from mercato.access import service as roles
from mercato.access.tables import grants
from mercato.accounts.tables import offering_users
from mercato.catalog import pricing
from mercato.catalog import queries as catalog
from mercato.catalog import service as offerings
from mercato.catalog.tables import categories, category_groups, components, plans
from mercato.catalog.tables import offerings as offering_table
from mercato.commands.preset_rows import (
    SCOPES,
    STATES,
    AuthToken,
    Preset,
    PresetCategory,
    PresetComponent,
    PresetCustomer,
    PresetOffering,
    PresetPlan,
    PresetProject,
    PresetProvider,
    PresetRole,
    PresetUser,
)
from mercato.identity import service as identity
from mercato.identity.tables import tokens, users
from mercato.kernel.crypto import hash_password
from mercato.kernel.db import Tx
from mercato.kernel.errors import Invalid, MercatoError
from mercato.kernel.ids import as_hex, key_hash, new_uuid
from mercato.orders.schedule import SYSTEM
from mercato.schemas.catalog import BillingType, LimitPeriod, NewCategory, NewComponent, NewOffering, Options
from mercato.schemas.identity import NewUser
from mercato.schemas.plans import NewPlan, Unit
from mercato.schemas.tenants import NewCustomer, NewProject, NewServiceProvider
from mercato.tenants import service as founding
from mercato.tenants.tables import customers, projects, service_providers


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
        for number, row in enumerate(rows, 1):
            try:
                made[name] = made.get(name, 0) + one(tx, row)
            except (MercatoError, ValueError, KeyError, msgspec.ValidationError) as error:
                raise Invalid(f"{name}, row {number}: {error}", code="bad_preset") from error

    each("users", preset.users, _user)
    each("auth_tokens", preset.auth_tokens, _token)
    each("customers", preset.customers, _customer)
    each("projects", preset.projects, _project)
    each("category_groups", preset.category_groups, _group)
    each("categories", preset.categories, _category)
    each("service_providers", preset.service_providers, _provider)
    each("offerings", preset.offerings, _offering)
    each("offering_components", preset.offering_components, _component)
    each("offering_components", preset.offering_components, _overage)
    each("plans", preset.plans, _plan)
    each("plan_components", preset.plan_components, _price)
    each("offerings", preset.offerings, _state)
    each("user_roles", preset.user_roles, _role)
    each("offering_users", preset.offering_users, _account)
    return made


def _hex(value: str, what: str) -> str:
    found = as_hex(value)
    if found is None:
        raise ValueError(f"{what} {value!r} is not a UUID")
    return found


def _there(tx: Tx, table: Any, uuid: str) -> bool:
    return tx.conn.execute(select(table.c.id).where(table.c.uuid == uuid)).first() is not None


def _id(tx: Tx, table: Any, uuid: str, what: str) -> int:
    found = tx.conn.execute(select(table.c.id).where(table.c.uuid == _hex(uuid, what))).scalar()
    if found is None:
        raise ValueError(f"there is no {what} {uuid}")
    return int(found)


def _user(tx: Tx, row: PresetUser) -> bool:
    uuid = _hex(row.uuid, "user")
    if _there(tx, users, uuid):
        return False
    new = NewUser(
        username=row.username,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        is_staff=row.is_staff,
        is_support=row.is_support,
        is_active=row.is_active,
        job_title=row.job_title,
        organization=row.organization,
    )
    identity.create_user(tx, new, uuid=uuid)
    if row.password:
        # Presets are demonstrations: their passwords are taken as given, however weak.
        values = {"password_hash": hash_password(row.password)}
        tx.conn.execute(update(users).where(users.c.uuid == uuid), values)
    return True


def _token(tx: Tx, row: AuthToken) -> bool:
    user = _id(tx, users, row.user_uuid, "user")
    if tx.conn.execute(select(tokens.c.id).where(tokens.c.key_hash == key_hash(row.key))).first():
        return False
    identity.make_token(tx, user, name="preset", keeps=True, key=row.key)
    return True


def _customer(tx: Tx, row: PresetCustomer) -> bool:
    uuid = _hex(row.uuid, "customer")
    if _there(tx, customers, uuid):
        return False
    names = {f.name for f in msgspec.structs.fields(NewCustomer)}
    values = {k: v for k, v in msgspec.structs.asdict(row).items() if k in names}
    founding.create_customer(tx, NewCustomer(**values), uuid=uuid)
    return True


def _project(tx: Tx, row: PresetProject) -> bool:
    uuid = _hex(row.uuid, "project")
    if _there(tx, projects, uuid):
        return False
    new = NewProject(
        name=row.name,
        customer=row.customer_uuid,
        description=row.description,
        start_date=date.fromisoformat(row.start_date) if row.start_date else None,
        end_date=date.fromisoformat(row.end_date) if row.end_date else None,
        backend_id=row.backend_id,
    )
    founding.create_project(tx, SYSTEM, new, uuid=uuid)
    return True


def _group(tx: Tx, row: PresetCategory) -> bool:
    uuid = _hex(row.uuid, "category group")
    if _there(tx, category_groups, uuid):
        return False
    values = {"uuid": uuid, "title": row.title, "description": row.description}
    tx.conn.execute(insert(category_groups), values)
    return True


def _category(tx: Tx, row: PresetCategory) -> bool:
    uuid = _hex(row.uuid, "category")
    if _there(tx, categories, uuid):
        return False
    new = NewCategory(title=row.title, description=row.description, icon=row.icon)
    offerings.create_category(tx, new, uuid=uuid)
    if row.group_uuid:
        group = _id(tx, category_groups, row.group_uuid, "category group")
        tx.conn.execute(update(categories).where(categories.c.uuid == uuid), {"group_id": group})
    return True


def _provider(tx: Tx, row: PresetProvider) -> bool:
    uuid = _hex(row.uuid, "service provider")
    if _there(tx, service_providers, uuid):
        return False
    new = NewServiceProvider(customer=row.customer_uuid, description=row.description)
    founding.register_provider(tx, SYSTEM, new, uuid=uuid)
    return True


def _offering(tx: Tx, row: PresetOffering) -> bool:
    uuid = _hex(row.uuid, "offering")
    if _there(tx, offering_table, uuid):
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
    found = catalog.offering_row(tx.conn, _hex(row.uuid, "offering"))
    wanted = STATES[row.state]
    if found is not None and found.created == tx.now and found.state != wanted.value:
        offerings.set_state(tx, found, wanted)
    return False


def _component(tx: Tx, row: PresetComponent) -> bool:
    uuid = _hex(row.uuid, "component")
    if _there(tx, components, uuid):
        return False
    offering = _id(tx, offering_table, row.offering_uuid, "offering")
    names = {f.name for f in msgspec.structs.fields(NewComponent)}
    values = {k: v for k, v in msgspec.structs.asdict(row).items() if k in names}
    values["billing_type"] = BillingType(row.billing_type)
    values["limit_period"] = LimitPeriod(row.limit_period) if row.limit_period else None
    pricing.add_components(tx, offering, [NewComponent(**values)], [uuid])
    return True


def _overage(tx: Tx, row: PresetComponent) -> bool:
    if not row.overage_component_uuid:
        return False
    target = _id(tx, components, row.overage_component_uuid, "component")
    mine = components.c.uuid == _hex(row.uuid, "component")
    tx.conn.execute(update(components).where(mine), {"overage_component_id": target})
    return False


def _plan(tx: Tx, row: PresetPlan) -> bool:
    uuid = _hex(row.uuid, "plan")
    if _there(tx, plans, uuid):
        return False
    offering = _id(tx, offering_table, row.offering_uuid, "offering")
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
    plan = catalog.plan_row(tx.conn, _hex(row.plan_uuid, "plan"))
    if plan is None:
        raise ValueError(f"there is no plan {row.plan_uuid}")
    if plan.created != tx.now:
        return False  # the plan was there before: its prices are people's by now
    mine = {c.uuid: c for c in catalog.components_of(tx.conn, plan.offering_id)}
    component = mine.get(_hex(row.component_uuid, "component")) if row.component_uuid else None
    type_ = component.type if component else row.component_type
    fixed = any(c.type == type_ and c.billing_type == "fixed" for c in mine.values())
    quotas = {type_: int(row.amount)} if fixed and row.amount is not None else {}
    pricing.set_prices(tx, plan, {type_: row.price}, quotas)
    return True


def _role(tx: Tx, row: PresetRole) -> bool:
    scope = SCOPES[row.scope_type]
    place = access.scope_row(tx.conn, scope, _hex(row.scope_uuid, "scope"))
    if place is None:
        raise ValueError(f"there is no {row.scope_type} {row.scope_uuid}")
    uuid = _hex(row.uuid, "role") if row.uuid else ""
    if not row.is_active or (uuid and _there(tx, grants, uuid)):
        return False
    person = roles.find_person(tx, _hex(row.user_uuid, "user"))
    role = roles.find_role(tx, row.role_name, scope)
    if access.has_role(tx.conn, person.id, scope, place.id, tx.now, row.role_name):
        return False
    roles.give(tx, person, role, place, until=row.expiration_time, uuid=uuid)
    return True


def _account(tx: Tx, row: Any) -> bool:
    uuid = _hex(row.uuid, "offering user") if row.uuid else new_uuid()
    offering = _id(tx, offering_table, row.offering_uuid, "offering")
    user = _id(tx, users, row.user_uuid, "user")
    mine = (offering_users.c.offering_id == offering) & (offering_users.c.user_id == user)
    if tx.conn.execute(select(offering_users.c.id).where(mine)).first() is not None:
        return False
    values = {
        "uuid": uuid,
        "created": tx.now,
        "modified": tx.now,
        "offering_id": offering,
        "user_id": user,
        "username": row.username or "",
        "state": "OK" if row.username else "Requested",
        "is_restricted": row.is_restricted,
    }
    tx.conn.execute(insert(offering_users), values)
    return True

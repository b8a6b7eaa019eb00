"""Founding, changing and closing organizations and projects; becoming a provider."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import insert, select, update

from mercato.access import queries as access
from mercato.access import service as roles
from mercato.access.rules import Actor
from mercato.files import service as files
from mercato.kernel import clock
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, Forbidden, Invalid, NotFound, invalid
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.kernel.slugs import take_slug
from mercato.schemas.access import Scope
from mercato.schemas.facts import CustomerChanged, ProjectChanged
from mercato.schemas.organizations import ContactChange
from mercato.schemas.permissions import Permission as P
from mercato.schemas.tenants import (
    CustomerChange,
    NewCustomer,
    NewProject,
    ProjectChange,
)
from mercato.tenants import project_types, queries, rules, science
from mercato.tenants.tables import customers, projects


class CustomerGoes(NamedTuple):
    """Asked before an organization is removed; higher rooms veto what would be orphaned."""

    id: int
    by_staff: bool


class ProjectGoes(NamedTuple):
    """Asked before a project is removed."""

    id: int
    uuid: str


class ProviderGoes(NamedTuple):
    """Asked before a provider is unregistered."""

    customer_id: int


# What of a project others keep copies of: a change says what it was before.
TOLD = ("name", "description", "end_date", "oecd_fos_2007_code", "is_industry")
# Why the roles of a removed project ended.
PROJECT_REMOVED = "project removed"
# What of an organization only staff may change.
FOR_STAFF = (
    "blocked", "archived", "default_tax_percent", "accounting_start_date", "time_zone", "sponsor_number",
    "display_billing_info_in_projects",
)  # fmt: skip


def _given(change: msgspec.Struct) -> dict[str, Any]:
    return {k: v for k, v in msgspec.structs.asdict(change).items() if v is not msgspec.UNSET}


def _checked(values: dict[str, Any], default_zone: str) -> dict[str, Any]:
    """Names present, what is written down well-formed, tax and zone valid."""
    if "name" in values and not values["name"].strip():
        raise invalid("name", "This field may not be blank.", code="blank")
    problem = rules.customer_problem(values)
    if problem is not None:
        raise invalid(*problem, code="bad_value")
    if "default_tax_percent" in values:
        percent = rules.tax_percent(values["default_tax_percent"])
        if percent is None:
            raise invalid(
                "default_tax_percent", "A valid number between 0 and 200 is required.", code="bad_tax"
            )
        values["default_tax_percent"] = percent
    if "time_zone" in values:
        values["time_zone"] = values["time_zone"] or default_zone
        if not rules.is_zone(values["time_zone"]):
            raise invalid("time_zone", "This is not an IANA time zone.", code="bad_zone")
    return values


def create_customer(tx: Tx, data: NewCustomer, *, default_zone: str = "UTC", uuid: str = "") -> str:
    """A new organization; its uuid."""
    values = pictured(tx, _checked(msgspec.structs.asdict(data), default_zone))
    made = uuid or new_uuid()
    row = {**values, "uuid": made, "slug": take_slug(tx.conn, customers, data.name), "created": tx.now}
    number = tx.conn.execute(insert(customers).returning(customers.c.id), row).scalar_one()
    fact = CustomerChanged(object=made, id=number)
    tx.emit(fact, event="customer_creation_succeeded", message=f"Organization {data.name} has been created.")
    return made


def change_customer(
    tx: Tx, actor: Actor, uuid: str, data: CustomerChange, *, default_zone: str = "UTC"
) -> str:
    """Owners change what describes the organization; blocking, archiving and tax are for staff."""
    row = queries.customer_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    access.must(tx.conn, actor, P.CUSTOMER_UPDATE, [(Scope.CUSTOMER, row.id)], tx.now)
    values = _given(data)
    for name in FOR_STAFF:
        if name in values and not actor.is_staff:
            raise Forbidden(f"Only staff can change {name}.")
    values = pictured(tx, _checked(values, default_zone))
    if not values:
        return uuid
    tx.conn.execute(update(customers).where(customers.c.id == row.id), values)
    picture_gone(tx, row, values)
    closed = bool(values.get("blocked") or values.get("archived"))
    tx.emit(
        CustomerChanged(object=uuid, id=row.id, closed=closed),
        event="customer_update_succeeded",
        message=f"Organization {row.name} has been updated: {', '.join(sorted(values))}.",
    )
    return uuid


def change_contact(tx: Tx, actor: Actor, uuid: str, data: ContactChange) -> Any:
    """Say how the organization is reached: for whoever may change it, or its contacts alone. Its row afterwards."""
    row = queries.customer_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    place = [(Scope.CUSTOMER, row.id)]
    if not access.holds(tx.conn, actor, P.CUSTOMER_CONTACT_UPDATE, place, tx.now):
        access.must(tx.conn, actor, P.CUSTOMER_UPDATE, place, tx.now)
    values = _checked(_given(data), row.time_zone)
    changed = {k: v for k, v in values.items() if v != getattr(row, k)}
    if changed:
        tx.conn.execute(update(customers).where(customers.c.id == row.id), changed)
        text = f"Contacts of {row.name} have been updated: {', '.join(sorted(changed))}."
        tx.emit(CustomerChanged(object=uuid, id=row.id), event="customer_update_succeeded", message=text)
    return queries.customer_row(tx.conn, uuid)


def pictured(tx: Tx, values: dict[str, Any]) -> dict[str, Any]:
    """A picture that was handed in is kept, and its file's id stands in its place; None takes it away."""
    if "image" in values:
        image = values.pop("image")
        values["image_id"] = None if image is None else files.store(tx, image, field="image", image=True)
    return values


def picture_gone(tx: Tx, before: Any, values: dict[str, Any]) -> None:
    """Forget the picture that another one, or none, has replaced."""
    if "image_id" in values and before.image_id is not None:
        files.forget(tx, before.image_id)


def remove_customer(tx: Tx, actor: Actor, uuid: str) -> None:
    """Staff hide an organization that has no projects and serves nobody any more."""
    row = queries.customer_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    left = select(projects.c.id).where(projects.c.customer_id == row.id, projects.c.removed_at.is_(None))
    if tx.conn.execute(left).first() is not None:
        raise Conflict("Organization contains projects.", code="has_projects")
    tx.ask(ProviderGoes(row.id))
    tx.ask(CustomerGoes(row.id, actor.is_staff))
    roles.end_roles(tx, Scope.CUSTOMER, row.id, "organization removed")
    tx.conn.execute(update(customers).where(customers.c.id == row.id), {"removed_at": tx.now})
    fact = CustomerChanged(object=uuid, id=row.id, closed=True)
    tx.emit(fact, event="customer_deletion_succeeded", message=f"Organization {row.name} has been deleted.")


def create_project(tx: Tx, actor: Actor, data: NewProject, *, uuid: str = "") -> str:
    """A project of an organization that I may add projects to; active at once unless it starts later."""
    customer = queries.customer_row(tx.conn, uuid_of_link(data.customer) or "")
    if customer is None:
        raise invalid("customer", "Organization is not found.", code="unknown_customer")
    access.must(tx.conn, actor, P.PROJECT_CREATE, [(Scope.CUSTOMER, customer.id)], tx.now)
    if customer.blocked or customer.archived:
        raise invalid("customer", "Customer is not available.", code="closed_customer")
    _check_dates(data.name, data.start_date, data.end_date)
    values = msgspec.structs.asdict(data)
    del values["customer"]
    values["science_sub_domain_id"] = science.sub_domain_id(tx, values.pop("science_sub_domain"))
    values["type_id"] = project_types.type_id(tx, values.pop("type"))
    values = pictured(tx, values)
    if not actor.is_staff:
        del values["staff_notes"]
    made = uuid or new_uuid()
    row = {
        **values,
        "uuid": made,
        "slug": take_slug(tx.conn, projects, data.name),
        "created": tx.now,
        "customer_id": customer.id,
    }
    number = tx.conn.execute(insert(projects).returning(projects.c.id), row).scalar_one()
    fact = ProjectChanged(object=made, id=number)
    tx.emit(fact, event="project_creation_succeeded", message=f"Project {data.name} has been created.")
    return made


def _check_dates(name: str | None, start: date | None, end: date | None) -> None:
    if name is not None and not name.strip():
        raise invalid("name", "This field may not be blank.", code="blank")
    if start and end and end < start:
        raise invalid("end_date", "End date must not be before the start date.", code="end_before_start")


def change_project(tx: Tx, actor: Actor, uuid: str, data: ProjectChange) -> str:
    """Change a project. Clearing or moving its start date moves its waiting orders in the same transaction.
    Staff's notes are staff's to write; from others they are ignored, since clients put back the whole thing."""
    row = queries.project_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    scopes = [(Scope.PROJECT, row.id), (Scope.CUSTOMER, row.customer_id)]
    access.must(tx.conn, actor, P.PROJECT_UPDATE, scopes, tx.now)
    values = _given(data)
    if not actor.is_staff:
        values.pop("staff_notes", None)
    if not values:
        return uuid
    if "science_sub_domain" in values:
        values["science_sub_domain_id"] = science.sub_domain_id(tx, values.pop("science_sub_domain"))
    if "type" in values:
        values["type_id"] = project_types.type_id(tx, values.pop("type"))
    values = pictured(tx, values)
    start, end = values.get("start_date", row.start_date), values.get("end_date", row.end_date)
    _check_dates(values.get("name"), start, end)
    told = ", ".join(sorted(values))
    if "end_date" in values:
        values["ended_at"] = None
    if end != row.end_date:
        values |= {"end_date_updated_at": tx.now, "end_date_requested_by_id": tx.who}
    tx.conn.execute(update(projects).where(projects.c.id == row.id), values)
    picture_gone(tx, row, values)
    message = f"Project {row.name} has been updated: {told}."
    before = {
        name: getattr(row, name) for name in TOLD if name in values and values[name] != getattr(row, name)
    }
    fact = ProjectChanged(object=uuid, id=row.id, start_moved=start != row.start_date, before=before)
    tx.emit(fact, event="project_update_succeeded", message=message)
    if end != row.end_date:
        close_if_ended(tx, row.id)
    return uuid


def remove_project(tx: Tx, actor: Actor, uuid: str) -> None:
    """Hide a project without running resources. Its waiting orders are cancelled and its roles end with it."""
    row = queries.project_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    access.must(tx.conn, actor, P.PROJECT_DELETE, [(Scope.CUSTOMER, row.customer_id)], tx.now)
    tx.ask(ProjectGoes(row.id, uuid))
    roles.end_roles(tx, Scope.PROJECT, row.id, PROJECT_REMOVED)
    tx.conn.execute(update(projects).where(projects.c.id == row.id), {"removed_at": tx.now})
    fact = ProjectChanged(object=uuid, id=row.id, closed=True)
    tx.emit(fact, event="project_deletion_succeeded", message=f"Project {row.name} has been deleted.")


def today_of(tx: Tx, customer_id: int) -> date:
    """The organization's own calendar day."""
    return clock.day_of(tx.now, queries.customer_by_id(tx.conn, customer_id).time_zone)


def close_if_ended(tx: Tx, project_id: int) -> bool:
    """Act on a passed end date, once."""
    row = queries.project_by_id(tx.conn, project_id)
    if row.ended_at is not None or not rules.ended(row.end_date, today_of(tx, row.customer_id)):
        return False
    tx.conn.execute(update(projects).where(projects.c.id == row.id), {"ended_at": tx.now})
    tx.emit(
        ProjectChanged(object=row.uuid, id=row.id, closed=True),
        event="project_deletion_triggered",
        message=f"Project {row.name} has reached its end date {row.end_date}.",
    )
    return True


def close_ended_projects(tx: Tx) -> int:
    """What is due of project end dates; safe to run at any time."""
    due = select(projects.c.id).where(
        projects.c.end_date.is_not(None), projects.c.ended_at.is_(None), projects.c.removed_at.is_(None)
    )
    return sum(close_if_ended(tx, row[0]) for row in tx.conn.execute(due).fetchall())


def announce_starts(tx: Tx) -> int:
    """Tell the rooms above which projects have a start date, so that they look at what waits for it."""
    waiting = select(projects.c.id, projects.c.uuid, projects.c.name, projects.c.customer_id).where(
        projects.c.start_date.is_not(None), projects.c.removed_at.is_(None)
    )
    asked = [tx.ask(StartDue(row.id)) for row in tx.conn.execute(waiting).fetchall()]
    return len(asked)


class StartDue(NamedTuple):
    """Asked by the schedule: move what waits for this project's start, if the day has come."""

    project_id: int


def no_roles_in_closed(tx: Tx, place: access.ScopeRow) -> None:
    """A blocked or archived organization takes nobody in (contract §3.2)."""
    customer = queries.customer_by_id(tx.conn, place.customer_id)
    if customer is None or customer.blocked or customer.archived:
        raise Invalid("Customer is not available.", code="closed_customer")

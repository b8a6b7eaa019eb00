"""Whom and what each kind of fact concerns, found while its audit row is written: one lookup by index each.

What is not found stays empty; the act itself never fails for it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, bindparam, func, insert, select

from mercato.accounts.tables import consents
from mercato.billing.tables import invoices
from mercato.catalog.tables import offerings, plans
from mercato.events import tables as _columns  # noqa: F401 adds columns to the audit table
from mercato.identity.tables import users
from mercato.kernel import tables
from mercato.kernel.fixed import fixed
from mercato.kernel.tables import Placed, audit
from mercato.orders.tables import orders
from mercato.resources.tables import resources
from mercato.schemas import facts
from mercato.tenants.tables import customers, projects, service_providers

Columns = dict[str, ColumnElement[Any]]

# Facts about what concerns nobody in particular: categories of the whole house and the like.
NOWHERE = frozenset(
    {facts.RoleChanged, facts.ClassificationChanged, facts.GroupChanged, facts.SubscriptionChanged}
)


def _of(name: str) -> ColumnElement[str]:
    """The fact's field of this name, bound when its row is written."""
    return bindparam(f"of_{name}")


def _find(what: Any, key: Any, name: str, source: FromClause | None = None) -> Any:
    found = select(what).where(key == _of(name))
    return (found if source is None else found.select_from(source)).scalar_subquery()


def _customer(name: str) -> Columns:
    return {"customer_id": _find(customers.c.id, customers.c.uuid, name)}


def _project(name: str) -> Columns:
    return {
        "project_id": _find(projects.c.id, projects.c.uuid, name),
        "customer_id": _find(projects.c.customer_id, projects.c.uuid, name),
    }


def _offering(name: str) -> Columns:
    return {
        "offering_id": _find(offerings.c.id, offerings.c.uuid, name),
        "customer_id": _find(offerings.c.customer_id, offerings.c.uuid, name),
    }


def _user(name: str) -> Columns:
    return {"subject_id": _find(users.c.id, users.c.uuid, name)}


def _resource(name: str) -> Columns:
    placed = resources.join(projects, projects.c.id == resources.c.project_id)
    key = resources.c.uuid
    return {
        "resource_id": _find(resources.c.id, key, name),
        "offering_id": _find(resources.c.offering_id, key, name),
        "project_id": _find(resources.c.project_id, key, name),
        "customer_id": _find(projects.c.customer_id, key, name, placed),
    }


def _order(name: str) -> Columns:
    placed = orders.join(projects, projects.c.id == orders.c.project_id)
    key = orders.c.uuid
    return {
        "resource_id": _find(orders.c.resource_id, key, name),
        "offering_id": _find(orders.c.offering_id, key, name),
        "project_id": _find(orders.c.project_id, key, name),
        "customer_id": _find(projects.c.customer_id, key, name, placed),
    }


def _any(*ways: Columns) -> Columns:
    """Whichever of these is there."""
    names = dict.fromkeys(name for way in ways for name in way)
    found = {name: [way[name] for way in ways if name in way] for name in names}
    return {name: func.coalesce(*all_) if len(all_) > 1 else all_[0] for name, all_ in found.items()}


def _catalog() -> Columns:
    """An offering, or a plan of one; a category is nobody's."""
    priced = plans.join(offerings, offerings.c.id == plans.c.offering_id)
    plan = {
        "offering_id": _find(plans.c.offering_id, plans.c.uuid, "object"),
        "customer_id": _find(offerings.c.customer_id, plans.c.uuid, "object", priced),
    }
    return _any(_offering("object"), plan)


_WHERE: dict[type[facts.Fact], tuple[tuple[str, ...], Columns]] = {
    facts.Granted: (
        ("object", "scope"),
        {**_user("object"), **_any(_project("scope"), _customer("scope"), _offering("scope"))},
    ),
    facts.UserChanged: (("object",), _user("object")),
    facts.SignedIn: (("object",), _user("object")),
    facts.KeyChanged: (("user",), _user("user")),
    facts.TokenChanged: (("user",), _user("user")),
    facts.CustomerChanged: (("object",), _customer("object")),
    facts.ProjectChanged: (("object",), _project("object")),
    facts.ProjectMoved: (("object",), _project("object")),
    facts.ReviewChanged: (("customer",), _customer("customer")),
    facts.NetworkChanged: (("customer",), _customer("customer")),
    facts.ProjectUpdateMoved: (("project", "offering"), {**_offering("offering"), **_project("project")}),
    facts.ProviderChanged: (
        ("object",),
        {"customer_id": _find(service_providers.c.customer_id, service_providers.c.uuid, "object")},
    ),
    facts.CatalogChanged: (("object",), _catalog()),
    facts.OrderMoved: (("object",), _order("object")),
    facts.InvoiceChanged: (
        ("object",),
        {"customer_id": _find(invoices.c.customer_id, invoices.c.uuid, "object")},
    ),
    facts.AccountChanged: (("offering", "user"), {**_offering("offering"), **_user("user")}),
    facts.ProjectAccountChanged: (("project",), _project("project")),
    facts.TermsAccepted: (
        ("object", "offering"),
        {**_offering("offering"), "subject_id": _find(consents.c.user_id, consents.c.uuid, "object")},
    ),
    facts.OrderRemoved: (("resource",), _resource("resource")),
    facts.UserUsageReported: (("resource",), _resource("resource")),
    facts.ResourceKeyChanged: (("resource",), _resource("resource")),
    facts.RobotAccountChanged: (("resource",), _resource("resource")),
    facts.SlurmPolicyChanged: (("offering",), _offering("offering")),
    facts.SyncRequested: (("object",), _offering("object")),
    facts.BackendRequested: (("offering",), _offering("offering")),
    facts.BackendFound: (
        ("offering", "project"),
        {**_offering("offering"), "project_id": _project("project")["project_id"]},
    ),
    facts.Reminded: (("object",), _any(_order("object"), _resource("object"), _project("object"))),
    facts.AgentChanged: (("offering",), _offering("offering")),
    **{
        kind: (("object",), _resource("object"))
        for kind in (
            facts.ResourceChanged,
            facts.ResourceMoved,
            facts.ResourceUnlinked,
            facts.ResourceBilled,
            facts.UsageReported,
            facts.UsageLimitChanged,
        )
    },
}


_STATEMENTS = {
    kind: Placed(fixed(insert(audit).values(hash=None, **columns)), names)
    for kind, (names, columns) in _WHERE.items()
}


def place_audit() -> None:
    """From now on audit rows say whom and what they concern."""
    tables.PLACED.update(_STATEMENTS)

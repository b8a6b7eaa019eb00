"""Which room listens to which fact, and who answers which question: the upward paths, all in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mercato.access.service import RoleOffered
from mercato.accounts import consents
from mercato.accounts import members as accounts
from mercato.accounts import projects as project_accounts
from mercato.api_keys import service as api_keys
from mercato.billing import queries as invoices
from mercato.billing.service import Billing
from mercato.catalog import authoring
from mercato.catalog import queries as catalog
from mercato.catalog import service as offerings
from mercato.catalog.pricing import ComponentInUse, PlanInUse
from mercato.catalog.service import OfferingInUse, OfferingTypes
from mercato.config import Settings
from mercato.events.places import place_audit
from mercato.identity.service import SigningIn
from mercato.kernel.db import Database, Tx
from mercato.kernel.errors import Conflict, Invalid
from mercato.kernel.vault import Sealing, Vault
from mercato.networks import service as networks
from mercato.notices import service as notices
from mercato.notices.reminders import StaleSince
from mercato.orders import schedule as dates
from mercato.orders.costs import Currency
from mercato.orders.moves import OrderStartDates
from mercato.plugins import Registry
from mercato.queues import messages
from mercato.resources import moves, project_updates
from mercato.resources import queries as resources
from mercato.resources.lanes import AtOnce
from mercato.resources.tables import resources as resource_table
from mercato.robot_accounts import service as robots
from mercato.schemas.access import Scope
from mercato.schemas.facts import (
    AccountChanged,
    BackendRequested,
    CustomerChanged,
    Granted,
    OrderMoved,
    ProjectAccountChanged,
    ProjectChanged,
    ProjectMoved,
    ResourceBilled,
    ResourceChanged,
    ResourceKeyChanged,
    ResourceMoved,
    ResourceUnlinked,
    ReviewChanged,
    SyncRequested,
    UsageReported,
    UserChanged,
)
from mercato.tenants import queries as customers
from mercato.tenants import service as tenants
from mercato.tenants.groups import GroupGoes
from mercato.tenants.moves import ProjectLeaves
from mercato.tenants.service import CustomerGoes, ProjectGoes, ProviderGoes, StartDue
from mercato.usage import queries as usage
from mercato.usage.pulls import Asked, asked

Heard = tuple[type, Callable[[Tx, Any], Any]]


def _role_offered(tx: Tx, question: RoleOffered) -> None:
    tenants.no_roles_in_closed(tx, question.place)
    if (
        question.place.type is Scope.OFFERING
        and not catalog.offering_by_id(tx.conn, question.place.id).shared
    ):
        raise Invalid("Offering is not available.", code="private_offering")


def _group_goes(tx: Tx, question: GroupGoes) -> None:
    if authoring.used_groups(tx, question.id):
        raise Conflict("Offerings or plans are for this group.", code="in_use")


def _offering_in_use(tx: Tx, question: OfferingInUse) -> bool:
    return resources.is_used(tx.conn, resource_table.c.offering_id == question.id)


def _plan_in_use(tx: Tx, question: PlanInUse) -> bool:
    return resources.is_used(tx.conn, resource_table.c.plan_id == question.id)


def _component_in_use(tx: Tx, question: ComponentInUse) -> bool:
    found = catalog.component_by_id(tx.conn, question.id)
    return (
        resources.component_limited(tx.conn, found.offering_id, found.type)
        or usage.measured(tx.conn, question.id)
        or invoices.component_billed(tx.conn, question.id)
    )


def _customer_changed(tx: Tx, fact: CustomerChanged) -> None:
    if fact.closed and customers.customer_by_id(tx.conn, fact.id).removed_at is not None:
        offerings.clear_shelf(tx, fact.id)


def wire(db: Database, settings: Settings, billing: Billing, plugins: Registry) -> None:
    """Register every listener and every answer."""
    place_audit()
    for kind, listener in (*_listeners(billing), *_answers(settings, billing, plugins)):
        db.listeners.setdefault(kind, []).append(listener)


def _listeners(billing: Billing) -> list[Heard]:
    """What is done when something has happened."""
    return [
        (ResourceBilled, billing.on_resource),
        (UsageReported, billing.on_usage),
        (ResourceMoved, dates.on_resource_moved),
        (ResourceMoved, billing.on_moved),
        (ProjectMoved, moves.on_project_moved),
        (ResourceUnlinked, dates.on_resource_unlinked),
        (ProjectChanged, dates.on_project),
        (CustomerChanged, dates.on_customer),
        (CustomerChanged, _customer_changed),
        (CustomerChanged, networks.on_customer),
        (Granted, accounts.on_granted),
        (ResourceBilled, accounts.on_resource),
        (UserChanged, accounts.on_user),
        (OrderMoved, consents.on_order),
        (ProjectChanged, project_accounts.on_project),
        (ProjectChanged, project_updates.on_project),
        (OrderMoved, messages.on_order),
        (OrderMoved, notices.on_order),
        (ReviewChanged, notices.on_review),
        (ResourceChanged, messages.on_resource),
        (Granted, messages.on_grant),
        (AccountChanged, messages.on_account),
        (BackendRequested, messages.on_backend_request),
        (ResourceKeyChanged, messages.on_key),
        (ResourceChanged, api_keys.on_resource),
        (ResourceChanged, robots.on_resource),
        (Granted, robots.on_granted),
        (SyncRequested, messages.on_sync),
        (ProjectAccountChanged, messages.on_project_account),
    ]


def _answers(settings: Settings, billing: Billing, plugins: Registry) -> list[Heard]:
    """Who answers which question."""
    vault = Vault(settings.secret_key, settings.data / "secret.key")
    return [
        (RoleOffered, _role_offered),
        (CustomerGoes, billing.on_customer_goes),
        (ProjectGoes, dates.on_project_goes),
        (ProjectLeaves, moves.on_project_leaves),
        (SigningIn, networks.on_signing_in),
        (ProviderGoes, dates.on_provider_goes),
        (StartDue, dates.on_start_due),
        (GroupGoes, _group_goes),
        (OfferingInUse, _offering_in_use),
        (PlanInUse, _plan_in_use),
        (ComponentInUse, _component_in_use),
        (Sealing, lambda _tx, _question: vault),
        (OfferingTypes, lambda _tx, _question: list(plugins)),
        (Asked, lambda _tx, question: asked(plugins.get(question.type))),
        (StaleSince, lambda tx, question: invoices.idle_since(tx.conn, question.month)),
        (AtOnce, lambda _tx, _question: settings.provider_concurrency),
        (OrderStartDates, lambda _tx, _question: settings.enable_order_start_date),
        (Currency, lambda _tx, _question: settings.currency_name),
    ]

"""Who must review an order, and what it waits for (specification 003; contract §5.1-5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from mercato.schemas.orders import OrderType

BASIC = "Marketplace.Basic"
SITE_AGENT = "Marketplace.Slurm"
REMOTE = "Waldur.RemoteOffering"


class Waiting(NamedTuple):
    """What may hold an order up after the consumer's approval."""

    project_starts_later: bool
    provider_reviews: bool
    order_starts_later: bool


def project_starts_later(facts: Waiting) -> bool:
    return facts.project_starts_later


def provider_reviews(facts: Waiting) -> bool:
    return facts.provider_reviews


def order_starts_later(facts: Waiting) -> bool:
    return facts.order_starts_later


class ConsumerFacts(NamedTuple):
    """What decides about the consumer's review. Private means not shared, billable or not."""

    staff: bool
    shared: bool
    may_approve_private: bool
    same_organization: bool
    auto_approve_in_own_projects: bool
    order_type: OrderType
    owns_provider: bool
    may_approve: bool


def consumer_review_skipped(facts: ConsumerFacts) -> bool:
    """Any one of the five conditions of the specification's table suffices."""
    return (
        facts.staff
        or (not facts.shared and facts.may_approve_private)
        or (facts.shared and facts.same_organization and facts.auto_approve_in_own_projects)
        or (facts.order_type is OrderType.TERMINATE and facts.owns_provider)
        or facts.may_approve
    )


class ProviderFacts(NamedTuple):
    """What decides about the provider's review; `has_offering_role` is a role on that offering."""

    offering_type: str
    auto_approve_remote_orders: bool
    owns_provider: bool
    manages_provider: bool
    has_offering_role: bool


def provider_review_needed(facts: ProviderFacts) -> bool:
    """Basic and site agent always; remote unless it is trusted; all other types never."""
    if facts.offering_type in (BASIC, SITE_AGENT):
        return True
    if facts.offering_type == REMOTE:
        trusted = facts.owns_provider or (facts.manages_provider and facts.has_offering_role)
        return not (facts.auto_approve_remote_orders or trusted)
    return False


def lies_ahead(day: date | None, today: date) -> bool:
    return day is not None and day > today


def resource_name(attributes: Mapping[str, Any], offering_name: str) -> str:
    """The name that was asked for, or the offering's."""
    name = attributes.get("name")
    return str(name).strip()[:150] if isinstance(name, str) and name.strip() else offering_name

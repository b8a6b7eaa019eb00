"""Who reviews: the specification's two tables, condition by condition."""

from __future__ import annotations

from datetime import date

import pytest

from mercato.orders import rules
from mercato.orders.rules import ConsumerFacts, ProviderFacts
from mercato.schemas.orders import OrderType

pytestmark = pytest.mark.pure

NOBODY = ConsumerFacts(
    staff=False,
    shared=True,
    may_approve_private=False,
    same_organization=False,
    auto_approve_in_own_projects=False,
    order_type=OrderType.CREATE,
    owns_provider=False,
    may_approve=False,
)
PLAIN = ProviderFacts("Marketplace.Script", False, False, False, False)


def test_review_is_needed_when_nothing_speaks_against_it() -> None:
    assert not rules.consumer_review_skipped(NOBODY)


@pytest.mark.parametrize(
    "change",
    [
        {"staff": True},
        {"shared": False, "may_approve_private": True},
        {"same_organization": True, "auto_approve_in_own_projects": True},
        {"order_type": OrderType.TERMINATE, "owns_provider": True},
        {"may_approve": True},
        {"shared": False, "may_approve": True},
    ],
)
def test_any_one_condition_suffices(change: dict[str, object]) -> None:
    assert rules.consumer_review_skipped(NOBODY._replace(**change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"may_approve_private": True},
        {"same_organization": True},
        {"auto_approve_in_own_projects": True},
        {"shared": False, "same_organization": True, "auto_approve_in_own_projects": True},
        {"owns_provider": True},
        {"order_type": OrderType.TERMINATE},
    ],
)
def test_half_a_condition_does_not(change: dict[str, object]) -> None:
    assert not rules.consumer_review_skipped(NOBODY._replace(**change))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["Marketplace.Basic", "Marketplace.Slurm"])
def test_basic_and_site_agent_are_always_reviewed(kind: str) -> None:
    trusted = ProviderFacts(kind, True, True, True, True)
    assert rules.provider_review_needed(trusted)


@pytest.mark.parametrize("kind", ["Marketplace.Script", "OpenStack.Tenant", "Support.OfferingTemplate"])
def test_all_other_types_are_never_reviewed(kind: str) -> None:
    assert not rules.provider_review_needed(PLAIN._replace(offering_type=kind))


@pytest.mark.parametrize(
    ("auto", "owner", "manager", "role", "needed"),
    [
        (False, False, False, False, True),
        (True, False, False, False, False),
        (False, True, False, False, False),
        (False, False, True, False, True),
        (False, False, False, True, True),
        (False, False, True, True, False),
    ],
)
def test_remote_offerings_trust_their_own(
    auto: bool, owner: bool, manager: bool, role: bool, needed: bool
) -> None:
    facts = ProviderFacts("Waldur.RemoteOffering", auto, owner, manager, role)
    assert rules.provider_review_needed(facts) is needed


def test_a_day_lies_ahead_only_after_today() -> None:
    today = date(2026, 5, 10)
    assert rules.lies_ahead(date(2026, 5, 11), today)
    assert not rules.lies_ahead(today, today)
    assert not rules.lies_ahead(None, today)


@pytest.mark.parametrize(
    ("attributes", "name"),
    [({"name": " box "}, "box"), ({}, "HPC"), ({"name": ""}, "HPC"), ({"name": 5}, "HPC")],
)
def test_a_resource_is_called_as_asked_or_as_its_offering(attributes: dict[str, object], name: str) -> None:
    assert rules.resource_name(attributes, "HPC") == name

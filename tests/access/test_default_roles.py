"""What the roles may do that every marketplace starts with."""

from __future__ import annotations

import pytest

from mercato.access.rules import DEFAULT_ROLES
from mercato.schemas.access import RoleName, Scope
from mercato.schemas.permissions import Permission as P

pytestmark = pytest.mark.pure

ROLES = {role.name: role for role in DEFAULT_ROLES}


def of(name: str) -> frozenset[P]:
    return ROLES[RoleName(name)].permissions


def test_seven_roles_each_on_its_scope() -> None:
    assert {role.name.value: role.scope for role in DEFAULT_ROLES} == {
        "CUSTOMER.OWNER": Scope.CUSTOMER,
        "CUSTOMER.MANAGER": Scope.CUSTOMER,
        "CUSTOMER.SUPPORT": Scope.CUSTOMER,
        "PROJECT.ADMIN": Scope.PROJECT,
        "PROJECT.MANAGER": Scope.PROJECT,
        "PROJECT.MEMBER": Scope.PROJECT,
        "OFFERING.MANAGER": Scope.OFFERING,
    }


@pytest.mark.parametrize("role", ["CUSTOMER.OWNER", "CUSTOMER.MANAGER", "OFFERING.MANAGER"])
def test_who_reviews_for_the_provider(role: str) -> None:
    assert {P.ORDER_APPROVE, P.ORDER_REJECT, P.RESOURCE_SET_USAGE, P.OFFERING_UPDATE_USER} <= of(role)


def test_owners_found_and_staff_their_organization() -> None:
    assert {
        P.CUSTOMER_CREATE_PERMISSION,
        P.CUSTOMER_UPDATE_PERMISSION,
        P.CUSTOMER_DELETE_PERMISSION,
        P.SERVICE_PROVIDER_REGISTER,
    } <= of("CUSTOMER.OWNER")


@pytest.mark.parametrize("role", ["CUSTOMER.OWNER", "PROJECT.ADMIN", "PROJECT.MANAGER"])
def test_who_orders(role: str) -> None:
    assert {P.ORDER_CREATE, P.RESOURCE_UPDATE} <= of(role)


def test_a_project_admin_may_all_that_its_manager_may() -> None:
    assert of("PROJECT.ADMIN") >= of("PROJECT.MANAGER")


@pytest.mark.parametrize("role", ["CUSTOMER.SUPPORT", "PROJECT.MEMBER"])
def test_who_only_reads(role: str) -> None:
    assert all(permission.value.endswith((".LIST", ".LIST_USERS")) for permission in of(role))

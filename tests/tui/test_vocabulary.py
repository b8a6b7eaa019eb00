"""The app speaks the server's vocabulary: projections, endpoints, imports."""

from __future__ import annotations

import subprocess
import sys
import typing
from pathlib import Path

import msgspec
import pytest

from mercato.schemas import (
    Endpoint,
    access,
    accounts,
    billing,
    catalog,
    identity,
    notices,
    orders,
    resources,
    tenants,
)
from mercato_tui import views
from mercato_tui.api import plain_type

pytestmark = pytest.mark.pure

PROJECTIONS: dict[type[msgspec.Struct], type[msgspec.Struct]] = {
    views.OrderRow: orders.Order,
    views.ResourceRow: resources.Resource,
    views.OfferingCard: catalog.Offering,
    views.OfferingParts: catalog.Offering,
    views.ProviderOfferingRow: catalog.ProviderOffering,
    views.InvoiceRow: billing.Invoice,
    views.CustomerRow: tenants.Customer,
    views.ProjectRow: tenants.Project,
    views.UserRow: identity.User,
    views.RoleRow: access.Role,
    views.NoticeRow: notices.Notice,
    views.AccountRow: accounts.OfferingUser,
    views.ResourceOrderSketch: resources.OrderSketch,
}


@pytest.mark.parametrize("shape", PROJECTIONS, ids=lambda shape: shape.__name__)
def test_every_projection_is_part_of_the_wire(shape: type[msgspec.Struct]) -> None:
    whole = typing.get_type_hints(PROJECTIONS[shape])
    for name, kind in typing.get_type_hints(shape).items():
        assert name in whole, name
        if plain_type(kind) is not views.ResourceOrderSketch:
            assert plain_type(kind) == plain_type(whole[name]), name


def test_every_projection_is_listed_here() -> None:
    made = {
        value
        for value in vars(views).values()
        if isinstance(value, type) and value.__module__ == views.__name__
    }
    assert made == set(PROJECTIONS)


def test_the_app_imports_only_the_schemas_and_the_billing_core() -> None:
    code = (
        "import importlib, pkgutil, sys, mercato_tui\n"
        "for found in pkgutil.walk_packages(mercato_tui.__path__, 'mercato_tui.'):\n"
        "    importlib.import_module(found.name)\n"
        "bad = [name for name in sys.modules if name.split('.')[0] in ('litestar', 'sqlalchemy', 'alembic')]\n"
        "ours = [name for name in sys.modules if name.startswith('mercato.')]\n"
        "allowed = ('mercato.schemas', 'mercato.billing.core')\n"
        "bad += [name for name in ours if name != 'mercato.billing' and not name.startswith(allowed)]\n"
        "print(bad)\n"
    )
    assert run(code) == "[]"


def test_the_first_frame_needs_neither_http_nor_the_wire() -> None:
    code = (
        "import sys, mercato_tui.app, mercato_tui.screens.start\n"
        "print([name for name in ('httpx', 'babel', 'mercato.schemas', 'mercato.billing', 'mercato_tui.screens.home')"
        " if name in sys.modules])"
    )
    assert run(code) == "[]"


def test_importing_the_package_loads_no_textual() -> None:
    assert run("import sys, mercato_tui; print('textual' in sys.modules)") == "False"


def test_an_endpoint_is_what_the_client_takes() -> None:
    assert isinstance(orders.ORDERS, Endpoint)


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    root = Path(__file__).resolve().parents[2]
    roots = f"{root / 'server'}:{root / 'tui'}"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": roots}
    )
    return done.stdout.strip()

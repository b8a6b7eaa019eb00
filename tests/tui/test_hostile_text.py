"""What people and backends write is shown as it is, aligned, and never obeyed."""

from __future__ import annotations

import pytest

from mercato.schemas import Nothing, catalog, orders, tenants
from mercato.schemas.catalog import NewComponent, Option, Options, OptionType
from mercato.schemas.plans import NewPlan
from tui.looking import NARROW, WIDE, entered, go, quiet, screen_text, until_text
from tui.marketplace import Place, order

pytestmark = pytest.mark.pilot

HOSTILE = [
    "[/foo] [red]price[/] [EUR] [@click=app.quit]click me[/] $primary {resource_name} \\[",
    "\x1b[31mred\x1b[0m \x07bell over\u202eride \u2066isolate",
    "漢字かな絵文字🎉 wide combining e\u0301\u0301\u0301",
    "x" * 140,
]


async def fill_with(place: Place, text: str) -> str:
    """An offering, a project and an order that are all called `text`; the order's uuid."""
    staff, petra = place.api("stella"), place.api("petra")
    project = tenants.NewProject(name=text[:120], customer=place.ids["acme"], description=text)
    place.ids["alpha"] = (await staff(tenants.PROJECT_CREATE, project)).uuid
    made = await petra(
        catalog.OFFERING_CREATE,
        catalog.NewOffering(
            name=text[:120],
            category=place.ids["Other"],
            type="Marketplace.Basic",
            customer=place.ids["aurora"],
            description=text,
            full_description=text,
            terms_of_service=text,
            getting_started=text,
            options=Options(
                order=["one"], options={"one": Option(type=OptionType.STRING, label=text, help_text=text)}
            ),
            components=[
                NewComponent(
                    type="cpu",
                    name=text[:120],
                    billing_type=catalog.BillingType.LIMIT,
                    measured_unit=text[:20],
                )
            ],
            plans=[NewPlan(name=text[:120], prices={"cpu": "1"})],
        ),
    )
    await petra(catalog.OFFERING_ACTIVATE, Nothing(), uuid=made.uuid)
    place.ids["hostile"] = made.uuid
    placed = await order(place, "stella", "hostile", text[:120], {"cpu": 3}, one=text)
    await petra(
        orders.REJECT_BY_PROVIDER, orders.Rejection(provider_rejection_comment=text), uuid=placed.uuid
    )
    return placed.uuid


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_every_screen_survives(place: Place, text: str) -> None:
    placed = await fill_with(place, text)
    size = NARROW if len(text) % 2 else WIDE
    async with entered(place, "stella", size) as (app, pilot):
        for found in ("catalogue", "orders", "resources", "projects", "offerings"):
            await go(app, pilot, found)
        for route in (
            f"offering/{place.ids['hostile']}",
            f"configure/{place.ids['hostile']}",
            f"order/{placed}",
            f"project/{place.ids['alpha']}",
        ):
            app.nav.open(route)
            await quiet(pilot)
            await pilot.pause()
            shown = screen_text(app)
            assert "Something went wrong" not in shown
            assert "\x1b" not in shown
            assert "\u202e" not in shown
        assert app.is_running


async def test_markup_is_shown_as_it_was_written(place: Place) -> None:
    placed = await fill_with(place, HOSTILE[0])
    async with entered(place, "stella", WIDE) as (app, pilot):
        app.nav.open(f"order/{placed}")
        await until_text(pilot, "Rejected: [/foo] [red]price[/] [EUR] [@click=app.quit]")
        app.nav.open(f"configure/{place.ids['hostile']}")
        await until_text(pilot, "[/foo] [red]price[/] [EUR]")

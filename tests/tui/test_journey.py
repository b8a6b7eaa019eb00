"""The main job, end to end, on the real server: browse, configure, order, approve, have, pay."""

from __future__ import annotations

from decimal import Decimal

import pytest
from textual.widgets import Input

from mercato.schemas import billing, orders
from mercato_tui.screens.configure import ConfigurePage
from mercato_tui.screens.order import OrderPage
from mercato_tui.widgets.form import Form
from mercato_tui.widgets.receipt import ReceiptPanel
from tui.looking import NARROW, WIDE, entered, screen_text, until, until_text, write
from tui.marketplace import Place, settled

pytestmark = pytest.mark.pilot


async def test_from_the_catalogue_to_the_invoice(place: Place) -> None:
    async with entered(place, "olga", WIDE) as (app, pilot):
        await pilot.press("g", "c")
        await until_text(pilot, "Puhti HPC", "from €0.008 / GB")
        write(app, "#search", "puhti")
        await until(pilot, lambda: "Cloud VM" not in screen_text(app))
        app.screen.query_one("VList").focus()
        await pilot.press("enter")
        await until_text(pilot, "Plans and prices", "Professional", "Be fair to the other users")
        await pilot.press("o")
        await until_text(pilot, "Each full month", "€75.60")
        form, panel = app.screen.query_one(Form), app.screen.query_one(ReceiptPanel)
        write(app, "#limits-storage-field Input", "500")
        await until_text(pilot, "€80.60", "500 GB × €0.01")
        assert panel.receipt is not None
        assert panel.receipt.full_month_total == Decimal("80.60")
        write(app, "#limits-storage-field Input", "5000")
        await until_text(pilot, "€125.60")
        write(app, "#limits-storage-field Input", "500")
        write(app, "#attributes-name-field Input", "Folding run")
        write(app, "#attributes-contact-field Input", "olga@example.org")
        form.fields["accepting_terms_of_service"].restore(True)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, OrderPage))
        text = await until_text(pilot, "Folding run", "provider approval", "Waits for Aurora Computing")
        assert "CPU hours" in text
        assert "1,000 hours" in text
        assert isinstance(app.screen, OrderPage)
        number = app.screen.argument

        order = await place.api("olga")(orders.ORDER, uuid=number)
        receipt = panel.receipt
        assert receipt is not None
        assert Decimal(order.cost or 0) == receipt.order_cost.amount == Decimal("80.60")
        await app.entry.sign_in_with(place.tokens["petra"])
        await until(pilot, lambda: app.nav.place == "home")
        await pilot.press("g", "a")
        await until_text(pilot, "Folding run")
        app.screen.query_one("VList").move_to(lambda row: row.resource_name == "Folding run")  # type: ignore[attr-defined]
        await pilot.press("a")
        await until_text(pilot, "Approved: Folding run")
        done = await settled(place, number, "done")

        await app.entry.sign_in_with(place.tokens["olga"])
        await until(pilot, lambda: app.nav.place == "home")
        app.nav.open(f"resource/{done.marketplace_resource_uuid}")
        await until_text(pilot, "Folding run", "● OK", "0 of 1,000 hours", "0.0 %")
        invoice = (await place.api("olga").page(billing.INVOICES)).rows[0]
        ours = [item for item in invoice.items if item.resource_name == "Folding run"]
        assert sum(Decimal(str(item.price)) for item in ours) == receipt.invoice_total
        app.nav.go("invoices")
        await until_text(pilot, "Acme Research", "open")
        await pilot.press("enter")
        await until_text(pilot, "Folding run (Puhti HPC / Basic) / CPU hours", "1,000 hours")


async def test_what_the_server_refuses_is_said_at_the_field_and_nothing_is_lost(place: Place) -> None:
    async with entered(place, "olga", NARROW) as (app, pilot):
        app.nav.open(f"configure/{place.ids['puhti']}")
        await until_text(pilot, "Each full month")
        write(app, "#attributes-name-field Input", "Will be refused")
        write(app, "#attributes-contact-field Input", "me")
        form = app.screen.query_one(Form)
        form.fields["accepting_terms_of_service"].restore(True)
        # The app's own check is taken away, so that the server's word is what is shown.
        form.fields["limits.cpu"].most = None  # type: ignore[attr-defined]
        write(app, "#limits-cpu-field Input", "200000")
        await pilot.press("ctrl+s")
        await until_text(pilot, "100000")
        assert isinstance(app.screen, ConfigurePage)
        assert app.screen.query_one("#attributes-name-field Input", Input).value == "Will be refused"
        assert app.focused is app.screen.query_one("#limits-cpu-field Input")


async def test_a_form_that_is_left_is_found_as_it_was(place: Place) -> None:
    async with entered(place, "olga") as (app, pilot):
        app.nav.open(f"configure/{place.ids['puhti']}")
        await until_text(pilot, "Each full month")
        write(app, "#attributes-name-field Input", "Half an order")
        write(app, "#limits-cpu-field Input", "7")
        await until_text(pilot, "€0.35")
        await pilot.press("escape")
        await until_text(pilot, "Good")
        app.nav.open(f"configure/{place.ids['puhti']}")
        await until_text(pilot, "Half an order", "€0.35")


async def test_what_is_missing_is_said_before_anything_is_sent(place: Place) -> None:
    async with entered(place, "olga") as (app, pilot):
        app.nav.open(f"configure/{place.ids['puhti']}")
        await until_text(pilot, "Each full month")
        before = await place.api("olga").count(orders.ORDERS, orders.OrderQuery())
        await pilot.press("ctrl+s")
        await until_text(pilot, "Please fill this in.")
        assert app.focused is app.screen.query_one("#attributes-name-field Input")
        write(app, "#limits-cpu-field Input", "200000")
        app.screen.query_one("#limits-cpu-field").scroll_visible(animate=False)
        await until_text(pilot, "At most 100,000.")
        assert await place.api("olga").count(orders.ORDERS, orders.OrderQuery()) == before

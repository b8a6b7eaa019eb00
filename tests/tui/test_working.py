"""What each page lets one do, on the real server."""

from __future__ import annotations

from decimal import Decimal

import pytest
from textual.widgets import Input

from mercato.plugins import Plugin
from mercato.schemas import access, catalog, orders, resources, tenants, usage
from mercato.sdk import Failed, Manifest, OrderFacts, Result, Retry, step
from mercato_tui.screens.orders import InboxPage
from mercato_tui.widgets.form import Form
from mercato_tui.widgets.receipt import ReceiptPanel
from mercato_tui.widgets.vlist import VList
from tui.looking import NARROW, WIDE, Disturbed, entered, go, screen_text, until, until_text, write
from tui.marketplace import Place, order, settled

pytestmark = pytest.mark.pilot


async def test_home_shows_what_waits_runs_exists_and_costs(place: Place) -> None:
    async with entered(place, "olga") as (_app, pilot):
        text = await until_text(pilot, "1 order waits for you", "Notebook server", "Lab cluster", "98%", "€")
        waiting, rest = text.split("Under way")
        assert "customer approval" in waiting
        assert "Web server" in rest


async def test_an_owner_approves_and_the_order_moves_on(place: Place) -> None:
    async with entered(place, "olga") as (app, pilot):
        app.nav.open(f"order/{place.ids['asked']}")
        await until_text(
            pilot, "Waits for the approval of Acme Research", "a approve", "x reject", "c cancel"
        )
        await pilot.press("a")
        await until_text(pilot, "Waits for Aurora Computing to approve it", "Approved.")
        text = screen_text(app)
        assert "Olga Owner" in text
        assert "a approve" not in text


async def test_a_member_may_only_withdraw_the_own_order(place: Place) -> None:
    mine = await order(place, "max", "vm", "My wish")
    async with entered(place, "max") as (app, pilot):
        app.nav.open(f"order/{mine.uuid}")
        text = await until_text(pilot, "You can:", "My wish")
        assert "a approve" not in text
        assert "c cancel" in text
        await pilot.press("c")
        await until_text(pilot, "Cancel the order?")
        await pilot.press("y")
        await until_text(pilot, "Canceled", "○ canceled")


async def test_rejecting_asks_why_and_the_customer_reads_it(place: Place) -> None:
    async with entered(place, "petra") as (app, pilot):
        await go(app, pilot, "inbox")
        await until_text(pilot, "Web server")
        await pilot.press("x")
        await until_text(pilot, "Reject the order")
        await pilot.press("enter")
        await until_text(pilot, "Please say why")
        write(app, "#reason", "No [capacity] left")
        await pilot.press("enter")
        await until_text(pilot, "Rejected: Web server", "Inbox zero")
    found = await place.api("olga")(orders.ORDER, uuid=place.ids["waiting"])
    assert found.provider_rejection_comment == "No [capacity] left"
    async with entered(place, "olga") as (app, pilot):
        app.nav.open(f"order/{place.ids['waiting']}")
        await until_text(pilot, "Rejected: No [capacity] left", "✖ rejected")


async def test_a_refused_resource_is_shown_as_rejected(place: Place) -> None:
    async with entered(place, "olga") as (app, pilot):
        await go(app, pilot, "resources")
        await until_text(pilot, "Lab cluster")
        app.screen.query_one("#chips").choose("ended")  # type: ignore[attr-defined]
        await until_text(pilot, "REJECTED", "Refused machine")


async def test_an_order_is_watched_while_it_is_carried_out(place: Place) -> None:
    async with entered(place, "olga") as (app, pilot):
        app.nav.open(f"order/{place.ids['waiting']}")
        await until_text(pilot, "Waits for Aurora Computing")
        await place.api("petra")(orders.APPROVE_BY_PROVIDER, orders.Approval(), uuid=place.ids["waiting"])
        await until_text(pilot, "Web server is ready.", "✔ done", seconds=15)


async def test_the_resource_page(place: Place) -> None:
    async with entered(place, "olga", WIDE) as (app, pilot):
        app.nav.open(f"resource/{place.ids['lab']}")
        text = await until_text(pilot, "456 of 1,000 hours", "45.6 %", "128 of 256 GB", "50.0 %", "98.0 %")
        assert "ssh://login.aurora.example" in text
        assert "Welcome to Lab cluster" in text
        assert "● OK" in text
        await until_text(pilot, "History", "✔ done", "€80.60")
        assert "u Report usage" not in text


async def test_other_limits_show_their_difference_and_become_an_order(place: Place) -> None:
    async with entered(place, "olga", NARROW) as (app, pilot):
        app.nav.open(f"resource/{place.ids['lab']}")
        await until_text(pilot, "l Change limits")
        await pilot.press("l")
        await until_text(pilot, "What changes", "±€0.00")
        write(app, "#limits-cpu-field Input", "2000")
        await until_text(pilot, "until now €80.60", "+€50.00", "€130.60")
        panel = app.screen.query_one(ReceiptPanel)
        assert panel.receipt is not None
        assert panel.receipt.full_month_total == Decimal("130.60")
        await pilot.press("ctrl+s")
        await until_text(pilot, "1,000 → 2,000 hours", "Update")
        made = app.nav.pages[-1].argument
        await place.api("petra")(orders.APPROVE_BY_PROVIDER, orders.Approval(), uuid=made)
        await settled(place, made, "done")
    found = await place.api("olga")(resources.RESOURCE, uuid=place.ids["lab"])
    assert found.limits["cpu"] == 2000


async def test_the_same_limits_are_refused_where_one_looks(place: Place) -> None:
    async with entered(place, "olga") as (app, pilot):
        app.nav.open(f"limits/{place.ids['lab']}")
        await until_text(pilot, "What changes", "±€0.00")
        await pilot.press("ctrl+s")
        await until_text(pilot, "New limits are the same as the current limits.")


async def test_another_plan_shows_its_difference(place: Place) -> None:
    async with entered(place, "olga", WIDE) as (app, pilot):
        app.nav.open(f"plan/{place.ids['lab']}")
        await until_text(pilot, "has the plan Basic", "Professional")
        await pilot.press("down")
        await until_text(pilot, "€64.48", "−€16.12")
        await pilot.press("ctrl+s")
        await until_text(pilot, "Basic → Professional")


async def test_ending_a_resource_needs_its_name(place: Place) -> None:
    async with entered(place, "olga") as (app, pilot):
        app.nav.open(f"resource/{place.ids['lab']}")
        await until_text(pilot, "D Terminate")
        await pilot.press("D")
        await until_text(pilot, "Type Lab cluster to confirm:")
        write(app, "#typed", "lab")
        await pilot.press("enter")
        await until_text(pilot, "That is not its name.")
        write(app, "#typed", "Lab cluster")
        await pilot.press("enter")
        await until_text(pilot, "Terminate", "provider approval")


async def test_a_provider_reports_usage(place: Place) -> None:
    async with entered(place, "petra") as (app, pilot):
        await go(app, pilot, "sold")
        await until_text(pilot, "Lab cluster")
        app.nav.open(f"sold-resource/{place.ids['lab']}")
        await until_text(pilot, "u Report usage")
        await pilot.press("u")
        await until_text(pilot, "Report usage", "For the month of")
        write(app, "#cpu-field Input", "-5")
        await until_text(pilot, "At least 0.")
        write(app, "#cpu-field Input", "900.5")
        await pilot.press("ctrl+s")
        await until_text(pilot, "Usage reported.", "900.5 of 1,000 hours", "90.0 %")
    rows = await place.api("petra").page(usage.USAGES, usage.UsageQuery(type=["cpu"]))
    assert [float(row.usage) for row in rows.rows] == [900.5]


async def test_the_invoice_explains_every_line(place: Place) -> None:
    async with entered(place, "olga", WIDE) as (app, pilot):
        await go(app, pilot, "invoices")
        await until_text(pilot, "Acme Research")
        await pilot.press("enter")
        text = await until_text(pilot, "CPU hours", "1,000 hours ×", "Sum without tax", "Tax", "Total")
        assert "days × €0.05 per month" in text or "1,000 hours × €0.05 per month" in text
        await pilot.press("enter")
        await until_text(pilot, "Invoices › ", "› Lab cluster")


async def test_a_project_is_made_and_people_come_and_go(place: Place) -> None:
    async with entered(place, "olga", WIDE) as (app, pilot):
        await go(app, pilot, "projects")
        await until_text(pilot, "Alpha", "n New project")
        await pilot.press("n")
        await until_text(pilot, "Organisation", "Acme Research")
        write(app, "#name-field Input", "Beta [x]")
        write(app, "#end_date-field Input", "soon")
        await pilot.press("ctrl+s")
        await until_text(pilot, "A day like 2027-03-31")
        write(app, "#end_date-field Input", "2030-03-31")
        await pilot.press("ctrl+s")
        await until_text(pilot, "Beta [x]")
        found = await place.api("olga").page(tenants.PROJECTS, tenants.ProjectQuery(name_exact="Beta [x]"))
        app.nav.open(f"project/{found.rows[0].uuid}")
        await until_text(pilot, "n Add somebody", "Team")
        await pilot.press("n")
        await until_text(pilot, "Add somebody to Beta [x]", "project manager")
        write(app, "#user-field Input", "nobody-at-all")
        await pilot.press("ctrl+s")
        await until_text(pilot, "Nobody is called exactly that.")
        write(app, "#user-field Input", "max@example.org")
        write(app, "#end-field Input", "2030-01-01")
        await pilot.press("ctrl+s")
        await until_text(pilot, "Max Manager", "1 Jan 2030")
        app.screen.query_one(VList).focus()
        await pilot.press("x")
        await until_text(pilot, "will no longer be")
        await pilot.press("y")
        await until(pilot, lambda: "Max Manager" not in screen_text(app))


async def test_a_member_sees_the_team_and_cannot_change_it(place: Place) -> None:
    async with entered(place, "mia") as (app, pilot):
        app.nav.open(f"project/{place.ids['alpha']}")
        text = await until_text(pilot, "Max Manager", "Mia Member")
        assert "Add somebody" not in text
        assert "Remove" not in text


async def test_staff_makes_an_organisation_and_a_user(place: Place) -> None:
    async with entered(place, "stella") as (app, pilot):
        await go(app, pilot, "organisations")
        await until_text(pilot, "Aurora Computing", "n New organisation")
        await pilot.press("n")
        await until_text(pilot, "Short name")
        write(app, "#name-field Input", "New Institute")
        await pilot.press("ctrl+s")
        await until_text(pilot, "New Institute")
        await go(app, pilot, "users")
        await until_text(pilot, "Petra Provider")
        await pilot.press("n")
        await until_text(pilot, "First name")
        write(app, "#username-field Input", "newbie")
        write(app, "#email-field Input", "newbie@example.org")
        await pilot.press("ctrl+s")
        await until_text(pilot, "newbie@example.org")


async def test_a_provider_moves_an_offering_through_its_states(place: Place) -> None:
    async with entered(place, "petra", WIDE) as (app, pilot):
        await go(app, pilot, "offerings")
        await until_text(pilot, "Quantum notebook", "◌ Draft")
        app.screen.query_one(VList).move_to(lambda row: row.name == "Quantum notebook")
        await until_text(pilot, "t Activate")
        await pilot.press("t")
        await until_text(pilot, "Activate?")
        await pilot.press("y")
        await until_text(pilot, "Quantum notebook can be ordered now.", "p Pause")
        await pilot.press("p")
        await until_text(pilot, "Customers read this.")
        write(app, "#reason", "Too cold")
        await pilot.press("enter")
        await until_text(pilot, "◑ Paused", "u Unpause")
    found = await place.api("petra")(catalog.OFFERING, uuid=place.ids["draft"])
    assert (found.state, found.paused_reason) == ("Paused", "Too cold")


async def test_search_as_you_type_asks_the_server_once_the_typing_pauses(place: Place) -> None:
    async with entered(place, "olga") as (app, pilot):
        await go(app, pilot, "catalogue")
        await until_text(pilot, "Block storage", "Cloud VM", "Puhti HPC")
        await pilot.press("slash", *"virtual")
        await until(pilot, lambda: "Puhti" not in screen_text(app))
        assert "Cloud VM" in screen_text(app)
        await pilot.press("escape")
        await until_text(pilot, "Puhti HPC")
        assert app.focused is app.screen.query_one(VList)
        await pilot.press("right")
        await until(pilot, lambda: "Block storage" not in screen_text(app))
        assert app.screen.query_one("#search", Input).value == ""


async def test_every_kind_of_option_is_asked_for_and_sent(place: Place) -> None:
    async with entered(place, "olga", WIDE) as (app, pilot):
        app.nav.open(f"configure/{place.ids['puhti']}")
        await until_text(pilot, "Each full month")
        form = app.screen.query_one(Form)
        given = {
            "attributes.name": "All options",
            "attributes.partition": "gpu",
            "attributes.region": "EU-South",
            "attributes.nodes": "12",
            "attributes.budget": "99.95",
            "attributes.software": ["PyTorch", "GROMACS"],
            "attributes.from": "2030-02-01",
            "attributes.at": "14:30",
            "attributes.exclusive": True,
            "attributes.purpose": "two\nlines",
            "attributes.contact": "olga",
            "accepting_terms_of_service": True,
        }
        form.restore(given)
        await pilot.press("ctrl+s")
        await until_text(pilot, "All options", "provider approval")
    rows = await place.api("olga").page(orders.ORDERS, orders.OrderQuery(query="All options"))
    sent = rows.rows[0].attributes
    assert sent["partition"] == "gpu"
    assert sent["region"] == "EU-South"
    assert sent["nodes"] == 12
    assert Decimal(str(sent["budget"])) == Decimal("99.95")
    assert sent["software"] == ["GROMACS", "PyTorch"]
    assert (sent["from"], sent["at"]) == ("2030-02-01", "14:30")
    assert sent["exclusive"] is True
    assert sent["purpose"] == "two\nlines"


async def test_a_roles_end_is_shown(place: Place) -> None:
    from mercato_tui.dates import noon, read_day

    end = read_day("2031-05-01")
    assert end is not None
    change = access.NewMember(user=place.ids["mia"], role="PROJECT.MEMBER", expiration_time=noon(end))
    await place.api("stella")(access.PROJECT_MEMBERS[2], change, uuid=place.ids["alpha"])
    async with entered(place, "mia") as (_app, pilot):
        await pilot.press("M")
        await until_text(pilot, "project member of Alpha", "1 May 2031")


async def test_a_hidden_page_asks_for_nothing(place: Place) -> None:
    way = Disturbed(place)
    async with entered(place, "olga", transport=way) as (app, pilot):
        app.nav.open(f"order/{place.ids['waiting']}")
        await until_text(pilot, "Waits for Aurora Computing")
        page = f"/api/marketplace-orders/{place.ids['waiting']}/"
        asked = len([request for request in way.seen if request.url.path == page])
        await until(pilot, lambda: len([r for r in way.seen if r.url.path == page]) > asked)
        await go(app, pilot, "catalogue")
        asked = len([request for request in way.seen if request.url.path == page])
        await pilot.pause(1.4)
        assert len([request for request in way.seen if request.url.path == page]) == asked


async def test_few_nodes_and_few_requests_for_home(place: Place) -> None:
    way = Disturbed(place)
    async with entered(place, "olga", transport=way) as (app, pilot):
        await until_text(pilot, "98%")
        assert len(list(app.screen.walk_children())) <= 60
        assert len(way.seen) <= 14


async def test_a_provider_follows_an_order_to_the_resource(place: Place) -> None:
    rows = await place.api("petra").page(orders.ORDERS, orders.OrderQuery(query="Lab cluster"))
    async with entered(place, "petra") as (app, pilot):
        app.nav.open(f"order/{rows.rows[0].uuid}")
        await until_text(pilot, "✔ done", "enter Open resource")
        await pilot.press("enter")
        await until_text(pilot, "456 of 1,000 hours", "u Report usage")


async def test_new_orders_appear_in_the_inbox_by_themselves(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(InboxPage, "renew_every", 0.2)
    async with entered(place, "petra") as (app, pilot):
        await go(app, pilot, "inbox")
        await until_text(pilot, "Web server")
        await order(place, "olga", "vm", "Brand new machine")
        await until_text(pilot, "Brand new machine", "Web server")


class _Slow:
    """A backend with steps of its own, which waits once and then refuses."""

    def __init__(self) -> None:
        self.asked = 0

    async def create(self, order: OrderFacts) -> Result:
        self.asked += 1

        async def network() -> str:
            return "net"

        await step("make the network", network)
        if self.asked == 1:
            raise Retry(1, "The machine boots: 40 % of its image is there.")
        raise Failed("No host has 96 GB of memory left.")

    async def undo(self, order: OrderFacts) -> None:
        return None

    async def terminate(self, order: OrderFacts) -> Result:
        return Result()


async def test_an_order_shows_its_steps_and_can_be_tried_again(place: Place) -> None:
    registry = place.market.plugins
    assert isinstance(registry, dict)
    told = Manifest(id="Marketplace.Basic", name="Slow", api=1)
    registry["Marketplace.Basic"] = Plugin(told, _Slow(), "here")
    async with entered(place, "petra") as (app, pilot):
        app.nav.open(f"order/{place.ids['waiting']}")
        await until_text(pilot, "You can:")
        await pilot.press("a")
        await until_text(pilot, "Make the network", "waits", "40 % of its image", seconds=15)
        await until_text(pilot, "removed again", "No host has 96 GB", "t try again", seconds=15)
        registry["Marketplace.Basic"] = Plugin(told, _Well(), "here")
        await pilot.press("t")
        await until_text(pilot, "✔ done", seconds=15)


class _Well(_Slow):
    async def create(self, order: OrderFacts) -> Result:
        return Result()

"""Organisations and projects: what is written of them, their people and networks, moves, what they cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from mercato.schemas import networks, organizations, project_acts, tenants
from mercato.tenants import reviews
from tui.looking import NARROW, WIDE, entered, go, screen_text, until, until_text, write
from tui.marketplace import Place

pytestmark = pytest.mark.pilot

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x45"])


def fits(text: str, size: tuple[int, int]) -> bool:
    return all(len(line) <= size[0] for line in text.splitlines())


@SIZES
async def test_an_owner_describes_the_organisation(
    place: Place, tmp_path: Path, size: tuple[int, int]
) -> None:
    picture = tmp_path / "logo.gif"
    picture.write_bytes(b"GIF89a\x01\x00\x01\x00\x00\x00\x00,")
    async with entered(place, "olga", size) as (app, pilot):
        app.nav.open(f"organisation/{place.ids['acme']}")
        text = await until_text(pilot, "Acme Research", "This month", "Sign-in from", "anywhere", "e Edit")
        assert fits(text, size)
        await pilot.press("e")
        await until_text(pilot, "Edit Acme Research", "Native name")
        write(app, "#homepage-field Input", "not a page [x]")
        write(app, "#city-field Input", "Tartu")
        write(app, "#image-field Input", str(tmp_path / "nothing.png"))
        await pilot.press("ctrl+s")
        await until_text(pilot, "It cannot be read:")
        write(app, "#image-field Input", str(picture))
        await pilot.press("ctrl+s")
        await until_text(pilot, "Enter a valid URL.")
        write(app, "#homepage-field Input", "https://acme.example/")
        await pilot.press("ctrl+s")
        await until_text(pilot, "https://acme.example/", "Tartu", "there is one")
    found = await place.api("olga")(tenants.CUSTOMER, uuid=place.ids["acme"])
    assert (found.city, found.name, found.abbreviation) == ("Tartu", "Acme Research", "ACME")
    assert found.image is not None


async def test_only_what_was_changed_is_sent(place: Place) -> None:
    async with entered(place, "olga", WIDE) as (app, pilot):
        app.nav.open(f"organisation/{place.ids['acme']}")
        await until_text(pilot, "Acme Research", "e Edit")
        await pilot.press("e")
        await until_text(pilot, "Edit Acme Research")
        # Somebody else writes meanwhile what this form does not touch.
        other = tenants.CustomerChange(phone_number="+372 5")
        await place.api("stella")(tenants.CUSTOMER_UPDATE, other, uuid=place.ids["acme"])
        write(app, "#city-field Input", "Tartu")
        await pilot.press("ctrl+s")
        await until_text(pilot, "Tartu", "+372 5")


async def test_who_may_not_is_not_offered_to(place: Place) -> None:
    async with entered(place, "mia", WIDE) as (app, pilot):
        app.nav.open(f"organisation/{place.ids['acme']}")
        text = await until_text(pilot, "Acme Research", "Everybody", "Networks")
        assert "e Edit" not in text
        await pilot.press("p")
        text = await until_text(pilot, "Max Manager", "Mia Member")
        assert "Olga Owner" not in text
        await pilot.press("q")
        await pilot.press("w")
        await until_text(pilot, "people sign in from anywhere", "An owner of the organisation can add some.")


@SIZES
async def test_everybody_in_it_with_their_roles(place: Place, size: tuple[int, int]) -> None:
    async with entered(place, "olga", size) as (app, pilot):
        app.nav.open(f"people-of/{place.ids['acme']}")
        text = await until_text(pilot, "Olga Owner", "Max Manager", "Mia Member", "owner")
        assert fits(text, size)
        if size == WIDE:
            assert "Alpha" in text
        write(app, "#search", "nobody of this name")
        await until_text(pilot, "Nothing matches.")


@SIZES
async def test_networks_are_added_changed_and_deleted(place: Place, size: tuple[int, int]) -> None:
    async with entered(place, "olga", size) as (app, pilot):
        app.nav.open(f"networks-of/{place.ids['acme']}")
        await until_text(pilot, "people sign in from anywhere", "Press n to add the first one.")
        await pilot.press("n")
        await until_text(pilot, "Add a network", "192.0.2.0/24")
        write(app, "#inet-field Input", "campus")
        await pilot.press("ctrl+s")
        await until_text(pilot, "Enter a network such as")
        write(app, "#inet-field Input", "198.51.100.7/24")
        app.screen.query_one("#applies_to_portal-field").tick.value = True  # type: ignore[attr-defined]
        await pilot.press("ctrl+s")
        await until_text(pilot, "You could not sign in again")
        write(app, "#inet-field Input", "127.0.0.0/16")
        await pilot.press("ctrl+s")
        text = await until_text(pilot, "127.0.0.0/16", "● yes")
        assert fits(text, size)
        await pilot.press("e")
        await until_text(pilot, "Edit 127.0.0.0/16")
        app.screen.query_one("#applies_to_portal-field").tick.value = False  # type: ignore[attr-defined]
        await pilot.press("ctrl+s")
        await until_text(pilot, "○ no")
        await pilot.press("D")
        await until_text(pilot, "Delete the network?", "is forgotten")
        await pilot.press("y")
        await until_text(pilot, "Press n to add the first one.")
    assert not await place.api("olga")(networks.SUBNETS, networks.AccessSubnetQuery())


async def begin_review(place: Place) -> None:
    def due(tx: object) -> None:
        from sqlalchemy import select

        from mercato.tenants.tables import customers

        row = tx.conn.execute(select(customers).where(customers.c.uuid == place.ids["acme"])).one()  # type: ignore[attr-defined]
        reviews._begin(tx, row)  # type: ignore[arg-type]

    await place.market.db.write(due)


@SIZES
async def test_a_review_is_closed_on_the_organisations_page(place: Place, size: tuple[int, int]) -> None:
    await begin_review(place)
    async with entered(place, "olga", size) as (app, pilot):
        app.nav.open(f"organisation/{place.ids['acme']}")
        text = await until_text(pilot, "somebody should look whether", "c: they do.")
        assert fits(text, size)
        await pilot.press("c")
        await until_text(pilot, "All of them belong here?", "They do")
        await pilot.press("y")
        await until(pilot, lambda: "somebody should look" not in screen_text(app))
    [review] = await place.api("olga")(organizations.REVIEWS, organizations.ReviewQuery())
    assert review.reviewer_full_name == "Olga Owner"


@SIZES
async def test_the_list_of_reviews(place: Place, size: tuple[int, int]) -> None:
    async with entered(place, "olga", size) as (app, pilot):
        await go(app, pilot, "reviews")
        await until_text(pilot, "Nothing to review.", "90 days after the last one")
        await begin_review(place)
        await pilot.press("r")
        text = await until_text(pilot, "Acme Research", "◆ waiting")
        assert fits(text, size)
        await pilot.press("p")
        await until_text(pilot, "Olga Owner", "Mia Member")
        await pilot.press("q")
        await until_text(pilot, "◆ waiting")
        await pilot.press("c")
        await until_text(pilot, "All of them belong here?")
        await pilot.press("y")
        await until_text(pilot, "Nothing to review.")
        await pilot.press("right")
        await until_text(pilot, "● closed")


@SIZES
async def test_a_project_is_edited(place: Place, size: tuple[int, int]) -> None:
    kind = project_acts.NewProjectType(name="Teaching [x]")
    made = await place.api("stella")(project_acts.TYPE_CREATE, kind)
    async with entered(place, "max", size) as (app, pilot):
        app.nav.open(f"project/{place.ids['alpha']}")
        text = await until_text(pilot, "Alpha", "This month", "e Edit")
        assert fits(text, size)
        assert "M Move" not in text
        await pilot.press("e")
        await until_text(pilot, "Edit Alpha", "Type")
        assert "Notes of staff" not in screen_text(app)
        write(app, "#end_date-field Input", "2000-01-01")
        write(app, "#start_date-field Input", "2001-01-01")
        await pilot.press("ctrl+s")
        await until_text(pilot, "End date must not be before")
        write(app, "#end_date-field Input", "2099-12-31")
        app.screen.query_one("#type-field").restore(made.uuid)  # type: ignore[attr-defined]
        app.screen.query_one("#is_industry-field").tick.value = True  # type: ignore[attr-defined]
        await pilot.press("ctrl+s")
        await until_text(pilot, "Teaching [x]", "industry", "2099")
    found = await place.api("max")(tenants.PROJECT, uuid=place.ids["alpha"])
    assert (found.type_uuid, found.description[:7], found.is_industry) == (made.uuid, "Protein", True)


async def test_staff_move_a_project(place: Place) -> None:
    async with entered(place, "stella", WIDE) as (app, pilot):
        app.nav.open(f"project/{place.ids['alpha']}")
        await until_text(pilot, "Alpha", "M Move")
        await pilot.press("M")
        await until_text(pilot, "Move Alpha", "What was invoiced before", "keep their roles")
        await pilot.press("ctrl+s")
        await until_text(pilot, "Please fill this in.")
        app.screen.query_one("#customer-field").restore(place.ids["aurora"])  # type: ignore[attr-defined]
        await pilot.press("ctrl+s")
        await until_text(pilot, "Aurora Computing", "Max Manager")
    found = await place.api("stella")(tenants.PROJECT, uuid=place.ids["alpha"])
    assert found.customer_uuid == place.ids["aurora"]


@SIZES
async def test_a_removed_project_comes_back(place: Place, size: tuple[int, int]) -> None:
    staff = place.api("stella")
    new = tenants.NewProject(name="Short lived [x]", customer=place.ids["acme"])
    made = await staff(tenants.PROJECT_CREATE, new)
    await staff(tenants.PROJECT_DELETE, uuid=made.uuid)
    async with entered(place, "olga", size) as (app, pilot):
        await go(app, pilot, "projects")
        text = await until_text(pilot, "Alpha", "Removed")
        assert "Short lived" not in text
        await pilot.press("right")
        text = await until_text(pilot, "Short lived [x]")
        assert fits(text, size)
        await pilot.press("b")
        text = await until_text(pilot, "Bring Short lived [x] back", "its team is made")
        assert "Everybody gets their role back" not in text
        await pilot.press("ctrl+s")
        await until_text(pilot, "No project was removed.")
        await pilot.press("left")
        await until_text(pilot, "Short lived [x]", "Alpha")


@SIZES
async def test_what_a_month_costs(place: Place, size: tuple[int, int]) -> None:
    async with entered(place, "stella", size) as (app, pilot):
        await go(app, pilot, "costs")
        text = await until_text(pilot, "Acme Research", "Aurora Computing", "together", "so far")
        assert fits(text, size)
        before = text
        await pilot.press("left_square_bracket")
        text = await until_text(pilot, "together €0.00")
        assert "so far" not in text
        assert text != before
        await pilot.press("right_square_bracket")
        await until_text(pilot, "so far")
        await pilot.press("enter")
        await until_text(pilot, "This month")
    async with entered(place, "olga", size) as (app, pilot):
        await go(app, pilot, "costs")
        text = await until_text(pilot, "Acme Research", "together")
        assert "Aurora" not in text

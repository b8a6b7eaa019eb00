"""Who uses a resource, under which name, and how much of it."""

from __future__ import annotations

import pytest

from mercato.schemas import accounts, usage
from tui.looking import NARROW, WIDE, entered, until_text
from tui.marketplace import Place

pytestmark = pytest.mark.pilot


async def used(place: Place) -> None:
    """Mia has an account and used some; somebody unknown used some, too."""
    petra = place.api("petra")
    new = accounts.NewOfferingUser(user=place.ids["mia"], offering=place.ids["puhti"], username="mia[1]")
    await petra(accounts.OFFERING_USER_CREATE, new)
    rows = await petra.page(usage.USAGES, usage.UsageQuery(type=["cpu"]))
    report = usage.UserUsageReport(
        usages=[
            usage.UserUsageItem(username="mia[1]", usage="12.5"),
            usage.UserUsageItem(username="ghost", usage="3"),
        ]
    )
    await petra(usage.SET_USER_USAGES, report, uuid=rows.rows[0].uuid)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x45"])
@pytest.mark.parametrize(("who", "kind"), [("olga", "resource"), ("petra", "sold-resource")])
async def test_the_team_with_accounts_and_usage(
    place: Place, size: tuple[int, int], who: str, kind: str
) -> None:
    await used(place)
    async with entered(place, who, size) as (app, pilot):
        app.nav.open(f"{kind}/{place.ids['lab']}")
        await until_text(pilot, "456 of 1,000 hours")
        app.screen.query_one(".scroll").scroll_end(animate=False)
        text = await until_text(pilot, "People", "Max Manager", "Mia Member", "mia[1]", "● in use", "ghost")
        assert all(len(line) <= size[0] for line in text.splitlines())
        if size == WIDE:
            await until_text(pilot, "cpu 12.5 hours", "cpu 3 hours", "not in the team", "project member")
